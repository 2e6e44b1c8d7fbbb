//! The invented employers: each is a pure function of the seed and its index,
//! so only where each sector's employers begin is held in memory. The first
//! ten are fixed, so that the scripted persons find what they need.

use super::PERSONS_OF_SCENES;
use super::calendar::{Day, FOUR_WEEKS_FROM, Window};
use super::dice::{Dice, mix, mixed_below, scatter};
use super::hazards::{Hazard, Hazards};
use super::sectors::{Odds, SECTORS, Sector, Trade};
use super::successions::Successions;

/// Employers with scripted properties, before the drawn ones.
pub(super) const SCRIPTED: u64 = 12;
/// Scripted employer of the sector government (SBI 8411), paying monthly.
pub(super) const GOVERNMENT: u64 = 10;
/// Scripted employer that BETAB knows without SBI.
pub(super) const WITHOUT_SBI: u64 = 7;
/// Scripted employer that BETAB does not know, its number beginning with F.
pub(super) const UNLISTED_F: u64 = 8;
/// Scripted employer that BETAB does not know, its number beginning with P.
pub(super) const UNLISTED_P: u64 = 9;
/// Scripted metal works that pay by the calendar day each month.
pub(super) const METAL_WORKS: u64 = 4;
/// Scripted machine works that pay by the calendar day each month.
pub(super) const MACHINE_WORKS: u64 = 5;
/// Scripted shop that pays by the calendar day each month.
pub(super) const SHOP: u64 = 6;
/// Scripted metal works beside [`METAL_WORKS`], of the same sector.
pub(super) const OTHER_METAL_WORKS: u64 = 11;

/// SBI 2008 of employers whose staff in the survey has 39, 40 and 41 percent of
/// technical functions; of sectors where nobody else works.
const NEAR_TECHNICAL_SHARE: [i32; 3] = [11_050, 12_000, 13_100];

const TOPIC: u64 = 1;
const RECODED: u64 = 2;
const RECODED_LATER: u64 = 3;
const LOST_ZERO: u64 = 4;

/// How an employer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pay {
    /// Each month, the same amount for each full month.
    MonthlyFixed,
    /// Each month, an amount for each calendar day.
    MonthlyByDay,
    /// Every four weeks, an amount for each calendar day; the periods lie this
    /// many weeks after the common ones.
    FourWeekly(u8),
}

impl Pay {
    /// Last day of the pay period that holds the day; for monthly payers far away.
    pub(super) fn period_end(self, day: Day) -> Day {
        match self {
            Pay::MonthlyFixed | Pay::MonthlyByDay => Day::MAX,
            Pay::FourWeekly(weeks) => {
                let from = FOUR_WEEKS_FROM + 7 * i32::from(weeks);
                day + 27 - (day - from).rem_euclid(28)
            }
        }
    }
}

/// An employer (business unit).
#[derive(Debug, Clone)]
pub(super) struct Employer {
    /// The eight characters of its number.
    pub(super) beid: [u8; 8],
    /// Place of its sector in [`SECTORS`].
    pub(super) sector: usize,
    /// SBI 2008 in five digits, where BETAB knows it.
    pub(super) sbi: Option<i32>,
    /// Year from which BETAB has another SBI, and that.
    pub(super) recoding: Option<(i32, i32)>,
    /// Whether its SBI lost a leading zero.
    pub(super) lost_zero: bool,
    /// Whether BETAB holds it.
    pub(super) listed: bool,
    /// How it pays.
    pub(super) pay: Pay,
    /// Size code GKSBS.
    pub(super) size_code: &'static str,
    /// Municipality code.
    pub(super) municipality: i32,
}

impl Employer {
    /// SBI 2008 in BETAB of a year.
    pub(super) fn sbi_in(&self, year: i32) -> Option<i32> {
        match self.recoding {
            Some((from, sbi)) if from <= year => self.sbi.map(|_| sbi),
            _ => self.sbi,
        }
    }

    /// Sector as BETAB of a year lets one know it: two digits of SBI 2008.
    pub(super) fn known_division(&self, year: i32) -> Option<i32> {
        let is_legible = self.listed && !self.has_lost_zero(year);
        self.sbi_in(year).filter(|_| is_legible).map(|sbi| sbi / 1000)
    }

    /// Whether the SBI of a year stands there without its leading zero.
    pub(super) fn has_lost_zero(&self, year: i32) -> bool {
        self.lost_zero && self.sbi_in(year).is_some_and(|sbi| sbi < 10_000)
    }

    /// The sector it belongs to, known or not.
    pub(super) fn sector(&self) -> &'static Sector {
        &SECTORS[self.sector]
    }
}

/// Everything that persons share: seed, years, economy, where employers begin.
pub(super) struct World {
    /// Seed of all draws.
    pub(super) seed: u64,
    /// Years asked for.
    pub(super) window: Window,
    /// What is planted beside plain histories.
    pub(super) hazards: Hazards,
    /// Odds of trades and sectors.
    pub(super) odds: Odds,
    /// Employers that go on under another number.
    pub(super) successions: Successions,
    /// Whether there are people enough for what needs many of them.
    pub(super) is_large: bool,
    begins: Vec<u64>,
}

impl World {
    /// The world for so many persons.
    pub(super) fn new(seed: u64, persons: u64, window: Window, hazards: Hazards) -> Self {
        let parts: u64 = SECTORS.iter().map(size).sum();
        let mut begins = vec![SCRIPTED];
        let mut next = SCRIPTED;
        for sector in &SECTORS {
            next += 2 + persons * size(sector) / (parts * 8);
            begins.push(next);
        }
        let successions = Successions::new(persons, &window, hazards);
        let is_large = persons >= PERSONS_OF_SCENES;
        World { seed, window, hazards, odds: Odds::new(), successions, is_large, begins }
    }

    /// Whether a hazard is planted of which nothing is in a small population: its
    /// respondents would change the size of the survey too much between years.
    pub(super) fn has_of_many(&self, hazard: Hazard) -> bool {
        self.hazards.has(hazard) && self.is_large
    }

    /// How many employers there are.
    pub(super) fn employer_count(&self) -> u64 {
        let is_planted = self.has_of_many(Hazard::NearTechnicalShare);
        let planted = if is_planted { NEAR_TECHNICAL_SHARE.len() } else { 0 };
        self.near_share_employer(planted as u64)
    }

    /// Index of an employer with so many technical functions in its sector, after
    /// the firms of the scenes.
    pub(super) fn near_share_employer(&self, place: u64) -> u64 {
        self.scene_employer(self.successions.firms().len() as u64 + place)
    }

    /// The number of the employer of an index, or of nobody.
    pub(super) fn employer_number(&self, index: u64) -> [u8; 8] {
        if index < self.employer_count() { self.employer(index).beid } else { number(index) }
    }

    /// Index of a firm of the scenes, which come after all others.
    pub(super) fn scene_employer(&self, firm: u64) -> u64 {
        self.begins.last().copied().unwrap_or(SCRIPTED) + firm
    }

    /// Draws an employer of a sector, the first of a sector most often.
    pub(super) fn draw_employer(&self, dice: &mut Dice, sector: usize) -> u64 {
        let count = self.begins[sector + 1] - self.begins[sector];
        let bound = i32::try_from(count).unwrap_or(i32::MAX);
        let place = if bound < 2 || dice.chance(4_000) {
            dice.below(bound)
        } else {
            let upper = dice.below(bound) + 1;
            dice.below(upper)
        };
        self.begins[sector] + u64::from(place.unsigned_abs())
    }

    /// The employer of an index.
    pub(super) fn employer(&self, index: u64) -> Employer {
        match index.checked_sub(self.scene_employer(0)) {
            Some(firm) => self.firm_of_a_scene(index, firm),
            None => self.ordinary_employer(index),
        }
    }

    fn firm_of_a_scene(&self, index: u64, firm: u64) -> Employer {
        let mut dice = Dice::new(self.seed, TOPIC, index);
        let firms = self.successions.firms();
        let place = usize::try_from(firm).unwrap_or(usize::MAX);
        let near = place.checked_sub(firms.len()).and_then(|it| NEAR_TECHNICAL_SHARE.get(it));
        let (sbi, letter) = match firms.get(place) {
            Some(firm) => (firm.sbi, firm.letter),
            None => (near.copied().unwrap_or(0), None),
        };
        let sector = SECTORS.iter().position(|sector| sector.division == sbi / 1000);
        let mut employer = Employer {
            beid: number(index),
            sector: sector.unwrap_or_default(),
            sbi: Some(sbi),
            recoding: None,
            lost_zero: false,
            listed: true,
            pay: draw_pay(&mut dice),
            size_code: dice.one_of(&SIZE_CODES),
            municipality: dice.one_of(&MUNICIPALITIES),
        };
        if let Some(letter) = letter {
            unlist(&mut employer, letter);
        }
        employer
    }

    fn ordinary_employer(&self, index: u64) -> Employer {
        let mut dice = Dice::new(self.seed, TOPIC, index);
        let sector = self.begins.partition_point(|&begin| begin <= index).saturating_sub(1);
        let mut employer = Employer {
            beid: number(index),
            sector,
            sbi: Some(draw_sbi(&mut dice, sector)),
            recoding: self.draw_recoding(index),
            lost_zero: self.hazards.has(Hazard::LostZeros)
                && (index == SCRIPTED || mixed_below(self.seed, LOST_ZERO, index, 3) == 0),
            listed: true,
            pay: draw_pay(&mut dice),
            size_code: dice.one_of(&SIZE_CODES),
            municipality: dice.one_of(&MUNICIPALITIES),
        };
        if index < SCRIPTED {
            script(&mut employer, index);
        } else if dice.chance(80) {
            employer.sbi = None;
        } else if dice.chance(80) {
            unlist(&mut employer, if dice.chance(5_000) { b'F' } else { b'P' });
        }
        employer
    }

    /// Another SBI from a later year on: of trade, or of metal works.
    fn draw_recoding(&self, index: u64) -> Option<(i32, i32)> {
        let is_scripted = index == OTHER_METAL_WORKS;
        let is_drawn = index >= SCRIPTED && mixed_below(self.seed, RECODED_LATER, index, 30) == 0;
        if !self.hazards.has(Hazard::RecodedEmployers) || !(is_scripted || is_drawn) {
            return None;
        }
        let years = self.window.last_year - self.window.first_year;
        let later =
            1 + mix(self.seed, RECODED_LATER, index + 1) % u64::from(years.max(1).unsigned_abs());
        let year = self.window.first_year + i32::try_from(later).unwrap_or(1);
        let sbi = if mix(self.seed, RECODED_LATER, index + 2).is_multiple_of(3) {
            25_620
        } else {
            46_690
        };
        Some((year, sbi))
    }

    /// SBI of a stale version of BETAB, other than the newest for a few.
    pub(super) fn stale_sbi(&self, index: u64, employer: &Employer) -> Option<i32> {
        match mixed_below(self.seed, RECODED, index, 8) {
            _ if index == MACHINE_WORKS => Some(47_110),
            0 => None,
            1 => Some(SECTORS[(employer.sector + 7) % SECTORS.len()].division * 1000 + 100),
            _ => employer.sbi,
        }
    }
}

const SIZE_CODES: [&str; 15] =
    ["00", "10", "21", "22", "30", "40", "50", "60", "71", "72", "81", "82", "91", "92", "93"];
const MUNICIPALITIES: [i32; 20] = [
    14, 34, 153, 200, 202, 268, 307, 344, 361, 363, 392, 394, 479, 518, 599, 758, 772, 796, 855,
    935,
];

fn size(sector: &Sector) -> u64 {
    u64::from(sector.size.unsigned_abs())
}

fn draw_sbi(dice: &mut Dice, sector: usize) -> i32 {
    SECTORS[sector].division * 1000 + dice.one_of(&SECTORS[sector].suffixes)
}

fn draw_pay(dice: &mut Dice) -> Pay {
    match dice.below(100) {
        0..15 => Pay::FourWeekly(0),
        15..20 => Pay::FourWeekly(u8::try_from(dice.below(4)).unwrap_or(0)),
        20..60 => Pay::MonthlyByDay,
        _ => Pay::MonthlyFixed,
    }
}

fn script(employer: &mut Employer, index: u64) {
    let (division, pay) = match index {
        0 => (25, Pay::FourWeekly(0)),
        1 => (28, Pay::FourWeekly(1)),
        2 => (43, Pay::FourWeekly(2)),
        3 => (47, Pay::FourWeekly(3)),
        MACHINE_WORKS => (28, Pay::MonthlyByDay),
        SHOP => (47, Pay::MonthlyByDay),
        GOVERNMENT => (84, Pay::MonthlyFixed),
        _ => (25, Pay::MonthlyByDay),
    };
    employer.sector =
        SECTORS.iter().position(|sector| sector.division == division).unwrap_or_default();
    employer.sbi = Some(division * 1000 + 110);
    employer.pay = pay;
    match index {
        WITHOUT_SBI => employer.sbi = None,
        UNLISTED_F => unlist(employer, b'F'),
        UNLISTED_P => unlist(employer, b'P'),
        _ => {}
    }
}

fn unlist(employer: &mut Employer, letter: u8) {
    employer.listed = false;
    employer.beid[0] = letter;
}

/// The eight digits of an employer's number, of no other index the same.
pub(super) fn number(index: u64) -> [u8; 8] {
    digits(scatter(index, 100_000_000))
}

fn digits(mut number: u64) -> [u8; 8] {
    let mut text = [b'0'; 8];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text
}

/// Trade of a scripted person's job at a scripted employer.
pub(super) fn usual_trade(employer: &Employer) -> Trade {
    if employer.sector().technicians > 40 { Trade::Technician } else { Trade::Other }
}
