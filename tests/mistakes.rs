//! Mistakes that are easily made with such files: for each hazard that is
//! planted, the reading that overlooks it gives another table than the truth,
//! and the study's own does not.

use crate::chain::Chain;
use crate::techniek::{PERSON_YEARS, RESIDENCE, Register, TRANSITIONS};

const RESIDENCE_SQL: &str = "sql/techniek/core/residence.sql";
const PAY_PERIODS_SQL: &str = "sql/techniek/core/pay_periods.sql";
const JOB_PERIODS_SQL: &str = "sql/techniek/core/job_periods.sql";
const PERSON_YEARS_SQL: &str = "sql/techniek/core/person_years.sql";
const TRANSITIONS_SQL: &str = "sql/techniek/core/transitions.sql";

/// Plants one hazard and no other. Asserts that the study's reading gives the
/// truth, and a reading that differs in some of the definition does not.
fn a_mistake_is_seen(hazard: &str, table: Register, file: &str, right: &str, wrong: &str) {
    let options = ["--persons", "1500", "--seed", "5", "--years", "2016..2017"];
    let options = [&options[..], &["--hazards", hazard]].concat();
    let chain = Chain::techniek_with(&options).with_own_definition();
    let edit = |file: &str, from: &str, to: &str| {
        let path = chain.path(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    };
    edit("pipelines/techniek.toml", "\"2016..2019\"", "\"2016..2017\"");
    let truth = table.planted(&chain);
    let found = || {
        chain.succeed("one", &["run", table.table]);
        table.found(&chain)
    };
    assert_eq!(found(), truth, "{}", table.name);
    edit(file, right, wrong);
    assert_ne!(found(), truth, "{wrong}");
}

const KINDS: &str = "on movements.movement_code = movement_kinds.movement_code\n";
const DEPARTURES_ALONE: &str =
    "on movements.movement_code = movement_kinds.movement_code\n    where not is_entry\n";

#[test]
fn who_left_and_came_back_is_not_away_for_ever() {
    a_mistake_is_seen("returners", RESIDENCE, RESIDENCE_SQL, KINDS, DEPARTURES_ALONE);
}

#[test]
fn who_was_away_between_two_reference_days_did_not_leave() {
    a_mistake_is_seen("brief_absences", RESIDENCE, RESIDENCE_SQL, KINDS, DEPARTURES_ALONE);
}

#[test]
fn who_arrives_later_is_not_here_yet() {
    let right = "            when came_last is null and comes_next then 'not_yet_arrived'\n";
    a_mistake_is_seen("immigrants", RESIDENCE, RESIDENCE_SQL, right, "");
}

#[test]
fn who_was_removed_by_the_municipality_is_not_here() {
    let wrong = format!("{KINDS}    where not is_administrative\n");
    a_mistake_is_seen("administrative_movements", RESIDENCE, RESIDENCE_SQL, KINDS, &wrong);
}

#[test]
fn a_movement_on_the_reference_day_holds_on_that_day() {
    let right = "movements.movement_date <= $reference_date as is_past";
    let wrong = "movements.movement_date < $reference_date as is_past";
    a_mistake_is_seen("on_the_day", RESIDENCE, RESIDENCE_SQL, right, wrong);
}

#[test]
fn a_child_is_not_in_the_population_before_it_is_born() {
    let right = "            when age < 0 then 'unborn'\n";
    a_mistake_is_seen("births", RESIDENCE, RESIDENCE_SQL, right, "");
}

#[test]
fn a_correction_of_a_part_does_not_end_a_job() {
    let right = "        sum(base_wage_eur) as wage_eur,\n        sum(base_hours) as hours,\n";
    let wrong = "        case when min(base_wage_eur) < 0 then 0 else sum(base_wage_eur) end \
                 as wage_eur, case when min(base_wage_eur) < 0 then 0 else sum(base_hours) end \
                 as hours,\n";
    a_mistake_is_seen("negative_corrections", PERSON_YEARS, PAY_PERIODS_SQL, right, wrong);
}

#[test]
fn a_job_whose_pay_was_taken_back_is_not_open() {
    let right = "when coalesce(period_sums.hours > 0, true) then 'hours'";
    let wrong = "when true then 'hours'";
    a_mistake_is_seen("pay_taken_back", PERSON_YEARS, PAY_PERIODS_SQL, right, wrong);
}

#[test]
fn wages_and_hours_of_nines_are_no_exit() {
    a_mistake_is_seen("nines", PERSON_YEARS, PAY_PERIODS_SQL, "> 0, true)", "> 0, false)");
}

#[test]
fn an_unpaid_month_is_no_exit() {
    let right = "when is_paid and is_next_start = 0";
    a_mistake_is_seen("unpaid_months", PERSON_YEARS, JOB_PERIODS_SQL, right, "when false");
}

#[test]
fn interns_and_benefits_are_no_employees() {
    let right = "job_inclusion = { value = \"default\"";
    let wrong = "job_inclusion = { value = \"all_paid\"";
    a_mistake_is_seen("excluded_jobs", PERSON_YEARS, "pipelines/techniek.toml", right, wrong);
}

#[test]
fn directors_are_told_by_the_kind_of_job_and_by_the_income_relation() {
    let right = "and classified.relation_group = job_inclusion.relation_group";
    let wrong = "and job_inclusion.relation_group = 'wage'";
    a_mistake_is_seen("directors", PERSON_YEARS, PAY_PERIODS_SQL, right, wrong);
}

#[test]
fn a_student_with_a_job_is_an_employee() {
    let right = "activities.state_code != 'self_employed'";
    let wrong = "activities.state_code not in ('self_employed', 'student')";
    a_mistake_is_seen("working_students", PERSON_YEARS, PERSON_YEARS_SQL, right, wrong);
}

#[test]
fn the_self_employed_with_a_small_job_are_self_employed() {
    let right = "main_jobs.hours_per_week >= $small_job_hours";
    let wrong = "main_jobs.hours_per_week >= 0";
    a_mistake_is_seen("self_employed_with_jobs", PERSON_YEARS, PERSON_YEARS_SQL, right, wrong);
}

#[test]
fn the_self_employed_with_a_large_job_are_employees() {
    let right = "main_jobs.hours_per_week >= $small_job_hours";
    let wrong = "main_jobs.hours_per_week >= 168";
    a_mistake_is_seen("self_employed_with_jobs", PERSON_YEARS, PERSON_YEARS_SQL, right, wrong);
}

#[test]
fn an_employee_by_income_without_a_job_is_unclear_work() {
    let right = "else coalesce(activities.state_code, 'unknown')";
    let wrong = "when activities.secm_code = '11' then 'employee' \
                 else coalesce(activities.state_code, 'unknown')";
    a_mistake_is_seen("unclear_work", PERSON_YEARS, PERSON_YEARS_SQL, right, wrong);
}

#[test]
fn another_activity_code_for_an_employer_moves_nobody() {
    let right = "when pairs.from_employer_id = pairs.to_employer_id\n                \
                 then pairs.from_sector_code\n            \
                 else coalesce(employers.sector_code, pairs.to_sector_code)";
    let wrong = "when true then pairs.to_sector_code";
    a_mistake_is_seen("recoded_employers", TRANSITIONS, TRANSITIONS_SQL, right, wrong);
}

#[test]
fn another_employer_under_the_same_job_id_is_another_employer() {
    let right = "                or employer_id != earlier_employer_id\n";
    let hazard = "employer_changes_within_jobs";
    a_mistake_is_seen(hazard, TRANSITIONS, JOB_PERIODS_SQL, right, "");
}

#[test]
fn an_employer_that_is_not_known_is_neither_the_same_nor_another() {
    let right = "when is_same_employer is null then 'employer_unknown'";
    let wrong = "when is_same_employer is null then 'other_employer_sector_unknown'";
    a_mistake_is_seen("missing_employers", TRANSITIONS, TRANSITIONS_SQL, right, wrong);
}

#[test]
fn an_activity_code_that_lost_its_zero_is_of_no_sector() {
    let right = "when regexp_like(sbi2008v, '^[0-9]{4}[0-9A-Za-z]$')\n                ";
    let file = "sql/techniek/staging/employers.sql";
    a_mistake_is_seen("lost_zeros", PERSON_YEARS, file, right, "when true ");
}

#[test]
fn a_code_that_no_list_knows_is_no_exit() {
    let right = "coalesce(job_kinds.job_kind_code, 'none')";
    let wrong = "job_kinds.job_kind_code";
    a_mistake_is_seen("unknown_codes", PERSON_YEARS, PAY_PERIODS_SQL, right, wrong);
}
