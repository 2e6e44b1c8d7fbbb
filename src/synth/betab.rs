//! BETAB: employers by year. The first year comes in two versions, V2 stale
//! and V125 newest; the year is part of two column names.

use std::path::{Path, PathBuf};

use super::employer::{Employer, World};
use super::hazards::Hazard;
use super::quirks::{Counts, Quirk};
use super::raw_file::{Cells, RawFile};
use crate::error::Result;

/// Writes all years of BETAB; relative path, records and bytes of each file.
///
/// # Errors
/// `Io` where the system refuses.
pub(super) fn write(
    out: &Path,
    world: &World,
    counts: &mut Counts,
) -> Result<Vec<(PathBuf, u64, u64)>> {
    let mut files = Vec::new();
    for year in world.window.years() {
        if year == world.window.first_year {
            files.push(write_version(out, world, year, 2, counts)?);
            files.push(write_version(out, world, year, 125, counts)?);
            counts.plant(Quirk::StaleVersions);
        } else {
            files.push(write_version(out, world, year, 1, counts)?);
        }
    }
    Ok(files)
}

fn write_version(
    out: &Path,
    world: &World,
    year: i32,
    version: u32,
    counts: &mut Counts,
) -> Result<(PathBuf, u64, u64)> {
    let header = format!("BEID;SBI2008V{year};GKSBS;GEMHV{year}");
    let mut file = RawFile::create(out, format!("BETAB/BE{year}TABV{version}.csv"), &header)?;
    let is_stale = version == 2;
    for index in 0..world.employer_count() {
        let employer = world.employer(index);
        if !employer.listed || is_stale && index % 17 == 16 {
            continue;
        }
        let sbi = if is_stale { world.stale_sbi(index, &employer) } else { employer.sbi_in(year) };
        let quirk = if is_stale { Quirk::StaleRows } else { Quirk::MissingSbi };
        let has_quirk = if is_stale { sbi != employer.sbi } else { sbi.is_none() };
        counts.add(quirk, u64::from(has_quirk));
        let width = if !is_stale && employer.has_lost_zero(year) { 1 } else { 5 };
        counts.add(Quirk::LostZeros, u64::from(width == 1));
        let size = size_code(world, index, &employer, year);
        push_employer(file.record(), &employer, sbi, (width, size));
        file.end_record()?;
        let is_recoded = !is_stale && sbi != employer.sbi;
        counts.add(Quirk::RecodedEmployers, u64::from(is_recoded));
    }
    file.finish()
}

/// The size class of a year: blank for some, another from the second year on for
/// others.
fn size_code(world: &World, index: u64, employer: &Employer, year: i32) -> &'static str {
    let is_later = year > world.window.first_year;
    match index % 29 {
        _ if !world.hazards.has(Hazard::SizeClasses) => employer.size_code,
        0 => "",
        1..4 if is_later => "50",
        _ => employer.size_code,
    }
}

fn push_employer(
    line: &mut Vec<u8>,
    employer: &Employer,
    sbi: Option<i32>,
    (width, size_code): (usize, &str),
) {
    line.text(&employer.beid);
    match sbi {
        Some(sbi) => line.padded(u64::from(sbi.unsigned_abs()), width),
        None => line.text(b""),
    }
    line.text(size_code.as_bytes());
    line.padded(u64::from(employer.municipality.unsigned_abs()), 4);
}
