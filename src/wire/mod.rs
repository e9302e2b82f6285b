//! What all doors share: the token, how the state of the house is reached, and how errors are told.

mod app;
mod principal;
mod problem;
mod token;

pub use app::{App, Defaults, Description, WeakApp};
pub use principal::PRINCIPAL;
pub use problem::Problem;
pub use token::Token;
