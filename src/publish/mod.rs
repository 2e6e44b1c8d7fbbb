//! The stage that lets tables out: it alone writes releases.

pub mod csv;
pub mod release;
