//! `adopt`: after an upgrade of honkvast, keeps the slices of tables whose
//! output did not change. They are proven by making some of them anew in
//! scratch, and get their present keys by links; `current` is left to `run`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument;

use super::context::RunContext;
use super::desk::{Desk, Prepared};
use super::facts::Known;
use super::slice::{SliceJob, build};
use super::{Ask, Setup, spans};
use crate::error::{Error, Result};
use crate::lake::{Event, SliceRecord};
use crate::pipeline::{SliceId, TableName};
use crate::plan::adopt::{Fate, fates};
use crate::plan::ingredients::own_fingerprint;
use crate::stop::Stop;

/// How an adoption is asked for.
#[derive(Debug, Clone)]
pub struct AdoptRequest {
    /// Proves every slice, not one a table.
    pub proves_all: bool,
    /// Proves, says what would be adopted, and changes nothing.
    pub is_dry: bool,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for the ledger.
    pub command: String,
}

/// What became of each slice of the study.
#[derive(Debug, Clone, Default)]
pub struct Adoption {
    /// The slices in the order of the data.
    pub fates: Vec<(SliceId, Fate)>,
    /// Slices that were made anew and came out the same.
    pub proven: BTreeSet<SliceId>,
    /// Why tables were refused: the slice that was made anew, and what came of it.
    pub refused: BTreeMap<TableName, (SliceId, Difference)>,
}

/// What came of making a slice anew that a table is refused for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Other content.
    Content,
    /// An error; its text.
    Failure(String),
}

/// Adopts what it can.
///
/// # Errors
/// [`Error::Usage`] where nothing is current; [`Error::Held`];
/// [`Error::Interrupted`]; of the lake and of raw files that cannot be read. A
/// slice that cannot be made anew is no error: its table is refused.
pub async fn adopt(setup: &Setup, request: &AdoptRequest, stop: &Stop) -> Result<Adoption> {
    let start = Instant::now();
    let desk = Desk::over_current(setup, &request.command, request.wait, stop, !request.is_dry);
    let desk = desk.await?;
    let ledger = Arc::clone(&desk.ledger);
    let span = spans::of_run(&desk.run);
    let told = async {
        let adoption = carry_out(setup, request, stop, desk).await;
        super::telling::tell_end(&ledger, adoption, start)
    };
    told.instrument(span).await
}

async fn carry_out(
    setup: &Setup,
    request: &AdoptRequest,
    stop: &Stop,
    desk: Desk,
) -> Result<Adoption> {
    let Prepared { context, mut known, .. } = desk.prepare(setup, &Ask::default(), stop)?;
    let context = Arc::new(context);
    let mut adoption = Adoption::default();
    let mut judged: BTreeSet<TableName> = BTreeSet::new();
    loop {
        let refused: BTreeSet<TableName> = adoption.refused.keys().cloned().collect();
        adoption.fates = fates(&known.facts, &refused);
        let is_next = |(slice, fate): &&(SliceId, Fate)| {
            matches!(fate, Fate::Adoptable { .. }) && !judged.contains(&slice.table)
        };
        let Some((next, _)) = adoption.fates.iter().find(is_next) else { break };
        let table = next.table.clone();
        prove_table(&context, &known, &table, request.proves_all, &mut adoption).await?;
        judged.insert(table);
    }
    if !request.is_dry {
        put_all(&context, &mut known, &adoption)?;
    }
    Ok(adoption)
}

/// Makes slices of a table anew until one differs, or enough are proven.
async fn prove_table(
    context: &Arc<RunContext>,
    known: &Known,
    table: &TableName,
    proves_all: bool,
    adoption: &mut Adoption,
) -> Result<()> {
    let mut slices: Vec<&SliceRecord> = Vec::new();
    for (slice, fate) in &adoption.fates {
        if let Fate::Adoptable { from, .. } = fate
            && slice.table == *table
        {
            slices.extend(known.record(slice, from));
        }
    }
    // One without rows proves little.
    slices.sort_by_key(|record| (record.rows == 0, record.bytes, record.slice.clone()));
    let enough = if proves_all { slices.len() } else { 1 };
    for former in slices.into_iter().take(enough) {
        context.stop.check()?;
        // A model with one thread: nothing runs beside it.
        let is_model = context.setup.study.models.contains_key(table);
        let threads = if is_model { 1 } else { context.setup.threads };
        let difference = match make_anew(context, known, former, threads, None).await {
            Ok(content) if content == former.content => {
                tracing::info!("{}: made anew, content as before", former.slice);
                adoption.proven.insert(former.slice.clone());
                continue;
            }
            Ok(_) => Difference::Content,
            Err(error @ (Error::Interrupted { .. } | Error::Io { .. })) => return Err(error),
            Err(error) => Difference::Failure(error.to_string()),
        };
        tracing::warn!("{}: comes out differently; {table} is not adopted", former.slice);
        adoption.refused.insert(table.clone(), (former.slice.clone(), difference));
        break;
    }
    Ok(())
}

/// Makes a slice by the present version, in scratch only; its content.
pub(super) async fn make_anew(
    context: &Arc<RunContext>,
    known: &Known,
    former: &SliceRecord,
    threads: usize,
    batch_rows: Option<usize>,
) -> Result<String> {
    let wanted = known.facts.wanted.iter().find(|wanted| wanted.id == former.slice);
    let wanted =
        wanted.ok_or_else(|| Error::internal(format!("{} is not wanted", former.slice)))?;
    let mut upstreams = Vec::new();
    for seen in &former.upstreams {
        let versions = known.facts.stored.get(&seen.slice).into_iter().flatten();
        let key = versions.filter(|one| one.content == seen.content).map(|one| &one.key).next();
        let record = key.and_then(|key| known.record(&seen.slice, key));
        upstreams.extend(record.cloned());
    }
    let job = SliceJob {
        wanted: wanted.clone(),
        key: former.key.to_string(),
        upstreams,
        threads,
        batch_rows,
        is_proof: true,
    };
    let (finished, _) = build(Arc::clone(context), job).await?;
    Ok(finished.content)
}

fn put_all(context: &RunContext, known: &mut Known, adoption: &Adoption) -> Result<()> {
    for (table, (slice, difference)) in &adoption.refused {
        let why = match difference {
            Difference::Content => format!("{slice} comes out differently"),
            Difference::Failure(text) => format!("{slice} cannot be made anew: {text}"),
        };
        context.record(&Event::AdoptionRefused { table: table.to_string(), why })?;
    }
    for (slice, fate) in &adoption.fates {
        let Fate::Adoptable { from, to } = fate else { continue };
        context.stop.check()?;
        let former = known.record(slice, from).cloned();
        let former = former.ok_or_else(|| Error::internal(format!("{slice} has no record")))?;
        let wanted = known.facts.wanted.iter().find(|wanted| wanted.id == *slice);
        let wanted = wanted.ok_or_else(|| Error::internal(format!("{slice} is not wanted")))?;
        let record = SliceRecord {
            own: own_fingerprint(&wanted.ingredients).parse()?,
            key: to.parse()?,
            ingredients: wanted.ingredients.clone(),
            made_by: context.run.clone(),
            adopted_from: Some(former.key.clone()),
            ..former.clone()
        };
        let record = context.scratch.adopt(&former, record)?;
        context.record(&Event::Adopted {
            slice: slice.to_string(),
            key: to.clone(),
            from: from.clone(),
            content: record.content.clone(),
            proven: adoption.proven.contains(slice),
        })?;
    }
    Ok(())
}
