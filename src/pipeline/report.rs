//! How a study shapes the report of its releases: sections, figures and words,
//! by the declarations of its published tables. It stands in `release.json`, so
//! that a release can be shown by itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codebook_reader::optional;
use super::files::DefinitionFiles;
use super::labels::{Labels, Words, read_codelist_words, read_labels, read_words};
use super::published::{Published, RECORDS_TABLE, records_declaration};
use super::study::Study;
use super::study_reader::file_named;
use super::toml_reader::{At, Table, Value};
use crate::error::Result;

/// The shape of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What the page is about, in place of the study's title.
    #[serde(default)]
    pub title: Words,
    /// What a reader should know first.
    #[serde(default)]
    pub words: Words,
    /// Sections in their order.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Columns, beside the rates, that are shares: shown in per cent.
    #[serde(default)]
    pub shares: Vec<String>,
    /// Years before which and from which on figures do not compare.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Words for columns and codes.
    #[serde(default)]
    pub labels: Labels,
}

/// One section of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: Words,
    /// What stands above its figures.
    #[serde(default)]
    pub words: Words,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// A year from which on figures do not compare with earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The first year of the new kind.
    pub year: i32,
    /// Tables that it is about; all where none is named.
    #[serde(default)]
    pub tables: Vec<String>,
    /// What changed.
    pub words: Words,
}

/// One figure: rows of a published table, as a chart with its table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The published table.
    pub table: String,
    /// Its title, in place of the table's.
    #[serde(default)]
    pub title: Words,
    /// What a reader should know of it.
    #[serde(default)]
    pub words: Words,
    /// What is drawn.
    pub chart: Chart,
    /// Which rows: values that a column must have. `last` and `first` are the
    /// greatest and smallest single ones that there are, `single` all that are no
    /// period of several years, `pooled` the longest such period.
    #[serde(default)]
    pub r#where: BTreeMap<String, Vec<String>>,
    /// Columns that say what a row is; all dimensions that differ where none is
    /// named.
    #[serde(default)]
    pub rows: Vec<String>,
    /// The column whose values lie side by side: the axis of lines, the columns of
    /// a table.
    #[serde(default)]
    pub across: Option<String>,
    /// Columns with the figures that are shown; all where none is named.
    #[serde(default)]
    pub values: Vec<String>,
    /// Bounds of the first value.
    #[serde(default)]
    pub interval: Option<(String, String)>,
    /// The column that tells lines apart.
    #[serde(default)]
    pub series: Option<String>,
    /// The column by which the figure is drawn several times.
    #[serde(default)]
    pub panels: Option<String>,
    /// Where a flow begins.
    #[serde(default)]
    pub from: Option<String>,
    /// Where a flow ends.
    #[serde(default)]
    pub to: Option<String>,
    /// A parameter of the study at which a line is drawn across.
    #[serde(default)]
    pub line: Option<String>,
    /// A column that says whether a row is surely on its side of that line.
    #[serde(default)]
    pub certain: Option<String>,
    /// Rows stand in the order of the first value, not of the table.
    #[serde(default)]
    pub by_value: bool,
    /// Of statements: which are told, and by which reading.
    #[serde(default)]
    pub statements: Vec<Statement>,
}

/// A statement that figures are held against, and the reading chosen for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its code in the column `finding`.
    pub finding: String,
    /// The chosen code in the column `reading`.
    pub reading: String,
    /// The chosen code in the column `sector_group`, where more than one has it.
    #[serde(default)]
    pub sector_group: Option<String>,
    /// What was said.
    pub said: Words,
}

/// What a figure draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// Numbers in rows and columns.
    #[default]
    Table,
    /// A bar a row.
    Bars,
    /// A dot with its interval a row.
    Intervals,
    /// Lines over an axis of years or classes.
    Lines,
    /// Streams from origins to destinations.
    Flows,
    /// Statements beside the figures of this release.
    Statements,
}

/// Columns that the statements of a report are told by.
pub const STATEMENT_COLUMNS: [&str; 15] = [
    "finding",
    "reading",
    "sector_group",
    "year",
    "value",
    "value_low",
    "value_high",
    "numerator",
    "denominator",
    "denominator_label",
    "unweighted_count",
    "letter_value",
    "is_reliable",
    "label_nl",
    "label_en",
];

impl Chart {
    const NAMES: [(&'static str, Chart); 6] = [
        ("table", Chart::Table),
        ("bars", Chart::Bars),
        ("intervals", Chart::Intervals),
        ("lines", Chart::Lines),
        ("flows", Chart::Flows),
        ("statements", Chart::Statements),
    ];

    fn parse(text: &str) -> Result<Self, String> {
        let known = Chart::NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, chart)| *chart).ok_or_else(|| {
            let names: Vec<&str> = Chart::NAMES.iter().map(|(name, _)| *name).collect();
            format!("must be one of {}", names.join(", "))
        })
    }
}

/// Reads `[report]`, in the study or in a file of its own.
///
/// # Errors
/// [`crate::Error::Definition`] for the first mistake, with file and line.
pub(super) fn read_report(
    value: &Value<'_>,
    files: &DefinitionFiles,
    study: &Study,
) -> Result<Report> {
    if value.get().as_str().is_none() {
        return value.table(|table| read(table, files, study));
    }
    file_named(value, files)?.read_toml(|top| read(top, files, study))
}

fn read(table: &Table<'_>, files: &DefinitionFiles, study: &Study) -> Result<Report> {
    let words = |key: &'static str| optional(table, key, read_words);
    Ok(Report {
        title: words("title")?.unwrap_or_default(),
        words: words("words")?.unwrap_or_default(),
        labels: read_all_labels(table, files, study)?,
        shares: match table.get("shares") {
            Some(shares) => columns_of_any(&shares, study)?,
            None => Vec::new(),
        },
        breaks: many(table, "breaks", |value| read_break(value, study))?,
        sections: many(table, "sections", |value| value.table(|table| read_section(table, study)))?,
    })
}

/// The file of labels, and the code lists that have the words of columns.
fn read_all_labels(table: &Table<'_>, files: &DefinitionFiles, study: &Study) -> Result<Labels> {
    let labels = optional(table, "labels", |value| read_labels(&file_named(value, files)?))?;
    let mut labels = labels.unwrap_or_default();
    let lists = table.get("codelists").map(|value| value.entries()).transpose()?;
    for (column, value) in lists.unwrap_or_default() {
        let words = read_codelist_words(&value, study)?;
        let codes = labels.codes.entry(column.value).or_default();
        for (code, words) in words {
            codes.entry(code).or_insert(words);
        }
    }
    Ok(labels)
}

fn many<'a, T>(
    table: &Table<'a>,
    key: &'static str,
    read: impl Fn(&Value<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let values = table.get(key).map(|value| value.array()).transpose()?.unwrap_or_default();
    values.iter().map(read).collect()
}

fn columns_of_any(value: &Value<'_>, study: &Study) -> Result<Vec<String>> {
    let is_known = |name: &str| {
        study.published.values().any(|table| table.published_columns().any(|it| it == name))
    };
    let column = |column: At<String>| match is_known(&column.value) {
        true => Ok(column.value),
        false => {
            let message = format!("no published table has the column `{}`", column.value);
            Err(value.source().mistake(column.offset, message))
        }
    };
    value.texts()?.into_iter().map(column).collect()
}

fn read_break(value: &Value<'_>, study: &Study) -> Result<Break> {
    value.table(|table| {
        let year = table.need("year")?;
        let tables = table.get("tables").map(|value| value.texts()).transpose()?;
        let known = |name: At<String>| match study.published.contains_key(&name.value) {
            true => Ok(name.value),
            false => Err(not_published(value, &name)),
        };
        Ok(Break {
            year: i32::try_from(year.integer()?).map_err(|_| year.mistake("must be a year"))?,
            tables: tables.unwrap_or_default().into_iter().map(known).collect::<Result<_>>()?,
            words: read_words(&table.need("words")?)?,
        })
    })
}

fn not_published(value: &Value<'_>, name: &At<String>) -> crate::error::Error {
    value.source().mistake(name.offset, format!("the table `{}` is not published", name.value))
}

fn read_section(table: &Table<'_>, study: &Study) -> Result<Section> {
    Ok(Section {
        title: read_words(&table.need("title")?)?,
        words: optional(table, "words", read_words)?.unwrap_or_default(),
        figures: many(table, "figures", |value| {
            value.table(|table| FigureReader::of(table, study)?.read())
        })?,
    })
}

/// A figure while it is read, with the declaration of its table.
struct FigureReader<'t, 'a> {
    table: &'t Table<'a>,
    name: String,
    published: Published,
    study: &'t Study,
}

impl<'t, 'a> FigureReader<'t, 'a> {
    fn of(table: &'t Table<'a>, study: &'t Study) -> Result<Self> {
        let value = table.need("table")?;
        let name = At { value: value.text()?.to_owned(), offset: value.offset() };
        let published = match (study.published.get(&name.value), name.value.as_str()) {
            (Some(published), _) => published.clone(),
            (None, RECORDS_TABLE) => records_declaration(study.disclosure)?,
            (None, _) => return Err(not_published(&value, &name)),
        };
        Ok(FigureReader { table, name: name.value, published, study })
    }

    fn read(&self) -> Result<Figure> {
        let table = self.table;
        let words = |key: &'static str| optional(table, key, read_words);
        let chart = optional(table, "chart", |value| value.parse(Chart::parse))?;
        let figure = Figure {
            table: self.name.clone(),
            title: words("title")?.unwrap_or_default(),
            words: words("words")?.unwrap_or_default(),
            chart: chart.unwrap_or_default(),
            r#where: self.selection()?,
            rows: self.columns("rows")?,
            across: self.column("across")?,
            values: self.columns("values")?,
            interval: self.interval()?,
            series: self.column("series")?,
            panels: self.column("panels")?,
            from: self.column("from")?,
            to: self.column("to")?,
            line: optional(table, "line", |value| self.parameter(value))?,
            certain: self.column("certain")?,
            by_value: optional(table, "by_value", |value| value.boolean())?.unwrap_or(false),
            statements: many(table, "statements", read_statement)?,
        };
        self.refuse_lacking(&figure)?;
        Ok(figure)
    }

    /// What each kind of chart cannot do without.
    fn refuse_lacking(&self, figure: &Figure) -> Result<()> {
        let lacks = |key: &str| {
            let message = format!("a chart of this kind needs `{key}`");
            Err(self.table.mistake(message))
        };
        match figure.chart {
            Chart::Table => Ok(()),
            Chart::Bars if figure.values.is_empty() => lacks("values"),
            Chart::Intervals if figure.values.is_empty() => lacks("values"),
            Chart::Intervals if figure.interval.is_none() => lacks("interval"),
            Chart::Lines if figure.values.is_empty() => lacks("values"),
            Chart::Lines if figure.across.is_none() => lacks("across"),
            Chart::Flows if figure.values.is_empty() => lacks("values"),
            Chart::Flows if figure.from.is_none() => lacks("from"),
            Chart::Flows if figure.to.is_none() => lacks("to"),
            Chart::Statements if figure.statements.is_empty() => lacks("statements"),
            Chart::Statements => {
                let has = |column: &str| self.published.published_columns().any(|it| it == column);
                match STATEMENT_COLUMNS.iter().find(|column| !has(column)) {
                    None => Ok(()),
                    Some(column) => Err(self.table.mistake(format!(
                        "statements need the column `{column}`, which `{}` does not have",
                        self.name
                    ))),
                }
            }
            _ => Ok(()),
        }
    }

    fn known(&self, column: At<String>) -> Result<String> {
        if self.published.published_columns().any(|known| *known == column.value) {
            return Ok(column.value);
        }
        let message = format!("`{}` has no published column `{}`", self.name, column.value);
        Err(self.table.source().mistake(column.offset, message))
    }

    fn columns(&self, key: &'static str) -> Result<Vec<String>> {
        let columns = self.table.get(key).map(|value| value.texts()).transpose()?;
        columns.unwrap_or_default().into_iter().map(|column| self.known(column)).collect()
    }

    fn column(&self, key: &'static str) -> Result<Option<String>> {
        optional(self.table, key, |value| {
            self.known(At { value: value.text()?.to_owned(), offset: value.offset() })
        })
    }

    fn interval(&self) -> Result<Option<(String, String)>> {
        let Some(value) = self.table.get("interval") else { return Ok(None) };
        let bounds = value.texts()?;
        let bounds: Vec<String> =
            bounds.into_iter().map(|column| self.known(column)).collect::<Result<_>>()?;
        match <[String; 2]>::try_from(bounds) {
            Ok([low, high]) => Ok(Some((low, high))),
            Err(_) => Err(value.mistake("must be [lower bound, upper bound]")),
        }
    }

    fn parameter(&self, value: &Value<'_>) -> Result<String> {
        let name = value.text()?;
        match self.study.parameters.contains_key(name) {
            true => Ok(name.to_owned()),
            false => Err(value.mistake(format!("the study has no parameter `{name}`"))),
        }
    }

    /// `{ year = "last", reading = ["a", "b"] }`.
    fn selection(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let Some(value) = self.table.get("where") else { return Ok(BTreeMap::new()) };
        let mut selection = BTreeMap::new();
        for (column, value) in value.entries()? {
            let wanted = match value.get().as_str() {
                Some(one) => vec![one.to_owned()],
                None => value.texts()?.into_iter().map(|text| text.value).collect(),
            };
            selection.insert(self.known(column)?, wanted);
        }
        Ok(selection)
    }
}

fn read_statement(value: &Value<'_>) -> Result<Statement> {
    value.table(|table| {
        let text = |key: &'static str| Ok(table.need(key)?.text()?.to_owned());
        Ok(Statement {
            finding: text("finding")?,
            reading: text("reading")?,
            sector_group: optional(table, "sector_group", |value| Ok(value.text()?.to_owned()))?,
            said: read_words(&table.need("said")?)?,
        })
    })
}
