//! Suppression that holds: for each cell that needs protection a move of
//! suppressed cells that takes it as far as is asked, at the least cost; in the
//! end what turns out not to be needed is given back.
//!
//! Moves do not go through cells whose contributors know them: one person or one
//! employer, who could subtract what is their own.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::{Ground, Move, Way, whole_units};
use super::sheet::Sheet;
use super::system::{Cell, CellId, Demand, Owner, System};
use crate::error::Error;

/// Cells that are tried to be given back, at most.
const MOST_TRIALS: usize = 2_000;

/// The cells that are not shown.
#[derive(Debug)]
pub(super) struct Suppressed {
    pub(super) cells: BTreeSet<CellId>,
    /// Of each cell that needs protection, those that move with it.
    pub(super) guards: BTreeMap<CellId, BTreeSet<CellId>>,
}

/// Finds the cells that are not shown.
///
/// # Errors
/// A cell that nothing protects.
pub(super) fn suppress(system: &System) -> Result<Suppressed, CellId> {
    let mut search = Search::new(system);
    for &cell in &search.needy.clone() {
        if system.cells[cell].must_show {
            return Err(cell);
        }
        search.protect(cell)?;
    }
    search.give_back();
    let is_suppressed = |it: &CellId| system.cells[*it].is_published() && search.is_free[*it];
    let cells = (0..system.cells.len()).filter(is_suppressed).collect();
    let guards = search.needy.iter().map(|it| (*it, search.guards_of(*it, &is_suppressed)));
    Ok(Suppressed { cells, guards: guards.collect() })
}

/// The error for a cell that nothing protects.
pub(super) fn impossible(cell: &Cell, sheets: &[Sheet<'_>]) -> Error {
    let rule = cell.demand.rule.map_or("secrecy", super::system::Rule::as_str);
    let place = match cell.place() {
        None => "a count that follows from several tables".to_owned(),
        Some(place) => {
            let sheet = &sheets[place.sheet];
            let count = sheet.protection.counts.keys().nth(place.count).map_or("", String::as_str);
            let follows = if cell.is_published() { "" } else { "what follows from " };
            let words = sheet.row_words(place.row);
            format!("{follows}`{count}` of out.{} in {words}", sheet.name)
        }
    };
    let (message, hint) = match cell.must_show {
        true => ("must be shown, and must not be known", "take it out of `shown`"),
        false => ("would be known to everybody", "publish it with fewer dimensions, or not at all"),
    };
    Error::Protection {
        message: format!("the rule of {rule} cannot be met: {place} {message}"),
        hint: Some(hint.to_owned()),
    }
}

/// Whose knowledge a move must do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contributors {
    /// That of all who know a cell because it is theirs.
    All,
    /// That of one of them, or of nobody.
    One(Option<Owner>),
}

struct Search<'a> {
    system: &'a System,
    /// Suppressed, or not published at all.
    is_free: Vec<bool>,
    /// Cells that need protection, in the order in which they get it.
    needy: Vec<CellId>,
    /// What is possible of each cell, as far as moves show it that go through no
    /// contributor's cell: less and more.
    reach: Vec<[i64; 2]>,
    moves: Vec<Option<Move>>,
    moves_of: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(system: &'a System) -> Self {
        let count = system.cells.len();
        let mut needy: Vec<CellId> =
            (0..count).filter(|it| system.cells[*it].demand.is_any()).collect();
        needy.sort_by_key(|it| (system.cells[*it].cost(), *it));
        let is_free = system.cells.iter().map(|it| !it.is_published() || it.demand.is_any());
        Search {
            is_free: is_free.collect(),
            reach: vec![[0, 0]; count],
            moves: Vec::new(),
            moves_of: vec![Vec::new(); count],
            needy,
            system,
        }
    }

    /// Whether a move of one cell must not go through another.
    fn is_barred(&self, cell: CellId, other: CellId, contributors: Contributors) -> bool {
        let [own, owners] = [cell, other].map(|it| &self.system.cells[it].owners);
        other != cell
            && owners.is_disjoint(own)
            && match contributors {
                Contributors::All => !owners.is_empty(),
                Contributors::One(contributor) => {
                    contributor.is_some_and(|it| owners.contains(&it))
                }
            }
    }

    /// What is possible of a cell to such contributors.
    fn reach_to(&self, cell: CellId, contributors: Contributors) -> [i64; 2] {
        let mut reach = [0, 0];
        for made in self.moves_of[cell].iter().filter_map(|it| self.moves[*it].as_ref()) {
            if made.changes.iter().any(|(it, _)| self.is_barred(cell, *it, contributors)) {
                continue;
            }
            let change = made.of(cell);
            let way = usize::from(change > 0.0);
            reach[way] = reach[way].max(whole_units(change));
        }
        reach
    }

    /// How much is missing of what a cell needs: both ways, and in all.
    fn missing(&self, cell: CellId, contributors: Contributors) -> [i64; 3] {
        let Demand { width, below, above, .. } = self.system.cells[cell].demand;
        let [down, up] = match contributors {
            Contributors::All => self.reach[cell],
            Contributors::One(_) => self.reach_to(cell, contributors),
        };
        [below - down, above - up, width - down - up]
    }

    fn is_safe_from(&self, cell: CellId, contributors: Contributors) -> bool {
        self.missing(cell, contributors).iter().all(|missing| *missing <= 0)
    }

    /// A contributor who would know too much of a cell; none where it is safe from all.
    fn threat(&self, cell: CellId) -> Option<Contributors> {
        if self.is_safe_from(cell, Contributors::All) {
            return None;
        }
        let moves = self.moves_of[cell].iter().filter_map(|it| self.moves[*it].as_ref());
        let others = moves.flat_map(|made| made.changes.iter().map(|(it, _)| *it));
        let barred = others.filter(|it| self.is_barred(cell, *it, Contributors::All));
        let contributors: BTreeSet<Owner> =
            barred.flat_map(|it| &self.system.cells[it].owners).copied().collect();
        let contributors = std::iter::once(None).chain(contributors.into_iter().map(Some));
        contributors.map(Contributors::One).find(|it| !self.is_safe_from(cell, *it))
    }

    /// Protects a cell from everybody: by moves that go through no contributor's cell,
    /// and where there are none, by several, none of whose cells is in all.
    fn protect(&mut self, cell: CellId) -> Result<(), CellId> {
        if self.protect_from(cell, Contributors::All).is_ok() {
            return Ok(());
        }
        while let Some(contributors) = self.threat(cell) {
            self.protect_from(cell, contributors)?;
        }
        Ok(())
    }

    fn protect_from(&mut self, cell: CellId, contributors: Contributors) -> Result<(), CellId> {
        if self.is_safe_from(cell, contributors) || self.protect_freely(cell, contributors) {
            return Ok(());
        }
        let Demand { width, below, above, .. } = self.system.cells[cell].demand;
        let [missing_below, missing_above, _] = self.missing(cell, contributors);
        for (way, amount, missing) in
            [(Way::Down, below, missing_below), (Way::Up, above, missing_above)]
        {
            if missing > 0 {
                let found = self.find(cell, way, amount, contributors, true).ok_or(cell)?;
                self.take(found);
            }
        }
        let missing = self.missing(cell, contributors)[2];
        if missing <= 0 {
            return Ok(());
        }
        let [down, up] = self.reach_to(cell, contributors);
        let ways = [(Way::Up, width - down), (Way::Down, width - up)];
        let found = ways
            .into_iter()
            .filter_map(|(way, amount)| self.find(cell, way, amount, contributors, true));
        let cheapest = found.min_by(|one, other| one.cost.total_cmp(&other.cost));
        self.take(cheapest.ok_or(cell)?);
        Ok(())
    }

    /// Protects a cell by what is suppressed already, as far as that goes; says
    /// whether it is enough.
    fn protect_freely(&mut self, cell: CellId, contributors: Contributors) -> bool {
        let Demand { width, below, above, .. } = self.system.cells[cell].demand;
        let most_down = self.system.cells[cell].value - self.system.cells[cell].floor;
        for (way, most) in
            [(Way::Down, width.max(below).min(most_down)), (Way::Up, width.max(above))]
        {
            if self.is_safe_from(cell, contributors) {
                return true;
            }
            if most > 0
                && let Some(found) = self.find(cell, way, most, contributors, false)
            {
                self.take(found);
            }
        }
        self.is_safe_from(cell, contributors)
    }

    fn find(
        &self,
        cell: CellId,
        way: Way,
        amount: i64,
        contributors: Contributors,
        may_pay: bool,
    ) -> Option<Move> {
        let is_barred = |it: CellId| {
            let other = &self.system.cells[it];
            it != cell
                && (other.is_fixed || other.must_show || self.is_barred(cell, it, contributors))
        };
        let ground =
            Ground { system: self.system, is_free: &self.is_free, is_barred: &is_barred, may_pay };
        ground.cheapest(cell, way, amount)
    }

    /// Suppresses what a move needs, and notes for whom it is a way out.
    fn take(&mut self, taken: Move) {
        let cells: Vec<CellId> = taken.changes.iter().map(|(it, _)| *it).collect();
        let number = self.moves.len();
        self.moves.push(Some(taken));
        for it in cells {
            self.is_free[it] = true;
            self.moves_of[it].push(number);
            self.reach[it] = self.reach_to(it, Contributors::All);
        }
    }

    /// Suppressed cells that move with a cell where it moves furthest.
    fn guards_of(&self, cell: CellId, is_suppressed: &dyn Fn(&CellId) -> bool) -> BTreeSet<CellId> {
        let moves = self.moves_of[cell].iter().filter_map(|it| self.moves[*it].as_ref());
        let moves: Vec<&Move> = moves.collect();
        let furthest = |sign: f64| {
            let by = |one: &&&Move, other: &&&Move| {
                (one.of(cell) * sign).total_cmp(&(other.of(cell) * sign))
            };
            moves.iter().filter(|it| it.of(cell) * sign > 0.0).max_by(by)
        };
        let both = [furthest(1.0), furthest(-1.0)].into_iter().flatten();
        let others = both.flat_map(|it| it.changes.iter().map(|(other, _)| *other));
        others.filter(|other| *other != cell && is_suppressed(other)).collect()
    }

    /// Shows cells again that nobody needs, the costliest first.
    fn give_back(&mut self) {
        let is_secondary = |it: &CellId| {
            let cell = &self.system.cells[*it];
            self.is_free[*it] && cell.is_published() && !cell.demand.is_any()
        };
        let mut cells: Vec<CellId> = (0..self.system.cells.len()).filter(is_secondary).collect();
        cells.sort_by_key(|it| (std::cmp::Reverse(self.system.cells[*it].cost()), *it));
        for cell in cells.into_iter().take(MOST_TRIALS) {
            self.try_without(cell);
        }
    }

    /// Shows a cell, unless somebody needs it to be suppressed.
    fn try_without(&mut self, cell: CellId) {
        self.is_free[cell] = false;
        let lost = self.moves_of[cell].clone();
        let taken: Vec<(usize, Option<Move>)> =
            lost.into_iter().map(|it| (it, self.moves[it].take())).collect();
        let mut changed = BTreeSet::new();
        for (_, lost) in &taken {
            changed.extend(lost.iter().flat_map(|lost| lost.changes.iter().map(|(it, _)| *it)));
        }
        self.reach_again(&changed);
        let before = self.moves.len();
        let needy = changed.iter().copied().filter(|it| self.system.cells[*it].demand.is_any());
        let needy: Vec<CellId> = needy.collect();
        if needy.iter().all(|it| self.is_safe_freely(*it)) {
            return;
        }
        self.is_free[cell] = true;
        for number in before..self.moves.len() {
            if let Some(undone) = self.moves[number].take() {
                changed.extend(undone.changes.iter().map(|(it, _)| *it));
            }
        }
        for (number, lost) in taken {
            self.moves[number] = lost;
        }
        self.reach_again(&changed);
    }

    fn is_safe_freely(&mut self, cell: CellId) -> bool {
        if self.protect_freely(cell, Contributors::All) {
            return true;
        }
        while let Some(contributors) = self.threat(cell) {
            if !self.protect_freely(cell, contributors) {
                return false;
            }
        }
        true
    }

    fn reach_again(&mut self, cells: &BTreeSet<CellId>) {
        for &cell in cells {
            self.reach[cell] = self.reach_to(cell, Contributors::All);
        }
    }
}
