//! The one integration test binary: the house as a whole, seen from outside.

mod floors;
mod licences;
