//! [`Runs`]: commands that run now. Each holds as much of its budget as it may take; whoever finds nothing left waits for
//! them, as they may take less.

use callboard_actors::journal::AuditRow;
use callboard_actors::vocabulary::WorkflowId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Whose budget it is: a workflow's, in a run, of an agent.
type Whose = (WorkflowId, u32, String);

/// Commands that run now.
#[derive(Debug, Default)]
pub(super) struct Runs {
    all: Mutex<BTreeMap<Whose, usize>>,
    ended: watch::Sender<()>,
}

/// A command that runs, until this is dropped.
#[derive(Debug)]
pub(super) struct Run(Arc<Runs>, Whose);

fn whose(row: &AuditRow) -> Whose {
    (row.workflow_id.clone(), row.run, row.actor.clone())
}

impl Runs {
    /// One begins.
    pub(super) fn begin(self: &Arc<Self>, row: &AuditRow) -> Run {
        let whose = whose(row);
        *self.all().entry(whose.clone()).or_default() += 1;
        Run(Arc::clone(self), whose)
    }

    /// Whether one runs on the same budget.
    pub(super) fn is_any(&self, row: &AuditRow) -> bool {
        self.all().contains_key(&whose(row))
    }

    /// Hears of each that ends from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Whose, usize>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let Self(runs, whose) = self;
        let mut all = runs.all();
        if let Some(count) = all.get_mut(whose) {
            *count -= 1;
            if *count == 0 {
                all.remove(whose);
            }
        }
        drop(all);
        runs.ended.send_replace(());
    }
}
