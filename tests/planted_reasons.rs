//! What is planted to go with leaving work is found again in the rates by age:
//! tenure and contract, and no wage.

use std::collections::BTreeMap;

use crate::chain::Chain;
use crate::rows::{Row, rows};

/// Events and standardised rate of a value.
type Rates = BTreeMap<(String, String), (f64, f64)>;

/// Ages at which who leaves work does so by the planted rates alone: the young
/// leave for a study and come back, the old for a pension.
const AGES: [&str; 3] = ["25-34", "35-44", "45-54"];

fn chain() -> Chain {
    let options = ["--persons", "40000", "--seed", "1", "--hazards", "unequal_exits"];
    let chain = Chain::techniek_with(&options);
    chain.succeed("one", &["run", "out.reasons"]);
    chain
}

fn asked(chain: &Chain, sql: &str) -> Vec<Row> {
    rows(&chain.succeed("one", &["sql", sql, "--run", "last", "--format", "csv"]))
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Rates of leaving work at those ages, all years and sectors together, each age
/// as often as it is among all.
fn standardised(counts: &[Row]) -> Rates {
    let mut mixes: BTreeMap<&str, f64> = BTreeMap::new();
    let mut cells: BTreeMap<(&str, &str), BTreeMap<&str, [f64; 2]>> = BTreeMap::new();
    for row in counts.iter().filter(|row| AGES.contains(&row["age_group"].as_str())) {
        let [events, base] = ["event_count", "base_count"].map(|column| number(row, column));
        if row["characteristic"] == "all" {
            *mixes.entry(&row["age_group"]).or_default() += base;
        }
        let cell = (row["characteristic"].as_str(), row["value_code"].as_str());
        let sums = cells.entry(cell).or_default().entry(&row["age_group"]).or_default();
        (sums[0], sums[1]) = (sums[0] + events, sums[1] + base);
    }
    let total: f64 = mixes.values().sum();
    let rate = |(cell, ages): (&(&str, &str), &BTreeMap<&str, [f64; 2]>)| {
        let part = |(age, [events, base]): (&&str, &[f64; 2])| mixes[age] / total * events / base;
        let events = ages.values().map(|sums| sums[0]).sum();
        ((cell.0.to_owned(), cell.1.to_owned()), (events, ages.iter().map(part).sum()))
    };
    cells.iter().map(rate).collect()
}

/// The logarithm of the ratio of two rates, in standard errors from that of a
/// planted ratio.
fn errors_off(rates: &Rates, [one, other]: [[&str; 2]; 2], planted: f64) -> f64 {
    let [one, other] = [one, other].map(|cell| rates[&(cell[0].to_owned(), cell[1].to_owned())]);
    let error = (1.0 / one.0 + 1.0 / other.0).sqrt();
    ((one.1 / other.1).ln() - planted.ln()) / error
}

#[test]
fn planted_ratios_of_leaving_are_those_of_the_rates_by_age() {
    let chain = chain();
    let counts = asked(&chain, "select * from core.reason_counts where event = 'exit'");
    let rates = standardised(&counts);
    let terms = [["contract", "temporary"], ["contract", "permanent"]];
    let contract = |planted| errors_off(&rates, terms, planted);
    assert!(contract(2.0).abs() < 3.0 && contract(1.0) > 6.0, "{rates:?}");
    let planted = [("under_1", 1.5), ("1_to_2", 1.2), ("5_to_10", 0.8), ("10_or_more", 0.6)];
    for (tenure, ratio) in planted {
        let off = errors_off(&rates, [["tenure", tenure], ["tenure", "2_to_5"]], ratio);
        assert!(off.abs() < 3.0, "{tenure}: {off}");
    }
    let veterans = errors_off(&rates, [["tenure", "10_or_more"], ["tenure", "under_1"]], 1.0);
    assert!(veterans < -6.0, "{rates:?}");
    for fifth in ["1", "2", "3", "4", "5"] {
        let off = errors_off(&rates, [["wage_fifth", fifth], ["all", "all"]], 1.0);
        assert!(off.abs() < 3.0, "fifth {fifth}: {off}");
    }
    wages_go_with_leaving_only_by_age(&chain);
}

/// Raw, the fifths of wages differ in who leaves, for the young earn less and leave
/// more; by the ages of all they differ less.
fn wages_go_with_leaving_only_by_age(chain: &Chain) {
    let sql = "select value_code, sum(event_count) as event_count, sum(base_count) as base_count,
               sum(standardised_rate * base_count) as leaving
               from out.reasons where event = 'exit' and characteristic = 'wage_fifth'
               and sector_group in ('technical', 'other') group by value_code";
    let rows = asked(chain, sql);
    let spread = |of: &str| {
        let known = rows.iter().filter(|row| row["value_code"] != "unknown");
        let rates = known.map(|row| number(row, of) / number(row, "base_count"));
        let (least, most) =
            rates.fold((f64::MAX, 0.0), |(least, most), rate| (rate.min(least), rate.max(most)));
        most / least
    };
    assert!(spread("event_count") > 1.4, "{}", spread("event_count"));
    assert!(spread("leaving") < 1.25, "{}", spread("leaving"));
}
