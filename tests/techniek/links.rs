//! The links of employers against those that follow from the generator's own
//! accounts, by the thresholds of the study and in plain code.

use std::collections::{BTreeMap, BTreeSet};

use super::{Results, integer};
use crate::chain::Chain;
use crate::rows::{Row, file_rows, rows};

/// A donor and a receiver in a pair of years.
pub(crate) type Pair = (i64, String, String);

/// What the registers say: day, donor, receiver.
type Said = Vec<(String, String, String)>;

const EVIDENCE: [&str; 6] = ["event_6", "event_7", "event_8", "event_9", "event_10", "event_12"];
const LEAST_HEADCOUNT: i64 = 5;
const MOST_STEPS: usize = 4;

/// Persons who work for an employer at both ends.
#[derive(Default)]
struct Stock {
    first: i64,
    second: i64,
    both: i64,
    is_supply: bool,
}

/// The accounts of the generator.
pub(crate) struct Accounts {
    moves: BTreeMap<Pair, [i64; 2]>,
    stocks: BTreeMap<(i64, String), Stock>,
    known: BTreeMap<i64, BTreeSet<String>>,
    statements: Vec<Row>,
}

impl Accounts {
    pub(crate) fn of(chain: &Chain) -> Self {
        let truth = |table: &str| file_rows(&chain.path(&format!("raw/truth/{table}.csv")));
        let moves = truth("employer_moves").into_iter().map(|row| {
            (key(&row), ["person_count", "succession_count"].map(|column| integer(&row, column)))
        });
        let stocks = truth("employer_stocks").into_iter().map(|row| {
            let stock = Stock {
                first: integer(&row, "first_count"),
                second: integer(&row, "second_count"),
                both: integer(&row, "both_count"),
                is_supply: row["is_personnel_supply"] == "true",
            };
            ((integer(&row, "from_year"), row["employer_id"].clone()), stock)
        });
        Accounts {
            moves: moves.collect(),
            stocks: stocks.collect(),
            known: known_employers(chain),
            statements: truth("employer_events"),
        }
    }

    fn stock(&self, year: i64, employer: &str) -> &Stock {
        &self.stocks[&(year, employer.to_owned())]
    }

    fn is_known(&self, year: i64, employer: &str) -> bool {
        let is_listed = |year| self.known.get(&year).is_some_and(|known| known.contains(employer));
        let has_staff = self.stocks.contains_key(&(year, employer.to_owned()));
        is_listed(year) || is_listed(year + 1) || has_staff
    }

    /// What registers say of a pair of years, without what is no evidence.
    fn said(&self, year: i64, is_event: bool) -> Said {
        let (from, to) = (format!("{year}-10-01"), format!("{}-10-01", year + 1));
        let mut said = Said::new();
        for row in &self.statements {
            let [day, kind, donor, receiver] =
                ["day", "kind", "donor_id", "receiver_id"].map(|column| row[column].clone());
            let is_kind = if is_event { EVIDENCE.contains(&kind.as_str()) } else { kind == "link" };
            let is_known = self.is_known(year, &donor) && self.is_known(year, &receiver);
            if is_kind && day > from && day <= to && donor != receiver && is_known {
                said.push((day, donor, receiver));
            }
        }
        without_cycles(said)
    }

    /// Every link, with its rule.
    pub(crate) fn links(&self) -> BTreeMap<Pair, &'static str> {
        let years: BTreeSet<i64> = self.moves.keys().map(|(year, ..)| *year).collect();
        let mut links = BTreeMap::new();
        for year in years {
            let (events, numbers) = (self.said(year, true), self.said(year, false));
            for pair in self.moves.keys().filter(|(from, ..)| *from == year) {
                let (_, donor, receiver) = pair;
                let is_event =
                    events.iter().any(|(_, one, other)| (one, other) == (donor, receiver));
                let rule = if is_event {
                    Some("event")
                } else if is_reached(&numbers, donor, receiver) {
                    Some("link")
                } else {
                    self.rule_by_flow(pair)
                };
                if let Some(rule) = rule {
                    links.insert(pair.clone(), rule);
                }
            }
        }
        links
    }

    fn is_large_outside_supply(&self, pair: &Pair) -> bool {
        let (year, donor, receiver) = pair;
        let is_supply = self.stock(*year, donor).is_supply || self.stock(*year, receiver).is_supply;
        self.moves[pair][0] >= LEAST_HEADCOUNT && !is_supply
    }

    /// A receiver without staff of its own, most of whom the donor had.
    fn is_new_part(&self, pair: &Pair) -> bool {
        let stock = self.stock(pair.0, &pair.2);
        self.is_large_outside_supply(pair)
            && stock.both == 0
            && 100 * self.moves[pair][0] >= 80 * stock.second
    }

    fn rule_by_flow(&self, pair: &Pair) -> Option<&'static str> {
        let (year, donor, receiver) = pair;
        if !self.is_large_outside_supply(pair) {
            return None;
        }
        let persons = self.moves[pair][0];
        let (donor_stock, receiver_stock) = (self.stock(*year, donor), self.stock(*year, receiver));
        let is_most_of_donor = 100 * persons >= 80 * donor_stock.first;
        let is_most_of_receiver = 100 * persons >= 80 * receiver_stock.second;
        match (is_most_of_donor, is_most_of_receiver) {
            (true, true) => Some("relabel"),
            (true, false) => Some("takeover"),
            _ => {
                let parts = self.moves.iter().filter(|(other, _)| {
                    (other.0, &other.1) == (*year, donor) && self.is_new_part(other)
                });
                let together: i64 = parts.map(|(_, persons)| persons[0]).sum();
                let leavers = donor_stock.first - donor_stock.both;
                let is_spin_off = self.is_new_part(pair) && 100 * together >= 80 * leavers;
                is_spin_off.then_some("spin_off")
            }
        }
    }
}

fn key(row: &Row) -> Pair {
    (integer(row, "from_year"), row["donor_id"].clone(), row["receiver_id"].clone())
}

/// The numbers in the lists of employers, by year.
fn known_employers(chain: &Chain) -> BTreeMap<i64, BTreeSet<String>> {
    let lists = (2016..=2019).filter_map(|year| {
        let version = if year == 2016 { 125 } else { 1 };
        let path = chain.path(&format!("raw/BETAB/BE{year}TABV{version}.csv"));
        let text = std::fs::read_to_string(path).ok()?;
        Some((year, text.lines().skip(1).map(|line| line[..8].to_owned()).collect()))
    });
    lists.collect()
}

/// Without what leads back to its own beginning in at most five steps.
fn without_cycles(said: Said) -> Said {
    let leads_back = |(_, donor, receiver): &(String, String, String)| {
        let mut reached = BTreeSet::from([receiver]);
        for _ in 0..MOST_STEPS {
            let next = said.iter().filter(|(_, from, _)| reached.contains(from));
            let next: Vec<&String> = next.map(|(_, _, to)| to).collect();
            reached.extend(next);
        }
        reached.contains(donor)
    };
    said.iter().filter(|it| !leads_back(it)).cloned().collect()
}

/// Whether numbers lead from one employer to another, each step on the day of
/// the one before or later, in at most four, never back.
fn is_reached(said: &Said, donor: &str, receiver: &str) -> bool {
    let mut ends = vec![(donor.to_owned(), String::new())];
    for _ in 0..MOST_STEPS {
        let mut next = Vec::new();
        for (end, since) in &ends {
            let steps =
                said.iter().filter(|(day, from, to)| from == end && day >= since && to != donor);
            next.extend(steps.map(|(day, _, to)| (to.clone(), day.clone())));
        }
        if next.iter().any(|(end, _)| end == receiver) {
            return true;
        }
        ends = next;
    }
    false
}

/// What is taken away from raw switches, by the rule that takes it.
pub(super) const RULES: [&str; 5] = ["event", "link", "relabel", "takeover", "spin_off"];

/// Those who work for an employer at both ends, with what became of it once the
/// links are known: a rule in place of a switch or a swap.
pub(super) fn outcomes(results: &Results, accounts: &Accounts) -> Vec<Row> {
    let links = accounts.links();
    let mut outcomes = results.truth("employer_switches");
    for row in &mut outcomes {
        if let Some(rule) = links.get(&key(row)) {
            row.insert("outcome".to_owned(), (*rule).to_owned());
        }
    }
    outcomes
}

/// The links of the lake with their rules.
pub(crate) fn found_links(chain: &Chain) -> BTreeMap<Pair, String> {
    let sql = "select * from core.employer_links";
    let found = rows(&chain.succeed("one", &["sql", sql, "--format", "csv"]));
    found.iter().map(|row| (key(row), row["rule_code"].clone())).collect()
}

/// Links as they are read from the lake.
pub(crate) fn in_words(links: &BTreeMap<Pair, &'static str>) -> BTreeMap<Pair, String> {
    links.iter().map(|(pair, rule)| (pair.clone(), (*rule).to_owned())).collect()
}

/// Links as the lake has them: exactly those that follow, all that was planted
/// above the thresholds and nothing that was not planted.
pub(super) fn links_are_the_truth(results: &Results, accounts: &Accounts) {
    let expected = accounts.links();
    assert_eq!(found_links(&results.chain), in_words(&expected));
    let rules: BTreeSet<&str> = expected.values().copied().collect();
    assert_eq!(rules, BTreeSet::from(RULES));
    for pair in expected.keys() {
        assert!(accounts.moves[pair][1] > 0, "{pair:?} was not planted");
    }
    planted_below_the_thresholds_are_listed(results, accounts, &expected);
    moves_are_the_truth(results, accounts);
}

fn planted_below_the_thresholds_are_listed(
    results: &Results,
    accounts: &Accounts,
    links: &BTreeMap<Pair, &'static str>,
) {
    let evidence = results.asked("select * from core.employer_evidence where not is_link");
    let evidence: BTreeMap<Pair, String> =
        evidence.iter().map(|row| (key(row), row["evidence_code"].clone())).collect();
    let planted = accounts.moves.iter().filter(|(_, persons)| persons[1] > 0);
    let below: Vec<&str> = planted
        .filter(|(pair, _)| !links.contains_key(pair))
        .map(|(pair, _)| evidence[pair].as_str())
        .collect();
    for code in ["below_headcount", "agency", "clustered"] {
        assert!(below.contains(&code), "no {code} among {below:?}");
    }
    assert!(below.iter().all(|code| ["below_headcount", "agency", "clustered"].contains(code)));
}

fn moves_are_the_truth(results: &Results, accounts: &Accounts) {
    let found = results.asked("select * from core.employer_moves");
    assert_eq!(found.len(), accounts.moves.len());
    for row in found {
        let (donor, receiver) = (
            accounts.stock(integer(&row, "from_year"), &row["donor_id"]),
            accounts.stock(integer(&row, "from_year"), &row["receiver_id"]),
        );
        let expected = [
            accounts.moves[&key(&row)][0],
            donor.first,
            donor.both,
            receiver.second,
            receiver.both,
        ];
        let columns = [
            "person_count",
            "donor_count",
            "donor_stay_count",
            "receiver_count",
            "receiver_stay_count",
        ];
        assert_eq!(columns.map(|column| integer(&row, column)), expected, "{row:?}");
    }
}
