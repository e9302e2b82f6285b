//! Undoing: what a run did is made good, the newest first, by the nodes that its definition names for that.
//!
//! ```text
//! fails, is cancelled or rolled back ─► WORKFLOW_UNDOING ─► for each deed: NODE_UNDOING, its step, NODE_UNDONE
//!                                            │                        ╲─► a compensation fails: the run has failed,
//!                                            ▼                            and a retry goes on with it
//!                                       WORKFLOW_UNDONE ─► what was to follow: failed, cancelled, rewound, another run
//! ```

use super::command::Refusal;
use super::event::{Ending, Event};
use super::item::{Failure, ItemId, ItemPhase};
use super::state::{Facts, Phase, Workflow};
use crate::nodes::Metrics;
use crate::vocabulary::{Timestamp, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Decided = Result<Vec<Event>, Refusal>;

/// The kind of failure of a run that could not be undone.
pub(super) const UNDO_FAILED: &str = "undo_failed";

/// What is to be made good, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// What was done after this checkpoint; `None`: what the current run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u32>,
    /// Why, as expressions read it: `{node, error}`.
    pub error: Value,
    /// What follows.
    pub then: Box<Ending>,
}

/// A part of what can be undone of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Which execution.
    pub item: ItemId,
    /// Not by its `undo`, but by having its subgraph undo what that did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_inside: bool,
}

/// What of an execution has not been undone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Undoable {
    /// In which run it was.
    pub(super) run: u32,
    /// Its node has an `undo`.
    pub(super) by_node: bool,
    /// Its subgraph may have something to undo.
    pub(super) inside: bool,
}

/// An undoing that is under way, or that a failure holds up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Undoing {
    pub(super) undo: Undo,
    pub(super) by: String,
    /// What is being undone now.
    pub(super) current: Option<Deed>,
    /// So many parts are undone.
    pub(super) count: u32,
    /// What that took.
    pub(super) spent: Metrics,
}

/// Why something is undone, as expressions read it: as behind a node that failed.
pub(super) fn why(node: Option<&str>, failure: &Failure) -> Value {
    json!({ "node": node, "error": failure })
}

impl Undo {
    /// After the current run has failed.
    pub(super) fn after(node: Option<&str>, failure: &Failure) -> Self {
        let then = Box::new(Ending::Fail(failure.clone()));
        Self { since: None, error: why(node, failure), then }
    }

    /// Before somebody's wish is done.
    pub(super) fn before(since: Option<u32>, kind: &str, error: String, then: Ending) -> Self {
        Self { since, error: why(None, &Failure::new(kind, error)), then: Box::new(then) }
    }
}

impl Workflow {
    /// What is being undone, if anything is: which, and how many are left with it.
    pub fn undoing(&self) -> Option<(Option<&Deed>, usize)> {
        let facts = self.facts.as_ref()?;
        let undoing = facts.undoing.as_ref()?;
        Some((undoing.current.as_ref(), facts.left(undoing.undo.since).count()))
    }

    /// What is left to be undone of what is being undone, the newest first.
    pub fn left_to_undo(&self) -> Vec<Deed> {
        let Some(facts) = &self.facts else { return Vec::new() };
        let undoing = facts.undoing.as_ref();
        undoing.map(|undoing| facts.left(undoing.undo.since).collect()).unwrap_or_default()
    }

    /// Whether its last run, which has ended, did anything that can be undone and has not been.
    pub fn could_be_undone(&self) -> bool {
        let facts = self.facts.as_ref().filter(|_| self.phase.is_over());
        facts.is_some_and(|facts| facts.left(None).next().is_some())
    }

    /// Why it is undone what was done; `None`: it is not.
    pub fn why_undone(&self) -> Option<&Value> {
        let undoing = self.facts.as_ref()?.undoing.as_ref()?;
        Some(&undoing.undo.error)
    }

    /// Cancelled, and what the run did is undone, also where it has ended already.
    pub(super) fn cancel_and_undo(&self, facts: &Facts, by: &str, at: Timestamp) -> Decided {
        let error = format!("cancelled by {by}");
        let undo = Undo::before(None, "cancelled", error, Ending::Cancel);
        match self.phase {
            Phase::New | Phase::Stopping { .. } => Err(self.not("it is being ended: wait")),
            Phase::Running | Phase::Paused { .. } if facts.undoing.is_some() => {
                Err(self.not("what it did is being undone already"))
            }
            Phase::Running | Phase::Paused { .. } => Ok(facts.stop(by, &Ending::Undo(undo), at)),
            _ if facts.order.parent.is_some() => {
                Err(self.not("its parent has gone on without it: cancel that one with undo"))
            }
            _ if facts.left(None).next().is_none() => {
                Err(self.not("its last run did nothing that could be undone"))
            }
            _ => Ok(facts.end(by, &Ending::Undo(undo), at)),
        }
    }

    /// The workflow whose node it carries out is undone: so is all that it did.
    pub(super) fn undo_all(
        &self,
        facts: &Facts,
        by: &str,
        error: &Value,
        at: Timestamp,
    ) -> Decided {
        let then = Box::new(Ending::Cancel);
        let ending = Ending::Undo(Undo { since: Some(0), error: error.clone(), then });
        match self.phase {
            Phase::New | Phase::Stopping { .. } => Err(self.not("it is being ended: wait")),
            Phase::Running | Phase::Paused { .. } if facts.undoing.is_some() => {
                Err(self.not("what it did is being undone already: wait"))
            }
            Phase::Running | Phase::Paused { .. } => Ok(facts.stop(by, &ending, at)),
            _ if facts.undoing.is_some() => self.retry(facts, by, at),
            _ if facts.left(Some(0)).next().is_none() => {
                Ok(vec![facts.undone(by, 0, Metrics::default(), at)])
            }
            _ => Ok(facts.end(by, &ending, at)),
        }
    }

    /// What is undone next is known, with what has to be known to run it.
    pub(super) fn begin_deed(
        &self,
        facts: &Facts,
        step: u32,
        deed: &Deed,
        next: &super::checkpoint::Next,
        at: Timestamp,
    ) -> Decided {
        let not_open = || Refusal::NotOpen(format!("undo/{step}"));
        if self.phase != Phase::Running || facts.to_prepare().as_ref() != Some(deed) {
            return Err(not_open());
        }
        if step != facts.step {
            return Err(not_open());
        }
        let (workflow_id, step) = (facts.workflow_id.clone(), facts.step + 1);
        let definition = &facts.order.definition;
        let started = Event::nodes_started(&workflow_id, definition, step, next, at);
        let (deed, next) = (deed.clone(), next.clone());
        let begun = Event::NodeUndoing { workflow_id, deed, step, next, at };
        Ok(std::iter::once(begun).chain(started).collect())
    }
}

impl Facts {
    /// What has not been undone, the newest first: by step, and in it by node and place in its list.
    pub(super) fn left(&self, since: Option<u32>) -> impl Iterator<Item = Deed> {
        let of = move |item: &ItemId, run: u32| {
            since.map_or(run == self.run.number, |since| item.step > since)
        };
        let items = self.deeds.iter().rev().filter(move |(item, deed)| of(item, deed.run));
        items.flat_map(|(item, deed)| {
            // The node ended after all that was in it.
            let parts = [(deed.by_node, false), (deed.inside, true)];
            let parts = parts.into_iter().filter(|(is_left, _)| *is_left);
            parts.map(|(_, is_inside)| Deed { item: item.clone(), is_inside })
        })
    }

    /// What is undone next, where nothing is now.
    pub(super) fn to_prepare(&self) -> Option<Deed> {
        let undoing = self.undoing.as_ref().filter(|undoing| undoing.current.is_none())?;
        self.left(undoing.undo.since).next().filter(|_| self.failure.is_none())
    }

    /// The workflow that works at an item of the step, where one does.
    pub(super) fn child_of(&self, item: &ItemId) -> WorkflowId {
        let current = self.undoing.as_ref().and_then(|undoing| undoing.current.as_ref());
        let inside = current.filter(|deed| deed.is_inside).map(|deed| &deed.item);
        inside.unwrap_or(item).child(&self.workflow_id)
    }

    /// The undoing begins; where nothing is to be undone, what follows does.
    pub(super) fn begin_undoing(&self, by: &str, undo: &Undo, at: Timestamp) -> Vec<Event> {
        let (workflow_id, run) = (self.workflow_id.clone(), self.run.number);
        let (by_whom, undo_whole) = (by.to_owned(), undo.clone());
        let begun = Event::Undoing { workflow_id, run, by: by_whom, undo: undo_whole, at };
        let begun = vec![begun];
        if self.after(&begun).left(undo.since).next().is_some() {
            return begun;
        }
        self.end(by, &undo.then, at)
    }

    /// A step of the undoing is done. With the last of it, what was to follow does.
    pub(super) fn go_on_undoing(&self, at: Timestamp) -> Vec<Event> {
        let Some(undoing) = &self.undoing else { return Vec::new() };
        if undoing.current.is_some() || self.left(undoing.undo.since).next().is_some() {
            return Vec::new();
        }
        let mut events = vec![self.undone(&undoing.by, undoing.count, undoing.spent, at)];
        events.extend(self.after(&events).end(&undoing.by, &undoing.undo.then, at));
        events
    }

    /// What is being undone now is.
    pub(super) fn deed_done(&self, at: Timestamp) -> Option<Event> {
        let deed = self.undoing.as_ref()?.current.clone()?;
        Some(Event::NodeUndone { workflow_id: self.workflow_id.clone(), deed, step: self.step, at })
    }

    fn undone(&self, by: &str, count: u32, spent: Metrics, at: Timestamp) -> Event {
        let (workflow_id, run) = (self.workflow_id.clone(), self.run.number);
        Event::Undone { workflow_id, run, by: by.to_owned(), count, spent, at }
    }

    /// Why a run has failed whose undoing cannot go on.
    pub(super) fn held_up(&self, undoing: &Undoing, failure: &Failure) -> Failure {
        let deed = undoing.current.clone().or_else(|| self.to_prepare());
        let left = self.left(undoing.undo.since).count();
        let what = deed.map_or_else(String::new, |deed| deed.to_string());
        let more = match left.saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more wait to be undone"),
        };
        let error =
            format!("failed to undo {what}: {}{more}; a retry goes on with it", failure.error);
        Failure::new(UNDO_FAILED, error)
    }

    // ---- what events make of it ----

    pub(super) fn take_in_undo(&mut self, event: &Event) {
        match event {
            Event::Undoing { by, undo, .. } => {
                self.note_open();
                self.begin_unheard();
                let (undo, by) = (undo.clone(), by.clone());
                self.undoing =
                    Some(Undoing { undo, by, current: None, count: 0, spent: Metrics::default() });
                (self.failure, self.ended_at) = (None, None);
                self.visits.clear();
                self.joins.clear();
                // Keys of an undoing that was given up are not used again.
                self.run.tries += 1;
            }
            Event::NodeUndoing { deed, step, next, at, .. } => {
                if let Some(undoing) = &mut self.undoing {
                    undoing.current = Some(deed.clone());
                }
                self.enter(*step, next, *at);
            }
            Event::NodeUndone { deed, .. } => {
                self.forget(deed);
                if let Some(undoing) = &mut self.undoing {
                    (undoing.current, undoing.count) = (None, undoing.count + 1);
                }
            }
            Event::Undone { count, .. } => {
                self.undoing = None;
                self.run.is_undone = *count > 0;
            }
            _ => {}
        }
    }

    /// An execution has come to something that can be undone.
    pub(super) fn note(&mut self, item: &ItemId, by_node: bool, inside: bool) {
        let Some(visit) = self.visits.get(&item.node).filter(|_| item.step == self.step) else {
            return;
        };
        let by_node = by_node && visit.spec.is_undoable;
        let inside = inside && visit.spec.undoes_inside;
        // Nothing undoes what an undoing did.
        if (by_node || inside) && self.undoing.is_none() {
            let run = self.run.number;
            self.deeds.insert(item.clone(), Undoable { run, by_node, inside });
        }
    }

    /// Of what has failed, there may be subgraphs whose own undoing is held up.
    pub(super) fn note_open(&mut self) {
        let step = self.step;
        let items = self.visits.iter().flat_map(|(node, visit)| {
            visit.open.iter().filter_map(move |(index, item)| {
                let ItemPhase::Failed { error } = &item.phase else { return None };
                let (node, index, attempt) = (node.clone(), *index, item.attempt);
                (error.kind == UNDO_FAILED).then_some(ItemId { step, node, index, attempt })
            })
        });
        for item in items.collect::<Vec<_>>() {
            self.note(&item, false, true);
        }
    }

    fn forget(&mut self, deed: &Deed) {
        let Some(left) = self.deeds.get_mut(&deed.item) else { return };
        if deed.is_inside {
            left.inside = false;
        } else {
            left.by_node = false;
        }
        if !left.by_node && !left.inside {
            self.deeds.remove(&deed.item);
        }
    }
}

/// `book of step 3`, `book[2] of step 3`, `what is inside of trip of step 4`
impl std::fmt::Display for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ItemId { step, node, index, .. } = &self.item;
        if self.is_inside {
            f.write_str("what was done inside of ")?;
        }
        f.write_str(node)?;
        if let Some(index) = index {
            write!(f, "[{index}]")?;
        }
        write!(f, " of step {step}")
    }
}
