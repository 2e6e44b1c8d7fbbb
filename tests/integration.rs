//! The one integration test binary: whole runs of the built program in sealed
//! folders, compared with independent answers.

mod chain;
mod rows;
mod techniek;
mod workplace;
