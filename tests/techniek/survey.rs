//! Tables of the survey against the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::{Results, assert_share, hundredths, integer};

pub(super) fn is_technical_occupation(brc: &str) -> bool {
    ("0711"..="0781").contains(&brc)
}

pub(super) fn the_list_of_sectors_is_the_truth(results: &Results, technical: &BTreeSet<String>) {
    // Workers, technical ones, and the weights of both in hundredths.
    let mut planted: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for row in results.truth("survey_workers") {
        let in_base_period = ["2016", "2017"].contains(&row["interview_year"].as_str());
        if !in_base_period || row["sector_code"] == "unknown" {
            continue;
        }
        let (count, weight) =
            (integer(&row, "unweighted_count"), integer(&row, "weighted_hundredths"));
        let times = i64::from(is_technical_occupation(&row["brc_code"]));
        let sums = planted.entry(row["sector_code"].clone()).or_default();
        let more = [count, count * times, weight, weight * times];
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    let mut found = BTreeMap::new();
    for row in results.published("sectors") {
        let sums = [
            integer(&row, "worker_count"),
            integer(&row, "technical_count"),
            hundredths(&row["worker_weight"]),
            hundredths(&row["technical_weight"]),
        ];
        assert_share(&row["technical_share"], sums[3], sums[2]);
        found.insert(row["sector_code"].clone(), sums);
    }
    assert_eq!(found, planted);
    // More than 40 percent, strictly.
    let is_above = |sums: &[i64; 4]| sums[3] * 100 > sums[2] * 40;
    let above = planted.iter().filter(|(_, sums)| is_above(sums)).map(|(code, _)| code.clone());
    assert_eq!(technical, &above.collect());
    assert!(!technical.is_empty() && technical.len() < planted.len());
}

/// Counts of a retention row: weight that stays, weight of the base, and the
/// unweighted stays, base and unknown.
pub(super) type Stays = [i64; 5];

/// Retention by first year and age group, from the truth. Who was coded at the
/// first interview is coded at the fifth, so a blank there is one without work.
pub(super) fn planted_retention(
    results: &Results,
    technical: &BTreeSet<String>,
) -> BTreeMap<Vec<String>, Stays> {
    let mut planted: BTreeMap<Vec<String>, Stays> = BTreeMap::new();
    for row in results.truth("survey_pairs") {
        let is_technician =
            row["from_is_technical07"] == "1" && technical.contains(&row["from_sector_code"]);
        if !is_technician {
            continue;
        }
        let is_still = row["to_is_technical07"] == "1";
        let to_sector = row["to_sector_code"].as_str();
        let is_stay = i64::from(is_still && technical.contains(to_sector));
        let is_known = i64::from(!(is_still && to_sector == "unknown"));
        let (count, weight) =
            (integer(&row, "unweighted_count"), integer(&row, "weighted_hundredths"));
        let counts = [
            is_stay * weight,
            is_known * weight,
            is_stay * count,
            is_known * count,
            (1 - is_known) * count,
        ];
        for age in [row["age_group"].as_str(), "total"] {
            let key = vec![row["interview_year"].clone(), age.to_owned()];
            let sums = planted.entry(key).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    planted
}

pub(super) fn retention_is_the_truth(results: &Results, technical: &BTreeSet<String>) {
    let mut found = BTreeMap::new();
    for row in results.published("retention") {
        let counts = [
            hundredths(&row["stay_weight"]),
            hundredths(&row["base_weight"]),
            integer(&row, "stay_count"),
            integer(&row, "base_count"),
            integer(&row, "unknown_count"),
        ];
        if counts[1] > 0 {
            assert_share(&row["retention_share"], counts[0], counts[1]);
        } else {
            assert_eq!(row["retention_share"], "");
        }
        found.insert(vec![row["from_year"].clone(), row["age_group"].clone()], counts);
    }
    let planted = planted_retention(results, technical);
    assert_eq!(found, planted);
    let stays: i64 = planted.values().map(|counts| counts[2]).sum();
    let leaves: i64 = planted.values().map(|counts| counts[3] - counts[2]).sum();
    assert!(stays > 0 && leaves > 0, "{stays} stay and {leaves} leave: nothing is shown");
}
