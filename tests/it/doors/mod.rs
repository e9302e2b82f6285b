//! The doors from outside: every request a client may make, and many that it should not.

mod access;
mod actors;
mod admission;
mod cleanup;
mod conformance;
mod crowd;
mod damage;
mod follow;
mod holding;
mod oddities;
mod processes;
mod reading;
mod spawn;
mod stopping;
mod subscribe;
