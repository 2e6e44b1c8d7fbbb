//! Files and folders that survive a crash, say whose they are and show when
//! they were changed. What they hold is left to the lake and to `publish`.

pub mod crash;
pub mod files;
pub mod identity;
pub mod seal;
