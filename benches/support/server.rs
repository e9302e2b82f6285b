//! The real binary, as a child.

use super::Client;
use anyhow::Context as _;
use callboard::startup::{SERVER_INFO, ServerInfo};
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server, killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// When its process was started.
    pub(crate) started: Instant,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its home's token.
    pub(crate) token: String,
}

/// A start that takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

impl Server {
    /// Starts the binary on a home and waits until it says where it listens. `settings` are variables
    /// of its environment, which is empty otherwise.
    pub(crate) async fn start(home: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let log = File::create(home.join("log"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.arg("serve").current_dir(home).env_clear().stdin(Stdio::null());
        command.env("CALLBOARD_HOME", home).env("CALLBOARD_HTTP__LISTEN", "127.0.0.1:0");
        command.envs(settings.iter().copied()).stdout(Stdio::null()).stderr(log);
        let started = Instant::now();
        let mut child = command.spawn().context("failed to start the server")?;
        let info = info(home, &mut child, started).await?;
        let token = std::fs::read_to_string(home.join("token"))?.trim().to_owned();
        Ok(Self { child, started, address: info.address, token })
    }

    /// A connection to it.
    pub(crate) async fn client(&self) -> anyhow::Result<Client> {
        Client::connect(self.address, &self.token).await
    }

    /// Its resident memory.
    pub(crate) fn bytes_in_memory(&self) -> anyhow::Result<u64> {
        bytes_in_memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn info(home: &Path, child: &mut Child, started: Instant) -> anyhow::Result<ServerInfo> {
    loop {
        let text = std::fs::read(home.join(SERVER_INFO)).unwrap_or_default();
        match serde_json::from_slice::<ServerInfo>(&text) {
            Ok(info) if info.pid == child.id() => return Ok(info),
            _ => {}
        }
        if let Some(status) = child.try_wait()? {
            let log = std::fs::read_to_string(home.join("log")).unwrap_or_default();
            anyhow::bail!("the server ended at once ({status}): {log}");
        }
        anyhow::ensure!(started.elapsed() < PATIENCE, "the server does not start");
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}

/// The resident memory of a process, as the kernel counts it.
pub(crate) fn bytes_in_memory(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
    Ok(kib.parse::<u64>()? * 1_024)
}
