//! Orders, commands and ways into each state.

use crate::machine::scenario::Scenario;
use crate::processes::{
    Alternative, Charge, Command, Ended, ErrorKind, Executor, Metrics, OnLost, Order, Pinned,
    Process, RetryPolicy, Room,
};
use crate::vocabulary::{Durable, Hash, Reference, Timestamp};
use std::collections::BTreeMap;

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

pub(super) fn reference(file: &str, line: Option<u64>) -> Durable<Reference> {
    Durable::vouched(Reference {
        hash: Hash::of(file.as_bytes()),
        bytes: 3,
        file: file.into(),
        line,
    })
}

pub(super) fn order() -> Order {
    Order {
        prompt: reference("prompts/queue/it.txt", None),
        pinned: Pinned {
            system: Some(reference("state/blobs/ab/system", None)),
            ..Pinned::default()
        },
        asked: Hash::of(b"it"),
        runtime: "replay".into(),
        model: "sonnet".into(),
        agent_id: None,
        profile: None,
        session_id: None,
        workflow_id: None,
        workdir: None,
        site: None,
        priority: 0,
        timeout_s: 300,
        retry: RetryPolicy { max_retries: 2, max_lost: 3, first_ms: 4_000, max_ms: 60_000 },
        on_lost: OnLost::Retry,
        needs_room: false,
        fallbacks: Vec::new(),
    }
}

/// An order that stands under limits.
pub(super) fn limited() -> Order {
    Order { needs_room: true, ..order() }
}

/// An order that names two others beside the one that is asked first.
pub(super) fn with_others() -> Order {
    let other = |runtime: &str, on_lost| Alternative {
        runtime: runtime.into(),
        model: format!("{runtime}-large"),
        on_lost,
    };
    let fallbacks = vec![other("second", OnLost::Retry), other("third", OnLost::Ask)];
    let retry = RetryPolicy { max_retries: 1, ..order().retry };
    Order { retry, fallbacks, ..order() }
}

/// The same under limits.
pub(super) fn limited_with_others() -> Order {
    Order { needs_room: true, ..with_others() }
}

/// An order whose lost attempts an operator is asked about.
pub(super) fn asking() -> Order {
    Order { on_lost: OnLost::Ask, ..order() }
}

pub(super) fn lost() -> Ended {
    Ended::Lost { why: "gone".into() }
}

pub(super) fn executor() -> Executor {
    Executor { boot_id: "boot".into(), pid: 7, started: 9 }
}

pub(super) fn answered() -> Ended {
    let metrics = Metrics { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.5), duration_ms: 6 };
    Ended::Answered { spool: reference("processes/it/1/outcome", None), metrics }
}

pub(super) fn failed(kind: ErrorKind) -> Ended {
    cost(kind, Charge::Nothing)
}

pub(super) fn cost(kind: ErrorKind, charge: Charge) -> Ended {
    Ended::Failed { kind, error: "overloaded".into(), charge, retry_after_ms: None }
}

pub(super) fn room(attempts: u32, room: Room) -> Command {
    Command::ReportRoom { attempts, room }
}

pub(super) fn denied() -> Room {
    Room::Denied { why: "none left".into() }
}

/// An attempt that is let go.
pub(super) fn begun(attempt: u32) -> [Command; 2] {
    [Command::Admit, Command::ReportStarted { attempt, executor: executor() }]
}

/// After an attempt that was lost.
pub(super) fn held() -> Vec<Command> {
    let spawned = vec![Command::Spawn(limited().into())];
    with(with(spawned, begun(1)), [end(1, lost())])
}

pub(super) fn end(attempt: u32, ended: Ended) -> Command {
    Command::EndAttempt { attempt, ended }
}

/// A process to which these commands have been told, all of them accepted.
pub(super) fn after(commands: impl IntoIterator<Item = Command>) -> Scenario<Process> {
    let start = Scenario::<Process>::given([]).at(NOW);
    commands.into_iter().fold(start, |scenario, command| {
        let text = format!("{command:?}");
        let outcome = scenario.when(command);
        assert!(outcome.result.is_ok(), "{text} was refused");
        outcome.scenario
    })
}

pub(super) fn spawned() -> Vec<Command> {
    vec![Command::Spawn(order().into())]
}

pub(super) fn with(
    mut before: Vec<Command>,
    more: impl IntoIterator<Item = Command>,
) -> Vec<Command> {
    before.extend(more);
    before
}

pub(super) fn started() -> Vec<Command> {
    let executor = executor();
    with(spawned(), [Command::Admit, Command::ReportStarted { attempt: 1, executor }])
}

pub(super) fn succeeded() -> Vec<Command> {
    with(started(), [end(1, answered())])
}

pub(super) fn recorded() -> Command {
    Command::RecordTurn { attempt: 1, line: reference("claude_logs/s.jsonl", Some(1)) }
}

pub(super) fn cancel() -> Command {
    Command::Cancel { by: "me".into() }
}

pub(super) fn redrive() -> Command {
    Command::Retry { by: "me".into() }
}

pub(super) fn fail() -> Command {
    Command::Fail { by: "me".into() }
}

pub(super) fn archived() -> Command {
    Command::ReportArchived { prompt: Some(reference("prompts/archive/it.txt", None)) }
}

/// A way into every state.
pub(super) fn ways() -> BTreeMap<&'static str, Vec<Command>> {
    let stopped = Command::ReportStopped { attempt: 1 };
    BTreeMap::from([
        ("new", vec![]),
        ("PENDING", spawned()),
        ("STARTING", with(spawned(), [Command::Admit])),
        ("RUNNING", started()),
        ("SUCCESS", succeeded()),
        ("COMPLETED", with(succeeded(), [recorded()])),
        ("RETRY", with(started(), [end(1, failed(ErrorKind::Passing))])),
        ("HELD", held()),
        ("DEAD", with(started(), [end(1, failed(ErrorKind::Final))])),
        ("INDETERMINATE", vec![Command::Spawn(asking().into()), Command::Admit, end(1, lost())]),
        ("CANCELLING", with(started(), [cancel()])),
        ("CANCELLED", with(started(), [cancel(), stopped])),
    ])
}
