//! From jobs to pay-period rows: what was paid, corrected, taken back, or
//! written down as missing.

use super::calendar::{Day, Month};
use super::dice::mixed_below;
use super::employer::{Pay, World};
use super::hazards::Hazard;
use super::person::Job;

/// What is odd about the pay of a job in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PayQuirk {
    /// Nothing.
    None,
    /// No hours and no pay.
    Unpaid,
    /// A quarter of it is taken back by a record of its own.
    Corrected,
    /// All of it is taken back by a record of its own.
    TakenBack,
    /// The wage is written as nines.
    WageMissing,
    /// Wage and hours are written as nines.
    WageAndHoursMissing,
    /// The employer is left blank, or written as zeros.
    EmployerMissing,
}

/// By what rule the months of a job are odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PayScript {
    /// Drawn, as the hazards allow.
    Drawn,
    /// No month, or the months from one to another of each year.
    Written(PayQuirk, i32, i32),
}

/// The part of a pay period that lies within one month and one job.
#[derive(Debug, Clone, Copy)]
pub(super) struct PayRow {
    /// First day.
    pub(super) from: Day,
    /// Last day, included.
    pub(super) to: Day,
    /// Base wage in cents, before anything is taken back.
    pub(super) wage_cents: i64,
    /// Base hours in hundredths, before anything is taken back.
    pub(super) hours_hundredths: i64,
    /// What is odd about it.
    pub(super) quirk: PayQuirk,
}

impl PayRow {
    /// Calendar days of the row.
    pub(super) fn days(&self) -> i64 {
        i64::from(self.to - self.from + 1)
    }

    /// Base wage in cents and base hours in hundredths that a record of its own
    /// takes back.
    pub(super) fn taken_back(&self) -> Option<(i64, i64)> {
        match self.quirk {
            PayQuirk::Corrected => Some((self.wage_cents / 4, self.hours_hundredths / 4)),
            PayQuirk::TakenBack => Some((self.wage_cents, self.hours_hundredths)),
            _ => None,
        }
    }

    /// Base wage in cents, all records together; none where it is not known.
    pub(super) fn net_wage_cents(&self) -> Option<i64> {
        let is_known = !matches!(self.quirk, PayQuirk::WageMissing | PayQuirk::WageAndHoursMissing);
        is_known.then(|| self.wage_cents - self.taken_back().map_or(0, |(wage, _)| wage))
    }

    /// Base hours in hundredths, all records together; none where not known.
    pub(super) fn net_hours_hundredths(&self) -> Option<i64> {
        let is_known = self.quirk != PayQuirk::WageAndHoursMissing;
        is_known.then(|| self.hours_hundredths - self.taken_back().map_or(0, |(_, hours)| hours))
    }

    /// Whether anything was paid or worked in the end, as far as is known.
    pub(super) fn is_paid(&self) -> bool {
        self.net_wage_cents().is_none_or(|wage| wage > 0)
            || self.net_hours_hundredths().is_none_or(|hours| hours > 0)
    }
}

/// The rows of a job within a month, in order.
pub(super) fn rows_of_month<'a>(
    world: &'a World,
    job: &'a Job,
    month: &'a Month,
) -> impl Iterator<Item = PayRow> + 'a {
    let last = job.end.min(month.last);
    let mut next = job.start.max(month.first);
    let quirk = quirk(world, job, month);
    std::iter::from_fn(move || {
        if next > last {
            return None;
        }
        let from = next;
        let to = job.employer.pay.period_end(from).min(last);
        next = to + 1;
        Some(pay_row(world, job, month, from, to, quirk))
    })
}

fn pay_row(world: &World, job: &Job, month: &Month, from: Day, to: Day, quirk: PayQuirk) -> PayRow {
    let days = i64::from(to - from + 1);
    if quirk == PayQuirk::Unpaid {
        return PayRow { from, to, wage_cents: 0, hours_hundredths: 0, quirk };
    }
    let raised = 100 + 2 * i64::from(month.year - world.window.first_year);
    let per_day = job.wage_per_day_cents * raised / 100;
    let is_full_month = from == month.first && to == month.last;
    let wage_cents = if job.employer.pay == Pay::MonthlyFixed && is_full_month {
        per_day * 365 / 12
    } else {
        per_day * days
    };
    let hours = job.hours_per_day_hundredths * days;
    let hours_hundredths =
        odd_hours(world, job, month).filter(|_| quirk == PayQuirk::None).unwrap_or(hours);
    PayRow { from, to, wage_cents, hours_hundredths, quirk }
}

/// Hours of a few months, in hundredths, that say nothing of what was worked.
fn odd_hours(world: &World, job: &Job, month: &Month) -> Option<i64> {
    if !world.hazards.has(Hazard::OddHours) || job.pay_script != PayScript::Drawn {
        return None;
    }
    match mixed_below(job.ikvid, 30, month_number(month), 600) {
        0 => Some(0),
        1 => Some(40_000),
        _ => None,
    }
}

fn month_number(month: &Month) -> u64 {
    i64::from(month.year * 12 + month.month - 1).unsigned_abs()
}

fn quirk(world: &World, job: &Job, month: &Month) -> PayQuirk {
    let script = match job.pay_script {
        PayScript::Drawn => return drawn_quirk(world, job, month),
        PayScript::Written(quirk, from, to) if (from..=to).contains(&month.month) => quirk,
        PayScript::Written(..) => PayQuirk::None,
    };
    if hazard_of(script).is_none_or(|hazard| world.hazards.has(hazard)) {
        script
    } else {
        PayQuirk::None
    }
}

fn hazard_of(quirk: PayQuirk) -> Option<Hazard> {
    match quirk {
        PayQuirk::None => None,
        PayQuirk::Unpaid => Some(Hazard::UnpaidMonths),
        PayQuirk::Corrected => Some(Hazard::NegativeCorrections),
        PayQuirk::TakenBack => Some(Hazard::PayTakenBack),
        PayQuirk::WageMissing | PayQuirk::WageAndHoursMissing => Some(Hazard::Nines),
        PayQuirk::EmployerMissing => Some(Hazard::MissingEmployers),
    }
}

/// The first of the quirks that is drawn for a month of a job.
fn drawn_quirk(world: &World, job: &Job, month: &Month) -> PayQuirk {
    let number = month_number(month);
    let year = i64::from(month.year).unsigned_abs();
    let one_in =
        |topic: u64, place: u64, bound: u64| mixed_below(job.ikvid, topic, place, bound) == 0;
    let on_call_in_october = job.kind == b'5' && month.month == 10 && one_in(21, year, 3);
    let drawn = [
        (PayQuirk::TakenBack, is_taken_back(world, job, number)),
        (
            PayQuirk::Unpaid,
            one_in(20, number, 180) || one_in(22, number / 2, 500) || on_call_in_october,
        ),
        (PayQuirk::WageAndHoursMissing, one_in(26, number / 2, 900)),
        (PayQuirk::WageMissing, one_in(27, number, 600)),
        (PayQuirk::EmployerMissing, one_in(28, number, 400) || one_in(29, 0, 300)),
        (PayQuirk::Corrected, one_in(25, number, 60)),
    ];
    let planted = drawn.iter().find(|&&(quirk, is_drawn)| {
        is_drawn && hazard_of(quirk).is_some_and(|hazard| world.hazards.has(hazard))
    });
    planted.map_or(PayQuirk::None, |&(quirk, _)| quirk)
}

/// A few jobs have the pay of some months on end taken back.
fn is_taken_back(world: &World, job: &Job, number: u64) -> bool {
    if mixed_below(job.ikvid, 23, 0, 50) != 0 {
        return false;
    }
    let months = world.window.months.len() as u64;
    let first = i64::from(world.window.first_year * 12).unsigned_abs();
    let begin = first + mixed_below(job.ikvid, 24, 0, months);
    let length = 1 + mixed_below(job.ikvid, 24, 1, 5);
    (begin..begin + length).contains(&number)
}
