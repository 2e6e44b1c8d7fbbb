//! The definition of a study, turned once into values that cannot be wrong.
//! Knows files of the definition only: no data, no lake, no tokio.

pub mod codebook;
pub mod file_pattern;
pub mod names;
pub mod toml_reader;
pub mod years;

pub use names::{Layer, SliceId, TableName};
