//! All cells that count the same, by their coordinates, and the sums between
//! them: margins of one table, and what several tables have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{CellId, System};

/// The cells over the same coordinates, by their codes in that order.
pub(super) type Block = BTreeMap<Vec<String>, CellId>;
/// The parts of totals by the total's codes, for each combination of readings.
type Groups = BTreeMap<Vec<String>, BTreeMap<Vec<String>, Vec<CellId>>>;
/// Where a count is, of which some coordinates have several codes.
pub(super) type Choices = BTreeMap<String, BTreeSet<String>>;
/// Readings, and the coordinates that they code.
pub(super) type Readings = BTreeMap<String, BTreeSet<String>>;

/// Cells with their codes, by some of these.
type Index = BTreeMap<Vec<String>, Vec<(Vec<String>, CellId)>>;

/// All cells that count the same.
#[derive(Debug, Default)]
pub(super) struct Quantity {
    pub(super) readings: Readings,
    pub(super) blocks: BTreeMap<Vec<String>, Block>,
    /// Counts over several codes of a coordinate.
    pub(super) unions: BTreeMap<Choices, CellId>,
    /// Coordinates of which a block has not all codes, by those of the block.
    incomplete: BTreeMap<Vec<String>, BTreeSet<String>>,
    /// Coordinates of cells that are needed, whether some table has them or not.
    pub(super) wanted: BTreeSet<Vec<String>>,
}

/// Cells that do not add up.
pub(super) struct Misfit {
    /// A cell of the parts, or the total.
    pub(super) cell: CellId,
}

impl Quantity {
    /// The cell at some coordinates.
    pub(super) fn cell(&self, choices: &Choices) -> Option<CellId> {
        match single(choices) {
            None => self.unions.get(choices).copied(),
            Some((names, codes)) => self.blocks.get(&names)?.get(&codes).copied(),
        }
    }

    /// Notes of which coordinates a block has not all codes: those that no table has.
    pub(super) fn note_incomplete(&mut self, choices: &Choices, incomplete: &BTreeSet<String>) {
        let names: Vec<String> = choices.keys().cloned().collect();
        let noted = self.incomplete.entry(names).or_insert_with(|| incomplete.clone());
        noted.retain(|name| incomplete.contains(name));
    }

    /// Whether the cells of a block are all that there are over what is left out.
    fn adds_up(&self, from: &[String], kept: &[String]) -> bool {
        let incomplete = self.incomplete.get(from).into_iter().flatten();
        incomplete.into_iter().all(|name| kept.contains(name))
    }

    /// Notes the cell at some coordinates.
    pub(super) fn insert(&mut self, choices: Choices, cell: CellId) {
        match single(&choices) {
            None => {
                self.unions.insert(choices, cell);
            }
            Some((names, codes)) => {
                self.blocks.entry(names).or_default().insert(codes, cell);
            }
        }
    }

    /// Adds the margins that two tables have in common and none publishes: what
    /// both add up to; and the cells that others are made of.
    pub(super) fn close(&mut self, system: &mut System) {
        let unions = self.unions.keys().map(|choices| choices.keys().cloned().collect());
        let mut commons: BTreeSet<Vec<String>> = unions.collect();
        commons.extend(self.wanted.iter().cloned());
        let mut names: BTreeSet<Vec<String>> = self.blocks.keys().cloned().collect();
        names.extend(commons.iter().cloned());
        loop {
            let pairs = names.iter().flat_map(|one| names.iter().map(move |other| (one, other)));
            let apart = pairs.filter(|(one, other)| !is_within(one, other) && one < other);
            let apart = apart.filter(|(one, other)| !is_within(other, one));
            let found = apart.map(|(one, other)| (one, other, self.common(one, other)));
            let found: Vec<_> = found
                .filter(|(one, other, of)| self.adds_up(one, of) && self.adds_up(other, of))
                .map(|(_, _, common)| common)
                .collect();
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
        let finer = self.blocks.keys().filter(|it| is_within(&names, it));
        for from in finer.filter(|it| self.adds_up(it, &names)) {
            for group in self.groups(from, &names).into_values() {
                for (codes, parts) in group {
                    block.entry(codes).or_insert_with(|| system.add_margin(&parts));
                }
            }
        }
        self.blocks.insert(names, block);
    }

    fn common(&self, one: &[String], other: &[String]) -> Vec<String> {
        let common = one.iter().filter(|name| other.contains(name));
        let mut common: Choices = common.map(|name| (name.clone(), BTreeSet::new())).collect();
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
            let finer = finer.filter(|fine| self.adds_up(fine, coarse));
            let finer: Vec<(&Vec<String>, Groups)> =
                finer.map(|fine| (fine, self.groups(fine, coarse))).collect();
            for (fine, groups) in &finer {
                let between = finer.iter().filter(|(between, _)| is_within(between, fine));
                let between: Vec<_> =
                    between.filter(|(between, _)| self.adds_up(fine, between)).collect();
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

    /// Adds the sums between counts over several codes and those over each, and
    /// what there is of all other codes.
    pub(super) fn link_unions(&self, system: &mut System) -> Result<(), Misfit> {
        let mut indexes: BTreeMap<(Vec<String>, Vec<String>), Index> = BTreeMap::new();
        for (choices, &union) in &self.unions {
            let names: Vec<String> = choices.keys().cloned().collect();
            let is_single = |name: &String| choices[name].len() == 1;
            let single = names.iter().filter(|name| is_single(name)).cloned().collect();
            let index = indexes.entry((names.clone(), single)).or_insert_with(|| {
                let mut index = Index::new();
                for (codes, cell) in self.blocks.get(&names).into_iter().flatten() {
                    let of = picked(&names, codes, &is_single);
                    index.entry(of).or_default().push((codes.clone(), *cell));
                }
                index
            });
            let key = choices.values().filter(|codes| codes.len() == 1).flatten().cloned();
            let Some(cells) = index.get(&key.collect::<Vec<_>>()) else { continue };
            let with = |name: Option<&String>| -> Vec<CellId> {
                let fits = |codes: &[String]| {
                    names
                        .iter()
                        .zip(codes)
                        .all(|(of, code)| choices[of].contains(code) != (Some(of) == name))
                };
                cells.iter().filter(|(codes, _)| fits(codes)).map(|(_, cell)| *cell).collect()
            };
            let parts = with(None);
            // Where rows are, and none has one of the codes, it is nothing.
            if !system.add_sum(union, &parts) {
                return Err(Misfit { cell: union });
            }
            for name in names.iter().filter(|name| !is_single(name)) {
                let others = with(Some(name));
                if others.len() > 1 {
                    let rest = system.add_margin(&others);
                    system.add_sum(rest, &others);
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

/// Names and codes, if there is one code of each.
fn single(choices: &Choices) -> Option<(Vec<String>, Vec<String>)> {
    let is_single = choices.values().all(|codes| codes.len() == 1);
    let codes = || choices.values().flatten().cloned().collect();
    is_single.then(|| (choices.keys().cloned().collect(), codes()))
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
pub(super) fn drop_orphans(coordinates: &mut Choices, readings: &Readings) {
    for (reading, coded) in readings {
        if !coded.iter().any(|name| coordinates.contains_key(name)) {
            coordinates.remove(reading);
        }
    }
}
