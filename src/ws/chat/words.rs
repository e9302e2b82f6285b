//! [`Words`]: what models say while they say it, read from their attempts' files. Words are no messages: they have
//! offsets in place of positions.
//!
//! All that a model has said is told before the frame that says what it took, whoever listens from wherever.

use super::frame::Reply;
use super::request::{Heard, Tokens};
use callboard_actors::entity::Directory;
use callboard_actors::journal::{Fault, Journal};
use callboard_actors::processes::{Process, read_output};
use callboard_actors::vocabulary::ProcessId;
use std::collections::VecDeque;

/// So many are looked at in one go: with many at work, each is heard a little later.
const AT_ONCE: usize = 16;

/// The turns under way.
pub(super) struct Words {
    journal: Journal,
    which: Tokens,
    voices: VecDeque<Voice>,
}

/// One turn, and how much of it was told.
struct Voice {
    process: ProcessId,
    path: String,
    attempt: u32,
    offset: u64,
}

/// What a look at a turn has brought.
enum Look {
    /// A frame.
    Said(String),
    /// Nothing yet.
    Silent,
    /// Nothing more will come.
    Over,
}

/// How a process stands.
#[derive(Debug, Default)]
struct Standing {
    attempt: u32,
    is_over: bool,
}

impl Words {
    /// None yet.
    pub(super) fn new(journal: Journal, which: Tokens) -> Self {
        Self { journal, which, voices: VecDeque::new() }
    }

    /// Whether nobody speaks.
    pub(super) fn is_empty(&self) -> bool {
        self.voices.is_empty()
    }

    /// A turn was under way, and so much of it was heard.
    pub(super) fn go_on(&mut self, heard: &Heard) {
        if self.which != Tokens::None {
            let Heard { process, path, attempt, offset } = heard.clone();
            let process = ProcessId(process);
            self.voices.push_back(Voice { process, path, attempt, offset });
        }
    }

    /// A turn begins.
    pub(super) async fn begin(&mut self, process: ProcessId, path: String) -> Result<(), Fault> {
        let is_told = match self.which {
            Tokens::All => true,
            Tokens::Live => !self.standing(&process).await?.is_over,
            Tokens::None => false,
        };
        if is_told {
            self.voices.push_back(Voice { process, path, attempt: 1, offset: 0 });
        }
        Ok(())
    }

    /// The next piece of what is left of a turn that is over; `None`: all was told.
    pub(super) async fn rest_of(&mut self, process: &ProcessId) -> Result<Option<String>, Fault> {
        let Some(place) = self.voices.iter().position(|voice| voice.process == *process) else {
            return Ok(None);
        };
        loop {
            match self.look(place, true).await? {
                Look::Said(frame) => return Ok(Some(frame)),
                Look::Silent => {}
                Look::Over => {
                    self.voices.remove(place);
                    return Ok(None);
                }
            }
        }
    }

    /// What has been said meanwhile.
    pub(super) async fn news(&mut self) -> Result<Vec<String>, Fault> {
        let mut frames = Vec::new();
        for _ in 0..self.voices.len().min(AT_ONCE) {
            match self.look(0, false).await? {
                Look::Said(frame) => frames.push(frame),
                Look::Silent => {}
                Look::Over => {
                    self.voices.pop_front();
                    continue;
                }
            }
            self.voices.rotate_left(1);
        }
        Ok(frames)
    }

    /// Looks at a turn. `is_answered`: its newest attempt is its last.
    async fn look(&mut self, place: usize, is_answered: bool) -> Result<Look, Fault> {
        let (journal, voice) = (&self.journal, &self.voices[place]);
        let (process, attempt) = (voice.process.clone(), voice.attempt);
        let chunk = read_output(journal, &process, Some(attempt), voice.offset).await?;
        // A process comes into being behind the message that names it.
        let Some(chunk) = chunk else {
            return Ok(if is_answered { Look::Over } else { Look::Silent });
        };
        let standing =
            if chunk.is_over { self.standing(&process).await? } else { Standing::default() };
        let voice = &mut self.voices[place];
        voice.offset = chunk.next_offset;
        if !chunk.data.is_empty() {
            let frame = Reply::Token {
                path: &voice.path,
                process: &voice.process,
                attempt,
                offset: chunk.offset,
                next_offset: chunk.next_offset,
                text: &chunk.data,
            };
            return Ok(Look::Said(frame.text()));
        }
        if chunk.is_over && standing.attempt > attempt {
            (voice.attempt, voice.offset) = (attempt + 1, 0);
            return Ok(Look::Silent);
        }
        let is_over = is_answered || chunk.is_over && standing.is_over;
        Ok(if is_over { Look::Over } else { Look::Silent })
    }

    async fn standing(&self, process: &ProcessId) -> Result<Standing, Fault> {
        let stream = Directory::<Process>::stream(&process.0);
        let row = self.journal.reader().row("processes", stream).await?;
        Ok(row.map_or_else(Standing::default, |row| {
            let attempt = row.get("attempt").and_then(serde_json::Value::as_u64).unwrap_or(0);
            let status = row.get("status").and_then(|status| status.as_str()).unwrap_or_default();
            let is_over = matches!(
                status,
                "COMPLETED" | "INDETERMINATE" | "DEAD" | "CANCELLED" | "FAILED" | "PARKED"
            );
            Standing { attempt: u32::try_from(attempt).unwrap_or(u32::MAX), is_over }
        }))
    }
}
