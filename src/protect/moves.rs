//! Moves: other values for some cells with which every sum stays as it is. A
//! move of suppressed cells is what somebody cannot rule out who knows all that
//! is published. The cheapest one is a linear program.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::system::{CellId, System};

/// Changes below this are none.
const TOLERANCE: f64 = 1e-6;
/// What a suppressed cell costs beside one that is shown: next to nothing, so
/// that of two free moves the shorter one is taken.
const FREE: f64 = 1e-3;
/// How far a search goes: for each sum the cheapest cells that are shown and how
/// many sums, at first and where that does not do.
const REACHES: [(usize, usize); 3] = [(3, 40), (6, 200), (usize::MAX, usize::MAX)];

/// Of these, so many for moves of free cells.
const FREE_REACHES: usize = 2;

/// Changes by cell.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) changes: Vec<(CellId, f64)>,
    /// Information lost by it, as of the cells that it takes beyond those that
    /// are suppressed.
    pub(super) cost: f64,
}

impl Move {
    pub(super) fn of(&self, cell: CellId) -> f64 {
        self.changes.iter().find(|(it, _)| *it == cell).map_or(0.0, |(_, change)| *change)
    }
}

/// Which way a cell is to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// Which cells may be part of a move.
pub(super) struct Ground<'a> {
    pub(super) system: &'a System,
    /// Cells that are suppressed, or not published at all.
    pub(super) is_free: &'a [bool],
    /// Cells that must not be part of it.
    pub(super) is_barred: &'a dyn Fn(CellId) -> bool,
    /// Takes cells that are shown, too.
    pub(super) may_pay: bool,
}

impl Ground<'_> {
    /// The cheapest move that changes a cell by so much; where only free cells are
    /// taken, by as much of it as they allow. None where there is no such move.
    pub(super) fn cheapest(&self, cell: CellId, way: Way, amount: i64) -> Option<Move> {
        let is_too_far = way == Way::Down && amount > self.room(cell);
        if is_too_far || (!self.may_pay && self.is_alone(cell)) {
            return None;
        }
        // What is free is near, or not worth the search.
        let reaches = if self.may_pay { &REACHES[..] } else { &REACHES[..FREE_REACHES] };
        for &(width, depth) in reaches {
            let (cells, is_whole) = self.near(cell, amount, width, depth);
            let found = self.solve(cell, way, amount, &cells);
            let is_enough = |found: &Move| found.of(cell).abs() + TOLERANCE >= to_float(amount);
            if found.as_ref().is_some_and(is_enough) || is_whole {
                return found;
            }
        }
        None
    }

    /// Whether one of its sums has no other free cell.
    fn is_alone(&self, cell: CellId) -> bool {
        let is_other = |it: CellId| it != cell && self.is_free[it] && !(self.is_barred)(it);
        self.system.relations_of[cell].iter().any(|relation| {
            !self.system.relations[*relation].terms.iter().any(|(it, _)| is_other(*it))
        })
    }

    fn may_take(&self, cell: CellId) -> bool {
        !(self.is_barred)(cell) && (self.may_pay || self.is_free[cell])
    }

    /// How much less a cell could be.
    fn room(&self, cell: CellId) -> i64 {
        self.system.cells[cell].value - self.system.cells[cell].floor
    }

    fn price(&self, cell: CellId) -> f64 {
        if self.is_free[cell] { FREE } else { to_float(self.system.cells[cell].cost()) }
    }

    /// Cells around one, sum by sum: of each sum those that are free and the
    /// cheapest others, then all whose sums were all met, which close circles. Says
    /// whether these are all that can be reached.
    fn near(
        &self,
        start: CellId,
        amount: i64,
        width: usize,
        depth: usize,
    ) -> (BTreeSet<CellId>, bool) {
        let mut cells = BTreeSet::from([start]);
        let mut sums = BTreeSet::new();
        let mut queue = VecDeque::from([start]);
        let mut is_whole = true;
        while let Some(cell) = queue.pop_front() {
            for &relation in &self.system.relations_of[cell] {
                if sums.contains(&relation) {
                    continue;
                }
                if sums.len() >= depth {
                    is_whole = false;
                    continue;
                }
                sums.insert(relation);
                let (taken, is_all) = self.taken_of(relation, amount, width);
                is_whole &= is_all;
                queue.extend(taken.into_iter().filter(|it| cells.insert(*it)));
            }
        }
        if !is_whole {
            let of_sums = sums.iter().flat_map(|it| &self.system.relations[*it].terms);
            let closes = |it: &CellId| {
                self.may_take(*it)
                    && self.system.relations_of[*it].iter().all(|relation| sums.contains(relation))
            };
            cells.extend(of_sums.map(|(it, _)| *it).filter(closes));
        }
        (cells, is_whole)
    }

    /// Cells of a sum: some that are free and the cheapest others; says whether
    /// these are all.
    fn taken_of(&self, relation: usize, amount: i64, width: usize) -> (Vec<CellId>, bool) {
        let terms = self.system.relations[relation].terms.iter().map(|(cell, _)| *cell);
        let mut cells: Vec<CellId> = terms.filter(|it| self.may_take(*it)).collect();
        let all = cells.len();
        if width < all {
            cells.retain(|it| self.is_free[*it] || self.room(*it) >= amount);
        }
        let count = cells.len();
        let by_price = |one: &CellId, other: &CellId| {
            self.price(*one).total_cmp(&self.price(*other)).then(one.cmp(other))
        };
        let free = cells.iter().filter(|it| self.is_free[**it]).count();
        let taken = free.min(width.saturating_mul(4)) + (count - free).min(width);
        if taken < count {
            cells.select_nth_unstable_by(taken, by_price);
            cells.truncate(taken);
        }
        cells.sort_by(by_price);
        (cells, taken == all)
    }

    /// The linear program over some cells; all others stay as they are.
    fn solve(&self, cell: CellId, way: Way, amount: i64, cells: &BTreeSet<CellId>) -> Option<Move> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut variables: BTreeMap<CellId, Vec<(Variable, f64)>> = BTreeMap::new();
        let sign = if way == Way::Up { 1.0 } else { -1.0 };
        for &it in cells {
            let least = to_float(self.room(it));
            let parts = if it == cell {
                // Free moves go as far as they can: each unit is worth more than all
                // cells together cost.
                let amount = to_float(amount);
                let bounds = if self.may_pay { (amount, amount) } else { (0.0, amount) };
                let worth = if self.may_pay { 0.0 } else { -1.0 };
                vec![(problem.add_var(worth, bounds), sign)]
            } else {
                let price = self.price(it) / if self.may_pay { 1.0 } else { 1e3 };
                let up = problem.add_var(price, (0.0, f64::INFINITY));
                let down = problem.add_var(price, (0.0, least));
                vec![(up, 1.0), (down, -1.0)]
            };
            variables.insert(it, parts);
        }
        let relations: BTreeSet<usize> =
            cells.iter().flat_map(|it| self.system.relations_of[*it].iter().copied()).collect();
        for relation in relations {
            let terms = self.system.relations[relation].terms.iter();
            let terms = terms.filter_map(|(it, sign)| Some((variables.get(it)?, f64::from(*sign))));
            let terms: Vec<(Variable, f64)> = terms
                .flat_map(|(parts, sign)| parts.iter().map(move |(it, own)| (*it, own * sign)))
                .collect();
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, 0.0);
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let change = |parts: &Vec<(Variable, f64)>| -> f64 {
            parts.iter().map(|(variable, sign)| sign * solution.var_value(*variable)).sum()
        };
        let changes = variables.iter().map(|(it, parts)| (*it, change(parts)));
        let changes: Vec<(CellId, f64)> =
            changes.filter(|(_, change)| change.abs() > TOLERANCE).collect();
        let cost = changes.iter().filter(|(it, _)| *it != cell && !self.is_free[*it]);
        let cost = cost.map(|(it, _)| self.price(*it)).sum();
        changes.iter().any(|(it, _)| *it == cell).then_some(Move { changes, cost })
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a country fit, and the attack looks on")]
pub(super) fn to_float(value: i64) -> f64 {
    value as f64
}

/// A change in whole units, as much of it as is certain.
#[expect(clippy::cast_possible_truncation, reason = "changes are of the size of counts")]
pub(super) fn whole_units(change: f64) -> i64 {
    (change.abs() + TOLERANCE).floor() as i64
}
