//! The part of the definition that readers know of.

#[path = "../../../../src/pipeline/codebook.rs"]
pub mod codebook;
#[path = "../../../../src/pipeline/codebook_reader.rs"]
mod codebook_reader;
#[path = "../../../../src/pipeline/drift.rs"]
pub mod drift;
#[path = "../../../../src/pipeline/file_pattern.rs"]
pub mod file_pattern;
#[path = "../../../../src/pipeline/format.rs"]
mod format;
#[path = "../../../../src/pipeline/layout.rs"]
pub mod layout;
#[path = "../../../../src/pipeline/names.rs"]
pub mod names;
#[path = "../../../../src/pipeline/packed_names.rs"]
pub mod packed_names;
#[path = "../../../../src/pipeline/told_names.rs"]
pub mod told_names;
#[path = "../../../../src/pipeline/toml_reader.rs"]
pub mod toml_reader;
#[path = "../../../../src/pipeline/years.rs"]
pub mod years;

pub use names::{Layer, SliceId, TableName};
