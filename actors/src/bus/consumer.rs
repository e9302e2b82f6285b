//! [`Consumer`]: gives a subscription's messages to whoever has its seat.

use super::Error;
use super::lease::{Lease, Verdict};
use super::seat::{Posture, Seat};
use super::source::Source;
use super::standing::Manner;
use crate::journal::{Entered, Entry, Journal, Message, Pending, Setback, SubscriptionRow};
use crate::vocabulary::Position;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Gives a subscription's messages to whoever has its seat.
#[derive(Debug)]
pub struct Consumer {
    pub(super) journal: Journal,
    pub(super) row: SubscriptionRow,
    pub(super) seat: Arc<Seat>,
    pub(super) posture: watch::Receiver<Posture>,
    pub(super) number: u64,
    source: Source,
    /// Given out behind the cursor, and not acknowledged.
    in_flight: VecDeque<Position>,
    /// How often messages were delivered in vain.
    tried: BTreeMap<Position, u32>,
    /// Single messages before the cursor that are under way once more.
    strays: BTreeMap<Position, Lease>,
    /// Messages that were refused, and are not to come again yet.
    held: BTreeMap<Position, Instant>,
    redrives: Option<u64>,
    restarts: u64,
    was_paused: bool,
}

/// What a consumer hears.
#[derive(Debug)]
pub enum News {
    /// Messages, in order; those that were redriven by hand stand before the others.
    Messages(Vec<Delivered>),
    /// Another consumer has taken the seat.
    TakenOver,
    /// The subscription is no more.
    Closed,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The message.
    pub message: Arc<Message>,
    /// How often it was delivered in vain before.
    pub retry_count: u32,
}

/// The cursor passes so many positions that concern others, without any acknowledgement.
const PASS_OVER: Position = 10_000;
/// So much may be unacknowledged.
const WINDOW: usize = 1_024;

impl Drop for Consumer {
    fn drop(&mut self) {
        self.seat.leave(self.number, self.journal.clock().now());
    }
}

impl Consumer {
    pub(super) async fn open(
        journal: Journal,
        row: SubscriptionRow,
        seat: Arc<Seat>,
        manner: Manner,
    ) -> Result<Self, Error> {
        let number = seat.take(row.position, !row.active, manner, journal.clock().now());
        let mut posture = seat.watch();
        let now = *posture.borrow_and_update();
        let source = Source::open(&journal, &row, now.cursor).await;
        let source = source.inspect_err(|_| seat.leave(number, journal.clock().now()))?;
        Ok(Self {
            journal,
            row,
            seat,
            posture,
            number,
            source,
            in_flight: VecDeque::new(),
            tried: BTreeMap::new(),
            strays: BTreeMap::new(),
            held: BTreeMap::new(),
            redrives: None,
            restarts: now.restarts,
            was_paused: false,
        })
    }

    /// Where it begins: everything up to here has been acknowledged.
    pub fn position(&self) -> Position {
        self.posture.borrow().cursor
    }

    /// Whether an operator paused the subscription.
    pub fn is_paused(&self) -> bool {
        self.posture.borrow().paused == Some(true)
    }

    /// Waits for news: at most `most` messages, never one that has been acknowledged by the time this
    /// returns. May be dropped at any time: what was not returned comes again.
    pub async fn next(&mut self, most: usize) -> Result<News, Error> {
        loop {
            if let Some(news) = self.step(most).await? {
                return Ok(news);
            }
            self.wait().await?;
        }
    }

    /// The same without waiting for what is not there yet: `None` when nothing is there up to `upto`.
    pub async fn look(&mut self, most: usize, upto: Position) -> Result<Option<News>, Error> {
        loop {
            let news = self.step(most).await?;
            if news.is_some() || self.rests() || self.source.position() >= upto {
                return Ok(news);
            }
            self.wait().await?;
        }
    }

    /// What can be said at once.
    async fn step(&mut self, most: usize) -> Result<Option<News>, Error> {
        let now = *self.posture.borrow_and_update();
        if now.closed {
            return Ok(Some(News::Closed));
        }
        if now.holder != self.number {
            return Ok(Some(News::TakenOver));
        }
        if self.is_paused() {
            self.was_paused = true;
            return Ok(None);
        }
        if self.restarts != now.restarts {
            self.restart(now).await?;
        }
        self.forget_acknowledged(now.cursor);
        self.let_go();
        self.judge().await?;
        self.judge_inherited().await?;
        if self.redrives != Some(now.redrives) {
            let strays = self.once_more(now.redrives).await?;
            if !strays.is_empty() {
                return Ok(Some(News::Messages(strays)));
            }
        }
        let news = self.give(most);
        if news.is_none() {
            self.pass_over().await?;
        }
        Ok(news)
    }

    /// Everything behind the cursor comes again; after a pause also single messages before it.
    async fn restart(&mut self, now: Posture) -> Result<(), Error> {
        if std::mem::take(&mut self.was_paused) {
            self.strays.clear();
        }
        self.restarts = now.restarts;
        // It may have been given out since the seat was told.
        self.seat.take_back();
        self.in_flight.clear();
        self.source = Source::open(&self.journal, &self.row, now.cursor).await?;
        Ok(())
    }

    /// Those that were held back long enough are looked up again.
    fn let_go(&mut self) {
        let (now, before) = (Instant::now(), self.held.len());
        self.held.retain(|_, until| *until > now);
        if self.held.len() < before {
            self.redrives = None;
        }
    }

    /// Whether nothing is to be delivered for now, though something may be there.
    fn rests(&self) -> bool {
        let first = self.source.first(self.posture.borrow().cursor);
        let is_held = first.is_some_and(|first| self.held.contains_key(&first));
        self.is_paused() || (is_held && self.in_flight.is_empty())
    }

    /// Where nothing concerns this subscription for long, its cursor goes on all the same: else whoever
    /// comes next would have to look through all of it again.
    async fn pass_over(&mut self) -> Result<(), Error> {
        let upto = self.source.position();
        let is_far = upto - self.posture.borrow().cursor >= PASS_OVER;
        if !is_far || !self.in_flight.is_empty() || !self.source.is_empty() {
            return Ok(());
        }
        let entry = Entry::Acknowledge { name: self.row.name.clone(), upto };
        if let Entered::At(cursor, _) = self.journal.enter(entry).await? {
            self.seat.acknowledged(cursor, false);
        }
        Ok(())
    }

    /// What is behind the cursor now is no more in flight; the next in line gets a lease.
    fn forget_acknowledged(&mut self, cursor: Position) {
        while self.in_flight.front().is_some_and(|position| *position <= cursor) {
            self.in_flight.pop_front();
        }
        self.tried.retain(|position, _| *position > cursor || self.strays.contains_key(position));
        self.lease_head();
    }

    /// The oldest unacknowledged message has a lease; one it had before goes on.
    fn lease_head(&self) {
        let Some(head) = self.in_flight.front() else { return };
        let mut lease = self.seat.lease();
        if lease.is_none_or(|lease| lease.position != *head) {
            *lease = Some(self.new_lease(*head));
        }
    }

    fn new_lease(&self, position: Position) -> Lease {
        let before = self.tried.get(&position).copied().unwrap_or(0);
        Lease::new(position, before, Instant::now(), Duration::from_millis(self.row.ack_wait_ms))
    }

    /// The lease of the oldest message in flight, if there is one.
    fn current_lease(&self) -> Option<Lease> {
        let head = self.in_flight.front()?;
        self.seat.lease().filter(|lease| lease.position == *head)
    }

    /// Carries out what follows leases that have run out.
    async fn judge(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let max = self.row.max_deliveries;
        if let Some(lease) = self.current_lease()
            && let Some(verdict) = lease.verdict(now, max)
        {
            self.carry_out(lease.position, &verdict).await?;
            self.seat.take_back();
            // Everything behind the cursor comes again, in order.
            self.in_flight.clear();
            let cursor = self.posture.borrow().cursor;
            self.source = Source::open(&self.journal, &self.row, cursor).await?;
        }
        let over =
            self.strays.iter().filter_map(|(at, lease)| Some((*at, lease.verdict(now, max)?)));
        let over: Vec<_> = over.collect();
        for (position, verdict) in over {
            self.carry_out(position, &verdict).await?;
            self.strays.remove(&position);
            self.redrives = None;
        }
        Ok(())
    }

    /// What a former consumer left unacknowledged is about to be delivered to this one.
    async fn judge_inherited(&mut self) -> Result<(), Error> {
        let cursor = self.posture.borrow().cursor;
        let Some(first) = self.source.first(cursor).filter(|_| self.in_flight.is_empty()) else {
            return Ok(());
        };
        let Some(lease) = self.seat.lease().filter(|lease| lease.position == first) else {
            return Ok(());
        };
        let now = Instant::now();
        if let Some(verdict) = lease.verdict_of_return(now, self.row.max_deliveries) {
            self.carry_out(first, &verdict).await?;
            *self.seat.lease() = None;
        } else {
            let until = now + Duration::from_millis(self.row.ack_wait_ms);
            *self.seat.lease() = Some(Lease { until, ..lease });
        }
        Ok(())
    }

    async fn carry_out(&mut self, position: Position, verdict: &Verdict) -> Result<(), Error> {
        let (Verdict::Again(retry_count) | Verdict::Dead(retry_count)) = *verdict;
        let error =
            format!("not acknowledged within {} ms, {retry_count} times", self.row.ack_wait_ms);
        let setback = Setback { name: self.row.name.clone(), position, retry_count, error };
        let entry = match verdict {
            Verdict::Again(_) => Entry::Retry(setback),
            Verdict::Dead(_) => Entry::Bury(setback),
        };
        if let Entered::At(cursor, _) = self.journal.enter(entry).await? {
            self.seat.acknowledged(cursor, false);
        }
        self.tried.insert(position, retry_count);
        Ok(())
    }

    /// Single messages before the cursor that are to be delivered once more, and are not under way.
    async fn once_more(&mut self, redrives: u64) -> Result<Vec<Delivered>, Error> {
        let cursor = self.posture.borrow().cursor;
        let pending = self.journal.reader().pending(self.row.name.clone()).await?;
        let (now, clock) = (Instant::now(), self.journal.clock().now());
        let held = pending.iter().filter_map(|Pending { position, due, .. }| {
            let wait = u64::try_from(due.as_ref()?.0 - clock.0).ok().filter(|wait| *wait > 0)?;
            Some((*position, now + Duration::from_millis(wait)))
        });
        self.held = held.collect();
        let counts: BTreeMap<_, _> =
            pending.iter().map(|pending| (pending.position, pending.retry_count)).collect();
        // Whose count has changed was refused while it was under way.
        let tried = &self.tried;
        self.strays
            .retain(|at, _| counts.get(at).is_some_and(|count| tried.get(at) == Some(count)));
        self.tried.extend(counts.iter());
        let is_fresh = |at: &Position| !self.strays.contains_key(at) && !self.held.contains_key(at);
        let fresh = counts.range(..=cursor).map(|(at, _)| *at).filter(is_fresh).collect();
        let messages = self.journal.reader().messages_at(fresh).await?;
        self.redrives = Some(redrives);
        for message in &messages {
            self.strays.insert(message.position, self.new_lease(message.position));
        }
        Ok(self.deliver(messages))
    }

    /// What can be given out at once.
    fn give(&mut self, most: usize) -> Option<News> {
        if self.rests() {
            return None;
        }
        let cursor = self.posture.borrow().cursor;
        let room = WINDOW.saturating_sub(self.in_flight.len()).min(most);
        let messages = self.source.take(room, cursor);
        if messages.is_empty() {
            return None;
        }
        self.in_flight.extend(messages.iter().map(|message| message.position));
        let delivered = self.deliver(messages);
        self.seat.give(delivered.iter().map(|one| (one.message.position, one.retry_count)));
        self.lease_head();
        Some(News::Messages(delivered))
    }

    fn deliver(&self, messages: Vec<Arc<Message>>) -> Vec<Delivered> {
        let count = |message: &Message| self.tried.get(&message.position).copied().unwrap_or(0);
        let delivered = messages.into_iter().map(|message| {
            let retry_count = count(&message);
            Delivered { message, retry_count }
        });
        delivered.collect()
    }

    /// Waits for a reason to look again.
    async fn wait(&mut self) -> Result<(), Error> {
        let lease = self.current_lease().map(|lease| lease.until);
        let leases = self.strays.values().map(|lease| lease.until).chain(lease);
        let deadline = leases.chain(self.held.values().copied()).min();
        let due = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let has_room = self.in_flight.len() < WINDOW && !self.rests();
        let runs = !self.is_paused();
        tokio::select! {
            filled = self.source.fill(), if has_room => filled,
            // An error says that the hub has gone, and with it everything.
            _ = self.posture.changed() => Ok(()),
            () = due, if runs => Ok(()),
        }
    }
}
