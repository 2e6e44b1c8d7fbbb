//! The invented economy: sectors (two-digit SBI 2008 divisions) with their
//! share of employment, of technicians and of ICT staff, and the occupation
//! groups (BRC 2014) of each trade. Numbers are invented, loosely shaped like
//! published aggregates; some technician shares lie near 40 % on purpose.

use super::dice::Dice;

/// What kind of work a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    /// BRC 2014 class 07.
    Technician,
    /// BRC 2014 class 08.
    Ict,
    /// Anything else.
    Other,
}

/// One division of SBI 2008.
#[derive(Debug)]
pub(super) struct Sector {
    /// Two digits of SBI 2008.
    pub(super) division: i32,
    /// Section letter.
    pub(super) section: u8,
    /// Employment, in parts of the total.
    pub(super) size: i32,
    /// Percent of jobs that are technical (BRC class 07).
    pub(super) technicians: i32,
    /// Percent of jobs that are ICT (BRC class 08).
    pub(super) ict: i32,
    /// Last three digits of the SBI codes in use.
    pub(super) suffixes: [i32; 3],
    /// Occupation groups of those who are neither technician nor ICT staff.
    pub(super) others: &'static [u16],
}

const OFFICE: &[u16] = &[411, 412, 413, 415, 421, 423, 431, 432, 434, 511, 521, 321];
const WORKS: &[u16] = &[431, 434, 435, 411, 415, 321, 511, 531, 1214, 1221, 1121];
const SHOPS: &[u16] = &[331, 332, 333, 334, 311, 431, 532, 1221];
const KITCHENS: &[u16] = &[1112, 1113, 1122, 431, 541];
const ROADS: &[u16] = &[1212, 1213, 1214, 1215, 1221, 435, 431, 532];
const STATE: &[u16] = &[414, 611, 612, 621, 631, 431, 432, 411, 1115];
const SCHOOLS: &[u16] = &[111, 112, 113, 114, 115, 121, 431, 534];
const WARDS: &[u16] = &[1011, 1012, 1013, 1021, 1031, 1033, 1034, 1041, 1051, 431];
const CARE: &[u16] = &[1021, 1022, 1033, 1051, 131, 1122, 1121, 431];
const CLEANING: &[u16] = &[1121, 1115, 1116, 431, 535];
const ARTS: &[u16] = &[121, 212, 214, 215, 221, 222, 1111, 431];
const FARMS: &[u16] = &[911, 912, 913, 431, 1215];

/// Every sector of the invented economy.
pub(super) const SECTORS: [Sector; 39] = [
    sector(1, b'A', 15, 6, 0, [130, 410, 610], FARMS),
    sector(10, b'C', 20, 44, 1, [110, 710, 890], WORKS),
    sector(16, b'C', 6, 61, 1, [102, 230, 290], WORKS),
    sector(20, b'C', 8, 39, 3, [130, 160, 590], WORKS),
    sector(22, b'C', 7, 47, 2, [190, 210, 290], WORKS),
    sector(24, b'C', 6, 63, 2, [100, 420, 510], WORKS),
    sector(25, b'C', 18, 72, 2, [110, 610, 620], WORKS),
    sector(26, b'C', 6, 62, 12, [110, 300, 510], WORKS),
    sector(27, b'C', 6, 68, 5, [110, 120, 900], WORKS),
    sector(28, b'C', 17, 74, 4, [220, 300, 990], WORKS),
    sector(29, b'C', 6, 71, 3, [100, 200, 320], WORKS),
    sector(30, b'C', 5, 72, 3, [110, 120, 920], WORKS),
    sector(33, b'C', 9, 76, 3, [121, 150, 200], WORKS),
    sector(35, b'D', 6, 41, 12, [111, 140, 300], OFFICE),
    sector(38, b'E', 6, 35, 2, [110, 210, 320], ROADS),
    sector(41, b'F', 19, 67, 1, [100, 200, 201], WORKS),
    sector(42, b'F', 10, 73, 1, [111, 210, 990], WORKS),
    sector(43, b'F', 32, 79, 1, [210, 220, 320], WORKS),
    sector(45, b'G', 19, 53, 1, [112, 204, 310], SHOPS),
    sector(46, b'G', 60, 12, 5, [310, 690, 740], SHOPS),
    sector(47, b'G', 96, 3, 1, [110, 540, 710], SHOPS),
    sector(49, b'H', 40, 5, 1, [310, 410, 420], ROADS),
    sector(56, b'I', 52, 1, 0, [101, 102, 300], KITCHENS),
    sector(61, b'J', 8, 33, 31, [100, 200, 900], OFFICE),
    sector(62, b'J', 24, 6, 66, [10, 20, 90], OFFICE),
    sector(64, b'K', 30, 2, 14, [191, 194, 303], OFFICE),
    sector(69, b'M', 24, 2, 4, [101, 201, 202], OFFICE),
    sector(71, b'M', 20, 66, 6, [111, 112, 200], OFFICE),
    sector(72, b'M', 12, 38, 8, [111, 112, 191], OFFICE),
    sector(78, b'N', 66, 21, 4, [100, 201, 202], CLEANING),
    sector(81, b'N', 26, 5, 0, [100, 210, 220], CLEANING),
    sector(84, b'O', 66, 7, 7, [110, 120, 220], STATE),
    sector(85, b'P', 72, 2, 3, [201, 311, 420], SCHOOLS),
    sector(86, b'Q', 78, 2, 2, [101, 102, 210], WARDS),
    sector(87, b'Q', 44, 1, 0, [100, 200, 301], CARE),
    sector(93, b'R', 14, 4, 1, [110, 130, 190], ARTS),
    // Without work but what is written.
    sector(11, b'C', 0, 39, 0, [50, 50, 50], WORKS),
    sector(12, b'C', 0, 40, 0, [0, 0, 0], WORKS),
    sector(13, b'C', 0, 41, 0, [100, 100, 100], WORKS),
];

/// Occupation groups of technicians (BRC 2014 class 07), office work first.
const TECHNICIANS: [u16; 25] = [
    711, 712, 713, 714, 721, 722, 723, 731, 732, 733, 734, 735, 741, 742, 743, 744, 751, 752, 753,
    754, 755, 761, 771, 772, 781,
];
const ENGINEERS: &[u16] = &[711, 712, 713, 714, 721];
const BUILDERS: &[u16] = &[721, 722, 731, 732, 733, 734, 735, 761, 781];
const METALWORKERS: &[u16] = &[712, 722, 723, 741, 742, 744, 753, 771, 772, 781];
const FOODMAKERS: &[u16] = &[722, 723, 744, 751, 752, 753, 771, 781];
const CARMENDERS: &[u16] = &[743, 743, 743, 744, 741, 735];
const PROCESS: &[u16] = &[711, 712, 713, 722, 723, 744, 753, 761, 771];
const PROGRAMMERS: &[u16] = &[811, 812, 821, 822];

const fn sector(
    division: i32,
    section: u8,
    size: i32,
    technicians: i32,
    ict: i32,
    suffixes: [i32; 3],
    others: &'static [u16],
) -> Sector {
    Sector { division, section, size, technicians, ict, suffixes, others }
}

impl Sector {
    /// Percent of its jobs that are of the trade.
    pub(super) fn share(&self, trade: Trade) -> i32 {
        match trade {
            Trade::Technician => self.technicians,
            Trade::Ict => self.ict,
            Trade::Other => 100 - self.technicians - self.ict,
        }
    }

    fn technician_groups(&self) -> &'static [u16] {
        match self.division {
            10 => FOODMAKERS,
            20 | 22 | 35 | 38 => PROCESS,
            16 | 24..=33 => METALWORKERS,
            41..=43 => BUILDERS,
            45 => CARMENDERS,
            61 | 62 | 71 | 72 => ENGINEERS,
            _ => &TECHNICIANS,
        }
    }
}

/// Draws an occupation group (BRC 2014) for a job of the trade in the sector.
pub(super) fn draw_occupation(dice: &mut Dice, sector: &Sector, trade: Trade) -> u16 {
    match trade {
        Trade::Technician => dice.one_of(sector.technician_groups()),
        Trade::Ict => dice.one_of(PROGRAMMERS),
        Trade::Other => dice.one_of(sector.others),
    }
}

/// Draws a trade as the jobs of a sector have it.
pub(super) fn draw_trade_within(dice: &mut Dice, sector: &Sector) -> Trade {
    let drawn = dice.below(100);
    if drawn < sector.technicians {
        Trade::Technician
    } else if drawn < sector.technicians + sector.ict {
        Trade::Ict
    } else {
        Trade::Other
    }
}

/// Running totals for drawing trades and the sectors of each trade, such that
/// the share of a trade within a sector comes out as [`Sector::share`].
pub(super) struct Odds {
    trades: [i32; 3],
    sectors: [Vec<i32>; 3],
}

impl Odds {
    /// The odds of the invented economy.
    pub(super) fn new() -> Self {
        let sectors = TRADES.map(|trade| {
            let mut total = 0;
            let running = SECTORS.iter().map(|sector| {
                total += sector.size * sector.share(trade);
                total
            });
            running.collect::<Vec<i32>>()
        });
        let mut total = 0;
        let trades = [0, 1, 2].map(|place: usize| {
            total += sectors[place].last().copied().unwrap_or(0);
            total
        });
        Odds { trades, sectors }
    }

    /// Draws a trade.
    pub(super) fn draw_trade(&self, dice: &mut Dice) -> Trade {
        TRADES[dice.weighted(&self.trades)]
    }

    /// Draws the place in [`SECTORS`] of a sector for someone of the trade.
    pub(super) fn draw_sector(&self, dice: &mut Dice, trade: Trade) -> usize {
        dice.weighted(&self.sectors[trade as usize])
    }
}

const TRADES: [Trade; 3] = [Trade::Technician, Trade::Ict, Trade::Other];
