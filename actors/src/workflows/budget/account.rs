//! [`Account`]: what has been taken within one bound.

use super::fact::Grant;
use crate::graph::Limits;
use crate::nodes::{Amount, Bill, Bound, Lost};
use crate::vocabulary::Timestamp;

/// What has been taken within one bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) bound: Bound,
    /// What answers took.
    pub(super) spent: Sum,
    /// What was reserved for attempts that were lost.
    pub(super) lost: Sum,
    pub(super) lost_attempts: u32,
    /// How many turns were asked whose price nobody knows.
    pub(super) unpriced: u32,
    pub(super) granted: Grant,
    /// Until when a run may go on that was granted more time.
    pub(super) until: Option<Timestamp>,
    /// A person has granted no more: nobody is asked again.
    pub(super) is_stopped: bool,
}

/// What models take.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sum {
    pub(super) usd: f64,
    pub(super) tokens: u64,
    pub(super) turns: u64,
}

/// One of the things that limits are about, as numbers: what there may be, what is taken and held, what is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) unit: Unit,
    pub(super) limit: f64,
    pub(super) spent: f64,
    pub(super) lost: f64,
    pub(super) reserved: f64,
    /// `None`: nobody knows.
    pub(super) wanted: Option<f64>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Usd,
    Tokens,
    Turns,
}

impl Sum {
    pub(super) fn of(amount: &Amount) -> Self {
        Self {
            usd: amount.usd.unwrap_or(0.0),
            tokens: amount.tokens.unwrap_or(0),
            turns: amount.turns.into(),
        }
    }

    pub(super) fn plus(self, more: Self) -> Self {
        Self {
            usd: self.usd + more.usd,
            tokens: self.tokens.saturating_add(more.tokens),
            turns: self.turns.saturating_add(more.turns),
        }
    }

    pub(super) fn of_bill(bill: &Bill) -> Self {
        Self { usd: bill.usd, tokens: bill.tokens, turns: bill.turns.into() }
    }

    pub(super) fn of_lost(lost: &Lost) -> Self {
        Self { usd: lost.usd, tokens: lost.tokens, turns: lost.attempts.into() }
    }
}

impl Account {
    pub(super) fn new(bound: &Bound) -> Self {
        Self {
            bound: bound.clone(),
            spent: Sum::default(),
            lost: Sum::default(),
            lost_attempts: 0,
            unpriced: 0,
            granted: Grant::default(),
            until: None,
            is_stopped: false,
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.bound.limits
    }

    /// Whether a person is asked where it is reached.
    pub(super) fn asks(&self) -> bool {
        self.limits().asks() && !self.is_stopped
    }

    /// What a call would come to beside all that is taken and reserved, for each thing that is limited.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(super) fn measured(
        &self,
        reserved: &Sum,
        wanted: &Amount,
    ) -> impl Iterator<Item = Measured> {
        let Limits { usd, tokens, turns, .. } = *self.limits();
        let of = |sum: fn(&Sum) -> f64| (sum(&self.spent), sum(&self.lost), sum(reserved));
        let (granted, wanted) = (self.granted, *wanted);
        let measure = |unit, limit: Option<f64>, (spent, lost, reserved), wanted| {
            Some(Measured { unit, limit: limit?, spent, lost, reserved, wanted })
        };
        [
            measure(Unit::Usd, usd.map(|usd| usd + granted.usd), of(|sum| sum.usd), wanted.usd),
            measure(
                Unit::Tokens,
                tokens.map(|tokens| tokens.saturating_add(granted.tokens) as f64),
                of(|sum| sum.tokens as f64),
                wanted.tokens.map(|tokens| tokens as f64),
            ),
            measure(
                Unit::Turns,
                // Who makes no turn needs none to be left.
                turns
                    .filter(|_| wanted.turns > 0)
                    .map(|turns| u64::from(turns).saturating_add(granted.turns) as f64),
                of(|sum| sum.turns as f64),
                Some(wanted.turns.into()),
            ),
        ]
        .into_iter()
        .flatten()
    }

    /// How many seconds may be taken; `None`: as many as one likes.
    pub(super) fn seconds(&self) -> Option<u64> {
        let limit = u64::from(self.limits().seconds?);
        Some(limit.saturating_add(self.granted.seconds))
    }
}

impl Measured {
    /// Prices are sums of fractions: a difference as small as this is none.
    const SLIGHT: f64 = 1e-9;

    /// There is no room for it though all that is reserved came to nothing.
    pub(super) fn exceeds(&self) -> bool {
        !self.has_room_beside(self.spent + self.lost)
    }

    /// There is no room for it beside what is reserved.
    pub(super) fn is_blocked(&self) -> bool {
        !self.has_room_beside(self.spent + self.lost + self.reserved)
    }

    /// What nobody knows the price of may begin as long as anything is left.
    fn has_room_beside(&self, held: f64) -> bool {
        let after = held + self.wanted.unwrap_or(0.0);
        after <= self.limit + Self::SLIGHT && held < self.limit - Self::SLIGHT
    }
}
