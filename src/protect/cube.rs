//! The linear system of a release, found from its declarations: cells by what
//! they count and where, margins by the coordinates that a table leaves out,
//! links by the coordinates that two tables share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::quantity::{Block, Coordinates, Misfit, Quantity, drop_orphans};
use super::sheet::{Row, Sheet};
use super::system::{Cell, CellId, Place, System};
use crate::error::{Error, Result};
use crate::pipeline::protection::Counted;

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
