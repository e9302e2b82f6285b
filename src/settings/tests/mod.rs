//! The settings as an operator meets them: layers, aliases, and every way of being wrong.

use super::*;

mod kit;
mod layers;
mod running;
mod secrets;
mod wrong;
