//! [`following`]: all that becomes of a thread, as a stream that the socket pulls: first what has happened, then what
//! happens. A slow client is driven no faster than it takes, and reads from the table what it has missed.

use super::super::streams::wait_after;
use super::family::Family;
use super::telling::{Telling, tell};
use super::words::Words;
use crate::wire::{App, Problem};
use callboard_actors::journal::{Fault, Message, Subscription};
use futures::stream::{self, Stream};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How often the words of models are looked at.
const LOOK: Duration = Duration::from_millis(40);

/// How long is waited after something could not be read.
const AFTER_TROUBLE: Duration = Duration::from_millis(200);

/// Where a listener stands.
pub(super) struct Following {
    app: App,
    family: Family,
    words: Words,
    subscription: Subscription,
    /// What was read, and is still to be told: at most one batch of the feed.
    waiting: VecDeque<Arc<Message>>,
    /// What the message at the head of those amounts to, while words have to be told before it.
    next: Option<Telling>,
}

impl Following {
    /// Of this family.
    pub(super) fn of(app: App, family: Family, words: Words, subscription: Subscription) -> Self {
        Self { app, family, words, subscription, waiting: VecDeque::new(), next: None }
    }
}

/// The frames, as text. Each item is followed by a pause for the socket.
pub(super) fn following(from: Following) -> impl Stream<Item = Vec<String>> {
    stream::unfold(from, |mut from| async move {
        let frames = from.next().await;
        Some((frames, from))
    })
}

impl Following {
    async fn next(&mut self) -> Vec<String> {
        loop {
            tokio::task::yield_now().await;
            match self.look().await {
                Ok(frames) if frames.is_empty() => {}
                Ok(frames) => return frames,
                Err(fault) => wait_after(&fault).await,
            }
        }
    }

    /// What has been waiting; else what is said; else waits for something.
    async fn look(&mut self) -> Result<Vec<String>, Fault> {
        if let Some(message) = self.waiting.front().cloned() {
            let frame = self.tell(&message).await?;
            return Ok(Vec::from_iter(frame));
        }
        let frames = self.words.news().await?;
        if !frames.is_empty() {
            return Ok(frames);
        }
        let is_silent = self.words.is_empty();
        tokio::select! {
            batch = self.subscription.next() => self.waiting.extend(batch?.messages),
            () = tokio::time::sleep(LOOK), if !is_silent => {}
        }
        Ok(Vec::new())
    }

    /// The next frame of a message, after which it waits no longer.
    async fn tell(&mut self, message: &Message) -> Result<Option<String>, Fault> {
        if self.next.is_none() {
            self.next = self.amount(message).await;
        }
        let Some(telling) = &self.next else { return Ok(None) };
        if let Some(process) = &telling.voices.ends
            && let Some(words) = self.words.rest_of(process).await?
        {
            return Ok(Some(words));
        }
        if let Some((process, path)) = telling.voices.begins.clone() {
            self.words.begin(process, path).await?;
        }
        self.waiting.pop_front();
        Ok(self.next.take().and_then(|telling| telling.told).map(|told| told.text()))
    }

    /// What a message amounts to; `None`: it cannot be said yet.
    async fn amount(&mut self, message: &Message) -> Option<Telling> {
        match tell(&self.app, &mut self.family, message).await {
            Ok(telling) => Some(telling),
            Err(problem) if problem.may_pass() => {
                rest(&problem).await;
                None
            }
            Err(problem) => {
                let position = message.position;
                tracing::warn!(position, %problem, "a talk passes over a message that it cannot tell");
                Some(Telling::default())
            }
        }
    }
}

async fn rest(problem: &Problem) {
    tracing::debug!(%problem, "a talk could not read: trying again");
    tokio::time::sleep(AFTER_TROUBLE).await;
}
