//! [`Permit`]: with it a call comes from the gate: what its caller may, for whatever comes up while it is carried out; and
//! what came up.

use crate::rules::{Environment, Refused, Standing};
use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

/// What a call's caller may.
#[derive(Debug)]
pub struct Permit {
    /// What it may.
    pub(super) standing: Arc<Standing>,
    /// What programs find around them.
    pub(super) environment: Environment,
    refused: Arc<Mutex<Vec<(String, Refused)>>>,
    ran_ms: Cell<Option<u64>>,
}

impl Permit {
    /// Of somebody who may this.
    pub fn new(standing: Standing, environment: Environment) -> Self {
        let standing = Arc::new(standing);
        Self { standing, environment, refused: Arc::default(), ran_ms: Cell::new(None) }
    }

    /// What was refused while the call was carried out: paths that it had not named.
    pub fn refused(&self) -> Vec<(String, Refused)> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long a program ran for it, in milliseconds.
    pub fn ran_ms(&self) -> Option<u64> {
        self.ran_ms.get()
    }

    /// A program has run so long.
    pub(super) fn has_run(&self, millis: u64) {
        self.ran_ms.set(Some(millis));
    }
}
