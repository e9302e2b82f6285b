//! x

pub mod supervision;
