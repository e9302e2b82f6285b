//! The one integration test binary: the house as a whole, seen from outside.

mod cli;
mod floors;
mod licences;
