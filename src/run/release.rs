//! Publishes what is current: the release of its key, computed only where it
//! does not stand yet.

use std::sync::Arc;

use arrow::array::RecordBatch;

use super::context::{RunContext, manifest_records};
use super::protect::protected_or_known;
use super::setup::Setup;
use crate::durable::crash;
use crate::error::{Error, Result};
use crate::lake::{Audit, Event, Lake, Manifest, SliceRecord, Upstream};
use crate::pipeline::published::{RECORDS_TABLE, records_declaration};
use crate::pipeline::study::Disclosure;
use crate::pipeline::{Layer, Study, TableName};
use crate::publish::clearance::Clearance;
use crate::publish::description::ReleaseInput;
use crate::publish::records::{records_table, source_records};
use crate::publish::release::{
    CurrentRelease, PreparedRelease, ReleaseTable, current_release, prepare_release,
};
use crate::publish::statuses::without_inside;
use crate::publish::tables::published_table;

/// How the release of a manifest stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseState {
    /// It is there as it was written.
    Stands,
    /// It is to be written.
    Due,
    /// It is there, and files of it were edited or deleted: it is to be written
    /// again. What became of each.
    Damaged(Vec<String>),
}

/// How the protection of what is current stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtectionState {
    /// Nothing needs protection.
    NotAsked,
    /// There is an audit.
    Stands(Box<Audit>),
    /// It is to be done, and why.
    Due(&'static str),
}

impl ReleaseState {
    /// Says whether a run would write it.
    pub fn is_pending(&self) -> bool {
        matches!(self, ReleaseState::Due | ReleaseState::Damaged(_))
    }
}

/// The release of a manifest: written, and not current before what it is made
/// from is.
#[derive(Debug)]
pub(super) enum Publication {
    /// Disclosure control does not let it out.
    Refused(Error),
    /// It stands as current.
    Stands,
    /// It is to become current.
    Prepared { key: String, tables: usize, release: PreparedRelease },
}

/// Makes a release current; says whether that is another one than before. Where
/// it cannot, the tables are to `stay` as well.
///
/// # Errors
/// [`Error::Protection`] for tables that disclosure control does not let out;
/// [`Error::Io`].
pub(super) fn publish(
    context: &RunContext,
    publication: Publication,
    stay: impl FnOnce(),
) -> Result<bool> {
    match publication {
        Publication::Refused(error) => Err(error),
        Publication::Stands => Ok(false),
        Publication::Prepared { key, tables, release } => {
            release.make_current().inspect_err(|_| stay())?;
            let place = context.setup.release.join("current");
            tracing::info!(tables, "release {key}: {tables} tables in {}", place.display());
            context.record(&Event::Released { id: key, changed: true })?;
            Ok(true)
        }
    }
}

/// Writes the release of a manifest, where it does not stand.
///
/// # Errors
/// [`Error::Model`] where totals cannot be added up; [`Error::Publication`]
/// for what cannot be published right; [`Error::Io`].
pub(super) async fn prepare(context: &Arc<RunContext>, manifest: &Manifest) -> Result<Publication> {
    let setup = &context.setup;
    let study = &setup.study;
    let records = manifest_records(&context.lake, manifest)?;
    let input = release_input(study, &records)?;
    let key = input.key();
    match state_of(&key, current_release(&setup.release)?) {
        ReleaseState::Stands => return Ok(Publication::Stands),
        ReleaseState::Damaged(damage) => {
            tracing::warn!("release {key}: {}; it is written again", damage.join(", "));
        }
        ReleaseState::Due => {}
    }
    let tables = added_up(context, &records, &input).await?;
    let cleared = match cleared(context, &input, tables) {
        Err(error @ Error::Protection { .. }) => return Ok(Publication::Refused(error)),
        cleared => cleared?,
    };
    let description = input.describe(&cleared.tables)?;
    let table = |(name, batch)| ReleaseTable { name, batch };
    let tables: Vec<ReleaseTable> = cleared.tables.into_iter().map(table).collect();
    let (release, clearance) = (&setup.release, &cleared.clearance);
    let prepared = prepare_release(release, &study.name, &key, &tables, &description, clearance)?;
    let tables = tables.len();
    Ok(match prepared {
        Some(release) => Publication::Prepared { key, tables, release },
        None => Publication::Stands,
    })
}

/// Protects the tables of a manifest and keeps the audit, without a release.
///
/// # Errors
/// As [`prepare`]; [`Error::Protection`] for tables that do not get through it.
pub(super) async fn protect_only(context: &Arc<RunContext>, manifest: &Manifest) -> Result<()> {
    let records = manifest_records(&context.lake, manifest)?;
    let input = release_input(&context.setup.study, &records)?;
    let tables = added_up(context, &records, &input).await?;
    cleared(context, &input, tables).map(drop)
}

/// All tables of a release, as they were added up.
async fn added_up(
    context: &Arc<RunContext>,
    records: &[SliceRecord],
    input: &ReleaseInput<'_>,
) -> Result<Vec<(String, RecordBatch)>> {
    let mut tables = Vec::new();
    let study = &context.setup.study;
    for (name, published) in &study.published {
        context.stop.check()?;
        let table = TableName::new(Layer::Out, name.clone());
        let slices: Vec<&SliceRecord> = records.iter().collect();
        context.ensure_whole(slices.iter().filter(|slice| slice.slice.table == table).copied())?;
        let mut views = context.views([&table], &slices).await?;
        let view = views.pop().ok_or_else(|| Error::internal(format!("no view of {table}")))?;
        crash::point("table-adding-up");
        tables.push((name.clone(), published_table(&context.engine, view, published).await?));
        crash::point("table-added-up");
    }
    tables.push((RECORDS_TABLE.to_owned(), records_table(&input.records)?));
    Ok(tables)
}

/// Tables that may leave, and the proof that they may.
struct Cleared {
    tables: Vec<(String, RecordBatch)>,
    clearance: Clearance,
}

/// Protects the tables of a study that asks for it, and gives clearance.
fn cleared(
    context: &RunContext,
    input: &ReleaseInput<'_>,
    tables: Vec<(String, RecordBatch)>,
) -> Result<Cleared> {
    let study = &context.setup.study;
    let records = records_declaration(study.disclosure)?;
    let mut declared = Vec::new();
    for (name, batch) in tables {
        let own = (name == RECORDS_TABLE).then_some(&records);
        let unknown = || Error::internal(format!("{name} is not declared"));
        let published = study.published.get(&name).or(own).ok_or_else(unknown)?;
        declared.push((name, published, batch));
    }
    if study.disclosure != Disclosure::Protected {
        let clearance = Clearance::of(study)?;
        let tables = declared.into_iter().map(|(name, published, batch)| {
            without_inside(&batch, published).map(|batch| (name, batch))
        });
        return Ok(Cleared { tables: tables.collect::<Result<_>>()?, clearance });
    }
    let (tables, audit) = protected_or_known(context, &declared, input.protection_keys())?;
    Ok(Cleared { tables, clearance: Clearance::by(&audit) })
}

fn state_of(key: &str, current: Option<CurrentRelease>) -> ReleaseState {
    match current.filter(|current| current.key == key) {
        None => ReleaseState::Due,
        Some(current) if current.damage.is_empty() => ReleaseState::Stands,
        Some(current) => ReleaseState::Damaged(current.damage),
    }
}

/// What the release of a manifest would be made from.
///
/// # Errors
/// [`Error::Usage`] where a published table has no slice.
fn release_input<'a>(study: &'a Study, records: &[SliceRecord]) -> Result<ReleaseInput<'a>> {
    for name in study.published.keys() {
        let table = TableName::new(Layer::Out, name.clone());
        if !records.iter().any(|record| record.slice.table == table) {
            let error = Error::usage(format!("{table} is to be published and was never made"));
            return Err(error.with_hint("`honkvast run` makes it"));
        }
    }
    Ok(input_of(study, records))
}

/// What a release of these slices would be made from, whichever there are.
pub(super) fn input_of<'a>(study: &'a Study, records: &[SliceRecord]) -> ReleaseInput<'a> {
    let contents = |is_wanted: &dyn Fn(&TableName) -> bool| -> Vec<Upstream> {
        let wanted = records.iter().filter(|record| is_wanted(&record.slice.table));
        wanted
            .map(|record| Upstream { slice: record.slice.clone(), content: record.content.clone() })
            .collect()
    };
    ReleaseInput {
        records: source_records(study, records),
        study,
        inputs: contents(&|table| table.layer == Layer::Staging),
        cells: contents(&|table| {
            table.layer == Layer::Out && study.published.contains_key(&table.name)
        }),
    }
}

/// How the release of what is current stands; `manifest` is none where nothing
/// is current.
///
/// # Errors
/// Of the lake and the release folder.
pub fn release_state(
    setup: &Setup,
    lake: Option<&Lake>,
    manifest: Option<&Manifest>,
) -> Result<ReleaseState> {
    let (Some(lake), Some(manifest)) = (lake, manifest) else { return Ok(ReleaseState::Due) };
    let records = manifest_records(lake, manifest)?;
    match release_input(&setup.study, &records) {
        Ok(input) => Ok(state_of(&input.key(), current_release(&setup.release)?)),
        Err(_) => Ok(ReleaseState::Due),
    }
}

/// How the protection of what is current stands; `manifest` is none where nothing
/// is current.
///
/// # Errors
/// Of the lake.
pub fn protection_state(
    setup: &Setup,
    lake: Option<&Lake>,
    manifest: Option<&Manifest>,
) -> Result<ProtectionState> {
    if setup.study.disclosure != Disclosure::Protected {
        return Ok(ProtectionState::NotAsked);
    }
    let Some((lake, manifest)) = lake.zip(manifest) else {
        return Ok(ProtectionState::Due("missing"));
    };
    let records = manifest_records(lake, manifest)?;
    let Ok(input) = release_input(&setup.study, &records) else {
        return Ok(ProtectionState::Due("missing"));
    };
    let (key, rules) = input.protection_keys();
    let audits = lake.audits()?;
    Ok(match audits.iter().find(|audit| audit.key.as_str() == key) {
        Some(audit) => ProtectionState::Stands(Box::new(audit.clone())),
        None if audits.is_empty() => ProtectionState::Due("missing"),
        None if audits.iter().any(|audit| audit.rules == rules) => {
            ProtectionState::Due("published tables changed")
        }
        None => ProtectionState::Due("rules or declarations changed"),
    })
}
