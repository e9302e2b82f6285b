//! The environment of all texts: without a loader, without escaping, with bounded fuel and bounded filters.

use super::bounded::bound;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A text may loop, but not for ever.
const FUEL: u64 = 1_000_000;

/// The environment of expressions.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// The same with the filters as the library has them.
pub(super) static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(plain);

pub(super) fn environment() -> Environment<'static> {
    let mut environment = plain();
    bound(&mut environment);
    environment
}

fn plain() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // By default a text's name decides, and here its name is the text itself.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    // Nothing is included: no template is given away by its name.
    environment.set_path_join_callback(|_, _| Cow::Borrowed(""));
    environment
}
