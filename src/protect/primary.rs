//! Which cells must not be known, and how far off they must stay.

use super::cube::Cube;
use super::sheet::Sheet;
use super::system::{Cell, CellId, Demand, Rule};
use crate::pipeline::protection::Thresholds;

/// Marks the cells that need protection, those that are published and those that
/// follow from others alike.
pub(super) fn mark(cube: &mut Cube, sheets: &[Sheet<'_>], thresholds: &Thresholds) {
    for cell in cube.system.cells.iter_mut().filter(|cell| !cell.is_fixed && !cell.is_harmless) {
        for demand in demands_of(cell, thresholds) {
            cell.demand.join(demand);
        }
    }
    for (cell, whole) in sensitive_cells(cube, sheets) {
        let (value, whole) = (cube.system.cells[cell].value, cube.system.cells[whole].value);
        let most = part(whole, thresholds.group_percent, 100);
        if value > most {
            let demand =
                Demand { below: value - most, rule: Some(Rule::Group), ..Demand::default() };
            cube.system.cells[cell].demand.join(demand);
        }
    }
}

fn demands_of(cell: &Cell, thresholds: &Thresholds) -> Vec<Demand> {
    let mut demands = Vec::new();
    let least = thresholds.least_count;
    if cell.value < least {
        demands.push(Demand { width: least, rule: Some(Rule::Count), ..Demand::default() });
    }
    let around = part_up(cell.value, thresholds.p_percent, 100);
    if cell.employers.is_some_and(|employers| employers < thresholds.least_employers) {
        let rule = Some(Rule::Employers);
        demands.push(Demand { width: least, below: around, above: around, rule });
    }
    if let Some([first, second]) = cell.contributions {
        let largest = if thresholds.dominance_count == 1 { first } else { first + second };
        let rest = (cell.value - first - second).max(0);
        // What the second largest may learn of the largest, from above.
        let secret = part_up(first, thresholds.p_percent, 100);
        let is_dominated = largest > part(cell.value, thresholds.dominance_percent, 100);
        if is_dominated || rest < secret {
            let room = (secret - rest).max(around);
            let rule = Some(Rule::Dominance);
            demands.push(Demand { width: least, below: room, above: room, rule });
        }
    }
    demands
}

/// A share of a count, rounded down.
fn part(value: i64, above: i64, below: i64) -> i64 {
    let share = i128::from(value) * i128::from(above) / i128::from(below);
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// A share of a count, rounded up.
fn part_up(value: i64, above: i64, below: i64) -> i64 {
    let share = (i128::from(value) * i128::from(above) + i128::from(below) - 1) / i128::from(below);
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// Cells with a code of a sensitive coordinate, each with the cell over all of its
/// codes, where there is one.
fn sensitive_cells(cube: &Cube, sheets: &[Sheet<'_>]) -> Vec<(CellId, CellId)> {
    let mut found = Vec::new();
    for (of, quantity) in &cube.quantities {
        let sensitive = super::cube::sensitive_coordinates(sheets, of);
        for (names, block) in &quantity.blocks {
            for position in (0..names.len()).filter(|it| sensitive.contains(&names[*it])) {
                let without = |values: &[String]| {
                    let mut values = values.to_vec();
                    values.remove(position);
                    values
                };
                let Some(wholes) = quantity.blocks.get(&without(names)) else { continue };
                let whole = |codes: &Vec<String>| wholes.get(&without(codes)).copied();
                found.extend(block.iter().filter_map(|(codes, cell)| Some((*cell, whole(codes)?))));
            }
        }
    }
    found
}
