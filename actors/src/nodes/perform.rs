//! [`Performer`]: brings a node's effects to their outcome, by processes and tools.

use super::command::Command;
use super::effect::Effect;
use super::end::{End, News};
use super::purse::{Bill, Purse};
use super::spending::Spending;
use super::state::{Node, cancel_key};
use super::turn::{Trouble, until_settled};
use crate::entity::{Directory, TellError};
use crate::journal::Journal;
use crate::machine::{Outbox, Perform};
use crate::processes::{self, Asked, Defaults, Estimate, Process, Refusal};
use crate::tools::Toolset;
use crate::vocabulary::{EffectKey, MessageId, NodeId, ProcessId};
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

/// Performs what nodes want: each turn is a process, each call that of a tool.
pub struct Performer {
    tools: Rc<Tools>,
}

pub(super) struct Tools {
    pub(super) processes: Directory<Process>,
    pub(super) defaults: Box<dyn Fn() -> Arc<Defaults>>,
    pub(super) spending: OnceCell<Spending>,
    pub(super) toolset: Toolset,
}

impl Performer {
    /// A performer whose processes get what `defaults` says when they are ordered: it may change. Their models may
    /// call what is in `toolset`.
    pub fn new(
        processes: Directory<Process>,
        defaults: impl Fn() -> Arc<Defaults> + 'static,
        toolset: Toolset,
    ) -> Self {
        let defaults = Box::new(defaults);
        let tools = Tools { processes, defaults, spending: OnceCell::new(), toolset };
        Self { tools: Rc::new(tools) }
    }

    /// The same, where nodes may stand under limits: their turns are reserved in this purse.
    #[must_use]
    pub fn spending(
        self,
        purse: impl Purse,
        estimate: impl Fn(&Asked<'_>) -> Estimate + 'static,
    ) -> Self {
        let spending = Spending { purse: Rc::new(purse), estimate: Box::new(estimate) };
        // It is told once, before anything is performed.
        let _ = self.tools.spending.set(spending);
        self
    }
}

impl Perform<Node> for Performer {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        outbox: Outbox<Node>,
    ) -> impl Future<Output = Command> + 'static {
        let tools = Rc::clone(&self.tools);
        async move {
            match effect {
                Effect::RunTurn(turn) => {
                    let (ended, lost) = tools.run(&turn).await;
                    Command::EndTurn { turn: turn.number, ended: Box::new(ended), lost }
                }
                Effect::CallTool(call) => {
                    let ended = tools.call(&call, &outbox).await;
                    Command::EndCall { turn: call.turn, index: call.index, ended }
                }
                Effect::StopTurn { node_id, turn, process_id, budget, by } => {
                    let stop = Stop { node_id, turn, by };
                    let (paid, bills) = tools.stop(&stop, &process_id).await;
                    let lost = tools.settle(budget.as_ref(), &stop.node_id, turn, &bills).await;
                    Command::ReportStopped { turn, paid, lost }
                }
            }
        }
    }
}

/// Who wants a turn's process to stop.
struct Stop {
    node_id: NodeId,
    turn: u32,
    by: String,
}

impl Tools {
    pub(super) fn journal(&self) -> &Journal {
        self.processes.journal()
    }

    // ---- cancel/n ----

    /// Has a turn's process cancelled and sees its end. What it took counts, where its answer came first; and what it
    /// has come to.
    async fn stop(
        &self,
        stop: &Stop,
        process: &ProcessId,
    ) -> (Option<processes::Metrics>, Vec<Bill>) {
        let nothing = (None, vec![Bill::default()]);
        let was_there = until_settled(async || self.cancel(stop, process).await).await;
        match was_there {
            Ok(true) => {}
            Ok(false) => return nothing,
            Err(why) => tracing::warn!(%process, %why, "failed to have a process cancelled"),
        }
        // It waits for no room any more.
        let news = until_settled(async || self.news_of(process, u32::MAX).await).await;
        let Ok(News::Ended(end, bills)) = news else { return nothing };
        let End::Completed { line, .. } = end else { return (None, bills) };
        let answer = until_settled(async || self.read(&line).await).await;
        (answer.ok().map(|answer| answer.metrics), bills)
    }

    /// Tells the process to stop; `false`: it never came into being, and now will not, as its turn has been
    /// given up before.
    async fn cancel(&self, stop: &Stop, process: &ProcessId) -> Result<bool, Trouble> {
        let key = cancel_key(stop.turn);
        let id = MessageId::derived(&["node", stop.node_id.0.as_str(), &key.0, "tell"]);
        let command = processes::Command::Cancel { by: stop.by.clone() };
        match self.processes.tell(&process.0, id, command).await {
            Err(TellError::Refused(Refusal::Unknown)) => Ok(false),
            // Whoever refuses otherwise has ended, or is about to.
            Ok(_) | Err(TellError::Refused(_)) => Ok(true),
            Err(error) if error.is_passing() => Err(Trouble::Passing(error.to_string())),
            Err(error) => Err(Trouble::Final(error.to_string())),
        }
    }
}
