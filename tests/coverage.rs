//! Intervals of the survey against a census of what everybody would answer: over
//! many invented populations they hold its value about as often as they say.
//! `benches/coverage/measure.py` does the same with more.

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::Chain;
use crate::rows::{Row, file_rows, rows};

const SEEDS: std::ops::RangeInclusive<u32> = 1..=20;
/// The base period of the technical sectors, and a year more.
const YEARS: &str = "2016..2018";
/// Of 20 intervals that hold with a probability of 95 percent, fewer do three
/// times in a thousand.
const LEAST: usize = 16;
/// Of 100, those of all five statements, fewer do four times in a thousand; with
/// bounds that hold with 80 percent, 98 times in a hundred.
const LEAST_OF_ALL: usize = 89;

const STATEMENTS: [&str; 5] = ["T2", "T4 difference", "T5", "T6", "T10"];

#[test]
fn nineteen_of_twenty_intervals_hold_what_a_census_would_find() {
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in SEEDS {
        let chain = chain(seed);
        let (bounds, census) = (bounds(&chain), census(&chain));
        for statement in STATEMENTS {
            let ([low, high], value) = (bounds[statement], census[statement]);
            assert!(value > -1.0 && low < high, "{statement}, seed {seed}");
            *held.entry(statement).or_default() += usize::from(low <= value && value <= high);
        }
    }
    assert!(held.values().all(|count| *count >= LEAST), "{held:?}");
    assert!(held.values().sum::<usize>() >= LEAST_OF_ALL, "{held:?}");
}

/// Three years of a population without hazards, run up to the intervals.
fn chain(seed: u32) -> Chain {
    let seed = seed.to_string();
    let options = ["--persons", "12000", "--years", YEARS, "--hazards", "none"];
    let options = [&options[..], &["--seed", &seed]].concat();
    let chain = Chain::techniek_with(&options).with_years(YEARS);
    chain.succeed("one", &["run", "core.survey_intervals"]);
    chain
}

fn asked(chain: &Chain, sql: &str) -> Vec<Row> {
    rows(&chain.succeed("one", &["sql", sql, "--format", "csv"]))
}

/// Bounds of each statement, of all years pooled; of the difference those of
/// Newcombe.
fn bounds(chain: &Chain) -> BTreeMap<&'static str, [f64; 2]> {
    let pooled = "select * from core.survey_intervals where period like '%..%'";
    let found = asked(chain, pooled);
    let of = |estimate: &str, cell: &str| {
        let is_it = |row: &&Row| [&row["estimate"], &row["cell"]] == [estimate, cell];
        let row = found.iter().find(is_it).unwrap();
        ["share", "share_low", "share_high"].map(|column| row[column].parse::<f64>().unwrap())
    };
    let rate = |function: &str| {
        of("switches_by_function", &format!("corrected technical {function} 15-74"))
    };
    let ([p, p_low, p_high], [q, q_low, q_high]) = (rate("other"), rate("technical"));
    let difference = [p - q - (p - p_low).hypot(q_high - q), p - q + (p_high - p).hypot(q - q_low)];
    let bounds = |[_, low, high]: [f64; 3]| [low, high];
    let leavers = "left_the_cell as_coded other_function";
    BTreeMap::from([
        ("T2", bounds(of("workforce", "employees technical technical"))),
        ("T4 difference", difference),
        ("T5", bounds(of("retention", "employees as_coded 15-74"))),
        ("T6", bounds(of("leaver_destinations", leavers))),
        ("T10", bounds(of("education_match", "isced07 all in_work"))),
    ])
}

/// The share of a condition, of those for whom it is known.
fn share<'a>(cells: impl Iterator<Item = &'a Row>, is: impl Fn(&Row) -> Option<bool>) -> f64 {
    let mut counts = [0.0; 2];
    for cell in cells {
        if let Some(is) = is(cell) {
            counts[usize::from(is)] += cell["person_count"].parse::<f64>().unwrap();
        }
    }
    counts[1] / (counts[0] + counts[1])
}

fn flag(text: &str) -> Option<bool> {
    (!text.is_empty()).then(|| text == "1")
}

/// The statements as they are of everybody, by the run's own technical sectors.
fn census(chain: &Chain) -> BTreeMap<&'static str, f64> {
    let list = asked(chain, "select sector_code from core.technical_sectors where is_technical");
    let technical: BTreeSet<String> =
        list.into_iter().map(|row| row["sector_code"].clone()).collect();
    let cells = file_rows(&chain.path("raw/truth/survey_population.csv"));
    let is_inside =
        |row: &&Row| row["work_code"] == "employee" && technical.contains(&row["sector_code"]);
    let inside: Vec<&Row> = cells.iter().filter(is_inside).collect();
    let pairs = || inside.iter().copied().filter(|row| row["scope_code"] == "in_scope");
    let of =
        |is_technical: &'static str| pairs().filter(move |row| row["is_technical"] == is_technical);
    let in_technical_sector = |row: &Row| match row["to_sector_code"].as_str() {
        "unknown" => None,
        sector => Some(technical.contains(sector)),
    };
    let stays = |row: &Row| match row["to_work_code"].as_str() {
        "unknown" => None,
        "employee" => match (flag(&row["to_is_technical"]), in_technical_sector(row)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        _ => Some(false),
    };
    let has_other_function = |row: &Row| match row["to_work_code"].as_str() {
        "employee" => in_technical_sector(row).and(flag(&row["to_is_technical"]).map(|is| !is)),
        _ => Some(false),
    };
    let switches = |row: &Row| flag(&row["is_same_employer"]).map(|is_same| !is_same);
    let leavers = of("1").filter(|row| stays(row) == Some(false));
    let educated = file_rows(&chain.path("raw/truth/education_match.csv"));
    let works =
        |row: &&Row| row["position_code"] == "1" && row["education_field_code"].starts_with("07");
    let educated = educated.iter().filter(works);
    BTreeMap::from([
        ("T2", share(inside.iter().copied(), |row| flag(&row["is_technical"]))),
        ("T4 difference", share(of("0"), switches) - share(of("1"), switches)),
        ("T5", share(of("1"), stays)),
        ("T6", share(leavers, has_other_function)),
        ("T10", share(educated, |row| flag(&row["is_technical"]).map(|is| !is))),
    ])
}
