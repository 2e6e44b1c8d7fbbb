//! Tables of the survey, by what respondents answered on the interview days
//! and what job was open then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{SectorCode, age_group};
use crate::error::Result;
use crate::synth::answer::{Answer, Occupation, answer};
use crate::synth::calendar::date;
use crate::synth::employer::World;
use crate::synth::person::Person;
use crate::synth::raw_file::RawFile;
use crate::synth::survey::{Link, Participation, WAVES};

/// A pair of wave 1 and wave 5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    interview_year: i32,
    from_sector: SectorCode,
    to_sector: SectorCode,
    from_is_technical: Option<bool>,
    to_is_technical: Option<bool>,
    same_employer: Option<bool>,
    age_group: &'static str,
}

/// Respondents and the sum of their weights in hundredths.
#[derive(Default)]
struct Weighted {
    unweighted_count: u64,
    hundredths: i64,
}

impl Weighted {
    fn add(&mut self, survey: &Participation) {
        self.unweighted_count += 1;
        self.hundredths += survey.weight_hundredths;
    }
}

/// The counts of the survey.
#[derive(Default)]
pub(super) struct Survey {
    pairs: BTreeMap<Pair, Weighted>,
    workers: BTreeMap<(i32, SectorCode, u16), Weighted>,
}

impl Survey {
    /// Counts a person, if it answered wave 1 within the years and is linked.
    pub(super) fn count(&mut self, world: &World, person: &Person) {
        let Some(survey) = &person.survey else { return };
        let (first, last) = (survey.interview(1), survey.interview(WAVES));
        let (year, _, _) = date(first);
        let is_linked = person.is_registered() && survey.link == Link::Own;
        let within = first >= world.window.first && first <= world.window.last;
        if !is_linked || !within || !survey.has_answered(person, 1) {
            return;
        }
        let begin = answer(world, person, survey, first);
        if let (Some(_), Occupation::Known(group)) = (begin.job, begin.occupation) {
            let cell = (year, sector(world, &begin, &[year]), group);
            self.workers.entry(cell).or_default().add(survey);
        }
        if last <= world.window.last && survey.has_answered(person, WAVES) {
            let end = answer(world, person, survey, last);
            let from_sector = sector(world, &begin, &[year]);
            let same_employer = begin.employer.zip(end.employer).map(|(one, other)| one == other);
            let pair = Pair {
                interview_year: year,
                from_sector,
                to_sector: match same_employer {
                    Some(true) => from_sector,
                    _ => sector(world, &end, &[year, date(last).0]),
                },
                from_is_technical: is_technical(&begin),
                to_is_technical: is_technical(&end),
                same_employer,
                age_group: age_group(person, year),
            };
            self.pairs.entry(pair).or_default().add(survey);
        }
    }

    /// Writes the tables; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(&self, out: &Path) -> Result<Vec<(PathBuf, u64, u64)>> {
        Ok(vec![self.write_pairs(out)?, self.write_workers(out)?])
    }

    fn write_pairs(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "interview_year,from_sector_code,to_sector_code,from_is_technical07,\
                      to_is_technical07,same_employer,age_group,unweighted_count,\
                      weighted_hundredths";
        let mut file = RawFile::create(out, "truth/survey_pairs.csv", header)?;
        for (pair, sum) in &self.pairs {
            file.comma_record(&[
                &pair.interview_year.to_string(),
                &pair.from_sector.to_string(),
                &pair.to_sector.to_string(),
                flag(pair.from_is_technical),
                flag(pair.to_is_technical),
                flag(pair.same_employer),
                pair.age_group,
                &sum.unweighted_count.to_string(),
                &sum.hundredths.to_string(),
            ])?;
        }
        file.finish()
    }

    fn write_workers(&self, out: &Path) -> Result<(PathBuf, u64, u64)> {
        let header = "interview_year,sector_code,brc_code,unweighted_count,weighted_hundredths";
        let mut file = RawFile::create(out, "truth/survey_workers.csv", header)?;
        for (&(year, sector, group), sum) in &self.workers {
            file.comma_record(&[
                &year.to_string(),
                &sector.to_string(),
                &format!("{group:04}"),
                &sum.unweighted_count.to_string(),
                &sum.hundredths.to_string(),
            ])?;
        }
        file.finish()
    }
}

/// The sector of the main job, by the first of the years in which it is known.
fn sector(world: &World, given: &Answer, years: &[i32]) -> SectorCode {
    match given.job {
        Some(_) => SectorCode::of_employer(world, given.employer, years),
        None => SectorCode::None,
    }
}

fn is_technical(given: &Answer) -> Option<bool> {
    match given.occupation {
        Occupation::Known(group) => Some((711..=781).contains(&group)),
        Occupation::NotApplicable | Occupation::Unknown | Occupation::Refused => None,
    }
}

fn flag(is: Option<bool>) -> &'static str {
    match is {
        None => "",
        Some(false) => "0",
        Some(true) => "1",
    }
}
