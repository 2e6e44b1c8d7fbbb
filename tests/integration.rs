//! The one integration test binary: whole runs of the built program in sealed
//! folders, compared with independent answers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "tests say what they could not compare")]

mod accounted;
mod adopt;
mod architecture;
mod bad_input;
mod belonging;
mod canary;
mod canary_forms;
mod casts;
mod chain;
mod completions;
mod coverage;
mod damage;
mod definition;
mod definition_sql;
mod deliveries;
mod describe;
mod determinism;
mod documented;
mod drift;
mod drift_kinds;
mod edits;
mod education_mistakes;
mod engine_sweep;
mod formats;
mod former;
mod full_disk;
mod gc;
mod golden;
mod incremental;
mod interrupts;
mod join_order;
mod kill_stages;
mod kills;
mod link_mistakes;
mod memory;
mod mistakes;
mod models;
mod nlswork;
mod no_header;
mod oracle;
mod parameters;
mod parts;
mod parts_property;
mod paths;
mod planted_reasons;
mod prospect;
mod protection;
mod prove;
mod publication;
mod python;
mod random_kills;
mod raw_form;
mod readers;
mod refusals;
mod release;
mod report;
mod rows;
#[path = "../src/ingest/spss/tests/writer.rs"]
mod sav_writer;
mod scene;
mod selection;
mod small_disk;
mod spss;
mod stopping;
mod sums;
mod surroundings;
mod survey_mistakes;
mod techniek;
mod tiny_study;
mod volume;
mod workplace;
mod years;
