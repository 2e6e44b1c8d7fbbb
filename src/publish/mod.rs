//! The stage `publish`: what leaves. Reads `out` tables only and is the only
//! writer of a release.

pub mod csv;
pub mod description;
pub mod release;
pub mod tables;
