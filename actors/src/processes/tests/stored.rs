//! What is kept: content, the session, the stored forms, and that its past makes it again.

use super::kit::{
    NOW, after, answered, archived, asking, cancel, cost, denied, end, executor, fail, failed,
    limited, limited_with_others, lost, order, recorded, redrive, reference, room, succeeded, with,
    with_others,
};
use crate::machine::{Context, Held, Machine, tagged};
use crate::processes::{Charge, Command, Ended, ErrorKind, Order, Process, Room};
use crate::vocabulary::{MessageId, Name, ProcessId, SessionId, StreamId};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
        Just(cost(ErrorKind::Unable, Charge::Unknown)),
        Just(cost(ErrorKind::TimedOut, Charge::Unknown)),
        Just(lost()),
        Just(Ended::NotBegun { why: None }),
        Just(Ended::NotBegun { why: Some("full".into()) }),
    ];
    prop_oneof![
        1 => Just(Command::Spawn(order().into())),
        1 => Just(Command::Spawn(with_others().into())),
        1 => Just(Command::Spawn(limited_with_others().into())),
        5 => Just(Command::Admit),
        4 => attempt.clone().prop_map(|attempt| Command::ReportStarted { attempt, executor: executor() }),
        4 => (attempt.clone(), ended).prop_map(|(attempt, ended)| end(attempt, ended)),
        2 => attempt.clone().prop_map(|attempt| Command::RecordTurn {
            attempt,
            line: reference("claude_logs/s.jsonl", Some(1)),
        }),
        1 => attempt.clone().prop_map(|attempt| Command::RefuseFiles { attempt, why: "x".into() }),
        1 => Just(cancel()),
        1 => attempt.prop_map(|attempt| Command::ReportStopped { attempt }),
        1 => Just(archived()),
        2 => Just(redrive()),
        1 => Just(fail()),
        1 => (1..3_u32).prop_map(|attempts| room(attempts, Room::Granted)),
        1 => (1..3_u32).prop_map(|attempts| room(attempts, denied())),
    ]
}

proptest! {
    #[test]
    fn a_process_rebuilt_from_its_stored_events_is_the_live_one(
        commands in prop::collection::vec(any_command(), 0..40),
        first in prop_oneof![Just(order()), Just(asking()), Just(limited())],
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
