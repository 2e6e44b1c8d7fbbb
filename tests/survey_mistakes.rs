//! Mistakes that are easily made with a survey beside registers: each gives other
//! tables than a plain reading of the raw files, and the study's own does not.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::chain::Chain;
use crate::oracle::Name;
use crate::rows::{Row, file_rows, rows};
use crate::techniek::survey_of;

const WAVES: &str = "sql/techniek/staging/survey_waves.sql";
const PERSON_WAVES: &str = "sql/techniek/core/survey_person_waves.sql";
const RESPONDENTS: &str = "sql/techniek/core/respondents.sql";
const PAIRS: &str = "sql/techniek/core/survey_pairs.sql";
const TRANSITIONS: &str = "sql/techniek/core/survey_transitions.sql";
const WEIGHTS: &str = "sql/techniek/core/pair_weights.sql";
const SECTORS: &str = "sql/techniek/core/technical_sectors.sql";
const INTERVALS: &str = "sql/techniek/core/survey_intervals.sql";
const WORKFORCE: &str = "sql/techniek/out/workforce.sql";
const STUDY: &str = "pipelines/techniek.toml";

pub(crate) const YEARS: (i32, i32) = (2016, 2017);

pub(crate) type Edits<'a> = &'a [(&'a str, &'a str, &'a str)];

/// Counts and weights in millionths, of the base and of those with the outcome.
type Sums = [i128; 4];

/// Sums and bounds of each estimate, as they are written.
type Found = BTreeMap<Name, (Sums, String, String)>;

/// Sums and bounds of each estimate.
type Expected = BTreeMap<Name, (Sums, Option<[f64; 2]>)>;

pub(crate) fn chain() -> Chain {
    Chain::that_ran_over("2016..2017", 5000, 34)
}

/// Of a run, or of what is current.
fn found(chain: &Chain, run: &[&str]) -> Found {
    let sql = "select * from core.survey_intervals";
    let number = |text: &str| text.replace('.', "").parse::<i128>().unwrap();
    let entry = |row: Row| {
        let columns = ["base_count", "outcome_count", "base_weight", "outcome_weight"];
        let sums = columns.map(|column| number(&row[column]));
        let name = (row["estimate"].clone(), row["cell"].clone(), row["period"].clone());
        (name, (sums, row["share_low"].clone(), row["share_high"].clone()))
    };
    let command = [&["sql", sql, "--format", "csv"], run].concat();
    let found = rows(&chain.succeed("one", &command));
    found.into_iter().map(entry).collect()
}

/// What a plain reading of the raw files gives, and the study's own.
fn expected() -> &'static Expected {
    static EXPECTED: OnceLock<Expected> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let estimates = survey_of(&chain(), YEARS).estimates();
        let entry = |(name, estimate): (Name, crate::oracle::Estimate)| {
            let ([base, outcome, _], [base_weight, outcome_weight, _]) =
                (estimate.counts, estimate.weights);
            let bounds = estimate.interval.map(|[_, low, high]| [low, high]);
            (name, ([base, outcome, base_weight, outcome_weight], bounds))
        };
        let expected = estimates.into_iter().map(entry).collect();
        assert_eq!(differing(&found(&chain(), &[]), &expected), []);
        expected
    })
}

/// Estimates that are missing, are too many, or have other sums or bounds.
fn differing(found: &Found, expected: &Expected) -> Vec<Name> {
    let is_near = |text: &str, bound: Option<f64>| match (text, bound) {
        ("", None) => true,
        ("", _) | (_, None) => false,
        (text, Some(bound)) => (text.parse::<f64>().unwrap() - bound).abs() < 3e-6,
    };
    let is_same = |name: &Name| {
        let (Some((sums, low, high)), Some((expected, bounds))) =
            (found.get(name), expected.get(name))
        else {
            return false;
        };
        let bound = |place: usize| bounds.map(|bounds| bounds[place]);
        sums == expected && is_near(low, bound(0)) && is_near(high, bound(1))
    };
    let names = found.keys().chain(expected.keys());
    names.filter(|name| !is_same(name)).cloned().collect()
}

pub(crate) fn edit(chain: &Chain, edits: Edits<'_>) {
    for (file, right, wrong) in edits {
        let path = chain.path(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(right), "{file}: {right}");
        std::fs::write(&path, text.replace(right, wrong)).unwrap();
    }
}

/// Asserts that the study's reading is the plain one, and that one which differs
/// in some of the definition is not, in an estimate whose name begins so.
pub(crate) fn a_mistake_is_seen(estimate: &str, edits: Edits<'_>) {
    let chain = chain();
    // Checks would see some of the mistakes before this does.
    std::fs::remove_dir_all(chain.path("sql/techniek/checks")).unwrap();
    edit(&chain, edits);
    chain.succeed("one", &["run", "core.survey_intervals"]);
    let differing = differing(&found(&chain, &["--run", "last"]), expected());
    assert!(differing.iter().any(|name| name.0 == estimate), "{differing:?}");
}

/// Respondents in scope and who answered, by year and cell of attrition.
type Attrition = BTreeMap<(i32, [String; 3]), [i128; 2]>;

fn attrition(chain: &Chain, run: &[&str]) -> Attrition {
    let sql = "select * from core.attrition_cells";
    let command = [&["sql", sql, "--format", "csv"], run].concat();
    let found = rows(&chain.succeed("one", &command)).into_iter().map(|row| {
        let columns = ["cell_function_code", "cell_sector_group", "cell_register_code"];
        let cell = columns.map(|column| row[column].clone());
        let counts = ["in_scope_count", "answered_count"].map(|it| row[it].parse().unwrap());
        ((row["from_year"].parse().unwrap(), cell), counts)
    });
    found.collect()
}

/// The same of who is in scope, and in which cell.
fn a_mistake_in_attrition_is_seen(edits: Edits<'_>) {
    let chain = chain();
    let expected = survey_of(&chain, YEARS).attrition.cells.into_iter();
    let expected: Attrition = expected
        .map(|((year, cell), sums)| ((year, cell.map(str::to_owned)), [sums[0], sums[1]]))
        .collect();
    assert_eq!(attrition(&chain, &[]), expected);
    edit(&chain, edits);
    chain.succeed("one", &["run", "core.attrition_cells"]);
    assert_ne!(attrition(&chain, &["--run", "last"]), expected);
}

/// Asserts that a check stops a run with these edits.
pub(crate) fn a_check_stops(check: &str, edits: Edits<'_>) {
    let chain = chain();
    edit(&chain, edits);
    let told = chain.fail("one", 3, &["run"]);
    assert!(told.contains(check), "{told}");
}

const ALL_WAVES: (&str, &str, &str) = (
    WAVES,
    "        ebbgewjaargewichtp1a,\n",
    "        ebbgewjaargewichtp1a, ebbgewjaargewichta,\n",
);

#[test]
fn pairs_have_the_weight_of_the_first_interview_not_of_the_fifth() {
    let own = "ebbgewjaargewichtp1a as first_wave_weight";
    let any = "coalesce(ebbgewjaargewichtp1a, ebbgewjaargewichta) as first_wave_weight";
    let edits = [
        ALL_WAVES,
        (WAVES, own, any),
        (
            PAIRS,
            "fifth_waves.interview_date as to_interview_date,",
            "fifth_waves.interview_date as to_interview_date, \
             fifth_waves.first_wave_weight as to_weight,",
        ),
        (PAIRS, "        weight,\n", "        coalesce(to_weight, weight) as weight,\n"),
    ];
    a_mistake_is_seen("retention", &edits);
}

#[test]
fn the_year_weight_of_all_waves_is_not_that_of_the_first() {
    let (right, wrong) =
        ("ebbgewjaargewichtp1a as first_wave_weight", "ebbgewjaargewichta as first_wave_weight");
    a_mistake_is_seen("workforce", &[ALL_WAVES, (WAVES, right, wrong)]);
}

#[test]
fn another_code_of_the_same_work_is_no_other_function() {
    a_mistake_is_seen("retention", &[(TRANSITIONS, "or is_job_changed", "or true")]);
}

#[test]
fn an_unknown_function_is_not_one_that_is_not_technical() {
    let right = "case when is_working and occupation_code is not null then is_on_the_list end";
    a_mistake_is_seen("workforce", &[(PERSON_WAVES, right, "coalesce(is_on_the_list, false)")]);
}

#[test]
fn nobody_leaves_technical_sectors_because_the_list_is_made_anew() {
    let list = "(select sector_code, case when sum(case when is_technical_function then weight \
                else 0 end) > $technical_share * sum(weight) then 'technical' else 'other' end \
                as sector_group from core.respondents where year = $year + 1 and work_code = \
                'employee' and is_technical_function is not null group by sector_code) as to_groups";
    let reads = "\"core.survey_transitions\" = { reads = { \"core.respondents\" = [\"year\", \
                 \"year+1\"] }, key";
    let edits = [
        (TRANSITIONS, "core.sector_groups as to_groups", list),
        (STUDY, "\"core.survey_transitions\" = { key", reads),
    ];
    a_mistake_is_seen("retention", &edits);
}

#[test]
fn age_is_that_of_the_interview_not_of_the_reference_day() {
    let edits = [
        (PERSON_WAVES, "date_part('year', survey_waves.interview_date)", "$year"),
        (
            PERSON_WAVES,
            "date_part('month', survey_waves.interview_date)",
            "date_part('month', $reference_date)",
        ),
    ];
    a_mistake_is_seen("switches_by_function", &edits);
}

#[test]
fn the_dead_are_no_attrition() {
    let right = "            when later_presence_code = 'dead' then 'died'\n";
    a_mistake_in_attrition_is_seen(&[(PAIRS, right, "")]);
}

#[test]
fn who_left_the_country_is_no_attrition() {
    let right = "            when later_presence_code = 'abroad' then 'emigrated'\n";
    a_mistake_in_attrition_is_seen(&[(PAIRS, right, "")]);
}

/// People by weights over persons counted, in a year in which many are asked.
fn people_by_weight(chain: &Chain) -> f64 {
    let sum = |table: &str, column: &str, is: &dyn Fn(&Row) -> bool| -> f64 {
        let rows = file_rows(&chain.path(&format!("one/release/current/{table}.csv")));
        let own = rows.iter().filter(|row| row["year"] == "2016" && is(row));
        own.map(|row| row[column].parse::<f64>().unwrap()).sum()
    };
    let is_employee =
        |row: &Row| row["working_reading"] == "employees" && row["function_code"] == "all";
    sum("workforce", "person_weight", &is_employee)
        / sum("workforce_register", "person_count", &|_| true)
}

#[test]
fn weights_of_two_years_do_not_add_up_to_people() {
    let chain = chain();
    let people = people_by_weight(&chain);
    assert!((0.8..1.2).contains(&people), "{people}");
    let year = "    select\n        respondents.year,\n";
    edit(&chain, &[(WORKFORCE, year, "    select\n        2016 as year,\n")]);
    chain.run("one");
    let people = people_by_weight(&chain);
    assert!(people > 1.5, "{people}");
}

#[test]
fn an_interval_outside_0_and_1_stops_the_run() {
    let edits = [
        (INTERVALS, "greatest(middle - half_width, 0)", "p - 1.96 * sqrt(p * (1 - p) / n)"),
        (INTERVALS, "least(middle + half_width, 1)", "p + 1.96 * sqrt(p * (1 - p) / n)"),
    ];
    a_check_stops("every_survey_share_lies_within_its_interval", &edits);
}

#[test]
fn an_interval_that_is_null_at_0_or_1_stops_the_run() {
    let right = "then total / squared_weight";
    let edits = [(INTERVALS, right, "then cast(null as double)")];
    a_check_stops("every_survey_share_lies_within_its_interval", &edits);
}

#[test]
fn persons_of_the_register_under_weights_of_the_survey_stop_the_run() {
    let edits = [(
        "sql/techniek/out/finding_estimates.sql",
        "        base_weight as denominator,\n",
        "        (select cast(sum(base_count) as decimal(24, 6)) from out.employer_switches) \
         as denominator,\n",
    )];
    a_check_stops("survey_and_register_meet_in_no_denominator", &edits);
}

#[test]
fn pair_weights_that_lose_who_did_not_answer_stop_the_run() {
    let edits = [(WEIGHTS, "* factors.attrition_factor", "* cast(1 as decimal(18, 10))")];
    a_check_stops("pair_weights_add_up_to_those_in_scope", &edits);
}

#[test]
fn who_changes_employer_answers_less_often() {
    let edits = [(WEIGHTS, "* factors.attrition_factor", "* cast(1 as decimal(18, 10))")];
    a_mistake_is_seen("retention", &edits);
}

#[test]
fn members_of_a_household_are_not_independent() {
    let (right, wrong) =
        ("substr(sleutelebb, 9, 9) as household_id", "substr(sleutelebb, 9) as household_id");
    a_mistake_is_seen("workforce", &[(WAVES, right, wrong)]);
}

#[test]
fn an_agency_worker_works_for_the_agency_by_the_register() {
    let (right, wrong) =
        ("else register_sector_code", "else coalesce(answered_sector_code, register_sector_code)");
    a_mistake_is_seen("workforce", &[(PERSON_WAVES, right, wrong)]);
}

#[test]
fn an_answered_code_that_lost_a_character_is_of_no_sector() {
    let (right, wrong) = ("[0-9A-Za-z]$'", "[0-9A-Za-z]?$'");
    a_mistake_is_seen("workforce", &[(WAVES, right, wrong)]);
}

#[test]
fn work_that_the_register_does_not_know_is_not_out_of_work() {
    let right = "            else 'unknown'\n        end as work_code";
    let wrong = "            else 'not_working'\n        end as work_code";
    a_mistake_in_attrition_is_seen(&[(PERSON_WAVES, right, wrong)]);
}

#[test]
fn an_interview_of_january_filed_under_december_counts() {
    let right = "and interview_date is not null";
    let wrong = "and date_part('year', interview_date) = $year";
    a_mistake_is_seen("workforce", &[(RESPONDENTS, right, wrong)]);
}

#[test]
fn a_fifth_interview_in_the_year_of_the_first_counts() {
    let right = "where year in ($year, $year + 1) and wave_number = 5";
    a_mistake_is_seen("retention", &[(PAIRS, right, "where year = $year + 1 and wave_number = 5")]);
}

#[test]
fn who_has_no_weight_stands_for_nobody() {
    let (right, wrong) = ("first_wave_weight > 0", "first_wave_weight >= 0");
    a_mistake_is_seen("workforce", &[(RESPONDENTS, right, wrong)]);
}

#[test]
fn exactly_the_threshold_is_no_technical_sector() {
    let (right, wrong) =
        ("technical_weight > $technical_share", "technical_weight >= $technical_share");
    a_mistake_is_seen("workforce", &[(SECTORS, right, wrong)]);
}
