//! The socio-economic category of each month: the source of the highest
//! income decides, enrolment at school also counts. SECMBUS holds it as spells.

use super::calendar::{Day, Month};
use super::dice::Dice;
use super::employer::World;
use super::person::{Job, Person};
use super::residence;

/// Child or pupil without income.
pub(super) const PUPIL: u8 = 31;
/// Without any income.
pub(super) const NO_INCOME: u8 = 32;
/// Student with income.
pub(super) const STUDENT: u8 = 26;
/// Pension.
pub(super) const PENSION: u8 = 25;
/// Sickness or disability.
pub(super) const DISABLED: u8 = 24;
/// Other benefit.
pub(super) const OTHER_BENEFIT: u8 = 23;
/// Social assistance.
pub(super) const ASSISTANCE: u8 = 22;
/// Unemployment benefit.
pub(super) const UNEMPLOYED: u8 = 21;
/// Working along in the family.
pub(super) const FAMILY_WORKER: u8 = 15;
/// Other self-employed.
pub(super) const FREELANCE: u8 = 14;
/// Entrepreneur.
pub(super) const ENTREPRENEUR: u8 = 13;
/// Director and shareholder.
pub(super) const DIRECTOR: u8 = 12;
/// Employee.
pub(super) const EMPLOYEE: u8 = 11;

/// Whether the category is work for oneself.
pub(super) fn is_self_employed(code: u8) -> bool {
    matches!(code, ENTREPRENEUR | FREELANCE | FAMILY_WORKER)
}

/// Months in which a job covers fewer days do not count as worked.
const DAYS_OF_WORK: i32 = 16;

/// A spell of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spell {
    /// First day.
    pub(super) from: Day,
    /// Last day, included.
    pub(super) to: Day,
    /// Category.
    pub(super) code: u8,
    /// Whether any job overlaps the spell.
    pub(super) has_job: bool,
}

/// The category registered for the day, if any.
pub(super) fn code_on(person: &Person, on: Day) -> Option<u8> {
    person.secm.iter().find(|spell| spell.from <= on && on <= spell.to).map(|spell| spell.code)
}

/// The spells of a person, ordered, without overlap, within its presence; a
/// few persons have a hole of some months.
pub(super) fn spells(world: &World, dice: &mut Dice, person: &Person) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    let window = &world.window;
    let begin = begin_of_first_spell(dice, person, window.first);
    let hole = draw_hole(dice, window.months.len());
    let birth = super::calendar::day(person.birth_year, person.birth_month, 15);
    for (place, month) in window.months.iter().enumerate() {
        if month.first > person.last_day {
            break;
        }
        if hole.contains(&place) {
            continue;
        }
        let (code, has_job) = code_of_month(person, month);
        let to = month.last.min(person.last_day);
        for (from, to) in residence::stretches(person, month.first.max(birth), to) {
            let begins = spells.is_empty() && from == window.first;
            let from = if begins { begin } else { from };
            append(&mut spells, Spell { from, to, code, has_job });
        }
    }
    spells
}

fn append(spells: &mut Vec<Spell>, next: Spell) {
    match spells.last_mut() {
        Some(last) if last.code == next.code && last.to + 1 == next.from => {
            last.to = next.to;
            last.has_job |= next.has_job;
        }
        _ => spells.push(next),
    }
}

fn begin_of_first_spell(dice: &mut Dice, person: &Person, first: Day) -> Day {
    let years = dice.between(0, 6).min(first_age(person, first));
    super::calendar::month_first(first - 365 * years - dice.below(300) * i32::from(years > 0))
}

fn first_age(person: &Person, first: Day) -> i32 {
    (super::calendar::date(first).0 - person.birth_year - 2).max(0)
}

fn draw_hole(dice: &mut Dice, months: usize) -> std::ops::Range<usize> {
    if !dice.chance(100) {
        return 0..0;
    }
    let months = i32::try_from(months).unwrap_or(0);
    let start = dice.below(months);
    let end = start + dice.between(1, 8);
    usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0)
}

fn code_of_month(person: &Person, month: &Month) -> (u8, bool) {
    let mut best: Option<&Job> = None;
    let mut has_job = false;
    for job in &person.jobs {
        let days = job.end.min(month.last) - job.start.max(month.first) + 1;
        has_job |= days > 0;
        let pays_more = best.is_none_or(|best| job.wage_per_day_cents > best.wage_per_day_cents);
        if days >= DAYS_OF_WORK && pays_more {
            best = Some(job);
        }
    }
    let background = person.background_on(month.first + 14);
    (highest_income(background, best), has_job)
}

fn highest_income(background: u8, job: Option<&Job>) -> u8 {
    let Some(job) = job else { return background };
    let (benefit_cents_a_day, otherwise) = match background {
        PUPIL => (i64::MAX, STUDENT),
        PENSION => (6_000, PENSION),
        DISABLED => (4_500, DISABLED),
        ASSISTANCE => (3_000, ASSISTANCE),
        ENTREPRENEUR | FREELANCE => (9_000, background),
        _ => (0, background),
    };
    if job.wage_per_day_cents < benefit_cents_a_day {
        otherwise
    } else if job.kind == b'1' {
        DIRECTOR
    } else {
        EMPLOYEE
    }
}
