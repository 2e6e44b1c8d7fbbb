//! The stage `publish`: what leaves. Reads `out` tables only and is the only
//! writer of a release.

pub mod clearance;
pub mod csv;
pub mod damage;
pub mod description;
mod figures;
mod folder;
mod readback;
pub mod records;
pub mod release;
pub mod report;
pub mod statuses;
pub mod tables;

pub use folder::REPORT_FILE;
