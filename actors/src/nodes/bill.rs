//! [`Bill`]: what a process has come to, read from its events.

use super::purse::Bill;
use crate::processes::{Event, FailureKind, Metrics};
use std::collections::{BTreeMap, BTreeSet};

/// Reads a process's events, in order; those that were read already may come again, as they do to whoever follows a stream.
#[derive(Debug, Default)]
pub(super) struct Reckoning {
    /// Attempts that were let go: the others cost nothing.
    sent: BTreeSet<u32>,
    answers: BTreeMap<u32, Metrics>,
    /// Attempts that brought no answer, and whether anybody knows that they were not paid for.
    failed: BTreeMap<u32, bool>,
    is_cancelled: bool,
}

impl Reckoning {
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Started { attempt, .. } => drop(self.sent.insert(*attempt)),
            Event::Answered { attempt, metrics, .. } => {
                self.answers.insert(*attempt, *metrics);
            }
            Event::Failed { attempt, kind, .. } => {
                // Where the provider said no, nothing was paid.
                let is_unpaid = !matches!(kind, FailureKind::Lost | FailureKind::TimedOut);
                self.failed.insert(*attempt, is_unpaid);
            }
            Event::Cancelled { .. } => self.is_cancelled = true,
            _ => {}
        }
    }

    pub(super) fn bill(&self) -> Bill {
        let lost = self.sent.iter().filter(|attempt| self.is_lost(**attempt)).count();
        let bill = Bill { lost: u32::try_from(lost).unwrap_or(u32::MAX), ..Bill::default() };
        self.answers.values().fold(bill, |bill, answer| Bill {
            turns: bill.turns + 1,
            tokens: bill.tokens + answer.tokens_in + answer.tokens_out,
            usd: bill.usd + answer.cost_usd.unwrap_or(0.0),
            unpriced: bill.unpriced + u32::from(answer.cost_usd.is_none()),
            lost: bill.lost,
        })
    }

    /// It was sent, and brought no answer that anybody knows of.
    fn is_lost(&self, attempt: u32) -> bool {
        match (self.answers.contains_key(&attempt), self.failed.get(&attempt)) {
            (true, _) | (false, Some(true)) => false,
            (false, Some(false)) => true,
            (false, None) => self.is_cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Executor;
    use crate::vocabulary::{Durable, Hash, ProcessId, Reference, Timestamp};

    const AT: Timestamp = Timestamp(0);

    fn id() -> ProcessId {
        ProcessId("p".parse().unwrap())
    }

    fn started(attempt: u32) -> Event {
        let executor = Executor { boot_id: "b".into(), pid: 1, started: 2 };
        Event::Started { process_id: id(), attempt, executor, at: AT }
    }

    fn failed(attempt: u32, kind: FailureKind) -> Event {
        Event::Failed { process_id: id(), attempt, kind, error: "no".into(), at: AT }
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

    fn bill(events: &[Event]) -> Bill {
        let mut reckoning = Reckoning::default();
        events.iter().chain(events).for_each(|event| reckoning.take(event));
        reckoning.bill()
    }

    #[test]
    fn what_was_never_sent_costs_nothing_and_what_was_lost_is_counted_beside_the_answer() {
        assert_eq!(bill(&[cancelled()]), Bill::default());
        assert_eq!(bill(&[failed(1, FailureKind::Lost)]), Bill::default(), "it was not let go");
        assert_eq!(bill(&[failed(1, FailureKind::NotBegun)]), Bill::default());
        let paid = Bill { turns: 1, tokens: 12, usd: 0.5, ..Bill::default() };
        let lost = failed(1, FailureKind::Lost);
        let all = [started(1), lost, started(2), answered(2)];
        assert_eq!(bill(&all), Bill { lost: 1, ..paid });
        let late = failed(1, FailureKind::TimedOut);
        assert_eq!(bill(&[started(1), late]).lost, 1, "nobody knows what it has cost");
    }

    #[test]
    fn a_provider_that_says_no_is_not_paid_and_one_that_was_stopped_may_be() {
        assert_eq!(bill(&[started(1), failed(1, FailureKind::Passing)]), Bill::default());
        assert_eq!(bill(&[started(1), failed(1, FailureKind::Final)]), Bill::default());
        assert_eq!(bill(&[started(1), cancelled()]).lost, 1);
        assert_eq!(bill(&[started(1), failed(1, FailureKind::Passing), cancelled()]).lost, 0);
        assert_eq!(bill(&[started(1), answered(1), cancelled()]).lost, 0);
    }
}
