//! The stage `protect`: a pattern of suppression for all tables of a release
//! together, rendered as it will be published, and attacked until the attack
//! finds nothing.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use crate::attack::{Asked, Findings, Rules, Spot, attack};
use crate::error::{Error, Result};
use crate::pipeline::protection::Thresholds;
use crate::pipeline::published::Published;
use crate::protect::Pattern;
use crate::protect::sheet::Sheet;
use crate::protect::system::Place;
use crate::publish::csv::to_csv;
use crate::publish::statuses::with_statuses;

/// Patterns that are mended where an attack found something, at most.
const MOST_REPAIRS: usize = 8;

/// Tables that may leave, and what is to be said of them.
#[derive(Debug)]
pub struct Protected {
    /// The tables with the statuses of their measures.
    pub tables: Vec<(String, RecordBatch)>,
    /// What the attack found: no leak.
    pub findings: Findings,
    /// Counts that are shown, a count in several tables once.
    pub shown: usize,
    /// Counts that are suppressed.
    pub suppressed: usize,
}

/// Protects tables that are published together, each with its declaration and its
/// rows, inside columns too.
///
/// # Errors
/// [`Error::Publication`] for tables that their declarations do not explain;
/// [`Error::Protection`] for rules that cannot be met, and where the attack finds
/// something that no repair takes away.
pub fn protect(
    tables: &[(String, &Published, RecordBatch)],
    thresholds: &Thresholds,
) -> Result<Protected> {
    let mut sheets = Vec::new();
    for (name, published, batch) in tables {
        if let Some(protection) = &published.protection {
            sheets.push(Sheet::of(name, published, protection, batch)?);
        }
    }
    let mut pattern = Pattern::find(&sheets, thresholds)?;
    let mut repairs = 0;
    loop {
        let rendered = rendered(tables, &sheets, &pattern)?;
        let findings = attacked(thresholds, &rendered, &sheets, &pattern)?;
        if findings.leaks.is_empty() {
            let suppressed = pattern.suppressed().len();
            let cells = pattern.system().cells.iter().filter(|cell| cell.is_published());
            let shown = cells.count() - suppressed;
            return Ok(Protected { tables: rendered, findings, shown, suppressed });
        }
        let found: Vec<Place> =
            findings.leaks.iter().filter_map(|it| place(it.spot.as_ref()?, &sheets)).collect();
        if repairs == MOST_REPAIRS || found.is_empty() {
            return Err(refusal(&findings, &sheets));
        }
        repairs += 1;
        tracing::debug!(repairs, leaks = findings.leaks.len(), "the pattern is mended");
        pattern.mend(&found, &sheets)?;
    }
}

fn rendered(
    tables: &[(String, &Published, RecordBatch)],
    sheets: &[Sheet<'_>],
    pattern: &Pattern,
) -> Result<Vec<(String, RecordBatch)>> {
    let mut rendered = Vec::new();
    for (name, published, batch) in tables {
        let sheet = sheets.iter().position(|sheet| sheet.name == name);
        let is_shown = |row: usize, measure: &str| {
            let sheet = sheet?;
            let mut counts = sheets[sheet].protection.counts.keys();
            let count = counts.position(|count| count == measure)?;
            pattern.is_shown(Place { sheet, row, count })
        };
        rendered.push((name.clone(), with_statuses(batch, published, &is_shown)?));
    }
    Ok(rendered)
}

fn attacked(
    thresholds: &Thresholds,
    tables: &[(String, RecordBatch)],
    sheets: &[Sheet<'_>],
    pattern: &Pattern,
) -> Result<Findings> {
    let mut files = BTreeMap::new();
    for (name, batch) in tables {
        files.insert(name.clone(), to_csv(batch)?);
    }
    attack(&files, &rules(thresholds, sheets, pattern))
}

/// What the attacker is told beside the files.
fn rules<'a>(thresholds: &Thresholds, sheets: &[Sheet<'a>], pattern: &Pattern) -> Rules<'a> {
    let mut rules = Rules { thresholds: thresholds.clone(), ..Rules::default() };
    for sheet in sheets {
        rules.tables.insert(sheet.name.to_owned(), sheet.published);
        for (count, name) in sheet.protection.counts.keys().enumerate() {
            if sheet.is_never_zero(count) {
                rules.never_zero.insert((sheet.name.to_owned(), name.clone()));
            }
        }
    }
    let system = pattern.system();
    for &cell in pattern.suppressed() {
        let cell = &system.cells[cell];
        let asked = Asked {
            width: 0,
            low: if cell.demand.below > 0 { cell.value - cell.demand.below } else { i64::MAX },
            high: if cell.demand.above > 0 { cell.value + cell.demand.above } else { i64::MIN },
        };
        for place in &cell.places {
            let spot = spot(*place, sheets);
            if cell.is_single {
                rules.makers.insert(spot.clone(), cell.value);
            }
            rules.asked.insert(spot, asked);
        }
    }
    rules
}

fn spot(place: Place, sheets: &[Sheet<'_>]) -> Spot {
    let sheet = &sheets[place.sheet];
    let measure = sheet.protection.counts.keys().nth(place.count).cloned().unwrap_or_default();
    Spot { table: sheet.name.to_owned(), row: place.row, measure }
}

fn place(spot: &Spot, sheets: &[Sheet<'_>]) -> Option<Place> {
    let sheet = sheets.iter().position(|sheet| sheet.name == spot.table)?;
    let mut counts = sheets[sheet].protection.counts.keys();
    let count = counts.position(|count| *count == spot.measure)?;
    Some(Place { sheet, row: spot.row, count })
}

fn refusal(findings: &Findings, sheets: &[Sheet<'_>]) -> Error {
    let count = findings.leaks.len();
    let first = findings.leaks.iter().find_map(|leak| Some((leak.spot.as_ref()?, leak.why)));
    let place = match first {
        None => "it follows from several tables".to_owned(),
        Some((spot, why)) => {
            let sheet = sheets.iter().find(|sheet| sheet.name == spot.table);
            let words = sheet.map(|sheet| sheet.row_words(spot.row)).unwrap_or_default();
            format!("out.{}: `{}` in {words}: {why}", spot.table, spot.measure)
        }
    };
    Error::Protection {
        message: format!("the tables give away {count} counts that they must not show; {place}"),
        hint: Some("nothing was published; publish fewer dimensions".to_owned()),
    }
}
