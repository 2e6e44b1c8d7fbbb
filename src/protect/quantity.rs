//! All cells that count the same, by their coordinates, and the sums between
//! them: margins of one table, and what several tables have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{CellId, System};

/// Codes by coordinate.
pub(super) type Coordinates = BTreeMap<String, String>;
/// The cells over the same coordinates, by their codes in that order.
pub(super) type Block = BTreeMap<Vec<String>, CellId>;
/// Readings, and the coordinates that they code.
pub(super) type Readings = BTreeMap<String, BTreeSet<String>>;

/// All cells that count the same.
#[derive(Debug, Default)]
pub(super) struct Quantity {
    pub(super) readings: Readings,
    pub(super) blocks: BTreeMap<Vec<String>, Block>,
}

/// Cells that do not add up.
pub(super) struct Misfit {
    /// A cell of the parts, or the total.
    pub(super) cell: CellId,
}

impl Quantity {
    /// Adds the margins that two tables have in common and none publishes: what
    /// both add up to.
    pub(super) fn close(&mut self, system: &mut System) {
        loop {
            let names: Vec<&Vec<String>> = self.blocks.keys().collect();
            let mut missing = None;
            'pairs: for (position, one) in names.iter().enumerate() {
                for other in &names[position + 1..] {
                    let common = self.common(one, other);
                    if !self.blocks.contains_key(&common) {
                        missing = Some(common);
                        break 'pairs;
                    }
                }
            }
            let Some(common) = missing else { return };
            let mut block = Block::new();
            for from in self.blocks.keys().filter(|it| is_within(&common, it)) {
                for group in self.groups(from, &common).into_values() {
                    for (codes, parts) in group {
                        block.entry(codes).or_insert_with(|| system.add_margin(&parts));
                    }
                }
            }
            self.blocks.insert(common, block);
        }
    }

    fn common(&self, one: &[String], other: &[String]) -> Vec<String> {
        let mut common: Coordinates = one
            .iter()
            .filter(|name| other.contains(name))
            .map(|name| (name.clone(), String::new()))
            .collect();
        drop_orphans(&mut common, &self.readings);
        common.into_keys().collect()
    }

    /// The cells of a block by the coordinates that are kept: a group for each
    /// combination of the readings that are left out.
    fn groups(
        &self,
        from: &[String],
        kept: &[String],
    ) -> BTreeMap<Vec<String>, BTreeMap<Vec<String>, Vec<CellId>>> {
        let pick = |codes: &[String], is_wanted: &dyn Fn(&String) -> bool| -> Vec<String> {
            let picked = from.iter().zip(codes).filter(|(name, _)| is_wanted(name));
            picked.map(|(_, code)| code.clone()).collect()
        };
        let is_reading = |name: &String| !kept.contains(name) && self.readings.contains_key(name);
        let mut groups: BTreeMap<_, BTreeMap<Vec<String>, Vec<CellId>>> = BTreeMap::new();
        for (codes, cell) in &self.blocks[from] {
            let group = groups.entry(pick(codes, &is_reading)).or_default();
            group.entry(pick(codes, &|name| kept.contains(name))).or_default().push(*cell);
        }
        groups
    }

    /// Adds the sums between each block and the next finer ones.
    pub(super) fn link(&self, system: &mut System) -> Result<(), Misfit> {
        for (coarse, totals) in &self.blocks {
            let finer: Vec<&Vec<String>> =
                self.blocks.keys().filter(|fine| is_within(coarse, fine)).collect();
            let is_next =
                |fine: &&&Vec<String>| !finer.iter().any(|between| is_within(between, fine));
            for fine in finer.iter().filter(is_next) {
                for mut group in self.groups(fine, coarse).into_values() {
                    for (codes, total) in totals {
                        // A table that has no part of it, as of another year, says
                        // nothing of the total.
                        let Some(parts) = group.remove(codes) else { continue };
                        if !system.add_sum(*total, &parts) {
                            let shown = |cell: &&CellId| system.cells[**cell].is_published();
                            let cell = std::iter::once(total).chain(&parts).find(shown);
                            return Err(Misfit { cell: *cell.unwrap_or(total) });
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether some coordinates are among others, and not all of them.
fn is_within(one: &[String], other: &[String]) -> bool {
    one.len() < other.len() && one.iter().all(|name| other.contains(name))
}

/// A reading without any of the coordinates that it codes says nothing.
pub(super) fn drop_orphans(coordinates: &mut Coordinates, readings: &Readings) {
    for (reading, coded) in readings {
        if !coded.iter().any(|name| coordinates.contains_key(name)) {
            coordinates.remove(reading);
        }
    }
}
