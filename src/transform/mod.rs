//! Runs the models: one slice from the slices that its definition lets it see.

pub mod schemas;
