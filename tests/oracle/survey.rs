//! Respondents of the survey, asked first and a year later, as the raw files have
//! them: person by person, by the definitions of the study.

use std::collections::{BTreeMap, BTreeSet};

use super::education::Education;
use super::raw::{Key, Raw, Record, hundredths, key};
use super::work::{date_text, number};

/// Donor and receiver of each link, by the first year of its pair.
pub(crate) type Links = BTreeSet<(i32, String, String)>;

/// A job on a day: its id and its employer.
type JobOfDay = (String, Option<String>);

/// One interview.
#[derive(Clone)]
pub(super) struct Wave {
    pub(super) key: Key,
    /// YYYYMMDD.
    pub(super) day: String,
    pub(super) household: String,
    position: String,
    /// EBBAFLBBINT, where it is known.
    pub(super) labour_position: Option<String>,
    tenure_months: Option<i32>,
    pub(super) occupation: String,
    pub(super) is_technical: Option<bool>,
    pub(super) answered_sector: Option<String>,
    job: Option<JobOfDay>,
    pub(super) work: &'static str,
}

impl Wave {
    fn year(&self) -> i32 {
        self.day[..4].parse().unwrap()
    }

    fn employer(&self) -> Option<&String> {
        self.job.as_ref()?.1.as_ref()
    }
}

/// Someone asked first in a year.
pub(super) struct Respondent {
    /// Of the file.
    pub(super) year: i32,
    pub(super) first: Wave,
    /// In millionths.
    pub(super) weight: i128,
    pub(super) age: i32,
    pub(super) age_group: String,
    /// The state that the activity of the day says.
    pub(super) activity: &'static str,
    pub(super) register_sector: Option<String>,
    /// None where the file has no record.
    pub(super) education: Option<Education>,
}

impl Respondent {
    /// The sector, where the register counts: the self-employed answer it.
    pub(super) fn sector(&self) -> Option<&String> {
        match self.first.work {
            "employee" => self.register_sector.as_ref(),
            "self_employed" => self.first.answered_sector.as_ref(),
            _ => None,
        }
    }
}

/// A year later.
pub(super) struct Later {
    pub(super) scope: &'static str,
    pub(super) has_job: bool,
    /// By the number, and corrected; none where an employer is not known.
    pub(super) is_same: Option<(bool, bool)>,
    pub(super) register_class: &'static str,
    pub(super) fifth: Option<Fifth>,
}

/// The fifth interview.
pub(super) struct Fifth {
    pub(super) work: &'static str,
    pub(super) sector: Option<String>,
    pub(super) is_same_employer: Option<bool>,
    pub(super) as_coded: Option<bool>,
    pub(super) with_job_change: Option<bool>,
    pub(super) activity: &'static str,
}

fn known(text: &str, missing: &[&str]) -> Option<String> {
    (!text.is_empty() && !missing.contains(&text)).then(|| text.to_owned())
}

fn wave(raw: &Raw, record: &Record) -> Wave {
    let key = key(record);
    let day = record["SLEUTELEBB"][..8].to_owned();
    let jobs = raw.jobs(&key, &day);
    let job = raw.main_job(&jobs).map(|job| (job.ikvid.clone(), job.employer.clone()));
    let labour_position = known(&record["EBBAFLBBINT"], &["9"]);
    let works = labour_position.as_ref().map(|code| code == "1");
    let position = record["EBBPB1POSWRKFLEXZZP1"].clone();
    let occupation = known(&record["BRC2014BEROEPSGROEP"], &["----", "9997", "9998", "9999"]);
    let sbi = &record["EBBTW1SBI2008V"];
    let is_sbi = sbi.len() == 5
        && sbi[..4].bytes().all(|byte| byte.is_ascii_digit())
        && !["99997", "99998", "99999"].contains(&sbi.as_str());
    let work = match (&job, works) {
        (Some(_), _) => "employee",
        (None, Some(false)) => "not_working",
        (None, Some(true)) if ["5", "6", "7"].contains(&position.as_str()) => "self_employed",
        _ => "unknown",
    };
    Wave {
        household: record["SLEUTELEBB"][8..17].to_owned(),
        position,
        labour_position,
        tenure_months: known(&record["EBBAFLANCIENMND"], &["999", "9999", "99999"])
            .map(|months| months.parse().unwrap()),
        is_technical: occupation
            .as_ref()
            .filter(|_| works == Some(true))
            .map(|code| ("0711"..="0781").contains(&code.as_str())),
        occupation: occupation.unwrap_or_default(),
        answered_sector: is_sbi.then(|| sbi[..2].to_owned()),
        key,
        day,
        job,
        work,
    }
}

/// Everybody of 15 to 74 whom the population register knows and who has a weight,
/// by the year of the file, with the tail of the survey key.
pub(super) fn respondents(raw: &Raw) -> Vec<(String, Respondent)> {
    let mut found = Vec::new();
    for (tail, waves) in &raw.waves {
        let Some((year, record)) = waves.get("1") else { continue };
        let weight = &record["EBBGEWJAARGEWICHTP1A"];
        if weight.is_empty() || hundredths(weight) <= 0 || !raw.births.contains_key(&key(record)) {
            continue;
        }
        let first = wave(raw, record);
        let (age_group, age) =
            (raw.age_group_on(&first.key, &first.day), raw.age_on(&first.key, &first.day));
        let Some(age) = age.filter(|age| (15..75).contains(age)) else { continue };
        let lists = [*year, first.year()];
        let respondent = Respondent {
            year: *year,
            weight: i128::from(hundredths(weight)) * 10_000,
            age,
            age_group,
            activity: raw.state_without_job_on(&first.key, &first.day),
            register_sector: known(&raw.sector(first.employer(), &lists), &["unknown"]),
            education: raw.education_on(&first.key, &first.day),
            first,
        };
        found.push((tail.clone(), respondent));
    }
    found.sort_by(|one, other| one.1.first.key.cmp(&other.1.first.key));
    found
}

/// What became of a respondent.
pub(super) fn later(
    raw: &Raw,
    technical: &BTreeSet<String>,
    links: &Links,
    last_year: i32,
    (tail, respondent): &(String, Respondent),
) -> Later {
    let first = &respondent.first;
    let day = date_text(number(&first.day) + 364);
    let scope = match day[..4].parse::<i32>().unwrap() {
        year if year > last_year => "not_observed",
        _ if raw.has_died(&first.key, &day) => "died",
        _ if raw.has_left(&first.key, &day) => "emigrated",
        _ => "in_scope",
    };
    let jobs = raw.jobs(&first.key, &day);
    let job = raw.main_job(&jobs);
    let employer = job.and_then(|job| job.employer.as_ref());
    let is_same = same_employer(links, first, employer, &day);
    let group = |sector: Option<&String>| sector.map(|sector| technical.contains(sector));
    let sector = later_sector(raw, respondent, employer, &day);
    let groups = (group(respondent.register_sector.as_ref()), group(sector.as_ref()));
    let register_class = match (job, &first.job, is_same, groups) {
        (None, ..) => "no_job",
        (_, None, ..) => "other_employer_other_group",
        (.., Some((_, true)), _) => "same_employer",
        (.., None, _) => "unknown",
        (.., (Some(one), Some(other))) if one == other => "other_employer_same_group",
        (.., (Some(_), Some(_))) => "other_employer_other_group",
        _ => "unknown",
    };
    let fifth = raw.waves[tail].get("5").map(|(_, record)| wave(raw, record));
    // A year later, give or take two weeks.
    let fifth = fifth.filter(|it| (351..=380).contains(&(number(&it.day) - number(&first.day))));
    Later {
        scope,
        has_job: job.is_some() && first.job.is_some(),
        is_same,
        register_class,
        fifth: fifth.map(|wave| fifth_interview(raw, links, respondent, &wave)),
    }
}

fn fifth_interview(raw: &Raw, links: &Links, respondent: &Respondent, wave: &Wave) -> Fifth {
    let first = &respondent.first;
    let is_same = same_employer(links, first, wave.employer(), &wave.day);
    let ids = first.job.as_ref().map(|job| &job.0).zip(wave.job.as_ref().map(|job| &job.0));
    let came_with_a_link = is_same == Some((false, true));
    let positions = [&first.position, &wave.position];
    let has_position = positions.iter().all(|code| !["", "9"].contains(&code.as_str()));
    let has_changed = first.work != wave.work
        || is_same.is_some_and(|(_, corrected)| !corrected)
        || ids.is_some_and(|(one, other)| one != other) && !came_with_a_link
        || wave.tenure_months.is_some_and(|months| months < 12)
        || has_position && first.position != wave.position;
    let keeps = first.is_technical.is_some() && !has_changed;
    Fifth {
        work: wave.work,
        sector: match wave.work {
            "employee" => later_sector(raw, respondent, wave.employer(), &wave.day),
            "self_employed" => wave.answered_sector.clone(),
            _ => None,
        },
        is_same_employer: is_same.map(|(_, corrected)| corrected),
        as_coded: wave.is_technical,
        with_job_change: match wave.is_technical {
            Some(_) if keeps => first.is_technical,
            coded => coded,
        },
        activity: raw.state_without_job_on(&wave.key, &wave.day),
    }
}

/// By the first year's list of employers, and by the day's for one that it does
/// not know.
fn later_sector(
    raw: &Raw,
    respondent: &Respondent,
    employer: Option<&String>,
    day: &str,
) -> Option<String> {
    if employer.is_some() && employer == respondent.first.employer() {
        return respondent.register_sector.clone();
    }
    let years = [respondent.year, day[..4].parse().unwrap()];
    known(&raw.sector(employer, &years), &["unknown"])
}

/// Whether the employer is the same, by its number and over links.
fn same_employer(
    links: &Links,
    first: &Wave,
    employer: Option<&String>,
    day: &str,
) -> Option<(bool, bool)> {
    let (one, other) = (first.employer()?, employer?);
    // An event on 1 October is of the pair of years that ends with it.
    let begins = first.year() - i32::from(&first.day[4..] < "1001");
    let ends = day[..4].parse::<i32>().unwrap() - i32::from(&day[4..] <= "1001");
    let step = |year: i32, from: &str| -> BTreeSet<String> {
        let links = links.iter().filter(|(pair, donor, _)| *pair == year && donor == from);
        links.map(|(.., receiver)| receiver.clone()).collect()
    };
    let mut reached = step(begins, one);
    if ends != begins {
        let second: Vec<String> = reached.iter().flat_map(|middle| step(ends, middle)).collect();
        reached.extend(step(ends, one));
        reached.extend(second);
    }
    Some((one == other, one == other || reached.contains(other)))
}

/// Attrition: function and sector group then, and the register's class.
pub(super) type AttritionCell = [&'static str; 3];

pub(super) fn attrition_cell(
    technical: &BTreeSet<String>,
    respondent: &Respondent,
    later: &Later,
) -> AttritionCell {
    let group = respondent.sector().map(|sector| technical.contains(sector));
    let name = |is_technical: bool| if is_technical { "technical" } else { "other" };
    let first = &respondent.first;
    let (function, sector) = match (first.work, first.is_technical, group) {
        ("not_working", ..) => ("not_working", "none"),
        ("unknown", ..) | (_, None, _) | (.., None) => ("unknown", "none"),
        (_, Some(function), Some(group)) => (name(function), name(group)),
    };
    [function, sector, later.register_class]
}

/// Respondents, their weights in millionths and who answered, of each cell.
pub(super) type Cells = BTreeMap<AttritionCell, [i128; 4]>;

/// The cell that each is merged into.
pub(super) fn merged_cells(cells: &Cells) -> BTreeMap<AttritionCell, String> {
    let sum = |is_in: &dyn Fn(&AttritionCell) -> bool| {
        let members = cells.iter().filter(|(cell, _)| is_in(cell));
        members.fold([0; 4], |sums, (_, own)| [0, 1, 2, 3].map(|place| sums[place] + own[place]))
    };
    let is_thin = |[_, answered, all, weight]: [i128; 4]| answered < 20 || all > 3 * weight;
    let is_other = |class: &str| class.starts_with("other_employer");
    let family = |class: &'static str| if is_other(class) { "other_employer" } else { class };
    // The two classes of other employers.
    let mut classes: BTreeMap<AttritionCell, &str> = BTreeMap::new();
    for [function, sector, class] in cells.keys().copied() {
        let own = |cell: &AttritionCell| cell[..2] == [function, sector];
        let parts = cells.iter().filter(|(cell, _)| own(cell) && family(cell[2]) == family(class));
        let has_thin = parts.into_iter().any(|(_, sums)| is_thin(*sums));
        classes.insert([function, sector, class], if has_thin { family(class) } else { class });
    }
    // The functions of a sector group.
    let mut merged = BTreeMap::new();
    for [function, sector, class] in cells.keys().copied() {
        let has_function = ["technical", "other"].contains(&function);
        let like = |cell: &&AttritionCell| {
            ["technical", "other"].contains(&cell[0]) == has_function
                && cell[1] == sector
                && family(cell[2]) == family(class)
        };
        let has_thin = cells.keys().filter(like).any(|one| {
            let same =
                |cell: &AttritionCell| cell[..2] == one[..2] && classes[cell] == classes[one];
            is_thin(sum(&same))
        });
        let name = match has_function && has_thin {
            true => format!("any {sector} {}", family(class)),
            false => format!("{function} {sector} {}", classes[&[function, sector, class]]),
        };
        merged.insert([function, sector, class], name);
    }
    joined(cells, merged)
}

/// Cells of which nobody answered, with the heaviest of their kind.
fn joined(
    cells: &Cells,
    merged: BTreeMap<AttritionCell, String>,
) -> BTreeMap<AttritionCell, String> {
    let mut sums: BTreeMap<(&str, &str, bool), [i128; 4]> = BTreeMap::new();
    for (cell, own) in cells {
        let key = (merged[cell].as_str(), cell[1], cell[2] == "same_employer");
        let sum = sums.entry(key).or_default();
        (0..4).for_each(|place| sum[place] += own[place]);
    }
    let name = |cell: &AttritionCell| {
        let own = merged[cell].as_str();
        let is_same = cell[2] == "same_employer";
        if sums[&(own, cell[1], is_same)][1] > 0 {
            return own.to_owned();
        }
        let others = sums.iter().filter(|((.., same), sums)| *same == is_same && sums[1] > 0);
        let best = others.max_by_key(|((name, sector, _), sums)| {
            (*sector == cell[1], sums[2], std::cmp::Reverse(*name))
        });
        best.map_or(own.to_owned(), |((name, ..), _)| (*name).to_owned())
    };
    cells.keys().map(|cell| (*cell, name(cell))).collect()
}
