//! Who takes part in the labour force survey, when, for how many waves and
//! with which weight. The weight is the inverse of the chance to be asked,
//! so the wave-1 weights of a year sum about to the population of 15 to 74.
//! Members of a household are asked together.

use super::calendar::{Day, date, day};
use super::dice::Dice;
use super::employer::World;
use super::hazards::{Hazard, Hazards};
use super::household::{self, Household};
use super::person::Person;
use super::work::{main_job, open_jobs};

/// Waves of the panel, a quarter apart.
pub(super) const WAVES: i32 = 5;

/// Whether a respondent was found in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Under the own key.
    Own,
    /// Not at all: the digits are nobody's.
    Unlinked,
}

/// What the coder of the survey did with the answers of this respondent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Occupation and SBI as they are.
    Full,
    /// Occupation unknown, 9998.
    OccupationUnknown,
    /// Occupation refused, 9999.
    OccupationRefused,
    /// SBI of the answer missing, 99999.
    SbiMissing,
}

/// What is odd about interviews around New Year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewYear {
    /// Nothing.
    Plain,
    /// Those of January are filed under December.
    FiledEarly,
    /// After a first interview in the first days of January the fifth is held
    /// before the year is over.
    FifthEarly,
}

/// The participation of a person in the survey.
#[derive(Debug, Clone)]
pub(super) struct Participation {
    /// Year of wave 1.
    pub(super) first_year: i32,
    /// Quarter of wave 1, zero to three.
    pub(super) first_quarter: i32,
    /// Month within the quarter, zero to two.
    pub(super) month_of_quarter: i32,
    /// Day of the month, 1 to 28.
    pub(super) day_of_month: i32,
    /// Waves answered, from the first on.
    pub(super) answered: i32,
    /// Whether the register knows the respondent.
    pub(super) link: Link,
    /// How the answers were coded.
    pub(super) coding: Coding,
    /// Wave-1 year weight in hundredths.
    pub(super) weight_hundredths: i64,
    /// The same as it is written; none where it is missing.
    pub(super) written_hundredths: Option<i64>,
    /// Whom the respondent lives with.
    pub(super) household: Household,
    /// What is odd about interviews around New Year.
    pub(super) new_year: NewYear,
    /// Remark of the interviewer: place in the list of remarks.
    pub(super) remark: usize,
}

impl Participation {
    /// Interview day of a wave, counted from one.
    pub(super) fn interview(&self, wave: i32) -> Day {
        if wave == WAVES && self.new_year == NewYear::FifthEarly {
            return self.interview(1) + 360;
        }
        let quarter = self.first_quarter + wave - 1;
        let month = quarter.rem_euclid(4) * 3 + self.month_of_quarter + 1;
        day(self.first_year + quarter.div_euclid(4), month, self.day_of_month)
    }

    /// Year of the file that holds the wave.
    pub(super) fn file_year(&self, world: &World, wave: i32) -> i32 {
        let (year, month, _) = date(self.interview(wave));
        let is_early = self.new_year == NewYear::FiledEarly && month == 1;
        year - i32::from(is_early && year > world.window.first_year)
    }

    /// Whether the wave was answered: in the panel still, and resident.
    pub(super) fn has_answered(&self, person: &Person, wave: i32) -> bool {
        let on = self.interview(wave);
        wave <= self.answered && on < person.last_day && person.is_present(on)
    }
}

/// Persons of 15 to 74 that are asked, per ten thousand.
const ASKED: i32 = 2_900;

/// 1 / (chance × share of the years) in hundredths, both in ten thousandths.
fn inverse_hundredths(chance: i64, year_share: i64) -> i64 {
    10_000_000_000 / (chance * year_share).max(1)
}

/// Draws whether and how a person takes part.
pub(super) fn draw(world: &World, dice: &mut Dice, person: &Person) -> Option<Participation> {
    let household = Household::of(world, person.index);
    let mut joint = household::is_shared(world, person.index).then(|| household.dice(world));
    let is_joint = joint.is_some();
    let asked = joint.as_mut().unwrap_or(dice);
    let (first_year, year_share) = draw_first_year(world, asked);
    let age = first_year - person.birth_year;
    let percent = if is_joint { household.percent(world) } else { cell_percent(age, person.sex) };
    let chance = ASKED * percent / 100;
    if !asked.chance(chance) || !(16..=74).contains(&age) && age != 15 {
        return None;
    }
    let noise = i64::from(if is_joint { 100 } else { asked.between(92, 108) });
    let (first_quarter, month_of_quarter) = (asked.below(4), asked.below(3));
    let day_of_month = asked.between(1, 28);
    let weight_hundredths =
        inverse_hundredths(i64::from(chance), i64::from(year_share)) * noise / 100;
    let mut participation = Participation {
        first_year,
        first_quarter,
        month_of_quarter,
        day_of_month,
        answered: draw_answered(dice),
        link: if dice.chance(70) { Link::Unlinked } else { Link::Own },
        coding: draw_coding(dice),
        weight_hundredths,
        written_hundredths: written_weight(world, person, weight_hundredths),
        household,
        new_year: NewYear::Plain,
        remark: usize::try_from(dice.below(120)).unwrap_or(0),
    };
    participation.new_year = new_year(world, &participation);
    if world.hazards.has(Hazard::SelectiveAttrition) {
        participation.answered = answered_selectively(world, person, &participation);
    }
    let begin = participation.interview(1);
    let can_answer =
        begin < person.last_day && person.is_present(begin) && !starts_too_young(person, begin);
    can_answer.then_some(participation)
}

fn starts_too_young(person: &Person, begin: Day) -> bool {
    begin < day(person.birth_year + 15, person.birth_month, 28)
}

/// Year of wave 1 and its share in ten thousandths: mostly such that wave 5
/// lies within the years asked for, some before, some in the last year.
fn draw_first_year(world: &World, dice: &mut Dice) -> (i32, i32) {
    let window = &world.window;
    let years = window.last_year - window.first_year;
    match dice.below(100) {
        0..4 => (window.first_year - 1, 400),
        4..12 if years > 0 => (window.last_year, 800),
        _ if years > 0 => (window.first_year + dice.below(years), 8_800 / years),
        _ => (window.first_year, 9_600),
    }
}

/// How likely persons of a cell are asked, in percent of the average.
fn cell_percent(age: i32, sex: u8) -> i32 {
    let by_age = match age {
        ..25 => 90,
        25..35 => 82,
        35..45 => 96,
        45..55 => 108,
        55..65 => 118,
        _ => 112,
    };
    if sex == 1 { by_age - 4 } else { by_age + 3 }
}

fn draw_answered(dice: &mut Dice) -> i32 {
    match dice.below(100) {
        0..4 => 1,
        4..8 => 2,
        8..11 => 3,
        11..14 => 4,
        _ => WAVES,
    }
}

/// Waves answered where it depends on what happens within the year: 90 percent
/// stay to the end, of those who change employer or lose it 65, of the young
/// ten percent fewer.
fn answered_selectively(world: &World, person: &Person, survey: &Participation) -> i32 {
    let begin = survey.interview(1);
    let employer_on = |on: Day| {
        let open = open_jobs(world, person, on);
        main_job(&open).map(|(main, _)| main.job.employer_index)
    };
    let before = employer_on(begin);
    let moves = before.is_some() && before != employer_on(begin + 364);
    let is_young = survey.first_year - person.birth_year < 25;
    let chance = if moves { 6_500 } else { 9_000 } - if is_young { 1_000 } else { 0 };
    let mut dice = Hazards::dice(world.seed, Hazard::SelectiveAttrition, person.index);
    if dice.chance(chance) { WAVES } else { dice.between(1, WAVES - 1) }
}

/// Of a hundred one has no weight, and one has zero.
fn written_weight(world: &World, person: &Person, hundredths: i64) -> Option<i64> {
    let mut dice = Hazards::dice(world.seed, Hazard::MissingWeights, person.index);
    match dice.below(100) {
        0 if world.hazards.has(Hazard::MissingWeights) => None,
        1 if world.hazards.has(Hazard::MissingWeights) => Some(0),
        _ => Some(hundredths),
    }
}

/// All of a household's interviews are odd in the same way.
fn new_year(world: &World, survey: &Participation) -> NewYear {
    let (_, month, day_of_month) = date(survey.interview(1));
    let head = survey.household.head;
    let mut dice = Hazards::dice(world.seed, Hazard::NewYearInterviews, head);
    match dice.below(2) {
        _ if !world.hazards.has(Hazard::NewYearInterviews) || month != 1 => NewYear::Plain,
        0 if day_of_month <= 3 => NewYear::FifthEarly,
        _ if day_of_month <= 9 => NewYear::FiledEarly,
        _ => NewYear::Plain,
    }
}

fn draw_coding(dice: &mut Dice) -> Coding {
    match dice.below(1_000) {
        0..10 => Coding::OccupationUnknown,
        10..15 => Coding::OccupationRefused,
        15..30 => Coding::SbiMissing,
        _ => Coding::Full,
    }
}
