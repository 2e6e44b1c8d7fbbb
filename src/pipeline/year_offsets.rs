//! Years that the SQL of a model asks for beside its own: `$year + 1`, also
//! with a parameter for the number, and `this_year.year + 1 = next_year.year`.
//! Whether the model is shown those years is left to `models`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::common::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Select, Spanned, Statement, TableFactor, UnaryOperator, Value, Visit,
    Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::names::TableName;
use super::parameters::{Parameter, ParameterValue};

/// Numbers beyond this are no offset of years: `$year - 1900` is a year of two
/// digits.
const MOST_YEARS: i64 = 99;

/// A year beside the slice's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YearOffset {
    /// Years after the slice's own; any of these, where the SQL does not say
    /// which side is the slice's.
    pub(crate) years: Vec<i32>,
    /// Tables in the `from` of the query in which it stands.
    pub(crate) tables: BTreeSet<TableName>,
    /// Where it stands.
    pub(crate) location: Location,
}

/// The offsets of a query, in its order.
pub(crate) fn year_offsets(
    statement: &Statement,
    parameters: &BTreeMap<String, Parameter>,
) -> Vec<YearOffset> {
    let mut search =
        Search { parameters, within: Vec::new(), known: Vec::new(), found: Vec::new() };
    let _ = statement.visit(&mut search);
    search.found
}

struct Search<'a> {
    parameters: &'a BTreeMap<String, Parameter>,
    /// Tables of the queries around, the innermost last.
    within: Vec<BTreeSet<TableName>>,
    /// Expressions that are part of one that was understood.
    known: Vec<*const Expr>,
    found: Vec<YearOffset>,
}

impl Visitor for Search<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.within.push(tables_of(select));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.within.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if !self.known.contains(&std::ptr::from_ref(expr))
            && let Some(years) = self.of_years(expr)
        {
            self.take(expr, years);
        }
        ControlFlow::Continue(())
    }
}

impl Search<'_> {
    /// The years that an expression asks for: the slice's year plus a number, or
    /// the same column of two tables that number apart. None where it is neither
    /// a sum nor a comparison of two, and its parts are to be looked at.
    fn of_years(&self, expr: &Expr) -> Option<Vec<i64>> {
        if let Some(sum) = self.sum(expr) {
            let is_year = sum.terms.len() == 1 && sum.terms.get("$year") == Some(&1);
            return Some(if is_year { vec![sum.number] } else { Vec::new() });
        }
        let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = expr else { return None };
        let (left, right) = (self.sum(left)?, self.sum(right)?);
        let difference = left.minus(&right);
        let has_year = difference.terms.contains_key("$year");
        let (number, terms) = (difference.number, &difference.terms);
        // Columns of one name cancel out; another column stands against $year.
        Some(match terms.values().copied().collect::<Vec<_>>().as_slice() {
            [] if left.has_year_column() => vec![number, -number],
            [1, -1] | [-1, 1] if has_year => {
                vec![if terms.get("$year") == Some(&1) { number } else { -number }]
            }
            _ => Vec::new(),
        })
    }

    fn take(&mut self, expr: &Expr, years: Vec<i64>) {
        let mut parts = Parts(Vec::new());
        let _ = expr.visit(&mut parts);
        self.known.extend(parts.0);
        let is_offset = |years: &i64| *years != 0 && years.abs() <= MOST_YEARS;
        let years: Vec<i32> =
            years.into_iter().filter(is_offset).filter_map(|years| years.try_into().ok()).collect();
        if years.is_empty() {
            return;
        }
        let tables = self.within.last().cloned().unwrap_or_default();
        self.found.push(YearOffset { years, tables, location: expr.span().start });
    }

    /// An expression as a sum of columns, `$year` and a number; none for others.
    fn sum(&self, expr: &Expr) -> Option<Sum> {
        match expr {
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => self.sum(inner),
            Expr::Identifier(name) => Some(Sum::of(&name.value)),
            Expr::CompoundIdentifier(names) => Some(Sum::of(&names.last()?.value)),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Some(Sum::default().minus(&self.sum(expr)?))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Minus, right } => {
                Some(self.sum(left)?.minus(&self.sum(right)?))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Plus, right } => {
                let negative = Sum::default().minus(&self.sum(right)?);
                Some(self.sum(left)?.minus(&negative))
            }
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => Some(Sum::number(digits.to_string().parse().ok()?)),
                Value::Placeholder(name) if name == "$year" => Some(Sum::of("$year")),
                Value::Placeholder(name) => {
                    match self.parameters.get(name.trim_start_matches('$'))?.value {
                        ParameterValue::Fixed(ScalarValue::Int64(Some(number))) => {
                            Some(Sum::number(number))
                        }
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Columns by name and `$year`, each so many times, and a number.
#[derive(Default)]
struct Sum {
    terms: BTreeMap<String, i64>,
    number: i64,
    names: BTreeSet<String>,
}

impl Sum {
    fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        Sum { terms: BTreeMap::from([(name.clone(), 1)]), number: 0, names: [name].into() }
    }

    fn number(number: i64) -> Self {
        Sum { number, ..Sum::default() }
    }

    fn minus(&self, other: &Sum) -> Sum {
        let mut terms = self.terms.clone();
        for (name, times) in &other.terms {
            *terms.entry(name.clone()).or_default() -= times;
        }
        terms.retain(|_, times| *times != 0);
        let number = self.number.saturating_sub(other.number);
        Sum { terms, number, names: self.names.union(&other.names).cloned().collect() }
    }

    fn has_year_column(&self) -> bool {
        self.names.iter().any(|name| name == "year" || name.ends_with("_year"))
    }
}

/// Collects every expression inside of one.
struct Parts(Vec<*const Expr>);

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.0.push(std::ptr::from_ref(expr));
        ControlFlow::Continue(())
    }
}

/// The tables of layers that a query names in its own `from`.
fn tables_of(select: &Select) -> BTreeSet<TableName> {
    let from = select.from.iter();
    let factors = from.flat_map(|from| {
        std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))
    });
    let table = |factor: &TableFactor| match factor {
        TableFactor::Table { name, .. } => name.to_string().parse().ok(),
        _ => None,
    };
    factors.filter_map(table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::query::Query;
    use crate::pipeline::toml_reader::DefinitionText;

    /// The offsets of a condition over `core.a` and `core.b`, by their line.
    fn offsets(condition: &str) -> Vec<Vec<i32>> {
        let text = format!("select 1 as one from core.a as a, core.b as b where {condition}");
        let query = Query::read(DefinitionText { file: "a.sql".into(), text }).unwrap();
        let value = ParameterValue::Fixed(ScalarValue::Int64(Some(2)));
        let gap = Parameter { value, text: "2".into(), offset: 0 };
        let parameters = BTreeMap::from([("gap".to_owned(), gap)]);
        let found = year_offsets(query.statement(), &parameters);
        assert!(found.iter().all(|offset| offset.tables.len() == 2 && offset.location.line == 1));
        found.into_iter().map(|offset| offset.years).collect()
    }

    #[test]
    fn every_way_to_write_another_year_is_understood() {
        for text in [
            "a.year = $year + 1",
            "a.year = 1 + $year",
            "a.year = cast($year as integer) + 1",
            "a.year = ($year + 2) - 1",
            "a.year - 1 = $year",
            "$year = a.year - 1",
            "a.year = $year - -1",
            "a.day > cast(cast($year + 1 as varchar) || '-10-01' as date)",
            "a.year between $year and $year + 1",
            "a.year in ($year, $year + 1)",
        ] {
            assert_eq!(offsets(text), [[1]], "{text}");
        }
        assert_eq!(offsets("a.year = $year - $gap"), [[-2]]);
        assert_eq!(offsets("a.year + 1 = b.year"), [[-1, 1]].map(sorted));
        assert_eq!(offsets("a.year = $year + 1 and b.year = $year + 2"), [[1], [2]]);
    }

    fn sorted(years: [i32; 2]) -> Vec<i32> {
        let mut years = years.to_vec();
        years.sort_by_key(|year| -year);
        years
    }

    #[test]
    fn what_is_no_other_year_is_none() {
        for text in [
            "a.year = $year",
            "a.year = $year - 1900",
            "a.year = $year + 1 - 1",
            "a.age + 1 = b.age",
            "$year - a.birth_year > 15",
            "a.count + 1 > 2",
            "a.year = b.year",
        ] {
            assert_eq!(offsets(text), Vec::<Vec<i32>>::new(), "{text}");
        }
    }
}
