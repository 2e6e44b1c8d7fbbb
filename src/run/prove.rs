//! `prove`: makes current slices again, apart, in ways that must not show in
//! them, and says which came out otherwise. Nothing is put into the lake.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument;

use super::adopt::make_anew;
use super::context::manifest_records;
use super::desk::{Desk, Prepared};
use super::facts::Known;
use super::{Ask, Setup, spans};
use crate::error::{Error, Result};
use crate::lake::SliceRecord;
use crate::pipeline::SliceId;
use crate::plan::select::Request;
use crate::stop::Stop;

/// Fewer threads would leave a plan in one piece.
const LEAST_SEVERAL: usize = 4;
/// Small enough that few rows come in several batches.
const SMALL_BATCH_ROWS: usize = 128;

/// How a proof is asked for.
#[derive(Debug, Clone)]
pub struct ProveRequest {
    /// Which slices.
    pub selection: Request,
    /// How long to wait for a run to end.
    pub wait: Option<Duration>,
    /// The command line, for the lock.
    pub command: String,
}

/// What came of a proof.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Slices that came out the same every time.
    pub proven: Vec<SliceId>,
    /// Slices that did not, with the ways in which they were made then.
    pub differing: Vec<(SliceId, Vec<String>)>,
}

/// Makes the selected slices among the current ones again.
///
/// # Errors
/// [`Error::Usage`] where nothing is current or selected, or raw files are not
/// those of the current slices; [`Error::Held`]; of the stages.
pub async fn prove(setup: &Setup, request: &ProveRequest, stop: &Stop) -> Result<Proof> {
    let start = Instant::now();
    let desk = Desk::over_current(setup, &request.command, request.wait, stop, false).await?;
    let ledger = Arc::clone(&desk.ledger);
    let span = spans::of_run(&desk.run);
    let told = async {
        let proof = carry_out(setup, request, stop, desk).await;
        super::telling::tell_end(&ledger, proof, start)
    };
    told.instrument(span).await
}

async fn carry_out(
    setup: &Setup,
    request: &ProveRequest,
    stop: &Stop,
    desk: Desk,
) -> Result<Proof> {
    let ask = Ask { selection: request.selection.clone(), ..Ask::default() };
    let Prepared { context, known, selection } = desk.prepare(setup, &ask, stop)?;
    let Some(manifest) = &known.current else {
        return Err(Error::usage("nothing is current any more"));
    };
    let records = manifest_records(&context.lake, manifest)?;
    let context = Arc::new(context);
    let several = setup.threads.max(LEAST_SEVERAL);
    let ways = [
        ("one thread".to_owned(), 1, None),
        (format!("{several} threads, rows in another order"), several, Some(SMALL_BATCH_ROWS)),
    ];
    let mut proof = Proof::default();
    let all = known.facts.wanted.iter().map(|wanted| &wanted.id);
    for slice in all.filter(|slice| selection.slices.contains(slice)) {
        let Some(record) = records.iter().find(|record| record.slice == *slice) else { continue };
        refuse_outdated(&known, record)?;
        let mut differing = Vec::new();
        for (way, threads, batch_rows) in &ways {
            context.stop.check()?;
            let content = make_anew(&context, &known, record, *threads, *batch_rows).await?;
            if content != record.content {
                differing.push(way.clone());
            }
        }
        if differing.is_empty() {
            proof.proven.push(slice.clone());
        } else {
            proof.differing.push((slice.clone(), differing));
        }
    }
    Ok(proof)
}

/// A slice that is not made from what it would be made from now proves nothing.
fn refuse_outdated(known: &Known, record: &SliceRecord) -> Result<()> {
    let wanted = known.facts.wanted.iter().find(|wanted| wanted.id == record.slice);
    if wanted.is_some_and(|wanted| wanted.ingredients == record.ingredients) {
        return Ok(());
    }
    let error = Error::usage(format!("{} is out of date", record.slice));
    Err(error.with_hint("`honkvast run` brings it up to date"))
}
