//! What a node answers to what it is asked, state by state.

use super::command::{Command, Ended, FailureKind, Order, Refusal, Said};
use super::event::{Event, Why};
use super::metrics::Metrics;
use super::purse::Lost;
use super::state::{Facts, Node, Phase, process_of};
use crate::machine::Context;
use crate::processes;
use crate::vocabulary::{NodeId, Timestamp};

impl Command {
    /// The end of a turn whose outcome an operator had skipped.
    pub(super) fn skip(turn: u32, by: &str) -> Self {
        let (kind, error) = (FailureKind::ProcessFailed, format!("{by} had its outcome skipped"));
        let (ended, lost) = (Box::new(Ended::Failed { kind, error }), Lost::default());
        Self::EndTurn { turn, ended, lost }
    }
}

impl Node {
    pub(super) fn answer(
        &self,
        command: &Command,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if let Command::Start(order) = command {
            return self.start(order, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        let at = context.now;
        match command {
            Command::Start(_) => Err(Refusal::Exists),
            Command::EndTurn { turn, ended, lost } => self.end_turn(facts, *turn, ended, *lost, at),
            Command::BeginCall { turn, index } => self.begin_call(facts, *turn, *index, at),
            Command::EndCall { turn, index, ended } => {
                self.end_call(facts, (*turn, *index), ended, at)
            }
            Command::Cancel { by } => self.cancel(facts, by, at),
            Command::ReportStopped { turn, paid, lost } => {
                self.report_stopped(facts, *turn, *paid, *lost, at)
            }
        }
    }

    fn start(&self, order: &Order, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if self.phase != Phase::New {
            return Err(Refusal::Exists);
        }
        let (name, at) = (&context.stream.name, context.now);
        let node_id = NodeId(name.clone());
        let (process_id, why) = (process_of(name, 1), Why::First);
        Ok(vec![
            Event::Started { node_id: node_id.clone(), order: Box::new(order.clone()), at },
            Event::Asked { node_id, turn: 1, process_id, why, at },
        ])
    }

    fn end_turn(
        &self,
        facts: &Facts,
        turn: u32,
        ended: &Ended,
        lost: Lost,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(turn)?;
        if !matches!(self.phase, Phase::Asking(_)) {
            return Err(self.phase.not("no turn is under way"));
        }
        Ok(match ended {
            Ended::Answered { output, said } => {
                let metrics = facts.metrics.and(said.metrics).losing(lost);
                let (node_id, asked) = (facts.node_id.clone(), facts.asked());
                let output = output.clone();
                let completed = Event::Completed { node_id, output, metrics, asked, at };
                vec![facts.answered(said, lost, None, at), completed]
            }
            Ended::Misfit { violations, said } => {
                let answered = facts.answered(said, lost, Some(violations), at);
                vec![answered, facts.mend(violations, said, lost, at)]
            }
            Ended::Called { calls, said } => {
                let answered = facts.answered(said, lost, None, at);
                std::iter::once(answered).chain(facts.called(calls, said, lost, at)).collect()
            }
            Ended::Failed { kind, error } => {
                vec![facts.fails(*kind, error.clone(), facts.metrics.losing(lost), at)]
            }
        })
    }

    fn cancel(&self, facts: &Facts, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.phase {
            Phase::Asking(_) => {
                let (node_id, by) = (facts.node_id.clone(), by.to_owned());
                Ok(vec![Event::Cancelling { node_id, by, at }])
            }
            // Calls are made here: with nobody who wants them any more they end.
            Phase::Calling => {
                let (node_id, by, metrics) = (facts.node_id.clone(), by.to_owned(), facts.metrics);
                Ok(vec![Event::Cancelled { node_id, by, metrics, asked: facts.asked(), at }])
            }
            Phase::Cancelling { .. } | Phase::Cancelled => Ok(Vec::new()),
            Phase::New | Phase::Completed | Phase::Failed(_) => {
                Err(self.phase.not("it has ended already"))
            }
        }
    }

    fn report_stopped(
        &self,
        facts: &Facts,
        turn: u32,
        paid: Option<processes::Metrics>,
        lost: Lost,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(turn)?;
        let Phase::Cancelling { by, .. } = &self.phase else {
            return Err(self.phase.not("nobody wanted it to stop"));
        };
        let (node_id, by) = (facts.node_id.clone(), by.clone());
        let metrics = paid.map_or(facts.metrics, |paid| facts.metrics.and(paid));
        let metrics = metrics.losing(lost);
        Ok(vec![Event::Cancelled { node_id, by, metrics, asked: facts.asked(), at }])
    }
}

impl Facts {
    fn answered(
        &self,
        said: &Said,
        lost: Lost,
        violations: Option<&String>,
        at: Timestamp,
    ) -> Event {
        Event::Answered {
            node_id: self.node_id.clone(),
            turn: self.turn,
            session_id: said.session_id.clone(),
            line: said.line.clone(),
            metrics: said.metrics,
            lost,
            violations: violations.cloned(),
            at,
        }
    }

    /// What follows an answer that does not fit: another turn, or the end.
    fn mend(&self, violations: &str, said: &Said, lost: Lost, at: Timestamp) -> Event {
        if self.turn < self.order.max_turns {
            return self.ask(Why::Mend, at);
        }
        let error = match self.turn {
            1 => format!("the answer does not fit its schema: {violations}"),
            turns => format!(
                "after {turns} turns the answer still does not fit its schema: {violations}"
            ),
        };
        self.fails(
            FailureKind::InvalidOutput,
            error,
            self.metrics.and(said.metrics).losing(lost),
            at,
        )
    }

    pub(super) fn fails(
        &self,
        kind: FailureKind,
        error: String,
        metrics: Metrics,
        at: Timestamp,
    ) -> Event {
        let (node_id, asked) = (self.node_id.clone(), self.asked());
        Event::Failed { node_id, kind, error, metrics, asked, at }
    }
}
