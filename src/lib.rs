//! honkvast turns raw, CBS-shaped microdata into publishable tables on how
//! workers move between employers, functions and sectors. docs/ARCHITECTURE.md
//! has the bird's view; data flows from `ingest` to `publish`, never back.

pub mod error;
pub mod pipeline;
pub mod synth;

pub use error::{Error, Result};
