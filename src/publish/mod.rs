//! The stage `publish`: what leaves. Reads `out` tables only and is the only
//! writer of a release.

pub mod description;
pub mod tables;
