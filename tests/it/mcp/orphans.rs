//! Nothing of a server outlives whoever speaks to it, however that one ends.

use super::kit::{Lab, liar, lives};
use crate::support::{Server, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::fs;

async fn with_a_lingering_child(more: &str) -> (Lab, Vec<String>) {
    let lab = Lab::open(|folder| liar(folder, more)).await;
    lab.until_up("liar").await;
    assert_eq!(lab.call("liar__linger", json!({})).await, Ok(json!("lingering")));
    let pids = [lab.noted("started"), lab.noted("lingering")].concat();
    assert!(pids.len() == 2 && pids.iter().all(|pid| lives(pid)), "{pids:?}");
    (lab, pids)
}

async fn until_gone(pids: &[String]) {
    until("the end of all", || async { (!pids.iter().any(|pid| lives(pid))).then_some(()) }).await;
}

#[tokio::test]
async fn nothing_is_left_after_kill_9() {
    let (lab, pids) = with_a_lingering_child("").await;
    let Lab { server, folder } = lab;
    // This is SIGKILL.
    drop(server);
    until_gone(&pids).await;
    drop(folder);
}

#[tokio::test]
async fn nothing_is_left_after_an_end_in_order() {
    let (mut lab, pids) = with_a_lingering_child("").await;
    lab.server.terminate().await;
    until_gone(&pids).await;
}

#[tokio::test]
async fn what_a_server_that_died_has_left_goes_with_it() {
    let (lab, pids) = with_a_lingering_child("").await;
    lab.begin("liar__count_and_die", &json!({})).await;
    until_gone(&pids).await;
    lab.until_up("liar").await;
}

#[tokio::test]
async fn a_server_that_is_no_longer_wanted_ends() {
    let (lab, pids) = with_a_lingering_child("").await;
    let (status, said) = lab.server.set("mcp.liar.enabled", json!(false)).await;
    assert_eq!(status.as_u16(), 200, "{said}");
    until_gone(&pids).await;
    assert_eq!(lab.tool("liar__echo").await, None);
    let (status, said) = lab.server.set("mcp.liar.enabled", json!(true)).await;
    assert_eq!(status.as_u16(), 200, "{said}");
    lab.until_up("liar").await;
}

#[tokio::test]
async fn a_server_is_found_again_after_kill_9() {
    let (lab, pids) = with_a_lingering_child("").await;
    let Lab { server, folder } = lab;
    drop(server);
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    let lab = Lab { server, folder };
    assert_eq!(lab.call("liar__echo", json!({ "text": "back" })).await, Ok(json!("back")));
    until_gone(&pids).await;
}

/// The parent of a process.
fn parent(pid: &str) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_program_ends_also_when_its_attendant_is_killed_together_with_the_server() {
    let lab = Lab::open(|folder| liar(folder, "")).await;
    lab.until_up("liar").await;
    // It does not heed the end of its stdin.
    lab.begin("liar__deaf", &json!({})).await;
    until("its deafness", || async { lab.noted("deaf").first().cloned() }).await;
    let pids = lab.noted("started");
    let attendant: i32 = parent(&pids[0]).parse().unwrap();
    let Lab { server, folder } = lab;
    kill_process(Pid::from_raw(attendant).unwrap(), Signal::KILL).unwrap();
    drop(server);
    until_gone(&pids).await;
    drop(folder);
}
