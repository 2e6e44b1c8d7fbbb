//! Reads `[report]`. Every mistake has its file and line.

use std::collections::BTreeMap;

use super::codebook_reader::optional;
use super::files::DefinitionFiles;
use super::labels::{Labels, read_codelist_words, read_labels, read_words};
use super::published::{Published, RECORDS_TABLE, records_declaration};
use super::report::{Break, Chart, Figure, Report, SINGLE, STATEMENT_COLUMNS, Section, Statement};
use super::study::Study;
use super::study_reader::file_named;
use super::toml_reader::{At, Table, Value};
use crate::error::{Error, Result};

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
    let columns = |key: &'static str| {
        let columns = optional(table, key, |value| columns_of_any(value, study))?;
        Ok(columns.unwrap_or_default())
    };
    Ok(Report {
        title: words("title")?.unwrap_or_default(),
        words: words("words")?.unwrap_or_default(),
        labels: read_all_labels(table, files, study)?,
        shares: columns("shares")?,
        differences: columns("differences")?,
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

fn not_published(value: &Value<'_>, name: &At<String>) -> Error {
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
        self.refuse_untold(&figure)?;
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

    /// A figure that shows one number where its table has several would show any
    /// of them: each dimension is held at one value, or lies somewhere.
    fn refuse_untold(&self, figure: &Figure) -> Result<()> {
        let is_list = !matches!(figure.chart, Chart::Lines | Chart::Flows);
        if figure.chart == Chart::Statements || (is_list && figure.rows.is_empty()) {
            return Ok(());
        }
        let lies = [&figure.across, &figure.series, &figure.panels, &figure.from, &figure.to];
        let rows = figure.rows.iter().filter(|_| is_list);
        let shown: Vec<&String> = lies.into_iter().flatten().chain(rows).collect();
        let is_held = |column: &String| {
            let wanted = figure.r#where.get(column);
            wanted.is_some_and(|wanted| wanted.len() == 1 && wanted.iter().all(|it| it != SINGLE))
        };
        let is_untold = |column: &&String| !shown.contains(column) && !is_held(column);
        match self.published.dimensions.iter().find(is_untold) {
            None => Ok(()),
            Some(column) => {
                let message = format!("`{}` may have several rows here, by `{column}`", self.name);
                let hint = format!("hold it, as where = {{ {column} = \"last\" }}, or show it");
                Err(self.table.mistake(message).with_hint(hint))
            }
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
            sector_group: text("sector_group")?,
            said: read_words(&table.need("said")?)?,
        })
    })
}
