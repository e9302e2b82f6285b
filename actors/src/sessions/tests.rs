//! The session's machine.

use super::{Command, Effect, Event, Session, TurnAppended, TurnQueued, TurnSkipped, WriteLine};
use crate::machine::Machine as _;
use crate::machine::scenario::Scenario;
use crate::vocabulary::{Durable, Hash, ProcessId, Reference, SessionId, Timestamp};
use std::collections::BTreeSet;

fn reference(file: &str, line: Option<u64>) -> Durable<Reference> {
    Durable::vouched(Reference {
        hash: Hash::of(file.as_bytes()),
        bytes: 9,
        file: file.into(),
        line,
    })
}

fn process(name: &str) -> ProcessId {
    ProcessId(name.parse().unwrap())
}

fn append(name: &str) -> Command {
    Command::AppendTurn {
        process_id: process(name),
        attempt: 1,
        agent_id: None,
        spool: reference(name, None),
    }
}

fn queued(number: u64, name: &str) -> Event {
    Event::TurnQueued(TurnQueued {
        session_id: SessionId("it".parse().unwrap()),
        number,
        process_id: process(name),
        attempt: 1,
        agent_id: None,
        spool: reference(name, None),
        at: Timestamp(0),
    })
}

fn appended(number: u64, name: &str, length: u64) -> Event {
    Event::TurnAppended(TurnAppended {
        process_id: process(name),
        attempt: 1,
        line: reference("claude_logs/it.jsonl", Some(number)),
        length,
        at: Timestamp(0),
    })
}

fn report(number: u64, length: u64) -> Command {
    Command::ReportLine { number, line: reference("claude_logs/it.jsonl", Some(number)), length }
}

fn wanted(session: &Scenario<Session>) -> Vec<(String, u64)> {
    let wants = session.wants().into_iter();
    wants
        .map(|(key, want)| {
            let Effect::WriteLine(WriteLine { offset, .. }) = want.effect;
            (key.0, offset)
        })
        .collect()
}

#[test]
fn turns_are_written_one_after_another_each_at_the_committed_length() {
    let session = Scenario::<Session>::given([]);
    let session = session.when(append("a")).then([queued(1, "a")]);
    let session = session.when(append("b")).then([queued(2, "b")]);
    assert_eq!(wanted(&session), [("line/1".to_owned(), 0)]);
    let session = session.when(report(1, 10)).then([appended(1, "a", 10)]);
    assert_eq!(wanted(&session), [("line/2".to_owned(), 10)]);
    let session = session.when(report(2, 25)).then([appended(2, "b", 25)]);
    assert_eq!(wanted(&session), []);
    assert_eq!((session.state().line_count, session.state().length), (2, 25));
}

#[test]
fn a_turn_that_is_skipped_gives_its_line_to_the_next_but_not_its_key() {
    let session = Scenario::<Session>::given([queued(1, "a"), appended(1, "a", 10)]);
    let session = session.when(append("b")).then([queued(2, "b")]);
    let session = session.when(append("c")).then([queued(3, "c")]);
    assert_eq!(session.state().when_skipped(&"line/3".into(), "ann"), None);
    let skip = session.state().when_skipped(&"line/2".into(), "ann").unwrap();
    let skipped = Event::TurnSkipped(TurnSkipped {
        process_id: process("b"),
        attempt: 1,
        by: "ann".into(),
        at: Timestamp(0),
    });
    let session = session.when(skip).then([skipped]);
    assert_eq!(wanted(&session), [("line/3".to_owned(), 10)]);
    let (_, want) = session.wants().into_iter().next().unwrap();
    let Effect::WriteLine(line) = want.effect;
    assert_eq!((line.turn, line.number), (3, 2));
    let session = session.when(append("d")).then([queued(4, "d")]);
    assert_eq!(session.state().line_count, 1);
}

#[test]
fn a_line_that_is_not_next_is_refused() {
    let session = Scenario::<Session>::given([queued(1, "a")]);
    session.when(report(2, 10)).refused("line 2 was reported, but line Some(1) is next");
}

#[test]
fn damage_is_refused_and_leaves_the_line_wanted_so_that_its_host_parks_it() {
    let session = Scenario::<Session>::given([queued(1, "a")]);
    let damage = Command::ReportDamage { number: 1, why: "the file is too short".into() };
    let session = session.when(damage).refused("line 1 cannot be written: the file is too short");
    assert_eq!(wanted(&session).len(), 1);
}

/// What the machine really does: (state, command) → the event, where there is one.
fn real_table() -> BTreeSet<(&'static str, &'static str, &'static str)> {
    let states = [("nothing queued", vec![]), ("a turn queued", vec![queued(1, "a")])];
    let questions = [
        ("AppendTurn", append("b")),
        ("ReportLine", report(1, 10)),
        ("ReportDamage", Command::ReportDamage { number: 1, why: "it is short".into() }),
        ("Branch", branch()),
        ("SkipTurn", Command::SkipTurn { number: 1, by: "ann".into() }),
    ];
    let mut table = BTreeSet::new();
    for (state, before) in states {
        for (name, command) in questions.clone() {
            let session = Scenario::<Session>::given(before.clone());
            for event in session.when(command).result.unwrap_or_default() {
                table.insert((state, name, variant(&event)));
            }
        }
    }
    table
}

fn branch() -> Command {
    Command::Branch { from: SessionId("other".parse().unwrap()), bytes: 10 }
}

#[test]
fn a_session_begins_with_another_ones_turns_only_before_anything_is_said_in_it() {
    let branched = Scenario::<Session>::given([]).when(branch()).result.unwrap();
    assert!(matches!(&branched[..], [Event::Branched(branched)] if branched.bytes == 10));
    let again = Scenario::<Session>::given(branched).when(branch());
    assert_eq!(again.result.unwrap(), []);
}

fn variant(event: &Event) -> &'static str {
    match event {
        Event::Branched(_) => "Branched",
        Event::TurnQueued(_) => "TurnQueued",
        Event::TurnAppended(_) => "TurnAppended",
        Event::TurnSkipped(_) => "TurnSkipped",
    }
}

/// What the table at the head of the module says.
fn written_table() -> BTreeSet<(&'static str, &'static str, &'static str)> {
    let quoted = |cell: &'static str| cell.split('`').nth(1);
    let mut table = BTreeSet::new();
    for row in include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (Some(command), Some(event)) = (quoted(cells[1]), quoted(cells[2])) else { continue };
        let states = if cells[0] == "any" {
            vec!["nothing queued", "a turn queued"]
        } else {
            vec![cells[0]]
        };
        table.extend(states.into_iter().map(|state| (state, command, event)));
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    assert_eq!(real_table(), written_table());
}
