//! [`Permit`]: with it a call comes from the gate: what its caller may, for whatever comes up while it is carried out; and
//! what came up.

use crate::rules::{Environment, Refused, Rules, Standing};
use callboard_actors::workspaces::{Bounds, Limit, Workspaces};
use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

/// What a call's caller may.
#[derive(Debug)]
pub struct Permit {
    /// What it may.
    pub(super) standing: Arc<Standing>,
    /// The rules as they are now.
    pub(super) rules: Arc<Rules>,
    refused: Arc<Mutex<Vec<(String, Refused)>>>,
    ran_ms: Cell<Option<u64>>,
    may_run_ms: u64,
}

/// The same for the file system.
#[derive(Debug)]
struct Reach {
    standing: Arc<Standing>,
    refused: Arc<Mutex<Vec<(String, Refused)>>>,
}

impl Permit {
    /// Of somebody who may this.
    pub fn new(standing: Standing, rules: Arc<Rules>) -> Self {
        let standing = Arc::new(standing);
        Self { standing, rules, refused: Arc::default(), ran_ms: Cell::new(None), may_run_ms: 0 }
    }

    /// The same for a call whose program may run so long, in milliseconds.
    #[must_use]
    pub fn within(self, may_run_ms: u64) -> Self {
        Self { may_run_ms, ..self }
    }

    /// How long its program may run, in milliseconds.
    pub(super) fn may_run_ms(&self) -> u64 {
        self.may_run_ms
    }

    /// What was refused while the call was carried out: paths that it had not named.
    pub fn refused(&self) -> Vec<(String, Refused)> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same of paths that a program has changed, and its caller may not.
    pub(super) fn refuse(&self, refused: &[(String, Refused)]) {
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(refused.iter().cloned());
    }

    /// What its caller may.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What programs find around them.
    pub fn environment(&self) -> Environment {
        let home = std::env::home_dir().unwrap_or_default();
        self.rules.environment().at_home(&home)
    }

    /// How long a program ran for it, in milliseconds.
    pub fn ran_ms(&self) -> Option<u64> {
        self.ran_ms.get()
    }

    /// A program has run so long.
    pub(super) fn has_run(&self, millis: u64) {
        self.ran_ms.set(Some(millis));
    }

    /// These workspaces, as far as the caller may see and change them.
    pub fn bounded(&self, workspaces: &Workspaces) -> Workspaces {
        let (standing, refused) = (Arc::clone(&self.standing), Arc::clone(&self.refused));
        workspaces.within(Bounds::new(Reach { standing, refused }))
    }
}

impl Reach {
    fn look(&self, path: &str, is_written: bool) -> Result<(), String> {
        let Some(refused) = self.standing.keeps_from(path, is_written) else { return Ok(()) };
        let text = refused.to_string();
        // What is to be ignored is looked up by ourselves: nobody has tried anything.
        let is_ours = path.ends_with(".gitignore") || path.ends_with(".ignore");
        if !is_ours {
            let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            all.push((path.to_owned(), refused));
        }
        Err(text)
    }
}

impl Limit for Reach {
    fn read(&self, path: &str) -> Result<(), String> {
        self.look(path, false)
    }

    fn write(&self, path: &str) -> Result<(), String> {
        self.look(path, true)
    }

    fn shows_file(&self, path: &str) -> bool {
        self.standing.may_read(path)
    }

    fn shows_folder(&self, path: &str) -> bool {
        self.standing.may_enter(path)
    }
}
