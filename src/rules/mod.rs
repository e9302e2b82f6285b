//! Rules: who may do what, where. What is said in `config/rules.yaml`, and the one function that decides by it.
//!
//! ```text
//! config/rules.yaml ──► Document ──► Rules ──► standing(who, in which workflows) ──► Standing: grants, all of which
//!                       (as said)   (as meant)                                         have to allow a call
//!                                                                                       │ decide(call)
//!                                                                 Allowed{rule} | Refused{rule, why, instead} ◄┘
//! ```
//!
//! A [`Standing`] only ever grows by further grants that have to allow a call, too: what stands below somebody can be
//! narrower, never wider. There is no function that takes one away.
//!
//! Here is no file system, no kernel and no journal: whoever calls brings what is to be known.

mod address;
mod command;
mod decide;
mod document;
mod error;
mod globs;
mod grant;
mod hosts;
mod merge;
mod paths;
mod reading;
mod shelf;
mod standing;

#[cfg(test)]
mod tests;

pub use address::is_public;
pub use command::{Allowed, Line};
pub use decide::{Asked, Decision, Place, Refused, targets};
pub use document::{Environment, SCHEMA};
pub use error::Error;
pub use hosts::Hosts;
pub use paths::{OUR_OWN, Path, PathError};
pub use reading::{Rules, read};
pub use shelf::{Shelf, read_file};
pub use standing::{Ancestor, Standing, Web, Who};
