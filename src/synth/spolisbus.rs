//! SPOLISBUS: pay-period rows of jobs by year. The first year comes in two
//! versions, V1 a stale copy of a small part and V2 the newest.

use std::path::{Path, PathBuf};

use super::calendar::{Day, Month};
use super::employer::{Pay, World};
use super::pay::{PayQuirk, PayRow, rows_of_month};
use super::person::{Job, Person};
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use super::terms::{contract, original_start};
use crate::error::Result;

const HEADER: &str = "RINPERSOONS;RINPERSOON;IKVID;SBEID;SDATUMAANVANGIKO;SDATUMEINDEIKO;\
SDATUMAANVANGIKV;SDATUMAANVANGIKVORG;SDATUMEINDEIKV;SBASISLOON;SBASISUREN;SREGULIEREUREN;SBAANDAGEN;SVOLTIJDDAGEN;\
SCONTRACTSOORT;SSOORTBAAN;SPOLISDIENSTVERBAND;SWEKARBDUURKLASSE;SCAOSECTOR;SSECT;SSRTIV;\
STIJDVAKTYPE;SVAKBIJDRAGE";

/// Wage or hours that are not known.
const NINES: &[u8] = b"9999999999";

/// The files of pay-period rows, one a year and a stale one.
pub(super) struct Spolisbus {
    stale: RawFile,
    years: Vec<RawFile>,
}

impl Spolisbus {
    /// Creates the files.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn create(out: &Path, world: &World, counts: &mut Counts) -> Result<Self> {
        let first_year = world.window.first_year;
        let create = |year: i32, version: i32| {
            RawFile::create(out, format!("SPOLISBUS/{year}/SPOLISBUS{year}V{version}.csv"), HEADER)
        };
        counts.plant(Quirk::StaleVersions);
        Ok(Spolisbus {
            stale: create(first_year, 1)?,
            years: world
                .window
                .years()
                .map(|year| create(year, if year == first_year { 2 } else { 1 }))
                .collect::<Result<_>>()?,
        })
    }

    /// Writes all rows of a person, job by job.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn write(
        &mut self,
        world: &World,
        person: &Person,
        counts: &mut Counts,
    ) -> Result<()> {
        let is_in_stale =
            person.salt % 40 == 1 || person.index.is_multiple_of(8) && person.index < 64;
        for job in &person.jobs {
            let cells = JobCells::new(world, person, job);
            for month in world.window.months_within(job.start, job.end) {
                let file = &mut self.years[world.window.year_index(month.year)];
                let mut rows_in_month = 0;
                for row in rows_of_month(world, job, month) {
                    cells.push_row(file.record(), month, &row);
                    file.end_record()?;
                    if let Some((wage, hours)) = row.taken_back() {
                        let (wage_cents, hours_hundredths) = (-wage, -hours);
                        let back = PayRow { wage_cents, hours_hundredths, ..row };
                        cells.push_row(file.record(), month, &back);
                        file.end_record()?;
                    }
                    count_row(job, month, &row, counts);
                    rows_in_month += 1;
                    if is_in_stale && month.year == world.window.first_year {
                        let old = PayRow { wage_cents: row.wage_cents / 2 + 1, ..row };
                        cells.push_row(self.stale.record(), month, &old);
                        self.stale.end_record()?;
                        counts.plant(Quirk::StaleRows);
                    }
                }
                counts.add(Quirk::MonthsWithThreeRows, u64::from(rows_in_month == 3));
            }
        }
        Ok(())
    }

    /// Ends the files; relative path, records and bytes of each.
    ///
    /// # Errors
    /// `Io` where the system refuses.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, u64, u64)>> {
        std::iter::once(self.stale).chain(self.years).map(RawFile::finish).collect()
    }
}

/// A job with the cells that are the same in all its rows.
struct JobCells<'a> {
    world: &'a World,
    index: u64,
    job: &'a Job,
    before: Vec<u8>,
    after: Vec<u8>,
    full_time_days_percent: i64,
}

impl<'a> JobCells<'a> {
    fn new(world: &'a World, person: &Person, job: &'a Job) -> Self {
        let mut before = Vec::with_capacity(40);
        before.text(&[person.kind]);
        before.padded(person.rin, 9);
        before.padded(job.ikvid, 12);
        // Hours a week in hundredths; 38 hours are full time.
        let week = job.hours_per_day_hundredths * 7;
        let percent = (week / 38).min(100);
        let mut after = Vec::with_capacity(40);
        after.text(&[job.kind]);
        after.text(if percent >= 93 { b"1" } else { b"2" });
        after.text(&[hours_class(week)]);
        after.text(collective_sector(job));
        after.padded(job.ikvid % 67, 2);
        after.text(&job.relation);
        after.text(match job.employer.pay {
            Pay::FourWeekly(_) => b"1",
            _ => b"5",
        });
        let (index, full_time_days_percent) = (person.index, percent);
        JobCells { world, index, job, before, after, full_time_days_percent }
    }

    fn push_row(&self, line: &mut Vec<u8>, month: &Month, row: &PayRow) {
        let job = self.job;
        let year_first = i64::from(month.year) * 10_000;
        let of_month = year_first + i64::from(month.month) * 100 + 1;
        line.extend_from_slice(&self.before);
        match row.quirk {
            PayQuirk::EmployerMissing if job.ikvid.is_multiple_of(2) => line.text(b""),
            PayQuirk::EmployerMissing => line.text(b"00000000"),
            _ => line.text(&job.employer.beid),
        }
        line.number(of_month + i64::from(row.from - month.first));
        line.number(of_month + i64::from(row.to - month.first));
        if began_before_year(job, month) {
            line.text(b"88888888");
        } else {
            line.day(job.began);
        }
        match original_start(self.world, job, row.to) {
            Some(start) => line.day(start),
            None => line.text(b""),
        }
        if month.last + 31 * (12 - month.month) < job.end {
            line.number(year_first + 1231);
        } else {
            line.day(end_within_year(job, month));
        }
        match row.net_wage_cents() {
            Some(_) => line.decimal(row.wage_cents),
            None => line.text(NINES),
        }
        match row.net_hours_hundredths() {
            Some(_) => line.decimal(row.hours_hundredths),
            None => line.text(NINES),
        }
        line.number(row.hours_hundredths.max(0) / 100);
        line.number(row.days());
        line.decimal(row.days() * self.full_time_days_percent);
        line.text(&[contract(self.world, self.index, job, row.from)]);
        line.extend_from_slice(&self.after);
        line.decimal(row.wage_cents / 211);
    }
}

fn hours_class(week_hundredths: i64) -> u8 {
    match week_hundredths {
        ..1_200 => b'1',
        1_200..2_000 => b'2',
        2_000..2_500 => b'3',
        2_500..3_000 => b'4',
        3_000..3_500 => b'5',
        _ => b'6',
    }
}

fn collective_sector(job: &Job) -> &'static [u8] {
    match job.employer.sector().division {
        84 => b"3000",
        85 => b"3400",
        86 | 87 => b"2000",
        _ => b"1000",
    }
}

fn began_before_year(job: &Job, month: &Month) -> bool {
    job.began < super::calendar::day(month.year, 1, 1)
}

fn end_within_year(job: &Job, month: &Month) -> Day {
    job.end.min(super::calendar::day(month.year, 12, 31))
}

fn count_row(job: &Job, month: &Month, row: &PayRow, counts: &mut Counts) {
    let four_weekly = matches!(job.employer.pay, Pay::FourWeekly(_));
    counts.plant(if four_weekly { Quirk::FourWeeklyRows } else { Quirk::MonthlyRows });
    counts.add(Quirk::DecimalCommas, 4);
    counts.add(Quirk::ZeroWageRows, u64::from(row.wage_cents == 0));
    counts.add(Quirk::SpecialDates, u64::from(began_before_year(job, month)));
    let quirk = match row.quirk {
        PayQuirk::None => None,
        PayQuirk::Unpaid => Some(Quirk::UnpaidRows),
        PayQuirk::Corrected => Some(Quirk::CorrectedRows),
        PayQuirk::TakenBack => Some(Quirk::RowsTakenBack),
        PayQuirk::WageMissing | PayQuirk::WageAndHoursMissing => Some(Quirk::RowsWithNines),
        PayQuirk::EmployerMissing => Some(Quirk::RowsWithoutEmployer),
    };
    if let Some(quirk) = quirk {
        counts.plant(quirk);
    }
    counts.add(Quirk::UnknownJobKinds, u64::from(job.kind == b'7'));
    counts.add(Quirk::LowerCaseCodes, u64::from(job.contract.is_ascii_lowercase()));
}
