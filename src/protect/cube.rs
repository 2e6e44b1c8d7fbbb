//! The linear system of a release, found from its declarations: cells by what
//! they count and where, margins by the coordinates that a table leaves out,
//! links by the coordinates that two tables share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::sheet::{Row, Sheet};
use super::system::{Cell, CellId, Place, System};
use crate::error::{Error, Result};
use crate::pipeline::protection::Counted;

/// Codes by coordinate.
type Coordinates = BTreeMap<String, String>;
/// The cells over the same coordinates, by their codes in that order.
type Block = BTreeMap<Vec<String>, CellId>;
/// Readings, and the coordinates that they code.
type Readings = BTreeMap<String, BTreeSet<String>>;

/// A null among codes.
const NULL: &str = "\0";

/// The cells of a release and where they stand.
#[derive(Debug)]
pub(super) struct Cube {
    pub(super) system: System,
    cells: HashMap<Place, CellId>,
    /// What is left of a base without one of its parts.
    rests: HashMap<(CellId, CellId), CellId>,
    pub(super) quantities: BTreeMap<String, Quantity>,
}

/// All cells that count the same.
#[derive(Debug, Default)]
pub(super) struct Quantity {
    readings: Readings,
    pub(super) blocks: BTreeMap<Vec<String>, Block>,
}

impl Cube {
    pub(super) fn cell_at(&self, place: Place) -> Option<CellId> {
        self.cells.get(&place).copied()
    }

    /// Finds the cells of tables and all sums between them.
    ///
    /// # Errors
    /// [`Error::Publication`] for counts that do not add up as they are declared.
    pub(super) fn of(sheets: &[Sheet<'_>]) -> Result<Self> {
        let mut cube = Cube {
            system: System::default(),
            cells: HashMap::new(),
            rests: HashMap::new(),
            quantities: readings_by_quantity(sheets),
        };
        for (number, sheet) in sheets.iter().enumerate() {
            cube.add_cells(number, sheet)?;
        }
        for (number, sheet) in sheets.iter().enumerate() {
            cube.add_sums_of_rows(number, sheet)?;
        }
        let mut quantities = std::mem::take(&mut cube.quantities);
        for quantity in quantities.values_mut() {
            quantity.close(&mut cube.system);
            quantity.link(&mut cube.system).map_err(|misfit| misfit.refused(&cube, sheets))?;
        }
        cube.quantities = quantities;
        cube.merge_equals();
        Ok(cube)
    }

    fn merge_equals(&mut self) {
        let became = self.system.merge_equals();
        self.cells.values_mut().for_each(|cell| *cell = became[*cell]);
        let blocks = self.quantities.values_mut().flat_map(|it| it.blocks.values_mut());
        blocks.flat_map(Block::values_mut).for_each(|cell| *cell = became[*cell]);
    }

    fn add_cells(&mut self, number: usize, sheet: &Sheet<'_>) -> Result<()> {
        for (count, (name, cases)) in sheet.protection.counts.iter().enumerate() {
            let has_fixed = sheet.protection.shown_zeros.contains(name);
            let floor = i64::from(has_fixed || sheet.is_never_zero(count));
            for (row_number, row) in sheet.rows.iter().enumerate() {
                let place = Place { sheet: number, row: row_number, count };
                let Some(value) = row.counts[count].filter(|_| !row.is_public) else { continue };
                let new = Cell {
                    floor: floor.min(value),
                    is_fixed: has_fixed && value == 0,
                    must_show: sheet.must_show(row),
                    is_single: value == 1 || row.employers == Some(1),
                    employers: row.employers,
                    contributions: row.contributions[count],
                    ..Cell::unpublished(value)
                };
                let mut own = None;
                for case in cases_of(sheet, cases, row) {
                    let id = self.put(self.cell_for(sheet, case, row)?, &new, own);
                    if self.system.cells[id].value != value {
                        return Err(twice(sheet, name, row_number, self.place_words(id)));
                    }
                    own = own.or(Some(id));
                }
                let id = own.ok_or_else(|| {
                    let words = sheet.row_words(row_number);
                    sheet.refused(format!("nothing says what `{name}` counts in: {words}"))
                })?;
                self.system.cells[id].places.push(place);
                self.cells.insert(place, id);
            }
        }
        Ok(())
    }

    /// The cell at some coordinates, with what is known of it from everywhere; where
    /// it is one that has other coordinates too, `own` is that one.
    fn put(
        &mut self,
        (of, coordinates): (String, Coordinates),
        new: &Cell,
        own: Option<CellId>,
    ) -> CellId {
        let (names, codes): (Vec<String>, Vec<String>) = coordinates.into_iter().unzip();
        let block = self.quantities.entry(of).or_default().blocks.entry(names).or_default();
        let Some(&id) = block.get(&codes) else {
            let id = own.unwrap_or_else(|| self.system.add_cell(new.clone()));
            block.insert(codes, id);
            return id;
        };
        self.system.cells[id].learn(new);
        if let Some(own) = own.filter(|own| *own != id) {
            self.system.add_sum(own, &[id]);
        }
        id
    }

    /// What a row counts and where.
    fn cell_for(
        &self,
        sheet: &Sheet<'_>,
        case: &Counted,
        row: &Row,
    ) -> Result<(String, Coordinates)> {
        let mut coordinates: Coordinates = case.fixed.clone();
        for (dimension, code) in sheet.published.dimensions.iter().zip(&row.codes) {
            if !case.is_coordinate(dimension) || is_total(sheet, dimension, code.as_deref()) {
                continue;
            }
            let code = code.as_deref().unwrap_or(NULL);
            let (name, code) = match case.coordinates.get(dimension) {
                None => (dimension, code.to_owned()),
                Some(coordinate) if coordinate.shift == 0 => (&coordinate.name, code.to_owned()),
                Some(coordinate) => {
                    let year = code.parse::<i64>().map_err(|_| {
                        sheet.refused(format!("`{dimension}` is shifted by years and is no year"))
                    })?;
                    (&coordinate.name, (year + coordinate.shift).to_string())
                }
            };
            coordinates.insert(name.clone(), code);
        }
        if let Some(quantity) = self.quantities.get(&case.of) {
            drop_orphans(&mut coordinates, &quantity.readings);
        }
        Ok((case.of.clone(), coordinates))
    }

    /// Counts that add up within a row, and what is left of a base.
    fn add_sums_of_rows(&mut self, number: usize, sheet: &Sheet<'_>) -> Result<()> {
        let position = |name: &String| sheet.protection.counts.keys().position(|it| it == name);
        for row in 0..sheet.rows.len() {
            let at = |name: &String| {
                let place = Place { sheet: number, row, count: position(name)? };
                self.cells.get(&place).copied()
            };
            let mut sums = Vec::new();
            for (total, parts) in &sheet.protection.parts {
                let parts: Option<Vec<CellId>> = parts.iter().map(&at).collect();
                if let Some((whole, parts)) = at(total).zip(parts) {
                    sums.push((total, whole, parts));
                }
            }
            let mut rests = Vec::new();
            for (part, base) in sheet.within() {
                if let Some((part_cell, base_cell)) = at(part).zip(at(base)) {
                    rests.push((part, base, part_cell, base_cell));
                }
            }
            for (total, whole, parts) in sums {
                if !self.system.add_sum(whole, &parts) {
                    let words = sheet.row_words(row);
                    let message = format!("the parts of `{total}` do not add up to it in: {words}");
                    return Err(sheet.refused(message));
                }
            }
            for (part, base, part_cell, base_cell) in rests {
                let cells = &self.system.cells;
                let rest = cells[base_cell].value - cells[part_cell].value;
                if rest < 0 {
                    let words = sheet.row_words(row);
                    let message = format!("`{part}` is more than `{base}`, its base, in: {words}");
                    return Err(sheet.refused(message));
                }
                let system = &mut self.system;
                let from = system.cells[part_cell].places.first().copied();
                let cell = self.rests.entry((part_cell, base_cell)).or_insert_with(|| {
                    system.add_cell(Cell { follows_from: from, ..Cell::unpublished(rest) })
                });
                system.add_sum(base_cell, &[part_cell, *cell]);
            }
        }
        Ok(())
    }

    /// The first place of a cell, for messages.
    fn place_words(&self, id: CellId) -> Option<Place> {
        self.system.cells[id].places.first().copied()
    }
}

fn twice(sheet: &Sheet<'_>, count: &str, row: usize, other: Option<Place>) -> Error {
    let words = sheet.row_words(row);
    let place = match other {
        Some(other) => format!(" (row {} of table {})", other.row + 1, other.sheet + 1),
        None => String::new(),
    };
    sheet.refused(format!(
        "`{count}` is declared to count the same as another count{place} and differs from it in: {words}"
    ))
}

fn cases_of<'a>(
    sheet: &Sheet<'_>,
    cases: &'a [Counted],
    row: &Row,
) -> impl Iterator<Item = &'a Counted> {
    let code = |dimension: &str| {
        let position = sheet.published.dimensions.iter().position(|it| it == dimension)?;
        row.codes[position].as_deref()
    };
    cases.iter().filter(move |case| case.fits(code))
}

fn is_total(sheet: &Sheet<'_>, dimension: &String, code: Option<&str>) -> bool {
    let published = sheet.published;
    let added = published.totals.contains(dimension).then_some(&published.total_code);
    let written = sheet.protection.total_codes.get(dimension);
    [added, written].into_iter().flatten().any(|total| code == Some(total.as_str()))
}

/// A reading without any of the coordinates that it codes says nothing.
fn drop_orphans(coordinates: &mut Coordinates, readings: &Readings) {
    for (reading, coded) in readings {
        if !coded.iter().any(|name| coordinates.contains_key(name)) {
            coordinates.remove(reading);
        }
    }
}

/// What the tables say of readings, by what is counted and in coordinates.
fn readings_by_quantity(sheets: &[Sheet<'_>]) -> BTreeMap<String, Quantity> {
    let mut quantities: BTreeMap<String, Quantity> = BTreeMap::new();
    for sheet in sheets {
        for case in sheet.protection.counts.values().flatten() {
            let coordinate = |dimension: &String| match case.coordinates.get(dimension) {
                Some(coordinate) => coordinate.name.clone(),
                None => dimension.clone(),
            };
            let quantity = quantities.entry(case.of.clone()).or_default();
            for (reading, coded) in &sheet.protection.readings {
                let own = quantity.readings.entry(coordinate(reading)).or_default();
                own.extend(coded.iter().map(coordinate));
            }
        }
    }
    quantities
}

/// Coordinates of a quantity whose dimension some table calls sensitive.
pub(super) fn sensitive_coordinates(sheets: &[Sheet<'_>], of: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sheet in sheets {
        let cases = sheet.protection.counts.values().flatten().filter(|case| case.of == of);
        for case in cases {
            for dimension in &sheet.protection.sensitive {
                let coordinate = case.coordinates.get(dimension);
                names.insert(coordinate.map_or(dimension, |it| &it.name).clone());
            }
        }
    }
    names
}

/// Cells that do not add up.
struct Misfit {
    /// A cell of the parts, or the total.
    cell: CellId,
}

impl Misfit {
    fn refused(&self, cube: &Cube, sheets: &[Sheet<'_>]) -> Error {
        let Some(place) = cube.place_words(self.cell) else {
            return Error::internal("a sum of unpublished counts does not add up");
        };
        let sheet = &sheets[place.sheet];
        let count = sheet.protection.counts.keys().nth(place.count).map_or("", String::as_str);
        let words = sheet.row_words(place.row);
        let message = format!(
            "the declaration does not explain `{count}`: its total and the parts that count the \
             same do not add up in: {words}"
        );
        sheet.refused(message).with_hint(
            "under [publish.….protect], counts of one name are the same quantity over the same \
             coordinates; give it another name or say which rows and readings count",
        )
    }
}

impl Quantity {
    /// Adds the margins that two tables have in common and none publishes: what
    /// both add up to.
    fn close(&mut self, system: &mut System) {
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
    fn link(&self, system: &mut System) -> Result<(), Misfit> {
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
