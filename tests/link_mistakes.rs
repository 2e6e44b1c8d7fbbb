//! Mistakes that are easily made with employers that go on under another
//! number: for each hazard that is planted, the reading that overlooks it links
//! other employers than follow from the generator's own accounts, and the
//! study's own reading links exactly these.

use crate::chain::Chain;
use crate::techniek::{Accounts, found_links, in_words};

const STUDY: &str = "pipelines/techniek.toml";
const EVENT_TYPES: &str = "pipelines/codelists/employer_event_types.csv";
const SUCCESSIONS: &str = "sql/techniek/core/employer_successions.sql";
const CHAINS: &str = "sql/techniek/core/employer_chains.sql";
const EVIDENCE: &str = "sql/techniek/core/employer_evidence.sql";

/// Plants some hazards and no other. Asserts that the study's reading links what
/// was planted, and that one which differs in some of the definition does not.
fn a_mistake_is_seen(hazards: &str, years: &str, edits: &[(&str, &str, &str)]) {
    let options = ["--persons", "1500", "--seed", "5", "--years", years, "--hazards", hazards];
    let chain = Chain::techniek_with(&options).with_own_definition();
    // Checks would see some of the mistakes before this does.
    std::fs::remove_dir_all(chain.path("sql/techniek/checks")).unwrap();
    edit(&chain, STUDY, "\"2016..2019\"", &format!("\"{years}\""));
    let planted = in_words(&Accounts::of(&chain).links());
    let found = || {
        chain.succeed("one", &["run", "core.employer_links"]);
        found_links(&chain)
    };
    assert_eq!(found(), planted);
    for (file, right, wrong) in edits {
        edit(&chain, file, right, wrong);
    }
    assert_ne!(found(), planted, "{edits:?}");
}

fn edit(chain: &Chain, file: &str, right: &str, wrong: &str) {
    let path = chain.path(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(right), "{file}: {right}");
    std::fs::write(&path, text.replace(right, wrong)).unwrap();
}

/// One pair of years, two, three.
const ONE: &str = "2016..2017";
const TWO: &str = "2016..2018";
const THREE: &str = "2016..2019";

#[test]
fn an_employer_under_a_new_number_is_no_other_employer() {
    let right = "when is_most_of_donor and is_most_of_receiver then 'relabel'";
    a_mistake_is_seen("relabels,letter_numbers", ONE, &[(EVIDENCE, right, "when false then ''")]);
}

#[test]
fn a_link_is_of_its_own_pair_of_years_and_not_of_all() {
    let right = "\"core.employer_links\" = { key";
    let wrong = "\"core.employer_links\" = { reads = { \"core.employer_evidence\" = \"all\" }, key";
    a_mistake_is_seen("there_and_back", THREE, &[(STUDY, right, wrong)]);
}

#[test]
fn a_merger_with_few_of_the_staff_is_told_by_its_event() {
    let right = "when source_code is not null then source_code";
    let edits = [
        (EVIDENCE, right, "when source_code = 'link' then source_code"),
        (EVIDENCE, "source_code is not null or is_eligible", "source_code = 'link' or is_eligible"),
    ];
    a_mistake_is_seen("mergers", ONE, &edits);
}

#[test]
fn who_is_taken_over_by_a_large_employer_is_few_of_its_staff() {
    let right = "when is_most_of_donor then 'takeover'";
    a_mistake_is_seen("takeovers", ONE, &[(EVIDENCE, right, "when false then ''")]);
}

#[test]
fn a_part_that_goes_on_alone_is_not_most_of_the_staff() {
    let right = "                then 'spin_off'\n";
    let wrong = "                then cast(null as string)\n";
    a_mistake_is_seen("demergers,break_ups", ONE, &[(EVIDENCE, right, wrong)]);
}

#[test]
fn numbers_follow_each_other_in_order_of_days() {
    let right = "            and links.statement_date <= next_links.statement_date\n";
    a_mistake_is_seen("id_chains", ONE, &[(CHAINS, right, "")]);
}

#[test]
fn a_chain_of_five_steps_is_too_long() {
    let right = "    from four_steps\n)";
    let wrong = "    from four_steps\n    union\n    select 'link' as source_code, \
                 four_steps.donor_id, links.receiver_id from four_steps inner join links \
                 on four_steps.receiver_id = links.donor_id\n)";
    a_mistake_is_seen("id_chains", ONE, &[(CHAINS, right, wrong)]);
}

#[test]
fn those_who_leave_together_by_chance_are_no_employer() {
    let right = "source_code is not null or is_eligible and flow_code is not null";
    let wrong =
        "source_code is not null or is_eligible and 100 * person_count >= 30 * leaver_count";
    a_mistake_is_seen("chance_clusters", ONE, &[(EVIDENCE, right, wrong)]);
}

#[test]
fn a_threshold_in_floating_point_loses_eighty_of_a_hundred() {
    let right = "person_count >= $donor_share * donor_count";
    let wrong = "person_count * (1e0 / donor_count) >= cast($donor_share as double)";
    a_mistake_is_seen("near_thresholds", ONE, &[(EVIDENCE, right, wrong)]);
}

#[test]
fn four_persons_are_too_few() {
    let edit = (STUDY, "least_headcount = 5", "least_headcount = 4");
    a_mistake_is_seen("near_thresholds", ONE, &[edit]);
}

#[test]
fn an_agency_does_not_go_on_as_those_whom_it_lends_to() {
    let right = "where sector_code = '78' and";
    a_mistake_is_seen(
        "personnel_supply",
        ONE,
        &[(EVIDENCE, right, "where sector_code = 'none' and")],
    );
}

#[test]
fn links_have_a_direction() {
    let right = "            moves.donor_id = said.donor_id\n            \
                 and moves.receiver_id = said.receiver_id\n";
    let wrong = "            moves.donor_id in (said.donor_id, said.receiver_id)\n            \
                 and moves.receiver_id in (said.donor_id, said.receiver_id)\n";
    a_mistake_is_seen("idle_statements", ONE, &[(EVIDENCE, right, wrong)]);
}

#[test]
fn a_link_holds_for_its_pair_and_not_a_year_too_late() {
    let right = "statement_date > $reference_date\n";
    let wrong = "statement_date > $reference_date - interval '1' year\n";
    a_mistake_is_seen("idle_statements", TWO, &[(SUCCESSIONS, right, wrong)]);
}

#[test]
fn what_is_told_a_year_later_is_of_no_use() {
    let right = "statement_date <= $reference_date + interval '1' year\n";
    let wrong = "statement_date <= $reference_date + interval '2' year\n";
    a_mistake_is_seen("idle_statements", TWO, &[(SUCCESSIONS, right, wrong)]);
}

#[test]
fn from_a_cycle_nothing_follows() {
    let edit = (CHAINS, "    where not is_cycle\n", "");
    a_mistake_is_seen("idle_statements", ONE, &[edit]);
}

#[test]
fn not_every_event_is_a_succession() {
    let edit = (EVENT_TYPES, "unit,13,no,", "unit,13,yes,");
    a_mistake_is_seen("idle_statements", ONE, &[edit]);
}

#[test]
fn links_and_switches_that_do_not_add_up_stop_the_run() {
    let options = ["--persons", "1500", "--seed", "7", "--years", TWO];
    let chain = Chain::techniek_with(&options).with_own_definition();
    edit(&chain, STUDY, "\"2016..2019\"", &format!("\"{TWO}\""));
    chain.succeed("one", &["run"]);
    for (check, file, right, wrong) in [
        (
            "no_more_move_than_an_employer_has",
            "core/employer_moves",
            "        receivers.receiver_count,",
            "        receivers.receiver_count - 1 as receiver_count,",
        ),
        (
            "every_employer_link_is_of_a_move_of_its_pair",
            "core/employer_links",
            "        receiver_id,\n        evidence_code as",
            "        'x' || receiver_id as receiver_id,\n        evidence_code as",
        ),
        (
            "every_statement_of_a_pair_is_of_its_days",
            "core/employer_successions",
            "statement_date > $reference_date",
            "statement_date >= $reference_date",
        ),
        (
            "raw_switches_are_the_corrected_ones_and_those_of_each_rule",
            "out/employer_switches",
            "linked_count + corrected_switch_count as raw_switch_count",
            "corrected_switch_count as raw_switch_count",
        ),
        (
            "links_of_employers_account_for_every_switch",
            "out/employer_link_summary",
            "    from core.employer_evidence\n",
            "    from core.employer_evidence\n    where person_count > 1\n",
        ),
        (
            "switches_equal_the_register_transitions_behind_them",
            "core/employed_pairs",
            "when transitions.link_rule_code is not null",
            "when transitions.link_rule_code = 'event'",
        ),
    ] {
        let path = format!("sql/techniek/{file}.sql");
        edit(&chain, &path, right, wrong);
        let log = chain.fail("one", 3, &["run"]);
        assert!(log.contains(&format!("{check} (")), "{check}: {log}");
        edit(&chain, &path, wrong, right);
    }
    assert!(chain.succeed("one", &["run"]).starts_with("nothing to do"));
}
