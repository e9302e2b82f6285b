//! [`Follow`]: a process's output as it comes, attempt after attempt, until nothing more can come.
//!
//! Two things are listened to in turn: the output of an attempt until that is over, then the messages of the
//! process until the next attempt begins or the process ends. Nothing is asked in a hurry: both calls wait at
//! the server.

use super::progress::Progress;
use super::source::{Cursor, Source, Wait};
use super::standing::{Standing, worth_telling};
use crate::cli::Exit;
use crate::cli::api::{self, Chunk, Message};
use crate::cli::failure::Failure;
use crate::cli::out::{Out, remark};

/// Follows one process.
pub(super) struct Follow<S> {
    source: S,
    progress: Progress,
    id: String,
    is_silent: bool,
    cursor: Cursor,
    /// The latest attempt whose output was read.
    attempt: u32,
    /// What it has said so far.
    said: String,
    status: String,
    standing: Standing,
    /// The position up to which messages were read.
    position: i64,
}

impl<S: Source> Follow<S> {
    /// From the beginning. `is_silent`: what is said is not printed.
    pub(super) fn new(source: S, progress: Progress, id: &str, is_silent: bool) -> Self {
        Self {
            source,
            progress,
            id: id.to_owned(),
            is_silent,
            cursor: FROM_THE_START,
            attempt: 0,
            said: String::new(),
            status: "PENDING".to_owned(),
            standing: Standing::default(),
            position: 0,
        }
    }

    /// Until the process is at its end. Gives what its last attempt has said.
    ///
    /// # Errors
    /// [`Exit::Failed`] if it is parked: then somebody has to decide first.
    pub(super) async fn until_the_end(&mut self, out: &mut Out) -> Result<String, Failure> {
        while !self.attempt_is_at_its_end(out).await? {}
        Ok(std::mem::take(&mut self.said))
    }

    /// Reads one attempt's output; whether that was the last.
    async fn attempt_is_at_its_end(&mut self, out: &mut Out) -> Result<bool, Failure> {
        loop {
            let chunk = self.next_chunk(out).await?;
            self.take(&chunk, out)?;
            if chunk.is_over && api::is_over(&chunk.status) {
                return Ok(true);
            }
            if chunk.is_over {
                return self.wait_for_what_follows(out).await;
            }
            if chunk.data.is_empty() {
                self.hear_news(Wait::No, out).await?;
                self.fail_if_parked()?;
            }
        }
    }

    async fn next_chunk(&mut self, out: &Out) -> Result<Chunk, Failure> {
        let work = self.source.output(&self.id, self.cursor);
        let what = what(&self.status, self.attempt);
        self.progress.during(&what, is_line_free(out), work).await
    }

    fn take(&mut self, chunk: &Chunk, out: &mut Out) -> Result<(), Failure> {
        self.status.clone_from(&chunk.status);
        if chunk.attempt == 0 {
            return Ok(());
        }
        if chunk.attempt != self.attempt {
            self.attempt = chunk.attempt;
            self.said.clear();
            out.end_line()?;
        }
        self.cursor = Cursor { attempt: Some(chunk.attempt), offset: chunk.next_offset };
        self.said.push_str(&chunk.data);
        if !self.is_silent {
            out.piece(&chunk.data)?;
        }
        Ok(())
    }

    /// An attempt is over, and the process is not; whether it comes to its end without another attempt.
    async fn wait_for_what_follows(&mut self, out: &mut Out) -> Result<bool, Failure> {
        loop {
            self.hear_news(Wait::Yes, out).await?;
            self.fail_if_parked()?;
            match self.standing {
                Standing::Ended => return Ok(true),
                Standing::Attempting(attempt) if attempt > u64::from(self.attempt) => {
                    self.cursor = FROM_THE_START;
                    return Ok(false);
                }
                _ => {}
            }
        }
    }

    async fn hear_news(&mut self, wait: Wait, out: &mut Out) -> Result<(), Failure> {
        let work = self.source.news(&self.id, self.position, wait);
        let what = what(&self.status, self.attempt);
        let news = self.progress.during(&what, is_line_free(out), work).await?;
        for message in &news.items {
            self.hear(message, out)?;
        }
        self.position = news.next.unwrap_or(self.position).max(self.position);
        Ok(())
    }

    fn hear(&mut self, message: &Message, out: &mut Out) -> Result<(), Failure> {
        self.position = self.position.max(message.position);
        self.standing = std::mem::take(&mut self.standing).after(message);
        if let Some(text) = worth_telling(message) {
            out.end_line()?;
            remark(text);
        }
        Ok(())
    }

    fn fail_if_parked(&self) -> Result<(), Failure> {
        let Standing::Parked(why) = &self.standing else { return Ok(()) };
        let id = &self.id;
        let text = format!(
            "{id} is parked: {why}; decide with `callboard operate retry|skip|fail /processes/{id}` while a server runs"
        );
        Err(Failure::new(Exit::Failed, text))
    }
}

const FROM_THE_START: Cursor = Cursor { attempt: None, offset: 0 };

/// Whether the progress may have the line: nothing that was said stands in it.
fn is_line_free(out: &Out) -> bool {
    out.is_at_line_start() || !out.is_terminal()
}

/// What is being waited for. The status is as old as the last answer of the source.
fn what(status: &str, attempt: u32) -> String {
    match status {
        "RETRY" => format!("attempt {attempt} failed, waiting for the next"),
        "SUCCESS" => "recording the answer".to_owned(),
        "CANCELLING" => "being cancelled".to_owned(),
        _ => "waiting for words".to_owned(),
    }
}
