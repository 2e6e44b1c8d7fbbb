//! All cells that count the same, by their coordinates, and the sums between
//! them: margins of one table, and what several tables have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{CellId, System};

/// Codes by coordinate.
pub(super) type Coordinates = BTreeMap<String, String>;
/// The cells over the same coordinates, by their codes in that order.
pub(super) type Block = BTreeMap<Vec<String>, CellId>;
/// The parts of totals by the total's codes, for each combination of readings.
type Groups = BTreeMap<Vec<String>, BTreeMap<Vec<String>, Vec<CellId>>>;
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
        let mut commons = BTreeSet::new();
        let mut names: BTreeSet<Vec<String>> = self.blocks.keys().cloned().collect();
        loop {
            let pairs = names.iter().flat_map(|one| names.iter().map(move |other| (one, other)));
            let apart = pairs.filter(|(one, other)| !is_within(one, other) && one < other);
            let apart = apart.filter(|(one, other)| !is_within(other, one));
            let found: Vec<_> = apart.map(|(one, other)| self.common(one, other)).collect();
            let before = names.len();
            commons.extend(found.iter().cloned());
            names.extend(found);
            if names.len() == before {
                break;
            }
        }
        // The finest first, for coarser ones may be made of them.
        let mut commons: Vec<Vec<String>> = commons.into_iter().collect();
        commons.sort_by_key(|names| std::cmp::Reverse(names.len()));
        for common in commons {
            self.fill(common, system);
        }
    }

    /// Adds the cells over some coordinates that finer cells have and no table
    /// publishes, as in the years that it has no rows of.
    fn fill(&mut self, names: Vec<String>, system: &mut System) {
        let mut block = self.blocks.remove(&names).unwrap_or_default();
        for from in self.blocks.keys().filter(|it| is_within(&names, it)) {
            for group in self.groups(from, &names).into_values() {
                for (codes, parts) in group {
                    block.entry(codes).or_insert_with(|| system.add_margin(&parts));
                }
            }
        }
        self.blocks.insert(names, block);
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
    fn groups(&self, from: &[String], kept: &[String]) -> Groups {
        let is_kept = |name: &String| kept.contains(name);
        let is_reading = |name: &String| !is_kept(name) && self.readings.contains_key(name);
        let mut groups = Groups::new();
        for (codes, cell) in &self.blocks[from] {
            let group = groups.entry(picked(from, codes, &is_reading)).or_default();
            group.entry(picked(from, codes, &is_kept)).or_default().push(*cell);
        }
        groups
    }

    /// Adds the sums between each block and finer ones, where no sums between these
    /// say the same.
    pub(super) fn link(&self, system: &mut System) -> Result<(), Misfit> {
        for (coarse, totals) in &self.blocks {
            let finer = self.blocks.keys().filter(|fine| is_within(coarse, fine));
            let finer: Vec<(&Vec<String>, Groups)> =
                finer.map(|fine| (fine, self.groups(fine, coarse))).collect();
            for (fine, groups) in &finer {
                let between: Vec<_> =
                    finer.iter().filter(|(between, _)| is_within(between, fine)).collect();
                for (readings, group) in groups {
                    for (codes, parts) in group {
                        // Who has no such row says nothing of it, as of other years.
                        let Some(total) = totals.get(codes) else { continue };
                        let has_between = |(names, groups): &&(&Vec<String>, Groups)| {
                            let is_in = |name: &String| names.contains(name);
                            let left_out: Vec<String> = self.left_out(fine, coarse);
                            let own = picked(&left_out, readings, &is_in);
                            groups.get(&own).is_some_and(|group| group.contains_key(codes))
                        };
                        if between.iter().copied().any(|it| has_between(&it)) {
                            continue;
                        }
                        if !system.add_sum(*total, parts) {
                            let shown = |cell: &&CellId| system.cells[**cell].is_published();
                            let cell = std::iter::once(total).chain(parts).find(shown);
                            return Err(Misfit { cell: *cell.unwrap_or(total) });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The readings of a block that are not kept.
    fn left_out(&self, from: &[String], kept: &[String]) -> Vec<String> {
        let is_left = |name: &&String| !kept.contains(name) && self.readings.contains_key(*name);
        from.iter().filter(is_left).cloned().collect()
    }
}

/// The codes of some of the names.
fn picked(names: &[String], codes: &[String], is_wanted: &dyn Fn(&String) -> bool) -> Vec<String> {
    let picked = names.iter().zip(codes).filter(|(name, _)| is_wanted(name));
    picked.map(|(_, code)| code.clone()).collect()
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
