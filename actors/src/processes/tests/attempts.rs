//! Attempts: how many, how long apart, and what counts.

use super::kit::{
    NOW, after, answered, asking, begun, cancel, cost, denied, end, fail, failed, held, limited,
    lost, order, redrive, room, spawned, started, ways, with,
};
use crate::processes::{Charge, Command, Ended, ErrorKind, OnLost, Order, Phase, Room};
use crate::vocabulary::StreamId;

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
fn under_limits_an_attempt_after_one_that_may_have_been_paid_for_waits_for_room() {
    let status = |way: Vec<Command>| after(way).state().phase().status();
    assert_eq!(status(held()), "HELD");
    after(held())
        .when(Command::Admit)
        .refused("the process is HELD: only a queued process is admitted");
    let granted = with(held(), [room(1, Room::Granted)]);
    assert_eq!(*after(granted.clone()).state().phase(), Phase::Retry { due: NOW });
    let second = with(granted, begun(2));
    let refused = end(2, failed(ErrorKind::Passing));
    assert_eq!(
        status(with(second.clone(), [refused])),
        "RETRY",
        "what costs nothing needs no other room"
    );
    let cut = end(2, cost(ErrorKind::Passing, Charge::Unknown));
    let twice = with(second, [cut]);
    assert_eq!(status(twice.clone()), "HELD");
    after(twice.clone())
        .when(room(1, Room::Granted))
        .refused("the process is HELD: it waits for room for another attempt than that");
    assert_eq!(status(with(twice.clone(), [room(2, denied())])), "DEAD");
    assert_eq!(status(with(twice, [cancel()])), "CANCELLED");
    let before_it_began = vec![Command::Spawn(limited().into()), Command::Admit, end(1, lost())];
    assert_eq!(status(before_it_began), "RETRY", "nobody had let it go");
    let elsewhere = with(started(), [end(1, cost(ErrorKind::Passing, Charge::Unknown))]);
    assert_eq!(status(elsewhere), "RETRY", "it stands under no limits");
}

#[test]
fn under_limits_an_operator_redrives_what_was_lost_within_them_and_what_has_died_beyond() {
    let order = Order { on_lost: OnLost::Ask, ..limited() };
    let lost = with(with(vec![Command::Spawn(order.into())], begun(1)), [end(1, lost())]);
    let status = |way: Vec<Command>| after(way).state().phase().status();
    assert_eq!(status(with(lost.clone(), [redrive()])), "HELD");
    let dead = with(lost, [fail(), redrive()]);
    assert_eq!(status(dead.clone()), "PENDING", "nobody would say that there is room");
    let again = with(with(dead, begun(2)), [end(2, cost(ErrorKind::Passing, Charge::Unknown))]);
    assert_eq!(status(again), "RETRY");
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
