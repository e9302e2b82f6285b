//! Why an actor ended, as its supervisor hears it.
//!
//! Erlang's exit reasons, reduced to those that lead to different decisions: `normal`, an error the actor named itself,
//! an exception, and `killed`.

use std::any::Any;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an actor ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "why", rename_all = "snake_case")]
pub enum Exit {
    /// It stopped by itself or was asked to, and named no failure.
    Normal,
    /// It stopped after [`Lifeline::fail`](super::Lifeline::fail); holds the text given there.
    Error(String),
    /// It panicked, while it was made, while it ran or while it was dropped; holds the panic's text.
    Panicked(String),
    /// It was taken away without a word of its own: its task was aborted, or its arbiter is gone.
    Killed,
}

impl Exit {
    /// Whether a transient child is restarted after it: true for all but [`Exit::Normal`].
    pub fn is_abnormal(&self) -> bool {
        !matches!(self, Exit::Normal)
    }

    /// The exit of a caught panic. A payload that is no text (`panic_any`) has none to show.
    pub(super) fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Exit::Panicked(text.unwrap_or_else(|| "a panic without a text".to_owned()))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Normal => f.write_str("ended normally"),
            Exit::Error(why) => write!(f, "failed: {why}"),
            Exit::Panicked(text) => write!(f, "panicked: {text}"),
            Exit::Killed => f.write_str("was killed"),
        }
    }
}
