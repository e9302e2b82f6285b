//! Running a program for somebody: in a copy of the workspace that holds what they may see, held inside by the kernel; and
//! taking over, as changes of the workspace, what it changed there, as far as they may change it.
//!
//! A program that is ended, or whose server goes, leaves nothing half done: until it has ended by itself, or its time is
//! over, the workspace is as it was.

mod copy;
mod kept;
mod run;
mod scratch;

pub(super) use copy::Copy;
pub(super) use kept::{Kept, planned};
pub(super) use run::run;
pub(super) use scratch::{Scratch, sweep};
