//! Turns and calls: what mends an answer, what calls come to, what is cancelled or skipped.

use super::kit::{
    after, answered, begin, called, cancel, done, end, lost, misfit, order, paid, said, start,
    stopped, ways,
};
use crate::machine::Machine;
use crate::machine::scenario::Scenario;
use crate::nodes::{Command, Event, FailureKind, Lost, Metrics, Node, Order, Phase};

#[test]
fn a_later_turn_is_another_process_in_the_conversation_of_the_first() {
    let asked = |scenario: &Scenario<Node>| {
        let want = scenario.wants().into_values().next().unwrap();
        let crate::nodes::Effect::RunTurn(turn) = want.effect else { panic!("{want:?}") };
        *turn
    };
    let first = asked(&after([start()]));
    assert_eq!((first.session_id, first.ask), (None, crate::nodes::Ask::Work));
    let second = asked(&after([start(), end(1, misfit())]));
    assert_eq!(second.session_id, Some(said().session_id));
    let violations = "the answer lacks \"winner\"".into();
    assert_eq!(second.ask, crate::nodes::Ask::Mend { violations });
    assert_ne!(first.process_id, second.process_id);
    assert_eq!(first.process_id, asked(&after([start()])).process_id, "derived, not drawn");
}

#[test]
fn an_answer_that_does_not_fit_is_mended_as_often_as_it_may_and_no_oftener() {
    let outcome = after([start(), end(1, misfit())]).when(end(2, misfit()));
    let events = outcome.result.unwrap();
    let [_, Event::Failed { kind, error, metrics, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(*kind, FailureKind::InvalidOutput);
    assert_eq!(
        error,
        "after 2 turns the answer still does not fit its schema: the answer lacks \"winner\""
    );
    let sums = Metrics {
        turns: 2,
        tokens_in: 6,
        tokens_out: 8,
        cost_usd: Some(1.0),
        duration_ms: 12,
        lost: Lost::default(),
    };
    assert_eq!(*metrics, sums, "what was said in vain was paid for");
    let mended = after([start(), end(1, misfit()), end(2, answered())]);
    assert_eq!(*mended.state().phase(), Phase::Completed);
    assert_eq!(mended.state().facts.as_ref().unwrap().metrics, sums);
    assert_eq!(mended.state().facts.as_ref().unwrap().violations, None);
}

/// What the next turn of a node asks.
fn next(scenario: &Scenario<Node>) -> crate::nodes::Turn {
    let want = scenario.wants().into_values().next().unwrap();
    let crate::nodes::Effect::RunTurn(turn) = want.effect else { panic!("{want:?}") };
    *turn
}

#[test]
fn what_calls_came_to_is_told_once_in_the_models_order() {
    let told = after([start(), end(1, called()), done(1, 1), done(1, 0)]);
    let turn = next(&told);
    let crate::nodes::Ask::Results(results) = turn.ask else { panic!("{:?}", turn.ask) };
    let ids: Vec<_> = results.iter().map(|told| told.call.id.as_str()).collect();
    assert_eq!((ids, turn.session_id), (vec!["a", "b"], Some(said().session_id)));
    let order = Order { max_turns: 9, ..order() };
    let start = || Command::Start(Box::new(order.clone()));
    let loops = [start(), end(1, called()), done(1, 0), done(1, 1), end(2, misfit())];
    assert!(matches!(next(&after(loops)).ask, crate::nodes::Ask::Mend { .. }));
    let again = [start(), end(1, called()), done(1, 0), done(1, 1), end(2, called()), done(2, 1)];
    let keys: Vec<_> = after(again).wants().into_keys().map(|key| key.0).collect();
    assert_eq!(keys, ["call/2/0"], "those of the turn before are forgotten");
}

#[test]
fn who_still_calls_at_the_last_turn_is_out_of_turns() {
    let outcome = after([start(), end(1, misfit())]).when(end(2, called()));
    let events = outcome.result.unwrap();
    let [_, Event::Failed { kind, error, metrics, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((*kind, metrics.turns), (FailureKind::OutOfTurns, 2));
    assert_eq!(
        error,
        "after 2 turns the model still calls tools (look, look) in place of an answer: raise max_turns, or ask for less"
    );
}

#[test]
fn a_call_that_is_not_open_takes_no_news() {
    let hint = "call 0 of turn 1 was reported, but it is not open";
    after(ways()["last call"].clone()).when(done(1, 0)).refused(hint);
    after(ways()["last call"].clone()).when(begin(1, 0)).refused(hint);
    after(ways()["begun"].clone()).when(begin(1, 0)).refused(hint);
    after([start()]).when(done(1, 0)).refused(hint);
    after([start(), end(1, called()), cancel()]).when(done(1, 0)).refused(hint);
    let lost = after(ways()["begun"].clone()).when(lost(1, 0)).scenario;
    assert_eq!(*lost.state().phase(), Phase::Failed(FailureKind::Indeterminate));
}

#[test]
fn a_node_that_may_be_asked_never_is_asked_once() {
    let never = Order { max_turns: 0, ..order() };
    let outcome = after([Command::Start(Box::new(never))]).when(end(1, misfit()));
    assert!(matches!(&outcome.result.unwrap()[1], Event::Failed { .. }));
}

#[test]
fn what_has_ended_is_not_cancelled_and_what_is_being_cancelled_is_not_twice() {
    let hint = "the node is completed: it has ended already";
    after(ways()["completed"].clone()).when(cancel()).refused(hint);
    after(ways()["cancelling"].clone()).when(Command::Cancel { by: "bob".into() }).then([]);
    after(ways()["cancelled"].clone()).when(cancel()).then([]);
    after([]).when(cancel()).refused("there is no such node");
    after([start()]).when(start()).refused("this node was started already");
}

#[test]
fn reports_about_another_turn_are_refused() {
    after([start()])
        .when(end(2, answered()))
        .refused("turn 2 was reported, but the node is at turn 1");
    after(ways()["last turn"].clone())
        .when(stopped(1))
        .refused("turn 1 was reported, but the node is at turn 2");
}

#[test]
fn an_answer_that_came_before_it_could_be_stopped_was_paid_for() {
    let stopped = Command::ReportStopped { turn: 1, paid: Some(paid()), lost: Lost::default() };
    let cancelled = after([start(), cancel(), stopped]);
    let facts = cancelled.state().facts.as_ref().unwrap();
    assert_eq!((facts.metrics.turns, facts.metrics.tokens_out), (1, 4));
}

#[test]
fn it_goes_on_without_an_outcome_that_was_skipped() {
    for (state, key, then, wants) in [
        ("running", "turn/1", "failed", 0),
        ("cancelling", "cancel/1", "cancelled", 0),
        ("calling", "call/1/1", "calling", 1),
        ("begun", "call/1/0", "calling", 1),
        ("last call", "call/1/1", "running", 1),
    ] {
        let node = after(ways()[state].clone());
        assert_eq!(node.state().when_skipped(&"turn/9".into(), "ann"), None);
        let skip = node.state().when_skipped(&key.into(), "ann").unwrap();
        let outcome = node.when(skip);
        assert!(outcome.result.is_ok());
        assert_eq!(outcome.scenario.state().phase().status(), then);
        assert_eq!(outcome.scenario.wants().len(), wants);
    }
}
