//! [`Server`]: the real binary, in a process of its own.

use super::{ANSWERS, Client, until};
use serde_json::Value;
use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// A running server. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    client: Client,
    log: PathBuf,
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts one on `<folder>/home` (or what `variables` say) and waits until it listens.
    pub(crate) async fn start(folder: &Path, home: &Path, variables: &[(&str, &str)]) -> Self {
        Self::logging_to(folder.join("log"), folder, home, variables).await
    }

    /// The same, with its log there.
    pub(crate) async fn logging_to(
        log: PathBuf,
        folder: &Path,
        home: &Path,
        variables: &[(&str, &str)],
    ) -> Self {
        let server = Command::new(env!("CARGO_BIN_EXE_callboard"));
        Self::begun_as(server, log, folder, home, variables).await
    }

    /// The same, where the kernel gives no namespaces to anybody; see [`can_refuse_namespaces`].
    pub(crate) async fn without_namespaces(folder: &Path, home: &Path) -> Self {
        let mut server = without_namespaces();
        server.arg(env!("CARGO_BIN_EXE_callboard"));
        Self::begun_as(server, folder.join("log"), folder, home, &[]).await
    }

    async fn begun_as(
        mut server: Command,
        log: PathBuf,
        folder: &Path,
        home: &Path,
        variables: &[(&str, &str)],
    ) -> Self {
        let replay = folder.join("replay");
        fs::create_dir_all(&replay).unwrap();
        fs::write(replay.join("answers.yaml"), ANSWERS).unwrap();
        let child = server
            .arg("serve")
            .current_dir(folder)
            .env("CALLBOARD_HOME", home)
            .env("CALLBOARD_HTTP__LISTEN", "127.0.0.1:0")
            .env("CALLBOARD_RUNTIMES__REPLAY__FOLDER", &replay)
            .env("CALLBOARD_PROCESSES__RETRY_FIRST_MS", "20")
            .env("CALLBOARD_SUPERVISION__UNSETTLED_STARTS", "0")
            .envs(variables.iter().copied())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let pid = child.id();
        let info = until("the server's start", || async move {
            let text = fs::read(home.join("server.json")).ok()?;
            let info: Value = serde_json::from_slice(&text).ok()?;
            (info["pid"] == pid).then_some(info)
        });
        let info = info.await;
        let token = fs::read_to_string(home.join("token")).unwrap();
        let address = info["address"].as_str().unwrap().parse().unwrap();
        Self { child, client: Client::new(address, token.trim()), log }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Its memory in use, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
    }

    /// Sends SIGTERM and waits for its end; how it exits.
    pub(crate) async fn terminate(&mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let child = std::cell::RefCell::new(&mut self.child);
        until("the server's end", || async { child.borrow_mut().try_wait().unwrap() }).await
    }
}

/// Runs what is said behind it in a namespace of users that has, and gives, no others.
fn without_namespaces() -> Command {
    let mut command = Command::new("unshare");
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
    command.args(["--user", "--map-root-user", "sh", "-c", script, "sh"]);
    command
}

/// Whether a server can be run where namespaces are refused.
pub(crate) fn can_refuse_namespaces() -> bool {
    let runs = |words: &[&str]| {
        let output = without_namespaces().args(words).output();
        output.is_ok_and(|output| output.status.success())
    };
    let can = runs(&["true"]) && !runs(&["unshare", "--user", "true"]);
    if !can {
        eprintln!("skipped: nobody can be kept from namespaces here (`unshare --user`)");
    }
    can
}
