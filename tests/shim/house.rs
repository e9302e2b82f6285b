//! [`House`]: a folder with settings and a script, and the real binary that serves it.

use super::kin::{self, Living};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What programs do here. The first argument says which.
const SCRIPT: &str = r#"#!/bin/sh
cat > /dev/null
echo "$CALLBOARD_SHIM $*" >> "$HOME/runs"
case "$1" in
where) pwd ;;
echo) shift; echo "$@" ;;
count) i=0; while [ $i -lt "$2" ]; do echo "line $i"; i=$((i+1)); sleep 0.02; done; exit "$3" ;;
family)
    trap '' TERM
    setsid sh -c 'trap "" TERM; sleep 300; :' &
    sh -c 'sleep 300 & wait' &
    sleep 300; sleep 300 ;;
until) i=0; while [ ! -e "$HOME/enough" ]; do echo "line $i"; i=$((i+1)); sleep 0.02; done ;;
daemon) setsid sleep 300 > /dev/null 2>&1 & echo done ;;
hidden)
    for listens in yes no; do
        # Forks twice, in a session of its own, with nothing in its environment.
        env -i setsid sh -c '[ "$1" = yes ] || trap "" TERM; tail -f "$0/runs" > /dev/null 2>&1 & :' "$HOME" $listens
    done
    [ -e "$HOME/stay" ] && sleep 300
    exit "$2" ;;
orphans) i=0; while [ $i -lt 200 ]; do sh -c 'sleep 0 &'; i=$((i+1)); done; touch "$HOME/all"; sleep 300 ;;
much) i=0; while [ ! -e "$HOME/enough" ]; do echo "line $i"; i=$((i+1)); done 2> /dev/null; echo "lines $i" > "$HOME/count"; exit 0 ;;
quiet) sleep 300 ;;
json) cat "$HOME/lines"; exit "$2" ;;
esac
"#;

/// The runtimes that use it.
const SETTINGS: &str = r#"
[http]
listen = "127.0.0.1:0"
[supervision]
unsettled_starts = 0
[processes]
max_retries = 0
retry_first_ms = 20
[runtimes.count]
kind = "cli"
command = "./script"
args = ["count", "{{ model }}", "0"]
concurrency = 64
[runtimes.until]
kind = "cli"
command = "./script"
args = ["until"]
[runtimes.three]
kind = "cli"
command = "./script"
args = ["count", "3", "3"]
[runtimes.family]
kind = "cli"
command = "./script"
args = ["family"]
concurrency = 64
[runtimes.daemon]
kind = "cli"
command = "./script"
args = ["daemon"]
[runtimes.hidden]
kind = "cli"
command = "./script"
args = ["hidden", "{{ model }}"]
[runtimes.orphans]
kind = "cli"
command = "./script"
args = ["orphans"]
[runtimes.much]
kind = "cli"
command = "./script"
args = ["much"]
[runtimes.quiet]
kind = "cli"
command = "./script"
args = ["quiet"]
concurrency = 64
[runtimes.ask]
kind = "cli"
command = "./script"
args = ["quiet"]
on_lost = "ask"
[runtimes.placed]
kind = "cli"
command = "./script"
args = ["echo", "{% if system %}--system={{ system }}{% endif %}", "{{ system_file }}", "{{ prompt }}"]
[runtimes.where]
kind = "cli"
command = "./script"
args = ["where"]
[runtimes.unplaced]
kind = "cli"
command = "./script"
args = ["echo", "{{ prompt }}"]
[runtimes.codex]
kind = "cli"
command = "./script"
args = ["json", "{{ model }}", "{% if session_id %}resume {{ session_id }}{% endif %}"]
answer = { where = { "/type" = "item.completed", "/item/type" = "agent_message" }, pointer = "/item/text" }
session = { where = { "/type" = "thread.started" }, pointer = "/thread_id" }
error = { where = { "/type" = "turn.failed" }, pointer = "/error/message" }
usage.tokens_in = { where = { "/type" = "turn.completed" }, pointer = "/usage/input_tokens" }
usage.tokens_out = { where = { "/type" = "turn.completed" }, pointer = "/usage/output_tokens" }
retry = { final_codes = [2], final_words = ["401"] }
[runtimes.last]
kind = "cli"
command = "./script"
args = ["json", "0"]
answer = "last_line"
[runtimes.pointer]
kind = "cli"
command = "./script"
args = ["json", "0"]
answer = "/usage/output_tokens"
[runtimes.missing]
kind = "cli"
command = "a-program-that-nobody-has"
install = "npm install it"
"#;

/// A folder; all that was started in it is ended with it.
pub(crate) struct House {
    folder: TempDir,
    variables: Vec<(String, String)>,
    arguments: Vec<&'static str>,
}

/// A server that runs.
pub(crate) struct Serving {
    child: Child,
    address: String,
    token: String,
    http: reqwest::Client,
}

impl House {
    pub(crate) fn new() -> Self {
        // Another test of this program may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("config")).unwrap();
        fs::write(folder.path().join("config/callboard.toml"), SETTINGS).unwrap();
        let script = folder.path().join("script");
        fs::write(&script, SCRIPT).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, variables: Vec::new(), arguments: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub(crate) fn with_argument(mut self, argument: &'static str) -> Self {
        self.arguments.push(argument);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path().join(".callboard")
    }

    /// A command in this house, with nobody else's environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path())
            .envs(self.variables.iter().cloned());
        command
    }

    pub(crate) async fn serve(&self) -> Serving {
        self.serve_with(Path::new(env!("CARGO_BIN_EXE_callboard"))).await
    }

    /// A server by this program, once it listens.
    pub(crate) async fn serve_with(&self, program: &Path) -> Serving {
        let log = File::options().create(true).append(true).open(self.path().join("log")).unwrap();
        let mut command = self.command(program);
        command.arg("serve").args(&self.arguments).stdout(log.try_clone().unwrap()).stderr(log);
        let child = std::cell::RefCell::new(command.spawn().unwrap());
        let info = until("the server's start", || async {
            let ended = child.borrow_mut().try_wait().unwrap();
            let log = || fs::read_to_string(self.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "the server ended at its start: {}", log());
            let text = fs::read(self.home().join("server.json")).ok()?;
            let info: Value = serde_json::from_slice(&text).ok()?;
            (info["pid"] == child.borrow().id()).then_some(info)
        });
        let address = info.await["address"].as_str().unwrap().to_owned();
        let token = fs::read_to_string(self.home().join("token")).unwrap().trim().to_owned();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let child = child.into_inner();
        Serving { child, address, token, http }
    }

    /// All that lives in this house, the server too.
    pub(crate) fn living(&self) -> Vec<Living> {
        kin::of_house(self.path())
    }

    /// Those of them who are neither server nor shim.
    pub(crate) fn programs(&self) -> Vec<Living> {
        let is_ours = |living: &Living| {
            living.command.starts_with("callboard shim") || living.command.contains(" serve")
        };
        self.living().into_iter().filter(|living| !is_ours(living)).collect()
    }

    /// The shim of a process.
    pub(crate) fn shim(&self, process: &str) -> Option<u32> {
        let command = format!("callboard shim {process}/");
        let living = self.living();
        living.iter().find(|living| living.command.starts_with(&command)).map(|l| l.pid)
    }

    /// How often the script has been run.
    pub(crate) fn runs(&self) -> usize {
        fs::read_to_string(self.path().join("runs")).unwrap_or_default().lines().count()
    }

    /// With what arguments the script was run last.
    pub(crate) fn last_arguments(&self) -> String {
        let runs = fs::read_to_string(self.path().join("runs")).unwrap();
        let last = runs.lines().last().unwrap();
        last.split_once(' ').unwrap().1.to_owned()
    }

    /// A file of an attempt.
    pub(crate) fn file(&self, process: &str, attempt: u64, name: &str) -> String {
        let path = self.home().join(format!("processes/{process}/{attempt}/{name}"));
        fs::read_to_string(path).unwrap_or_default()
    }

    /// The note of an attempt's end.
    pub(crate) fn exit(&self, process: &str, attempt: u64) -> Value {
        serde_json::from_str(&self.file(process, attempt, "exit")).unwrap_or_default()
    }

    /// Waits until nobody lives here; who still does otherwise.
    pub(crate) async fn is_empty(&self) {
        until("an empty house", || async { self.living().is_empty().then_some(()) }).await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // What a test that failed has left.
        for living in self.living() {
            let pid = i32::try_from(living.pid).ok().and_then(rustix::process::Pid::from_raw);
            if let Some(pid) = pid {
                let _gone = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

impl Serving {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the wait for its end.
    pub(crate) async fn terminate(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = tokio::task::spawn_blocking(move || self.child.wait().unwrap()).await.unwrap();
        assert!(status.success(), "{status}");
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("http://{}{path}", self.address));
        let request = request.bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await.1
    }

    pub(crate) async fn post(&self, path: &str) -> StatusCode {
        self.ask(Method::POST, path, None).await.0
    }

    pub(crate) async fn spawn(&self, runtime: &str) -> String {
        self.spawn_with(json!({ "prompt": "go", "runtime": runtime })).await
    }

    pub(crate) async fn spawn_with(&self, body: Value) -> String {
        let (status, receipt) = self.ask(Method::POST, "/spawn", Some(body)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        receipt["process_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn row(&self, process: &str) -> Value {
        self.get(&format!("/processes/{process}")).await
    }

    /// Waits until a process has a status, and gives its row.
    pub(crate) async fn wait_for(&self, process: &str, status: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let row = self.row(process).await;
            if row["status"] == status {
                return row;
            }
            assert!(Instant::now() < deadline, "{process} is not {status} but {row}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn content(&self, process: &str) -> String {
        let response = self.get(&format!("/processes/{process}/response")).await;
        response["content"].as_str().unwrap_or_else(|| panic!("{response}")).to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until `look` finds something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What a run of so many lines prints.
pub(crate) fn lines(count: usize) -> String {
    use std::fmt::Write;
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "line {number}").unwrap();
        text
    })
}
