//! The campaign: which crashes are tried, and what is made of them.

mod choice;
mod crashes;
mod graphs;
mod kinds;
mod proof;
mod recoveries;
mod settings;
mod stage;
mod twice;

pub(crate) use settings::seed;
pub(crate) use stage::stage;
