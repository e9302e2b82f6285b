//! The feed: committed messages, by position, to whoever listens.
//!
//! Catching up and following live are one loop: a subscription reads from its position, out of memory
//! if the newest messages reach back that far, else out of the table; at the head it waits. So a slow
//! subscriber costs nobody anything and misses nothing.

use super::{Fault, Message, Reader};
use crate::vocabulary::{Patterns, Position};
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// The journal's head, and its newest messages in memory.
#[derive(Debug, Clone)]
pub struct Feed {
    head: watch::Sender<Position>,
    recent: Arc<RwLock<Recent>>,
    keep: usize,
}

#[derive(Debug)]
struct Recent {
    /// All published messages behind this position are in `messages`.
    from: Position,
    messages: VecDeque<Arc<Message>>,
}

/// What a subscription got: messages in order, and the position up to which it has now seen everything.
#[derive(Debug)]
pub struct Batch {
    /// Those that match.
    pub messages: Vec<Arc<Message>>,
    /// Everything up to here has been looked at.
    pub upto: Position,
}

impl Feed {
    /// How many messages are looked at in one go.
    const STEP: usize = 512;

    /// A feed whose journal ends at `head`, keeping the newest `keep` messages in memory.
    pub(super) fn new(head: Position, keep: usize) -> Self {
        let recent = Recent { from: head, messages: VecDeque::new() };
        Self { head: watch::Sender::new(head), recent: Arc::new(RwLock::new(recent)), keep }
    }

    /// The position of the newest committed message.
    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Changes whenever something was committed.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// Takes in what was committed, up to and including `head`.
    pub(super) fn publish(&self, messages: Vec<Arc<Message>>, head: Position) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        recent.messages.extend(messages);
        let excess = recent.messages.len().saturating_sub(self.keep);
        let gone: Vec<_> = recent.messages.drain(..excess).collect();
        if let Some(newest) = gone.last() {
            recent.from = newest.position;
        }
        // Before anybody reads them: what was delivered has to be there for whoever asks where the journal ends.
        self.head.send_replace(head);
        drop(recent);
        // What has left is freed only now: readers need not wait for that.
        drop(gone);
    }

    /// Starts anew at `head`: what happened before has to be read from the table.
    pub(super) fn restart(&self, head: Position) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        *recent = Recent { from: head, messages: VecDeque::new() };
        drop(recent);
        self.head.send_replace(head);
    }

    /// The messages behind `after` from memory, if it reaches back that far.
    fn recent(&self, after: Position, head: Position) -> Option<Batch> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        if after < recent.from {
            return None;
        }
        let start = recent.messages.partition_point(|message| message.position <= after);
        let messages: Vec<_> = recent.messages.range(start..).take(Self::STEP).cloned().collect();
        let upto = match messages.last() {
            Some(last) if messages.len() == Self::STEP => last.position,
            // Everything up to the head that was read before has been looked at, topics or not.
            last => last.map_or(head, |message| message.position.max(head)),
        };
        Some(Batch { messages, upto })
    }
}

/// One subscriber's place in the journal.
#[derive(Debug)]
pub struct Subscription {
    feed: Feed,
    reader: Reader,
    head: watch::Receiver<Position>,
    patterns: Patterns,
    position: Position,
}

impl Subscription {
    /// Follows what matches `patterns` behind `after`.
    pub(super) fn new(feed: Feed, reader: Reader, patterns: Patterns, after: Position) -> Self {
        let head = feed.watch();
        Self { feed, reader, head, patterns, position: after }
    }

    /// Where it stands: everything up to here has been given out.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Waits until there is something behind its position and gives what of it matches: perhaps
    /// nothing but a new position.
    pub async fn next(&mut self) -> Result<Batch, Fault> {
        let head = self.wait().await?;
        let mut batch = match self.feed.recent(self.position, head) {
            Some(batch) => batch,
            None => self.reader.published_after(self.position, head, Feed::STEP).await?,
        };
        batch.messages.retain(|message| {
            message.topic.as_deref().is_some_and(|topic| self.patterns.matches(topic))
        });
        self.position = batch.upto;
        Ok(batch)
    }

    async fn wait(&mut self) -> Result<Position, Fault> {
        let closed = |_| Fault::Unavailable("it has been shut down".into());
        self.head.wait_for(|head| *head > self.position).await.map(|head| *head).map_err(closed)
    }
}
