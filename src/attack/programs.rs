//! The linear programs of an attack, over unknowns that hang together.

use std::collections::{BTreeMap, BTreeSet};

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::equations::Equation;
use crate::error::{Error, Result};

/// How near to a whole number a solution counts as it.
const TOLERANCE: f64 = 1e-6;
/// Above all counts: unknowns without a greatest value end here.
const MOST: i64 = 1_000_000_000;

/// Up to the greatest value or down to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// Unknowns that hang together, with their bounds.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) bounds: BTreeMap<usize, (i64, Option<i64>)>,
    pub(super) equations: BTreeSet<Equation>,
}

impl Part {
    /// Unknowns that no equation holds are as free as their bounds.
    pub(super) fn alone(&self) -> BTreeMap<usize, [i64; 2]> {
        let ends = |(it, (low, high)): (&usize, &(i64, Option<i64>))| {
            (*it, [*low, high.unwrap_or(low.saturating_add(MOST))])
        };
        self.bounds.iter().map(ends).collect()
    }

    /// Values of all unknowns where a weighted sum of some is greatest or least:
    /// each rounded inwards, as what is certainly possible. None where the library
    /// finds no answer.
    ///
    /// # Errors
    /// [`Error::Protection`] where no values fit at all.
    pub(super) fn extreme(
        &self,
        weights: &BTreeMap<usize, f64>,
        way: Way,
        in_whole_numbers: bool,
    ) -> Result<Option<BTreeMap<usize, [i64; 2]>>> {
        let direction = match way {
            Way::Up => OptimizationDirection::Maximize,
            Way::Down => OptimizationDirection::Minimize,
        };
        let mut problem = Problem::new(direction);
        let mut variables: BTreeMap<usize, Variable> = BTreeMap::new();
        for (unknown, (low, high)) in &self.bounds {
            let weight = weights.get(unknown).copied().unwrap_or(0.0);
            let high = high.unwrap_or(MOST).max(*low);
            let whole = i32::try_from(*low).ok().zip(i32::try_from(high).ok());
            let variable = match whole.filter(|_| in_whole_numbers) {
                Some(bounds) => problem.add_integer_var(weight, bounds),
                None => problem.add_var(weight, (to_float(*low), to_float(high))),
            };
            variables.insert(*unknown, variable);
        }
        for Equation { terms, constant } in &self.equations {
            let terms: Vec<(Variable, f64)> =
                terms.iter().map(|(it, sign)| (variables[it], to_float(*sign))).collect();
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, to_float(*constant));
        }
        let solution = match problem.solve() {
            Ok(outcome) => outcome.into_solution(),
            Err(microlp::Error::Infeasible) => return Err(unfit()),
            Err(_) => return Ok(None),
        };
        let Ok(solution) = solution else { return Ok(None) };
        let inwards = |value: f64| [up(value - TOLERANCE), down(value + TOLERANCE)];
        let values = variables.iter().map(|(it, variable)| (*it, solution.var_value(*variable)));
        Ok(Some(values.map(|(it, value)| (it, inwards(value))).collect()))
    }
}

fn unfit() -> Error {
    Error::Protection {
        message: "the published tables contradict each other: no whole numbers fit all of their \
                  sums"
            .to_owned(),
        hint: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a country fit")]
fn to_float(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, reason = "values have bounds")]
fn up(value: f64) -> i64 {
    value.ceil() as i64
}

#[expect(clippy::cast_possible_truncation, reason = "values have bounds")]
fn down(value: f64) -> i64 {
    value.floor() as i64
}
