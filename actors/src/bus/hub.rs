//! [`Hub`]: finds the seat of a subscription, and takes acknowledgements.

use super::seat::Seat;
use super::{Consumer, Error, Manner, Reason, Standing, Terms};
use crate::journal::{Entered, Entry, Journal, Nack, NewSubscription, SubscriptionRow};
use crate::vocabulary::{Name, Position, Timestamp};
use dashmap::DashMap;
use std::sync::Arc;

/// All subscriptions of a journal. Cheap to clone, and usable from any thread.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    journal: Journal,
    /// The seats that somebody has sat on since the start.
    seats: DashMap<Name, Arc<Seat>>,
}

/// Where a subscription stands after an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Everything up to here has been acknowledged.
    pub position: Position,
}

/// What came of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Everything up to here has been acknowledged, or is dead.
    pub position: Position,
    /// How often the message was delivered in vain.
    pub retry_count: u32,
    /// Whether that was often enough.
    pub is_dead: bool,
}

impl Refused {
    /// How the delivery stands, in the word of its row.
    pub fn status(&self) -> &'static str {
        if self.is_dead { "failed" } else { "pending" }
    }
}

impl Hub {
    /// The subscriptions of this journal.
    pub fn new(journal: Journal) -> Self {
        Self(Arc::new(Inner { journal, seats: DashMap::new() }))
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Has a subscription come into being, unless it is there: then it stays as it is. The terms have to
    /// have been checked. True if it is new.
    pub async fn open(&self, terms: Terms) -> Result<(SubscriptionRow, bool), Error> {
        let journal = &self.0.journal;
        let after = terms.after.unwrap_or_else(|| journal.feed().head());
        let ack_wait_ms = u64::try_from(terms.ack_wait.as_millis()).unwrap_or(u64::MAX);
        let new = NewSubscription {
            name: terms.name(),
            subscriber: terms.subscriber,
            topics: terms.topics,
            stream: None,
            after,
            epoch: journal.epoch().to_owned(),
            ack_wait_ms,
            max_deliveries: terms.max_deliveries,
        };
        self.put(new).await
    }

    /// The same for any subscription.
    pub(crate) async fn put(&self, new: NewSubscription) -> Result<(SubscriptionRow, bool), Error> {
        let name = new.name.clone();
        let entered = self.0.journal.enter(Entry::Subscribe(new)).await?;
        Ok((self.row(&name).await?, entered == Entered::Done))
    }

    /// A subscription as it stands.
    pub async fn row(&self, name: &Name) -> Result<SubscriptionRow, Error> {
        let row = self.0.journal.reader().subscription(name.clone()).await?;
        row.ok_or_else(|| Error::Unknown(name.clone()))
    }

    /// The same, if its cursor is of this epoch.
    async fn current(&self, name: &Name) -> Result<SubscriptionRow, Error> {
        let row = self.row(name).await?;
        if row.epoch == self.0.journal.epoch() { Ok(row) } else { Err(Error::Gone(name.clone())) }
    }

    /// Sits down to consume in this manner; whoever sat there before is told so.
    pub async fn consume(&self, name: &Name, manner: Manner) -> Result<Consumer, Error> {
        self.current(name).await?;
        // The seat before the row: an acknowledgement that is committed from here on is noted there.
        let seat = Arc::clone(&self.0.seats.entry(name.clone()).or_default());
        let row = self.current(name).await?;
        Consumer::open(self.0.journal.clone(), row, seat, manner).await
    }

    /// How a subscription's seat is taken; `None`: nobody has sat there since the start.
    pub fn standing(&self, name: &Name) -> Option<Standing> {
        self.0.seats.get(name)?.standing()
    }

    /// Everything up to a position has been handled; for a message before the cursor that was redriven:
    /// this one. Durable when this returns.
    pub async fn acknowledge(&self, name: &Name, upto: Position) -> Result<Acknowledged, Error> {
        let head = self.0.journal.feed().head();
        if !(0..=head).contains(&upto) {
            return Err(Error::Ahead { upto, head });
        }
        let seat = self.0.seats.get(name).map(|seat| Arc::clone(&seat));
        let _turn = match &seat {
            Some(seat) => Some(seat.acknowledging().await),
            // Who has a seat was of this epoch.
            None => self.current(name).await.map(|_| None)?,
        };
        let entry = Entry::Acknowledge { name: name.clone(), upto };
        match self.0.journal.enter(entry).await? {
            Entered::At(position, settled) => {
                if let Some(seat) = self.0.seats.get(name) {
                    seat.acknowledged(position, settled);
                }
                Ok(Acknowledged { position })
            }
            _ => Err(Error::Unknown(name.clone())),
        }
    }

    /// A message has not been handled: the oldest that is under way, or one that was redriven by hand. It uses
    /// up a delivery and comes again after the delay, with all that stands behind it; or it is dead. Durable
    /// when this returns.
    pub async fn refuse(
        &self,
        name: &Name,
        position: Position,
        reason: Reason,
    ) -> Result<Refused, Error> {
        let seat = self.0.seats.get(name).map(|seat| Arc::clone(&seat));
        let _turn = match &seat {
            Some(seat) => Some(seat.refusing().await),
            None => None,
        };
        let cursor = match &seat {
            Some(seat) => seat.watch().borrow().cursor,
            None => self.current(name).await?.position,
        };
        let oldest = seat.as_ref().and_then(|seat| seat.oldest());
        if position > cursor && oldest != Some(position) {
            return Err(Error::NotUnderWay { position, oldest });
        }
        let Reason { error, delay } = reason;
        let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        let due = Timestamp(self.0.journal.clock().now().0.saturating_add(delay));
        let nack = Nack { name: name.clone(), position, error, due };
        match self.0.journal.enter(Entry::Nack(nack)).await? {
            Entered::Refused(cursor, retry_count, is_dead) => {
                if let Some(seat) = &seat {
                    seat.acknowledged(cursor, false);
                    seat.restart();
                }
                Ok(Refused { position: cursor, retry_count, is_dead })
            }
            Entered::Already => Err(Error::NotUnderWay { position, oldest: None }),
            _ => Err(Error::Unknown(name.clone())),
        }
    }

    /// Has a subscription rest, or go on. Meanwhile nothing is delivered and no lease runs; its consumers stay.
    pub async fn activate(&self, name: &Name, active: bool) -> Result<SubscriptionRow, Error> {
        let entry = Entry::Activate { name: name.clone(), active };
        if self.0.journal.enter(entry).await? != Entered::Done {
            return Err(Error::Unknown(name.clone()));
        }
        if let Some(seat) = self.0.seats.get(name) {
            seat.pause(!active);
        }
        self.row(name).await
    }

    /// Ends a subscription.
    pub async fn close(&self, name: &Name) -> Result<(), Error> {
        let entered = self.0.journal.enter(Entry::Unsubscribe(name.clone())).await?;
        if let Some((_, seat)) = self.0.seats.remove(name) {
            seat.close();
        }
        if entered == Entered::Done { Ok(()) } else { Err(Error::Unknown(name.clone())) }
    }

    /// Has a dead message delivered once more; false if it is not dead there.
    pub async fn redrive(&self, position: Position, name: Option<Name>) -> Result<bool, Error> {
        let entered = self.0.journal.enter(Entry::Redrive { position, name: name.clone() }).await?;
        match name.and_then(|name| self.0.seats.get(&name).map(|seat| Arc::clone(&seat))) {
            Some(seat) => seat.redriven(),
            None => self.0.seats.iter().for_each(|seat| seat.redriven()),
        }
        Ok(entered == Entered::Done)
    }

    /// Has a subscription go on in this epoch: only for those whose cursor was restored together with
    /// what it points into.
    pub(crate) async fn adopt(&self, row: &SubscriptionRow) -> Result<(), Error> {
        if row.epoch != self.0.journal.epoch() {
            self.0.journal.enter(Entry::Adopt(row.name.clone())).await?;
        }
        Ok(())
    }
}
