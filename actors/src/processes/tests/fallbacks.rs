//! Who else is asked, and whether there has to be room for it first.

use super::kit::{
    NOW, after, begun, cancel, cost, denied, end, failed, limited_with_others, lost, redrive, room,
    with, with_others,
};
use crate::machine::Machine;
use crate::machine::scenario::Scenario;
use crate::processes::{Charge, Command, Effect, ErrorKind, Event, Phase, Process, Room};

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

/// A process under limits of which the first attempt was made, and ended like this.
fn limited_after(kind: ErrorKind, charge: Charge) -> Vec<Command> {
    let spawned = vec![Command::Spawn(limited_with_others().into())];
    with(with(spawned, begun(1)), [end(1, cost(kind, charge))])
}

fn status(way: Vec<Command>) -> &'static str {
    after(way).state().phase().status()
}

#[test]
fn under_limits_the_next_is_asked_once_there_is_room_after_an_attempt_that_may_have_been_paid_for()
{
    let running = with(vec![Command::Spawn(limited_with_others().into())], begun(1));
    let unable = end(1, cost(ErrorKind::Unable, Charge::Unknown));
    let events = after(running.clone()).when(unable).result.unwrap();
    let [Event::Failed { .. }, Event::FellBack { to, .. }, Event::Held { attempts, due, .. }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((to.runtime.as_str(), *attempts, *due), ("second", 1, NOW));

    let held = limited_after(ErrorKind::Unable, Charge::Unknown);
    after(held.clone())
        .when(Command::Admit)
        .refused("the process is HELD: only a queued process is admitted");
    let granted = with(held, [room(1, Room::Granted)]);
    assert_eq!(*after(granted.clone()).state().phase(), Phase::Retry { due: NOW });
    let second = with(granted, begun(2));
    assert_eq!(wanted(&after(second.clone())), asks("attempt/2", "second/second-large"));

    let nothing = with(second.clone(), [end(2, failed(ErrorKind::Unable))]);
    assert_eq!(status(nothing), "PENDING", "what costs nothing needs no other room");
    let charged = with(second, [end(2, cost(ErrorKind::Unable, Charge::Unknown))]);
    assert_eq!(status(charged.clone()), "HELD");
    let third = with(with(charged, [room(2, Room::Granted)]), begun(3));
    assert_eq!(wanted(&after(third)), asks("attempt/3", "third/third-large"));
}

#[test]
fn under_limits_whoever_is_out_of_attempts_waits_for_room_for_each_that_was_charged() {
    let first = limited_after(ErrorKind::Passing, Charge::Unknown);
    let again = with(with(first, [room(1, Room::Granted)]), begun(2));
    assert_eq!(wanted(&after(again.clone())), asks("attempt/2", "replay/sonnet"));
    let out = with(again, [end(2, cost(ErrorKind::TimedOut, Charge::Unknown))]);
    assert_eq!(status(out.clone()), "HELD");
    let next = with(with(out, [room(2, Room::Granted)]), begun(3));
    assert_eq!(wanted(&after(next)), asks("attempt/3", "second/second-large"));
}

#[test]
fn what_falls_back_waits_for_no_room_where_nothing_was_charged_or_nothing_is_limited() {
    assert_eq!(status(limited_after(ErrorKind::Unable, Charge::Nothing)), "PENDING");
    let elsewhere = with(vec![ordered()], begun(1));
    let charged = end(1, cost(ErrorKind::Unable, Charge::Unknown));
    assert_eq!(status(with(elsewhere, [charged])), "PENDING");
}

#[test]
fn where_there_is_no_room_for_the_next_nobody_is_asked_and_a_redrive_begins_with_the_first() {
    let held = limited_after(ErrorKind::Unable, Charge::Unknown);
    assert_eq!(status(with(held.clone(), [cancel()])), "CANCELLED");
    let dead = with(held, [room(1, denied())]);
    assert_eq!(status(dead.clone()), "DEAD");
    let redriven = after(with(with(dead, [redrive()]), [Command::Admit]));
    assert_eq!(wanted(&redriven), asks("attempt/2", "replay/sonnet"));
}
