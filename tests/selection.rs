//! Changes of the definition, of names and of columns, and runs of a part:
//! only what is asked for is made, and a mixed state never becomes current.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use crate::chain::{Chain, assert_same_files, texts};
use crate::edits::{change_column, jobs_file, make_second_job_the_main_one};
use crate::incremental::{chain_that_ran, planned};
use crate::rows::{file_rows, rows};
use crate::workplace::stderr;

fn edit(chain: &Chain, file: &str, from: &str, to: &str) {
    let path = chain.path(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn assert_nothing_pending(chain: &Chain) {
    let plan = chain.succeed("one", &["plan", "--exit-code"]);
    assert!(plan.ends_with(" slices are up to date\n"), "{plan}");
    let text = chain.succeed("one", &["run"]);
    assert!(text.starts_with("nothing to do in "), "{text}");
}

fn made(chain: &Chain, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["run", "--json"];
    all.extend(arguments);
    texts(&chain.json("one", &all)["made"])
}

fn exit_code_of_plan(chain: &Chain, state: &str) -> Option<i32> {
    chain.output(state, &["plan", "--exit-code"]).status.code()
}

#[test]
fn the_plan_says_by_its_exit_code_whether_work_is_pending() {
    let chain = Chain::techniek(400, 8);
    assert_eq!(exit_code_of_plan(&chain, "one"), Some(10));
    chain.run("one");
    assert_eq!(exit_code_of_plan(&chain, "one"), Some(0));
    change_column(&chain, 2018, "SVOLTIJDDAGEN", "7,77");
    assert_eq!(exit_code_of_plan(&chain, "one"), Some(10));
    assert!(chain.output("one", &["plan"]).status.success());
    chain.run("one");
    assert_eq!(exit_code_of_plan(&chain, "one"), Some(0));
    std::fs::remove_file(chain.path("one/release/current")).unwrap();
    assert_eq!(exit_code_of_plan(&chain, "one"), Some(10), "the release is gone");
}

#[test]
fn a_column_that_no_sql_reads_changes_nothing_after_staging() {
    let chain = chain_that_ran();
    let release = chain.release("one");
    change_column(&chain, 2018, "SVOLTIJDDAGEN", "7,77");
    let staging =
        ["staging.job_periods 2018", "staging.job_terms 2018", "staging.person_key_counts 2018"];
    let made: BTreeSet<String> = chain.run("one").into_iter().collect();
    assert_eq!(
        made,
        [&["raw.jobs 2018"][..], &staging].concat().iter().map(ToString::to_string).collect()
    );
    for event in chain.events("one", "slice_made") {
        assert_eq!(event["changed"], event["slice"] == "raw.jobs 2018", "{event}");
    }
    assert_same_files(&release, &chain.release("one"));
}

#[test]
fn a_column_outside_the_codebook_changes_nothing_after_its_raw_slice() {
    let chain = chain_that_ran();
    let release = chain.release("one");
    change_column(&chain, 2018, "SVAKBIJDRAGE", "7,77");
    assert_eq!(chain.run("one"), ["raw.jobs 2018"]);
    assert_eq!(chain.events("one", "slice_made")[0]["changed"], false);
    assert_same_files(&release, &chain.release("one"));
}

#[test]
fn comments_and_white_space_change_nothing() {
    let chain = chain_that_ran();
    let sql = "sql/techniek/core/main_jobs.sql";
    edit(&chain, sql, "with open_jobs", "-- Said again.\nwith   open_jobs\n\n");
    edit(&chain, "sql/techniek/checks/survey_pairs_lie_a_year_apart.sql", "select", "select  ");
    edit(
        &chain,
        "pipelines/techniek.toml",
        "technical_share = 0.40",
        "# Two fifths.\ntechnical_share   =  0.40 # so",
    );
    edit(&chain, "pipelines/codebooks/spolisbus.toml", "[[columns]]", "# Columns.\n\n[[columns]]");
    edit(&chain, "pipelines/codebooks/spolisbus.toml", "label     = \"", "label = \"Indeed: ");
    assert_nothing_pending(&chain);
}

#[test]
fn raw_files_that_are_touched_or_written_again_change_nothing() {
    let chain = chain_that_ran();
    let touched = std::fs::File::options().append(true).open(jobs_file(&chain, 2017)).unwrap();
    touched.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
    let again = jobs_file(&chain, 2018);
    let bytes = std::fs::read(&again).unwrap();
    std::fs::remove_file(&again).unwrap();
    std::fs::write(&again, bytes).unwrap();
    assert_nothing_pending(&chain);
}

/// The share between the two sectors in the middle: others than now are
/// technical, and still not all or none.
fn another_share(chain: &Chain) -> String {
    let sectors = file_rows(&chain.path("one/release/current/sectors.csv"));
    let registered = sectors.iter().filter(|row| row["survey_sector"] == "register");
    let mut shares: Vec<String> = registered.map(|row| row["technical_share"].clone()).collect();
    shares.sort();
    shares.dedup();
    let above: Vec<&String> = shares.iter().filter(|share| share.as_str() > "0.400000").collect();
    assert!(above.len() > 1, "{shares:?}");
    above[0][..5].to_owned()
}

#[test]
fn a_parameter_changes_only_what_uses_it_and_what_reads_that() {
    let chain = Chain::techniek(2000, 7).with_own_definition();
    chain.run("one");
    let share = another_share(&chain);
    edit(
        &chain,
        "pipelines/techniek.toml",
        "technical_share = 0.40",
        &format!("technical_share = {share}9"),
    );
    let plan = planned(&chain, "one");
    let reason = format!("parameter technical_share is now {share}9");
    let uses = ["core.technical_sectors", "out.sectors"];
    assert_eq!(plan.will, uses.map(|table| (table.to_owned(), reason.clone())).into());
    let made: BTreeSet<String> = chain.run("one").into_iter().collect();
    let by_groups = [
        "core.technical_sectors",
        "core.sector_groups",
        "core.transitions",
        "core.employed_pairs",
        "core.survey_transitions",
        "core.attrition_cells",
        "core.attrition_factors",
        "core.pair_weights",
        "core.retention_pairs",
        "core.workforce_scores",
        "core.redirectable",
        "core.redirectable_scores",
        "core.survey_totals",
        "core.reason_pairs",
        "core.reason_counts",
        "core.reason_ages",
        "core.switch_scores",
        "core.retention_scores",
        "core.survey_scores",
        "core.survey_estimates",
        "core.household_residuals",
        "core.survey_intervals",
    ];
    for slice in &made {
        let table = slice.split(' ').next().unwrap();
        let uses_it = table.starts_with("out.") || by_groups.contains(&table);
        assert!(uses_it, "{slice} does not use the parameter");
    }
    assert!(made.contains("out.sectors") && made.contains("out.employer_switches 2017"));
    chain.run("scratch");
    assert_same_files(&chain.release("one"), &chain.release("scratch"));
    assert_same_files(&chain.current("one"), &chain.current("scratch"));
}

#[test]
fn sql_that_says_something_else_is_run_again_for_every_year_and_named_as_the_reason() {
    let chain = chain_that_ran();
    edit(&chain, "sql/techniek/staging/education.sql", "rinpersoons = 'R'", "'R' = rinpersoons");
    let plan = planned(&chain, "one");
    let reason = "sql/techniek/staging/education.sql changed".to_owned();
    let years = ["2016", "2017", "2018", "2019"];
    let expected = years.map(|year| (format!("staging.education {year}"), reason.clone()));
    assert_eq!(plan.will, BTreeMap::from(expected));
    let made: BTreeSet<String> = chain.run("one").into_iter().collect();
    assert_eq!(made, plan.will.into_keys().collect());
}

#[test]
fn a_newer_version_of_a_file_is_the_reason() {
    let chain = chain_that_ran();
    let newer = chain.path("raw/SPOLISBUS/2018/SPOLISBUS2018V3.csv");
    std::fs::copy(jobs_file(&chain, 2018), newer).unwrap();
    let will = planned(&chain, "one").will;
    let reason = "new file SPOLISBUS/2018/SPOLISBUS2018V3.csv".to_owned();
    assert_eq!(will, BTreeMap::from([("raw.jobs 2018".to_owned(), reason)]));
    assert_eq!(chain.run("one"), ["raw.jobs 2018"], "it holds the same");
}

#[test]
fn a_forced_slice_is_made_again_and_nothing_else() {
    let chain = chain_that_ran();
    let (current, release) = (chain.current("one"), chain.release("one"));
    let select = ["core.main_jobs", "--years", "2017", "--force"];
    assert_eq!(made(&chain, &select), ["core.main_jobs 2017"]);
    let planned = &chain.events("one", "planned")[0]["will_make"];
    assert_eq!(planned[0]["reason"], "forced");
    assert_eq!(chain.events("one", "slice_made")[0]["changed"], false);
    assert_same_files(&current, &chain.current("one"));
    assert_same_files(&release, &chain.release("one"));
    assert_nothing_pending(&chain);
}

#[test]
fn exactly_the_selected_slices_take_the_rest_as_it_is() {
    let chain = chain_that_ran();
    let current = chain.current("one");
    make_second_job_the_main_one(&chain, 2018);
    // Made from what is current, this one is up to date.
    let only = ["core.main_jobs", "--years", "2018", "--only"];
    assert_eq!(made(&chain, &only), Vec::<String>::new());
    assert_eq!(made(&chain, &["raw.jobs", "--years", "2018", "--only"]), ["raw.jobs 2018"]);
    assert_same_files(&current, &chain.current("one"));
    let message = chain.fail("empty", 2, &["run", "core.main_jobs", "--years", "2018", "--only"]);
    assert!(message.contains("which is not in the lake"), "{message}");
}

/// Employers of the main jobs of a year, as the program reads them.
fn main_employers(chain: &Chain, run: &[&str]) -> BTreeMap<String, String> {
    let query = "select person_id, employer_id from core.main_jobs \
                 where year = 2018 and job_date = date '2018-10-01'";
    let mut arguments = vec!["sql", query, "--format", "csv"];
    arguments.extend(run);
    let found = rows(&chain.succeed("one", &arguments));
    found.into_iter().map(|row| (row["person_id"].clone(), row["employer_id"].clone())).collect()
}

#[test]
fn a_run_of_a_part_is_kept_apart_until_the_rest_has_followed() {
    let chain = chain_that_ran();
    let (current, release) = (chain.current("one"), chain.release("one"));
    let before = main_employers(&chain, &[]);
    make_second_job_the_main_one(&chain, 2018);
    let output = chain.output("one", &["run", "core.main_jobs", "--years", "2018", "--json"]);
    assert!(output.status.success());
    let log = stderr(&output);
    assert!(log.contains("current stays as it was") && log.contains("sql --run "), "{log}");
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["is_current"], false);
    let part = [
        "raw.jobs 2018",
        "staging.job_periods 2018",
        "core.pay_periods 2018",
        "core.job_periods 2018",
        "core.job_spells 2018",
        "core.open_jobs 2018",
        "core.main_jobs 2018",
    ];
    assert_eq!(texts(&outcome["made"]), part);
    assert_same_files(&current, &chain.current("one"));
    assert_same_files(&release, &chain.release("one"));
    assert_eq!(main_employers(&chain, &[]), before);
    let candidate = main_employers(&chain, &["--run", "last"]);
    let moved = before.iter().filter(|(person, employer)| candidate[*person] != **employer);
    assert_eq!((candidate.len(), moved.count()), (before.len(), 1));
    let rest = chain.run("one");
    assert!(rest.contains(&"core.transitions 2018".to_owned()), "{rest:?}");
    assert!(part.iter().all(|slice| !rest.contains(&(*slice).to_owned())), "{rest:?}");
    assert_eq!(main_employers(&chain, &[]), candidate);
    chain.run("scratch");
    assert_same_files(&chain.release("one"), &chain.release("scratch"));
}
