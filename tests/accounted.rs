//! Edits of raw files whose consequences for the study `techniek` are known:
//! what must change nothing, what must be told, what must never be a move.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use crate::chain::{Chain, Files, assert_same_files};
use crate::edits::jobs_file;
use crate::rows::{RawText, Row, file_rows, rows};
use crate::workplace::stderr;

fn asked(chain: &Chain, sql: &str) -> Vec<Row> {
    rows(&chain.succeed("one", &["sql", sql, "--format", "csv"]))
}

fn published(chain: &Chain, table: &str) -> Vec<Row> {
    file_rows(&chain.path(&format!("one/release/current/{table}.csv")))
}

/// The published tables that a model makes, without what describes the release.
fn tables(chain: &Chain) -> Files {
    let mut files = chain.release("one");
    let is_about = |name: &str| {
        ["release.json", "report.html", "b3sums.txt"].contains(&name)
            || name.starts_with("source_records.")
    };
    files.retain(|name, _| !is_about(name));
    assert!(files.len() > 20, "CSV and Parquet of eleven tables");
    files
}

#[test]
fn moves_abroad_and_back_before_the_first_year_change_no_table() {
    let chain = Chain::that_ran(3000, 31);
    let before = tables(&chain);
    let file = chain.path("raw/GBAMIGRATIEBUS/GBAMIGRATIE2019BUSV1.csv");
    let mut movements = RawText::read(&file);
    let moved: BTreeSet<String> =
        movements.records().map(|record| movements.cell(record, "RINPERSOON").to_owned()).collect();
    let sql = "select distinct person_id from core.person_years where work_code = 'employed'";
    let employed = asked(&chain, sql);
    let employed = employed.iter().map(|row| &row["person_id"][1..]);
    let never_moved: Vec<&str> = employed.filter(|rin| !moved.contains(*rin)).take(150).collect();
    assert_eq!(never_moved.len(), 150);
    for rin in never_moved {
        movements.add(&["R", rin, "20100301", "20120430", "2"]);
        movements.add(&["R", rin, "20120501", "99999999", "1"]);
    }
    movements.write(&file);
    chain.succeed("one", &["run"]);
    assert_same_files(&before, &tables(&chain));
}

/// Employers of technical sectors with most people in 2017 that both years know.
fn technical_employers(chain: &Chain) -> Vec<String> {
    let sql = "select from_employer_id as id, count(*) as people from core.transitions \
               where from_year = 2017 and from_cell = 'technical' and from_cell = next_cell \
               and is_same_employer group by 1 order by 2 desc, 1 limit 12";
    asked(chain, sql).into_iter().map(|row| row["id"].clone()).collect()
}

#[test]
fn twelve_employers_with_another_activity_code_change_nothing_but_recoded() {
    let chain = Chain::that_ran(6000, 33);
    let of_pair = |table: &str, column: &str| -> Vec<Row> {
        published(&chain, table).into_iter().filter(|row| row[column] == "2017").collect()
    };
    let names = ["register_transitions", "employer_switches", "mobility_by_age", "youth_mobility"];
    let pair = || {
        let tables = names.iter().chain(&["youth_destinations"]);
        let mut rows: Vec<_> = tables.map(|table| of_pair(table, "from_year")).collect();
        let survey = ["switches_by_function", "retention", "leaver_destinations"];
        rows.extend(survey.map(|table| of_pair(table, "period")));
        rows
    };
    let accounts = || {
        let rows = of_pair("flow_accounts", "year").into_iter();
        let key = |row: &Row| [&row["cell"], &row["side"], &row["other_code"]].map(String::clone);
        let count = |row: &Row| row["person_count"].parse::<i64>().unwrap();
        rows.map(|row| (key(&row), count(&row))).collect::<BTreeMap<_, _>>()
    };
    let (before, accounts_before) = (pair(), accounts());
    let employers = technical_employers(&chain);
    assert_eq!(employers.len(), 12);
    for year in [2018, 2019] {
        let file = chain.path(&format!("raw/BETAB/BE{year}TABV1.csv"));
        let mut list = RawText::read(&file);
        for record in list.records() {
            if employers.iter().any(|id| id == list.cell(record, "BEID")) {
                list.set(record, &format!("SBI2008V{year}"), "46692");
            }
        }
        list.write(&file);
    }
    chain.succeed("one", &["run"]);
    assert_eq!(pair(), before);
    only_recoded_differs(&accounts_before, &accounts());
}

/// Who is out of a cell, or in one, by being recoded was there otherwise before.
fn only_recoded_differs(before: &BTreeMap<[String; 3], i64>, after: &BTreeMap<[String; 3], i64>) {
    let mut recoded: BTreeMap<&str, i64> = BTreeMap::new();
    let keys: BTreeSet<&[String; 3]> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let count = |table: &BTreeMap<_, i64>| table.get(key).copied().unwrap_or_default();
        let more = count(after) - count(before);
        match [key[1].as_str(), &key[2]] {
            ["stock", _] => assert_eq!(more, 0, "{key:?}"),
            ["out", "recoded"] => assert!(more >= 0, "{key:?}"),
            // Stayers and movers of the twelve are recoded now.
            ["out", _] => assert!(more <= 0, "{key:?}"),
            ["in", "recoded"] => *recoded.entry("in").or_default() += more,
            _ => {}
        }
        if key[1] == "out" && key[2] == "recoded" {
            *recoded.entry("out").or_default() += more;
        }
    }
    assert!(recoded["out"] > 12, "{recoded:?}");
    // Who came into the population at such an employer was not recoded.
    assert_eq!(recoded["in"], recoded["out"]);
}

/// Writes wage and hours of some records as nines.
fn write_nines(chain: &Chain, year: i32, is_chosen: impl Fn(&RawText, usize) -> bool) {
    let file = jobs_file(chain, year);
    let mut jobs = RawText::read(&file);
    let mut written = 0;
    for record in jobs.records().filter(|record| is_chosen(&jobs, *record)).collect::<Vec<_>>() {
        for column in ["SBASISLOON", "SBASISUREN"] {
            if jobs.cell(record, column) != "9999999999" {
                jobs.set(record, column, "9999999999");
                written += 1;
            }
        }
    }
    assert!(written > 20, "{written}");
    jobs.write(&file);
}

#[test]
fn wages_and_hours_written_as_nines_change_no_exit() {
    // Where all pay stands, since nines in place of an unpaid month are another
    // thing than nines in place of a wage.
    let chain = Chain::techniek_with(&["--persons", "3000", "--hazards", "none"]);
    chain.succeed("one", &["run"]);
    let sql = "select from_year, person_id from core.transitions \
               where transition_code like 'out_%' order by 1, 2";
    let before = asked(&chain, sql);
    assert!(before.len() > 100);
    for year in [2017, 2018, 2019] {
        write_nines(&chain, year, |_, record| record % 1000 == 1);
    }
    chain.succeed("one", &["run"]);
    assert_eq!(asked(&chain, sql), before, "one record in a thousand");
    // A month is bridged whatever is thought of it, a year is not.
    write_nines(&chain, 2018, |jobs, record| {
        let number: u64 = jobs.cell(record, "IKVID").parse().unwrap();
        number.is_multiple_of(20)
    });
    chain.succeed("one", &["run"]);
    assert_eq!(asked(&chain, sql), before, "all records of one job in twenty");
}

/// Records of a year of people who are employed at both ends of 2017 and have
/// one job on the reference day of 2018.
fn records_of_the_employed(chain: &Chain, jobs: &RawText) -> Vec<Vec<usize>> {
    let sql = "select person_id, count(*) as jobs from core.open_jobs \
               where year = 2018 and is_reference_day and person_id in \
               (select person_id from core.transitions where from_year = 2017 \
               and transition_code = 'stay') group by 1 having count(*) = 1 order by 1";
    let persons: BTreeSet<String> =
        asked(chain, sql).into_iter().map(|row| row["person_id"].clone()).collect();
    let mut records: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for record in jobs.records() {
        let id = format!("{}{}", jobs.cell(record, "RINPERSOONS"), jobs.cell(record, "RINPERSOON"));
        if persons.contains(&id) {
            records.entry(id).or_default().push(record);
        }
    }
    records.into_values().collect()
}

#[test]
fn what_is_not_known_is_told_and_never_a_stop_or_a_move() {
    let chain = Chain::that_ran(3000, 31);
    let sql = "select person_id, transition_code from core.transitions where from_year = 2017 \
               and transition_code is not null order by 1";
    let by_person = || -> BTreeMap<String, String> {
        let cells = |row: Row| (row["person_id"].clone(), row["transition_code"].clone());
        asked(&chain, sql).into_iter().map(cells).collect()
    };
    let before = by_person();
    let file = jobs_file(&chain, 2018);
    let mut jobs = RawText::read(&file);
    let employed = records_of_the_employed(&chain, &jobs);
    for record in employed[..30].iter().flatten() {
        if !jobs.cell(*record, "SBEID").is_empty() {
            jobs.set(*record, "SBEID", "");
        }
    }
    for record in employed[30..60].iter().flatten() {
        jobs.set(*record, "SSOORTBAAN", "8");
        jobs.set(*record, "SSRTIV", "98");
    }
    jobs.write(&file);
    let output = chain.output("one", &["run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("check every_code_of_a_job_is_known: "));
    let mut unknown = 0;
    for (person, code) in by_person() {
        if code != before[&person] {
            assert_eq!((before[&person].as_str(), code.as_str()), ("stay", "employer_unknown"));
            unknown += 1;
        }
    }
    assert_eq!(unknown, 30);
}

#[test]
fn an_interview_filed_under_another_year_is_told_and_is_nobody_leaving() {
    let chain = Chain::that_ran(6000, 33);
    let leavers = || -> i64 {
        let count = |row: &Row, column: &str| row[column].parse::<i64>().unwrap();
        let total = published(&chain, "retention")
            .into_iter()
            .filter(|row| row["age_group"] == "15-74" && row["period"] == "2017");
        total.map(|row| count(&row, "base_count") - count(&row, "stay_count")).sum()
    };
    let before = leavers();
    let file = chain.path("raw/EBBnw/EBBnw2018V1.csv");
    let (mut fifth, mut moved) = (0, 0);
    let bytes = std::fs::read(&file).unwrap();
    let text: String = bytes.into_iter().map(char::from).collect();
    let line = |line: &str| {
        let mut cells: Vec<String> = line.split(';').map(str::to_owned).collect();
        if cells.get(3).is_some_and(|wave| wave == "5") {
            fifth += 1;
            if fifth % 3 == 0 {
                moved += 1;
                cells[2].replace_range(..4, "2017");
            }
        }
        cells.join(";") + "\n"
    };
    let text: String = text.lines().map(line).collect();
    let bytes = text.chars().map(|it| u8::try_from(u32::from(it)).unwrap());
    std::fs::write(&file, bytes.collect::<Vec<u8>>()).unwrap();
    assert!(moved > 50, "{moved}");
    let output = chain.output("one", &["run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("check every_interview_is_on_a_day_of_its_year: "));
    assert!(stderr(&output).contains("check survey_pairs_lie_a_year_apart: "));
    assert!(leavers() <= before, "nobody leaves by it");
}

#[test]
fn a_record_delivered_twice_is_told() {
    let told = |chain: &Chain| {
        let output = chain.output("one", &["run"]);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output).lines().find(|line| line.contains("delivered_twice")).map(str::to_owned)
    };
    let chain = Chain::techniek(600, 39);
    assert_eq!(told(&chain), None);
    let file = jobs_file(&chain, 2018);
    let text = std::fs::read_to_string(&file).unwrap();
    let record = text.lines().skip(1).find(|line| line.starts_with("R;")).unwrap().to_owned();
    std::fs::write(&file, format!("{text}{record}\n{record}\n")).unwrap();
    let line = told(&chain).expect("a warning");
    assert!(line.contains("check no_pay_period_is_delivered_twice: 1 rows"), "{line}");
}

#[test]
fn the_last_year_has_no_rows_of_pairs() {
    let chain = Chain::that_ran(400, 7);
    let pairs = [
        ("register_transitions", "from_year"),
        ("flow_accounts", "year"),
        ("employer_switches", "from_year"),
        ("mobility_by_age", "from_year"),
        ("youth_mobility", "from_year"),
        ("youth_destinations", "from_year"),
    ];
    for (table, column) in pairs {
        let years: BTreeSet<String> =
            published(&chain, table).into_iter().map(|row| row[column].clone()).collect();
        assert_eq!(years, ["2016", "2017", "2018"].map(str::to_owned).into(), "{table}");
    }
}

#[test]
fn years_of_people_meet_by_merging_and_nothing_large_is_sorted_again() {
    // One thread must not make hash joins of them, which hold a side in memory.
    for threads in ["1", "4"] {
        let chain = Chain::techniek(600, 37);
        let options = ["run", "core.pairs", "--threads", threads, "--log-level", "debug"];
        let output = chain.output("one", &options);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_joins_and_sorts(&output);
    }
}

fn assert_joins_and_sorts(output: &Output) {
    let log = stderr(output);
    let planned = |slice: &str| {
        let line = log.lines().find(|line| line.contains(&format!("{slice}: planned in")));
        line.expect(slice).to_owned()
    };
    for (slice, joins) in [
        ("core.pairs 2017", "3 merge, 0 hash, 0 nested; 0 sorts"),
        ("core.person_years 2017", "2 merge, 0 hash, 0 nested; 0 sorts"),
        // The order of a window must be that of the file: each row is read as it lies.
        ("core.job_periods 2017", "0 merge, 0 hash, 0 nested; 0 sorts"),
        ("core.pay_periods 2017", "0 merge, 3 hash, 0 nested; 0 sorts"),
    ] {
        let line = planned(slice);
        assert!(line.ends_with(&format!("joins: {joins}")), "{line}");
    }
}

#[test]
fn accounts_that_do_not_close_stop_the_run() {
    let chain = Chain::that_ran(3000, 31);
    let folder = "sql/techniek";
    for (check, file, right, wrong) in [
        (
            "the_accounts_of_each_cell_close",
            "out/flow_accounts.sql",
            "        next_cell as cell,\n        'in' as side,",
            "        from_cell as cell,\n        'in' as side,",
        ),
        (
            "each_next_stock_is_the_stock_of_the_year_after",
            "core/transitions.sql",
            "case to_work_code when 'employed' then next_group",
            "case to_work_code when 'employed' then to_group",
        ),
        (
            "every_person_of_a_stock_is_in_the_population",
            "core/pairs.sql",
            "this_year.person_id is not null or next_year.person_id is not null",
            "this_year.person_id is not null",
        ),
        (
            "who_stays_in_the_population_is_in_the_next_stock",
            "core/pairs.sql",
            "this_year.person_id is not null or next_year.person_id is not null",
            "this_year.person_id is not null",
        ),
        (
            "every_person_of_a_year_has_one_destination_the_year_after",
            "out/register_transitions.sql",
            "where transition_code is not null",
            "where transition_code != 'died'",
        ),
        (
            "destinations_of_the_young_are_those_who_left",
            "out/youth_destinations.sql",
            "where transition_kinds.mobility_code in ('other_employer', 'leaves')",
            "where transition_kinds.mobility_code = 'other_employer'",
        ),
        (
            "nobody_vanishes_between_two_years",
            "core/transitions.sql",
            "            when to_residence_code = 'abroad' then 'emigrated'\n",
            "",
        ),
        (
            "every_transition_is_on_the_list",
            "core/transitions.sql",
            "else 'stays_out'",
            "else 'stays_away'",
        ),
        (
            "the_reference_day_is_not_near_new_year",
            "../../pipelines/techniek.toml",
            "each_year = \"10-01\"",
            "each_year = \"12-15\"",
        ),
    ] {
        let path = chain.path(&format!("{folder}/{file}"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(right).count(), 1, "{file}: {right}");
        std::fs::write(&path, text.replace(right, wrong)).unwrap();
        let log = chain.fail("one", 3, &["run"]);
        assert!(log.contains(&format!("{check} (")), "{check}: {log}");
        std::fs::write(&path, text).unwrap();
    }
    assert!(chain.succeed("one", &["run"]).starts_with("nothing to do"));
}
