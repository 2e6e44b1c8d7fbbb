//! One SQL file: proof that it is a single query, the tables it reads, the
//! parameters it binds, and its tokens without comments and white space.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Spanned, Statement as SqlStatement, visit_expressions,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::names::TableName;
use super::toml_reader::DefinitionText;
use crate::error::{Error, Place, Result};

/// A query of a study.
#[derive(Debug, Clone)]
pub struct Query {
    /// The file.
    pub source: DefinitionText,
    /// Tables it reads, by the SQL itself.
    pub tables: BTreeSet<TableName>,
    /// Parameters it binds, without the `$`.
    pub parameters: BTreeSet<String>,
    /// The tokens that count, separated by blanks.
    pub tokens: String,
    places: BTreeMap<String, Place>,
    statement: Arc<SqlStatement>,
}

impl Query {
    /// Reads an SQL file.
    ///
    /// # Errors
    /// [`Error::Definition`] with file and line for text that is not one query
    /// or that names a table without its layer.
    pub fn read(source: DefinitionText) -> Result<Self> {
        let tokens = tokenize(&source)?;
        let statement = Arc::new(single_query(&source)?);
        refuse_misread_distinct(&source, &statement)?;
        let (references, _) = resolve_table_references(
            &Statement::Statement(Box::new(statement.as_ref().clone())),
            true,
        )
        .map_err(|_| source.mistake(0, "its tables cannot be resolved"))?;
        let mut tables = BTreeSet::new();
        for reference in references {
            let name = reference.to_string();
            let table = name.parse::<TableName>().map_err(|()| {
                let place = place_of_word(&source, &tokens, reference.table());
                let message = format!("`{name}` is no table: a table is named `layer.name`");
                Error::Definition {
                    place,
                    message,
                    hint: Some("layers: raw, staging, core, out".into()),
                }
            })?;
            tables.insert(table);
        }
        let mut query = Query {
            tables,
            parameters: BTreeSet::new(),
            tokens: String::new(),
            places: BTreeMap::new(),
            statement,
            source,
        };
        query.take_tokens(&tokens);
        Ok(query)
    }

    fn take_tokens(&mut self, tokens: &[TokenWithSpan]) {
        for token in tokens {
            if let Token::Placeholder(name) = &token.token {
                let name = name.trim_start_matches('$').to_owned();
                let place = place(&self.source, token.span.start);
                self.places.entry(format!("${name}")).or_insert(place);
                self.parameters.insert(name);
            }
            if !matches!(token.token, Token::Whitespace(_) | Token::EOF) {
                self.tokens.push_str(&token.token.to_string());
                self.tokens.push(' ');
            }
        }
        for table in &self.tables {
            let place = place_of_word(&self.source, tokens, &table.name);
            self.places.insert(table.to_string(), place);
        }
    }

    /// A mistake at the first place where a table or `$parameter` stands.
    pub fn mistake_at(&self, name: &str, message: impl Into<String>) -> Error {
        let start = || self.source.place(0);
        let place = self.places.get(name).cloned().unwrap_or_else(start);
        Error::Definition { place, message: message.into(), hint: None }
    }

    /// The first place where a word stands; the start where it does not.
    pub fn place_of(&self, word: &str) -> Place {
        self.place_of_word(word).unwrap_or_else(|| self.source.place(0))
    }

    /// The first place where a word stands.
    pub fn place_of_word(&self, word: &str) -> Option<Place> {
        let tokens = tokenize(&self.source).unwrap_or_default();
        find_word(&self.source, &tokens, word)
    }

    /// The query as it was parsed.
    pub(crate) fn statement(&self) -> &SqlStatement {
        &self.statement
    }

    /// A mistake at a location of the parser.
    pub(crate) fn mistake_at_location(
        &self,
        location: Location,
        message: impl Into<String>,
    ) -> Error {
        let place = place(&self.source, location);
        Error::Definition { place, message: message.into(), hint: None }
    }

    /// The file as the user knows it.
    pub fn file(&self) -> String {
        self.source.file.display().to_string()
    }
}

/// Operators that a query may have. The parser nests each in the next, and the
/// stack on which such a tree is walked and taken down has an end.
const MOST_OPERATORS: usize = 2_000;

/// Where a query has more operators than it may.
fn excess_operator(tokens: &[TokenWithSpan]) -> Option<Location> {
    let is_operator = |token: &&TokenWithSpan| match &token.token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR),
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod => true,
        Token::StringConcat | Token::DoubleColon | Token::Eq | Token::Neq => true,
        Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => true,
        _ => false,
    };
    tokens.iter().filter(is_operator).nth(MOST_OPERATORS).map(|token| token.span.start)
}

/// Refuses a query from elsewhere that the engine could not take.
///
/// # Errors
/// [`Error::Usage`].
pub fn refuse_too_many_operators(sql: &str) -> Result<()> {
    // What is no SQL the engine tells.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location();
    match excess_operator(&tokens.unwrap_or_default()) {
        None => Ok(()),
        Some(_) => {
            let message = format!("the query has more than {MOST_OPERATORS} operators");
            Err(Error::usage(message).with_hint("`in (…)` and joined tables take many values"))
        }
    }
}

fn tokenize(source: &DefinitionText) -> Result<Vec<TokenWithSpan>> {
    let tokens = tokens_of(source)?;
    match excess_operator(&tokens) {
        None => Ok(tokens),
        Some(location) => Err(Error::Definition {
            place: place(source, location),
            message: format!("has more than {MOST_OPERATORS} operators"),
            hint: Some("`in (…)`, a code list or another model take their place".to_owned()),
        }),
    }
}

fn tokens_of(source: &DefinitionText) -> Result<Vec<TokenWithSpan>> {
    Tokenizer::new(&GenericDialect {}, &source.text).tokenize_with_location().map_err(|error| {
        Error::Definition {
            place: place(source, error.location),
            message: format!("not valid SQL: {}", error.message),
            hint: None,
        }
    })
}

/// Refuses `a is not distinct from b and c`, which the parser reads as
/// `a is not distinct from (b and c)`.
fn refuse_misread_distinct(source: &DefinitionText, statement: &SqlStatement) -> Result<()> {
    let misread = visit_expressions(statement, |expr| match expr {
        Expr::IsDistinctFrom(_, right) | Expr::IsNotDistinctFrom(_, right)
            if takes_too_much(right) =>
        {
            ControlFlow::Break(expr.span().start)
        }
        _ => ControlFlow::Continue(()),
    });
    let ControlFlow::Break(location) = misread else { return Ok(()) };
    Err(Error::Definition {
        place: place(source, location),
        message: "`is [not] distinct from` takes all that stands behind it for its right side"
            .to_owned(),
        hint: Some("put it in brackets: `(a is not distinct from b) and …`".to_owned()),
    })
}

/// Says whether the right side of a comparison is itself a condition that
/// stands in no brackets.
fn takes_too_much(right: &Expr) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus, StringConcat};
    match right {
        Expr::BinaryOp { op, .. } => {
            !matches!(op, Plus | Minus | Multiply | Divide | Modulo | StringConcat)
        }
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. } => true,
        _ => false,
    }
}

/// Parses the text and refuses anything but one query.
fn single_query(source: &DefinitionText) -> Result<SqlStatement> {
    let mut statements = DFParser::parse_sql(&source.text).map_err(|error| {
        let (message, location) = split_location(&error.strip_backtrace());
        let place = location.map_or_else(|| source.place(0), |location| place(source, location));
        Error::Definition { place, message: format!("not valid SQL: {message}"), hint: None }
    })?;
    let not_a_query = |message: &str| {
        let mistake = source.mistake(0, message);
        mistake.with_hint("an SQL file holds one bare query: `with … select …`, nothing else")
    };
    let statement = statements.pop_front().ok_or_else(|| not_a_query("holds no query"))?;
    if !statements.is_empty() {
        return Err(not_a_query("holds more than one statement"));
    }
    match statement {
        Statement::Statement(inner) if matches!(*inner, SqlStatement::Query(_)) => Ok(*inner),
        _ => Err(not_a_query("is not a query")),
    }
}

/// Splits `… at Line: 3, Column: 5` off a parser's message.
fn split_location(message: &str) -> (String, Option<Location>) {
    let message =
        message.trim_start_matches("SQL error: ParserError(").trim_end_matches([')', '"']);
    let message = message.trim_start_matches('"');
    let Some((text, location)) = message.split_once(" at Line: ") else {
        return (message.to_owned(), None);
    };
    let location = location.split_once(", Column: ").and_then(|(line, column)| {
        let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
        Some(Location { line: line.parse().ok()?, column: digits.parse().ok()? })
    });
    (text.to_owned(), location)
}

fn place(source: &DefinitionText, location: Location) -> Place {
    Place {
        file: source.file.clone(),
        line: usize::try_from(location.line).unwrap_or(usize::MAX).max(1),
        column: usize::try_from(location.column).unwrap_or(usize::MAX).max(1),
    }
}

fn place_of_word(source: &DefinitionText, tokens: &[TokenWithSpan], name: &str) -> Place {
    find_word(source, tokens, name).unwrap_or_else(|| source.place(0))
}

fn find_word(source: &DefinitionText, tokens: &[TokenWithSpan], name: &str) -> Option<Place> {
    let is_name = |token: &&TokenWithSpan| match &token.token {
        Token::Word(word) => word.value.eq_ignore_ascii_case(name),
        _ => false,
    };
    tokens.iter().find(is_name).map(|token| place(source, token.span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query> {
        Query::read(DefinitionText { file: "sql/a.sql".into(), text: text.to_owned() })
    }

    #[test]
    fn tables_come_from_the_sql_and_ctes_do_not_count() {
        let read = query(
            "with jobs as (select a from staging.jobs) select * from jobs, core.b where c = $year",
        );
        let read = read.unwrap();
        let tables: Vec<String> = read.tables.iter().map(ToString::to_string).collect();
        assert_eq!(tables, ["staging.jobs", "core.b"]);
        assert_eq!(read.parameters.into_iter().collect::<Vec<_>>(), ["year"]);
    }

    #[test]
    fn comments_and_white_space_do_not_count_as_tokens() {
        let plain = query("select a from core.b").unwrap();
        let spaced = query("-- why\nselect  a -- x\n  from core.b /* y */").unwrap();
        assert_eq!(plain.tokens, spaced.tokens);
        assert_ne!(plain.tokens, query("select c from core.b").unwrap().tokens);
    }

    #[test]
    fn whatever_is_not_one_query_is_refused_with_its_line() {
        for text in [
            "",
            "create table a as select 1",
            "insert into core.a select 1",
            "select 1; select 2",
            "copy core.a to 'x'",
            "explain select 1",
            "set a = 1",
        ] {
            assert!(matches!(query(text), Err(Error::Definition { .. })), "{text}");
        }
        let error = query("select a\nfrom core.b\ngroup select").unwrap_err().to_string();
        assert!(error.starts_with("sql/a.sql:3:"), "{error}");
        let error = query("select a\nfrom jobs").unwrap_err().to_string();
        assert!(error.starts_with("sql/a.sql:2:6: `jobs` is no table"), "{error}");
    }
}
