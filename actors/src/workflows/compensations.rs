//! [`Compensation`]: something that was done was undone, by a node of its own. Whoever goes back behind what was undone has
//! to know: the checkpoint still says that it was done, and nothing undoes it a second time.

use super::checkpoint::Checkpoint;
use super::event::Event;
use super::undo::Deed;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was undone, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compensation {
    /// What.
    #[serde(flatten)]
    pub deed: Deed,
    /// By which node; `None`: a subgraph undid itself what it had done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<String>,
    /// In which step.
    pub undone_in: u32,
}

/// All that was ever undone in a workflow.
#[derive(Debug, Default)]
pub(super) struct Compensations {
    /// The node that undoes what is being undone.
    now: Option<String>,
    done: Vec<Compensation>,
}

impl Compensations {
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::NodeUndoing { deed, next, .. } => {
                let node = next.nodes.keys().next().filter(|_| !deed.is_inside);
                self.now = node.cloned();
            }
            Event::NodeUndone { deed, step, .. } => {
                let (deed, undone_by) = (deed.clone(), self.now.take());
                self.done.push(Compensation { deed, undone_by, undone_in: *step });
            }
            _ => {}
        }
    }

    /// What was undone of all that led to a checkpoint: its state holds what came of it.
    pub(super) fn behind(
        &self,
        checkpoint: &Checkpoint,
        checkpoints: &BTreeMap<u32, Checkpoint>,
    ) -> Vec<Compensation> {
        let (mut led, mut at) = (BTreeSet::from([checkpoint.number]), checkpoint.parent);
        while let Some(number) = at {
            led.insert(number);
            at = checkpoints.get(&number).and_then(|checkpoint| checkpoint.parent);
        }
        let done = self.done.iter().filter(|done| led.contains(&done.deed.item.step));
        done.cloned().collect()
    }
}

/// `book of step 3, by unbook in step 7`
impl std::fmt::Display for Compensation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { deed, undone_by, undone_in } = self;
        let by = undone_by.as_deref().unwrap_or("its subgraph");
        write!(f, "{deed}, by {by} in step {undone_in}")
    }
}
