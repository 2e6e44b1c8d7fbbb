//! Mistakes that are easily made with an education file beside a survey and
//! registers: each gives other tables than a plain reading of the raw files.

use crate::chain::Chain;
use crate::oracle::{EducationSectors, Reasons};
use crate::rows::{Row, rows};
use crate::survey_mistakes::{Edits, YEARS, a_check_stops, a_mistake_is_seen, chain, edit};
use crate::techniek::{education_sectors, reasons, survey_of};
use crate::workplace::stderr;

const EDUCATION: &str = "sql/techniek/core/education.sql";
const OF_RESPONDENTS: &str = "sql/techniek/core/respondent_education.sql";
const OF_PERSONS: &str = "sql/techniek/core/person_education.sql";
const SCORES: &str = "sql/techniek/core/match_scores.sql";
const TERMS: &str = "sql/techniek/staging/job_terms.sql";
const MAIN_TERMS: &str = "sql/techniek/core/main_job_terms.sql";
const REASONS: &str = "sql/techniek/core/reason_pairs.sql";
const REDIRECTABLE: &str = "sql/techniek/core/redirectable.sql";
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

fn counted(chain: &Chain, run: &[&str]) -> Reasons {
    let sql = "select * from core.reason_counts";
    reasons(&rows(&chain.succeed("one", &[&["sql", sql, "--format", "csv"], run].concat())))
}

/// Asserts that the study's reading of a characteristic is the plain one, and that
/// one which differs is not; of what else goes with leaving it is.
fn a_mistake_in_reasons_is_seen(characteristic: &str, edits: Edits<'_>) {
    let chain = chain();
    let expected = survey_of(&chain, YEARS).reasons;
    assert_eq!(counted(&chain, &[]), expected);
    edit(&chain, edits);
    std::fs::remove_dir_all(chain.path("sql/techniek/checks")).unwrap();
    chain.succeed("one", &["run", "core.reason_counts"]);
    let found = counted(&chain, &["--run", "last"]);
    let differing: Vec<&[String; 6]> = found
        .keys()
        .chain(expected.keys())
        .filter(|key| found.get(*key) != expected.get(*key))
        .collect();
    assert!(!differing.is_empty());
    assert!(differing.iter().all(|key| key[2] == characteristic), "{differing:?}");
}

#[test]
fn a_tenure_that_is_not_known_is_not_nought() {
    let (right, wrong) =
        ("tenure_years is null then 'unknown'", "tenure_years is null then 'under_1'");
    a_mistake_in_reasons_is_seen("tenure", &[(REASONS, right, wrong)]);
}

#[test]
fn a_start_that_was_cut_is_no_start() {
    let edits = [(TERMS, "date_part('doy', sdatumaanvangikvorg) != 1", "true")];
    a_mistake_in_reasons_is_seen("tenure", &edits);
}

#[test]
fn a_start_after_the_day_is_no_start() {
    let right = "                and max(original_start_date) <= $reference_date\n";
    a_mistake_in_reasons_is_seen("tenure", &[(MAIN_TERMS, right, "")]);
}

#[test]
fn a_contract_in_lower_case_is_one() {
    let (right, wrong) = ("upper(scontractsoort)", "scontractsoort");
    a_mistake_in_reasons_is_seen("contract", &[(TERMS, right, wrong)]);
}

#[test]
fn equal_wages_are_in_one_fifth() {
    let edits = [
        (REASONS, "from wages\n    window up_to_here", "from with_terms\n    window up_to_here"),
        (
            REASONS,
            "        wage_per_hour_eur,\n        5 * (",
            "        person_id as of_person,\n        5 * (",
        ),
        (
            REASONS,
            "sum(person_count) over up_to_here - person_count",
            "count(*) over up_to_here - 1",
        ),
        (REASONS, "/ sum(person_count) over ()", "/ count(*) over ()"),
        (
            REASONS,
            "order by wage_per_hour_eur\n        rows",
            "order by wage_per_hour_eur, person_id\n        rows",
        ),
        (
            REASONS,
            "on with_terms.wage_per_hour_eur = fifths.wage_per_hour_eur",
            "on person_id = of_person",
        ),
    ];
    a_mistake_in_reasons_is_seen("wage_fifth", &edits);
}

#[test]
fn hours_of_nought_make_no_wage_per_hour() {
    let (right, wrong) = ("when terms.hours > 0\n", "when terms.hours is not null\n");
    let edits = [
        (MAIN_TERMS, right, wrong),
        (
            MAIN_TERMS,
            "cast(terms.hours as decimal(20, 2))",
            "greatest(cast(terms.hours as decimal(20, 2)), 1)",
        ),
    ];
    a_mistake_in_reasons_is_seen("wage_fifth", &edits);
}

#[test]
fn an_unknown_size_is_not_the_smallest() {
    let edits = [(
        REASONS,
        "when size_code between '00' and '30'",
        "when coalesce(size_code, '00') <= '30'",
    )];
    a_mistake_in_reasons_is_seen("firm_size", &edits);
}

#[test]
fn an_unknown_education_is_no_match_and_no_mismatch() {
    let right = "                then 'technical_elsewhere'\n            else 'unknown'";
    let wrong = "                then 'technical_elsewhere'\n            else 'other'";
    a_mistake_in_reasons_is_seen("education_match", &[(REASONS, right, wrong)]);
}

#[test]
fn who_has_no_known_education_is_not_steered() {
    let right = "            when not has_field then 'education_unknown'\n";
    a_mistake_is_seen("redirectable", &[(REDIRECTABLE, right, "")]);
}

#[test]
fn characteristics_that_lose_somebody_stop_the_run() {
    let edits = [(
        REASONS,
        "from with_terms\n    left join fifths",
        "from with_terms\n    inner join fifths",
    )];
    a_check_stops("values_of_each_characteristic_add_up", &edits);
}

#[test]
fn a_statement_without_the_label_of_its_denominator_stops_the_run() {
    let label = "\"people of 15 to 74, by the weights of the year: out of nobody\"";
    let edits = [("pipelines/codelists/findings.csv", label, "")];
    a_check_stops("every_statement_says_out_of_what_it_is", &edits);
}

#[test]
fn positions_that_lose_somebody_stop_the_run() {
    let file = "sql/techniek/out/redirectable.sql";
    let (right, wrong) =
        ("where total_kind = 'cell'", "where total_kind = 'cell' and person_count > 1");
    a_check_stops("positions_of_the_redirectable_add_up", &[(file, right, wrong)]);
}

#[test]
fn what_is_odd_about_records_of_education_is_told() {
    let chain = chain();
    let records = "sql/techniek/staging/education.sql";
    let told = |checks: &[&str]| {
        let output = chain.output("one", &["run"]);
        assert!(output.status.success(), "{}", stderr(&output));
        for check in checks {
            assert!(stderr(&output).contains(&format!("check {check}: ")), "{}", stderr(&output));
        }
    };
    edit(&chain, &[(records, "        gewichthoogsteopl as", "        0 * gewichthoogsteopl as")]);
    told(&[
        "every_education_has_a_weight",
        "every_education_code_is_known",
        "every_education_is_of_a_resident_of_ten_or_older",
        "nobody_has_two_educations_a_year",
        "nobody_unlearns",
    ]);
    edit(&chain, &[(records, "where rinpersoons = 'R'", "where rinpersoon < '2'")]);
    told(&["half_of_each_age_group_has_an_education"]);
}
