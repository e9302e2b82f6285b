//! The directory of a kind: finds an entity by name, wakes it, and keeps its slot.

use super::order::{Order, What};
use super::slot::{Presence, Slot, Start, Wake};
use super::told::Receipt;
use crate::journal::{Journal, Parked};
use crate::machine::Machine;
use crate::vocabulary::{EffectKey, Name, StreamId};
use actix::Recipient;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// How entities are hosted.
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// How many commands may wait for one entity.
    pub inbox: usize,
    /// An entity without open work goes to sleep after this long.
    pub idle: Duration,
    /// An entity whose actor ends abnormally more often than this …
    pub park_after: u32,
    /// … within this time is parked.
    pub park_within: Duration,
    /// How long a stopping system waits for the effects that run.
    pub drain: Duration,
    /// How long a command waits for hosts that are being restarted.
    pub gap: Duration,
}

impl Default for HostSettings {
    fn default() -> Self {
        Self {
            inbox: 1_024,
            idle: Duration::from_secs(2),
            park_after: 5,
            park_within: Duration::from_mins(1),
            drain: Duration::from_secs(5),
            gap: Duration::from_secs(2),
        }
    }
}

/// A handle on all entities of a kind; clones share it. It may be used from any thread.
pub struct Directory<M: Machine>(pub(super) Arc<Inner<M>>);

pub(super) struct Inner<M: Machine> {
    journal: Journal,
    pub(super) settings: HostSettings,
    pub(super) slots: DashMap<Name, Slot<M>>,
    hosts: Mutex<Attendance>,
    /// How many callers' commands have come since the hosts went.
    pub(super) stranded: AtomicUsize,
    /// Why all of them are kept from acting, if they are.
    held: watch::Sender<Option<Parked>>,
    /// Counts the occasions on which whoever is due may have been called in vain.
    recalls: AtomicU64,
}

/// Whether somebody can start actors.
pub(super) enum Attendance {
    Here(Recipient<Start>),
    GoneSince(Instant),
}

impl<M: Machine> Clone for Directory<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Machine> fmt::Debug for Directory<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory({})", M::KIND)
    }
}

impl<M: Machine> Directory<M> {
    /// An empty directory over a journal.
    pub fn new(journal: Journal, settings: HostSettings) -> Self {
        let hosts = Mutex::new(Attendance::GoneSince(Instant::now()));
        let (slots, held) = (DashMap::new(), watch::Sender::default());
        let (stranded, recalls) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { journal, settings, slots, hosts, stranded, held, recalls }))
    }

    /// The journal its entities write to.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// How they are hosted.
    pub fn settings(&self) -> &HostSettings {
        &self.0.settings
    }

    /// The stream of a name.
    pub fn stream(name: &Name) -> StreamId {
        StreamId { kind: M::KIND, name: name.clone() }
    }

    /// Has an entity come up, to do the work that is open.
    pub fn wake(&self, name: &Name) {
        if self.held().is_none() {
            self.call(name, &mut self.0.slots.entry(name.clone()).or_default());
        }
    }

    /// The same, unless it is up already.
    pub(super) fn rouse(&self, name: &Name) {
        if !self.is_present(name) {
            self.wake(name);
        }
    }

    /// Gives the entity's actor a sign, or asks the hosts for one.
    pub(super) fn call(&self, name: &Name, slot: &mut Slot<M>) {
        match &slot.presence {
            Presence::Here(actor) => actor.do_send(Wake),
            Presence::Asked => {}
            Presence::Absent => {
                if let Attendance::Here(hosts) = &*self.hosts() {
                    hosts.do_send(Start(name.clone()));
                    slot.presence = Presence::Asked;
                }
            }
        }
    }

    pub(super) fn hosts(&self) -> std::sync::MutexGuard<'_, Attendance> {
        self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hosts report for work: the actors of former hosts are no more, whoever waits is called for.
    pub(super) fn attend(&self, hosts: Recipient<Start>) {
        *self.hosts() = Attendance::Here(hosts);
        self.0.stranded.store(0, Ordering::Relaxed);
        self.0.slots.iter_mut().for_each(|mut slot| slot.presence = Presence::Absent);
        self.recall();
    }

    /// Calls for all who wait. Those whose time has come are the scheduler's.
    fn recall(&self) {
        if self.held().is_some() {
            return;
        }
        self.0.recalls.fetch_add(1, Ordering::Relaxed);
        for name in self.names(|slot| !slot.is_idle()) {
            self.call(&name, &mut self.0.slots.entry(name.clone()).or_default());
        }
    }

    /// Changes when all whose time has come have to be called again.
    pub(super) fn recalls(&self) -> u64 {
        self.0.recalls.load(Ordering::Relaxed)
    }

    /// These hosts have gone: nobody can be woken until others attend, if they do not already.
    pub(super) fn desert(&self, gone: &Recipient<Start>) {
        let mut hosts = self.hosts();
        if matches!(&*hosts, Attendance::Here(here) if here == gone) {
            *hosts = Attendance::GoneSince(Instant::now());
        }
    }

    pub(super) fn names(&self, which: impl Fn(&Slot<M>) -> bool) -> Vec<Name> {
        let slots = self.0.slots.iter();
        slots.filter(|slot| which(slot.value())).map(|slot| slot.key().clone()).collect()
    }

    /// Works on a slot while nobody else can.
    pub(super) fn with<T>(&self, name: &Name, work: impl FnOnce(&mut Slot<M>) -> T) -> T {
        work(&mut self.0.slots.entry(name.clone()).or_default())
    }

    /// The actor has gone, for good if nobody asked for another meanwhile and nothing waits.
    pub(super) fn absent(&self, name: &Name) {
        let Entry::Occupied(mut entry) = self.0.slots.entry(name.clone()) else { return };
        let slot = entry.get_mut();
        let was_asked_for = matches!(slot.presence, Presence::Asked);
        slot.presence = Presence::Absent;
        if was_asked_for || !slot.is_idle() {
            self.call(name, slot);
        } else {
            entry.remove();
        }
    }

    /// The actor has fallen: another is called for in a moment.
    pub(super) fn fallen(&self, name: &Name) {
        if let Some(mut slot) = self.0.slots.get_mut(name) {
            slot.presence = Presence::Absent;
        }
    }

    /// Gives the slot up if nothing would be lost: true if the actor may end.
    pub(super) fn leave(&self, name: &Name) -> bool {
        match self.0.slots.entry(name.clone()) {
            Entry::Occupied(slot) if slot.get().is_idle() => {
                slot.remove();
                true
            }
            Entry::Occupied(_) => false,
            Entry::Vacant(_) => true,
        }
    }

    /// Gives an entity an order and waits until it was carried out; the error says why it was not.
    pub(super) async fn order(&self, name: &Name, what: What, by: String) -> Result<(), String> {
        if self.is_deserted() {
            return Err("its hosts are being restarted: try again in a moment".into());
        }
        let (reply, done) = oneshot::channel();
        let order = Order { what, by, reply: Some(reply) };
        let mut slot = self.0.slots.entry(name.clone()).or_default();
        slot.orders.push_back(order);
        self.call(name, &mut slot);
        drop(slot);
        done.await.unwrap_or_else(|_| Err("the entity ended meanwhile: look again".into()))
    }

    /// An effect's work panicked: its entity is to be parked.
    pub(super) async fn effect_panicked(&self, name: &Name, key: &EffectKey, text: &str) {
        let why = format!("performing {key} panicked: {text}");
        let mut wait = Duration::from_millis(20);
        while let Err(error) = self.order(name, What::Park(why.clone()), "panic".into()).await {
            tracing::error!(%name, %error, "failed to park an entity");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
        self.with(name, |slot| slot.effects.remove(key));
    }

    /// An effect's outcome has been answered for good. If the effect is not forgotten by then, its
    /// entity has to look again why.
    pub(super) async fn effect_settled(&self, name: &Name, key: &EffectKey) {
        // Without a slot, its entity has ended, and nobody would ever remove a new one.
        let slot = self.0.slots.get_mut(name);
        if slot.and_then(|mut slot| slot.effects.remove(key)).is_some() {
            // It may have ended meanwhile: then the next incarnation looks.
            let _ = self.order(name, What::Refresh, "host".into()).await;
        }
    }

    /// Keeps all entities of this kind from acting, or lets them.
    pub fn hold(&self, why: Option<Parked>) {
        let is_lifted = why.is_none();
        self.0.held.send_replace(why);
        if is_lifted {
            self.recall();
        }
    }

    /// Why all of them are kept from acting, if they are.
    pub fn held(&self) -> Option<Parked> {
        self.0.held.borrow().clone()
    }

    /// The same, for whoever waits until it changes.
    pub fn watch_held(&self) -> watch::Receiver<Option<Parked>> {
        self.0.held.subscribe()
    }

    /// How many entities are in memory, how many commands wait, how many effects run.
    pub fn census(&self) -> (usize, usize, usize) {
        self.0.slots.iter().fold((0, 0, 0), |(here, waiting, running), slot| {
            let is_here = usize::from(matches!(slot.presence, Presence::Here(_)));
            (here + is_here, waiting + slot.inbox.len(), running + slot.effects.len())
        })
    }

    /// The names of those in memory, at most `limit`.
    pub(super) fn present(&self, limit: usize) -> Vec<Name> {
        let here = self.0.slots.iter().filter(|slot| matches!(slot.presence, Presence::Here(_)));
        here.take(limit).map(|slot| slot.key().clone()).collect()
    }

    /// Whether its actor is in memory.
    pub fn is_present(&self, name: &Name) -> bool {
        self.0.slots.get(name).is_some_and(|slot| matches!(slot.presence, Presence::Here(_)))
    }

    /// The keys of its effects that run.
    pub(super) fn effects_of(&self, name: &Name) -> Vec<EffectKey> {
        self.0
            .slots
            .get(name)
            .map(|slot| slot.effects.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Has a parked entity look whether anything still works for it, if nothing does.
    pub fn check_abandoned(&self, name: &Name) {
        if self.effects_of(name).is_empty() {
            self.rouse(name);
        }
    }

    /// Ends every effect that runs: the system stops.
    pub(super) fn abort_effects(&self) {
        for mut slot in self.0.slots.iter_mut() {
            slot.abort_effects();
        }
    }
}

impl Receipt {
    /// The receipt as a later caller gets it.
    pub(super) fn again(self) -> Self {
        Self { repeated: true, ..self }
    }
}
