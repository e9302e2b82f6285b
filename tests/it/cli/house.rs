//! [`House`]: a home in a temporary folder, a binary that works in it, and servers that end with the test.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// No command takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the model says, so that every road can be taken.
const SCRIPT: &str = r"
name: test
unmatched: generic
answers:
  - match: { prompt_contains: say hello }
    answer: Hello!
  - match: { prompt_contains: take a moment }
    answer: That was a moment.
    delay_ms: 1500
  - match: { prompt_contains: take for ever }
    answer: Never said.
    delay_ms: 600000
  - match: { prompt_contains: stumble }
    answer: Half of it
    error: { kind: cut, message: the line went dead, after_chars: 4 }
    times: 1
    per: process
  - match: { prompt_contains: stumble }
    answer: All of it
  - match: { prompt_contains: be refused }
    error: { kind: rejected, message: not in this house }
";

/// A home, and what runs in it.
pub(super) struct House {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A server, killed when it is dropped.
pub(super) struct Serving {
    child: Child,
}

impl House {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("replay")).unwrap();
        std::fs::write(folder.path().join("replay/test.yaml"), SCRIPT).unwrap();
        Self { folder }
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A place for files beside the home.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with these arguments, on this home and with nobody else's settings.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("CALLBOARD_HOME", self.home())
            .env("CALLBOARD_RUNTIMES__REPLAY__FOLDER", self.beside("replay"))
            .env("CALLBOARD_PROCESSES__RETRY_FIRST_MS", "20")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        Running::start(self.command(arguments)).end()
    }

    /// Starts a command that is waited for later.
    pub(super) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// What a command prints that has to succeed.
    pub(super) fn text(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:#?}");
        ended.stdout
    }

    /// The document that a command prints that has to succeed.
    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// A server on any free port, once it listens.
    pub(super) fn serve(&self) -> Serving {
        Self::serve_by(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// The same in the home that the settings file names.
    pub(super) fn serve_in_file(&self) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env_remove("CALLBOARD_HOME");
        Self::serve_by(command)
    }

    fn serve_by(mut child: Command) -> Serving {
        let mut child = child.stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert!(line.starts_with("callboard serves http://127.0.0.1:"), "{line}");
        Serving { child }
    }

    /// Asks again and again until a process is in this status.
    pub(super) fn wait_for(&self, id: &str, status: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let process = self.json(&["show", id])["process"].take();
            if process["status"] == status {
                return;
            }
            assert!(Instant::now() < deadline, "{id} never came to {status}: {process:#}");
        }
    }

    /// Asks again and again until the answer holds these words: orders are accepted first and done later.
    pub(super) fn wait_to_read(&self, arguments: &[&str], words: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.text(arguments);
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "{arguments:?} never said {words}: {text}");
        }
    }

    /// Asks again and again until some process is in this status; its id.
    pub(super) fn wait_for_any(&self, status: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.run(&["ps", "--status", status, "--json"]);
            let list: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
            if let Some(id) = list[0]["id"].as_str() {
                return id.to_owned();
            }
            assert!(Instant::now() < deadline, "no process ever came to {status}: {ended:#?}");
        }
    }

    /// The file of the only session.
    pub(super) fn session_file(&self) -> String {
        let folder = self.home().join("claude_logs");
        std::fs::read_to_string(folder.join("latest.jsonl")).expect("a session was written")
    }
}

/// A command on its way.
pub(super) struct Running {
    child: Child,
    ended: mpsc::Receiver<(String, String)>,
}

impl Running {
    pub(super) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (tell, ended) = mpsc::channel();
        thread::spawn(move || {
            let errors = thread::spawn(move || read(stderr));
            let _ = tell.send((read(stdout), errors.join().unwrap()));
        });
        Self { child, ended }
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) {
        kill_process(pid(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Ended {
        let said = self.ended.recv_timeout(PATIENCE);
        let (stdout, stderr) = said.unwrap_or_else(|_| {
            let _ = self.child.kill();
            panic!("the command did not come to its end");
        });
        Ended { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}

fn read(pipe: Option<impl std::io::Read>) -> String {
    let mut text = String::new();
    pipe.expect("it is piped").read_to_string(&mut text).unwrap();
    text
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

impl Serving {
    /// Stops it in order; its exit code.
    pub(super) fn stop(mut self) -> Option<i32> {
        kill_process(pid(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }

    /// Kills it at once.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The names of the files in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
