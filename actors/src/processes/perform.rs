//! [`Performer`]: brings a process's effects to their outcome.

use super::attempt::{Execute, Keeper, patiently};
use super::command::{Command, Ended};
use super::effect::Effect;
use super::state::Process;
use crate::entity::{Directory, TellError};
use crate::journal::home;
use crate::machine::{Outbox, Perform};
use crate::sessions::{self, Session};
use crate::vocabulary::{AgentId, Durable, EffectKey, MessageId, ProcessId, Reference, SessionId};
use std::io;
use std::rc::Rc;
use std::time::Duration;

/// Performs what processes want: attempts by a runtime, turns by their session, the archive by hand.
pub struct Performer<E: Execute> {
    tools: Rc<Tools<E>>,
}

struct Tools<E> {
    keeper: Keeper<E>,
    sessions: Directory<Session>,
}

impl<E: Execute> Performer<E> {
    /// A performer that asks `runtime`.
    pub fn new(runtime: E, sessions: Directory<Session>) -> Self {
        let keeper = Keeper::new(runtime, sessions.journal().clone());
        Self { tools: Rc::new(Tools { keeper, sessions }) }
    }
}

impl<E: Execute> Perform<Process> for Performer<E> {
    fn perform(
        &self,
        key: EffectKey,
        effect: Effect,
        outbox: Outbox<Process>,
    ) -> impl Future<Output = Command> + 'static {
        let tools = Rc::clone(&self.tools);
        async move {
            match effect {
                Effect::RunAttempt(attempt) => {
                    let number = attempt.number;
                    let ended = tools.keeper.run(attempt.clone(), outbox).await;
                    if !matches!(ended, Ended::Answered { .. }) {
                        tools.keeper.runtime.discard(&attempt);
                    }
                    Command::EndAttempt { attempt: number, ended }
                }
                Effect::StopAttempt(attempt) => {
                    tools.keeper.stop(&attempt).await;
                    tools.keeper.runtime.discard(&attempt);
                    Command::ReportStopped { attempt: attempt.number }
                }
                Effect::RecordTurn { process_id, attempt, session_id, agent_id, spool, worked } => {
                    let spool = match worked {
                        None => spool,
                        Some(worked) => match tools.keeper.take_over(&worked, spool).await {
                            Ok(spool) => spool,
                            Err(why) => {
                                tools.keeper.runtime.discard(&worked);
                                return Command::RefuseFiles { attempt, why };
                            }
                        },
                    };
                    let turn = Turn { process_id, attempt, agent_id, spool };
                    tools.record(&key, &session_id, turn).await
                }
                Effect::Archive { process_id, prompt, attempt } => {
                    tools.archive(process_id, prompt, attempt).await
                }
            }
        }
    }
}

/// An answer on its way into its session.
struct Turn {
    process_id: ProcessId,
    attempt: u32,
    agent_id: Option<AgentId>,
    spool: Durable<Reference>,
}

impl<E: Execute> Tools<E> {
    // ---- turn/n ----

    async fn record(&self, key: &EffectKey, session: &SessionId, turn: Turn) -> Command {
        let Turn { process_id, attempt, agent_id, spool } = turn;
        let id = MessageId::derived(&["process", process_id.0.as_str(), &key.0, "tell"]);
        let append = sessions::Command::AppendTurn {
            process_id: process_id.clone(),
            attempt,
            agent_id,
            spool,
        };
        let mut wait = Duration::from_millis(20);
        loop {
            match self.turn_of(session, id, append.clone(), &process_id, attempt).await {
                Ok(Some(line)) => return Command::RecordTurn { attempt, line },
                Ok(None) => {
                    let why = "an operator had its turn skipped".into();
                    return Command::RefuseTurn { attempt, why };
                }
                Err(error) if !error.is_passing() => {
                    return Command::RefuseTurn { attempt, why: error.to_string() };
                }
                Err(error) => {
                    tracing::warn!(%session, %error, "failed to record a turn: trying again");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }

    /// Tells the session and waits until the line stands in its file; `None`: the turn was skipped. Told
    /// again, it is the same turn.
    async fn turn_of(
        &self,
        session: &SessionId,
        id: MessageId,
        append: sessions::Command,
        process_id: &ProcessId,
        attempt: u32,
    ) -> Result<Option<Durable<Reference>>, TellError<sessions::Refusal>> {
        let after = match self.sessions.tell(&session.0, id, append).await {
            Ok(receipt) => receipt.position,
            // It takes nothing more, but may have taken this before it was ended.
            Err(TellError::Parked(parked)) if parked.failed => 0,
            Err(error) => return Err(error),
        };
        let is_ours = |id: &ProcessId, number| *id == *process_id && number == attempt;
        let found = self.sessions.find_event(&session.0, after, |event| match event {
            sessions::Event::TurnAppended(turn) if is_ours(&turn.process_id, turn.attempt) => {
                Some(Some(turn.line.clone()))
            }
            sessions::Event::TurnSkipped(turn) if is_ours(&turn.process_id, turn.attempt) => {
                Some(None)
            }
            _ => None,
        });
        found.await
    }

    // ---- archive ----

    async fn archive(&self, process_id: ProcessId, prompt: Reference, attempt: u32) -> Command {
        self.keeper.runtime.forget(process_id.0.as_str());
        let files = self.sessions.journal().files().clone();
        let at = files.clone();
        let moved = patiently(&at, move || archive(&files, &process_id, &prompt, attempt)).await;
        Command::ReportArchived { prompt: moved }
    }
}

/// The archive gets the prompt; the queue loses it by the journal's hand, once that is committed.
fn archive(
    files: &crate::journal::Files,
    process_id: &ProcessId,
    prompt: &Reference,
    attempt: u32,
) -> io::Result<Option<Durable<Reference>>> {
    let moved = match files.link(prompt, &home::archived_prompt(process_id)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        result => Some(result?),
    };
    if attempt > 0 {
        for spool in ["outcome", "outcome.files"] {
            files.remove(&format!("{}/{spool}", home::attempt_folder(process_id, attempt)))?;
        }
    }
    Ok(moved)
}
