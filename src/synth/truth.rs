//! stub
use super::employer::World;
use super::person::Person;
use super::quirks::Counts;
use crate::error::Result;
use std::path::{Path, PathBuf};
pub(super) struct Truth;
impl Truth {
    pub(super) fn new() -> Self {
        Truth
    }
    pub(super) fn count(&mut self, _w: &World, _p: &Person, _c: &mut Counts) {}
    pub(super) fn write(self, _out: &Path, _c: &Counts) -> Result<Vec<(PathBuf, u64, u64)>> {
        Ok(vec![])
    }
}
