//! The definition of a study, turned once into values that cannot be wrong.
//! Knows files of the definition only: no data, no lake, no tokio.

pub mod codebook;
mod codebook_reader;
pub mod digest;
pub mod drift;
pub mod file_pattern;
pub mod files;
mod format;
pub mod labels;
pub mod layout;
mod model_years;
mod models;
pub mod names;
pub mod packed_names;
pub mod parameters;
pub mod protection;
mod protection_reader;
pub mod published;
pub mod query;
pub mod report;
mod report_reader;
pub mod study;
pub mod study_reader;
pub mod told_names;
pub mod toml_reader;
mod year_offsets;
pub mod years;

pub use names::{Layer, SliceId, TableName};
pub use study::Study;
