//! The linear system of a release, found from its declarations: cells by what
//! they count and where, margins by the coordinates that a table leaves out,
//! links by the coordinates that two tables share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::quantity::{Block, Choices, Misfit, Quantity, drop_orphans};
use super::sheet::{Row, Sheet};
use super::system::{Cell, CellId, Owner, Place, System};
use crate::error::{Error, Result};
use crate::pipeline::protection::Counted;

/// A null among codes.
const NULL: &str = "\0";

/// A quantity, and the codes by coordinate of a cell.
pub(super) type Position = (String, Choices);

/// The cells of a release and where they stand.
#[derive(Debug)]
pub(super) struct Cube {
    pub(super) system: System,
    cells: HashMap<Place, CellId>,
    /// What is left of a base without one of its parts.
    rests: BTreeMap<[CellId; 2], CellId>,
    /// The employers that are alone in a row, by table and row.
    employers: HashMap<(usize, usize), Owner>,
    owners: Owner,
    /// Cells that are part of another, in whatever table, and where that is.
    parts: Vec<(CellId, Position)>,
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
            rests: BTreeMap::new(),
            employers: HashMap::new(),
            owners: 0,
            parts: Vec::new(),
            quantities: readings_by_quantity(sheets),
        };
        for (number, sheet) in sheets.iter().enumerate() {
            cube.add_cells(number, sheet)?;
        }
        for (number, sheet) in sheets.iter().enumerate() {
            cube.add_sums_of_rows(number, sheet)?;
        }
        let mut quantities = std::mem::take(&mut cube.quantities);
        for (_, (of, codes)) in &cube.parts {
            let quantity = quantities.entry(of.clone()).or_default();
            quantity.wanted.insert(codes.keys().cloned().collect());
        }
        for quantity in quantities.values_mut() {
            quantity.close(&mut cube.system);
            let linked = quantity.link(&mut cube.system);
            linked
                .and_then(|()| quantity.link_unions(&mut cube.system))
                .map_err(|misfit| misfit.refused(&cube, sheets))?;
        }
        cube.quantities = quantities;
        cube.add_rests(sheets)?;
        cube.merge_equals();
        cube.system.explain_rests(&cube.rests);
        cube.merge_equals();
        cube.system.own_parts();
        Ok(cube)
    }

    fn merge_equals(&mut self) {
        let became = self.system.merge_equals();
        self.cells.values_mut().for_each(|cell| *cell = became[*cell]);
        let blocks = self.quantities.values_mut().flat_map(|it| it.blocks.values_mut());
        blocks.flat_map(Block::values_mut).for_each(|cell| *cell = became[*cell]);
        let unions = self.quantities.values_mut().flat_map(|it| it.unions.values_mut());
        unions.for_each(|cell| *cell = became[*cell]);
        let rests = std::mem::take(&mut self.rests).into_iter();
        let rests = rests.map(|([part, base], rest)| ([became[part], became[base]], became[rest]));
        self.rests = rests.collect();
    }

    fn add_cells(&mut self, number: usize, sheet: &Sheet<'_>) -> Result<()> {
        for (count, (name, cases)) in sheet.protection.counts.iter().enumerate() {
            let has_fixed = sheet.protection.shown_zeros.contains(name);
            let floor = i64::from(has_fixed || sheet.is_never_zero(count));
            for (row_number, row) in sheet.rows.iter().enumerate() {
                // How many employers are behind a total is known only from below.
                let employers = row.employers.filter(|_| !is_over_all(sheet, row));
                let place = Place { sheet: number, row: row_number, count };
                let Some(value) = row.counts[count].filter(|_| !row.is_public) else { continue };
                let new = Cell {
                    floor: floor.min(value),
                    is_fixed: has_fixed && value == 0,
                    must_show: sheet.must_show(row),
                    owners: self.owner_of((number, row_number), employers, value),
                    employers: row.employers,
                    contributions: row.contributions[count],
                    ..Cell::unpublished(value)
                };
                let mut own = None;
                for case in cases_of(sheet, cases, row) {
                    let position = self.position(sheet, case, row)?;
                    let id = self.put(position, &case.incomplete, &new, own);
                    if let Some(whole) = &case.part_of {
                        self.parts.push((id, self.position(sheet, whole, row)?));
                    }
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

    /// Who is alone behind a count: the employer of its row, or one person.
    fn owner_of(
        &mut self,
        row: (usize, usize),
        employers: Option<i64>,
        value: i64,
    ) -> BTreeSet<Owner> {
        let next = self.owners;
        let owner = match (employers, value) {
            (Some(1), _) => *self.employers.entry(row).or_insert(next),
            (_, 1) => next,
            _ => return BTreeSet::new(),
        };
        self.owners += usize::from(owner == next);
        BTreeSet::from([owner])
    }

    /// The cell at some coordinates, with what is known of it from everywhere; where
    /// it is one that has other coordinates too, `own` is that one.
    fn put(
        &mut self,
        (of, choices): Position,
        incomplete: &BTreeSet<String>,
        new: &Cell,
        own: Option<CellId>,
    ) -> CellId {
        let quantity = self.quantities.entry(of).or_default();
        quantity.note_incomplete(&choices, incomplete);
        if let Some(id) = quantity.cell(&choices) {
            self.system.cells[id].learn(new);
            if let Some(own) = own.filter(|own| *own != id) {
                self.system.add_sum(own, &[id]);
            }
            return id;
        }
        let id = own.unwrap_or_else(|| self.system.add_cell(new.clone()));
        quantity.insert(choices, id);
        id
    }

    /// What a row counts and where.
    pub(super) fn position(
        &self,
        sheet: &Sheet<'_>,
        case: &Counted,
        row: &Row,
    ) -> Result<Position> {
        let mut choices: Choices = case.fixed.clone();
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
            choices.insert(name.clone(), BTreeSet::from([code]));
        }
        if let Some(quantity) = self.quantities.get(&case.of) {
            drop_orphans(&mut choices, &quantity.readings);
        }
        Ok((case.of.clone(), choices))
    }

    /// Adds what is left of counts without their parts, in whatever tables both are.
    fn add_rests(&mut self, sheets: &[Sheet<'_>]) -> Result<()> {
        for (part, (of, choices)) in std::mem::take(&mut self.parts) {
            let Some(whole) = self.quantities.get(&of).and_then(|it| it.cell(&choices)) else {
                continue;
            };
            if part != whole && self.add_rest(part, whole, true).is_none() {
                return Err(Misfit { cell: part }.refused(self, sheets));
            }
        }
        Ok(())
    }

    /// What is left of a base, as a count; none where its part is more.
    fn add_rest(&mut self, part: CellId, base: CellId, is_harmless: bool) -> Option<CellId> {
        let rest = self.system.cells[base].value - self.system.cells[part].value;
        if rest < 0 {
            return None;
        }
        let system = &mut self.system;
        let from = system.cells[part].place().or(system.cells[base].place());
        let cell = *self.rests.entry([part, base]).or_insert_with(|| {
            system.add_cell(Cell { follows_from: from, ..Cell::unpublished(rest) })
        });
        system.cells[cell].is_harmless |= is_harmless && rest == 0;
        system.add_sum(base, &[part, cell]);
        Some(cell)
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
                if self.add_rest(part_cell, base_cell, false).is_none() {
                    let words = sheet.row_words(row);
                    let message = format!("`{part}` is more than `{base}`, its base, in: {words}");
                    return Err(sheet.refused(message));
                }
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
    cases.iter().filter(|case| case.fits(|dimension| sheet.code(row, dimension)))
}

fn is_total(sheet: &Sheet<'_>, dimension: &String, code: Option<&str>) -> bool {
    let published = sheet.published;
    let added = published.totals.contains(dimension).then_some(&published.total_code);
    code.is_some_and(|code| {
        added.is_some_and(|total| code == total) || sheet.protection.is_total_code(dimension, code)
    })
}

/// Whether a row is a total over some dimension.
fn is_over_all(sheet: &Sheet<'_>, row: &Row) -> bool {
    let codes = sheet.published.dimensions.iter().zip(&row.codes);
    codes.into_iter().any(|(dimension, code)| is_total(sheet, dimension, code.as_deref()))
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
