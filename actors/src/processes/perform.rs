//! [`Performer`]: brings a process's effects to their outcome.

use super::attempt::{Execute, Folder, Found, Past, Work};
use super::command::{Command, Ended, ErrorKind};
use super::effect::{Attempt, Effect};
use super::identity::Executor;
use super::state::Process;
use crate::entity::{Directory, TellError};
use crate::journal::{Journal, ReadError, home};
use crate::machine::{Outbox, Perform};
use crate::sessions::{self, Session};
use crate::vocabulary::{
    AgentId, Durable, EffectKey, MessageId, ProcessId, Reference, SessionId, StreamId,
};
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Performs what processes want: attempts by a runtime, turns by their session, the archive by hand.
pub struct Performer<E: Execute> {
    tools: Rc<Tools<E>>,
}

struct Tools<E> {
    runtime: E,
    journal: Journal,
    sessions: Directory<Session>,
}

impl<E: Execute> Performer<E> {
    /// A performer that asks `runtime`.
    pub fn new(runtime: E, sessions: Directory<Session>) -> Self {
        let journal = sessions.journal().clone();
        Self { tools: Rc::new(Tools { runtime, journal, sessions }) }
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
                    let ended = tools.run(attempt, outbox).await;
                    Command::EndAttempt { attempt: number, ended }
                }
                Effect::StopAttempt(attempt) => tools.stop(attempt).await,
                Effect::RecordTurn { process_id, attempt, session_id, agent_id, spool } => {
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

/// How long file work is tried before its error becomes the attempt's end.
const FILE_PATIENCE: Duration = Duration::from_secs(10);

/// An answer on its way into its session.
struct Turn {
    process_id: ProcessId,
    attempt: u32,
    agent_id: Option<AgentId>,
    spool: Durable<Reference>,
}

impl<E: Execute> Tools<E> {
    // ---- attempt/n ----

    async fn run(&self, attempt: Attempt, outbox: Outbox<Process>) -> Ended {
        let folder = Folder::of(self.journal.files(), &attempt);
        loop {
            let work = folder.clone();
            match self.attempting(move || work.claim()).await {
                Ok(Found::Ours(_claim)) => return self.execute(&folder, attempt, outbox).await,
                Ok(Found::Ended(ended)) => return ended,
                Ok(Found::Lost(why)) => return Ended::Lost { why },
                Err(error) => {
                    return Ended::passing(format!(
                        "failed to claim the attempt's folder: {error}"
                    ));
                }
                Ok(Found::Busy) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn execute(&self, folder: &Folder, attempt: Attempt, outbox: Outbox<Process>) -> Ended {
        let executor = Executor::this();
        if !outbox.tell(Command::ReportStarted { attempt: attempt.number, executor }).await {
            let why = "its start was not taken in, so nobody was asked".into();
            return Ended::Lost { why };
        }
        let began = Instant::now();
        let limit = Duration::from_secs(attempt.timeout_s.into());
        let result = match self.prepare(attempt).await {
            Ok(work) => tokio::time::timeout(limit, self.ask(folder, work)).await,
            Err(ended) => Ok(Err(ended)),
        };
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let ended = match result {
            Ok(Ok((work, executed))) => {
                let (folder, now) = (folder.clone(), self.journal.clock().now());
                return self.blocking(move || folder.answer(&work, &executed, took, now)).await;
            }
            Ok(Err(ended)) => ended,
            Err(_) => timed_out(limit),
        };
        let (folder, exit) = (folder.clone(), ended.clone());
        // Unwritten, the next start will find it lost instead: no reason to hold the process up.
        if let Err(error) = self.attempting(move || folder.end(&exit)).await {
            tracing::error!(%error, "failed to write how an attempt ended");
        }
        ended
    }

    async fn ask(
        &self,
        folder: &Folder,
        work: Work,
    ) -> Result<(Work, super::attempt::Executed), Ended> {
        let at = folder.clone();
        let output = self.blocking(move || at.output()).await;
        match self.runtime.execute(work.clone(), output).await {
            Ok(executed) => Ok((work, executed)),
            Err(error) => Err(error.into()),
        }
    }

    async fn prepare(&self, attempt: Attempt) -> Result<Work, Ended> {
        let prompt = self.journal.content(attempt.prompt.clone()).await;
        let prompt = prompt.map_err(|error| unreadable(&error, "the prompt"))?;
        let prompt = String::from_utf8_lossy(&prompt).into_owned();
        self.check_session(&attempt.session_id).await?;
        let history = self.history(&attempt.session_id).await?;
        Ok(Work { attempt, prompt, history })
    }

    /// A session that was ended takes no answer: nobody is to pay for one.
    async fn check_session(&self, session: &SessionId) -> Result<(), Ended> {
        let stream = Directory::<Session>::stream(&session.0);
        let parked = self.journal.reader().parked_stream(stream).await;
        match parked.map_err(|fault| Ended::passing(fault.to_string()))? {
            Some(parked) if parked.failed => {
                let error = format!(
                    "session {session} was ended by {} ({}): spawn into another session",
                    parked.by, parked.why
                );
                Err(Ended::Failed { kind: ErrorKind::Final, error, retry_after_ms: None })
            }
            _ => Ok(()),
        }
    }

    /// What was said in the session: the lines within its committed length.
    async fn history(&self, session: &SessionId) -> Result<Vec<Past>, Ended> {
        let stream = StreamId { kind: "session", name: session.0.clone() };
        let row = self.journal.reader().row("sessions", stream).await;
        let row = row.map_err(|fault| Ended::passing(fault.to_string()))?;
        let Some(length) = row.and_then(|row| row.get("bytes")?.as_u64()) else {
            return Ok(Vec::new());
        };
        let file = home::session_log(session);
        let read = self.journal.files().run(move |files| files.read_prefix(&file, length)).await;
        let text =
            read.map_err(|error| Ended::passing(format!("failed to read the session: {error}")))?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        // A line of another kind (written by hand, or by a newer program) is no turn.
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    // ---- stop/n ----

    /// In-process attempts end with their future, which was dropped when it was no longer wanted.
    async fn stop(&self, attempt: Attempt) -> Command {
        let folder = Folder::of(self.journal.files(), &attempt);
        loop {
            let work = folder.clone();
            match self.attempting(move || work.claim()).await {
                Ok(Found::Busy) => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok(Found::Ours(_) | Found::Ended(_) | Found::Lost(_)) => break,
                // Nobody can be at work in a folder that cannot be read or made.
                Err(error) => {
                    tracing::error!(%error, "failed to look into a stopped attempt's folder");
                    break;
                }
            }
        }
        Command::ReportStopped { attempt: attempt.number }
    }

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
        self.runtime.forget(process_id.0.as_str());
        let files = self.journal.files().clone();
        let moved = self.blocking(move || archive(&files, &process_id, &prompt, attempt)).await;
        Command::ReportArchived { prompt: moved }
    }

    /// Runs file work as [`Tools::blocking`], but gives up after a while: the process then ends in a
    /// state that names the error.
    async fn attempting<T: Send + 'static>(
        &self,
        work: impl Fn() -> io::Result<T> + Clone + Send + 'static,
    ) -> io::Result<T> {
        let again = work.clone();
        match tokio::time::timeout(FILE_PATIENCE, self.blocking(again)).await {
            Ok(value) => Ok(value),
            Err(_) => self.journal.files().run(move |_| work()).await,
        }
    }

    /// Runs file work until the disk lets it: what is wanted stays wanted.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl Fn() -> io::Result<T> + Clone + Send + 'static,
    ) -> T {
        let mut wait = Duration::from_millis(50);
        loop {
            let work = work.clone();
            match self.journal.files().run(move |_| work()).await {
                Ok(value) => return value,
                Err(error) => tracing::warn!(%error, "file work failed: trying again"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
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
        let outcome = format!("{}/outcome", home::attempt_folder(process_id, attempt));
        files.remove(&outcome)?;
    }
    Ok(moved)
}

fn timed_out(limit: Duration) -> Ended {
    let error = format!("it took longer than {} s", limit.as_secs());
    Ended::Failed { kind: ErrorKind::TimedOut, error, retry_after_ms: None }
}

fn unreadable(error: &ReadError, what: &str) -> Ended {
    let text = format!("failed to read {what}: {error}");
    match error {
        ReadError::Io { .. } | ReadError::Fault(_) => Ended::passing(text),
        _ => Ended::Failed { kind: ErrorKind::Final, error: text, retry_after_ms: None },
    }
}
