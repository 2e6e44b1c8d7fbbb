//! All counts that fit what is published, tried out one after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{Counts, Shown, TOTAL};

/// A row of a table.
pub(super) type Row = (String, Vec<String>);

/// What somebody knows who has the tables: the codes, that rows have somebody in
/// them, and the counts that are shown.
pub(super) struct Knowledge {
    /// Inner cells over all dimensions of all tables, which all rows add up.
    atoms: Vec<BTreeMap<String, String>>,
    /// Each row with the atoms that it adds up, and its count where it is shown.
    rows: Vec<(Row, Vec<usize>, Option<i64>)>,
    /// So far each atom is tried.
    most: i64,
}

impl Knowledge {
    /// Of tables whose dimensions are among those of the first.
    pub(super) fn of(tables: &[(&Counts, Shown)], most: i64) -> Self {
        let pairs = |table: &Counts, codes: &[String]| -> BTreeMap<String, String> {
            let pairs = table.dimensions.iter().cloned().zip(codes.iter().cloned());
            pairs.filter(|(_, code)| code != TOTAL).collect()
        };
        let first = tables[0].0;
        let atoms: Vec<_> = first.cells.keys().map(|codes| pairs(first, codes)).collect();
        let mut rows = Vec::new();
        for (table, shown) in tables {
            for (codes, count) in shown {
                let wanted = pairs(table, codes);
                let fits = |atom: &BTreeMap<String, String>| {
                    wanted.iter().all(|(name, code)| atom.get(name) == Some(code))
                };
                let parts = (0..atoms.len()).filter(|it| fits(&atoms[*it])).collect();
                rows.push(((table.name.clone(), codes.clone()), parts, *count));
            }
        }
        Knowledge { atoms, rows, most }
    }

    /// The rows that add up the same cells as one of them.
    pub(super) fn equals(&self, row: &Row) -> BTreeSet<Row> {
        let own = self.rows.iter().find(|(it, ..)| it == row).map(|(_, atoms, _)| atoms);
        let same = self.rows.iter().filter(|(_, atoms, _)| Some(atoms) == own);
        same.map(|(row, ..)| row.clone()).collect()
    }

    /// The least and greatest count found of each row that is not shown, among
    /// counts of cells up to `most`.
    pub(super) fn intervals(&self) -> BTreeMap<Row, [i64; 2]> {
        let mut found = BTreeMap::new();
        let mut values = vec![None; self.atoms.len()];
        self.try_all(&mut values, &mut found);
        found
    }

    fn try_all(&self, values: &mut Vec<Option<i64>>, found: &mut BTreeMap<Row, [i64; 2]>) {
        let before = values.clone();
        if !self.follow(values) {
            *values = before;
            return;
        }
        match values.iter().position(Option::is_none) {
            None => {
                for (row, parts, shown) in &self.rows {
                    let sum: i64 = parts.iter().map(|it| values[*it].unwrap()).sum();
                    if shown.is_none() {
                        let seen = found.entry(row.clone()).or_insert([sum, sum]);
                        *seen = [seen[0].min(sum), seen[1].max(sum)];
                    }
                }
            }
            Some(open) => {
                for value in 1..=self.most {
                    values[open] = Some(value);
                    self.try_all(values, found);
                }
                values[open] = None;
            }
        }
        *values = before;
    }

    /// Fills in what follows from sums; says whether all of them still fit.
    fn follow(&self, values: &mut [Option<i64>]) -> bool {
        loop {
            let mut is_changed = false;
            for (_, parts, shown) in &self.rows {
                let Some(total) = shown else { continue };
                let known: i64 = parts.iter().filter_map(|it| values[*it]).sum();
                let open: Vec<usize> =
                    parts.iter().copied().filter(|it| values[*it].is_none()).collect();
                let rest = total - known;
                match open.as_slice() {
                    [] if rest != 0 => return false,
                    [] => {}
                    [only] if (1..=self.most).contains(&rest) => {
                        values[*only] = Some(rest);
                        is_changed = true;
                    }
                    [_] => return false,
                    more if rest < i64::try_from(more.len()).unwrap() => return false,
                    _ => {}
                }
            }
            if !is_changed {
                return true;
            }
        }
    }
}
