//! [`Stage`]: an app with answers for every situation, asked through both doors.

use super::commands;
use super::plain::Plain;
use crate::support::{Client, TestApp, until};
use callboard::settings::{RuntimeKind, Settings};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Output};

/// What the model says.
const SCRIPT: &str = "
name: why
answers:
  - match: { prompt_contains: stumble }
    error: { kind: overloaded, message: the script is busy }
    times: 1
    per: process
  - match: { prompt_contains: half }
    answer: Half of it, and then nothing more.
    chunk_chars: 10
    chunk_delay_ms: 3600000
  - match: { prompt_contains: for ever }
    answer: never
    delay_ms: 3600000
  - match: { prompt_contains: later }
    error: { kind: overloaded, message: the script is busy, retry_after_ms: 600000 }
  - match: { prompt_contains: hopeless }
    error: { kind: overloaded, message: the script is busy }
  - match: { prompt_contains: slowly }
    answer: Slow and late.
    delay_ms: 1000
  - match: {}
    answer: An answer.
    usage: { tokens_in: 12, tokens_out: 30 }
    cost_usd: 0.0042
";

/// An app, and names for what differs from run to run.
pub(super) struct Stage {
    pub(super) app: TestApp,
    plain: Plain,
}

impl Deref for Stage {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl Stage {
    pub(super) fn start() -> Self {
        Self::with(|_| {})
    }

    /// An app whose settings `change` changes.
    pub(super) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let app = TestApp::with(|settings| {
            let folder = settings.home.parent().unwrap().join("why");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("why.yaml"), SCRIPT).unwrap();
            let replay = settings.runtimes.get_mut("replay").unwrap();
            replay.kind = RuntimeKind::Replay { folder };
            change(settings);
        });
        let mut plain = Plain::default();
        plain.name(&app.home().parent().unwrap().display().to_string(), "folder");
        plain.name(&app.home().canonicalize().unwrap().display().to_string(), "home");
        Self { app, plain }
    }

    /// One place at the runtime.
    pub(super) fn narrow() -> Self {
        Self::with(|settings| {
            let replay = settings.runtimes.get_mut("replay").unwrap();
            replay.concurrency = 1.try_into().unwrap();
        })
    }

    /// Spawns, and calls the process by this name.
    pub(super) async fn spawn_as(&mut self, name: &str, prompt: &str) -> String {
        self.spawn_in(name, prompt, None).await
    }

    /// The same in a session.
    pub(super) async fn spawn_in(
        &mut self,
        name: &str,
        prompt: &str,
        session: Option<&str>,
    ) -> String {
        let id = self.app.spawn_with(json!({ "prompt": prompt, "session_id": session })).await;
        self.plain.name(&id, name);
        id
    }

    /// Spawns and waits for a status.
    pub(super) async fn spawn_until(&mut self, name: &str, prompt: &str, status: &str) -> String {
        let id = self.spawn_as(name, prompt).await;
        self.app.wait_for(&id, status).await;
        id
    }

    pub(super) fn name(&mut self, text: &str, name: &str) {
        self.plain.name(text, name);
    }

    /// Calls a position by a name, wherever an answer tells it.
    pub(super) fn name_position(&mut self, position: i64, name: &str) {
        for (before, behind) in [
            ("message ", " "),
            ("message ", ":"),
            ("why ", " "),
            ("why ", "\""),
            ("#", " "),
            ("#", ","),
            ("messages/", "/"),
            ("\"id\": \"", "\""),
            ("\"position\":", "}"),
            ("\\\"position\\\":", "}"),
        ] {
            let text = format!("{before}{position}{behind}");
            self.plain.name(&text, &format!("{before}{name}{behind}"));
        }
        self.plain.name(&format!("--after {}", position - 1), &format!("--after before {name}"));
    }

    /// A text made plain.
    pub(super) fn plain(&self, text: &str) -> String {
        self.plain.text(text)
    }

    /// Gives an actor an order.
    pub(super) async fn order(&self, path: &str, verb: &str) {
        let (status, body) = self.app.post(&format!("/actors/{path}/{verb}"), json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    }

    /// Waits until a process is at this attempt, in this status.
    pub(super) async fn attempt(&self, id: &str, number: u32, status: &str) {
        let path = format!("/processes/{id}");
        let look = || async {
            let (_, row) = self.app.get(&path).await;
            (row["attempt"] == number && row["status"] == status).then_some(())
        };
        until("an attempt", look).await;
    }

    /// Waits until an actor is shown as parked.
    pub(super) async fn parked(&self, path: &str) {
        let path = format!("/actors/{path}");
        let look = || async {
            let (_, info) = self.app.get(&path).await;
            (info["status"] == "parked").then_some(())
        };
        until("an actor to be parked", look).await;
    }

    /// Asks over HTTP and on the command line, which have to say the same; the text for people, made plain.
    pub(super) async fn why(&mut self, id: &str) -> String {
        self.plain.name(&self.app.address.to_string(), "address");
        let home = self.app.home();
        let mut tries = 0..5;
        let as_json = loop {
            let (status, over_http) = self.app.get(&format!("/why/{id}")).await;
            assert_eq!(status, StatusCode::OK, "{over_http}");
            let as_json = serde_json::from_str(&said(&home, &["why", id, "--json"])).unwrap();
            let both = [&over_http, &as_json];
            let [one, other] = both.map(|json| self.plain.text(&format!("{json:#}")));
            if one == other {
                break as_json;
            }
            // Something may have happened between the two, but not each time.
            assert!(tries.next().is_some(), "HTTP says\n{one}\nthe command line says\n{other}");
        };
        commands::are_real(&as_json, Some(&self.app)).await;
        self.plain.text(&said(&home, &["why", id]))
    }

    /// The JSON of HTTP, made plain.
    pub(super) async fn why_json(&mut self, id: &str) -> String {
        let (status, answer) = self.app.get(&format!("/why/{id}")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.plain.text(&format!("{answer:#}"))
    }

    /// What is said without a server, made plain.
    pub(super) async fn why_without_a_server(&self, id: &str) -> String {
        let as_json = said(&self.app.home(), &["why", id, "--json"]);
        commands::are_real(&serde_json::from_str(&as_json).unwrap(), None).await;
        self.plain.text(&said(&self.app.home(), &["why", id]))
    }

    /// Does what the answer says one can do: runs the command that begins with these words, as a shell would.
    pub(super) async fn follow(&self, id: &str, words: &str) -> String {
        let (_, answer) = self.app.get(&format!("/why/{id}")).await;
        self.do_one(&answer, words)
    }

    /// Does one of the things that an answer says one can do.
    pub(super) fn do_one(&self, answer: &Value, words: &str) -> String {
        let commands = answer["commands"].as_array().unwrap().iter();
        let commands: Vec<_> = commands.filter_map(|one| one["command"].as_str()).collect();
        let command = commands.iter().find(|command| command.starts_with(words));
        let command = command.unwrap_or_else(|| panic!("no `{words}` in {commands:?}"));
        let binary = Path::new(env!("CARGO_BIN_EXE_callboard")).parent().unwrap();
        let path = format!("{}:/usr/bin:/bin", binary.display());
        let mut shell = Command::new("sh");
        shell.env_clear().env("PATH", path).env("CALLBOARD_HOME", self.app.home());
        let output = shell.args(["-c", command]).current_dir(self.app.home()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The position of the newest message of a stream for which `is` holds.
    pub(super) async fn position(&self, stream: &str, is: impl Fn(&Value) -> bool) -> Value {
        newest(&self.app, stream, is).await
    }
}

/// The newest message of a stream for which `is` holds.
pub(super) async fn newest(client: &Client, stream: &str, is: impl Fn(&Value) -> bool) -> Value {
    let (_, list) = client.get(&format!("/messages?stream={stream}&limit=1000")).await;
    let items = list["items"].as_array().unwrap();
    items.iter().rev().find(|message| is(message)).unwrap().clone()
}

/// Runs the binary on a home, with nobody else's settings.
pub(super) fn run(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("CALLBOARD_HOME", home)
        .output()
        .unwrap()
}

/// What it prints where it has to succeed.
pub(super) fn said(home: &Path, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
