//! Shutting down: the order, the time each child has, and what becomes of those that do not end.

use std::sync::mpsc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::{ChildSpec, Exit, Strategy, What};
use super::kit::{Board, Do, Manners, few, probe, probes, tree};

fn downs(board: &Board) -> Vec<String> {
    board.lines().into_iter().filter(|line| line.starts_with("down")).collect()
}

#[actix_rt::test]
async fn a_tree_is_shut_down_in_reverse_start_order_whole() {
    let board = Board::new();
    let inner =
        ChildSpec::supervisor("inner", Strategy::OneForAll, few(1), probes(&board, &["b", "c"]));
    let mut children = probes(&board, &["a", "d"]);
    children[1] = children[1].clone().on_own_thread();
    children.insert(1, inner);
    let root = tree(&board, Strategy::RestForOne, 1, children).await;
    for line in ["ready c", "ready d"] {
        board.until(line, 1).await;
    }
    assert_eq!(root.shutdown().await, Exit::Normal);
    assert_eq!(downs(&board), ["down d", "down c", "down b", "down a"]);
    assert_eq!(root.shutdown().await, Exit::Normal, "asking again does no harm");
}

#[actix_rt::test]
async fn a_child_that_does_not_stop_in_its_time_is_killed_and_the_rest_goes_on_in_order() {
    tokio::time::pause();
    let board = Board::new();
    let mut children = probes(&board, &["a", "c"]);
    children.insert(1, probe("deaf", &board, Manners::Deaf).shutdown(Duration::from_secs(7)));
    let root = tree(&board, Strategy::OneForOne, 1, children).await;
    board.until("ready c", 1).await;
    let asked = Instant::now();
    assert_eq!(root.shutdown().await, Exit::Normal);
    let took = asked.elapsed();
    assert!(took >= Duration::from_secs(7) && took < Duration::from_millis(7_100), "{took:?}");
    assert_eq!(downs(&board), ["down c", "down deaf", "down a"]);
    let deaf: Vec<What> = board
        .decisions()
        .into_iter()
        .filter(|said| said.path == "/deaf")
        .map(|said| said.what)
        .collect();
    assert_eq!(deaf, [What::Started, What::Stopping, What::Killed, What::Stopped]);
}

#[actix_rt::test]
async fn a_killed_supervisor_takes_all_below_it_along_before_it_counts_as_ended() {
    tokio::time::pause();
    let board = Board::new();
    let below = vec![probe("x", &board, Manners::Deaf), probe("y", &board, Manners::Deaf)];
    let inner = ChildSpec::supervisor("inner", Strategy::OneForOne, few(1), below)
        .shutdown(Duration::from_secs(1));
    let mut children = probes(&board, &["a"]);
    children.push(inner);
    let root = tree(&board, Strategy::OneForOne, 1, children).await;
    board.until("ready y", 1).await;
    root.shutdown().await;
    let mut downs = downs(&board);
    assert_eq!(downs.pop().unwrap(), "down a");
    downs.sort();
    assert_eq!(downs, ["down x", "down y"]);
}

#[actix_rt::test]
async fn a_blocked_thread_does_not_hold_up_the_shutdown_for_ever() {
    let board = Board::new();
    let stuck =
        probe("stuck", &board, Manners::Obedient).on_own_thread().shutdown(Duration::from_secs(2));
    let inner = ChildSpec::supervisor("inner", Strategy::OneForOne, few(1), vec![stuck]);
    let mut children = probes(&board, &["a"]);
    children.push(inner);
    let root = tree(&board, Strategy::OneForOne, 1, children).await;
    board.until("ready stuck", 1).await;
    let (release, until) = mpsc::channel();
    board.tell("stuck", Do::Block(until));
    board.until("blocked stuck", 1).await;
    tokio::time::pause();
    assert_eq!(root.shutdown().await, Exit::Normal);
    assert_eq!(downs(&board), ["down a"], "the stuck one is still there");
    let decisions = board.decisions();
    let abandoned =
        decisions.iter().filter(|said| said.what == What::Abandoned).map(|said| said.path.as_str());
    assert_eq!(abandoned.collect::<Vec<_>>(), ["/inner/stuck", "/inner"]);
    drop(release);
    board.until("down stuck", 1).await;
}
