//! What happens when a time has come: in time, something is started; late, what was said about missed times.

use super::command::Refusal;
use super::event::{Because, Event};
use super::spec::{Missed, Spec};
use super::state::{Facts, Phase};
use crate::vocabulary::Timestamp;
use std::time::Duration;

impl Facts {
    pub(super) fn arrive(&self, turn: u32, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let is_awaited = self.turn == turn && self.phase == Phase::Active && self.firing.is_none();
        let due = self.next.filter(|_| is_awaited).ok_or(Refusal::NotDue(turn))?;
        if now.since(due) <= self.tolerance() {
            return Ok(vec![self.due(due, 0, self.spec.timing.after(due)?, now)]);
        }
        match self.spec.missed {
            Missed::Skip => self.skip_missed(due, now),
            Missed::Once => self.make_good_once(due, now),
            Missed::All => self.make_good(due, now),
        }
    }

    fn tolerance(&self) -> Duration {
        Duration::from_secs(self.spec.tolerance_s.into())
    }

    fn due(
        &self,
        due: Timestamp,
        stands_for: u32,
        next: Option<Timestamp>,
        at: Timestamp,
    ) -> Event {
        let (schedule_id, n) = (self.schedule_id.clone(), self.n + 1);
        Event::Due { schedule_id, n, due, stands_for, by: None, next, at }
    }

    /// Goes on with the first time that is not missed, which may have passed a moment ago.
    fn skip_missed(&self, due: Timestamp, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let timing = &self.spec.timing;
        let tolerance = i64::try_from(self.tolerance().as_millis()).unwrap_or(i64::MAX);
        let next = timing.after(Timestamp(now.0.saturating_sub(tolerance) - 1))?;
        let times = timing.count(due, next.unwrap_or(now), Spec::MOST_COUNTED)?;
        let mut events = vec![self.missed(times, due, Because::Down, next, now)];
        events.extend(self.over(now).filter(|_| next.is_none()));
        Ok(events)
    }

    /// One start stands for all times up to now, and says it is the last of them.
    fn make_good_once(&self, due: Timestamp, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let timing = &self.spec.timing;
        let last = timing.until(now)?.unwrap_or(due).max(due);
        let before = timing.count(due, last, Spec::MOST_COUNTED)?;
        Ok(vec![self.due(last, before, timing.after(now)?, now)])
    }

    /// One after the other. Of too many the newest are made good.
    fn make_good(&self, due: Timestamp, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let timing = &self.spec.timing;
        let first = timing.last_few(due, now, Spec::MOST_MISSED)?;
        let mut events = Vec::new();
        if first > due {
            let times = timing.count(due, first, Spec::MOST_COUNTED)?;
            events.push(self.missed(times, due, Because::Down, Some(first), now));
        }
        events.push(self.due(first, 0, timing.after(first)?, now));
        Ok(events)
    }
}
