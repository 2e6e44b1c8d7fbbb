//! A run makes what a change asks for and nothing else: its plan, its ledger,
//! the tables before and after, and a lake made from scratch say the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::chain::{Chain, Files, assert_same_files};
use crate::edits::{change_sector, change_wage, make_second_job_the_main_one};

const PERSONS: u32 = 400;

/// A study that has run once, by a definition that can be changed.
pub(crate) fn chain_that_ran() -> Chain {
    Chain::that_ran(PERSONS, 7)
}

/// A plan as `plan --json` has it.
pub(crate) struct Planned {
    /// Slices that will be made, with reasons.
    pub(crate) will: BTreeMap<String, String>,
    /// Slices that are made if an upstream changes.
    pub(crate) may: BTreeSet<String>,
}

/// The plan of a run of everything.
pub(crate) fn planned(chain: &Chain, state: &str) -> Planned {
    let plan = chain.json(state, &["plan", "--json"]);
    let lines = plan["slices"].as_array().unwrap();
    let of = |wanted: &'static str| lines.iter().filter(move |line| line["state"] == wanted);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    Planned {
        will: of("will_be_made").map(|line| (text(line, "slice"), text(line, "reason"))).collect(),
        may: of("made_if_changed").map(|line| text(line, "slice")).collect(),
    }
}

/// What the current tables are made of: content and upstream contents.
type Contents = BTreeMap<String, (String, BTreeMap<String, String>)>;

fn contents(chain: &Chain, state: &str) -> Contents {
    let files = chain.current(state);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entry = |entry: &Value| {
        let upstreams = entry["upstreams"].as_array().unwrap().iter();
        let upstreams = upstreams.map(|seen| (text(&seen["slice"]), text(&seen["content"])));
        (text(&entry["slice"]), (text(&entry["content"]), upstreams.collect()))
    };
    manifest["slices"].as_array().unwrap().iter().map(entry).collect()
}

/// Runs everything and holds what was made against the plan, the ledger and
/// the contents before and after; gives the slices made and those of them that
/// have another content than before.
fn run_by_its_plan(chain: &Chain, state: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let plan = planned(chain, state);
    let before = contents(chain, state);
    let made: BTreeSet<String> = chain.run(state).into_iter().collect();
    let after = contents(chain, state);
    for slice in plan.will.keys() {
        assert!(made.contains(slice), "{slice} was to be made and was not");
    }
    let mut changed = BTreeSet::new();
    for (slice, (content, upstreams)) in &after {
        let (old_content, old_upstreams) = &before[slice];
        let sees_change = upstreams != old_upstreams;
        let is_expected = plan.will.contains_key(slice) || sees_change;
        assert_eq!(made.contains(slice), is_expected, "{slice}");
        assert!(!sees_change || plan.will.contains_key(slice) || plan.may.contains(slice));
        if content != old_content {
            assert!(made.contains(slice), "{slice} changed without being made");
            changed.insert(slice.clone());
        }
    }
    let event_slices = |is_wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let events = chain.events(state, "slice_made");
        let wanted = events.iter().filter(|event| is_wanted(event));
        wanted.map(|event| event["slice"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(event_slices(&|_| true), made);
    assert_eq!(event_slices(&|event| event["changed"] == true), changed);
    assert_same_plan(chain, state, &plan);
    (made, changed)
}

/// The ledger has the plan that `plan` told, with the same reasons.
fn assert_same_plan(chain: &Chain, state: &str, plan: &Planned) {
    let event = &chain.events(state, "planned")[0];
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let will = event["will_make"].as_array().unwrap().iter();
    let will: BTreeMap<String, String> =
        will.map(|line| (text(line, "slice"), text(line, "reason"))).collect();
    assert_eq!(will, plan.will);
    let may = event["if_changed"].as_array().unwrap().iter();
    assert_eq!(may.map(|line| text(line, "slice")).collect::<BTreeSet<_>>(), plan.may);
}

/// All tables and the release are those of a lake that is made from scratch.
fn assert_as_from_scratch(chain: &Chain, state: &str) {
    chain.run("scratch");
    assert_same_files(&chain.release(state), &chain.release("scratch"));
    assert_same_files(&chain.current(state), &chain.current("scratch"));
}

fn assert_nothing_to_do(chain: &Chain, state: &str) {
    let release = chain.release(state);
    let plan = chain.succeed(state, &["plan", "--exit-code"]);
    assert!(plan.ends_with(" slices are up to date\n"), "{plan}");
    let text = chain.succeed(state, &["run"]);
    assert!(text.starts_with("nothing to do in "), "{text}");
    assert_eq!(chain.events(state, "slice_made"), Vec::<Value>::new());
    assert_same_files(&release, &chain.release(state));
}

/// The published tables are the same; the description of the release, which
/// names its inputs, may be another.
fn assert_same_tables(one: &Files, other: &Files) {
    let tables = |files: &Files| {
        let is_table = |name: &str| !["release.json", "report.html", "b3sums.txt"].contains(&name);
        let files = files.iter().filter(|(name, _)| is_table(name));
        files.map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    };
    assert_same_files(&tables(one), &tables(other));
}

fn set(slices: &[&str]) -> BTreeSet<String> {
    slices.iter().map(|slice| (*slice).to_owned()).collect()
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let chain = chain_that_ran();
    assert_nothing_to_do(&chain, "one");
    assert_as_from_scratch(&chain, "one");
}

#[test]
fn a_wage_that_decides_nothing_is_followed_as_far_as_it_shows() {
    let chain = chain_that_ran();
    let release = chain.release("one");
    change_wage(&chain, 2017);
    let will = planned(&chain, "one").will;
    let reason = "file SPOLISBUS/2017/SPOLISBUS2017V1.csv changed";
    assert_eq!(will, BTreeMap::from([("raw.jobs 2017".to_owned(), reason.to_owned())]));
    let (made, changed) = run_by_its_plan(&chain, "one");
    let stages = [
        "raw.jobs 2017",
        "staging.job_periods 2017",
        "staging.job_terms 2017",
        "core.pay_periods 2017",
        "core.job_periods 2017",
        "core.job_spells 2017",
        "core.open_jobs 2017",
    ];
    assert_eq!(changed, set(&stages));
    // These read what changed, and come out as they were: nothing behind them.
    let cut_off = [
        "staging.person_key_counts 2017",
        "core.main_jobs 2017",
        "core.main_job_terms 2017",
        "core.employed_pairs 2016",
        "core.employed_pairs 2017",
        "out.job_inclusion 2017",
    ];
    assert_eq!(made, set(&[&stages[..], &cut_off[..]].concat()));
    assert_same_tables(&release, &chain.release("one"));
    assert_as_from_scratch(&chain, "one");
}

#[test]
fn a_wage_that_makes_another_job_the_main_one_changes_both_transitions_of_its_year() {
    let chain = chain_that_ran();
    let release = chain.release("one");
    make_second_job_the_main_one(&chain, 2018);
    let (made, changed) = run_by_its_plan(&chain, "one");
    for slice in ["core.person_years 2018", "core.transitions 2017", "core.transitions 2018"] {
        assert!(changed.contains(slice), "{slice} did not change: {changed:?}");
    }
    let other_years = ["2016", "2019"];
    // It reads all years, for those before its own.
    let looks_back = "out.redirectable_register";
    assert!(!changed.contains(&format!("{looks_back} 2016")), "{changed:?}");
    for slice in made.iter().filter(|slice| !slice.starts_with(looks_back)) {
        let year = slice.split_once(' ').map(|(_, year)| year);
        assert!(year.is_none_or(|year| !other_years.contains(&year)), "{slice}");
    }
    assert_ne!(release, chain.release("one"));
    assert_as_from_scratch(&chain, "one");
}

#[test]
fn a_sector_code_of_one_year_is_followed_to_the_release() {
    let chain = chain_that_ran();
    let release = chain.release("one");
    change_sector(&chain, 2017);
    let (made, changed) = run_by_its_plan(&chain, "one");
    for slice in ["staging.employers 2017", "core.main_jobs 2017", "core.transitions 2017"] {
        assert!(changed.contains(slice), "{slice} did not change: {changed:?}");
    }
    for slice in ["staging.job_periods 2017", "core.main_jobs 2018", "core.transitions 2018"] {
        assert!(!made.contains(slice), "{slice} was made");
    }
    assert_ne!(release, chain.release("one"));
    assert_as_from_scratch(&chain, "one");
}

#[test]
fn a_correction_that_is_taken_back_is_pending_until_the_old_state_is_current_again() {
    let chain = chain_that_ran();
    let (release, current) = (chain.release("one"), chain.current("one"));
    let raw = chain.path("raw/SPOLISBUS/2018/SPOLISBUS2018V1.csv");
    let original = std::fs::read(&raw).unwrap();
    make_second_job_the_main_one(&chain, 2018);
    chain.run("one");
    assert_ne!(release, chain.release("one"));
    std::fs::write(&raw, original).unwrap();
    let output = chain.output("one", &["plan", "--exit-code"]);
    assert_eq!(output.status.code(), Some(10), "what is current is not what the files say");
    let text = chain.succeed("one", &["run"]);
    assert!(text.starts_with("no slice to make, brought up to date in "), "{text}");
    assert_same_files(&release, &chain.release("one"));
    assert_same_files(&current, &chain.current("one"));
    assert_nothing_to_do(&chain, "one");
}

#[test]
fn another_threshold_of_links_remakes_only_them_and_what_reads_them() {
    let chain = Chain::techniek(1500, 6).with_own_definition();
    chain.run("one");
    let study = chain.path("pipelines/techniek.toml");
    let text = std::fs::read_to_string(&study).unwrap();
    let text = text.replace("least_headcount = 5", "least_headcount = 6");
    std::fs::write(&study, text).unwrap();
    let (made, changed) = run_by_its_plan(&chain, "one");
    let tables: BTreeSet<&str> =
        made.iter().map(|slice| slice.split(' ').next().unwrap()).collect();
    let expected = [
        "core.employer_evidence",
        "core.employer_links",
        "core.transitions",
        "core.employed_pairs",
        "core.employer_successors",
        "core.survey_employers",
        "core.survey_transitions",
        "core.attrition_cells",
        "core.attrition_factors",
        "core.pair_weights",
        "core.retention_pairs",
        "core.retention_scores",
        "core.switch_scores",
        "core.reason_pairs",
        "core.reason_counts",
        "core.reason_ages",
        "core.survey_scores",
        "core.survey_estimates",
        "core.household_residuals",
        "core.survey_intervals",
        "out.sectors",
        "out.workforce",
        "out.attrition",
        "out.retention",
        "out.leaver_destinations",
        "out.switches_by_function",
        "out.survey_quality",
        "out.finding_estimates",
        "out.education_match",
        "out.employer_link_summary",
        "out.employer_switches",
        "out.register_transitions",
        "out.mobility_by_age",
        "out.age_gradients",
        "out.youth_mobility",
        "out.youth_destinations",
        "out.flow_accounts",
        "out.finding_counts",
        "out.finding_ratios",
        "out.reasons",
        "out.findings",
    ];
    assert_eq!(tables, BTreeSet::from(expected));
    assert!(changed.contains("core.employer_links 2016"), "{changed:?}");
    assert!(changed.contains("out.findings"), "{changed:?}");
    // All intervals are of one table; those of one day's answers are as they were.
    assert!(!changed.contains("out.sectors") && !changed.contains("out.workforce"));
    // Nobody is in another cell of the accounts, which are by the numbers.
    assert!(!changed.iter().any(|slice| slice.starts_with("out.flow_accounts")));
}
