//! Mistakes that are easily made with an education file beside a survey and
//! registers: each gives other tables than a plain reading of the raw files.

use crate::chain::Chain;
use crate::oracle::EducationSectors;
use crate::rows::{Row, rows};
use crate::survey_mistakes::{Edits, YEARS, a_check_stops, a_mistake_is_seen, chain, edit};
use crate::techniek::{education_sectors, survey_of};

const EDUCATION: &str = "sql/techniek/core/education.sql";
const OF_RESPONDENTS: &str = "sql/techniek/core/respondent_education.sql";
const OF_PERSONS: &str = "sql/techniek/core/person_education.sql";
const SCORES: &str = "sql/techniek/core/match_scores.sql";
const SECTORS: &str = "sql/techniek/out/education_sector.sql";

fn found(chain: &Chain, run: &[&str]) -> EducationSectors {
    let sql = "select * from out.education_sector";
    let found: Vec<Row> =
        rows(&chain.succeed("one", &[&["sql", sql, "--format", "csv"], run].concat()));
    education_sectors(&found)
}

/// The same as of estimates, of the register by education.
fn a_mistake_in_the_register_is_seen(edits: Edits<'_>) {
    let chain = chain();
    let expected = survey_of(&chain, YEARS).education_sectors;
    assert_eq!(found(&chain, &[]), expected);
    // Checks would see some of the mistakes before this does.
    std::fs::remove_dir_all(chain.path("sql/techniek/checks")).unwrap();
    edit(&chain, edits);
    chain.succeed("one", &["run", "out.education_sector"]);
    assert_ne!(found(&chain, &["--run", "last"]), expected);
}

#[test]
fn the_weights_of_survey_and_education_file_are_not_multiplied() {
    let level = "        education.education_field_code,\n";
    let (right, weight) =
        ("        education.education_field_code\n", "        education.education_weight,\n");
    let edits = [
        (OF_RESPONDENTS, right, &*format!("{weight}{right}")),
        (SCORES, level, &format!("{weight}{level}")),
        (
            SCORES,
            "cast(candidates.weight as decimal(20, 6)) as weight",
            "cast(candidates.weight * coalesce(education_weight, 1) as decimal(20, 6)) as weight",
        ),
    ];
    a_mistake_is_seen("education_match", &edits);
}

#[test]
fn education_of_a_later_year_is_not_that_of_the_interview() {
    let right =
        "            - case when date_part('month', interview_date) < 10 then 1 else 0 end\n";
    a_mistake_is_seen("education_match", &[(OF_RESPONDENTS, right, "")]);
}

#[test]
fn the_newest_education_is_not_that_of_each_year() {
    let (right, wrong) = ("person_years.education_year = education.year", "education.year = 2017");
    a_mistake_in_the_register_is_seen(&[(OF_PERSONS, right, wrong)]);
}

#[test]
fn records_of_education_are_not_persons() {
    let edits = [(
        SECTORS,
        "sum(education.education_weight)",
        "sum(case when education.has_record then 1 else 0 end)",
    )];
    a_mistake_in_the_register_is_seen(&edits);
    a_check_stops("weights_of_education_are_those_of_the_population", &edits);
}

#[test]
fn an_unknown_education_is_not_one_that_is_not_technical() {
    let right = "when education.education_field_code is null then 'unknown'";
    let wrong = "when education.education_field_code is null then 'other'";
    a_mistake_in_the_register_is_seen(&[(OF_PERSONS, right, wrong)]);
}

#[test]
fn who_has_no_known_education_is_in_no_share() {
    let right = "when is_technically_educated is null then null";
    a_mistake_is_seen("education_match", &[(SCORES, right, "when false then null")]);
}

#[test]
fn denominators_are_not_mixed() {
    let (right, wrong) =
        ("('in_work', 'unknown')", "('in_work', 'unknown'), ('in_work', 'outside')");
    a_mistake_is_seen("education_match", &[(SCORES, right, wrong)]);
}

#[test]
fn denominators_that_do_not_hold_each_other_stop_the_run() {
    let (right, wrong) = ("('in_work', 'unknown')", "('in_work', 'outside')");
    let check = "denominators_of_education_hold_each_other";
    a_check_stops(check, &[(SCORES, right, wrong)]);
}

#[test]
fn levels_that_lose_the_unknown_stop_the_run() {
    let right = "    cross join (values (true), (false)) as levels (is_total)\n";
    let wrong =
        format!("{right}    where levels.is_total or candidates.education_level != 'unknown'\n");
    a_check_stops("levels_of_education_add_up_to_all", &[(SCORES, right, &wrong)]);
}

#[test]
fn a_code_that_no_list_knows_is_no_level() {
    let (right, wrong) = (
        "        levels.education_level,\n",
        "        case substr(records.education_level_code, 1, 1) when '1' then 'low' \
         when '2' then 'middle' else 'high' end as education_level,\n",
    );
    a_mistake_in_the_register_is_seen(&[(EDUCATION, right, wrong)]);
}

#[test]
fn a_field_that_no_list_knows_is_not_one_that_is_not_technical() {
    let edits = [(
        EDUCATION,
        "fields.education_field_code\n    from",
        "records.education_field_code\n    from",
    )];
    a_mistake_in_the_register_is_seen(&edits);
}

#[test]
fn of_two_records_the_higher_counts() {
    let (right, wrong) = ("education_level is null, record_number", "record_number desc");
    a_mistake_in_the_register_is_seen(&[(EDUCATION, right, wrong)]);
}

#[test]
fn education_of_those_who_are_not_here_counts_nobody() {
    let edits =
        [("sql/techniek/core/person_years.sql", "where residence_code = 'resident'", "where true")];
    a_mistake_in_the_register_is_seen(&edits);
}
