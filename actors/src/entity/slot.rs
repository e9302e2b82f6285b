//! A slot: what outlives the incarnations of an entity's actor.

use super::news::News;
use super::order::Order;
use super::told::Told;
use crate::machine::Machine;
use crate::vocabulary::{EffectKey, Name};
use actix::Recipient;
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Tells an entity that its slot holds something for it.
#[derive(actix::Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(super) struct Wake;

/// Asks the hosts for an entity's actor.
#[derive(actix::Message, Debug, Clone)]
#[rtype(result = "()")]
pub(super) struct Start(pub(super) Name);

/// One entity's place in the directory.
#[derive(Debug)]
pub(super) struct Slot<M: Machine> {
    pub(super) inbox: VecDeque<Told<M>>,
    pub(super) orders: VecDeque<Order>,
    pub(super) presence: Presence,
    pub(super) effects: BTreeMap<EffectKey, AbortHandle>,
    /// For whoever waits for more.
    pub(super) committed: watch::Sender<News<M>>,
    /// The stream is known not to exist yet: its first incarnation need not look.
    pub(super) is_fresh: bool,
}

/// Whether an actor is there.
#[derive(Debug)]
pub(super) enum Presence {
    /// None, and none asked for.
    Absent,
    /// The hosts have been asked for one.
    Asked,
    /// It lives.
    Here(Recipient<Wake>),
}

impl<M: Machine> Default for Slot<M> {
    fn default() -> Self {
        Self {
            inbox: VecDeque::new(),
            orders: VecDeque::new(),
            presence: Presence::Absent,
            effects: BTreeMap::new(),
            committed: watch::Sender::new(News::none()),
            is_fresh: false,
        }
    }
}

impl<M: Machine> Slot<M> {
    /// Ends every effect that runs.
    pub(super) fn abort_effects(&mut self) {
        for effect in std::mem::take(&mut self.effects).into_values() {
            effect.abort();
        }
    }

    /// Whether nothing would be lost if it went.
    pub(super) fn is_idle(&self) -> bool {
        self.inbox.is_empty() && self.orders.is_empty() && self.effects.is_empty()
    }
}
