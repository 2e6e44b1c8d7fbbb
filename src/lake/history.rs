//! Runs as the ledger has them: what each did and how it ended.

use std::collections::BTreeMap;

use super::ledger::Event;
use super::{Lake, RunId};
use crate::durable::seal::{self, Seal};
use crate::error::{IoContext, Result};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It has the lake now.
    Running,
    /// It ended with exit code 0.
    Done,
    /// It ended with another exit code.
    Failed,
    /// It did not come to its end.
    Killed,
}

/// A run in one line.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RunSummary {
    /// The run.
    pub run: RunId,
    /// When it started, RFC 3339 in UTC.
    pub started: String,
    /// When it ended.
    pub ended: Option<String>,
    /// What it was started as.
    pub command: String,
    /// The study.
    pub study: String,
    /// Version of honkvast.
    pub version: String,
    /// How it ended.
    pub status: RunStatus,
    /// The process's exit code.
    pub exit_code: Option<u8>,
    /// The error, if it failed.
    pub message: Option<String>,
    /// Time it took.
    pub seconds: Option<f64>,
    /// Slices made.
    pub made: usize,
    /// Slices that needed no making after all.
    pub unchanged: usize,
    /// Slices that failed.
    pub failed: usize,
    /// Slices that were not made, since what they need failed.
    pub skipped: Vec<String>,
    /// What was no failure and somebody should look at.
    pub warnings: Vec<String>,
    /// Slices of a former version that were taken over.
    pub adopted: usize,
    /// `current` moved.
    pub moved_current: bool,
    /// The release it made or found, where it came to that.
    pub released: Option<String>,
    /// It left a candidate.
    pub kept_candidate: bool,
    /// It was a `gc`.
    pub is_gc: bool,
    /// The `gc` that removed what it left, where one did; what is current or of
    /// a kept run stayed.
    pub collected_by: Option<RunId>,
    /// Lines of its ledger that are not as they were written.
    pub damaged_lines: usize,
}

impl Lake {
    /// All runs of the ledger, the newest first.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn runs(&self) -> Result<Vec<RunSummary>> {
        let mut holder = self.holder()?.map(|holder| holder.pid);
        // The newest comes first, so a `gc` is read before what it removed.
        let mut collected: BTreeMap<RunId, RunId> = BTreeMap::new();
        let mut runs = Vec::new();
        for run in self.run_ids()?.into_iter().rev() {
            let events = self.events(&run)?;
            if events.is_empty() {
                continue;
            }
            let mut summary = summary(&run, &events, holder);
            // An older run of the same process id was killed.
            holder = holder.filter(|_| summary.status != RunStatus::Running);
            summary.collected_by = collected.remove(&summary.run);
            collected.extend(events.iter().flat_map(collected_runs).map(|of| (of, run.clone())));
            runs.push(summary);
        }
        Ok(runs)
    }

    /// A run that ended, in one line; none where there is no such run.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn ended_run(&self, run: &RunId) -> Result<Option<RunSummary>> {
        let events = self.events(run)?;
        Ok((!events.is_empty()).then(|| summary(run, &events, None)))
    }

    /// Whether the newest run that came to its plan was of this definition, by its
    /// hash, and of this build. Where the ledger does not say, it was not.
    pub fn has_planned(&self, definition: &str, build: &str) -> bool {
        let is_it = |event: &Event| match event {
            Event::RunStarted { definition: Some(of), build: Some(by), .. } => {
                of.hash == definition && by == build
            }
            _ => false,
        };
        let is_plan = |event: &Event| matches!(event, Event::Planned { .. });
        let runs = self.run_ids().unwrap_or_default().into_iter().rev();
        let mut all = runs.map(|run| self.events(&run).unwrap_or_default());
        all.find(|events| events.iter().any(is_plan)).is_some_and(|events| events.iter().any(is_it))
    }

    /// The events of a run in their order; none where there is no such run. A
    /// last line that a kill cut short is left out, and a damaged line is told
    /// as such.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn events(&self, run: &RunId) -> Result<Vec<Event>> {
        let path = self.ledger_path(run);
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.at("read", &path)?,
        };
        let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
        let whole = lines.filter(|(_, line)| line.ends_with(b"\n"));
        let event = |(index, line): (usize, &[u8])| {
            let is_whole = seal::check(line) != Seal::Broken;
            let event = is_whole.then(|| serde_json::from_slice(line).ok()).flatten();
            event.unwrap_or(Event::Damaged { line: index + 1 })
        };
        Ok(whole.map(event).collect())
    }
}

fn collected_runs(event: &Event) -> Vec<RunId> {
    match event {
        Event::Collected { runs, .. } => runs.clone(),
        _ => Vec::new(),
    }
}

/// Sums up a run; what a damaged line would say of it stays empty.
fn summary(run: &RunId, events: &[Event], holder: Option<u32>) -> RunSummary {
    let mut summary = RunSummary {
        run: run.clone(),
        started: run.started().to_string(),
        ended: None,
        command: String::new(),
        study: String::new(),
        version: String::new(),
        status: RunStatus::Killed,
        exit_code: None,
        message: None,
        seconds: None,
        made: 0,
        unchanged: 0,
        failed: 0,
        skipped: Vec::new(),
        warnings: Vec::new(),
        adopted: 0,
        moved_current: false,
        released: None,
        kept_candidate: false,
        is_gc: false,
        collected_by: None,
        damaged_lines: 0,
    };
    for event in events {
        summary.take(event, holder);
    }
    summary
}

impl RunSummary {
    fn take(&mut self, event: &Event, holder: Option<u32>) {
        match event {
            Event::RunStarted { at, command, study, version, pid, .. } => {
                self.started = at.clone();
                self.command = command.clone();
                self.study = study.clone();
                self.version = version.clone();
                if holder == Some(*pid) {
                    self.status = RunStatus::Running;
                }
            }
            Event::Damaged { .. } => self.damaged_lines += 1,
            Event::SliceMade { .. } => self.made += 1,
            Event::SliceUnchanged { .. } => self.unchanged += 1,
            Event::SliceFailed { .. } => self.failed += 1,
            Event::Skipped { slices } => self.skipped.extend(slices.iter().cloned()),
            Event::Checked { name, level, rows, .. } if level == "warn" && *rows > 0 => {
                self.warnings.push(format!("check {name}: {rows} rows"));
            }
            Event::Drifted { slice, file, drift, decision, .. } => {
                self.warnings.push(format!("{slice}: {file}: {drift} ({decision})"));
            }
            Event::Shrunk { slice, file, decision, .. } => {
                let smaller = "smaller than the vintage before it";
                self.warnings.push(format!("{slice}: {file}: {smaller} ({decision})"));
            }
            Event::CurrentMoved { .. } => self.moved_current = true,
            Event::CurrentMovedBack => self.moved_current = false,
            Event::CandidateKept { .. } => self.kept_candidate = true,
            Event::Adopted { .. } => self.adopted += 1,
            Event::Collected { .. } => self.is_gc = true,
            Event::Released { id, .. } => self.released = Some(id.clone()),
            Event::RunEnded { at, exit_code, message, seconds, .. } => {
                self.ended = Some(at.clone());
                self.status = if *exit_code == 0 { RunStatus::Done } else { RunStatus::Failed };
                self.exit_code = Some(*exit_code);
                self.message = message.clone();
                self.seconds = Some(*seconds);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::AtomicU8;

    use super::RunStatus::{Done, Failed, Killed, Running};
    use super::*;
    use crate::lake::now_text;
    use crate::pipeline::files::Origin;

    fn started(run: &RunId, pid: u32) -> Event {
        Event::RunStarted {
            run: run.clone(),
            at: now_text(),
            command: "honkvast run".to_owned(),
            study: "s".to_owned(),
            version: "0.1.0".to_owned(),
            build: None,
            pid,
            definition: None,
            threads: None,
            memory_limit: None,
        }
    }

    fn ended(exit_code: u8) -> Event {
        let message = (exit_code != 0).then(|| "why".to_owned());
        Event::RunEnded { at: now_text(), exit_code, message, seconds: 0.25, peak_rss: None }
    }

    #[test]
    fn runs_are_told_newest_first_with_their_end() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let pid = std::process::id();
        let released = || Event::Released { id: "r".to_owned(), changed: true };
        let runs = [
            vec![released(), ended(0)],
            vec![Event::CandidateKept { why: "a check".to_owned() }, ended(3)],
            vec![],
            vec![],
        ];
        for events in runs {
            let run = RunId::now();
            let ledger = lake.ledger(&run).unwrap();
            ledger.append(&started(&run, pid)).unwrap();
            events.iter().for_each(|event| ledger.append(event).unwrap());
            assert_eq!(lake.events(&run).unwrap().len(), events.len() + 1);
        }
        let status = || lake.runs().unwrap().iter().map(|run| run.status).collect::<Vec<_>>();
        assert_eq!(status(), [Killed, Killed, Failed, Done]);
        let runs = lake.runs().unwrap();
        assert_eq!((runs[2].exit_code, runs[2].kept_candidate), (Some(3), true));
        assert_eq!((runs[3].released.as_deref(), runs[3].seconds), (Some("r"), Some(0.25)));
        let _lock = lake.lock("honkvast run", None, &AtomicU8::new(0)).unwrap();
        assert_eq!(status(), [Running, Killed, Failed, Done]);
    }

    #[test]
    fn a_definition_is_planned_where_the_newest_plan_is_of_it_and_of_the_build() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let add = |of: Option<&str>, by: Option<&str>, has_plan: bool| {
            let run = lake.next_run().unwrap();
            let mut event = started(&run, 1);
            if let Event::RunStarted { definition, build, .. } = &mut event {
                *definition = of.map(|hash| Origin { folder: None, hash: hash.to_owned() });
                *build = by.map(str::to_owned);
            }
            let ledger = lake.ledger(&run).unwrap();
            ledger.append(&event).unwrap();
            let (will_make, if_changed, up_to_date) = (Vec::new(), Vec::new(), 1);
            if has_plan {
                ledger.append(&Event::Planned { will_make, if_changed, up_to_date }).unwrap();
            }
        };
        assert!(!lake.has_planned("d", "b"), "no ledger");
        add(Some("d"), Some("b"), false);
        assert!(!lake.has_planned("d", "b"), "it did not come to its plan");
        add(Some("d"), Some("b"), true);
        assert!(lake.has_planned("d", "b"));
        assert!(!lake.has_planned("e", "b"), "another definition");
        assert!(!lake.has_planned("d", "c"), "another build");
        add(Some("e"), Some("c"), false);
        assert!(lake.has_planned("d", "b"), "what has no plan is passed over");
        add(Some("d"), None, true);
        assert!(!lake.has_planned("d", "b"), "the newest is of a version that does not say");
        add(None, Some("b"), true);
        assert!(!lake.has_planned("d", "b"), "nor does this one");
        add(Some("e"), Some("b"), true);
        assert!(lake.has_planned("e", "b") && !lake.has_planned("d", "b"));
    }

    #[test]
    fn a_line_that_a_kill_cut_short_is_left_out() {
        let temp = tempfile::tempdir().unwrap();
        let lake = Lake::open(temp.path(), "s").unwrap();
        let run = RunId::now();
        lake.ledger(&run).unwrap().append(&started(&run, 1)).unwrap();
        let path = lake.ledger_path(&run);
        let append = |text: &str| {
            let mut file = std::fs::File::options().append(true).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        append("{\"event\":\"of_a_later_version\",\"x\":1}\n{\"event\":\"slice_ma");
        let events = lake.events(&run).unwrap();
        assert_eq!((events.len(), &events[1]), (2, &Event::Unknown));
        append("\n");
        assert_eq!(lake.events(&run).unwrap()[2], Event::Damaged { line: 3 });
        assert_eq!(lake.runs().unwrap()[0].damaged_lines, 1);
        let whole = std::fs::read(&path).unwrap();
        lake.drop_cut_line().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        append("{\"event\":\"sli");
        lake.drop_cut_line().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        // Killed before it told anything.
        std::fs::write(&path, "{\"ev").unwrap();
        lake.drop_cut_line().unwrap();
        assert!(!path.exists());
    }
}
