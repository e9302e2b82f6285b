//! Secrets: sealed at rest, masked when shown, written nowhere.

use crate::support::{Server, TestApp, until};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const KEY: &str = "runtimes.anthropic.api_key";
const SECRET: &str = "sk-ant-hushhush-0123456789-wxyz";

/// Which files of a folder hold a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if let Ok(content) = fs::read(&path)
            && content.windows(text.len()).any(|window| window == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

/// A provider that writes down who asks and refuses all of them.
async fn provider() -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 16_384];
            let length = socket.read(&mut request).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            let _ = tell.send(text);
            // The key comes back in the error: it must not get into ours.
            let body = json!({ "type": "error", "error": { "type": "authentication_error", "message": format!("bad {SECRET}") } });
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    (base, asked)
}

#[tokio::test]
async fn a_key_that_is_set_is_used_at_once_and_stands_nowhere_in_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (base, mut heard) = provider().await;
    let variables =
        [("LOG_LEVEL", "trace"), ("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", base.as_str())];
    let mut server = Server::start(folder.path(), &home, &variables).await;
    let body = json!({ "prompt": "x", "runtime": "anthropic", "max_retries": 0 });
    let id = server.spawn_with(body.clone()).await;
    let row = server.wait_for(&id, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("ANTHROPIC_API_KEY"), "{row}");

    let (status, shown) = server.set(KEY, json!(SECRET)).await;
    assert_eq!((status, &shown["value"]), (StatusCode::OK, &json!("••••wxyz")), "{shown}");
    assert_eq!((&shown["secret"], &shown["source"]), (&json!(true), &json!("stored")));
    let id = server.spawn_with(body).await;
    let request = heard.recv().await.unwrap();
    assert!(request.contains(&format!("x-api-key: {SECRET}")), "{request}");
    server.wait_for(&id, "DEAD").await;
    // Wrong ones are not repeated either.
    let wrong = server.set("runtimes.anthropic.max_tokens", json!(SECRET)).await;
    assert_eq!(wrong.0, StatusCode::UNPROCESSABLE_ENTITY);
    let all = server.get("/config").await.1.to_string();
    let said = server.get("/messages?limit=1000").await.1.to_string();
    assert!(!all.contains(SECRET) && !said.contains(SECRET));
    assert_eq!(holding(folder.path(), SECRET), [""; 0], "with the write-ahead log");
    server.terminate().await;
    assert_eq!(holding(folder.path(), SECRET), [""; 0], "at rest");
    drop(server);

    let server = Server::start(folder.path(), &home, &variables).await;
    assert_eq!(server.get(&format!("/config/{KEY}")).await.1["value"], "••••wxyz");
    server.spawn_with(json!({ "prompt": "x", "runtime": "anthropic", "max_retries": 0 })).await;
    assert!(heard.recv().await.unwrap().contains(SECRET), "the key is used after a restart");
}

#[tokio::test]
async fn a_variable_goes_over_what_is_set_and_the_answer_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let variables = [("ANTHROPIC_API_KEY", "sk-ant-of-the-environment-1111")];
    let server = Server::start(folder.path(), &home, &variables).await;
    let (_, shown) = server.set(KEY, json!(SECRET)).await;
    assert_eq!(
        (&shown["value"], &shown["source"], &shown["variable"], &shown["overridden_by"]),
        (
            &json!("••••1111"),
            &json!("environment"),
            &json!("ANTHROPIC_API_KEY"),
            &json!("ANTHROPIC_API_KEY")
        )
    );
}

#[tokio::test]
async fn variables_for_programs_are_sealed_and_masked_and_reach_them() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let script = "#!/bin/sh\nprintf '%s.%s' \"$ONE_KEY\" \"$OTHER_KEY\" | rev\n";
    let program = folder.path().join("program");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("LOG_LEVEL", "trace")];
    let command = json!(program);
    let settings =
        format!("[runtimes.program]\nkind = \"cli\"\ncommand = {command}\nstdin = \"none\"\n");
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(folder.path().join("config/callboard.toml"), settings).unwrap();
    let mut server = Server::start(folder.path(), &home, &variables).await;
    let (status, shown) =
        server.set("runtimes.program.set_env", json!({ "ONE_KEY": SECRET })).await;
    assert_eq!((status, &shown["secret"]), (StatusCode::OK, &json!(true)), "{shown}");
    assert_eq!(shown["value"], json!({ "ONE_KEY": "••••wxyz" }));
    let other = "another-secret-0123456789-abcd";
    let (_, shown) = server.set("runtimes.program.set_env.OTHER_KEY", json!(other)).await;
    assert_eq!((&shown["secret"], &shown["value"]), (&json!(true), &json!("••••abcd")));
    let backwards: String = format!("{SECRET}.{other}").chars().rev().collect();
    let said = async |server: &Server| {
        let id = server.spawn_with(json!({ "prompt": "x", "runtime": "program" })).await;
        server.wait_for(&id, "COMPLETED").await;
        let (_, response) = server.get(&format!("/processes/{id}/response")).await;
        response["content"].as_str().unwrap().trim().to_owned()
    };
    assert_eq!(said(&server).await, backwards);
    let all = server.get("/config").await.1.to_string();
    let told = server.get("/messages?limit=1000").await.1.to_string();
    for secret in [SECRET, other] {
        assert!(!all.contains(secret) && !told.contains(secret));
        assert_eq!(holding(folder.path(), secret), [""; 0], "with the write-ahead log");
    }
    server.terminate().await;
    drop(server);
    let mut server = Server::start(folder.path(), &home, &variables).await;
    assert_eq!(said(&server).await, backwards, "after a restart, too");
    server.terminate().await;
    for secret in [SECRET, other] {
        assert_eq!(holding(folder.path(), secret), [""; 0], "at rest");
    }
}

fn sealed(home: &Path) -> String {
    let database = rusqlite::Connection::open(home.join("callboard.db")).unwrap();
    database.query_row("SELECT value FROM config", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_new_key_seals_everything_anew_and_the_old_one_is_forgotten() {
    let mut app = TestApp::start();
    app.set(KEY, json!(SECRET)).await;
    let (before, old) = (sealed(&app.home()), fs::read(app.home().join("secret.key")).unwrap());
    let (status, rotated) = app.post("/config/rotate-key", Value::Null).await;
    assert_eq!((status, &rotated["secrets"]), (StatusCode::OK, &json!(1)));
    let (after, new) = (sealed(&app.home()), fs::read(app.home().join("secret.key")).unwrap());
    assert!(before != after && old != new);
    let id = before.split('.').nth(1).unwrap();
    assert!(!String::from_utf8(new).unwrap().contains(id), "the old key is still there");
    app.restart().await;
    assert_eq!(app.get(&format!("/config/{KEY}")).await.1["value"], "••••wxyz");
    // A server that died between two steps leaves more keys, or older secrets, than are needed.
    app.stop().await;
    let mut keyring: Value =
        serde_json::from_slice(&fs::read(app.home().join("secret.key")).unwrap()).unwrap();
    let former: Value = serde_json::from_slice(&old).unwrap();
    keyring["keys"][id] = former["keys"][id].clone();
    fs::write(app.home().join("secret.key"), keyring.to_string()).unwrap();
    rusqlite::Connection::open(app.home().join("callboard.db"))
        .unwrap()
        .execute("UPDATE config SET value = ?", [&before])
        .unwrap();
    app.start_again();
    assert_eq!(app.get(&format!("/config/{KEY}")).await.1["value"], "••••wxyz");
    app.post("/config/rotate-key", Value::Null).await;
    let keys: Value =
        serde_json::from_slice(&fs::read(app.home().join("secret.key")).unwrap()).unwrap();
    assert_eq!(keys["keys"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn without_its_key_a_secret_is_told_missing_and_everything_else_works() {
    let mut app = TestApp::start();
    app.set(KEY, json!(SECRET)).await;
    app.set("processes.default_model", json!("opus")).await;
    app.stop().await;
    fs::remove_file(app.home().join("secret.key")).unwrap();
    app.start_again();
    let (_, health) = app.get("/health").await;
    assert_eq!(health["status"], "healthy");
    let warning = &health["warnings"][0];
    assert!(warning["error"].as_str().unwrap().contains("secret.key"), "{health}");
    assert_eq!(app.get("/config/processes.default_model").await.1["value"], "opus");
    app.set(KEY, json!(SECRET)).await;
    until("the end of the warning", || async {
        app.get("/health").await.1["warnings"].is_null().then_some(())
    })
    .await;
}
