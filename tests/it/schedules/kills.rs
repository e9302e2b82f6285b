//! The real binary: killed, and started again when times have passed.

use super::{make, reach};
use crate::support::{Server, until};
use serde_json::{Value, json};
use std::time::Duration;

/// The shortest tolerance that can be asked for, in seconds.
const TOLERANCE: u32 = 5;

fn body(missed: &str, when: (&str, &str)) -> Value {
    let mut body =
        json!({ "missed": missed, "tolerance_s": TOLERANCE, "process": { "prompt": "hello" } });
    body[when.0] = when.1.into();
    body
}

#[tokio::test]
async fn what_was_missed_while_no_server_ran_is_made_good_as_it_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    make(&server, "skip", body("skip", ("in", "500ms"))).await;
    make(&server, "once", body("once", ("cron", "* * * * * *"))).await;
    make(&server, "all", body("all", ("cron", "* * * * * *"))).await;
    let single = json!({ "in": "500ms", "tolerance_s": 600, "process": { "prompt": "hello" } });
    make(&server, "patient", single).await;
    drop(server);
    // Times have to pass for a server that is dead: nothing else can be waited for.
    tokio::time::sleep(Duration::from_secs((TOLERANCE + 3).into())).await;
    let server = Server::start(folder.path(), &home, &[]).await;

    let skipped = reach(&server, "skip", |it| it["status"] == "ended").await;
    assert_eq!((&skipped["missed_times"], &skipped["started"]), (&json!(1), &json!(0)));
    reach(&server, "patient", |it| it["status"] == "ended" && it["started"] == 1).await;
    reach(&server, "all", |it| it["started"].as_u64() >= Some((TOLERANCE + 3).into())).await;
    reach(&server, "once", |it| it["started"].as_u64() >= Some(2)).await;
    for id in ["all", "once"] {
        super::verb(&server, id, "pause").await;
        reach(&server, id, |it| !it["recent"][0]["came"].is_null()).await;
    }
    let due = server.said("claude.schedule.due").await;
    let of = |id: &str| due.iter().filter(|due| due["schedule_id"] == id).collect::<Vec<_>>();
    let seconds = |due: &[&Value]| -> Vec<i64> {
        let moment =
            |due: &&Value| chrono::DateTime::parse_from_rfc3339(due["due"].as_str().unwrap());
        due.iter().map(|due| moment(due).unwrap().timestamp()).collect()
    };
    let all = seconds(&of("all"));
    assert!(all.windows(2).all(|pair| pair[1] == pair[0] + 1), "each second, in order: {all:?}");
    let stood_for: i64 = of("once").iter().filter_map(|due| due["stands_for"].as_i64()).sum();
    let once = seconds(&of("once"));
    let span = once[once.len() - 1] - once[0] + 1;
    assert!(stood_for >= TOLERANCE.into(), "one stood for many: {stood_for}");
    let seen_to = i64::try_from(once.len()).unwrap() + stood_for;
    assert!(span <= seen_to, "none was forgotten: {once:?}");
    let fired = server.said("claude.schedule.fired").await;
    let processes = until("all processes", || async {
        let (_, page) = server.get("/processes?limit=1000").await;
        let items = page["items"].as_array().unwrap().len();
        (items == fired.len()).then_some(items)
    });
    assert_eq!(processes.await, due.len(), "each was started once");
}
