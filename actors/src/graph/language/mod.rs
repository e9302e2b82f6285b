//! The language in definitions: minijinja's expressions and templates, strict (what is undefined is an error, never
//! an empty place), without any door to the outside, and with bounded fuel. Texts are compiled once for each thread.

mod bounded;
mod engine;
mod environment;
mod fault;
mod form;
mod inspect;
mod json;
mod needs;
mod path;
mod scan;
mod view;

pub(super) use engine::{always, evaluate, fits, guard, holds, render};
pub(super) use form::Form;
pub(super) use inspect::inspect;
pub(super) use view::View;
