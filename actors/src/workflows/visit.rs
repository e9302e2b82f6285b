//! [`Visit`]: a node in the step that is under way, with its items. Those that wait are known apart: whatever is asked
//! after each item's end must not walk through all that are still to come.

use super::checkpoint::Spec;
use super::item::{Item, ItemId, ItemPhase, Settled};
use crate::vocabulary::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A node in the step that is under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visit {
    pub(super) spec: Spec,
    pub(super) started_at: Timestamp,
    /// Its items that have not settled, by their index.
    pub(super) open: BTreeMap<Option<u32>, Item>,
    /// Which of them can be worked at, and which wait for a person, a moment or a message.
    ready: BTreeSet<Option<u32>>,
    waiting: BTreeSet<Option<u32>>,
    /// Those that have.
    pub(super) settled: BTreeMap<Option<u32>, Settled>,
    /// Once something has failed, or it is paused: only these are still worked at.
    pub(super) last: Option<BTreeSet<Option<u32>>>,
    /// The attempts in which a call was begun that is not to be made again.
    pub(super) begun: BTreeSet<ItemId>,
}

impl Visit {
    pub(super) fn new(spec: &Spec, started_at: Timestamp) -> Self {
        let item = || Item { attempt: 1, phase: ItemPhase::Ready };
        let open: BTreeMap<_, _> = match spec.items {
            None => [(None, item())].into(),
            Some(count) => (0..count).map(|index| (Some(index), item())).collect(),
        };
        let ready = open.keys().copied().collect();
        let (waiting, settled, begun) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let (spec, last) = (spec.clone(), None);
        Self { spec, started_at, open, ready, waiting, settled, last, begun }
    }

    /// The items that are worked at as long as there is room, the first ones first.
    pub(super) fn workable(&self) -> impl Iterator<Item = (Option<u32>, &Item)> {
        let room = self.spec.concurrency.unwrap_or(usize::MAX);
        let items = self.ready.iter().map(|index| (*index, &self.open[index]));
        items.filter(|(index, _)| self.may_go_on(*index)).take(room)
    }

    /// The items that wait for a person, a moment or a message.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (Option<u32>, &Item)> {
        self.waiting.iter().map(|index| (*index, &self.open[index]))
    }

    fn may_go_on(&self, index: Option<u32>) -> bool {
        self.last.as_ref().is_none_or(|last| last.contains(&index))
    }

    /// Whether nothing is to be expected of it any more, and the step can go on without it.
    pub(super) fn is_over(&self) -> bool {
        match &self.last {
            None => self.open.is_empty(),
            Some(last) => self.spec.is_caught && last.iter().all(|i| !self.open.contains_key(i)),
        }
    }

    /// Whether this item's end is its end.
    pub(super) fn is_only(&self, index: Option<u32>) -> bool {
        self.settled.is_empty() && self.open.len() == 1 && self.open.contains_key(&index)
    }

    pub(super) fn settle(&mut self, index: Option<u32>, settled: Settled) {
        self.remove(index);
        self.settled.insert(index, settled);
    }

    /// From now on an open item stands so.
    pub(super) fn put(&mut self, index: Option<u32>, item: Item) {
        self.remove(index);
        if item.is_workable() {
            self.ready.insert(index);
        } else if item.is_waiting() {
            self.waiting.insert(index);
        }
        self.open.insert(index, item);
    }

    /// Nothing is to be expected of an item any more.
    pub(super) fn remove(&mut self, index: Option<u32>) {
        self.open.remove(&index);
        self.ready.remove(&index);
        self.waiting.remove(&index);
    }

    /// All may be worked at again, unless it has failed. Where nothing has begun yet, it begins now.
    pub(super) fn thaw(&mut self, at: Timestamp) {
        if self.last.as_ref().is_some_and(BTreeSet::is_empty) && self.settled.is_empty() {
            self.started_at = at;
        }
        if !self.settled.values().any(|settled| matches!(settled, Settled::Failed(_))) {
            self.last = None;
        }
    }

    /// What has failed is tried again, and all may be worked at.
    pub(super) fn retry(&mut self) {
        self.last = None;
        for (index, item) in &mut self.open {
            if matches!(item.phase, ItemPhase::Failed { .. }) {
                *item = Item { attempt: item.attempt + 1, phase: ItemPhase::Ready };
                self.ready.insert(*index);
            }
        }
    }
}

impl Item {
    fn is_workable(&self) -> bool {
        matches!(self.phase, ItemPhase::Ready | ItemPhase::Backoff(_))
    }

    fn is_waiting(&self) -> bool {
        matches!(self.phase, ItemPhase::Asked(_) | ItemPhase::Waiting { .. })
    }
}
