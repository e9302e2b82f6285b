//! `memory`: what agents remember. The home's is asked of the server where one runs; else, and for a workspace's, the
//! folder itself is opened, which only one program can do at a time.

mod direct;
mod run;

pub(super) use run::run;
