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
use super::volume::{Shrinkage, comparable_bytes};
use crate::error::{Error, IoContext, Result, printable};
use crate::ingest::{RawFile, Request, read_layout};
use crate::lake::{Decision, Event, Lake, Vintage, VintageFile, Volume, now_text};
use crate::pipeline::codebook::{Codebook, Format};
use crate::pipeline::drift::{Dated, Drift, DriftPolicy, compare};
use crate::pipeline::file_pattern::YearPart;
use crate::pipeline::layout::Layout;
use crate::pipeline::names::suggestion;
use crate::pipeline::study::Source;
use crate::pipeline::{Layer, SliceId, Study};
use crate::plan::{State, plan};
use crate::stop::Stop;

/// Sources of which files are taken as they are.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    /// Though their columns changed.
    pub drift: Vec<String>,
    /// Though they are smaller than the vintage before, or older.
    pub volume: Vec<String>,
}

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
    /// Its size, held against that of the vintage before it.
    pub volume: Shrinkage,
    /// Where it lies.
    pub(super) path: PathBuf,
    layout: Layout,
    /// The history knows the file as accepted.
    is_known: bool,
    /// The history knows its size as accepted.
    has_known_volume: bool,
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
pub(super) fn look(
    setup: &Setup,
    inventory: &Inventory,
    known: &Known,
    lake: Option<&Lake>,
    accepted: &Accepted,
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
        for (slice, file) in inventory.files_of(&slices) {
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
            arrivals.push(desk.hold(slice, file, layout, accepted)?);
        }
    }
    Ok(arrivals)
}

/// Says whether the file is one that the codebook knows; of another the drift
/// would be all of its columns, and ingest says more.
fn is_of_codebook(layout: &Layout, year: Option<i32>, codebook: &Codebook) -> bool {
    let names: Vec<String> = layout.columns.iter().map(|column| column.name.clone()).collect();
    !codebook.format.has_column_names() || codebook.known_names(&names, year).are_enough()
}

/// One source, its years looked at in their order.
struct Desk<'a> {
    source: &'a Source,
    lake: Option<&'a Lake>,
    history: Vec<Vintage>,
    /// What this plan ingests.
    met: BTreeMap<YearPart, Before>,
}

/// A vintage that another one is held against.
type Before = (VintageFile, Layout, Volume);

impl Desk<'_> {
    fn hold(
        &mut self,
        slice: &SliceId,
        raw_file: &RawFile,
        layout: Layout,
        accepted: &Accepted,
    ) -> Result<Arrival> {
        let RawFile { path, name, year, part, version } = raw_file.clone();
        let file = VintageFile { name, year, part, version };
        let (source_name, of) = (&slice.table.name, file.year_part());
        let has_met = self.history.iter().any(|vintage| vintage.file.year_part() == of);
        let hash = match self.lake.filter(|_| has_met) {
            Some(lake) => lake.fingerprint(&path)?,
            None => String::new(),
        };
        let is_same = |vintage: &&Vintage| vintage.hash == hash && vintage.file.year_part() == of;
        let is_known = self.history.iter().any(|vintage| is_same(&vintage));
        let mut known = self.history.iter().filter(is_same);
        let has_known_volume =
            known.any(|vintage| vintage.is_ingested || vintage.has_accepted_volume);
        let before = self.before(&of, &hash);
        let volume = Shrinkage {
            now: Volume { bytes: Some(path.metadata().at("read", &path)?.len()), records: None },
            before: before
                .as_ref()
                .map(|before| self.volume_before(before, &file))
                .unwrap_or_default(),
            guard_ppm: self.source.volume_guard_ppm,
            is_accepted: accepted.volume.contains(source_name) || has_known_volume,
        };
        let drift = before.as_ref().map(|(before, old, _)| {
            let before = Dated { year: before.year, layout: old };
            compare(before, Dated { year: file.year, layout: &layout }, &self.source.codebook)
        });
        let decision = match &drift {
            None => Decision::First,
            Some(drift) if drift.is_none() => Decision::Same,
            Some(_) if self.source.drift == DriftPolicy::Follow => Decision::Followed,
            Some(_) if accepted.drift.contains(source_name) || is_known => Decision::Accepted,
            Some(_) => Decision::Refused,
        };
        self.met.insert(of, (file.clone(), layout.clone(), volume.now));
        let drift = drift.unwrap_or_default();
        let compared_with = before.map(|(before, ..)| before);
        Ok(Arrival {
            slice: slice.clone(),
            file,
            compared_with,
            drift,
            decision,
            volume,
            path,
            layout,
            is_known,
            has_known_volume,
        })
    }

    /// The size of a vintage, as far as that of a file can be held against it.
    fn volume_before(&self, (before, _, volume): &Before, file: &VintageFile) -> Volume {
        if before.part != file.part {
            return Volume::default();
        }
        // The bytes of an SPSS file depend on how it was compressed.
        let is_text = !matches!(self.source.codebook.format, Format::Spss(_));
        let bytes = comparable_bytes(volume.bytes, &before.name, &file.name);
        Volume { bytes: bytes.filter(|_| is_text), records: volume.records }
    }

    /// The former version of the file's year and part; where there is none, the
    /// vintage of the nearest earlier year, as it is or as this plan makes it: of
    /// the same part, else of another one, the file's own year first.
    fn before(&self, of: &YearPart, hash: &str) -> Option<Before> {
        let ingested = || self.history.iter().filter(|vintage| vintage.is_ingested);
        let taken =
            |vintage: &Vintage| (vintage.file.clone(), vintage.layout.clone(), vintage.volume);
        let is_former =
            |vintage: &&Vintage| vintage.file.year_part() == *of && vintage.hash != hash;
        if let Some(former) = ingested().rfind(is_former) {
            return Some(taken(former));
        }
        let mut earlier: BTreeMap<YearPart, Before> =
            ingested().map(|vintage| (vintage.file.year_part(), taken(vintage))).collect();
        earlier.extend(self.met.clone());
        earlier.retain(|known, _| known < of);
        let (year, part) = of;
        let of_part = earlier.iter().rfind(|((known, same), _)| known < year && same == part);
        of_part.or(earlier.iter().next_back()).map(|(_, vintage)| vintage.clone())
    }
}

impl Arrival {
    /// There is something to say of it.
    pub fn is_told(&self) -> bool {
        !self.drift.is_none() || self.volume.decision() != Decision::Same
    }

    /// Says in words what changed.
    pub fn text(&self) -> String {
        let before = self.compared_with.as_ref().map_or("", |file| file.name.as_str());
        format!("its columns are not those of {before}: {}", self.drift)
    }

    /// What the history keeps; of a file that was read with its records.
    fn vintage(&self, context: &RunContext, records: Option<u64>) -> Result<Vintage> {
        Ok(Vintage {
            file: self.file.clone(),
            hash: context.lake.fingerprint(&self.path)?,
            run: context.run.clone(),
            at: now_text(),
            is_ingested: records.is_some(),
            compared_with: self.compared_with.clone(),
            drift: self.drift.clone(),
            decision: self.decision,
            layout: self.layout.clone(),
            volume: Volume { records, ..self.volume.now },
            has_accepted_volume: self.volume.decision() == Decision::Accepted,
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
    for arrival in context.arrivals.iter().filter(|arrival| !arrival.drift.is_none()) {
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
    match refused.is_empty() {
        true => Ok(()),
        false => Err(refusal(&refused)),
    }
}

/// Keeps for the history what was accepted, whatever becomes of the run.
///
/// # Errors
/// Of the lake.
pub(super) fn keep_accepted(context: &RunContext) -> Result<()> {
    for arrival in &context.arrivals {
        let is_news = arrival.decision == Decision::Accepted && !arrival.is_known;
        let has_news = arrival.volume.decision() == Decision::Accepted && !arrival.has_known_volume;
        if is_news || has_news {
            let vintage = arrival.vintage(context, None)?;
            context.scratch.add_vintage(&arrival.slice.table.name, &vintage)?;
        }
    }
    Ok(())
}

/// Keeps for the history that a file was read to its end.
///
/// # Errors
/// Of the lake.
pub(super) fn keep_vintage(
    context: &RunContext,
    slice: &SliceId,
    file: &RawFile,
    records: u64,
) -> Result<()> {
    match context.arrival(slice, file) {
        Some(arrival) => {
            let vintage = arrival.vintage(context, Some(records))?;
            context.scratch.add_vintage(&slice.table.name, &vintage)
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
            "a column of another name or place goes into the codebook, under `header` or \
             `position`; to take the files as they are: `honkvast run {}`",
            accept.join(" ")
        )),
    }
}

/// The newest vintage of each year and part in which something changed, by source.
///
/// # Errors
/// Of the lake's history.
pub fn standing(study: &Study, lake: &Lake) -> Result<Vec<(String, Vintage)>> {
    let mut standing = Vec::new();
    for name in study.sources.keys() {
        let ingested = lake.vintages(name)?.into_iter().filter(|vintage| vintage.is_ingested);
        let newest: BTreeMap<YearPart, Vintage> =
            ingested.map(|vintage| (vintage.file.year_part(), vintage)).collect();
        let drifted = newest.into_values().filter(|vintage| !vintage.drift.is_none());
        standing.extend(drifted.map(|vintage| (name.clone(), vintage)));
    }
    Ok(standing)
}
