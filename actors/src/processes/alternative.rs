//! [`Alternative`]: who else is asked, where a provider cannot answer or is out of attempts.
//!
//! They stand in the order, so what follows a failure is decided by the process alone, and is in its journal. Each
//! alternative is asked by attempts of its own, under numbers that go on: no key of an effect is used twice. Whoever
//! redrives a process begins with the first again.

use super::command::{OnLost, Order};
use super::state::Facts;
use serde::{Deserialize, Serialize};

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// By which runtime, by its name in the configuration.
    pub runtime: String,
    /// Which model, as the runtime knows it.
    pub model: String,
    /// What follows an attempt of it that was lost.
    #[serde(default, skip_serializing_if = "OnLost::is_retry")]
    pub on_lost: OnLost,
}

impl Order {
    /// Who is asked when so many could not answer.
    pub fn alternative(&self, given_up: usize) -> Option<Alternative> {
        match given_up.checked_sub(1) {
            None => Some(Alternative {
                runtime: self.runtime.clone(),
                model: self.model.clone(),
                on_lost: self.on_lost,
            }),
            Some(index) => self.fallbacks.get(index).cloned(),
        }
    }
}

impl Facts {
    /// Who is asked now.
    pub(super) fn asked(&self) -> Alternative {
        // As many were given up as there were others: what is folded was decided here.
        let asked = self.order.alternative(self.given_up);
        asked.or_else(|| self.order.alternative(0)).expect("an order names who is asked")
    }

    /// Who is asked next.
    pub(super) fn next_asked(&self) -> Option<Alternative> {
        self.order.alternative(self.given_up + 1)
    }
}
