//! From jobs to pay-period rows, and the main job of a day by those rows.

use std::cmp::Ordering;

use super::calendar::{Day, Month, Window, date, month_first, month_last};
use super::dice::mixed_below;
use super::employer::Pay;
use super::person::{Job, Person};

/// The part of a pay period that lies within one month and one job.
#[derive(Debug, Clone, Copy)]
pub(super) struct PayRow {
    /// First day.
    pub(super) from: Day,
    /// Last day, included.
    pub(super) to: Day,
    /// Base wage in cents.
    pub(super) wage_cents: i64,
    /// Base hours in hundredths.
    pub(super) hours_hundredths: i64,
}

impl PayRow {
    /// Calendar days of the row.
    pub(super) fn days(&self) -> i64 {
        i64::from(self.to - self.from + 1)
    }
}

/// The rows of a job within a month, in order.
pub(super) fn rows_of_month<'a>(
    window: &'a Window,
    job: &'a Job,
    month: &'a Month,
) -> impl Iterator<Item = PayRow> + 'a {
    let last = job.end.min(month.last);
    let mut next = job.start.max(month.first);
    std::iter::from_fn(move || {
        if next > last {
            return None;
        }
        let from = next;
        let to = job.employer.pay.period_end(from).min(last);
        next = to + 1;
        Some(pay_row(window, job, month, from, to))
    })
}

/// The row of a job that covers a day of the years asked for.
pub(super) fn row_on(window: &Window, job: &Job, on: Day) -> Option<PayRow> {
    if !job.covers(on) {
        return None;
    }
    let (year, month, _) = date(on);
    let month = Month { year, month, first: month_first(on), last: month_last(on) };
    rows_of_month(window, job, &month).find(|row| row.from <= on && on <= row.to)
}

fn pay_row(window: &Window, job: &Job, month: &Month, from: Day, to: Day) -> PayRow {
    let days = i64::from(to - from + 1);
    let raised = 100 + 2 * i64::from(month.year - window.first_year);
    let per_day = job.wage_per_day_cents * raised / 100;
    let is_full_month = from == month.first && to == month.last;
    let wage_cents = if job.employer.pay == Pay::MonthlyFixed && is_full_month {
        per_day * 365 / 12
    } else {
        per_day * days
    };
    if job.may_pause && is_paused(job, month) {
        return PayRow { from, to, wage_cents: 0, hours_hundredths: 0 };
    }
    PayRow { from, to, wage_cents, hours_hundredths: job.hours_per_day_hundredths * days }
}

fn is_paused(job: &Job, month: &Month) -> bool {
    let number = i64::from(month.year * 12 + month.month);
    mixed_below(job.ikvid, 20, number.unsigned_abs(), 350) == 0
}

/// How the main job of a day was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// One job only, or one with a higher wage per calendar day.
    Wage,
    /// Equal wages, more hours per calendar day.
    Hours,
    /// Equal wages and hours, smallest job id.
    JobId,
}

/// The main job of a day: of the rows that cover it the highest base wage per
/// calendar day, then hours per calendar day, then the smallest job id.
pub(super) fn main_job<'a>(
    window: &Window,
    person: &'a Person,
    on: Day,
) -> Option<(&'a Job, Decision)> {
    let mut best: Option<(&Job, PayRow)> = None;
    let mut decision = Decision::Wage;
    for job in &person.jobs {
        let Some(row) = row_on(window, job, on) else { continue };
        let Some((best_job, best_row)) = best else {
            best = Some((job, row));
            continue;
        };
        let (order, by) = compare(job, &row, best_job, &best_row);
        // A tie counts where it decides between the winner and the next.
        decision = if order == Ordering::Greater || by != Decision::Wage { by } else { decision };
        if order == Ordering::Greater {
            best = Some((job, row));
        }
    }
    best.map(|(job, _)| (job, decision))
}

fn compare(job: &Job, row: &PayRow, other: &Job, other_row: &PayRow) -> (Ordering, Decision) {
    let wage = (row.wage_cents * other_row.days()).cmp(&(other_row.wage_cents * row.days()));
    if wage != Ordering::Equal {
        return (wage, Decision::Wage);
    }
    let hours =
        (row.hours_hundredths * other_row.days()).cmp(&(other_row.hours_hundredths * row.days()));
    if hours != Ordering::Equal {
        return (hours, Decision::Hours);
    }
    (other.ikvid.cmp(&job.ikvid), Decision::JobId)
}
