//! Group commit: whatever waits is one transaction (laws 1, 2 and 3).

use crate::kit::{BROKEN, Command, Lamp, Scene, Spot, entries, id, lives, name};
use callboard_actors::entity::{Directory, TellError};
use callboard_actors::journal::{Append, Committed, Fault, Journal, MessageKind, NewMessage, Wake};
use callboard_actors::machine::{Change, Field, Row};
use futures::future::join_all;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

const ON: Command = Command::Turn { by: 1 };

fn event(text: &str) -> NewMessage {
    NewMessage {
        kind: MessageKind::Fact,
        message_id: None,
        topic: Some("lamp.raw".into()),
        event_type: text.into(),
        error: None,
        data: RawValue::from_string("{}".into()).unwrap(),
        caused_by: None,
        correlation: None,
    }
}

fn append(
    journal: &Journal,
    lamp: &str,
    head: i64,
    texts: &[&str],
) -> oneshot::Receiver<Result<Committed, Fault>> {
    let (reply, answer) = oneshot::channel();
    journal.append(Append {
        stream: Directory::<Lamp>::stream(&name(lamp)),
        head,
        messages: texts.iter().map(|text| event(text)).collect(),
        row: None,
        wake: Wake::At(None),
        parked: None,
        held: Vec::new(),
        snapshot: None,
        reply,
    });
    answer
}

#[test]
fn many_producers_share_few_commits_and_each_stream_keeps_its_order() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let database = scene.database();
        // What a commit of somebody else changes (SQLite's file change counter, as a connection sees it).
        let version = || database.query_row("PRAGMA data_version", [], |r| r.get::<_, i64>(0));
        let mut commits = 0;
        let mut last = version().unwrap();
        let tell = |i: u32| stage.tell_later(&format!("l{}", i % 50), &format!("{i}"), ON);
        let told: Vec<_> = (0..1_000).map(tell).collect();
        let mut told = Box::pin(join_all(told));
        while futures::poll!(&mut told).is_pending() {
            tokio::task::yield_now().await;
            let now = version().unwrap();
            commits += i64::from(now != last);
            last = now;
        }
        assert!((1..=100).contains(&commits), "{commits} commits for 1,000 commands");
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
    assert_eq!(scene.number("SELECT max(id) FROM messages"), 2_000);
    assert_eq!(scene.number("SELECT sum(version) FROM streams"), 1_000);
}

#[test]
fn commands_of_one_stream_are_decided_in_the_order_in_which_they_were_told() {
    lives(async |stage| {
        let told: Vec<_> = (0..200)
            .map(|i| stage.tell_later("a", &format!("{i}"), Command::Turn { by: i }))
            .collect();
        let receipts = join_all(told).await.into_iter().map(|a| a.unwrap().unwrap().version);
        assert_eq!(receipts.collect::<Vec<_>>(), (1..=200).collect::<Vec<_>>());
    });
}

#[test]
fn a_conflict_is_left_out_of_its_batch_and_the_rest_is_committed_without_gaps() {
    let scene = Scene::new();
    let journal = scene.life(async |stage| {
        let journal = stage.journal.clone();
        let answers = [
            append(&journal, "a", 0, &["A1", "A2"]),
            append(&journal, "b", 7, &["B1"]),
            append(&journal, "c", 0, &["C1"]),
            append(&journal, "a", 2, &["A3"]),
            append(&journal, "a", 2, &["A4"]),
        ];
        let answers = join_all(answers).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
        let committed = |first| Ok(Committed { first, version: 0 });
        let conflict = |expected, found| Err(Fault::Conflict { expected, found });
        assert_eq!(
            answers,
            [committed(1), conflict(7, 0), committed(3), committed(4), conflict(2, 4)]
        );
        entries(&journal).await
    });
    insta::assert_snapshot!(journal);
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn an_append_without_events_is_still_seen_by_the_next_who_did_not_know_of_it() {
    lives(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        stage.tell("a", "2", Command::Look).await.unwrap();
        // Somebody who read the stream before the second command: the version is the same, the head is not.
        let answer = append(&stage.journal, "a", 2, &["LATE"]).await.unwrap();
        assert_eq!(answer, Err(Fault::Conflict { expected: 2, found: 3 }));
        let answer = append(&stage.journal, "a", 3, &["IN_TIME"]).await.unwrap();
        assert_eq!(answer.unwrap().first, 4);
        // The entity, in turn, finds out, reads again and goes on.
        assert_eq!(stage.tell("a", "3", ON).await.unwrap().version, 2);
    });
}

#[test]
fn of_a_batch_with_an_sql_error_only_the_culprit_is_refused() {
    BROKEN.set(true);
    lives(async |stage| {
        for lamp in ["a", "b", "bad"] {
            stage.tell(lamp, &format!("{lamp}1"), ON).await.unwrap();
        }
        for round in 0..3 {
            let (a, b) = (format!("a2{round}"), format!("b2{round}"));
            let a = stage.tell_later("a", &a, ON);
            let bad = stage.tell_later("bad", "bad", Command::Break { spot: Spot::Table });
            let b = stage.tell_later("b", &b, ON);
            let answer = bad.await.unwrap();
            assert!(
                matches!(&answer, Err(TellError::Fault(Fault::Refused(why))) if why.contains("no_such_table")),
                "{answer:?}"
            );
            assert_eq!(a.await.unwrap().unwrap().version, 2 + round);
            assert_eq!(b.await.unwrap().unwrap().version, 2 + round);
        }
        assert!(stage.journal.health().check().is_ok(), "the journal can write");
        assert_eq!(stage.journal.feed().head(), 18, "nothing of the culprit is there");
        let answer = stage.tell("bad", "bad2", ON).await.unwrap();
        assert_eq!(answer.version, 2, "in place: it did not count as a restart");
        assert_eq!(stage.parked("bad").await, None);
    });
}

/// An append with a read-model row.
fn append_row(
    journal: &Journal,
    lamp: &str,
    table: &'static str,
    columns: Vec<(&'static str, Field)>,
) -> oneshot::Receiver<Result<Committed, Fault>> {
    let (reply, answer) = oneshot::channel();
    journal.append(Append {
        stream: Directory::<Lamp>::stream(&name(lamp)),
        head: 0,
        messages: vec![event(lamp)],
        row: Some(Change::Put(Row { table, columns })),
        wake: Wake::At(None),
        parked: None,
        held: Vec::new(),
        snapshot: None,
        reply,
    });
    answer
}

#[test]
fn violated_constraints_are_their_appends_own_trouble() {
    let scene = Scene::new();
    let orphans = "CREATE TABLE orphans (stream INTEGER PRIMARY KEY, id TEXT NOT NULL,
        parent INTEGER NOT NULL REFERENCES streams (id) DEFERRABLE INITIALLY DEFERRED) STRICT";
    scene.database().execute_batch(orphans).unwrap();
    scene.life(async |stage| {
        let journal = stage.journal.clone();
        let good = |lamp: &str| append(&journal, lamp, 0, &["ONE", "TWO"]);
        let null = |lamp: &str| {
            append_row(
                &journal,
                lamp,
                "lamps",
                vec![("light", Field::Null), ("wanted", Field::Int(0))],
            )
        };
        // This one is found out by the COMMIT.
        let orphan =
            |lamp: &str| append_row(&journal, lamp, "orphans", vec![("parent", Field::Int(77))]);
        let mut answers = Vec::new();
        for round in 0..10 {
            answers.push(good(&format!("a{round}")));
            answers.push(match round {
                3 => null("null"),
                6 => orphan("orphan"),
                _ => good(&format!("b{round}")),
            });
        }
        let mut next = 1;
        for (number, answer) in join_all(answers).await.into_iter().enumerate() {
            match answer.unwrap() {
                Ok(committed) => {
                    assert_eq!(committed.first, next, "in the order in which they were given");
                    next += 2;
                }
                Err(Fault::Refused(why)) => {
                    let expected = if number == 7 { "NOT NULL" } else { "FOREIGN KEY" };
                    assert!(why.contains(expected), "{number}: {why}");
                    assert!(matches!(number, 7 | 13), "{number}: {why}");
                }
                other => panic!("{number}: {other:?}"),
            }
        }
        assert_eq!(next, 37, "eighteen of two messages each");
        assert!(journal.health().check().is_ok());
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn what_was_answered_is_there_after_a_crash_and_what_was_not_is_not_half_there() {
    let scene = Scene::new();
    let answered = scene.life(async |stage| {
        let told: Vec<_> = (0..400)
            .map(|i| stage.tell_later(&format!("l{}", i % 7), &format!("{i}"), ON))
            .collect();
        while told.iter().filter(|t| t.is_finished()).count() < 50 {
            tokio::task::yield_now().await;
        }
        let done = (0..400).filter(|i| told[*i].is_finished()).collect::<Vec<_>>();
        assert!(done.len() < 400, "the crash comes in the middle");
        done
    });
    scene.life(async |stage| {
        for i in answered {
            let again = stage.tell(&format!("l{}", i % 7), &format!("{i}"), ON).await.unwrap();
            assert!(again.repeated, "{i} was answered, and lost");
        }
    });
    let orphans = "SELECT count(*) FROM messages c WHERE kind = 'command' AND NOT EXISTS
                   (SELECT 1 FROM messages e WHERE e.causation_id = c.id)";
    assert_eq!(scene.number(orphans), 0);
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn what_waits_outlives_the_writer() {
    lives(async |mut stage| {
        stage.tell("a", "1", ON).await.unwrap();
        stage.writer = None;
        tokio::task::yield_now().await;
        let told: Vec<_> =
            (0..10).map(|i| stage.tell_later(&format!("l{i}"), &format!("{i}"), ON)).collect();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        stage.start_writer();
        for answer in join_all(told).await {
            answer.unwrap().unwrap();
        }
    });
}

#[test]
fn a_publication_stands_in_no_stream() {
    lives(async |stage| {
        let mut message = event("SAID");
        message.kind = MessageKind::Publication;
        let said = stage.journal.publish(message).await.unwrap();
        assert_eq!((said.first, said.version), (1, 0));
        assert_ne!(id("a"), id("b"));
    });
}
