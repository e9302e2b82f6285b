//! The one integration test binary: the house as a whole, seen from outside.

mod support;

mod disk_full;
mod doors;
mod floors;
mod licences;
