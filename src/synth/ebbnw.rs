//! EBBnw: the labour force survey, one row per respondent and wave, in a file
//! by year of interview. Written in windows-1252, with remarks that hold
//! letters outside ASCII and quoted delimiters.

use std::path::{Path, PathBuf};

use super::answer::{Answer, Occupation, answer};
use super::calendar::{Day, date};
use super::employer::World;
use super::hazards::Hazard;
use super::person::{Job, Person, unlinked_rin};
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use super::secm::ENTREPRENEUR;
use super::survey::{Coding, Link, Participation, WAVES};
use crate::error::Result;

const HEADER: &str = "RINPERSOONS;RINPERSOON;SLEUTELEBB;EBBSTKPEILINGNUMMER;EBBAFLJAAR;\
EBBAFLKWARTAAL;EBBGEWJAARGEWICHTA;EBBGEWJAARGEWICHTP1A;EBBGEWKWARTAALGEWICHTA;EBBAFLBBINT;\
EBBPB1POSWRKFLEXZZP1;EBBAFLANCIENMND;EBBTW1ISCO2008V;BRC2014BEROEPSGROEP;EBBTW1SBI2008V;\
SBI2008VPBL21;OPMERKING";

/// Remarks in windows-1252; those after the first seven are none.
const REMARKS: [&[u8]; 8] = [
    b"ge\xEFnterviewd per telefoon",
    b"caf\xE9, op locatie",
    b"\"adres gewijzigd; opnieuw bezocht\"",
    b"\"zegt \"\"geen tijd\"\"; later gebeld\"",
    b"onkosten \x80 5",
    b"enqu\xEAte via huisgenoot",
    b"tweede poging",
    b"",
];

/// A typical ISCO-08 unit group for each class of BRC 2014, 01 to 13.
const ISCO: [i64; 13] =
    [2341, 2651, 5223, 4110, 1219, 2611, 7233, 2512, 6111, 3221, 9112, 8332, 9629];

/// The files of the survey, one a year.
pub(super) struct Ebbnw(Vec<RawFile>);

impl Ebbnw {
    /// Creates the files.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, world: &World) -> Result<Self> {
        let create = |year| RawFile::create(out, format!("EBBnw/EBBnw{year}V1.csv"), HEADER);
        Ok(Ebbnw(world.window.years().map(create).collect::<Result<_>>()?))
    }

    /// Writes the answered waves of a person within the years.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(
        &mut self,
        world: &World,
        person: &Person,
        counts: &mut Counts,
    ) -> Result<()> {
        let Some(survey) = &person.survey else { return Ok(()) };
        let mut written = 0;
        for wave in 1..=WAVES {
            let on = survey.interview(wave);
            let (year, _, _) = date(on);
            if !world.window.years().contains(&year) || !survey.has_answered(person, wave) {
                continue;
            }
            let given = answer(world, person, survey.coding, (wave, on));
            let file_year = survey.file_year(world, wave);
            let file = &mut self.0[world.window.year_index(file_year)];
            push_interview(file.record(), person, survey, (wave, on), file_year);
            push_work(file.record(), person, &given, on);
            push_activity(file.record(), world, person, survey, &given);
            file.record().text(REMARKS[survey.remark.min(REMARKS.len() - 1)]);
            file.end_record()?;
            count_wave(person, survey, &given, counts);
            written += 1;
        }
        if written > 0 {
            counts.add(Quirk::SurveyAttrition, u64::from(survey.answered < WAVES));
            counts.add(Quirk::UnlinkedRespondents, u64::from(survey.link == Link::Unlinked));
            let is_other = !person.is_registered() && survey.link == Link::Own;
            counts.add(Quirk::NonRRespondents, u64::from(is_other));
        }
        Ok(())
    }

    /// Ends the files; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, u64, u64)>> {
        self.0.into_iter().map(RawFile::finish).collect()
    }
}

fn push_interview(
    line: &mut Vec<u8>,
    person: &Person,
    survey: &Participation,
    (wave, on): (i32, Day),
    file_year: i32,
) {
    let (year, month, day_of_month) = date(on);
    match survey.link {
        Link::Own => {
            line.text(&[person.kind]);
            line.padded(person.rin, 9);
        }
        Link::Unlinked => {
            line.text(b"O");
            line.padded(unlinked_rin(person.index), 9);
        }
    }
    // Interview date, household of nine digits, person within it.
    let household = survey.household;
    let interview = u128::from((year * 10_000 + month * 100 + day_of_month).unsigned_abs());
    let key = interview * 100_000_000_000
        + u128::from(household.number()) * 100
        + u128::from(household.member);
    line.padded(u64::try_from(key).unwrap_or(0), 19);
    line.number(i64::from(wave));
    line.number(i64::from(file_year));
    line.number(i64::from(if file_year < year { 4 } else { (month - 1) / 3 + 1 }));
    line.decimal(survey.weight_hundredths * 23 / 100);
    match survey.written_hundredths.filter(|_| wave == 1) {
        Some(hundredths) => line.decimal(hundredths),
        None => line.text(b""),
    }
    if person.salt % 20 == 7 {
        line.text(b"");
    } else {
        line.decimal(survey.weight_hundredths * 85 / 100);
    }
}

fn push_work(line: &mut Vec<u8>, person: &Person, given: &Answer, on: Day) {
    let job = given.job.filter(|_| given.works);
    line.text(labour_position(given).as_bytes());
    line.text(position(person, given, job));
    line.number(job.map_or(999, |job| i64::from((on - job.start) / 30).min(600)));
    match given.occupation {
        Occupation::Known(group) => {
            line.number(ISCO[usize::from(group / 100).clamp(1, 13) - 1]);
            line.padded(u64::from(group), 4);
        }
        Occupation::NotApplicable => push_twice(line, b"9997"),
        Occupation::Unknown => push_twice(line, b"9998"),
        Occupation::Refused => push_twice(line, b"9999"),
    }
}

/// EBBAFLBBINT: in work, unemployed, or neither.
pub(super) fn labour_position(given: &Answer) -> &'static str {
    match (given.works, given.background) {
        (true, _) => "1",
        (false, super::secm::UNEMPLOYED) => "2",
        _ => "3",
    }
}

fn push_twice(line: &mut Vec<u8>, code: &[u8]) {
    line.text(code);
    line.text(code);
}

fn position(person: &Person, given: &Answer, job: Option<&Job>) -> &'static [u8] {
    match (given.works, job) {
        (false, _) => b"",
        _ if person.salt % 83 == 11 => b"9",
        (true, None) if given.works_unregistered => b"3",
        (true, Some(job)) if job.contract.eq_ignore_ascii_case(&b'O') => b"2",
        (true, Some(_)) => b"3",
        (true, None) if given.background == ENTREPRENEUR && person.salt.is_multiple_of(3) => b"5",
        (true, None) if given.background == super::secm::FAMILY_WORKER => b"7",
        (true, None) => b"6",
    }
}

/// The activity as answered: also for employers that BETAB does not know and of
/// the self-employed, now and then with a letter in the last place or without
/// its first or last character.
fn push_activity(
    line: &mut Vec<u8>,
    world: &World,
    person: &Person,
    survey: &Participation,
    given: &Answer,
) {
    if !given.works || survey.coding == Coding::SbiMissing {
        line.text(b"99999");
        line.text(b"");
        return;
    }
    let (sbi, section) = given.activity;
    let sbi = u64::from(sbi.unsigned_abs());
    let is_short = world.hazards.has(Hazard::ShortAnswers);
    if given.job.is_some_and(|job| has_letter(person, job)) {
        line.text(b"8411g");
    } else if is_short && sbi < 10_000 {
        line.padded(sbi, 4);
    } else if is_short && person.salt % 40 == 3 {
        line.padded(sbi / 10, 4);
    } else {
        line.padded(sbi, 5);
    }
    line.text(&[section]);
}

fn has_letter(person: &Person, job: &Job) -> bool {
    job.employer.sector().division == 84 && (person.salt.is_multiple_of(4) || person.index == 40)
}

fn count_wave(person: &Person, survey: &Participation, given: &Answer, counts: &mut Counts) {
    let is_missing = matches!(given.occupation, Occupation::Unknown | Occupation::Refused);
    counts.add(Quirk::MissingOccupations, u64::from(is_missing));
    let job = given.job.filter(|_| given.works);
    let lacks_sbi = job.is_some() && survey.coding == Coding::SbiMissing;
    counts.add(Quirk::MissingSurveySbi, u64::from(lacks_sbi));
    let letter = !lacks_sbi && job.is_some_and(|job| has_letter(person, job));
    counts.add(Quirk::LettersInSurveySbi, u64::from(letter));
    let alone = given.works && given.job.is_none();
    counts.add(Quirk::SelfEmployedRespondentsWithoutJob, u64::from(alone));
    counts.add(Quirk::NonAsciiRemarks, u64::from(matches!(survey.remark, 0 | 1 | 4 | 5)));
    counts.add(Quirk::QuotedDelimiters, u64::from(matches!(survey.remark, 2 | 3)));
}
