//! What all doors share: the token, and how the state of the house is reached.

mod app;
mod token;

pub use app::{App, Defaults, Description, UnderWay};
pub use token::Token;
