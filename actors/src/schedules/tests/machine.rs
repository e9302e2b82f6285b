//! The schedule's machine: every transition, what it wants, and what becomes of missed times.

use crate::machine::scenario::Scenario;
use crate::machine::{Context, Machine};
use crate::schedules::*;
use crate::vocabulary::{Hash, MessageId, ProcessId, StreamId, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};

/// 2026-11-21T10:00:00Z.
const NOW: Timestamp = Timestamp(1_795_255_200_000);

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

/// Each minute.
fn minutely(missed: Missed) -> Spec {
    let timing = Timing::Cron { cron: "* * * * *".into(), zone: UTC.into() };
    Spec { timing, missed, ..once(0) }
}

fn once(at: i64) -> Spec {
    let request = Map::from_iter([("prompt".to_owned(), json!("hello"))]);
    Spec {
        timing: Timing::Once { at: later(at) },
        start: Start::Process(request),
        missed: Missed::Skip,
        overlap: Overlap::Start,
        tolerance_s: 60,
    }
}

fn create(spec: Spec) -> Command {
    Command::CreateSchedule(Box::new(Order { spec, asked: Hash::of(b"") }))
}

fn by() -> String {
    "ann".into()
}

fn made() -> Made {
    Made::ProcessId(ProcessId("p".parse().unwrap()))
}

fn report(n: u32, came: Came) -> Command {
    Command::Report { n, came }
}

fn failed() -> Came {
    Came::Failed { error: "there is no definition".into() }
}

/// What was told to a schedule, each so many seconds after the beginning.
type Way = Vec<(i64, Command)>;

/// A schedule to which these commands have been told, all of them accepted.
fn after(way: Way) -> Scenario<Schedule> {
    way.into_iter().fold(Scenario::<Schedule>::given([]), |scenario, (at, command)| {
        let text = format!("{command:?}");
        let outcome = scenario.at(later(at)).when(command);
        assert!(outcome.result.is_ok(), "{text} was refused: {:?}", outcome.result);
        outcome.scenario
    })
}

/// What its newest wait is called.
fn turn(scenario: &Scenario<Schedule>) -> u32 {
    scenario.state().facts.as_ref().map_or(0, |facts| facts.turn)
}

/// A way into every state, and when it is asked there: late enough that times have passed.
fn ways(spec: &Spec) -> Vec<(&'static str, Way)> {
    let begin = (0, create(spec.clone()));
    let arrive = (60, Command::Arrive { turn: 1 });
    let mut ways = vec![
        ("new", vec![]),
        ("active", vec![begin.clone()]),
        ("paused", vec![begin.clone(), (1, Command::Pause { by: by() })]),
        ("firing", vec![begin.clone(), arrive.clone()]),
        ("ended", vec![begin.clone(), (1, Command::End { by: by() })]),
    ];
    if matches!(spec.timing, Timing::Once { .. }) {
        ways.push(("failed", vec![begin, arrive, (61, report(1, failed()))]));
    }
    ways
}

fn questions(spec: &Spec, turn: u32) -> Vec<(&'static str, i64, Command)> {
    let started = Came::Started { made: made() };
    vec![
        ("CreateSchedule", 62, create(Spec { timing: once(1_000).timing, ..spec.clone() })),
        ("Change", 62, Command::Change { spec: Box::new(minutely(Missed::All)), by: by() }),
        ("Pause", 62, Command::Pause { by: by() }),
        ("Resume", 200, Command::Resume { by: by() }),
        ("Run", 62, Command::Run { by: by() }),
        ("End", 62, Command::End { by: by() }),
        ("Arrive in time", 62, Command::Arrive { turn }),
        ("Arrive late", 300_000, Command::Arrive { turn }),
        ("Report started", 62, report(1, started)),
        ("Report failed", 62, report(1, failed())),
        ("Report overlapped", 62, report(1, Came::Overlapped { made: made() })),
    ]
}

fn variant(event: &Event) -> String {
    format!("{event:?}").split(' ').next().unwrap_or_default().to_owned()
}

/// (state, command) → the events that may follow, and what may be wanted then.
type Table = BTreeMap<(String, String), (BTreeSet<String>, BTreeSet<String>)>;

fn wanted(scenario: &Scenario<Schedule>) -> String {
    let key = scenario.wants().into_keys().next();
    key.map_or("nothing".to_owned(), |key| format!("{}/n", key.0.split('/').next().unwrap()))
}

fn real_table() -> Table {
    let mut table = Table::new();
    let specs = [Missed::Skip, Missed::Once, Missed::All].map(minutely);
    for spec in specs.into_iter().chain([once(60), Spec { missed: Missed::Once, ..once(60) }]) {
        for (state, way) in ways(&spec) {
            for (question, at, command) in questions(&spec, turn(&after(way.clone()))) {
                let outcome = after(way.clone()).at(later(at)).when(command);
                let events = outcome.result.unwrap_or_default();
                if events.is_empty() {
                    continue;
                }
                let entry = table.entry((state.to_owned(), question.to_owned())).or_default();
                entry.0.extend(events.iter().map(variant));
                entry.1.insert(wanted(&outcome.scenario));
            }
        }
    }
    table
}

fn written_table() -> Table {
    let mut table = Table::new();
    for line in include_str!("../mod.rs").lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<_> = line.trim_end_matches(" |").split(" | ").map(str::trim).collect();
        let [states, command, events, wanted] = cells[..] else { continue };
        if states == "state" {
            continue;
        }
        let events = events.split(", ").map(|event| event.trim_matches('`').to_owned());
        let events: BTreeSet<_> = events.collect();
        let wanted = wanted.split(" or ").map(|key| key.trim_matches('`').to_owned());
        let wanted: BTreeSet<_> = wanted.collect();
        for state in states.split(", ") {
            let key = (state.to_owned(), command.replace('`', ""));
            table.insert(key, (events.clone(), wanted.clone()));
        }
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    assert_eq!(real_table(), written_table());
}

/// The due moments, by seconds after the beginning, of what is started one after the other when it is woken at `now`.
fn caught_up(spec: Spec, now: i64) -> (Vec<i64>, u32) {
    let (mut scenario, mut started, mut missed) = (after(vec![(0, create(spec))]), vec![], 0);
    loop {
        let due = scenario.wants().into_values().next().and_then(|want| want.due);
        if due.is_none_or(|due| due > later(now)) {
            return (started, missed);
        }
        let turn = turn(&scenario);
        let outcome = scenario.at(later(now)).when(Command::Arrive { turn });
        scenario = outcome.scenario;
        for event in outcome.result.unwrap() {
            match event {
                Event::Due { n, due, .. } => {
                    started.push((due.0 - NOW.0) / 1_000);
                    let report = report(n, Came::Started { made: made() });
                    scenario = scenario.when(report).scenario;
                }
                Event::Missed { times, .. } => missed += times,
                _ => {}
            }
        }
    }
}

#[test]
fn within_the_tolerance_nothing_is_missed() {
    for missed in [Missed::Skip, Missed::Once, Missed::All] {
        assert_eq!(caught_up(minutely(missed), 119), (vec![60], 0), "{missed:?}");
    }
}

#[test]
fn of_ten_missed_times_none_one_or_all_are_made_good() {
    // Ten minutes and half a minute: the tenth is half a minute late, which is not missed.
    assert_eq!(caught_up(minutely(Missed::Skip), 630), (vec![600], 9));
    assert_eq!(caught_up(minutely(Missed::Once), 630), (vec![600], 0));
    let all: Vec<i64> = (1..=10).map(|minute| minute * 60).collect();
    assert_eq!(caught_up(minutely(Missed::All), 630), (all, 0));
}

#[test]
fn one_start_says_for_how_many_times_it_stands() {
    let outcome = after(vec![(0, create(minutely(Missed::Once)))])
        .at(later(630))
        .when(Command::Arrive { turn: 1 });
    let Event::Due { stands_for, next, .. } = &outcome.result.unwrap()[0] else { unreachable!() };
    assert_eq!((*stands_for, *next), (9, Some(later(660))));
}

#[test]
fn of_too_many_missed_times_the_newest_are_made_good() {
    let (started, missed) = caught_up(minutely(Missed::All), 60 * 1_500);
    assert_eq!((started.len(), missed), (1_000, 500));
    assert_eq!((started[0], started[999]), (60 * 501, 60 * 1_500));
}

#[test]
fn a_time_that_is_over_ends_it_or_is_made_good() {
    let late = |missed| after(vec![(0, create(Spec { missed, ..once(60) }))]).at(later(1_000));
    let skipped = late(Missed::Skip).when(Command::Arrive { turn: 1 }).scenario;
    assert_eq!(skipped.state().status(), "ended");
    for missed in [Missed::Once, Missed::All] {
        let fired = late(missed).when(Command::Arrive { turn: 1 }).scenario;
        assert!(fired.state().firing().is_some(), "{missed:?}");
        let done = fired.when(report(1, Came::Started { made: made() })).scenario;
        assert_eq!(done.state().status(), "ended");
    }
}

#[test]
fn a_single_time_that_was_in_vain_stays_until_it_is_run_again() {
    let arrive = (60, Command::Arrive { turn: 1 });
    let failed = after(vec![(0, create(once(60))), arrive, (61, report(1, failed()))]);
    assert_eq!((failed.state().status(), failed.wants().len()), ("failed", 0));
    let run = failed.at(later(100)).when(Command::Run { by: by() }).scenario;
    let done = run.when(report(2, Came::Started { made: made() })).scenario;
    assert_eq!((done.state().status(), done.state().error()), ("ended", None));
}

#[test]
fn what_never_comes_is_refused() {
    let past = Spec { timing: Timing::Once { at: NOW }, ..once(0) };
    let words = "no time is left at which it would start anything: choose another";
    Scenario::<Schedule>::given([]).at(NOW).when(create(past)).refused(words);
}

#[test]
fn a_single_time_that_passed_in_a_pause_is_run_by_hand() {
    let paused = after(vec![(0, create(once(60))), (1, Command::Pause { by: by() })]);
    let paused = paused
        .at(later(100))
        .when(Command::Resume { by: by() })
        .refused("the schedule is paused: its time has passed meanwhile: run it now, or delete it");
    let run = paused.when(Command::Run { by: by() }).scenario;
    let done = run.when(report(1, Came::Started { made: made() })).scenario;
    assert_eq!(done.state().status(), "ended");
}

#[test]
fn an_ended_one_that_comes_back_uses_no_name_twice() {
    let arrive = (60, Command::Arrive { turn: 1 });
    let way = vec![
        (0, create(minutely(Missed::Skip))),
        arrive,
        (61, report(1, Came::Started { made: made() })),
        (62, Command::End { by: by() }),
        (63, create(minutely(Missed::Skip))),
    ];
    let back = after(way);
    let turn = turn(&back);
    let fired = back.at(later(120)).when(Command::Arrive { turn }).scenario;
    assert_eq!(fired.state().firing().unwrap().n, 2);
    assert!(turn > 2);
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(create(minutely(Missed::All))),
        Just(create(once(500))),
        Just(Command::Change { spec: Box::new(minutely(Missed::Once)), by: by() }),
        Just(Command::Pause { by: by() }),
        Just(Command::Resume { by: by() }),
        Just(Command::Run { by: by() }),
        Just(Command::End { by: by() }),
        (1_u32..12).prop_map(|turn| Command::Arrive { turn }),
        (1_u32..6).prop_map(|n| report(n, Came::Started { made: made() })),
        (1_u32..6).prop_map(|n| report(n, failed())),
    ]
}

proptest! {
    /// Laws 4 and 6: what happened makes it again, and no key is wanted again once its outcome was taken in.
    #[test]
    fn its_past_makes_it_again_and_no_key_comes_twice(
        told in prop::collection::vec((any_command(), 0_i64..200), 1..40)
    ) {
        let stream = StreamId { kind: Schedule::KIND, name: "it".parse().unwrap() };
        let (mut live, mut again, mut spent) = (Schedule::default(), Schedule::default(), BTreeSet::new());
        let mut now = NOW;
        for (command, wait) in told {
            now = Timestamp(now.0 + wait * 1_000);
            let context = Context { stream: &stream, message_id: MessageId::derived(&["it"]), now };
            let before: BTreeSet<_> = live.wants().into_keys().collect();
            let events = live.decide(&command, &context).unwrap_or_default();
            for event in &events {
                live.apply(event);
                again.apply(&serde_json::from_value(serde_json::to_value(event).unwrap()).unwrap());
            }
            let wants: BTreeSet<_> = live.wants().into_keys().collect();
            spent.extend(before.difference(&wants).cloned());
            prop_assert!(wants.is_disjoint(&spent), "{wants:?} of {spent:?}");
        }
        let recalled = Schedule::recalled(&live.snapshot().unwrap());
        prop_assert_eq!(recalled.as_ref(), Some(&live));
        prop_assert_eq!(live, again);
    }
}
