//! [`Reckoning`]: what a process has come to, read from its events.

use super::purse::{Bill, Lost};
use crate::processes::{Charge, Event, Metrics, Told};
use std::collections::{BTreeMap, BTreeSet};

/// Reads a process's events, in order; those that were read already may come again, as they do to whoever follows a stream.
#[derive(Debug, Default)]
pub(super) struct Reckoning {
    /// Attempts that were let go: the others cost nothing.
    sent: BTreeSet<u32>,
    answers: BTreeMap<u32, Metrics>,
    /// Attempts that brought no answer, and what they have cost all the same.
    failed: BTreeMap<u32, Charge>,
    /// Nobody will hear any more of what was sent.
    is_over: bool,
}

impl Reckoning {
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Started { attempt, .. } => drop(self.sent.insert(*attempt)),
            Event::Answered { attempt, metrics, .. } => {
                self.answers.insert(*attempt, *metrics);
            }
            Event::Failed { attempt, charge, .. } => {
                self.failed.insert(*attempt, *charge);
            }
            Event::Cancelled { .. } => self.is_over = true,
            _ => {}
        }
    }

    /// An operator has ended it: of what was sent nobody will hear.
    pub(super) fn give_up(&mut self) {
        self.is_over = true;
    }

    /// A bill for each attempt that was paid for in vain, or may have been, as each has a reservation of its own; and one
    /// for what followed.
    pub(super) fn bills(&self) -> Vec<Bill> {
        let failed = self.failed.iter().filter(|(attempt, _)| !self.answers.contains_key(attempt));
        let charged = failed.filter(|(_, charge)| !charge.is_nothing());
        let in_vain = charged.map(|(_, charge)| in_vain(*charge));
        in_vain.chain([self.last()]).collect()
    }

    fn last(&self) -> Bill {
        let lost = self.sent.iter().filter(|attempt| self.is_lost(**attempt)).count();
        let bill = Bill { lost: u32::try_from(lost).unwrap_or(u32::MAX), ..Bill::default() };
        self.answers.values().fold(bill, |bill, answer| Bill {
            turns: bill.turns + 1,
            tokens: bill.tokens + answer.tokens_in + answer.tokens_out,
            usd: bill.usd + answer.cost_usd.unwrap_or(0.0),
            unpriced: bill.unpriced + u32::from(answer.cost_usd.is_none()),
            ..bill
        })
    }

    /// It was sent, and was given up before anybody heard of it.
    fn is_lost(&self, attempt: u32) -> bool {
        let has_ended = self.answers.contains_key(&attempt) || self.failed.contains_key(&attempt);
        self.is_over && !has_ended
    }
}

fn in_vain(charge: Charge) -> Bill {
    match charge {
        Charge::Nothing => Bill::default(),
        Charge::Unknown => Bill { lost: 1, ..Bill::default() },
        Charge::Told(Told { tokens_in, tokens_out, cost_usd }) => Bill {
            unpriced: u32::from(cost_usd.is_none()),
            told: Lost {
                attempts: 1,
                tokens: tokens_in + tokens_out,
                usd: cost_usd.unwrap_or(0.0),
            },
            ..Bill::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::{Executor, FailureKind};
    use crate::vocabulary::{Durable, Hash, ProcessId, Reference, Timestamp};

    const AT: Timestamp = Timestamp(0);

    fn id() -> ProcessId {
        ProcessId("p".parse().unwrap())
    }

    fn started(attempt: u32) -> Event {
        let executor = Executor { boot_id: "b".into(), pid: 1, started: 2 };
        Event::Started { process_id: id(), attempt, executor, at: AT }
    }

    fn failed(attempt: u32, charge: Charge) -> Event {
        let kind = FailureKind::Passing;
        Event::Failed { process_id: id(), attempt, kind, error: "no".into(), charge, at: AT }
    }

    fn answered(attempt: u32) -> Event {
        let (hash, file) = (Hash::of(b"x"), "spool".to_owned());
        let spool = Durable::vouched(Reference { hash, bytes: 1, file, line: None });
        let metrics = Metrics { tokens_in: 10, tokens_out: 2, cost_usd: Some(0.5), duration_ms: 1 };
        Event::Answered { process_id: id(), attempt, spool, metrics, at: AT }
    }

    fn cancelled() -> Event {
        Event::Cancelled { process_id: id(), by: "ann".into(), at: AT }
    }

    fn reckoning(events: &[Event]) -> Reckoning {
        let mut reckoning = Reckoning::default();
        events.iter().chain(events).for_each(|event| reckoning.take(event));
        reckoning
    }

    fn bills(events: &[Event]) -> Vec<Bill> {
        reckoning(events).bills()
    }

    const LOST: Bill =
        Bill { turns: 0, tokens: 0, usd: 0.0, unpriced: 0, lost: 1, told: Lost::NOTHING };

    #[test]
    fn what_was_not_taken_costs_nothing_and_what_may_have_been_is_billed_apart_from_the_answer() {
        let nothing = [Bill::default()];
        assert_eq!(bills(&[cancelled()]), nothing);
        assert_eq!(bills(&[started(1), failed(1, Charge::Nothing)]), nothing);
        assert_eq!(bills(&[started(1), failed(1, Charge::Nothing), cancelled()]), nothing);
        let paid = Bill { turns: 1, tokens: 12, usd: 0.5, ..Bill::default() };
        let unknown = |attempt| failed(attempt, Charge::Unknown);
        let all = [started(1), unknown(1), started(2), unknown(2), started(3), answered(3)];
        assert_eq!(bills(&all), [LOST, LOST, paid]);
        assert_eq!(bills(&[started(1), answered(1), cancelled()]), [paid]);
    }

    #[test]
    fn what_its_stream_told_is_what_an_attempt_has_cost() {
        let of = |cost_usd| Charge::Told(Told { tokens_in: 7, tokens_out: 3, cost_usd });
        let told = |usd| Lost { attempts: 1, tokens: 10, usd };
        let priced = Bill { told: told(0.25), ..Bill::default() };
        assert_eq!(bills(&[started(1), failed(1, of(Some(0.25)))]), [priced, Bill::default()]);
        let unpriced = Bill { told: told(0.0), unpriced: 1, ..Bill::default() };
        assert_eq!(bills(&[started(1), failed(1, of(None))]), [unpriced, Bill::default()]);
    }

    #[test]
    fn what_was_sent_and_given_up_may_have_been_paid_for() {
        assert_eq!(bills(&[started(1), cancelled()]), [LOST]);
        let mut ended = reckoning(&[started(1), failed(1, Charge::Unknown), started(2)]);
        assert_eq!(ended.bills(), [LOST, Bill::default()], "somebody is still at work");
        ended.give_up();
        assert_eq!(ended.bills(), [LOST, LOST]);
    }
}
