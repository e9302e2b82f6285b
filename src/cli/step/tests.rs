//! Walking, through messages that were written down here.

use serde_json::{Value, json};

use super::draw;
use super::file::Entry;
use super::walk::{Stepped, Walk};

fn entry(position: i64, kind: &str, event_type: &str, data: Value) -> Entry {
    Entry {
        position,
        kind: kind.into(),
        event_type: event_type.into(),
        error: None,
        created_at: "2026-11-21T00:00:00.000Z".into(),
        causation_id: (kind == "event").then_some(position - 1),
        data,
    }
}

fn reference() -> Value {
    json!({ "hash": "00", "bytes": 5, "file": "processes/p/1/outcome" })
}

/// The short life of a session: a turn is queued, then recorded.
fn life() -> Vec<Stepped> {
    let queued = json!({
        "session_id": "s", "number": 1, "process_id": "p", "attempt": 1, "agent_id": null, "spool": reference(),
        "at": "2026-11-21T00:00:00.000Z",
    });
    let appended = json!({
        "process_id": "p", "attempt": 1, "line": reference(), "length": 5, "at": "2026-11-21T00:00:00.000Z",
    });
    let mut walk = Walk::of("session/s");
    [
        entry(1, "command", "APPEND_TURN", json!({})),
        entry(2, "event", "SESSION_TURN_QUEUED", queued),
        entry(3, "command", "REPORT_LINE", json!({})),
        entry(4, "event", "SESSION_TURN", appended),
        entry(5, "fact", "ENTITY_PARKED", json!({ "why": "because" })),
    ]
    .map(|entry| walk.step(entry))
    .into()
}

#[test]
fn the_state_and_what_it_wants_are_shown_after_each_event() {
    let life = life();
    let seen: Vec<_> = life
        .iter()
        .map(|step| (step.version, step.state.is_some(), step.wants.join(" ")))
        .collect();
    let expected =
        [(0, false, ""), (1, true, "line/1"), (1, false, "line/1"), (2, true, ""), (2, false, "")]
            .map(|(version, state, wants)| (version, state, wants.to_owned()));
    assert_eq!(seen, expected);
    assert!(life.iter().all(|step| step.fault.is_none()), "{life:?}");
    assert!(life[2].leads_to(2) && !life[1].leads_to(2));
}

#[test]
fn a_step_is_drawn_with_what_it_said_and_what_came_of_it() {
    let text = draw::step(&life()[3]);
    for part in [
        "#4  event SESSION_TURN",
        "version 2, because of #3",
        "\"length\": 5",
        "line_count: 1",
        "wants: nothing",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn an_event_that_cannot_be_read_is_a_fault_and_no_end() {
    let mut walk = Walk::of("process/p");
    let stepped = walk.step(entry(1, "event", "SPAWN_NONSENSE", json!({})));
    assert!(stepped.fault.is_some_and(|fault| fault.contains("cannot be read")));
}

#[test]
fn a_stream_of_an_unknown_kind_can_be_read_without_a_state() {
    let stepped = Walk::of("comet/c").step(entry(1, "event", "COMET_SEEN", json!({ "tail": 3 })));
    assert!(stepped.state.is_none() && stepped.fault.is_none());
    assert!(draw::step(&stepped).contains("\"tail\": 3"));
}

#[test]
fn a_refusal_is_shown() {
    let refused = Entry {
        error: Some(json!({ "type": "unknown" })),
        ..entry(1, "command", "CANCEL", json!({}))
    };
    let text = draw::step(&Walk::of("process/p").step(refused));
    assert!(text.contains(r#"refused: {"type":"unknown"}"#), "{text}");
}
