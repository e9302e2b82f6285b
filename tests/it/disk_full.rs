//! A disk that fills up in the middle of load, and has room again.

use crate::support::{Server, SmallDisk, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long the disk stays full.
const FULL_FOR: Duration = Duration::from_secs(3);

/// Spawns until the server refuses: the ids of what it accepted, and the refusal.
async fn spawn_until_refused(
    server: &Server,
    accepted: &mut Vec<String>,
) -> (u16, Option<String>, Value) {
    for number in 0..2_000 {
        let body = json!({ "prompt": format!("under load {number} {}", "x".repeat(3_000)) });
        let response = server.ask(Method::POST, "/spawn").json(&body).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let body: Value = response.json().await.unwrap();
        if status != 202 {
            assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
            return (status, header("retry-after"), body);
        }
        accepted.push(body["process_id"].as_str().unwrap().to_owned());
    }
    panic!("a full disk took everything");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_needs_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("disk")) else { return skip() };
    let server = Server::start(folder.path(), &disk.at.join("home"), &[]).await;
    assert_eq!(server.get("/health").await.0, 200);
    let mut accepted = Vec::new();
    for _ in 0..30 {
        accepted.push(server.spawn("drip").await);
    }
    server.wait_for(&accepted[0], "RUNNING").await;
    for round in 0..2 {
        disk.fill_but(0);
        let (status, retry_after, problem) = spawn_until_refused(&server, &mut accepted).await;
        assert_eq!((status, retry_after.as_deref()), (503, Some("1")), "{problem}");
        let words = problem["detail"].as_str().unwrap();
        assert!(words.contains("No space left") || words.contains("full"), "{words}");
        let health = until("an unhealthy database", || async {
            // Something has to be written for the fault to be met.
            server.post("/actors/services/sweeper/restart", json!({})).await;
            let (status, health) = server.get("/health").await;
            (status == 503 && health["checks"]["database"]["ok"] == false).then_some(health)
        });
        let health = health.await;
        assert_eq!(health["checks"]["disk_space"]["ok"], false, "{health}");
        // It stays full for longer than the attempts that run would have taken.
        let since = Instant::now();
        until("time to pass", || async { (since.elapsed() > FULL_FOR).then_some(()) }).await;
        assert_eq!(server.get("/health").await.0, 503);
        disk.make_room();
        until("room for another spawn", || async {
            let (status, receipt) =
                server.post("/spawn", json!({ "prompt": format!("again {round}") })).await;
            (status == 202).then_some(receipt)
        })
        .await;
        until("a healthy server", || async {
            (server.get("/health").await.0 == 200).then_some(())
        })
        .await;
    }
    for id in &accepted {
        server.wait_for(id, "COMPLETED").await;
    }
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

fn skip() {
    eprintln!("skipped: needs a mountable tmpfs");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_ends_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (full, home) = ("/dev/full".into(), folder.path().join("home"));
    let level = [("CALLBOARD_LOG__LEVEL", "debug")];
    let mut server = Server::logging_to(full, folder.path(), &home, &level).await;
    let process = server.spawn("greet me").await;
    server.wait_for(&process, "COMPLETED").await;
    assert_eq!(server.get("/nowhere").await.0, 404, "which is logged");
    let (_, tree) = server.get("/actors").await;
    assert!(!tree.to_string().contains("panic"), "{tree}");
    assert!(server.terminate().await.success());
}
