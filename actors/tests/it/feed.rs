//! The feed: the past and the present in one loop, each message once (law 9).

use crate::kit::{Command, Scene, lives};
use callboard_actors::journal::{JournalSettings, Subscription};
use callboard_actors::vocabulary::Patterns;

const ON: Command = Command::Turn { by: 1 };

fn patterns(text: &str) -> Patterns {
    Patterns::parse(&[text]).unwrap()
}

/// Reads until it has seen everything up to `head`: the positions it got.
async fn read_to(subscription: &mut Subscription, head: i64) -> Vec<i64> {
    let mut positions = Vec::new();
    while subscription.position() < head {
        let before = subscription.position();
        let batch = subscription.next().await.unwrap();
        positions.extend(batch.messages.iter().map(|message| message.position));
        assert!(subscription.position() > before, "no empty turns");
    }
    positions
}

#[test]
fn from_the_past_into_the_present_without_gap_or_repetition_while_a_writer_writes() {
    for keep in [0, 1, 7, 64, 8_192] {
        let mut scene = Scene::new();
        scene.settings = JournalSettings { feed_messages: keep, ..JournalSettings::default() };
        scene.life(async |stage| {
            for i in 0..300 {
                stage.tell_later("past", &format!("p{i}"), ON);
            }
            stage.tell("past", "last", ON).await.unwrap();
            let mut follower = stage.journal.subscribe(patterns("claude.lamp.turned"), 0);
            let follower = actix_rt::spawn(async move { read_to(&mut follower, 1_202).await });
            let mut told = Vec::new();
            for i in 0..300 {
                told.push(stage.tell_later(&format!("now-{}", i % 5), &format!("n{i}"), ON));
                tokio::task::yield_now().await;
            }
            futures::future::join_all(told).await;
            assert_eq!(stage.journal.feed().head(), 1_202);
            let got = follower.await.unwrap();
            assert_eq!(got.len(), 601, "{keep}");
            assert!(got.is_sorted_by(|a, b| a < b), "in order, each once");
        });
    }
}

#[test]
fn a_slow_subscriber_falls_out_of_memory_and_misses_nothing() {
    let mut scene = Scene::new();
    scene.settings = JournalSettings { feed_messages: 10, ..JournalSettings::default() };
    scene.life(async |stage| {
        let mut slow = stage.journal.subscribe(patterns(">"), 0);
        stage.tell("a", "0", ON).await.unwrap();
        assert_eq!(slow.next().await.unwrap().messages.len(), 1);
        for i in 1..1_500 {
            stage.tell_later(&format!("l{}", i % 3), &format!("{i}"), ON);
        }
        stage.journal.feed().watch().wait_for(|head| *head >= 3_000).await.unwrap();
        let head = stage.journal.feed().head();
        assert_eq!(read_to(&mut slow, head).await.len(), 1_499);
    });
}

#[test]
fn what_does_not_match_still_moves_the_place() {
    lives(async |stage| {
        let mut deaf = stage.journal.subscribe(patterns("nothing.>"), 0);
        stage.tell("a", "1", ON).await.unwrap();
        let batch = deaf.next().await.unwrap();
        assert_eq!((batch.messages.len(), batch.upto, deaf.position()), (0, 2, 2));
        // And at the head it waits.
        assert!(futures::poll!(std::pin::pin!(deaf.next())).is_pending());
    });
}

#[test]
fn nothing_is_shown_that_the_writer_has_not_announced() {
    let scene = Scene::new();
    scene.life(async |mut stage| {
        stage.tell("a", "1", ON).await.unwrap();
        // A row that the feed knows nothing of: as of a COMMIT whose sync is not known to have happened.
        stage.writer = None;
        tokio::task::yield_now().await;
        let sneak = "INSERT INTO messages (id, kind, topic, event_type, created_at, data)
                     VALUES (3, 'publication', 'claude.lamp.x', 'X', 0, '{}')";
        scene.database().execute(sneak, []).unwrap();
        let shown = stage.journal.messages(None, 0, 100).await.unwrap();
        assert_eq!(shown.items.last().unwrap().position, 2);
        let shown = stage.journal.messages(Some(patterns(">")), 0, 100).await.unwrap();
        assert_eq!(shown.items.last().unwrap().position, 2);
        let mut subscription = stage.journal.subscribe(patterns(">"), 0);
        assert_eq!(subscription.next().await.unwrap().upto, 2);
        assert!(futures::poll!(std::pin::pin!(subscription.next())).is_pending());
    });
}

#[test]
fn a_filtered_list_is_read_page_by_page_to_its_end() {
    lives(async |stage| {
        for i in 0..50 {
            stage.tell("a", &format!("{i}"), ON).await.unwrap();
        }
        let mut got = Vec::new();
        let mut after = Some(0);
        while let Some(from) = after {
            let turned = Some(patterns("claude.lamp.turned"));
            let page = stage.journal.messages(turned, from, 7).await.unwrap();
            got.extend(page.items.iter().map(|message| message.position));
            after = page.next;
        }
        assert_eq!(got, (1..=50).map(|i| 2 * i).collect::<Vec<_>>());
    });
}
