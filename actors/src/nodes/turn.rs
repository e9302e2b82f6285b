//! Carrying out a turn: its process is brought about, or found at work, and waited for; then its answer is read.
//! All of it may be done again after a crash, and comes to the same.

use super::command::{Ended, FailureKind, Said};
use super::effect::Turn;
use super::end::{Cause, End, News};
use super::pause::Pause;
use super::perform::Tools;
use super::prompt;
use super::purse::{Bill, Lost};
use crate::entity::TellError;
use crate::graph::{Agent, structured};
use crate::journal::{ReadError, home};
use crate::processes::{self, Answer, Command, Order, Refusal, Site, Terms, Unmet, Wishes};
use crate::vocabulary::{Durable, Hash, MessageId, Payload, Reference};
use serde_json::Value;

/// So many characters of what is wrong with an answer are told: messages stay small.
const VIOLATIONS: usize = 2_000;

/// Why a turn did not come further just now.
pub(super) enum Trouble {
    /// It may be tried again.
    Passing(String),
    /// It has failed.
    Final(String),
    /// It is to have a tool that it cannot have.
    NoTool(String),
}

impl Trouble {
    fn told(error: &TellError<Refusal>) -> Self {
        let text = error.to_string();
        if error.is_passing() { Self::Passing(text) } else { Self::Final(text) }
    }

    pub(super) fn read(error: &ReadError, what: &str) -> Self {
        let text = format!("failed to read {what}: {error}");
        match error {
            ReadError::Io { .. } | ReadError::Fault(_) => Self::Passing(text),
            ReadError::Expired(_) | ReadError::Missing(_) | ReadError::Damaged { .. } => {
                Self::Final(text)
            }
        }
    }

    pub(super) fn disk(what: &str, error: &std::io::Error) -> Self {
        Self::Passing(format!("failed to store {what}: {error}"))
    }
}

/// Tries until it comes further or cannot.
pub(super) async fn until_settled<T>(
    mut work: impl AsyncFnMut() -> Result<T, Trouble>,
) -> Result<T, String> {
    let mut pause = Pause::new();
    loop {
        match work().await {
            Ok(value) => return Ok(value),
            Err(Trouble::Final(error) | Trouble::NoTool(error)) => return Err(error),
            Err(Trouble::Passing(error)) => {
                tracing::warn!(%error, "failed to bring a turn further: trying again");
            }
        }
        pause.rest().await;
    }
}

/// Where a program works, should one be asked.
fn site(node: &super::command::Order) -> Option<Site> {
    let workplace = node.workplace.clone()?;
    Some(Site { workflow_id: node.workflow_id.clone(), path: node.path.clone(), workplace })
}

fn failed(error: String) -> Ended {
    Ended::Failed { kind: FailureKind::ProcessFailed, error }
}

impl Tools {
    /// Has the model asked, or finds that it was, and says what came of it.
    pub(super) async fn run(&self, turn: &Turn) -> (Ended, Lost) {
        let agent = match until_settled(async || self.agent(&turn.order.asked).await).await {
            Ok(agent) => agent,
            Err(error) => return (failed(error), Lost::default()),
        };
        if let Err(error) = self.reserve(turn, &agent, 0).await {
            return (Ended::Failed { kind: FailureKind::Limit, error }, Lost::default());
        }
        let (ended, bills) = match self.have_asked(turn, &agent).await {
            Ok((end, bills)) => {
                (self.made_of(turn, &agent, end).await.unwrap_or_else(failed), bills)
            }
            Err(ended) => (ended, vec![Bill::default()]),
        };
        let budget = turn.order.budget.as_ref();
        let lost = self.settle(budget, &turn.node_id, turn.number, &bills).await;
        (ended, lost)
    }

    /// Has the turn's process come to its end, and gives it room on the way; or says why there is none.
    async fn have_asked(&self, turn: &Turn, agent: &Agent) -> Result<(End, Vec<Bill>), Ended> {
        let brought = until_settled(async || self.try_to_bring_about(turn, agent).await).await;
        if let Some(error) = brought.map_err(failed)? {
            return Err(Ended::Failed { kind: FailureKind::NoSuchTool, error });
        }
        let mut known = 0;
        loop {
            let news = until_settled(async || self.news_of(&turn.process_id, known).await).await;
            match news.map_err(failed)? {
                News::Ended(end, bills) => return Ok((end, bills)),
                News::Held { attempts, bills } => {
                    self.make_room(turn, agent, attempts, &bills).await.map_err(failed)?;
                    known = attempts;
                }
            }
        }
    }

    async fn made_of(&self, turn: &Turn, agent: &Agent, end: End) -> Result<Ended, String> {
        match end {
            End::Completed { session_id, line } => {
                let answer = until_settled(async || self.read(&line).await).await?;
                let said = Said { session_id, line, metrics: answer.metrics };
                self.judge(agent, answer, said).await
            }
            End::Died { why, cause: Cause::NoRoom } => {
                Ok(Ended::Failed { kind: FailureKind::Limit, error: why })
            }
            End::Died { why, cause } => {
                let kind = match cause {
                    Cause::Late => FailureKind::TimedOut,
                    Cause::NoRoom | Cause::Other => FailureKind::ProcessFailed,
                };
                let error = format!("process {} is dead: {why}", turn.process_id);
                Ok(Ended::Failed { kind, error })
            }
            End::Cancelled { by } => {
                let error = format!("process {} was cancelled by {by}", turn.process_id);
                Ok(Ended::Failed { kind: FailureKind::Cancelled, error })
            }
        }
    }

    /// What the order is about.
    pub(super) async fn agent(&self, asked: &Reference) -> Result<Agent, Trouble> {
        let text = self.journal().content(asked.clone()).await;
        let text = text.map_err(|error| Trouble::read(&error, "what the node is asked"))?;
        serde_json::from_slice(&text)
            .map_err(|error| Trouble::Final(format!("what the node is asked is no work: {error}")))
    }

    /// The same, or why it cannot have its tools.
    async fn try_to_bring_about(
        &self,
        turn: &Turn,
        agent: &Agent,
    ) -> Result<Option<String>, Trouble> {
        match self.bring_about(turn, agent).await {
            Err(Trouble::NoTool(error)) => Ok(Some(error)),
            brought => brought.map(|()| None),
        }
    }

    /// Has the turn's process there, at most once (law 13).
    async fn bring_about(&self, turn: &Turn, agent: &Agent) -> Result<(), Trouble> {
        let name = &turn.process_id.0;
        let stream = crate::entity::Directory::<processes::Process>::stream(name);
        let loaded = self.journal().load(stream, 0).await;
        if loaded.map_err(|fault| Trouble::Passing(fault.to_string()))?.head > 0 {
            return Ok(());
        }
        // Before anything is stored for it: it could only be refused.
        if let Some(held) = self.processes.held() {
            return Err(Trouble::told(&TellError::Parked(held)));
        }
        let order = self.order(turn, agent).await?;
        let id = MessageId::derived(&["spawn", name.as_str()]);
        match self.processes.tell(name, id, Command::Spawn(Box::new(order))).await {
            // It was there all the same: defaults may have changed since it was ordered.
            Ok(_) | Err(TellError::Refused(Refusal::Exists) | TellError::DifferentBody) => Ok(()),
            Err(error) => Err(Trouble::told(&error)),
        }
    }

    /// The process's order, its prompt put away.
    async fn order(&self, turn: &Turn, agent: &Agent) -> Result<Order, Trouble> {
        let node = &turn.order;
        let terms = self.terms(turn, agent);
        let terms = terms.map_err(|unmet| Trouble::Final(unmet.to_string()))?;
        let prompt = prompt::of(&turn.ask, agent);
        let asked = Hash::of(prompt.as_bytes());
        let prompt = self.queue(turn, prompt).await?;
        Ok(Order {
            prompt,
            pinned: self.pinned(turn, agent, &terms.runtime).await?,
            asked,
            runtime: terms.runtime,
            model: terms.model,
            agent_id: None,
            profile: agent.profile.clone(),
            workdir: None,
            site: site(node).map(Box::new),
            session_id: turn.session_id.clone(),
            workflow_id: Some(node.workflow_id.clone()),
            priority: node.priority,
            timeout_s: terms.timeout_s,
            retry: terms.retry,
            on_lost: terms.on_lost,
            needs_room: node.budget.is_some(),
            fallbacks: terms.fallbacks,
        })
    }

    /// Who is asked, and how.
    pub(super) fn terms(&self, turn: &Turn, agent: &Agent) -> Result<Terms, Unmet> {
        let node = &turn.order;
        (self.defaults)().terms(Wishes {
            runtime: agent.runtime.clone().or_else(|| node.runtime.clone()),
            model: agent.model.clone(),
            timeout_s: node.timeout_s,
            max_retries: node.max_retries,
            fallbacks: agent.fallbacks.clone(),
        })
    }

    async fn queue(&self, turn: &Turn, prompt: String) -> Result<Durable<Reference>, Trouble> {
        let file = home::queued_prompt(&turn.process_id);
        let files = self.journal().files();
        let queued = files.run(move |files| files.publish(&file, prompt.as_bytes())).await;
        queued.map_err(|error| Trouble::disk("the prompt", &error))
    }

    /// How a process ended, or that it waits for room after more than so many attempts.
    pub(super) async fn news_of(
        &self,
        process: &crate::vocabulary::ProcessId,
        known: u32,
    ) -> Result<News, Trouble> {
        News::of(&self.processes, process, known).await.map_err(|error| Trouble::told(&error))
    }

    pub(super) async fn read(&self, line: &Reference) -> Result<Answer, Trouble> {
        let answer = Answer::read(self.journal(), line).await;
        answer.map_err(|error| Trouble::read(&error, "the answer"))
    }

    /// Whether an answer is what it has to be.
    async fn judge(&self, agent: &Agent, answer: Answer, said: Said) -> Result<Ended, String> {
        let Answer { content, tool_calls, .. } = answer;
        if !tool_calls.is_empty() {
            return self.called(tool_calls, said).await;
        }
        let value = match &agent.output {
            None => Value::String(content),
            Some(schema) => match structured(schema, &content) {
                Ok(value) => value,
                Err(violations) => {
                    let violations = prompt::cut(&violations, VIOLATIONS);
                    return Ok(Ended::Misfit { violations, said });
                }
            },
        };
        let output = until_settled(async || self.payload(value.clone()).await).await?;
        Ok(Ended::Answered { output, said })
    }

    pub(super) async fn payload(&self, value: Value) -> Result<Payload, Trouble> {
        let stored = self.journal().payload(value).await;
        stored.map_err(|error| Trouble::disk("the output", &error))
    }
}
