//! The register's tables in the lake, a row a person, counted against the truth.

use std::collections::BTreeMap;

use super::Results;
use crate::chain::Chain;
use crate::rows::{Row, file_rows, rows, sums};

/// A table of the register's truth, and the same from the lake, a row a person.
pub(crate) struct Register {
    /// Name of the truth.
    pub(crate) name: &'static str,
    /// The table of the lake that they are the rows of.
    pub(crate) table: &'static str,
    /// What its rows are counted by.
    pub(crate) columns: &'static [&'static str],
    /// The rows to count.
    pub(crate) sql: &'static str,
}

/// Where everybody is on each reference day.
pub(crate) const RESIDENCE: Register = Register {
    name: "residence",
    table: "core.residence",
    columns: &["year", "residence_code", "age_group"],
    sql: "select * from core.residence",
};

/// In what state everybody of the population is.
pub(crate) const PERSON_YEARS: Register = Register {
    name: "person_years",
    table: "core.person_years",
    columns: &["year", "state_code", "sector_code", "age_group"],
    sql: "select year, state_code, age_group, case when work_code = 'employed' \
          then coalesce(sector_code, 'unknown') else 'none' end as sector_code \
          from core.person_years",
};

const CONTRADICTIONS: Register = Register {
    name: "state_contradictions",
    table: "core.person_years",
    columns: &["year", "state_code", "secm_code", "has_job"],
    sql: "select year, state_code, coalesce(secm_code, 'unknown') as secm_code, has_job \
          from core.person_years",
};

/// What became of everybody of a year's population.
pub(crate) const TRANSITIONS: Register = Register {
    name: "register_transitions",
    table: "core.transitions",
    columns: &["from_year", "sector_code", "age_group", "transition_code", "to_cell"],
    sql: "select from_year, transition_code, from_age_group as age_group, \
          case when from_state_code in ('employee', 'director') \
            then coalesce(from_sector_code, 'unknown') else 'none' end as sector_code, \
          case when to_state_code is null then transition_code \
            when to_state_code in ('employee', 'director') \
            then coalesce(to_sector_code, 'unknown') else to_cell end as to_cell \
          from core.transitions where transition_code is not null",
};

const FLOWS: Register = Register {
    name: "flows",
    table: "core.transitions",
    columns: &["year", "from_cell", "to_cell", "next_cell", "is_same_employer"],
    sql: "select pairs.from_year as year, \
          coalesce(arrival_code, case pairs.from_work_code when 'employed' \
            then coalesce(pairs.from_sector_code, 'unknown') \
            else pairs.from_work_code end) as from_cell, \
          case when pairs.to_work_code is null then transition_code \
            when pairs.to_work_code = 'employed' \
            then coalesce(transitions.to_sector_code, 'unknown') \
            else pairs.to_work_code end as to_cell, \
          case when pairs.to_work_code is null then transition_code \
            when pairs.to_work_code = 'employed' \
            then coalesce(pairs.to_sector_code, 'unknown') \
            else pairs.to_work_code end as next_cell, is_same_employer \
          from core.pairs as pairs inner join core.transitions as transitions \
          on pairs.from_year = transitions.from_year \
          and pairs.person_id = transitions.person_id",
};

impl Register {
    /// The counts that were planted.
    pub(crate) fn planted(&self, chain: &Chain) -> BTreeMap<Vec<String>, i64> {
        let truth = file_rows(&chain.path(&format!("raw/truth/{}.csv", self.name)));
        assert!(!truth.is_empty(), "no truth in {}", self.name);
        sums(&truth, self.columns, "person_count")
    }

    /// The counts that the lake has.
    pub(crate) fn found(&self, chain: &Chain) -> BTreeMap<Vec<String>, i64> {
        let (columns, rows_of) = (self.columns.join(", "), self.sql);
        let counted = format!(
            "select {columns}, count(*) as person_count from ({rows_of}) group by {columns}"
        );
        let found = chain.succeed("one", &["sql", &counted, "--format", "csv"]);
        sums(&rows(&found), self.columns, "person_count")
    }
}

pub(super) fn the_lake_is_the_truth(results: &Results) {
    for table in [RESIDENCE, PERSON_YEARS, CONTRADICTIONS, TRANSITIONS, FLOWS] {
        let (found, planted) = (table.found(&results.chain), table.planted(&results.chain));
        assert_eq!(found, planted, "{}", table.name);
    }
    jobs_count_as_in_the_truth(results);
}

fn jobs_count_as_in_the_truth(results: &Results) {
    let found = results.asked(
        "select year, counted_as as reason, count(*) as job_count, \
         count(distinct person_id) as person_count \
         from core.open_jobs where is_reference_day group by year, counted_as",
    );
    let planted = results.truth("job_inclusion");
    for measure in ["job_count", "person_count"] {
        let sums = |rows: &[Row]| sums(rows, &["year", "reason"], measure);
        assert_eq!(sums(&found), sums(&planted), "{measure}");
    }
}
