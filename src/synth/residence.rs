//! Where a person lives: absences from the population, and the movements that
//! the register wrote down of them.

use super::calendar::{Day, day, reference_day};
use super::dice::Dice;
use super::employer::World;
use super::hazards::{Hazard, Hazards};
use super::person::Person;

/// A stay outside the population, by the person's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Absence {
    /// First day away; none for someone who was never here before.
    pub(super) from: Option<Day>,
    /// Last day away; none for someone who does not come back.
    pub(super) to: Option<Day>,
    /// Whether the municipality wrote the movements down, not the person.
    pub(super) is_administrative: bool,
}

impl Absence {
    /// Whether the person is away on the day.
    pub(super) fn covers(&self, on: Day) -> bool {
        self.from.is_none_or(|from| from <= on) && self.to.is_none_or(|to| on <= to)
    }
}

/// One movement as the register has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Movement {
    /// First day on which it holds: of presence, or of absence.
    pub(super) from: Day,
    /// Last day on which it holds; none where no other followed.
    pub(super) to: Option<Day>,
    /// 1 immigration, 2 emigration, 3 administrative entry, 4 administrative
    /// removal.
    pub(super) code: u8,
}

/// The movements of a person in the order of their days.
pub(super) fn movements(person: &Person) -> Vec<Movement> {
    let mut movements = Vec::new();
    for absence in &person.absences {
        let administrative = if absence.is_administrative { 2 } else { 0 };
        if let Some(from) = absence.from {
            movements.push(Movement { from, to: None, code: b'2' + administrative });
        }
        if let Some(to) = absence.to {
            movements.push(Movement { from: to + 1, to: None, code: b'1' + administrative });
        }
    }
    for place in 1..movements.len() {
        movements[place - 1].to = Some(movements[place].from - 1);
    }
    movements
}

/// The stretches of days within which anything of the person goes on; a day of
/// departure is still one of them.
pub(super) fn stretches(person: &Person, from: Day, to: Day) -> Vec<(Day, Day)> {
    let mut stretches = Vec::new();
    let mut next = from;
    for absence in &person.absences {
        if let Some(departure) = absence.from {
            stretches.push((next, departure.min(to)));
        }
        next = next.max(absence.to.map_or(Day::MAX, |last| last + 1));
    }
    stretches.push((next, to));
    stretches.retain(|(from, to)| from <= to);
    stretches
}

/// Moves the birth of some into the years asked for.
pub(super) fn draw_birth(world: &World, person: &mut Person) {
    let mut dice = hazard_dice(world, person, Hazard::Births);
    if !world.hazards.has(Hazard::Births) || !dice.chance(400) {
        return;
    }
    let years = world.window.last_year - world.window.first_year + 1;
    person.birth_year = world.window.first_year + dice.below(years);
    person.birth_month = if dice.chance(3_000) { 9 + dice.below(2) } else { dice.between(1, 12) };
    person.known_birth_year = Some(person.birth_year);
    person.known_birth_month = Some(person.birth_month);
}

/// Draws the absences that hazards plant, beside a departure for good.
pub(super) fn draw_absences(world: &World, person: &mut Person) {
    if !person.is_registered() {
        return;
    }
    let (first, last) = (world.window.first, world.window.last);
    let planted = [
        (Hazard::Immigrants, 500),
        (Hazard::Returners, 400),
        (Hazard::AdministrativeMovements, 150),
        (Hazard::BriefAbsences, 150),
    ];
    for (hazard, chance) in planted {
        let mut dice = hazard_dice(world, person, hazard);
        if !world.hazards.has(hazard) || !dice.chance(chance) {
            continue;
        }
        let mut absence = match hazard {
            Hazard::Immigrants => immigration(&mut dice, first, last),
            Hazard::BriefAbsences => brief_absence(&mut dice, first, last),
            _ => stay_abroad(&mut dice, first, last),
        };
        absence.is_administrative |= hazard == Hazard::AdministrativeMovements;
        absence.to = absence.to.filter(|&to| to < last);
        add(person, absence);
    }
    if world.hazards.has(Hazard::OnTheDay) {
        move_onto_the_day(world, person);
    }
}

fn hazard_dice(world: &World, person: &Person, hazard: Hazard) -> Dice {
    Hazards::dice(world.seed, hazard, person.index)
}

fn immigration(dice: &mut Dice, first: Day, last: Day) -> Absence {
    let arrival = first - 1_000 + dice.below(last - first + 1_000);
    Absence { from: None, to: Some(arrival - 1), is_administrative: dice.chance(1_500) }
}

fn stay_abroad(dice: &mut Dice, first: Day, last: Day) -> Absence {
    let from = first - 2_000 + dice.below(last - first + 2_000);
    let to = from + dice.between(60, 1_500);
    Absence { from: Some(from), to: Some(to), is_administrative: false }
}

/// From some day after 1 October up to one before the next.
fn brief_absence(dice: &mut Dice, first: Day, last: Day) -> Absence {
    let (first_year, _, _) = super::calendar::date(first);
    let (last_year, _, _) = super::calendar::date(last);
    let from = reference_day(dice.between(first_year - 1, last_year - 1)) + dice.between(1, 200);
    Absence { from: Some(from), to: Some(from + dice.between(5, 150)), is_administrative: false }
}

/// Adds an absence where the person was born, is alive and is here around it.
pub(super) fn add(person: &mut Person, absence: Absence) {
    let birth = day(person.birth_year, person.birth_month, 28);
    let from = absence.from.unwrap_or(Day::MIN);
    let to = absence.to.unwrap_or(Day::MAX);
    let is_free = person.absences.iter().all(|other| {
        other.from.is_some_and(|begin| begin > to.saturating_add(20))
            || other.to.is_some_and(|end| end < from.saturating_sub(20))
    });
    let begins_in_life = absence.from.is_none_or(|from| from > birth);
    let ends_in_life = absence.to.is_none_or(|to| to > birth)
        && person.death.is_none_or(|death| absence.to.map_or(from, |to| to + 1) < death);
    if is_free && begins_in_life && ends_in_life {
        person.absences.push(absence);
        person.absences.sort_by_key(|absence| absence.from.unwrap_or(Day::MIN));
    }
}

/// Moves some departures, arrivals and deaths onto the reference day of their
/// year.
fn move_onto_the_day(world: &World, person: &mut Person) {
    let mut dice = hazard_dice(world, person, Hazard::OnTheDay);
    let on_the_day = |on: Day| reference_day(super::calendar::date(on).0);
    if let [absence] = &mut person.absences[..]
        && dice.chance(1_500)
    {
        let moves_departure = dice.chance(5_000);
        let departure = absence.from.map(on_the_day);
        let arrival = absence.to.map(|to| on_the_day(to + 1));
        if moves_departure && departure.is_some_and(|from| absence.to.is_none_or(|to| from <= to)) {
            absence.from = departure;
        } else if absence.from.is_none_or(|from| arrival.is_some_and(|arrival| from < arrival)) {
            absence.to = arrival.map(|arrival| arrival - 1);
        }
    } else if person.absences.is_empty() && dice.chance(500) {
        person.death = person.death.map(on_the_day);
    }
}
