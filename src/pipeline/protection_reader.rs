//! Reads what a study says of disclosure control.

use std::collections::{BTreeMap, BTreeSet};

use super::codebook_reader::optional;
use super::names::is_identifier;
use super::parameters::Parameter;
use super::protection::{Coordinate, Counted, Origin, Protection, Thresholds};
use super::published::Published;
use super::toml_reader::{Table, Value};
use crate::error::Result;

/// Reads `[protection]`.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_thresholds(value: &Value<'_>) -> Result<Thresholds> {
    let within = |value: &Value<'_>, least: i64, most: i64| {
        let number = value.integer()?;
        match (least..=most).contains(&number) {
            true => Ok(number),
            false => Err(value.mistake(format!("must be a whole number from {least} to {most}"))),
        }
    };
    value.table(|table| {
        let read = |key: &'static str, least: i64, most: i64, default: i64| {
            let read = optional(table, key, |value| within(value, least, most))?;
            Ok::<_, crate::Error>(read.unwrap_or(default))
        };
        let safe = Thresholds::default();
        let contributions = read("dominance_count", 1, 2, 1)?;
        Ok(Thresholds {
            least_count: read("least_count", 2, 1_000_000, safe.least_count)?,
            least_employers: read("least_employers", 1, 1_000_000, safe.least_employers)?,
            dominance_count: usize::try_from(contributions).unwrap_or(safe.dominance_count),
            dominance_percent: read("dominance_percent", 1, 100, safe.dominance_percent)?,
            p_percent: read("p_percent", 1, 100, safe.p_percent)?,
            group_percent: read("group_percent", 1, 100, safe.group_percent)?,
        })
    })
}

/// Reads `[publish.<table>.protect]` of a table whose columns are known.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(crate) fn read_protection(
    value: &Value<'_>,
    columns: &Published,
    parameters: &BTreeMap<String, Parameter>,
) -> Result<Protection> {
    let protection = value.table(|table| Reader { table, columns, parameters }.read())?;
    if let Some(name) = protection.named_twice() {
        let message = format!("`{name}` is more than one of a count, a sum and a figure");
        return Err(value.mistake(message));
    }
    if let Some(name) = protection.unknown_coordinate(&columns.dimensions) {
        return Err(value.mistake(format!("no count has the coordinate `{name}`")));
    }
    match protection.unknown_count() {
        None => Ok(protection),
        Some(name) => {
            Err(value
                .mistake(format!("`{name}` is taken as a count, and is not among the `counts`")))
        }
    }
}

struct Reader<'a, 'b> {
    table: &'a Table<'b>,
    columns: &'a Published,
    parameters: &'a BTreeMap<String, Parameter>,
}

impl Reader<'_, '_> {
    fn read(&self) -> Result<Protection> {
        let columns = self.columns;
        let measure = |value: &Value<'_>| known(value, &columns.measures, "measures");
        let measures = |value: &Value<'_>| each(value, &measure);
        let dimension = |value: &Value<'_>| known(value, &columns.dimensions, "dimensions");
        let inside = |value: &Value<'_>| known(value, &columns.inside, "inside columns");
        let attribute = |value: &Value<'_>| known(value, &columns.attributes, "attributes");
        let told = [columns.measures.as_slice(), &columns.attributes].concat();
        Ok(Protection {
            counts: self.counts()?,
            sums: self.by_measure("sums", measure)?,
            figures: self.by_column("figures", &told, "measures and attributes", measures)?,
            parts: self.by_measure("parts", measures)?,
            within: self.within()?,
            readings: self.by_dimension("readings", |value| {
                Ok(each(value, &identifier)?.into_iter().collect())
            })?,
            total_codes: self.by_dimension("total_codes", |value| Ok(value.text()?.to_owned()))?,
            from: optional(self.table, "from", |value| {
                value.array()?.iter().map(|origin| self.origin(origin)).collect()
            })?
            .unwrap_or_default(),
            shown_zeros: optional(self.table, "shown_zeros", |value| each(value, &measure))?
                .unwrap_or_default()
                .into_iter()
                .collect(),
            shown: optional(self.table, "shown", |value| {
                value.array()?.iter().map(|codes| self.row(codes)).collect()
            })?
            .unwrap_or_default(),
            sensitive: optional(self.table, "sensitive", |value| each(value, &dimension))?
                .unwrap_or_default()
                .into_iter()
                .collect(),
            employers: optional(self.table, "employers", inside)?,
            contributions: self.by_measure("contributions", |value| {
                let columns = each(value, &inside)?;
                <[String; 2]>::try_from(columns)
                    .map_err(|_| value.mistake("must be [largest, second largest]"))
            })?,
            quality: optional(self.table, "quality", attribute)?,
        })
    }

    /// The counts, and those that are the same as another of the row.
    fn counts(&self) -> Result<BTreeMap<String, Vec<Counted>>> {
        let mut counts = self.by_measure("counts", |value| self.cases(value))?;
        for row in optional(self.table, "rows", Value::array)?.unwrap_or_default() {
            row.table(|table| {
                let of = self.of(table);
                for (measure, quantity) in of.by_measure("counts", identifier)? {
                    counts.entry(measure).or_insert_with(Vec::new).push(of.counted(quantity)?);
                }
                Ok(())
            })?;
        }
        let other = |value: &Value<'_>| {
            let name = value.text()?;
            let cases = counts.get(name).cloned();
            cases.ok_or_else(|| value.mistake(format!("`{name}` is not among the `counts`")))
        };
        let same = self.by_measure("same", other)?;
        if let Some(name) = same.keys().find(|name| counts.contains_key(*name)) {
            let same = self.table.need("same")?;
            return Err(same.mistake(format!("`{name}` is among the `counts` already")));
        }
        counts.extend(same);
        Ok(counts)
    }

    /// Counts that are part of another of the row.
    fn within(&self) -> Result<Vec<(String, String)>> {
        let measure = |value: &Value<'_>| known(value, &self.columns.measures, "measures");
        let declared = self.by_measure("within", measure)?;
        Ok(declared.into_iter().collect())
    }

    /// The codes of a row.
    fn row(&self, value: &Value<'_>) -> Result<BTreeMap<String, String>> {
        let mut codes = BTreeMap::new();
        for (name, code) in value.entries()? {
            if !self.columns.dimensions.contains(&name.value) {
                let message = format!("`{}` is not among the dimensions", name.value);
                return Err(value.source().mistake(name.offset, message));
            }
            codes.insert(name.value, code.text()?.to_owned());
        }
        Ok(codes)
    }

    fn by_measure<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        self.by_column(key, &self.columns.measures, "measures", read)
    }

    fn by_dimension<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        self.by_column(key, &self.columns.dimensions, "dimensions", read)
    }

    fn by_column<T>(
        &self,
        key: &'static str,
        columns: &[String],
        kind: &str,
        read: impl Fn(&Value<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        let Some(value) = self.table.get(key) else { return Ok(BTreeMap::new()) };
        let mut entries = BTreeMap::new();
        for (name, value) in value.entries()? {
            if !columns.contains(&name.value) {
                let message = format!("`{}` is not among the {kind}", name.value);
                return Err(value.source().mistake(name.offset, message));
            }
            entries.insert(name.value, read(&value)?);
        }
        Ok(entries)
    }

    /// `"name"`, `{ of = "name", … }`, or a list of such.
    fn cases(&self, value: &Value<'_>) -> Result<Vec<Counted>> {
        match value.array() {
            Ok(cases) => cases.iter().map(|case| self.case(case)).collect(),
            Err(_) => Ok(vec![self.case(value)?]),
        }
    }

    fn case(&self, value: &Value<'_>) -> Result<Counted> {
        if !value.get().is_table() {
            return Ok(Counted { of: identifier(value)?, ..Counted::default() });
        }
        value.table(|table| {
            let case = self.of(table).counted(identifier(&table.need("of")?)?)?;
            let whole = optional(table, "part_of", |value| self.place(value))?;
            Ok(Counted { part_of: whole.map(Box::new), ..case })
        })
    }

    fn of<'c, 'd>(&'c self, table: &'c Table<'d>) -> Reader<'c, 'd> {
        Reader { table, columns: self.columns, parameters: self.parameters }
    }

    /// Which rows count a quantity, and where.
    fn counted(&self, of: String) -> Result<Counted> {
        let dimension = |value: &Value<'_>| known(value, &self.columns.dimensions, "dimensions");
        let without = optional(self.table, "without", |value| each(value, &dimension))?;
        let incomplete = optional(self.table, "incomplete", |value| each(value, &identifier))?;
        Ok(Counted {
            of,
            only: self.by_dimension("only", |value| self.codes(value))?,
            coordinates: self.by_dimension("as", read_coordinate)?,
            fixed: optional(self.table, "fixed", |value| self.fixed(value))?.unwrap_or_default(),
            without: without.unwrap_or_default().into_iter().collect(),
            incomplete: incomplete.unwrap_or_default().into_iter().collect(),
            part_of: None,
        })
    }

    /// Codes by coordinate.
    fn fixed(&self, value: &Value<'_>) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let entries = value.entries()?.into_iter();
        entries.map(|(name, codes)| Ok((name.value, self.codes(&codes)?))).collect()
    }

    /// A code, or a list of codes; `$name` is the value of a parameter.
    fn codes(&self, value: &Value<'_>) -> Result<BTreeSet<String>> {
        let of = |value: &Value<'_>, code: &str| match code.strip_prefix('$') {
            None => Ok(code.to_owned()),
            Some(name) => match self.parameters.get(name) {
                Some(parameter) => Ok(parameter.text.clone()),
                None => Err(value.mistake(format!("the study has no parameter `{name}`"))),
            },
        };
        if value.get().as_str().is_some() {
            return Ok(BTreeSet::from([of(value, value.text()?)?]));
        }
        value.array()?.iter().map(|code| of(code, code.text()?)).collect()
    }

    /// Where another count is, by the codes of a row.
    fn place(&self, value: &Value<'_>) -> Result<Counted> {
        let place = self.case(value)?;
        match place.only.is_empty() && place.part_of.is_none() {
            true => Ok(place),
            false => {
                Err(value.mistake("says where a count is, by `of`, `as`, `fixed` and `without`"))
            }
        }
    }

    fn origin(&self, value: &Value<'_>) -> Result<Origin> {
        value.table(|table| {
            let counts = table.need("counts")?;
            let counts = counts.array()?;
            let counts = counts.iter().map(|count| self.place(count)).collect::<Result<_>>()?;
            let only = self.of(table).by_dimension("only", |value| self.codes(value))?;
            Ok(Origin { only, counts })
        })
    }
}

/// `"name"`, or `"name+1"` of a year.
fn read_coordinate(value: &Value<'_>) -> Result<Coordinate> {
    value.parse(|text| {
        let (name, shift) = match text.find(['+', '-']) {
            None => (text, Ok(0)),
            Some(sign) => (&text[..sign], text[sign..].parse()),
        };
        match (is_identifier(name), shift) {
            (true, Ok(shift)) => Ok(Coordinate { name: name.to_owned(), shift }),
            _ => Err("must be a name, or one with a number of years, as \"year+1\"".to_owned()),
        }
    })
}

fn identifier(value: &Value<'_>) -> Result<String> {
    let name = value.text()?;
    match is_identifier(name) {
        true => Ok(name.to_owned()),
        false => Err(value.mistake("must be lower-case letters, digits and underscores")),
    }
}

fn each<T>(value: &Value<'_>, read: &dyn Fn(&Value<'_>) -> Result<T>) -> Result<Vec<T>> {
    value.array()?.iter().map(read).collect()
}

fn known(value: &Value<'_>, columns: &[String], kind: &str) -> Result<String> {
    let name = value.text()?;
    match columns.iter().any(|column| column == name) {
        true => Ok(name.to_owned()),
        false => Err(value.mistake(format!("`{name}` is not among the {kind}"))),
    }
}
