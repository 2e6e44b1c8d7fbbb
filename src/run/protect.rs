//! The stage `protect`: a pattern of suppression for all tables of a release
//! together, rendered as it will be published, and attacked until the attack
//! finds nothing. Its audit stays in the lake, and tables and rules that have one
//! are not protected again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use arrow::array::RecordBatch;

use super::context::RunContext;
use crate::attack::{Asked, Findings, Rules, Spot, attack};
use crate::error::{Error, Result};
use crate::lake::{Audit, AuditCell, Event, Key};
use crate::pipeline::protection::Thresholds;
use crate::pipeline::published::Published;
use crate::protect::Pattern;
use crate::protect::sheet::Sheet;
use crate::protect::system::{CellId, Place};
use crate::publish::csv::to_csv;
use crate::publish::statuses::with_statuses;

/// Patterns that are mended where an attack found something, at most.
const MOST_REPAIRS: usize = 8;

/// A table with its declaration, and its rows with inside columns.
pub type Declared<'a> = (String, &'a Published, RecordBatch);

/// Tables that may leave, and what is to be said of them.
#[derive(Debug)]
pub struct Protected {
    /// The tables with the statuses of their measures.
    pub tables: Vec<(String, RecordBatch)>,
    /// What the attack found: no leak.
    pub findings: Findings,
    /// Counts that are shown, a count in several tables once.
    pub shown: usize,
    /// Counts that are suppressed, each in its tables.
    pub suppressed: usize,
    /// How often the attack found something and the pattern was mended.
    pub repairs: usize,
    cells: Vec<AuditCell>,
}

/// Protects the tables of a release, or renders them by the audit that there is.
///
/// # Errors
/// As [`protect`]; of the lake.
pub(super) fn protected_or_known(
    context: &RunContext,
    tables: &[Declared<'_>],
    (key, rules): (String, String),
) -> Result<(Vec<(String, RecordBatch)>, Audit)> {
    let start = Instant::now();
    let key: Key = key.parse()?;
    let known = context.lake.audit(&key)?;
    let is_known = known.is_some();
    let (tables, audit) = match known {
        Some(audit) => (rendered(tables, &hidden_by(&audit.cells))?, audit),
        None => {
            let made = protect(tables, &context.setup.study.thresholds)?;
            let narrowest = made.findings.narrowest(&context.setup.study.thresholds);
            let Protected { shown, suppressed, cells, tables, .. } = made;
            let audit = Audit { key, rules, shown, suppressed, narrowest, cells };
            context.scratch.put_audit(&audit)?;
            (tables, audit)
        }
    };
    context.record(&Event::Protected {
        key: audit.key.to_string(),
        shown: audit.shown,
        suppressed: audit.suppressed,
        narrowest: audit.narrowest,
        seconds: start.elapsed().as_secs_f64(),
        cached: is_known,
    })?;
    tracing::info!(
        shown = audit.shown,
        suppressed = audit.suppressed,
        narrowest = audit.narrowest,
        "protected: {} counts are shown, {} are not",
        audit.shown,
        audit.suppressed
    );
    Ok((tables, audit))
}

/// Protects tables that are published together.
///
/// # Errors
/// [`Error::Publication`] for tables that their declarations do not explain;
/// [`Error::Protection`] for rules that cannot be met, and where the attack finds
/// something that no repair takes away.
pub fn protect(tables: &[Declared<'_>], thresholds: &Thresholds) -> Result<Protected> {
    let mut sheets = Vec::new();
    for (name, published, batch) in tables {
        if let Some(protection) = &published.protection {
            sheets.push(Sheet::of(name, published, protection, batch)?);
        }
    }
    let mut pattern = Pattern::find(&sheets, thresholds)?;
    let mut repairs = 0;
    loop {
        let figures = hidden_figures(&pattern, &sheets)?;
        let hidden = &hidden(&pattern, &sheets) | &figures;
        let rendered = rendered(tables, &hidden)?;
        let findings = attacked(thresholds, &rendered, &sheets, &pattern)?;
        if findings.leaks.is_empty() {
            let suppressed = pattern.suppressed().len();
            let cells = pattern.system().cells.iter().filter(|cell| cell.is_published());
            let shown = cells.count() - suppressed;
            let mut cells = audit_cells(&pattern, &sheets, &findings);
            cells.extend(figures.iter().filter_map(|spot| figure_cell(spot, &sheets)));
            cells.sort_by(|one, other| one.place().cmp(&other.place()));
            let tables = rendered;
            return Ok(Protected { tables, findings, shown, suppressed, repairs, cells });
        }
        let spots = findings.leaks.iter().filter_map(|leak| leak.spot.as_ref());
        let found: Vec<Place> = spots.filter_map(|spot| place(spot, &sheets)).collect();
        if repairs == MOST_REPAIRS || found.is_empty() {
            return Err(refusal(&findings, &sheets));
        }
        repairs += 1;
        tracing::debug!(repairs, leaks = findings.leaks.len(), "the pattern is mended");
        pattern.mend(&found, &sheets)?;
    }
}

/// The counts that are not shown.
fn hidden(pattern: &Pattern, sheets: &[Sheet<'_>]) -> BTreeSet<Spot> {
    let cells = pattern.suppressed().iter().map(|cell| &pattern.system().cells[*cell]);
    cells.flat_map(|cell| &cell.places).map(|place| spot(*place, sheets)).collect()
}

/// Figures of rows that are computed from counts of other rows which are not shown.
fn hidden_figures(pattern: &Pattern, sheets: &[Sheet<'_>]) -> Result<BTreeSet<Spot>> {
    let mut hidden = BTreeSet::new();
    for sheet in sheets.iter().filter(|sheet| !sheet.protection.from.is_empty()) {
        for (row, content) in sheet.rows.iter().enumerate() {
            if pattern.hides_figures(sheet, content)? {
                let spot = |figure: &String| Spot {
                    table: sheet.name.to_owned(),
                    row,
                    measure: figure.clone(),
                };
                hidden.extend(sheet.published.figures().map(spot));
            }
        }
    }
    Ok(hidden)
}

/// A figure that is not shown, for the audit.
fn figure_cell(spot: &Spot, sheets: &[Sheet<'_>]) -> Option<AuditCell> {
    let sheet = sheets.iter().find(|sheet| sheet.name == spot.table)?;
    let codes = sheet.published.dimensions.iter().cloned();
    Some(AuditCell {
        table: spot.table.clone(),
        row: spot.row,
        measure: spot.measure.clone(),
        codes: codes.zip(sheet.rows[spot.row].codes.iter().cloned()).collect(),
        rule: Some("origin".to_owned()),
        with: Vec::new(),
        interval: None,
    })
}

fn hidden_by(cells: &[AuditCell]) -> BTreeSet<Spot> {
    let spot = |cell: &AuditCell| Spot {
        table: cell.table.clone(),
        row: cell.row,
        measure: cell.measure.clone(),
    };
    cells.iter().map(spot).collect()
}

/// The tables as they will be published, where these counts are not shown.
fn rendered(
    tables: &[Declared<'_>],
    hidden: &BTreeSet<Spot>,
) -> Result<Vec<(String, RecordBatch)>> {
    let mut rendered = Vec::new();
    for (name, published, batch) in tables {
        let is_shown = |row: usize, measure: &str| {
            let (table, measure) = (name.clone(), measure.to_owned());
            !hidden.contains(&Spot { table, row, measure })
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
            for owner in &cell.owners {
                let known = rules.contributors.entry(*owner).or_default();
                known.insert(spot.clone(), cell.value);
            }
            rules.asked.insert(spot, asked);
        }
    }
    rules
}

fn audit_cells(pattern: &Pattern, sheets: &[Sheet<'_>], findings: &Findings) -> Vec<AuditCell> {
    let system = pattern.system();
    let mut with: BTreeMap<CellId, BTreeSet<CellId>> = BTreeMap::new();
    for &cell in pattern.suppressed() {
        for guard in pattern.guards_of(cell) {
            with.entry(cell).or_default().insert(guard);
            with.entry(guard).or_default().insert(cell);
        }
    }
    let words = |cell: &CellId| {
        let place = *system.cells[*cell].places.first()?;
        let Spot { table, row, measure } = spot(place, sheets);
        Some(format!("{table}: {measure} of {}", sheets[place.sheet].row_words(row)))
    };
    let mut cells = Vec::new();
    for id in pattern.suppressed() {
        let cell = &system.cells[*id];
        let others = with.get(id).into_iter().flatten().filter_map(words);
        let others: Vec<String> = others.collect();
        for place in &cell.places {
            let sheet = &sheets[place.sheet];
            let spot = spot(*place, sheets);
            let codes = sheet.published.dimensions.iter().cloned();
            cells.push(AuditCell {
                interval: findings.intervals.get(&spot).copied(),
                codes: codes.zip(sheet.rows[place.row].codes.iter().cloned()).collect(),
                rule: cell.demand.rule.map(|rule| rule.as_str().to_owned()),
                with: others.clone(),
                table: spot.table,
                row: spot.row,
                measure: spot.measure,
            });
        }
    }
    cells
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
