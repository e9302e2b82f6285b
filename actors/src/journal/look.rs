//! Looking around in the journal, for whoever explains it: the queue, single messages, what was said of
//! a path. Nothing here decides; all of it may be slow where no index leads, but is always bounded.

use super::message::Message;
use super::store::search;
use super::store::turns::{self, ProcessRow};
use super::store::waiting;
use super::{Fault, MessageKind, Reader, SubscriptionRow};
use crate::vocabulary::{MessageId, Name, Patterns, Position, Timestamp};

/// What a search without an index found, and whether that is all there is.
#[derive(Debug)]
pub struct Found {
    /// The messages.
    pub messages: Vec<Message>,
    /// Only messages behind this position were looked at; 0: all were.
    pub looked_behind: Position,
}

/// What lies behind a subscription's cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many messages concern it.
    pub count: u64,
    /// The oldest of them, and when it was written.
    pub oldest: Option<(Position, Timestamp)>,
    /// Only messages up to here were looked at; where that is the head, all were.
    pub looked_up_to: Position,
}

impl Backlog {
    fn note(&mut self, position: Position, at: Timestamp) {
        self.oldest.get_or_insert((position, at));
        self.count += 1;
    }
}

/// A delivery that went wrong, and has not been made good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// At which subscription.
    pub subscription: Name,
    /// With which message.
    pub position: Position,
    /// It was given up; else it is tried again.
    pub is_dead: bool,
    /// How often it was delivered in vain; 0: somebody had it redriven.
    pub retry_count: u32,
    /// What happened, in words.
    pub error: Option<String>,
    /// When it was last written down.
    pub at: Option<Timestamp>,
    /// Not before this moment does it come again: whoever refused it said so.
    pub due: Option<Timestamp>,
}

impl Reader {
    /// How many messages a search without an index looks at.
    pub const SEARCHED: Position = 200_000;
    /// How many of them in one read: a read transaction ends soon, or the WAL cannot be reclaimed.
    const STEP: Position = 20_000;
    /// How far the clock of whoever made a time-ordered id may be off, in milliseconds.
    const SKEW_MS: i64 = 60_000;

    /// The processes that hold a place of this runtime, the oldest first, and how many there are.
    pub async fn holders(
        &self,
        runtime: String,
        limit: usize,
    ) -> Result<(Vec<ProcessRow>, u32), Fault> {
        let look = move |connection: &rusqlite::Connection| {
            let rows = turns::holders(connection, &runtime, limit)?;
            Ok((rows, turns::count_holders(connection, &runtime)?))
        };
        self.query(look).await
    }

    /// How many that are due at `now` come before this process at its runtime.
    pub async fn ahead_of(&self, process: String, now: Timestamp) -> Result<u32, Fault> {
        self.query(move |c| turns::count_ahead(c, &process, now.0)).await
    }

    /// The open processes of a session: first those at work, then those that wait, in their order.
    pub async fn open_in_session(
        &self,
        session: String,
        limit: usize,
    ) -> Result<Vec<ProcessRow>, Fault> {
        self.query(move |c| turns::of_session(c, &session, limit)).await
    }

    /// The message at a position.
    pub async fn message(&self, position: Position) -> Result<Option<Message>, Fault> {
        self.query(move |c| search::at(c, position)).await
    }

    /// The open processes that run, or are to run, on an agent's behalf: first those at work.
    pub async fn open_of_agent(
        &self,
        agent: String,
        limit: usize,
    ) -> Result<Vec<ProcessRow>, Fault> {
        self.query(move |c| turns::of_agent(c, &agent, limit)).await
    }

    /// The epoch that this journal's positions belong to.
    pub async fn epoch(&self) -> Result<String, Fault> {
        self.query(waiting::epoch).await
    }

    /// What lies behind a subscription's cursor: for a mailbox all of it, else as far as is looked.
    pub async fn backlog(&self, row: &SubscriptionRow) -> Result<Backlog, Fault> {
        let Ok(patterns) = Patterns::parse(&row.topics) else { return Ok(Backlog::default()) };
        match row.stream.as_deref().and_then(|stream| stream.split_once('/')) {
            Some((kind, name)) => {
                let name = name.parse().map_err(Fault::reading)?;
                self.backlog_of_stream(kind, name, row.position, &patterns).await
            }
            None => self.backlog_of_topics(row.position, &patterns).await,
        }
    }

    async fn backlog_of_stream(
        &self,
        kind: &str,
        name: Name,
        after: Position,
        patterns: &Patterns,
    ) -> Result<Backlog, Fault> {
        let loaded = self.stream_named(kind.to_owned(), name, after).await?;
        let mut backlog = Backlog { looked_up_to: self.head().await?, ..Backlog::default() };
        let events = loaded.messages.iter().filter(|m| m.kind == MessageKind::Event);
        for message in events.filter(|m| m.topic.as_ref().is_some_and(|t| patterns.matches(t))) {
            backlog.note(message.position, message.created_at);
        }
        Ok(backlog)
    }

    async fn backlog_of_topics(
        &self,
        after: Position,
        patterns: &Patterns,
    ) -> Result<Backlog, Fault> {
        let end = self.head().await?.min(after + Self::SEARCHED);
        let mut backlog = Backlog { looked_up_to: after.max(end), ..Backlog::default() };
        let mut from = after;
        while from < end {
            let upto = end.min(from + Self::STEP);
            let said = self.query(move |c| waiting::topics(c, from, upto)).await?;
            for (position, topic, at) in said {
                if patterns.matches(&topic) {
                    backlog.note(position, at);
                }
            }
            from = upto;
        }
        Ok(backlog)
    }

    /// A subscription's deliveries that went wrong and were not made good, those to come first, and how many
    /// of all of them are dead.
    pub async fn troubles(&self, name: Name, limit: usize) -> Result<(Vec<Trouble>, u64), Fault> {
        self.query(move |c| waiting::troubles(c, name.as_str(), limit)).await
    }

    /// The same of one message, at whichever subscription.
    pub async fn troubles_with(&self, position: Position) -> Result<Vec<Trouble>, Fault> {
        self.query(move |c| waiting::troubles_with(c, position)).await
    }

    /// The position of the newest message; 0: there is none.
    pub async fn head(&self) -> Result<Position, Fault> {
        self.query(search::head).await
    }

    /// The messages that callers brought under this id. A time-ordered id is looked for from its moment
    /// on, any other among the newest.
    pub async fn brought_as(&self, id: MessageId) -> Result<Found, Fault> {
        let head = self.head().await?;
        let made = id.0.get_timestamp().map(|moment| {
            let millis = u128::from(moment.to_unix().0) * 1_000;
            Timestamp(i64::try_from(millis).unwrap_or(i64::MAX).saturating_sub(Self::SKEW_MS))
        });
        let after = match made {
            Some(made) => self.query(move |c| search::before_moment(c, made)).await?,
            None => (head - Self::SEARCHED).max(0),
        };
        let end = head.min(after + Self::SEARCHED);
        let mut found = Found { messages: Vec::new(), looked_behind: after };
        let mut from = after;
        while from < end {
            let (upto, text) = (end.min(from + Self::STEP), id.to_string());
            let step = self.query(move |c| search::brought_as(c, &text, from, upto)).await?;
            found.messages.extend(step);
            from = upto;
        }
        Ok(found)
    }

    /// The newest publications on a topic whose content names one of these paths, the newest first.
    pub async fn about_paths(
        &self,
        topic: &str,
        paths: Vec<String>,
        limit: usize,
    ) -> Result<Found, Fault> {
        let head = self.head().await?;
        let end = (head - Self::SEARCHED).max(0);
        let mut found = Found { messages: Vec::new(), looked_behind: end };
        let (mut upto, paths) = (head, serde_json::json!(paths).to_string());
        while upto > end && found.messages.len() < limit {
            let after = end.max(upto - Self::STEP);
            let (topic, paths) = (topic.to_owned(), paths.clone());
            let look =
                move |c: &rusqlite::Connection| search::about_paths(c, &topic, &paths, after, upto);
            found.messages.extend(self.query(look).await?);
            upto = after;
        }
        found.messages.truncate(limit);
        Ok(found)
    }

    /// The names of a kind's streams that stand next to this text in their order.
    pub async fn neighbours(
        &self,
        kind: &'static str,
        name: String,
        each_side: usize,
    ) -> Result<Vec<String>, Fault> {
        self.query(move |c| search::neighbours(c, kind, &name, each_side)).await
    }
}
