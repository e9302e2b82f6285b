//! [`Seat`]: what a subscription's consumers, past and present, share in memory.

use super::lease::Lease;
use super::standing::{Manner, Open, Sitter, Standing};
use crate::vocabulary::{Position, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};
use tokio::time::Instant;

/// What a subscription's consumers share.
#[derive(Debug)]
pub(super) struct Seat {
    state: watch::Sender<Posture>,
    lease: Mutex<Option<Lease>>,
    /// What was given out behind the cursor and is not acknowledged, whether or not who took it is still
    /// there; and how often it was delivered in vain before.
    given: Mutex<BTreeMap<Position, u32>>,
    /// One refusal at a time, for each uses up the delivery that it is about; and none while what was
    /// acknowledged before it is still being written. In the order in which they came.
    settling: RwLock<()>,
    /// The newest consumer's number, and who it is.
    sitter: Mutex<Option<(u64, Sitter)>>,
}

/// How a subscription stands at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Posture {
    /// Everything up to here has been acknowledged, durably.
    pub(super) cursor: Position,
    /// Which consumer has the seat.
    pub(super) holder: u64,
    /// How often deliveries of single messages were ordered or settled.
    pub(super) redrives: u64,
    /// How often everything behind the cursor was ordered to come again.
    pub(super) restarts: u64,
    /// Whether an operator paused it; `None`: the row says.
    pub(super) paused: Option<bool>,
    /// The subscription is no more.
    pub(super) closed: bool,
}

impl Default for Seat {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(Posture::default()),
            lease: Mutex::new(None),
            given: Mutex::default(),
            settling: RwLock::default(),
            sitter: Mutex::new(None),
        }
    }
}

impl Seat {
    /// Somebody sits down; whoever sat there notices. Gives its number.
    pub(super) fn take(
        &self,
        cursor: Position,
        paused: bool,
        manner: Manner,
        now: Timestamp,
    ) -> u64 {
        let mut holder = 0;
        self.state.send_modify(|state| {
            state.holder += 1;
            state.cursor = state.cursor.max(cursor);
            state.closed = false;
            // A pause that was committed since the row was read is known here.
            state.paused.get_or_insert(paused);
            holder = state.holder;
        });
        *self.sitter() = Some((holder, Sitter { manner, since: now, left: None }));
        holder
    }

    /// A consumer has gone.
    pub(super) fn leave(&self, number: u64, now: Timestamp) {
        if let Some((_, sitter)) = self.sitter().as_mut().filter(|(newest, _)| *newest == number) {
            sitter.left = Some(now);
        }
    }

    /// How it is taken; `None`: nobody has sat here.
    pub(super) fn standing(&self) -> Option<Standing> {
        let cursor = self.state.borrow().cursor;
        let lease = self.lease().filter(|lease| lease.position > cursor);
        let open = lease.map(|lease| Open {
            position: lease.position,
            delivery: lease.delivery,
            left: lease.until.saturating_duration_since(Instant::now()),
        });
        let (_, consumer) = self.sitter().clone()?;
        Some(Standing { consumer, open })
    }

    fn sitter(&self) -> MutexGuard<'_, Option<(u64, Sitter)>> {
        self.sitter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages are given out.
    pub(super) fn give(&self, messages: impl Iterator<Item = (Position, u32)>) {
        self.given().extend(messages);
    }

    /// The oldest message that was given out and is not acknowledged.
    pub(super) fn oldest(&self) -> Option<Position> {
        let cursor = self.state.borrow().cursor;
        self.given().range(cursor + 1..).next().map(|(position, _)| *position)
    }

    /// To be held while an acknowledgement is written; waits for refusals that came before.
    pub(super) async fn acknowledging(&self) -> RwLockReadGuard<'_, ()> {
        self.settling.read().await
    }

    /// To be held while a refusal is written; waits for acknowledgements and refusals that came before.
    pub(super) async fn refusing(&self) -> RwLockWriteGuard<'_, ()> {
        self.settling.write().await
    }

    /// What was given out comes again: nothing is under way, and no lease runs.
    pub(super) fn take_back(&self) {
        self.given().clear();
        *self.lease() = None;
    }

    /// What stands behind the one that has a lease gets it when that has been acknowledged, also where who took
    /// both of them went: a request takes several messages, and settles one after the other.
    fn pass_on(&self, cursor: Position) {
        let mut given = self.given();
        *given = given.split_off(&(cursor + 1));
        let mut lease = self.lease();
        if let Some(settled) = lease.filter(|lease| lease.position <= cursor) {
            let next = given.first_key_value();
            let now = Instant::now();
            *lease = next.map(|(position, before)| settled.pass_on(*position, *before, now));
        }
    }

    fn given(&self) -> MutexGuard<'_, BTreeMap<Position, u32>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cursor has moved, durably.
    pub(super) fn acknowledged(&self, cursor: Position, settled: bool) {
        self.pass_on(cursor);
        self.state.send_modify(|state| {
            state.cursor = state.cursor.max(cursor);
            state.redrives += u64::from(settled);
        });
    }

    /// Single messages are to be delivered once more.
    pub(super) fn redriven(&self) {
        self.state.send_modify(|state| state.redrives += 1);
    }

    /// Everything behind the cursor is to come again, under a new lease; single messages are looked at, too.
    pub(super) fn restart(&self) {
        self.take_back();
        self.state.send_modify(|state| {
            state.restarts += 1;
            state.redrives += 1;
        });
    }

    /// It is paused, or goes on: what was under way before comes again, and uses up no delivery.
    pub(super) fn pause(&self, paused: bool) {
        self.state.send_modify(|state| state.paused = Some(paused));
        self.restart();
    }

    /// The subscription is no more; a later one of the same name begins anew.
    pub(super) fn close(&self) {
        self.state.send_modify(|state| *state = Posture { closed: true, ..*state });
    }

    /// How it stands, and news of that.
    pub(super) fn watch(&self) -> watch::Receiver<Posture> {
        self.state.subscribe()
    }

    /// The lease of the oldest unacknowledged message.
    pub(super) fn lease(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
