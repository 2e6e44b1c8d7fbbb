//! Holds the raw files that a plan will ingest against the vintages before
//! them, before any stage: a frozen source stops the run where columns are new,
//! lost or retyped, a followed one reports it. Only those files are looked at,
//! and only their beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::context::RunContext;
use super::facts::Known;
use super::inventory::Inventory;
use super::setup::Setup;
use crate::error::{Error, Result, printable};
use crate::ingest::{Request, read_layout};
use crate::lake::{Decision, Event, Lake, Vintage, VintageFile, now_text};
use crate::pipeline::codebook::{Codebook, Format};
use crate::pipeline::drift::{Dated, Drift, DriftPolicy, compare};
use crate::pipeline::layout::Layout;
use crate::pipeline::names::suggestion;
use crate::pipeline::study::Source;
use crate::pipeline::{Layer, SliceId, Study};
use crate::plan::{State, plan};
use crate::stop::Stop;

/// A raw file that a plan will ingest, held against the vintage before it.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The slice that it becomes.
    pub slice: SliceId,
    /// The file.
    pub file: VintageFile,
    /// The file of the vintage before it.
    pub compared_with: Option<VintageFile>,
    /// What changed since then.
    pub drift: Drift,
    /// What follows from it.
    pub decision: Decision,
    path: PathBuf,
    layout: Layout,
    /// The history knows the file as accepted.
    is_known: bool,
}

/// Refuses names of sources that the study has not.
///
/// # Errors
/// [`Error::Usage`] with the nearest name.
pub fn refuse_unknown_sources(study: &Study, accepted: &[String]) -> Result<()> {
    let Some(unknown) = accepted.iter().find(|name| !study.sources.contains_key(*name)) else {
        return Ok(());
    };
    let error = Error::usage(format!("the study has no source `{unknown}`"));
    Err(match suggestion(unknown, study.sources.keys().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error,
    })
}

/// Looks at the files that the plan will ingest. One that cannot be read as its
/// codebook says is left to ingest, which says why.
///
/// # Errors
/// Of the lake's history; [`Error::Interrupted`].
pub fn look(
    setup: &Setup,
    inventory: &Inventory,
    known: &Known,
    lake: Option<&Lake>,
    accepted: &[String],
    stop: Option<&Stop>,
) -> Result<Vec<Arrival>> {
    let mut by_source: BTreeMap<String, BTreeSet<SliceId>> = BTreeMap::new();
    for (slice, state) in plan(&known.facts).lines {
        let is_raw = slice.table.layer == Layer::Raw;
        if is_raw && matches!(state, State::WillBeMade { .. }) {
            by_source.entry(slice.table.name.clone()).or_default().insert(slice);
        }
    }
    let mut arrivals = Vec::new();
    for (name, slices) in by_source {
        let Some(source) = setup.study.sources.get(&name) else { continue };
        let history = lake.map(|lake| lake.vintages(&name)).transpose()?.unwrap_or_default();
        let mut desk = Desk { source, lake, history, met: BTreeMap::new() };
        for slice in slices {
            let Some(file) = inventory.files.get(&slice) else { continue };
            let nobody = std::sync::atomic::AtomicU8::new(0);
            let stop = stop.map_or(&nobody, |stop| stop.flag());
            let request = Request { file, codebook: &source.codebook, threads: 1, stop };
            let layout = match read_layout(&request) {
                Ok(layout) => layout,
                Err(error @ Error::Interrupted { .. }) => return Err(error),
                Err(_) => continue,
            };
            if !is_of_codebook(&layout, file.year, &source.codebook) {
                continue;
            }
            let path = file.path.clone();
            let file = VintageFile {
                name: file.name.clone(),
                year: file.year,
                version: file.version.clone(),
            };
            let is_accepted = accepted.contains(&name);
            arrivals.push(desk.hold(slice, file, path, layout, is_accepted)?);
        }
    }
    Ok(arrivals)
}

/// Says whether the file is one that the codebook knows; of another the drift
/// would be all of its columns, and ingest says more.
fn is_of_codebook(layout: &Layout, year: Option<i32>, codebook: &Codebook) -> bool {
    let names: Vec<String> = layout.columns.iter().map(|column| column.name.clone()).collect();
    let has_names = !matches!(codebook.format, Format::Fixed(_));
    !has_names || codebook.known_names(&names, year).are_enough()
}

/// One source, its years looked at in their order.
struct Desk<'a> {
    source: &'a Source,
    lake: Option<&'a Lake>,
    history: Vec<Vintage>,
    /// What this plan ingests, by year.
    met: BTreeMap<Option<i32>, (VintageFile, Layout)>,
}

impl Desk<'_> {
    fn hold(
        &mut self,
        slice: SliceId,
        file: VintageFile,
        path: PathBuf,
        layout: Layout,
        is_accepted: bool,
    ) -> Result<Arrival> {
        let has_met_year = self.history.iter().any(|vintage| vintage.file.year == file.year);
        let hash = match self.lake.filter(|_| has_met_year) {
            Some(lake) => lake.fingerprint(&path)?,
            None => String::new(),
        };
        let is_same = |vintage: &&Vintage| vintage.hash == hash && vintage.file.year == file.year;
        let is_known = self.history.iter().any(|vintage| is_same(&vintage));
        let before = self.before(file.year, &hash);
        let drift = before.as_ref().map(|(before, old)| {
            let before = Dated { year: before.year, layout: old };
            compare(before, Dated { year: file.year, layout: &layout }, &self.source.codebook)
        });
        let decision = match &drift {
            None => Decision::First,
            Some(drift) if drift.is_none() => Decision::Same,
            Some(_) if self.source.drift == DriftPolicy::Follow => Decision::Followed,
            Some(_) if is_accepted || is_known => Decision::Accepted,
            Some(_) => Decision::Refused,
        };
        self.met.insert(file.year, (file.clone(), layout.clone()));
        let drift = drift.unwrap_or_default();
        let compared_with = before.map(|(before, _)| before);
        Ok(Arrival { slice, file, compared_with, drift, decision, path, layout, is_known })
    }

    /// The former version of the file's year; where there is none, the vintage
    /// of the nearest earlier year, as it is or as this plan makes it.
    fn before(&self, year: Option<i32>, hash: &str) -> Option<(VintageFile, Layout)> {
        let ingested = || self.history.iter().filter(|vintage| vintage.is_ingested);
        let taken = |vintage: &Vintage| (vintage.file.clone(), vintage.layout.clone());
        let is_former = |vintage: &&Vintage| vintage.file.year == year && vintage.hash != hash;
        if let Some(former) = ingested().rfind(is_former) {
            return Some(taken(former));
        }
        let mut earlier: BTreeMap<Option<i32>, (VintageFile, Layout)> =
            ingested().map(|vintage| (vintage.file.year, taken(vintage))).collect();
        earlier.extend(self.met.clone());
        earlier.into_iter().rfind(|(known, _)| *known < year).map(|(_, vintage)| vintage)
    }
}

impl Arrival {
    /// Says in words what changed.
    pub fn text(&self) -> String {
        let before = self.compared_with.as_ref().map_or("", |file| file.name.as_str());
        format!("its columns are not those of {before}: {}", self.drift)
    }

    fn vintage(&self, context: &RunContext, is_ingested: bool) -> Result<Vintage> {
        Ok(Vintage {
            file: self.file.clone(),
            hash: context.lake.fingerprint(&self.path)?,
            run: context.run.clone(),
            at: now_text(),
            is_ingested,
            compared_with: self.compared_with.clone(),
            drift: self.drift.clone(),
            decision: self.decision,
            layout: self.layout.clone(),
        })
    }
}

/// Reports what changed, and stops where a frozen source changed and nobody
/// accepted that.
///
/// # Errors
/// [`Error::RawInput`] that lists every such file.
pub(super) fn report_or_refuse(context: &RunContext) -> Result<()> {
    let mut refused = Vec::new();
    for arrival in context.arrivals.values().filter(|arrival| !arrival.drift.is_none()) {
        context.record(&Event::Drifted {
            slice: arrival.slice.to_string(),
            file: arrival.file.name.clone(),
            compared_with: arrival.compared_with.as_ref().map(|file| file.name.clone()),
            drift: arrival.drift.clone(),
            decision: arrival.decision,
        })?;
        match arrival.decision {
            Decision::Refused => refused.push(arrival),
            _ => tracing::warn!("{}: {}", arrival.file.name, arrival.text()),
        }
    }
    if !refused.is_empty() {
        return Err(refusal(&refused));
    }
    for arrival in context.arrivals.values().filter(|arrival| !arrival.is_known) {
        if arrival.decision == Decision::Accepted {
            let vintage = arrival.vintage(context, false)?;
            context.scratch.add_vintage(&arrival.slice.table.name, &vintage)?;
        }
    }
    Ok(())
}

/// Keeps for the history that a file was read to its end.
///
/// # Errors
/// Of the lake.
pub(super) fn keep_vintage(context: &RunContext, slice: &SliceId) -> Result<()> {
    match context.arrivals.get(slice) {
        Some(arrival) => {
            context.scratch.add_vintage(&slice.table.name, &arrival.vintage(context, true)?)
        }
        None => Ok(()),
    }
}

fn refusal(refused: &[&Arrival]) -> Error {
    let sources: BTreeSet<&str> =
        refused.iter().map(|arrival| arrival.slice.table.name.as_str()).collect();
    let text = |arrival: &&Arrival| {
        let source = &arrival.slice.table.name;
        format!("the source {source} is frozen, and {}", arrival.text())
    };
    let mut messages = refused.iter().map(text);
    let first = messages.next().unwrap_or_default();
    let more = refused.iter().skip(1).zip(messages);
    let more: String =
        more.map(|(arrival, text)| format!("\n{}: {text}", printable(&arrival.path))).collect();
    let accept: Vec<String> =
        sources.into_iter().map(|source| format!("--accept-drift {source}")).collect();
    Error::RawInput {
        file: refused.first().map(|arrival| arrival.path.clone()),
        line: None,
        column: None,
        message: format!("{first}{more}"),
        hint: Some(format!(
            "a renamed column goes into the codebook, under `header`; to take the files as they \
             are: `honkvast run {}`",
            accept.join(" ")
        )),
    }
}

/// The newest vintage of each year in which something changed, by source.
///
/// # Errors
/// Of the lake's history.
pub fn standing(study: &Study, lake: &Lake) -> Result<Vec<(String, Vintage)>> {
    let mut standing = Vec::new();
    for name in study.sources.keys() {
        let ingested = lake.vintages(name)?.into_iter().filter(|vintage| vintage.is_ingested);
        let newest: BTreeMap<Option<i32>, Vintage> =
            ingested.map(|vintage| (vintage.file.year, vintage)).collect();
        let drifted = newest.into_values().filter(|vintage| !vintage.drift.is_none());
        standing.extend(drifted.map(|vintage| (name.clone(), vintage)));
    }
    Ok(standing)
}
