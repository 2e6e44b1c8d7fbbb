//! Disclosure control of one release: which cells would say too much (`primary`),
//! and which others must go with them so that no sum gives them away
//! (`secondary`). All tables are one linear system (`system`, built by `cube`
//! from the declarations): a cell is an unknown number, a margin or a shared cell
//! an equation between unknowns.
//!
//! Nothing here reads or writes a file, and whether the pattern holds is not
//! this room's to say: `attack` finds that out from the files alone.

mod cube;
mod moves;
mod primary;
mod quantity;
mod secondary;
pub mod sheet;
pub mod system;

use std::collections::BTreeSet;

use self::cube::Cube;
use self::secondary::Suppressed;
use self::sheet::{Row, Sheet};
use self::system::{CellId, Place, System};
use crate::error::Result;
use crate::pipeline::protection::Thresholds;

/// The cells of a release, with what each of them needs and which are shown.
#[derive(Debug)]
pub struct Pattern {
    cube: Cube,
    suppressed: Suppressed,
}

impl Pattern {
    /// Finds a pattern for tables that are published together.
    ///
    /// # Errors
    /// [`crate::Error::Publication`] for tables that their declarations do not
    /// explain, [`crate::Error::Protection`] for a cell that nothing can protect.
    pub fn find(sheets: &[Sheet<'_>], thresholds: &Thresholds) -> Result<Self> {
        let mut cube = Cube::of(sheets)?;
        primary::mark(&mut cube, sheets, thresholds);
        let suppressed = secondary::suppress(&cube.system)
            .map_err(|cell| secondary::impossible(&cube.system.cells[cell], sheets))?;
        Ok(Pattern { cube, suppressed })
    }

    /// Whether a count may be shown; none where there is no count.
    pub fn is_shown(&self, place: Place) -> Option<bool> {
        let cell = self.cube.cell_at(place)?;
        Some(!self.suppressed.cells.contains(&cell))
    }

    /// Says whether the figures of a row are computed from a count, beside those of the
    /// row, that is not shown.
    ///
    /// # Errors
    /// As [`Pattern::find`].
    pub fn hides_figures(&self, sheet: &Sheet<'_>, row: &Row) -> Result<bool> {
        for count in sheet.origins_of(row) {
            let (of, choices) = self.cube.position(sheet, count, row)?;
            let cell = self.cube.quantities.get(&of).and_then(|it| it.cell(&choices));
            let is_shown = |cell: CellId| {
                self.system().cells[cell].is_published() && !self.suppressed.cells.contains(&cell)
            };
            if !cell.is_some_and(is_shown) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Protects cells of which an attack found out too much, each with twice the
    /// room that it had asked for.
    ///
    /// # Errors
    /// [`crate::Error::Protection`] for a cell that nothing can protect.
    pub fn mend(&mut self, unsafe_places: &[Place], sheets: &[Sheet<'_>]) -> Result<()> {
        for place in unsafe_places {
            if let Some(cell) = self.cube.cell_at(*place) {
                self.cube.system.cells[cell].demand.double();
            }
        }
        let system = &self.cube.system;
        self.suppressed = secondary::suppress(system)
            .map_err(|cell| secondary::impossible(&system.cells[cell], sheets))?;
        Ok(())
    }

    /// The cells and their sums.
    pub fn system(&self) -> &System {
        &self.cube.system
    }

    /// The cells that are not shown.
    pub fn suppressed(&self) -> &BTreeSet<CellId> {
        &self.suppressed.cells
    }

    /// Suppressed cells that hide a cell which must not be known.
    pub fn guards_of(&self, cell: CellId) -> impl Iterator<Item = CellId> {
        self.suppressed.guards.get(&cell).into_iter().flatten().copied()
    }
}
