//! The process's machine, asked everything in every state.

use super::{
    Alternative, Command, Effect, Ended, ErrorKind, Event, Executor, Metrics, OnLost, Order, Phase,
    Pinned, Process, RetryPolicy,
};
use crate::machine::scenario::Scenario;
use crate::machine::{Context, Held, Machine, tagged};
use crate::vocabulary::{
    Durable, Hash, MessageId, Name, ProcessId, Reference, SessionId, StreamId, Timestamp,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp(1_000_000);

fn reference(file: &str, line: Option<u64>) -> Durable<Reference> {
    Durable::vouched(Reference {
        hash: Hash::of(file.as_bytes()),
        bytes: 3,
        file: file.into(),
        line,
    })
}

fn order() -> Order {
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
        priority: 0,
        timeout_s: 300,
        retry: RetryPolicy { max_retries: 2, max_lost: 3, first_ms: 4_000, max_ms: 60_000 },
        on_lost: OnLost::Retry,
        fallbacks: Vec::new(),
    }
}

/// An order whose lost attempts an operator is asked about.
fn asking() -> Order {
    Order { on_lost: OnLost::Ask, ..order() }
}

fn lost() -> Ended {
    Ended::Lost { why: "gone".into() }
}

fn executor() -> Executor {
    Executor { boot_id: "boot".into(), pid: 7, started: 9 }
}

fn answered() -> Ended {
    let metrics = Metrics { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.5), duration_ms: 6 };
    Ended::Answered { spool: reference("processes/it/1/outcome", None), metrics }
}

fn failed(kind: ErrorKind) -> Ended {
    Ended::Failed { kind, error: "overloaded".into(), retry_after_ms: None }
}

fn end(attempt: u32, ended: Ended) -> Command {
    Command::EndAttempt { attempt, ended }
}

/// A process to which these commands have been told, all of them accepted.
fn after(commands: impl IntoIterator<Item = Command>) -> Scenario<Process> {
    let start = Scenario::<Process>::given([]).at(NOW);
    commands.into_iter().fold(start, |scenario, command| {
        let text = format!("{command:?}");
        let outcome = scenario.when(command);
        assert!(outcome.result.is_ok(), "{text} was refused");
        outcome.scenario
    })
}

fn spawned() -> Vec<Command> {
    vec![Command::Spawn(order().into())]
}

fn with(mut before: Vec<Command>, more: impl IntoIterator<Item = Command>) -> Vec<Command> {
    before.extend(more);
    before
}

fn started() -> Vec<Command> {
    let executor = executor();
    with(spawned(), [Command::Admit, Command::ReportStarted { attempt: 1, executor }])
}

fn succeeded() -> Vec<Command> {
    with(started(), [end(1, answered())])
}

fn recorded() -> Command {
    Command::RecordTurn { attempt: 1, line: reference("claude_logs/s.jsonl", Some(1)) }
}

fn cancel() -> Command {
    Command::Cancel { by: "me".into() }
}

fn redrive() -> Command {
    Command::Retry { by: "me".into() }
}

fn fail() -> Command {
    Command::Fail { by: "me".into() }
}

fn archived() -> Command {
    Command::ReportArchived { prompt: Some(reference("prompts/archive/it.txt", None)) }
}

/// A way into every state.
fn ways() -> BTreeMap<&'static str, Vec<Command>> {
    let stopped = Command::ReportStopped { attempt: 1 };
    BTreeMap::from([
        ("new", vec![]),
        ("PENDING", spawned()),
        ("STARTING", with(spawned(), [Command::Admit])),
        ("RUNNING", started()),
        ("SUCCESS", succeeded()),
        ("COMPLETED", with(succeeded(), [recorded()])),
        ("RETRY", with(started(), [end(1, failed(ErrorKind::Passing))])),
        ("DEAD", with(started(), [end(1, failed(ErrorKind::Final))])),
        ("INDETERMINATE", vec![Command::Spawn(asking().into()), Command::Admit, end(1, lost())]),
        ("CANCELLING", with(started(), [cancel()])),
        ("CANCELLED", with(started(), [cancel(), stopped])),
    ])
}

/// Everything that can be asked.
fn questions() -> Vec<(&'static str, Command)> {
    vec![
        ("Spawn", Command::Spawn(order().into())),
        ("Admit", Command::Admit),
        ("ReportStarted", Command::ReportStarted { attempt: 1, executor: executor() }),
        ("EndAttempt answered", end(1, answered())),
        ("EndAttempt failed", end(1, failed(ErrorKind::Passing))),
        ("RecordTurn", recorded()),
        ("RefuseTurn", Command::RefuseTurn { attempt: 1, why: "it was failed".into() }),
        ("Cancel", cancel()),
        ("ReportStopped", Command::ReportStopped { attempt: 1 }),
        ("ReportArchived", archived()),
        ("Retry", redrive()),
        ("Fail", fail()),
    ]
}

fn variant(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// What the machine really does: (state, command) → events, where there are any.
fn real_table() -> BTreeMap<(String, String), Vec<String>> {
    let mut table = BTreeMap::new();
    for (state, way) in ways() {
        for (question, command) in questions() {
            let Ok(events) = after(way.clone()).when(command).result else { continue };
            if !events.is_empty() {
                let key = (state.to_owned(), question.to_owned());
                table.insert(key, events.iter().map(variant).collect());
            }
        }
    }
    table
}

/// What the table at the head of the module says.
fn written_table() -> BTreeMap<(String, String), BTreeSet<String>> {
    let source = include_str!("mod.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [states, command, events, ..] = cells[..] else { continue };
        let words = |text: &str| -> Vec<String> {
            text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let name = words(command).first().cloned().unwrap_or_default();
        let name = match (name.as_str(), command.contains("answered")) {
            ("EndAttempt", true) => "EndAttempt answered".to_owned(),
            ("EndAttempt", false) => "EndAttempt failed".to_owned(),
            _ => name,
        };
        for state in states.split(", ") {
            let events = words(events).into_iter().collect();
            table.insert((state.to_owned(), name.clone()), events);
        }
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    let (real, written) = (real_table(), written_table());
    let real_keys: BTreeSet<_> = real.keys().cloned().collect();
    let written_keys: BTreeSet<_> = written.keys().cloned().collect();
    assert_eq!(real_keys, written_keys);
    for (key, events) in real {
        for event in events {
            assert!(written[&key].contains(&event), "{key:?} brings about {event}");
        }
    }
}

#[test]
fn each_state_wants_exactly_what_brings_it_further() {
    let wants = |state: &str| -> Vec<String> {
        after(ways()[state].clone()).wants().into_keys().map(|key| key.0).collect()
    };
    for (state, wanted) in [
        ("PENDING", vec![]),
        ("STARTING", vec!["attempt/1"]),
        ("RUNNING", vec!["attempt/1"]),
        ("SUCCESS", vec!["turn/1"]),
        ("COMPLETED", vec!["archive"]),
        ("RETRY", vec![]),
        ("INDETERMINATE", vec![]),
        ("DEAD", vec![]),
        ("CANCELLING", vec!["stop/1"]),
        ("CANCELLED", vec!["archive"]),
    ] {
        assert_eq!(wants(state), wanted, "{state}");
    }
    assert!(after(with(succeeded(), [recorded(), archived()])).wants().is_empty());
}

#[test]
fn three_attempts_are_made_and_then_it_is_dead_until_somebody_redrives_it() {
    let fail = |n| [Command::Admit, end(n, failed(ErrorKind::Passing))];
    let twice = with(with(spawned(), fail(1)), fail(2));
    assert!(matches!(after(twice.clone()).state().phase(), Phase::Retry { .. }));
    let dead = with(twice, fail(3));
    assert_eq!(*after(dead.clone()).state().phase(), Phase::Dead);
    let redriven = after(with(dead, [redrive(), Command::Admit]));
    let keys: Vec<_> = redriven.wants().into_keys().map(|key| key.0).collect();
    assert_eq!(keys, ["attempt/4"], "a redrive is a new key");
}

#[test]
fn attempts_lost_to_crashes_count_apart_and_are_followed_at_once() {
    let lose = |n| [Command::Admit, end(n, lost())];
    let thrice = with(with(with(spawned(), lose(1)), lose(2)), lose(3));
    let scenario = after(thrice.clone());
    assert_eq!(*scenario.state().phase(), Phase::Retry { due: NOW });
    let facts = scenario.state().facts.clone().unwrap();
    assert_eq!((facts.retries, facts.lost), (0, 3));
    assert_eq!(*after(with(thrice, lose(4))).state().phase(), Phase::Dead);
}

#[test]
fn where_an_operator_is_to_be_asked_a_lost_attempt_waits_for_one() {
    let lost = after(vec![Command::Spawn(asking().into()), Command::Admit, end(1, lost())]);
    assert_eq!(*lost.state().phase(), Phase::Indeterminate);
    assert!(lost.wants().is_empty());
    let way = || ways()["INDETERMINATE"].clone();
    let phase = |verb| after(with(way(), [verb])).state().phase().clone();
    assert_eq!(phase(redrive()), Phase::Pending);
    assert_eq!(phase(cancel()), Phase::Cancelled);
    assert_eq!(phase(fail()), Phase::Dead);
    after(started()).when(fail()).refused(
        "the process is RUNNING: only one whose outcome is unknown can be failed: cancel this one",
    );
}

#[test]
fn an_attempt_that_nobody_began_is_followed_at_once_and_counts_for_nothing() {
    let scenario = after(with(started(), [end(1, Ended::NotBegun { why: None })]));
    assert_eq!(*scenario.state().phase(), Phase::Retry { due: NOW });
    let facts = scenario.state().facts.clone().unwrap();
    assert_eq!((facts.retries, facts.lost), (0, 0));
}

#[test]
fn an_attempt_that_our_own_disk_prevented_is_followed_after_a_while_however_often() {
    let mut history = started();
    for attempt in 1..=20 {
        let why = Some("no space left on device".to_owned());
        let scenario =
            after(with(history.clone(), [end(attempt, Ended::NotBegun { why: why.clone() })]));
        let Phase::Retry { due } = *scenario.state().phase() else {
            panic!("attempt {attempt}: {:?}", scenario.state().phase())
        };
        let wait = due.since(NOW).as_millis();
        assert!((3_000..=60_000).contains(&wait), "attempt {attempt} waits {wait} ms");
        let facts = scenario.state().facts.clone().unwrap();
        assert_eq!((facts.retries, facts.lost, &facts.error), (0, 0, &why));
        history = with(history, [end(attempt, Ended::NotBegun { why }), Command::Admit]);
    }
}

#[test]
fn retries_wait_twice_as_long_each_time_within_their_limits_and_as_the_provider_asks() {
    let stream = StreamId { kind: "process", name: "it".parse().unwrap() };
    let policy = order().retry;
    let wait = |retry, asked| policy.due(&stream, retry, retry, asked, NOW).since(NOW).as_millis();
    for (retry, full) in [(1, 4_000), (2, 8_000), (3, 16_000), (9, 60_000), (99, 60_000)] {
        let wait = wait(retry, None);
        assert!(wait <= full && wait > full * 3 / 4 - 1, "retry {retry} waits {wait} ms");
    }
    assert_eq!(wait(1, Some(90_000)), 90_000);
}

#[test]
fn reports_about_another_attempt_are_refused() {
    after(started())
        .when(end(2, answered()))
        .refused("attempt 2 was reported, but the process is at attempt 1");
}

#[test]
fn what_is_asked_is_kept_until_the_prompt_is_archived() {
    let order = order();
    let system = order.pinned.system.clone().unwrap();
    let requested = after(vec![]).when(Command::Spawn(order.clone().into())).result.unwrap();
    let kept = [Held::Keep(order.prompt.clone()), Held::Keep(system.clone())];
    assert_eq!(Process::held(&requested[0]), kept);
    let archived = after(with(succeeded(), [recorded()])).when(archived()).result.unwrap();
    let to = reference("prompts/archive/it.txt", None);
    let released = [
        Held::Moved { from: (*order.prompt).clone(), to: to.clone() },
        Held::Release(to.into_inner()),
        Held::Release((*system).clone()),
    ];
    assert_eq!(Process::held(&archived[0]), released);
    let lost = Command::ReportArchived { prompt: None };
    let lost = after(with(succeeded(), [recorded()])).when(lost).result.unwrap();
    let released = [Held::Release((*order.prompt).clone()), Held::Release((*system).clone())];
    assert_eq!(Process::held(&lost[0]), released);
}

#[test]
fn a_session_cannot_have_the_name_of_the_link_to_the_newest() {
    let session_id = Some(SessionId("latest".parse().unwrap()));
    after(vec![]).when(Command::Spawn(Order { session_id, ..order() }.into())).refused(
        "the session id latest is the name of the link to the newest session: choose another id",
    );
}

#[test]
fn the_answer_keeps_its_session_or_gets_one_of_its_own() {
    let session = SessionId("talk".parse().unwrap());
    let given = Order { session_id: Some(session.clone()), ..order() };
    let facts =
        |order: Order| after(vec![Command::Spawn(order.into())]).state().facts.clone().unwrap();
    assert_eq!(facts(given).session_id, session);
    assert_eq!(facts(order()).session_id.0, Name::derived(&["session", "it"]));
}

fn any_command() -> impl Strategy<Value = Command> {
    let attempt = 1..4_u32;
    let ended = prop_oneof![
        Just(answered()),
        Just(failed(ErrorKind::Passing)),
        Just(failed(ErrorKind::Final)),
        Just(failed(ErrorKind::Unable)),
        Just(failed(ErrorKind::TimedOut)),
        Just(lost()),
        Just(Ended::NotBegun { why: None }),
        Just(Ended::NotBegun { why: Some("full".into()) }),
    ];
    prop_oneof![
        1 => Just(Command::Spawn(order().into())),
        1 => Just(ordered()),
        5 => Just(Command::Admit),
        4 => attempt.clone().prop_map(|attempt| Command::ReportStarted { attempt, executor: executor() }),
        4 => (attempt.clone(), ended).prop_map(|(attempt, ended)| end(attempt, ended)),
        2 => attempt.clone().prop_map(|attempt| Command::RecordTurn {
            attempt,
            line: reference("claude_logs/s.jsonl", Some(1)),
        }),
        1 => Just(cancel()),
        1 => attempt.prop_map(|attempt| Command::ReportStopped { attempt }),
        1 => Just(archived()),
        2 => Just(redrive()),
        1 => Just(fail()),
    ]
}

proptest! {
    #[test]
    fn a_process_rebuilt_from_its_stored_events_is_the_live_one(
        commands in prop::collection::vec(any_command(), 0..40),
        first in prop_oneof![Just(order()), Just(asking())],
    ) {
        let stream = StreamId { kind: "process", name: "it".parse().unwrap() };
        let context = Context { stream: &stream, message_id: MessageId::derived(&["x"]), now: NOW };
        let (mut live, mut stored) = (Process::default(), Vec::new());
        let mut keys = BTreeSet::new();
        let mut open = BTreeSet::new();
        for command in std::iter::once(Command::Spawn(first.into())).chain(commands) {
            for event in live.decide(&command, &context).into_iter().flatten() {
                live.apply(&event);
                stored.push(tagged::split(&event).unwrap());
            }
            let now_open: BTreeSet<_> = live.wants().into_keys().collect();
            for key in now_open.difference(&open) {
                prop_assert!(keys.insert(key.clone()), "{key} was used twice");
            }
            open = now_open;
        }
        let mut rebuilt = Process::default();
        for event in stored {
            rebuilt.apply(&tagged::join(&event.event_type, event.data.get()).unwrap());
        }
        prop_assert_eq!(&rebuilt, &live);
        prop_assert_eq!(rebuilt.row(), live.row());
    }
}

#[test]
fn every_event_says_whose_it_is() {
    let all = with(succeeded(), [recorded(), archived()]);
    let mut process = Process::default();
    let stream = StreamId { kind: "process", name: "it".parse().unwrap() };
    let context = Context { stream: &stream, message_id: MessageId::derived(&["x"]), now: NOW };
    for command in all {
        for event in process.decide(&command, &context).unwrap() {
            process.apply(&event);
            let data: serde_json::Value =
                serde_json::from_str(tagged::split(&event).unwrap().data.get()).unwrap();
            assert_eq!(data["process_id"], serde_json::json!(ProcessId(stream.name.clone())));
        }
    }
}

/// An order that names two others beside the one that is asked first.
fn with_others() -> Order {
    let other = |runtime: &str, on_lost| Alternative {
        runtime: runtime.into(),
        model: format!("{runtime}-large"),
        on_lost,
    };
    let fallbacks = vec![other("second", OnLost::Retry), other("third", OnLost::Ask)];
    let retry = RetryPolicy { max_retries: 1, ..order().retry };
    Order { retry, fallbacks, ..order() }
}

fn ordered() -> Command {
    Command::Spawn(with_others().into())
}

/// Who an attempt that is wanted asks, under which key.
fn wanted(scenario: &Scenario<Process>) -> (String, String) {
    let mut wants = scenario.state().wants().into_iter();
    let (key, want) = wants.next().unwrap();
    let Effect::RunAttempt(attempt) = want.effect else { panic!("{key:?} is no attempt") };
    (key.0, format!("{}/{}", attempt.runtime, attempt.model))
}

fn asks(key: &str, whom: &str) -> (String, String) {
    (key.to_owned(), whom.to_owned())
}

#[test]
fn who_cannot_answer_or_is_out_of_attempts_is_followed_by_the_next_under_numbers_that_go_on() {
    let unable = [ordered(), Command::Admit, end(1, failed(ErrorKind::Unable))];
    let scenario = after(unable);
    assert_eq!(scenario.state().phase().status(), "PENDING");
    let second = [Command::Admit];
    let scenario = second.into_iter().fold(scenario, |at, command| at.when(command).scenario);
    assert_eq!(wanted(&scenario), asks("attempt/2", "second/second-large"));
    let out = [end(2, failed(ErrorKind::Passing)), Command::Admit];
    let out = with(out.into(), [end(3, failed(ErrorKind::TimedOut)), Command::Admit]);
    let scenario = out.into_iter().fold(scenario, |at, command| at.when(command).scenario);
    assert_eq!(wanted(&scenario), asks("attempt/4", "third/third-large"));
    let scenario = scenario.when(end(4, failed(ErrorKind::Unable))).scenario;
    assert_eq!(scenario.state().phase().status(), "DEAD");
    let anew = [Command::Retry { by: "me".into() }, Command::Admit];
    let scenario = anew.into_iter().fold(scenario, |at, command| at.when(command).scenario);
    assert_eq!(wanted(&scenario), asks("attempt/5", "replay/sonnet"), "it begins with the first");
}

#[test]
fn what_is_at_fault_itself_is_asked_of_nobody_else() {
    let rejected = after([ordered(), Command::Admit, end(1, failed(ErrorKind::Final))]);
    assert_eq!(rejected.state().phase().status(), "DEAD");
    let lost = [ordered(), Command::Admit, end(1, lost()), Command::Admit];
    assert_eq!(wanted(&after(lost)), asks("attempt/2", "replay/sonnet"), "that was our fault");
}

#[test]
fn of_each_its_own_runtime_says_what_follows_a_loss() {
    let second = |n| end(n, failed(ErrorKind::Unable));
    let third = [ordered(), Command::Admit, second(1), Command::Admit, second(2), Command::Admit];
    let lost = after(third).when(end(3, lost())).scenario;
    assert_eq!(lost.state().phase().status(), "INDETERMINATE");
}
