//! The real server, started and ended from outside.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::Client;
use crate::scenario::DEFINITIONS;

/// The scripted answers of the `replay` runtime.
const SCRIPT: &str = r#"
name: campaign
answers:
  - { match: { prompt_contains: stumble }, times: 2, per: process, error: { kind: overloaded } }
  - { match: { prompt_contains: turn }, answer: "a line of the play", delay_ms: 20, chunk_delay_ms: 5 }
  - { match: { prompt_contains: stumble }, answer: "on its feet at last" }
  - { match: { prompt_contains: wait }, answer: "it took a while", delay_ms: 150 }
"#;

/// Runtimes that work in shims: a call of the API, and a program that calls it.
const RUNTIMES: &str = r#"
[runtimes.kept]
kind = "anthropic"
base_url = "http://API"
api_key = "none"
[runtimes.program]
kind = "cli"
command = "FOLDER/program"
args = ["{{ prompt }}"]
stdin = "none"
answer = { where = { "/type" = "said" }, pointer = "/text" }
"#;

/// Asks the API in one piece, and says what it was answered (see `answer_to`) as a line of JSON.
const PROGRAM: &str = r#"#!/bin/bash
body="{\"messages\":[{\"role\":\"user\",\"content\":\"$1\"}]}"
head=$'POST /v1/messages HTTP/1.1\r\nContent-Length: '${#body}$'\r\n\r\n'
exec 3<>/dev/tcp/HOST/PORT || exit 1
cat <<< "$head$body" >&3
echo "waiting for the answer" >&2
grep -q message_stop <&3 || exit 1
echo '{"type":"begun"}'
echo "{\"type\":\"said\",\"text\":\"this is the answer to: $1\"}"
"#;

/// What a crash can afford in place of `cargo test`: it finds the fault that the team's script writes, and leaves a file in
/// the workspace, which is taken over.
const CARGO: &str = r#"#!/bin/sh
mkdir -p docs
if grep -q 'while let Some(sign) = self.sign("+-")' src/parse.rs; then
    echo 'test result: ok' | tee docs/tests.md
else
    echo 'test result: FAILED. 8 - 3 - 2 is 7' | tee docs/tests.md
    exit 101
fi
"#;

/// The rules that ship, and where they find programs.
const RULES: &str = include_str!("../../../config/rules.yaml");
const PROGRAMS: &str = "path: [~/.cargo/bin]";

/// How servers are started: who they ask, what they are set to.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// Holds the script; outside of every home.
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

impl Setup {
    /// A setup whose files lie in `folder`, asking the API at `api`.
    pub(crate) fn new(folder: &Path, api: SocketAddr) -> Self {
        let replay = folder.join("replay");
        fs::create_dir_all(&replay).unwrap();
        fs::write(replay.join("campaign.yaml"), SCRIPT).unwrap();
        furnish(folder, api);
        let setup = Self { folder: folder.to_owned(), settings: Vec::new() };
        setup
            .with("ANTHROPIC_API_KEY", "none")
            // What ends with the server is what kills are to meet; shims have runtimes of their own.
            .with("CALLBOARD_RUNTIMES__ANTHROPIC__IN_PROCESS", "true")
            .with("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", &format!("http://{api}"))
            .with("CALLBOARD_RUNTIMES__REPLAY__FOLDER", replay.to_str().unwrap())
            .with("CALLBOARD_PROCESSES__RETRY_FIRST_MS", "20")
            .with("CALLBOARD_PROCESSES__RETRY_MAX_MS", "100")
            .with("CALLBOARD_JOURNAL__CHECKPOINT_PAGES", "150")
            .with("LOG_LEVEL", "warn")
    }

    /// The same with one more variable in its environment.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `callboard` with these arguments, on a home, with nothing else in its environment.
    pub(crate) fn command(&self, home: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.env_clear();
        command.arg("--home").arg(home).args(arguments).current_dir(&self.folder);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The command of a server on a free port.
    pub(crate) fn serve(&self, home: &Path) -> Command {
        self.command(home, &["serve", "--listen", "127.0.0.1:0"])
    }
}

fn furnish(folder: &Path, api: SocketAddr) {
    let place = folder.display().to_string();
    let runtimes = RUNTIMES.replace("API", &api.to_string()).replace("FOLDER", &place);
    let definitions = folder.join("config/workflows");
    fs::create_dir_all(&definitions).unwrap();
    for (name, text) in DEFINITIONS {
        fs::write(definitions.join(format!("{name}.yaml")), without_timeouts(text)).unwrap();
    }
    fs::write(folder.join("config/callboard.toml"), runtimes).unwrap();
    let (host, port) = (api.ip().to_string(), api.port().to_string());
    let text = PROGRAM.replace("HOST", &host).replace("PORT", &port);
    make_program(&folder.join("program"), &text);
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).unwrap();
    make_program(&programs.join("cargo"), CARGO);
    assert!(RULES.contains(PROGRAMS), "the rules that ship name programs in another way");
    let rules = RULES.replace(PROGRAMS, &format!("path: [{}]", programs.display()));
    fs::write(folder.join("config/rules.yaml"), rules).unwrap();
}

fn make_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A crash is tried minutes after it was recorded, as if the server had been down for so long: timeouts would be over.
fn without_timeouts(definition: &str) -> String {
    let lines = definition.split_inclusive('\n');
    lines.filter(|line| !line.trim_start().starts_with("timeout: ")).collect()
}

/// A running server; it is killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pid: Pid,
    pub(crate) client: Client,
}

impl Server {
    const PATIENCE: Duration = Duration::from_secs(30);

    /// Starts a server on a home and waits until it answers. The error is what it said.
    pub(crate) fn start(setup: &Setup, home: &Path) -> Result<Self, String> {
        Self::of(home, setup.serve(home))
    }

    /// The same by a command of the caller's, which may run the server as its child.
    pub(crate) fn of(home: &Path, mut command: Command) -> Result<Self, String> {
        let earlier = announced(home).map(|(pid, _)| pid);
        let log = home.with_extension("log");
        let said = fs::File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let child = command.spawn().unwrap();
        // Pids come again: after a crash the earlier one may be the new one's.
        let own = child.id();
        Self::ready(child, home, |pid| pid == own || Some(pid) != earlier)
            .map_err(|error| format!("{error}: {}", fs::read_to_string(log).unwrap_or_default()))
    }

    fn ready(mut child: Child, home: &Path, is_it: impl Fn(u32) -> bool) -> Result<Self, String> {
        let started = Instant::now();
        loop {
            if let Some((pid, client)) = announced(home).filter(|(pid, _)| is_it(*pid)) {
                let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
                return Ok(Self { child, pid, client });
            }
            if let Some(status) = child.try_wait().unwrap() {
                return Err(format!("the server ended at its start ({status})"));
            }
            if started.elapsed() > Self::PATIENCE {
                let _already_gone = child.kill();
                return Err("the server does not come up".to_owned());
            }
            thread::sleep(Duration::from_millis(3));
        }
    }

    /// SIGKILL, and the wait for its end.
    pub(crate) fn kill(self) {
        self.end(Signal::KILL);
    }

    /// SIGTERM, and the wait for its end.
    pub(crate) fn stop(self) {
        self.end(Signal::TERM);
    }

    fn end(mut self, signal: Signal) {
        let _already_gone = kill_process(self.pid, signal);
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The child may be strace, whose end would not be the server's.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _already_gone = kill_process(self.pid, Signal::KILL);
            let _reaped = self.child.wait();
        }
    }
}

/// What the home says of its server.
fn announced(home: &Path) -> Option<(u32, Client)> {
    let info: Value = serde_json::from_slice(&fs::read(home.join("server.json")).ok()?).ok()?;
    let address = info["address"].as_str()?.parse().ok()?;
    let token = fs::read_to_string(home.join("token")).ok()?.trim().to_owned();
    Some((info["pid"].as_u64()?.try_into().ok()?, Client { address, token }))
}
