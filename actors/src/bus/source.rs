//! [`Source`]: where a consumer's messages come from: the feed, by topic; and for a mailbox first its
//! stream's own chain, so that an agent that was away for long does not read the whole journal.

use super::Error;
use crate::journal::{Journal, Message, MessageKind, Subscription, SubscriptionRow};
use crate::vocabulary::{Name, Patterns, Position};
use std::collections::VecDeque;
use std::sync::Arc;

/// A subscription's messages behind a position, in order.
#[derive(Debug)]
pub(super) struct Source {
    journal: Journal,
    patterns: Patterns,
    stream: Option<String>,
    feed: Subscription,
    /// What was read ahead.
    ready: VecDeque<Arc<Message>>,
}

impl Source {
    /// What matches `row` behind `after`.
    pub(super) async fn open(
        journal: &Journal,
        row: &SubscriptionRow,
        after: Position,
    ) -> Result<Self, Error> {
        let patterns = Patterns::parse(&row.topics)?;
        let feed = journal.subscribe(patterns.clone(), after);
        let (journal, stream) = (journal.clone(), row.stream.clone());
        let mut source = Self { journal, patterns, stream, feed, ready: VecDeque::new() };
        source.catch_up(after).await?;
        Ok(source)
    }

    /// Reads a mailbox by its stream up to the present; the feed goes on from there.
    async fn catch_up(&mut self, after: Position) -> Result<(), Error> {
        let Some((kind, name)) = self.stream.as_deref().and_then(|s| s.split_once('/')) else {
            return Ok(());
        };
        let Ok(name) = name.parse::<Name>() else { return Ok(()) };
        let head = self.journal.feed().head().max(after);
        let reader = self.journal.reader();
        let loaded = reader.stream_named(kind.to_owned(), name, after).await?;
        let ours = loaded.messages.into_iter().filter(|message| {
            message.position <= head
                && message.kind == MessageKind::Event
                && message.topic.as_deref().is_some_and(|topic| self.patterns.matches(topic))
        });
        self.ready = ours.map(Arc::new).collect();
        self.feed = self.journal.subscribe(self.patterns.clone(), head);
        Ok(())
    }

    /// Waits until something has been looked at, perhaps something to be taken. May be dropped at any
    /// time: nothing is lost.
    pub(super) async fn fill(&mut self) -> Result<(), Error> {
        if self.ready.is_empty() {
            let batch = self.feed.next().await?;
            let is_ours = |message: &Arc<Message>| match &self.stream {
                Some(stream) => message.stream.as_ref() == Some(stream),
                None => true,
            };
            self.ready.extend(batch.messages.into_iter().filter(is_ours));
        }
        Ok(())
    }

    /// Everything up to here has been looked at.
    pub(super) fn position(&self) -> Position {
        self.feed.position()
    }

    /// Whether nothing is there to be taken.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// The position of what would be taken first.
    pub(super) fn first(&self, cursor: Position) -> Option<Position> {
        self.ready.iter().map(|message| message.position).find(|position| *position > cursor)
    }

    /// Takes at most so many that are there, behind `cursor`.
    pub(super) fn take(&mut self, most: usize, cursor: Position) -> Vec<Arc<Message>> {
        while self.ready.front().is_some_and(|message| message.position <= cursor) {
            self.ready.pop_front();
        }
        let most = most.min(self.ready.len());
        self.ready.drain(..most).collect()
    }
}
