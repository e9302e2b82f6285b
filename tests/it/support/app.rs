//! [`TestApp`]: an engine in this process, on a free port, over a home of its own.

use super::{ANSWERS, Client};
use callboard::settings::{RuntimeKind, Settings};
use callboard::startup::{self, Embedded};
use std::ops::Deref;
use std::path::Path;
use tempfile::TempDir;

/// An engine and a client that has its token.
pub(crate) struct TestApp {
    folder: TempDir,
    settings: Settings,
    embedded: Option<Embedded>,
    client: Client,
}

impl Deref for TestApp {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestApp {
    /// An engine as it comes.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// An engine whose settings `change` changes.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        change(&mut settings);
        let embedded = startup::embed(&settings).unwrap();
        let client = Client::new(embedded.address, &embedded.token);
        Self { folder, settings, embedded: Some(embedded), client }
    }

    /// The home.
    pub(crate) fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("home")
    }

    /// Stops the engine in order.
    pub(crate) async fn stop(&mut self) {
        let embedded = self.embedded.take().unwrap();
        tokio::task::spawn_blocking(|| embedded.stop()).await.unwrap().unwrap();
    }

    /// Stops it, changes its settings, and starts it on the same home.
    pub(crate) async fn restart_with(&mut self, change: impl FnOnce(&mut Settings)) {
        self.stop().await;
        self.begin_with(change);
    }

    /// Starts it, stopped before, on the same home.
    pub(crate) fn start_again(&mut self) {
        let embedded = startup::embed(&self.settings).unwrap();
        self.client = Client::new(embedded.address, &embedded.token);
        self.embedded = Some(embedded);
    }

    /// Stops it, does something to its home, and starts it again.
    pub(crate) async fn stop_and(&mut self, work: impl FnOnce()) {
        self.restart_with(|_| work()).await;
    }

    /// Starts a stopped one with other settings.
    pub(crate) fn begin_with(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.start_again();
    }

    /// Stops it and starts it on the same home.
    pub(crate) async fn restart(&mut self) {
        self.restart_with(|_| {}).await;
    }

    /// How many prompts wait in the queue's folder.
    pub(crate) fn queued_files(&self) -> usize {
        std::fs::read_dir(self.home().join("prompts/queue")).unwrap().count()
    }
}

fn settings(folder: &Path) -> Settings {
    let home = folder.join("home");
    let replay = folder.join("replay");
    std::fs::create_dir(&replay).unwrap();
    std::fs::write(replay.join("answers.yaml"), ANSWERS).unwrap();
    let mut settings =
        Settings { database: home.join("callboard.db"), home: home.clone(), ..Settings::default() };
    settings.templates.folder = home.join("prompts/templates");
    settings.processes.retry_first_ms = 20;
    settings.http.shutdown_timeout_s = 2;
    let runtime = settings.runtimes.get_mut("replay").unwrap();
    runtime.kind = RuntimeKind::Replay { folder: replay };
    settings
}
