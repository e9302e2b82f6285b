//! Restarts as the running actor does them: groups, escalation, backoff, and never two incarnations.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::super::{Backoff, Branch, ChildSpec, Exit, Strategy, Verb, What};
use super::kit::{Board, Do, Manners, few, probe, probes, tree};

const ABC: [&str; 3] = ["a", "b", "c"];

async fn lines_after_b_panics(way: Strategy) -> String {
    let board = Board::new();
    let root = tree(&board, way, 5, probes(&board, &ABC)).await;
    board.until("ready c", 1).await;
    board.tell("b", Do::PanicStatic);
    board.until("ready b", 2).await;
    let lines: Vec<String> =
        board.lines().into_iter().filter(|line| !line.starts_with("ready")).collect();
    assert_eq!(root.shutdown().await, Exit::Normal);
    lines[3..].join(", ")
}

#[actix_rt::test]
async fn one_for_one_restarts_the_one_that_panicked() {
    assert_eq!(lines_after_b_panics(Strategy::OneForOne).await, "down b, up b");
}

#[actix_rt::test]
async fn rest_for_one_stops_and_restarts_those_started_after_it_too() {
    let lines = lines_after_b_panics(Strategy::RestForOne).await;
    assert_eq!(lines, "down b, asked c, down c, up b, up c");
}

#[actix_rt::test]
async fn one_for_all_stops_all_in_reverse_order_and_restarts_all_in_order() {
    let lines = lines_after_b_panics(Strategy::OneForAll).await;
    assert_eq!(lines, "down b, asked c, down c, asked a, down a, up a, up b, up c");
}

#[actix_rt::test]
async fn a_transient_child_that_ends_normally_and_a_temporary_one_stay_down() {
    let board = Board::new();
    let mut children = probes(&board, &ABC);
    children[0] = children[0].clone().transient();
    children[1] = children[1].clone().temporary();
    let root = tree(&board, Strategy::OneForOne, 5, children).await;
    board.until("ready c", 1).await;
    board.tell("a", Do::Stop);
    board.tell("b", Do::PanicStatic);
    board.until("down b", 1).await;
    board.until("down a", 1).await;
    board.tell("c", Do::PanicStatic);
    board.until("ready c", 2).await;
    root.shutdown().await;
    let ups =
        |name: &str| board.lines().iter().filter(|line| **line == format!("up {name}")).count();
    assert_eq!((ups("a"), ups("b"), ups("c")), (1, 1, 2));
}

#[actix_rt::test]
async fn the_next_incarnation_waits_for_the_last_lifeline_of_the_former() {
    let board = Board::new();
    let root = tree(&board, Strategy::OneForOne, 5, probes(&board, &["a", "b"])).await;
    board.until("ready b", 1).await;
    let (keep, until) = oneshot::channel();
    board.tell("a", Do::Linger(until));
    board.tell("a", Do::PanicStatic);
    board.until("down a", 1).await;
    board.tell("b", Do::PanicStatic);
    board.until("ready b", 2).await;
    assert_eq!(
        board.lines().iter().filter(|line| *line == "up a").count(),
        1,
        "its task still runs"
    );
    drop(keep);
    board.until("ready a", 2).await;
    root.shutdown().await;
}

#[actix_rt::test]
async fn too_many_restarts_escalate_from_supervisor_to_supervisor_up_to_the_root() {
    let board = Board::new();
    let inner = ChildSpec::supervisor(
        "inner",
        Strategy::OneForOne,
        few(1),
        probes(&board, &["bad", "good"]),
    );
    let root = tree(&board, Strategy::OneForOne, 1, vec![inner]).await;
    for time in 1..=4 {
        board.until("ready bad", time).await;
        board.tell("bad", Do::Panic("again".into()));
    }
    let Exit::Error(why) = root.ended().await else { panic!("not an error") };
    let expected = "reached its restart limit of 1 in 3600s: its child inner failed: reached its restart limit of 1 \
                    in 3600s: its child bad panicked: again";
    assert_eq!(why, expected);
    assert_eq!(
        board.lines().last().unwrap(),
        "down good",
        "siblings are stopped in order before the end"
    );
    let gave_up = board.decisions().into_iter().filter(|decision| decision.what == What::GaveUp);
    assert_eq!(
        gave_up.map(|decision| decision.path).collect::<Vec<_>>(),
        ["/inner", "/inner", "/"]
    );
}

#[actix_rt::test]
async fn restarts_wait_for_their_backoff() {
    tokio::time::pause();
    let board = Board::new();
    let backoff = Backoff { first: Duration::from_secs(4), max: Duration::from_mins(1) };
    let child = probe("a", &board, Manners::Obedient).backoff(backoff);
    let root = tree(&board, Strategy::OneForOne, 9, vec![child]).await;
    let mut delays = Vec::new();
    for time in 1..=4 {
        board.until("ready a", time).await;
        let ended = Instant::now();
        board.tell("a", Do::PanicStatic);
        board.until("ready a", time + 1).await;
        delays.push(ended.elapsed());
    }
    for (delay, attempt) in delays.iter().zip(1..) {
        let due = backoff.delay("a", attempt);
        assert!(*delay >= due && *delay < due + Duration::from_millis(5), "{delay:?}, not {due:?}");
    }
    assert!(delays[1] >= Duration::from_secs(3), "the second restart has to wait");
    root.shutdown().await;
    let told = board.decisions().into_iter().filter(|decision| decision.what == What::Restarting);
    let told: Vec<(u32, u64)> =
        told.map(|decision| (decision.attempt, decision.delay_ms)).collect();
    assert_eq!(told[..2], [(1, 0), (2, u64::try_from(backoff.delay("a", 2).as_millis()).unwrap())]);
}

#[actix_rt::test]
async fn a_panic_on_a_thread_of_its_own_takes_nobody_else_down() {
    let board = Board::new();
    let mut children = probes(&board, &ABC);
    children[1] = children[1].clone().on_own_thread();
    let root = tree(&board, Strategy::OneForOne, 5, children).await;
    for name in ["ready a", "ready b", "ready c"] {
        board.until(name, 1).await;
    }
    board.tell("b", Do::Panic("alone".into()));
    board.until("ready b", 2).await;
    assert!(board.probe("a").connected() && board.probe("c").connected());
    root.shutdown().await;
    assert_eq!(board.lines().iter().filter(|line| line.starts_with("up")).count(), 4);
}

#[actix_rt::test]
async fn a_nested_supervisor_starts_again_with_all_below_it() {
    let board = Board::new();
    let inner =
        ChildSpec::supervisor("inner", Strategy::OneForOne, few(1), probes(&board, &["x", "y"]));
    let root = tree(&board, Strategy::OneForOne, 5, vec![inner.on_own_thread()]).await;
    board.until("ready y", 1).await;
    root.operate(vec!["inner".into()], Verb::Restart, "ann".into()).await.unwrap();
    board.until("ready y", 2).await;
    root.shutdown().await;
    let lines: Vec<String> =
        board.lines().into_iter().filter(|line| !line.starts_with("ready")).collect();
    let once = ["up x", "up y", "asked y", "down y", "asked x", "down x"];
    assert_eq!(lines, [once, once].concat());
}
