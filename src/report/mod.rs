//! The report of a release: one page that shows its tables, made from
//! `release.json` and the tables alone. Pure: it reads and writes no file.

mod bars;
mod cells;
mod figure;
mod flows;
mod grid;
mod lines;
mod made;
mod numbers;
mod page;
mod release;
mod scale;
mod selection;
mod statements;
mod words;

pub use page::{REPORT_VERSION, page};
pub use release::{Record, Release};
