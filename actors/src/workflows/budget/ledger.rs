//! [`Ledger`]: the sums of a lineage, kept by its root; of the others only what a person is asked about their pace.

use super::account::{Account, Measured, Sum};
use super::fact::{Fact, Grant};
use super::question::{Asks, LimitId};
use crate::nodes::{Bill, Bound, BoundId, Demand, Key, Lost, Reservation};
use crate::vocabulary::Timestamp;
use crate::workflows::item::Interrupt;
use std::collections::BTreeMap;
use std::time::Duration;

/// The sums of a lineage.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::workflows) struct Ledger {
    pub(super) accounts: BTreeMap<BoundId, Account>,
    /// What is reserved.
    pub(super) open: BTreeMap<Key, Reservation>,
    /// What waits, in order.
    pub(super) waiting: Vec<Reservation>,
    /// What a person is asked.
    pub(super) questions: Vec<Interrupt>,
    /// How many questions there ever were: part of their names.
    pub(super) asked: u32,
    /// How many of those about the pace were answered in this run: part of the keys of work that may be wanted once more
    /// then.
    pub(super) paced: u32,
    /// The bounds above, where they are not those that its order has.
    pub(super) above: Option<Vec<Bound>>,
}

/// Whether there is room.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Fits,
    /// Once others are settled there may be.
    Blocked,
    /// There is none.
    Exceeds(Excess),
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Excess {
    pub(super) bound: BoundId,
    /// `None`: time.
    pub(super) measured: Option<Measured>,
}

impl Ledger {
    /// Whether there is room for it beside all the others.
    pub(super) fn weigh(&self, reservation: &Reservation) -> Verdict {
        let mut is_blocked = false;
        for bound in &reservation.bounds {
            let account = self.accounts.get(&bound.id).cloned();
            let account = account.unwrap_or_else(|| Account::new(bound));
            match self.weigh_one(&account, &reservation.demand) {
                Verdict::Fits => {}
                Verdict::Blocked => is_blocked = true,
                exceeds @ Verdict::Exceeds(_) => return exceeds,
            }
        }
        if is_blocked { Verdict::Blocked } else { Verdict::Fits }
    }

    fn weigh_one(&self, account: &Account, demand: &Demand) -> Verdict {
        let bound = account.bound.id.clone();
        let amount = match demand {
            Demand::Call(amount) => amount,
            Demand::Time { seconds } => {
                let is_over = account.seconds().is_some_and(|most| *seconds >= most);
                let excess = Excess { bound, measured: None };
                return if is_over { Verdict::Exceeds(excess) } else { Verdict::Fits };
            }
        };
        let reserved = self.reserved(&bound);
        let measured = || account.measured(&reserved, amount);
        if let Some(measured) = measured().find(Measured::exceeds) {
            return Verdict::Exceeds(Excess { bound, measured: Some(measured) });
        }
        let is_blocked = measured().any(|measured| measured.is_blocked());
        if is_blocked { Verdict::Blocked } else { Verdict::Fits }
    }

    /// What is reserved within a bound.
    pub(super) fn reserved(&self, bound: &BoundId) -> Sum {
        let open = self.open.values().filter(|open| open.is_within(bound));
        open.filter_map(Reservation::amount).fold(Sum::default(), Sum::plus)
    }

    /// Whether it is reserved, or waits.
    pub(super) fn knows(&self, key: &Key) -> bool {
        self.open.contains_key(key) || self.waiting.iter().any(|waiting| waiting.key == *key)
    }

    /// What attempts in vain come to: as much as was reserved for each, or as much as was told.
    pub(super) fn lost(&self, key: &Key, bill: &Bill) -> Lost {
        let amount = self.open.get(key).and_then(Reservation::amount).unwrap_or_default();
        bill.told.plus(Lost {
            attempts: bill.lost,
            tokens: amount.tokens.saturating_mul(bill.lost.into()),
            usd: amount.usd * f64::from(bill.lost),
        })
    }

    /// The question that is open about a limit.
    pub(super) fn question(&self, limit: &LimitId) -> Option<&Interrupt> {
        self.questions.iter().find(|asked| asked.asker.limit() == Some(limit))
    }

    /// What a person is asked.
    pub(in crate::workflows) fn questions(&self) -> impl Iterator<Item = &Interrupt> {
        self.questions.iter()
    }

    pub(super) fn account(&mut self, bound: &Bound) -> &mut Account {
        self.accounts.entry(bound.id.clone()).or_insert_with(|| Account::new(bound))
    }

    // ---- what has happened ----

    pub(in crate::workflows) fn take_in(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::Reserved { reservation, .. } => {
                self.forget_waiting(&reservation.key);
                self.open_accounts(reservation);
                // Time is not used up by being granted: nothing is to be settled.
                if reservation.amount().is_some() {
                    self.open.insert(reservation.key.clone(), reservation.clone());
                }
            }
            Fact::Waiting { reservation } => {
                self.open_accounts(reservation);
                self.waiting.push(reservation.clone());
            }
            Fact::Denied { key, .. } => {
                self.forget_waiting(key);
                self.drop_idle_questions();
            }
            Fact::Settled { key, bill, lost } => {
                self.settle(key, bill, lost);
                self.forget_waiting(key);
                self.drop_idle_questions();
            }
            Fact::Granted { interrupt_id, bound, grant, .. } => {
                self.questions.retain(|asked| asked.interrupt_id != *interrupt_id);
                self.grant(bound, *grant, at);
            }
            Fact::Stopped { interrupt_id, bound, .. } => {
                self.questions.retain(|asked| asked.interrupt_id != *interrupt_id);
                if let Some(account) = self.accounts.get_mut(bound) {
                    account.is_stopped = true;
                }
            }
            Fact::Bound { bounds } => self.above = Some(bounds.clone()),
        }
    }

    /// A person is asked.
    pub(in crate::workflows) fn ask(&mut self, interrupt: &Interrupt) {
        self.asked += 1;
        self.questions.push(interrupt.clone());
    }

    /// Another run begins, or this one is tried again: what belonged to the one before counts no more.
    pub(in crate::workflows) fn begin(&mut self) {
        self.end();
        self.paced = 0;
        let open: Vec<BoundId> = self.open.values().flat_map(Reservation::ids).cloned().collect();
        self.accounts.retain(|bound, _| open.contains(bound));
    }

    /// The run has ended: nobody waits any more.
    pub(in crate::workflows) fn end(&mut self) {
        self.waiting.clear();
        self.questions.clear();
    }

    fn open_accounts(&mut self, reservation: &Reservation) {
        for bound in &reservation.bounds {
            self.account(bound);
        }
    }

    fn settle(&mut self, key: &Key, bill: &Bill, lost: &Lost) {
        let Some(reservation) = self.open.remove(key) else { return };
        let is_unpriced =
            matches!(reservation.demand, Demand::Call(amount) if amount.usd.is_none());
        // What a tool asks of others is no turn.
        let is_turn = reservation.amount().is_some_and(|amount| amount.turns > 0);
        let vain = Sum::of_lost(lost);
        let vain = if is_turn { vain } else { Sum { turns: 0, ..vain } };
        for bound in &reservation.bounds {
            let account = self.account(bound);
            account.spent = account.spent.plus(Sum::of_bill(bill));
            account.lost = account.lost.plus(vain);
            account.lost_attempts += lost.attempts;
            account.unpriced += bill.unpriced + if is_unpriced { bill.lost } else { 0 };
        }
    }

    fn grant(&mut self, bound: &BoundId, grant: Grant, at: Timestamp) {
        let Some(account) = self.accounts.get_mut(bound) else { return };
        account.granted = account.granted.plus(grant);
        if grant.seconds > 0 {
            account.until = Some(at.after(Duration::from_secs(grant.seconds)));
        }
    }

    fn forget_waiting(&mut self, key: &Key) {
        self.waiting.retain(|waiting| waiting.key != *key);
    }

    /// What nobody waits for is not asked any more.
    fn drop_idle_questions(&mut self) {
        let exceeded: Vec<BoundId> = self
            .waiting
            .iter()
            .filter_map(|waiting| match self.weigh(waiting) {
                Verdict::Exceeds(excess) => Some(excess.bound),
                Verdict::Fits | Verdict::Blocked => None,
            })
            .collect();
        self.questions.retain(|asked| match asked.asker.limit() {
            Some(LimitId { bound, asks: Asks::Reservations }) => exceeded.contains(bound),
            _ => true,
        });
    }
}

impl Reservation {
    /// What it holds; `None`: it is about time.
    pub(super) fn amount(&self) -> Option<Sum> {
        match &self.demand {
            Demand::Call(amount) => Some(Sum::of(amount)),
            Demand::Time { .. } => None,
        }
    }

    fn ids(&self) -> impl Iterator<Item = &BoundId> {
        self.bounds.iter().map(|bound| &bound.id)
    }

    fn is_within(&self, bound: &BoundId) -> bool {
        self.ids().any(|id| id == bound)
    }
}
