//! What a schedule answers to what it is asked.

use super::command::{Came, Command, Refusal};
use super::event::{Because, End, Event};
use super::spec::Spec;
use super::state::{Facts, Phase, Schedule};
use super::timing::Timing;
use crate::machine::Context;
use crate::vocabulary::{ScheduleId, Timestamp};

impl Schedule {
    pub(super) fn answer(
        &self,
        command: &Command,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let at = context.now;
        if let Command::CreateSchedule(order) = command {
            return self.come_into_being(&order.spec, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        match command {
            Command::CreateSchedule(_) => Err(Refusal::Exists),
            Command::Change { spec, by } => facts.change(spec, by, at),
            Command::Pause { by } => facts.pause(by, at),
            Command::Resume { by } => facts.resume(by, at),
            Command::Run { by } => facts.run(by, at),
            Command::End { by } => Ok(facts.end(by, at)),
            Command::Arrive { turn } => facts.arrive(*turn, at),
            Command::Report { n, came } => facts.report(*n, came, at),
        }
    }

    fn come_into_being(&self, spec: &Spec, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        match self.phase() {
            None | Some(Phase::Ended { .. }) => {}
            Some(Phase::Active | Phase::Paused { .. }) => return Err(Refusal::Exists),
        }
        let (next, at) = (Some(first_time(spec, context.now)?), context.now);
        let schedule_id = ScheduleId(context.stream.name.clone());
        Ok(vec![Event::Created { schedule_id, spec: Box::new(spec.clone()), next, at }])
    }
}

fn first_time(spec: &Spec, now: Timestamp) -> Result<Timestamp, Refusal> {
    spec.timing.after(now)?.ok_or(Refusal::NeverDue)
}

impl Facts {
    fn not(&self, hint: &str) -> Refusal {
        Refusal::Not { status: self.status().to_owned(), hint: hint.to_owned() }
    }

    fn expect_alive(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Active | Phase::Paused { .. } => Ok(()),
            Phase::Ended { .. } => Err(self.not("create it anew")),
        }
    }

    fn change(&self, spec: &Spec, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.expect_alive()?;
        let next = Some(first_time(spec, at)?);
        let (schedule_id, spec, by) =
            (self.schedule_id.clone(), Box::new(spec.clone()), by.to_owned());
        Ok(vec![Event::Changed { schedule_id, spec, next, by, at }])
    }

    fn pause(&self, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.expect_alive()?;
        Ok(match self.phase {
            Phase::Active => {
                vec![Event::Paused { schedule_id: self.schedule_id.clone(), by: by.to_owned(), at }]
            }
            Phase::Paused { .. } | Phase::Ended { .. } => Vec::new(),
        })
    }

    /// Times that passed meanwhile are left out: that is what a pause is for.
    fn resume(&self, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.expect_alive()?;
        if self.phase == Phase::Active {
            return Ok(Vec::new());
        }
        let Some(next) = self.spec.timing.after(at)? else {
            return Err(self.not("its time has passed meanwhile: run it now, or delete it"));
        };
        let mut events = Vec::new();
        if let Some(first) = self.next.filter(|first| *first <= at) {
            let times = self.spec.timing.count(first, next, Spec::MOST_COUNTED)?;
            events.push(self.missed(times, first, Because::Paused, Some(next), at));
        }
        let (schedule_id, by) = (self.schedule_id.clone(), by.to_owned());
        events.push(Event::Resumed { schedule_id, next: Some(next), by, at });
        Ok(events)
    }

    fn run(&self, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.expect_alive()?;
        if self.firing.is_some() {
            return Err(Refusal::Not {
                status: "starting something at this moment".into(),
                hint: "ask again when that is done".into(),
            });
        }
        // A single time that has passed is made good by this.
        let is_over = |next: &Timestamp| {
            matches!(self.spec.timing, Timing::Once { .. })
                && *next <= at
                && self.phase != Phase::Active
        };
        Ok(vec![Event::Due {
            schedule_id: self.schedule_id.clone(),
            n: self.n + 1,
            due: at,
            stands_for: 0,
            by: Some(by.to_owned()),
            next: self.next.filter(|next| !is_over(next)),
            at,
        }])
    }

    /// What is being started comes to its end all the same.
    fn end(&self, by: &str, at: Timestamp) -> Vec<Event> {
        match self.phase {
            Phase::Active | Phase::Paused { .. } => {
                let why = End::Deleted { by: by.to_owned() };
                vec![Event::Ended { schedule_id: self.schedule_id.clone(), why, at }]
            }
            Phase::Ended { .. } => Vec::new(),
        }
    }

    fn report(&self, n: u32, came: &Came, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let firing = self.firing.as_ref().filter(|firing| firing.n == n);
        let due = firing.ok_or(Refusal::OtherTime(n))?.due;
        let schedule_id = self.schedule_id.clone();
        let event = match came.clone() {
            Came::Started { made } => Event::Fired { schedule_id, n, due, made, at },
            Came::Failed { error } => Event::Failed { schedule_id, n, due, error, at },
            Came::Overlapped { made } => Event::Skipped { schedule_id, n, due, made, at },
        };
        let is_in_vain = matches!(came, Came::Failed { .. });
        let mut events = vec![event];
        // Where the only time was in vain it stays, for somebody to look at and to run again.
        events.extend(self.over(at).filter(|_| self.next.is_none() && !is_in_vain));
        Ok(events)
    }

    /// It has no time left.
    pub(super) fn over(&self, at: Timestamp) -> Option<Event> {
        let is_alive = !matches!(self.phase, Phase::Ended { .. });
        let schedule_id = self.schedule_id.clone();
        is_alive.then_some(Event::Ended { schedule_id, why: End::Over, at })
    }

    pub(super) fn missed(
        &self,
        times: u32,
        first: Timestamp,
        because: Because,
        next: Option<Timestamp>,
        at: Timestamp,
    ) -> Event {
        let schedule_id = self.schedule_id.clone();
        Event::Missed { schedule_id, times, first, because, next, at }
    }
}
