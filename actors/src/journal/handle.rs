//! [`Journal`]: what the rest of the house holds of the journal.

use super::feed::{Feed, Subscription};
use super::files::{Files, ReadError};
use super::health::Health;
use super::home::Home;
use super::integrity::{self, Integrity};
use super::queue::{Queue, Write};
use super::reader::Reader;
use super::store::{FileId, Store, StoreSettings, Synchronous, id};
use super::sweep::{Candidate, Sweep, Swept, candidates};
use super::{
    Append, Aside, AsideRows, Committed, Fault, Loaded, Message, MessageKind, NewMessage,
    OpenError, Page, Publish, Writer,
};
use crate::vocabulary::{Clock, Durable, Patterns, Position, Reference, StreamId, Timestamp};
use serde_json::value::{RawValue, to_raw_value};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// How the journal works; the defaults are those of the shipped configuration.
#[derive(Debug, Clone)]
pub struct JournalSettings {
    /// What may wait for the writer, in bytes.
    pub queue_bytes: usize,
    /// How many connections read.
    pub readers: usize,
    /// How many of the newest messages are kept in memory for subscribers.
    pub feed_messages: usize,
    /// After how many pages the WAL is copied back.
    pub checkpoint_pages: u32,
    /// Whether a COMMIT waits for the disk.
    pub synchronous: Synchronous,
    /// What all topics begin with.
    pub topic_root: String,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            queue_bytes: 64 << 20,
            readers: 3,
            feed_messages: 2_048,
            checkpoint_pages: 10_000,
            synchronous: Synchronous::Full,
            topic_root: "claude".into(),
        }
    }
}

/// A handle on the journal; clones share it, and it outlives the writer's restarts.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

/// What the writer and the handles share.
#[derive(Debug)]
pub(super) struct Shared {
    settings: JournalSettings,
    files: Files,
    pub(super) queue: Queue,
    pub(super) feed: Feed,
    pub(super) health: Health,
    pub(super) clock: Clock,
    reader: Reader,
    epoch: String,
    /// The database file that this journal began with.
    database: Option<FileId>,
    /// How many starts before this one did not settle.
    unsettled: u32,
    is_counted: AtomicBool,
}

impl Shared {
    pub(super) fn store_settings(&self) -> StoreSettings {
        let known = self.database;
        StoreSettings { known, ..store_settings(self.home(), &self.settings) }
    }

    /// Counts this start as unsettled, once: now that a writer is at work, entities are about to wake. A
    /// start that comes to nothing before that says nothing about them.
    pub(super) fn count_start(&self, store: &Store) {
        if self.is_counted.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Err(error) = store.set_meta(UNSETTLED, &format!("{}", self.unsettled + 1)) {
            tracing::warn!(%error, "failed to count this start");
        }
    }

    pub(super) fn home(&self) -> &Home {
        self.files.home()
    }

    pub(super) fn topic_root(&self) -> &str {
        &self.settings.topic_root
    }
}

pub(super) fn store_settings(home: &Home, settings: &JournalSettings) -> StoreSettings {
    StoreSettings {
        path: home.database().to_owned(),
        synchronous: settings.synchronous,
        checkpoint_pages: settings.checkpoint_pages,
        topic_root: settings.topic_root.clone(),
        known: None,
    }
}

const EPOCH: &str = "epoch";
pub(super) const UNSETTLED: &str = "unsettled_starts";

impl Journal {
    /// Opens the home's database, migrating it as needed. Nothing is written further until a [`Writer`] is
    /// at work. A database that has gone while the home holds what it told of is not made anew: as debris,
    /// all of that would be swept.
    pub fn open(home: Home, settings: JournalSettings, clock: Clock) -> Result<Self, OpenError> {
        let is_empty = fs::metadata(home.database()).map_or(true, |found| found.len() == 0);
        refuse_if(is_empty, &home)?;
        let store = Store::open(store_settings(&home, &settings))?;
        refuse_if(store.last() == 0, &home)?;
        let sql = |source| OpenError::Sql { path: home.database().to_owned(), source };
        let epoch = epoch(&store).map_err(sql)?;
        let unsettled = store.meta(UNSETTLED).map_err(sql)?;
        let unsettled = unsettled.and_then(|text| text.parse().ok()).unwrap_or(0);
        let health = Health::default();
        let fell = integrity::machine_fell(&store).map_err(sql)?;
        let integrity = fell.then(|| Integrity::seen_by(store.connection()));
        // What a former server left behind counts once it is safe in the database file (law 3).
        if let Err(error) = store.checkpoint() {
            health.failing(clock.now(), &error, true);
        }
        let feed = Feed::new(store.last(), settings.feed_messages);
        let reader = Reader::new(home.database(), settings.readers, health.clone());
        let database = id(home.database());
        let journal = Self(Arc::new(Shared {
            queue: Queue::new(settings.queue_bytes),
            feed,
            health,
            files: Files::new(home),
            settings,
            clock,
            reader,
            epoch,
            database,
            unsettled,
            is_counted: AtomicBool::new(false),
        }));
        if let Some(integrity) = integrity {
            tracing::warn!(
                "the machine fell while a server was at work: looked through the database"
            );
            journal.0.health.looked_through(integrity.verdict());
            journal.say_integrity(&integrity);
        }
        Ok(journal)
    }

    /// Looks through the database, beside all other work. Damage, and that it has gone, is said in
    /// `/health`, as a message and in the log.
    pub async fn check_integrity(&self) -> Result<Integrity, Fault> {
        let database = self.home().database().to_owned();
        let looking = actix_rt::task::spawn_blocking(move || Integrity::of(&database));
        let integrity = looking.await.map_err(Fault::reading)?.map_err(Fault::reading)?;
        let was_whole = self.0.health.looked_through(integrity.verdict());
        if !was_whole || !integrity.findings.is_empty() {
            self.say_integrity(&integrity);
        }
        Ok(integrity)
    }

    fn say_integrity(&self, integrity: &Integrity) {
        let (topic, event_type) = match integrity.verdict() {
            Ok(()) => ("system.metric", "INTEGRITY_CHECKED"),
            Err(damage) => {
                tracing::error!("{damage}");
                ("system.error", "INTEGRITY_BROKEN")
            }
        };
        self.note(NewMessage {
            kind: MessageKind::Publication,
            message_id: None,
            topic: Some(format!("{}.{topic}", self.topic_root())),
            event_type: event_type.into(),
            error: None,
            data: to_raw_value(integrity).unwrap_or_else(|_| RawValue::NULL.to_owned()),
            caused_by: None,
            correlation: None,
        });
    }

    /// A writer for this journal. There must be one at a time: `lifeline` goes when it has gone.
    pub fn writer(&self, lifeline: impl std::any::Any) -> Result<Writer, OpenError> {
        Writer::open(Arc::clone(&self.0), Box::new(lifeline))
    }

    /// Puts an append in line. The answer comes to its `reply`.
    pub fn append(&self, append: Append) {
        self.0.queue.push(Write::Append(append));
    }

    /// Publishes a message outside any stream, and waits until it is durable.
    pub async fn publish(&self, message: NewMessage) -> Result<Committed, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.queue.push(Write::Publish(Publish { message, reply: Some(reply) }));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Writes into the ledger, and waits until that is durable.
    pub async fn enter(&self, entry: super::Entry) -> Result<super::Entered, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.queue.push(Write::Enter(super::ledger::ToEnter { entry, reply }));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Writes rows outside any stream together with the messages that tell of them, and waits until both
    /// are durable.
    pub async fn aside(
        &self,
        rows: AsideRows,
        messages: Vec<NewMessage>,
    ) -> Result<Committed, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.queue.push(Write::Aside(Aside { rows, messages, reply }));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Publishes without waiting: for what is said about the system itself.
    pub fn note(&self, message: NewMessage) {
        self.0.queue.push(Write::Publish(Publish { message, reply: None }));
    }

    /// Follows what is published on matching topics behind `after`.
    pub fn subscribe(&self, patterns: Patterns, after: Position) -> Subscription {
        Subscription::new(self.0.feed.clone(), self.0.reader.clone(), patterns, after)
    }

    /// The head and the newest messages.
    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    /// For reading.
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// A stream's messages behind `after`.
    pub async fn load(&self, stream: StreamId, after: Position) -> Result<Loaded, Fault> {
        self.0.reader.stream(stream, after).await
    }

    /// A stream as far as it has to be read to know its state: from its snapshot on, where it has one.
    pub async fn recall(&self, stream: StreamId) -> Result<Loaded, Fault> {
        self.0.reader.recalled(stream).await
    }

    /// Messages behind `after` whose topic matches, in order, none of them behind the head; without
    /// patterns all, also commands. `next` is where to go on.
    pub async fn messages(
        &self,
        patterns: Option<Patterns>,
        after: Position,
        limit: usize,
    ) -> Result<Page<Arc<Message>>, Fault> {
        self.0.reader.messages(patterns, after, self.0.feed.head(), limit).await
    }

    /// Vouches for content that a committed row names already, and that has not expired.
    pub async fn recorded(
        &self,
        reference: Reference,
    ) -> Result<Option<Durable<Reference>>, Fault> {
        let known = self.0.reader.content_path(reference.clone()).await?;
        Ok(known.flatten().map(|_| Durable::vouched(reference)))
    }

    /// For content.
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// The home.
    pub fn home(&self) -> &Home {
        self.0.home()
    }

    /// Whether it can write.
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// What time it is.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Changes when the database is restored from a backup: older cursors are worth nothing then.
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// What all topics begin with.
    pub fn topic_root(&self) -> &str {
        &self.0.settings.topic_root
    }

    /// How much waits for the writer (writes, bytes), and how much may (bytes).
    pub fn queue_depth(&self) -> (usize, usize, usize) {
        let (writes, bytes) = self.0.queue.depth();
        (writes, bytes, self.0.settings.queue_bytes)
    }

    /// How many starts in a row, before this one, ended without having settled.
    pub fn unsettled_starts(&self) -> u32 {
        self.0.unsettled
    }

    /// This start has settled, or is about to end in order: the writer has the count begin anew.
    pub fn settle(&self) {
        self.0.queue.push(Write::Settle);
    }

    /// Reads content wherever it lies now; what has expired says so.
    pub async fn content(&self, reference: Reference) -> Result<Vec<u8>, ReadError> {
        let mut reference = reference;
        match self.0.reader.content_path(reference.clone()).await? {
            Some(Some(path)) => reference.file = path,
            Some(None) => return Err(ReadError::Expired(reference.hash)),
            None => {}
        }
        let files = self.0.files.clone();
        let joined = actix_rt::task::spawn_blocking(move || files.read(&reference)).await;
        joined.unwrap_or_else(|error| Err(Fault::reading(error).into()))
    }

    /// Lists what is older than `grace` and has the writer remove of it what has expired, that is, was
    /// released before `released_before`, and what nothing needs.
    pub async fn sweep_now(
        &self,
        grace: Duration,
        released_before: Timestamp,
    ) -> Result<Swept, Fault> {
        #[expect(clippy::disallowed_methods, reason = "files carry the system's time")]
        let now = SystemTime::now();
        let listing = self.0.files.run(move |files| candidates(files.home(), grace, now)).await;
        self.sweep(listing.map_err(Fault::reading)?, released_before).await
    }

    /// Has the writer remove what has expired and those of the candidates that nothing needs.
    pub async fn sweep(
        &self,
        candidates: Vec<Candidate>,
        released_before: Timestamp,
    ) -> Result<Swept, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.queue.push(Write::Sweep(Sweep { candidates, released_before, reply }));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// What a caller hears whose writer went away with the answer.
pub(super) fn gone() -> Fault {
    Fault::Unknown("the writer ended".into())
}

fn epoch(store: &Store) -> rusqlite::Result<String> {
    if let Some(epoch) = store.meta(EPOCH)? {
        return Ok(epoch);
    }
    let epoch = uuid::Uuid::now_v7().simple().to_string();
    store.set_meta(EPOCH, &epoch)?;
    Ok(epoch)
}

/// A database without a history, in a home that has one, was lost.
fn refuse_if(is_empty: bool, home: &Home) -> Result<(), OpenError> {
    let path = home.database().to_owned();
    let content = if is_empty { home.content() } else { Ok(None) };
    match content {
        Ok(None) => Ok(()),
        Ok(Some(content)) => Err(OpenError::Missing { path, content }),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}
