//! What a connection follows, as streams that the socket pulls.

use super::protocol::Reply;
use callboard_actors::journal::{Batch, Fault, Journal, Subscription};
use callboard_actors::processes::{Chunk, read_output};
use callboard_actors::vocabulary::{Name, Position, ProcessId};
use futures::stream::{self, Stream};
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// What a followed stream has for its connection.
#[derive(Debug)]
pub(super) enum News {
    /// Frames, as text, in order.
    Frames(Vec<String>),
    /// A durable subscription, of this name, is consumed from here on.
    Consuming(Value, Name, String),
    /// It is over; the frames are its last.
    End(Value, Vec<String>),
}

/// How often a read is tried again after a fault.
const AFTER_FAULT: Duration = Duration::from_millis(200);
/// How often an output file is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// An idle subscriber hears at most this often how far the journal has got.
const PROGRESS: Duration = Duration::from_secs(1);

/// A subscription, and what its subscriber has been told of its place.
struct Cursor {
    subscription: Subscription,
    /// When it last heard anything.
    told_at: Option<Instant>,
    /// A place that it has still to be told.
    owed: Option<Position>,
}

/// A subscription's messages. Each item is followed by a pause for the socket: what it has not taken
/// must not pile up.
pub(super) fn messages(id: Value, subscription: Subscription) -> impl Stream<Item = News> {
    let id = Rc::new(id);
    let cursor = Cursor { subscription, told_at: None, owed: None };
    stream::unfold(cursor, move |mut cursor| {
        let id = Rc::clone(&id);
        async move {
            let frames = cursor.next(&id).await;
            Some((News::Frames(frames), cursor))
        }
    })
}

impl Cursor {
    async fn next(&mut self, id: &Value) -> Vec<String> {
        loop {
            tokio::task::yield_now().await;
            tokio::select! {
                batch = self.subscription.next() => match batch {
                    Ok(batch) if batch.messages.is_empty() => self.owed = Some(batch.upto),
                    Ok(batch) => return self.tell(messages_of(id, &batch)),
                    Err(fault) => wait_after(&fault).await,
                },
                position = due(self.owed, self.told_at) => {
                    return self.tell(vec![Reply::Progress { id, position }.text()]);
                }
            }
        }
    }

    fn tell(&mut self, frames: Vec<String>) -> Vec<String> {
        (self.told_at, self.owed) = (Some(Instant::now()), None);
        frames
    }
}

/// Waits until the place that is owed may be told; for ever, if none is.
async fn due(owed: Option<Position>, told_at: Option<Instant>) -> Position {
    let Some(position) = owed else { return std::future::pending().await };
    if let Some(told_at) = told_at {
        tokio::time::sleep_until(told_at + PROGRESS).await;
    }
    position
}

fn messages_of(id: &Value, batch: &Batch) -> Vec<String> {
    batch
        .messages
        .iter()
        .map(|message| Reply::Message { id, message, retry_count: None }.text())
        .collect()
}

/// Waits a while after a fault.
pub(super) async fn wait_after(fault: &Fault) {
    tracing::debug!(%fault, "a subscription could not read: trying again");
    tokio::time::sleep(AFTER_FAULT).await;
}

/// Where a follower stands.
struct Place {
    journal: Journal,
    process_id: ProcessId,
    attempt: Option<u32>,
    offset: u64,
    is_over: bool,
}

/// What a process's model says, until the attempt is over.
pub(super) fn output(
    id: Value,
    journal: Journal,
    process_id: ProcessId,
    attempt: Option<u32>,
    offset: u64,
) -> impl Stream<Item = News> {
    let id = Rc::new(id);
    let place = Place { journal, process_id, attempt, offset, is_over: false };
    stream::unfold(place, move |mut place| {
        let id = Rc::clone(&id);
        async move {
            if place.is_over {
                return None;
            }
            loop {
                tokio::task::yield_now().await;
                match read_output(&place.journal, &place.process_id, place.attempt, place.offset)
                    .await
                {
                    Ok(Some(chunk)) if chunk.data.is_empty() && !chunk.is_over => {
                        tokio::time::sleep(LOOK).await;
                    }
                    Ok(Some(chunk)) => {
                        place.attempt = Some(chunk.attempt);
                        place.offset = chunk.next_offset;
                        place.is_over = chunk.is_over;
                        return Some((said(&id, &chunk), place));
                    }
                    Ok(None) => return Some((unknown(&id), Place { is_over: true, ..place })),
                    Err(fault) => wait_after(&fault).await,
                }
            }
        }
    })
}

fn said(id: &Value, chunk: &Chunk) -> News {
    let mut frames = Vec::new();
    if !chunk.data.is_empty() {
        frames.push(Reply::Output { id, chunk }.text());
    }
    if !chunk.is_over {
        return News::Frames(frames);
    }
    let (process_id, status) = (chunk.process_id.0.as_str(), chunk.status.as_str());
    let (attempt, next_offset) = (chunk.attempt, chunk.next_offset);
    frames.push(Reply::OutputEnd { id, process_id, attempt, next_offset, status }.text());
    News::End(id.clone(), frames)
}

fn unknown(id: &Value) -> News {
    let detail = "there is no such process";
    News::End(id.clone(), vec![Reply::Error { id, status: 404, detail }.text()])
}
