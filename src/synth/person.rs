//! A person of the invented population: who it is, when it leaves, and what
//! the register wrote down. The working life is in `career`.

use super::calendar::{Day, date, day};
use super::career;
use super::cast;
use super::dice::{Dice, mixed_below, scatter};
use super::employer::{Employer, World};
use super::household;
use super::job;
use super::pay::PayScript;
use super::residence::{self, Absence};
use super::secm::Spell;
use super::sectors::Trade;
use super::successions;
use super::survey::Participation;

/// A job at one employer under one job id.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Job id (IKVID), twelve digits.
    pub(super) ikvid: u64,
    /// Index of the employer.
    pub(super) employer_index: u64,
    /// The employer.
    pub(super) employer: Employer,
    /// First day under this job id, possibly at another employer.
    pub(super) began: Day,
    /// First day, possibly before the years asked for.
    pub(super) start: Day,
    /// Last day, included.
    pub(super) end: Day,
    /// Base wage per calendar day in the first year, in cents.
    pub(super) wage_per_day_cents: i64,
    /// Hours per calendar day, in hundredths.
    pub(super) hours_per_day_hundredths: i64,
    /// BRC 2014 group.
    pub(super) occupation: u16,
    /// SSOORTBAAN.
    pub(super) kind: u8,
    /// SSRTIV, the kind of income relation.
    pub(super) relation: [u8; 2],
    /// SCONTRACTSOORT.
    pub(super) contract: u8,
    /// What is odd about its pay.
    pub(super) pay_script: PayScript,
}

impl Job {
    /// Whether the job is open on the day.
    pub(super) fn covers(&self, day: Day) -> bool {
        self.start <= day && day <= self.end
    }
}

/// A person with its whole history over the years asked for.
#[derive(Debug)]
pub(super) struct Person {
    /// Place among the persons.
    pub(super) index: u64,
    /// RINPERSOONS.
    pub(super) kind: u8,
    /// RINPERSOON as a number of at most nine digits.
    pub(super) rin: u64,
    /// Whether a register person has the same digits.
    pub(super) shares_digits: bool,
    /// Year of birth.
    pub(super) birth_year: i32,
    /// Month of birth.
    pub(super) birth_month: i32,
    /// Year of birth as registered.
    pub(super) known_birth_year: Option<i32>,
    /// Month of birth as registered.
    pub(super) known_birth_month: Option<i32>,
    /// 1 man, 2 woman.
    pub(super) sex: u8,
    /// Whether the register knows the sex.
    pub(super) knows_sex: bool,
    /// Country of origin.
    pub(super) origin: i32,
    /// GBAGENERATIE: 0 no migration background, 1 first, 2 second generation.
    pub(super) generation: u8,
    /// Day of death up to the end of the last year.
    pub(super) death: Option<Day>,
    /// Stays outside the population, in order and apart from each other.
    pub(super) absences: Vec<Absence>,
    /// Last day of anything: the last of the years, death or the departure of
    /// someone who does not come back.
    pub(super) last_day: Day,
    /// The trade of birth; jobs may be of another.
    pub(super) trade: Trade,
    /// Jobs in the order they were drawn, not sorted by date.
    pub(super) jobs: Vec<Job>,
    /// How many job ids were given out.
    pub(super) job_ids: u64,
    /// What the person lives on besides work: code from each day on.
    pub(super) background: Vec<(Day, u8)>,
    /// SECM spells as registered.
    pub(super) secm: Vec<Spell>,
    /// Participation in the labour force survey.
    pub(super) survey: Option<Participation>,
    /// A draw of its own for attributes without history.
    pub(super) salt: u64,
}

impl Person {
    /// Whether the population register holds the person.
    pub(super) fn is_registered(&self) -> bool {
        self.kind == b'R'
    }

    /// Whether the person is in the population on the day: registered, alive,
    /// not away, and by what is known born in a month before that of the day.
    pub(super) fn is_resident(&self, on: Day) -> bool {
        let (year, month, _) = date(on);
        let birth = self.known_birth_year.map(|year| (year, self.known_birth_month.unwrap_or(7)));
        self.is_registered() && self.is_present(on) && birth.is_none_or(|it| it < (year, month))
    }

    /// Whether the person is alive and not away on the day.
    pub(super) fn is_present(&self, on: Day) -> bool {
        self.death.is_none_or(|death| death > on)
            && !self.absences.iter().any(|absence| absence.covers(on))
    }

    /// True age in completed years on the first of a month.
    pub(super) fn true_age(&self, year: i32, month: i32) -> i32 {
        year - self.birth_year - i32::from(self.birth_month >= month)
    }

    /// The income source besides work on the day; what was added last counts.
    pub(super) fn background_on(&self, day: Day) -> u8 {
        let found = self.background.iter().rev().find(|&&(from, _)| from <= day);
        found.map_or(super::secm::NO_INCOME, |&(_, code)| code)
    }

    /// Lets nothing go on after the last day, and no job while the person is
    /// away: what is left behind an absence goes on under another job id.
    pub(super) fn cut_jobs(&mut self) {
        for job in std::mem::take(&mut self.jobs) {
            let mut ikvid = Some(job.ikvid);
            for (start, end) in residence::stretches(self, job.start, job.end.min(self.last_day)) {
                let part = Job { start, end, ..job.clone() };
                match ikvid.take() {
                    Some(ikvid) => self.jobs.push(Job { ikvid, ..part }),
                    None => job::push(self, part),
                }
            }
        }
    }
}

/// Factor between the job ids of two persons; no person has more jobs.
pub(super) const JOBS_A_PERSON: u64 = 128;

const TOPIC: u64 = 10;
const OTHER_KIND: u64 = 11;

/// Imagines the person of an index.
pub(super) fn imagine(world: &World, index: u64) -> Person {
    let mut dice = Dice::new(world.seed, TOPIC, index);
    let mut person = draw_person(world, &mut dice, index);
    if index < cast::SIZE {
        cast::script(world, &mut dice, &mut person);
    } else if world.successions.has(index) {
        successions::play(world, &mut dice, &mut person);
    } else {
        residence::draw_birth(world, &mut person);
        draw_leaving(world, &mut dice, &mut person);
        residence::draw_absences(world, &mut person);
        limit_last_day(&mut person);
        career::live(world, &mut dice, &mut person);
    }
    person.cut_jobs();
    person.secm = super::secm::spells(world, &mut dice, &person);
    let mut written = None;
    if index < cast::SIZE {
        cast::script_secm(world, &mut person);
        written = cast::script_survey(world, &person);
    }
    person.survey = written.or_else(|| super::survey::draw(world, &mut dice, &person));
    person
}

/// RINPERSOON digits that no person of the register has.
pub(super) fn unlinked_rin(index: u64) -> u64 {
    scatter(500_000_000 + index, 1_000_000_000)
}

fn draw_person(world: &World, dice: &mut Dice, index: u64) -> Person {
    let (kind, rin, shares_digits) = identity(world, index);
    let (birth_year, birth_month) = draw_birth(world, dice, kind);
    let trade = household::trade(world, index, world.odds.draw_trade(dice));
    let men = match trade {
        Trade::Technician => 8_400,
        Trade::Ict => 8_200,
        Trade::Other => 4_300,
    };
    let sex = if dice.chance(men) { 1 } else { 2 };
    let (origin, generation) = draw_origin(dice);
    Person {
        index,
        kind,
        rin,
        shares_digits,
        birth_year,
        birth_month,
        known_birth_year: (!dice.chance(30)).then_some(birth_year),
        known_birth_month: (!dice.chance(60)).then_some(birth_month),
        sex,
        knows_sex: !dice.chance(20),
        origin,
        generation,
        death: None,
        absences: Vec::new(),
        last_day: world.window.last,
        trade,
        jobs: Vec::new(),
        job_ids: 0,
        background: Vec::new(),
        secm: Vec::new(),
        survey: None,
        salt: super::dice::mix(world.seed, 12, index),
    }
}

/// RINPERSOONS, RINPERSOON and whether a register person has the same digits.
fn identity(world: &World, index: u64) -> (u8, u64, bool) {
    let own = scatter(index, 1_000_000_000);
    let kind = kind_of(world, index);
    let before = index.checked_sub(1).filter(|&before| kind_of(world, before) == b'R');
    match before {
        Some(before) if kind != b'R' && (index < cast::SIZE || index.is_multiple_of(2)) => {
            (kind, scatter(before, 1_000_000_000), true)
        }
        _ => (kind, own, false),
    }
}

fn kind_of(world: &World, index: u64) -> u8 {
    if index < cast::SIZE {
        return cast::kind(index);
    }
    if world.successions.has(index) {
        return b'R';
    }
    match mixed_below(world.seed, OTHER_KIND, index, 2_000) {
        0..6 => b'A',
        6..9 => b'O',
        9..12 => b'S',
        _ => b'R',
    }
}

/// Running totals of the ages 0-4, 5-9, … 90-94 per thousand persons.
const AGES: [i32; 19] =
    [52, 105, 160, 218, 280, 343, 404, 464, 522, 590, 664, 740, 808, 869, 926, 962, 984, 995, 1000];

fn draw_birth(world: &World, dice: &mut Dice, kind: u8) -> (i32, i32) {
    let age = if kind == b'R' {
        i32::try_from(dice.weighted(&AGES)).unwrap_or(0) * 5 + dice.below(5)
    } else {
        dice.between(20, 58)
    };
    // Born on or before 30 September of the first year: the age is then the
    // age on its reference day.
    let month = dice.between(1, 12);
    (world.window.first_year - age - i32::from(month >= 10), month)
}

fn draw_origin(dice: &mut Dice) -> (i32, u8) {
    if dice.chance(7_700) {
        return (6030, 0);
    }
    let country = dice.one_of(&[5007, 5022, 5107, 6024, 6029, 6043, 7024, 7028, 7047]);
    (country, if dice.chance(5_500) { 1 } else { 2 })
}

/// Draws death and a departure for good, a few of them before the first year.
fn draw_leaving(world: &World, dice: &mut Dice, person: &mut Person) {
    if !person.is_registered() {
        return;
    }
    let first_year = world.window.first_year;
    for year in first_year - 2..=world.window.last_year {
        let age = year - person.birth_year;
        if age < 0 {
            continue;
        }
        if person.death.is_none() && dice.chance(death_rate(age)) {
            person.death = Some(day(year, 1, 1) + dice.below(365));
        }
        let gone = person.death.is_some() || !person.absences.is_empty();
        if !gone && dice.chance(emigration_rate(age, person.generation)) {
            let from = Some(day(year, 1, 1) + dice.below(365));
            person.absences.push(Absence { from, to: None, is_administrative: false });
        }
    }
}

/// Sets the last day to death or the departure for good, whichever comes first.
pub(super) fn limit_last_day(person: &mut Person) {
    let departure = person.absences.iter().find(|absence| absence.to.is_none());
    for left in [person.death, departure.and_then(|absence| absence.from)].into_iter().flatten() {
        person.last_day = person.last_day.min(left);
    }
}

fn death_rate(age: i32) -> i32 {
    match age {
        0..50 => 6,
        50..65 => 40,
        65..75 => 140,
        75..85 => 450,
        _ => 1_500,
    }
}

fn emigration_rate(age: i32, generation: u8) -> i32 {
    let by_age = if (18..45).contains(&age) { 50 } else { 15 };
    if generation == 1 { by_age * 4 } else { by_age }
}
