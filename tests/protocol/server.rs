//! A mock server that lives as long as its test.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a mock may take to come up: Python on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; it is killed when dropped, also by a test that panics.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts what `command` makes of a free port, and waits until it accepts connections.
    pub(crate) fn start(command: impl FnOnce(u16) -> Command) -> Self {
        let port = free_port();
        let mut command = command(port);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self { child: quiet.spawn().unwrap(), port };
        server.wait_until_ready();
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn wait_until_ready(&mut self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(self.child.try_wait().unwrap().is_none(), "the mock ended before it was ready");
            assert!(started.elapsed() < PATIENCE, "the mock does not accept connections");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed by its own handle, which holds the id until the child is reaped.
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The tool that the environment variable `name` points at, or `fallback` on the `PATH`. Says why
/// the test is skipped when there is none.
pub(crate) fn tool(name: &str, fallback: &str, what: &str) -> Option<PathBuf> {
    let named = std::env::var_os(name).map(PathBuf::from);
    let found = named.or_else(|| on_path(fallback)).filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: needs {what} (install: eval \"$(tests/tools/install.sh DIR)\")");
    }
    found
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
