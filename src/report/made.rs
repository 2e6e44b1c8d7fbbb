//! How a release was made: its study, parameters, SQL, inputs and versions, and
//! what the page could not say in both languages.

use super::release::Release;
use super::words::Both;

/// Gaps that are named one by one.
const MOST_GAPS: usize = 50;

/// What stands at the end of the page.
pub(super) struct Made {
    pub(super) parameters: Vec<(String, String)>,
    pub(super) versions: Vec<(String, String)>,
    pub(super) queries: Vec<QueryView>,
    /// Hashes of SQL that stands nowhere on the page: of checks.
    pub(super) other_sql: Vec<(String, String)>,
    pub(super) inputs: Vec<(String, String)>,
    /// Columns and codes without words in a language.
    pub(super) gaps: Vec<Gap>,
    pub(super) more_gaps: usize,
}

/// The SQL of a table.
pub(super) struct QueryView {
    pub(super) table: String,
    pub(super) file: String,
    pub(super) hash: String,
    pub(super) text: String,
    pub(super) reads: Vec<Read>,
}

/// A table that some SQL reads, and whether its own stands on the page.
pub(super) struct Read {
    pub(super) table: String,
    pub(super) is_here: bool,
}

/// A column or code that lacks words.
pub(super) struct Gap {
    pub(super) column: String,
    pub(super) code: Option<String>,
    /// The languages that it has.
    pub(super) has: Option<&'static str>,
}

/// Gathers it.
pub(super) fn made(release: &Release) -> Made {
    let about = &release.about;
    let mut other_sql = about.sql.clone();
    let queries = about.queries.iter().map(|(table, query)| QueryView {
        table: table.clone(),
        file: query.file.clone(),
        hash: other_sql.remove(&query.file).unwrap_or_default(),
        text: query.text.clone(),
        reads: query
            .reads
            .iter()
            .map(|it| Read { table: it.clone(), is_here: about.queries.contains_key(it) })
            .collect(),
    });
    let queries = queries.collect();
    let mut gaps = gaps(release);
    let more_gaps = gaps.len().saturating_sub(MOST_GAPS);
    gaps.truncate(MOST_GAPS);
    let version =
        |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Made {
        parameters: about
            .parameters
            .iter()
            .map(|(name, it)| (name.clone(), it.value.clone()))
            .collect(),
        versions: about.engine.iter().map(|(name, it)| (name.clone(), version(it))).collect(),
        queries,
        other_sql: other_sql.into_iter().collect(),
        inputs: about.inputs.clone().into_iter().collect(),
        gaps,
        more_gaps,
    }
}

/// Columns and codes that the tables have, and the study no words for.
fn gaps(release: &Release) -> Vec<Gap> {
    let labels = &release.about.report.labels;
    let mut gaps = std::collections::BTreeMap::new();
    for table in release.tables.values() {
        let all: Vec<usize> = (0..table.row_count).collect();
        for column in &table.columns {
            let words = labels.columns.get(&column.name).and_then(Both::of);
            add(&mut gaps, &column.name, None, words);
            if column.role != "dimension" || column.kind != "text" {
                continue;
            }
            for code in table.distinct(&all, &column.name).into_iter().flatten() {
                let words = labels.of_code(&column.name, &code).and_then(Both::of);
                // A code that a language could not write otherwise needs no words.
                if code.chars().any(char::is_alphabetic) || words.is_some() {
                    add(&mut gaps, &column.name, Some(code), words);
                }
            }
        }
    }
    gaps.into_values().collect()
}

fn add(
    gaps: &mut std::collections::BTreeMap<(String, Option<String>), Gap>,
    column: &str,
    code: Option<String>,
    words: Option<Both>,
) {
    let has = match words {
        Some(Both { only: None, .. }) => return,
        Some(Both { only, .. }) => only,
        None => None,
    };
    let gap = Gap { column: column.to_owned(), code: code.clone(), has };
    gaps.insert((column.to_owned(), code), gap);
}
