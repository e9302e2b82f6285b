//! A home, and lives of a server in it: each a system of its own, with a clock that jumps when nothing
//! is left to do. A life ends like a crash: everything is dropped at once.

use super::{Command, Lamp, TABLE, World};
use callboard_actors::entity::{Directory, HostSettings, Hosts, Receipt, Scheduler, TellError};
use callboard_actors::journal::{
    Home, Inspection, Journal, JournalSettings, Message, RebuildTable, Writer,
};
use callboard_actors::supervision::{Hold, Lifeline, start_here};
use callboard_actors::vocabulary::{Clock, MessageId, Name, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// What outlives a server.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) world: World,
    pub(crate) host: HostSettings,
    pub(crate) settings: JournalSettings,
    time: Arc<AtomicI64>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let settings = JournalSettings { readers: 2, ..JournalSettings::default() };
        let (world, host) = (World::new(), HostSettings::default());
        let time = Arc::new(AtomicI64::new(1_000_000_000_000));
        let scene = Self { folder: TempDir::new().unwrap(), world, host, settings, time };
        let journal = scene.open();
        let database = rusqlite::Connection::open(journal.home().database()).unwrap();
        database.execute_batch(TABLE).unwrap();
        scene
    }

    pub(crate) fn home(&self) -> Home {
        Home::open(self.folder.path(), None).unwrap()
    }

    /// The journal, with nobody at work.
    pub(crate) fn open(&self) -> Journal {
        Journal::open(self.home(), self.settings.clone(), self.clock()).unwrap()
    }

    /// The system's time goes with tokio's.
    fn clock(&self) -> Clock {
        let (time, began) = (Arc::clone(&self.time), self.time.load(Ordering::Relaxed));
        if tokio::runtime::Handle::try_current().is_err() {
            return Clock::from_fn(move || Timestamp(began));
        }
        let start = Instant::now();
        Clock::from_fn(move || {
            let now = Timestamp(began).after(start.elapsed());
            time.fetch_max(now.0, Ordering::Relaxed);
            now
        })
    }

    /// Time goes by while nobody lives.
    pub(crate) fn pass(&self, span: Duration) {
        let span = i64::try_from(span.as_millis()).unwrap();
        self.time.fetch_add(span, Ordering::Relaxed);
    }

    /// One life of a server, which ends with a crash.
    pub(crate) fn life<T>(&self, work: impl AsyncFnOnce(Stage) -> T) -> T {
        self.live(true, work)
    }

    /// The same with a clock that does not jump: for what happens on other threads, too.
    pub(crate) fn life_in_real_time<T>(&self, work: impl AsyncFnOnce(Stage) -> T) -> T {
        self.live(false, work)
    }

    fn live<T>(&self, is_paused: bool, work: impl AsyncFnOnce(Stage) -> T) -> T {
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_all().start_paused(is_paused).build().unwrap()
        };
        actix_rt::System::with_tokio_rt(runtime).block_on(async {
            let playing = work(Stage::open(self));
            let limit = Duration::from_hours(10);
            tokio::time::timeout(limit, playing).await.expect("it hangs")
        })
    }

    /// What `verify` and the comparison of read models find.
    pub(crate) fn findings(&self) -> Vec<String> {
        let home = self.home();
        let inspection = Inspection::open(home.database()).unwrap();
        let found = inspection.verify(&home, &[Self::lamps()]).unwrap();
        found.into_iter().map(|f| format!("{}: {}", f.check, f.what)).collect()
    }

    /// How the lamps' read model comes about.
    pub(crate) fn lamps() -> RebuildTable {
        let fold = callboard_actors::entity::rebuild::<Lamp>;
        RebuildTable { kind: "lamp", table: "lamps", fold }
    }

    /// A connection to the database.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("callboard.db")).unwrap()
    }

    /// A number that a query gives.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// One life, once, in a home of its own; at its end nothing may be wrong with the journal.
pub(crate) fn lives<T>(work: impl AsyncFnOnce(Stage) -> T) -> T {
    let scene = Scene::new();
    let result = scene.life(work);
    assert_eq!(scene.findings(), Vec::<String>::new());
    result
}

/// What answers a command.
pub(crate) type Answer = Result<Receipt, TellError<super::Dark>>;

/// A server at work.
pub(crate) struct Stage {
    pub(crate) journal: Journal,
    pub(crate) lamps: Directory<Lamp>,
    pub(crate) world: World,
    pub(crate) writer: Option<Hold>,
    pub(crate) hosts: Option<Hold>,
}

impl Stage {
    /// A writer and hosts; the scheduler only on demand.
    fn open(scene: &Scene) -> Self {
        let journal = scene.open();
        let lamps = Directory::new(journal.clone(), scene.host.clone());
        let (writer, hosts) = (None, None);
        let world = scene.world.clone();
        let mut stage = Self { journal, lamps, world, writer, hosts };
        stage.start_writer();
        stage.start_hosts();
        stage
    }

    pub(crate) fn start_writer(&mut self) {
        let line = Lifeline::new(Box::new(|_| ()));
        let writer = start_here::<Writer>(line, |line| self.journal.writer(line).unwrap());
        self.writer = Some(writer.hold);
    }

    pub(crate) fn start_hosts(&mut self) {
        let line = Lifeline::new(Box::new(|_| ()));
        let (lamps, world) = (self.lamps.clone(), self.world.clone());
        self.hosts = Some(start_here(line, |line| Hosts::new(lamps, world, line)).hold);
    }

    pub(crate) fn start_scheduler(&self) {
        let line = Lifeline::new(Box::new(|_| ()));
        let lamps = self.lamps.clone();
        start_here(line, |line| Scheduler::new(lamps, line)).hold.let_go();
    }

    /// Tells a lamp something, under an id made of `id`.
    pub(crate) async fn tell(&self, lamp: &str, told: &str, command: Command) -> Answer {
        self.lamps.tell(&name(lamp), id(told), command).await
    }

    /// The same in a task of its own.
    pub(crate) fn tell_later(
        &self,
        lamp: &str,
        told: &str,
        command: Command,
    ) -> actix_rt::task::JoinHandle<Answer> {
        let (lamps, lamp, told) = (self.lamps.clone(), name(lamp), id(told));
        actix_rt::spawn(async move { lamps.tell(&lamp, told, command).await })
    }

    /// A lamp's messages, one a line.
    pub(crate) async fn story(&self, lamp: &str) -> Vec<String> {
        let loaded = self.journal.load(Directory::<Lamp>::stream(&name(lamp)), 0).await.unwrap();
        loaded.messages.iter().map(line).collect()
    }

    /// Whether a lamp is parked, by whom.
    pub(crate) async fn parked(&self, lamp: &str) -> Option<String> {
        let loaded = self.journal.load(Directory::<Lamp>::stream(&name(lamp)), 0).await.unwrap();
        loaded.parked.map(|parked| parked.by)
    }

    /// Waits until something that matches has been published.
    pub(crate) async fn heard(&self, topic: &str) -> Arc<Message> {
        let patterns = callboard_actors::vocabulary::Patterns::parse(&[topic]).unwrap();
        let mut subscription = self.journal.subscribe(patterns, 0);
        loop {
            if let Some(message) = subscription.next().await.unwrap().messages.pop() {
                return message;
            }
        }
    }
}

fn line(message: &Message) -> String {
    let Message { position, kind, version, event_type, status, data, .. } = message;
    let version = version.map(|version| format!(" v{version}")).unwrap_or_default();
    let cause = message.causation_id.map(|id| format!(" <{id}")).unwrap_or_default();
    let error = message.error.as_ref().map(|e| format!(" {}", e.get())).unwrap_or_default();
    format!("{position} {}{version} {event_type} {data} {status}{error}{cause}", kind.as_str())
}

/// The messages of a whole journal, for a snapshot.
pub(crate) async fn entries(journal: &Journal) -> String {
    let page = journal.messages(None, 0, 10_000).await.unwrap();
    let stream = |m: &Message| m.stream.clone().unwrap_or_default();
    let lines: Vec<_> = page.items.iter().map(|m| format!("{} | {}", stream(m), line(m))).collect();
    lines.join("\n")
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> MessageId {
    MessageId::derived(&["test", text])
}
