//! honkvast turns raw, CBS-shaped microdata into publishable tables on how
//! workers move between employers, functions and sectors. docs/ARCHITECTURE.md
//! has the bird's view; data flows from `ingest` to `publish`, never back.

pub mod allocator;
pub mod attack;
pub mod check;
pub mod cli;
pub mod durable;
pub mod error;
pub mod ingest;
pub mod lake;
pub mod pipeline;
pub mod plan;
pub mod protect;
pub mod publish;
pub mod report;
pub mod run;
pub mod session;
pub mod stop;
pub mod synth;
pub mod transform;

pub use error::{Error, Result};
