//! [`Life`]: a machine and what its host remembers of it, folded from the journal.

use super::facts;
use super::fingerprint::Fingerprint;
use super::told::{Answer, Receipt, TellError};
use crate::journal::{Loaded, Message, MessageKind, Parked, ParkedCommand};
use crate::machine::{Change, Machine, Want, tagged};
use crate::vocabulary::{EffectKey, MessageId, Name, Position, Timestamp, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A machine's open work.
pub(super) type Wants<M> = BTreeMap<EffectKey, Want<<M as Machine>::Effect>>;

/// A machine with its version and its receipts.
#[derive(Debug)]
pub(super) struct Life<M: Machine> {
    pub(super) machine: M,
    pub(super) version: Version,
    /// The position of the stream's newest message.
    pub(super) head: Position,
    /// The first command's: what everything that follows goes back to.
    pub(super) correlation: Option<MessageId>,
    /// A command that an operator wanted told again and that does not stand in the stream yet.
    pub(super) again: Option<ParkedCommand>,
    /// The version at its newest snapshot.
    pub(super) recalled: Version,
    pub(super) past: HashMap<MessageId, Past<M::Refusal>>,
    latest: Option<MessageId>,
    asked: Asked<M>,
}

/// What the machine has said that it wants, as long as its state is the same: before and after each outcome its host
/// has to know.
#[derive(Debug)]
struct Asked<M: Machine> {
    keys: Option<BTreeSet<EffectKey>>,
    wants: Option<Wants<M>>,
}

/// What came of a command, for whoever tells it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Past<R> {
    body: Fingerprint,
    result: Result<Receipt, Denial<R>>,
    /// When it was told.
    pub(super) at: Timestamp,
    /// Told by an effect: nobody else asks for it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_own: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Denial<R> {
    Refused(R),
    Skipped(String),
}

/// Why a stream could not be folded.
#[derive(Debug)]
pub(super) enum FoldError {
    /// The machine panicked, with this text.
    Panicked(String),
    /// A row cannot be read by this program.
    Unreadable(String),
}

impl<M: Machine> Default for Life<M> {
    fn default() -> Self {
        let past = HashMap::new();
        let machine = M::default();
        let (correlation, again, latest) = (None, None, None);
        let asked = Asked { keys: None, wants: None };
        let (version, head, recalled) = (0, 0, 0);
        Self { machine, version, head, correlation, again, recalled, past, latest, asked }
    }
}

impl<M: Machine> Life<M> {
    /// A machine that has come so far, with what is remembered of its past.
    pub(super) fn at(
        machine: M,
        (version, correlation): (Version, Option<MessageId>),
        past: HashMap<MessageId, Past<M::Refusal>>,
    ) -> Self {
        Self { machine, version, correlation, past, recalled: version, ..Self::default() }
    }

    /// Rebuilds it from what was read.
    pub(super) fn fold(loaded: &Loaded) -> Result<Self, FoldError> {
        let life = loaded.snapshot.as_ref().map_or_else(|| Ok(Self::default()), Self::recall)?;
        let mut life = Self { head: loaded.head, ..life };
        for message in &loaded.messages {
            match message.kind {
                MessageKind::Command => life.take_command(message),
                MessageKind::Event => life.take_event(message)?,
                MessageKind::Fact if message.event_type == facts::NOTED => {
                    life.take_note(message)?;
                }
                MessageKind::Fact if message.event_type == facts::RESUMED => {
                    life.again = resumed(message)?.command.or(life.again);
                }
                MessageKind::Fact | MessageKind::Publication => {}
            }
        }
        life.again = life.again.filter(|command| !life.past.contains_key(&command.message_id));
        Ok(life)
    }

    fn take_command(&mut self, message: &Message) {
        let Some(id) = message_id(message.message_id.as_deref()) else { return };
        self.correlation = self.correlation.or(message_id(message.correlation_id.as_deref()));
        let result = match &message.error {
            None => {
                Ok(Receipt { position: message.position, version: self.version, repeated: false })
            }
            Some(error) => Err(Denial::read(error.get())),
        };
        let body = Fingerprint::of_stored(&message.event_type, message.data.get());
        let is_own = M::is_own(&message.event_type);
        self.past.insert(id, Past { body, result, at: message.created_at, is_own });
        self.latest = Some(id);
    }

    /// An outcome that nobody wanted any more was answered too, and may be told again.
    fn take_note(&mut self, message: &Message) -> Result<(), FoldError> {
        let Some(id) = message_id(message.message_id.as_deref()) else { return Ok(()) };
        let note: facts::Noted = serde_json::from_str(message.data.get()).map_err(|error| {
            FoldError::Unreadable(format!("message {}: {error}", message.position))
        })?;
        let body = Fingerprint::of(&note.event_type, note.data.get());
        let receipt =
            Receipt { position: message.position, version: self.version, repeated: false };
        let past = Past { body, result: Ok(receipt), at: message.created_at, is_own: true };
        self.past.insert(id, past);
        Ok(())
    }

    fn take_event(&mut self, message: &Message) -> Result<(), FoldError> {
        let event = tagged::join(&message.event_type, message.data.get()).map_err(|error| {
            FoldError::Unreadable(format!("message {}: {error}", message.position))
        })?;
        self.apply(&event).map_err(FoldError::Panicked)?;
        if let Some(Past { result: Ok(receipt), .. }) =
            self.latest.and_then(|id| self.past.get_mut(&id))
        {
            receipt.version = self.version;
        }
        Ok(())
    }

    /// Takes an event in; the error is the text of a panic.
    pub(super) fn apply(&mut self, event: &M::Event) -> Result<(), String> {
        self.asked = Asked { keys: None, wants: None };
        guarded(|| self.machine.apply(event))?;
        self.version += 1;
        Ok(())
    }

    /// The open work; the error is the text of a panic.
    pub(super) fn wants(&self) -> Result<Wants<M>, String> {
        guarded(|| self.machine.wants())
    }

    /// The same, for whoever needs them once.
    pub(super) fn take_wants(&mut self) -> Result<Wants<M>, String> {
        self.ask()?;
        self.asked.wants.take().map_or_else(|| self.wants(), Ok)
    }

    /// Whether this is open work.
    pub(super) fn is_wanted(&mut self, key: &EffectKey) -> Result<bool, String> {
        self.ask()?;
        Ok(self.asked.keys.as_ref().is_some_and(|keys| keys.contains(key)))
    }

    /// Whether nothing more is expected of it.
    pub(super) fn is_over(&self) -> bool {
        guarded(|| self.machine.is_over()).unwrap_or_default()
    }

    fn ask(&mut self) -> Result<(), String> {
        if self.asked.keys.is_none() {
            let wants = self.wants()?;
            let keys = wants.keys().cloned().collect();
            self.asked = Asked { keys: Some(keys), wants: Some(wants) };
        }
        Ok(())
    }

    /// The first answer to a command that was told before.
    pub(super) fn answer_again(&self, id: MessageId, body: Fingerprint) -> Option<Answer<M>> {
        let past = self.past.get(&id)?;
        if past.body != body {
            return Some(Err(TellError::DifferentBody));
        }
        Some(match &past.result {
            Ok(receipt) => Ok(receipt.again()),
            Err(Denial::Refused(refusal)) => Err(TellError::Refused(refusal.clone())),
            Err(Denial::Skipped(why)) => Err(TellError::Skipped(why.clone())),
        })
    }

    /// The command that takes the place of a skipped outcome, and its derived identity, unless it was
    /// told already.
    pub(super) fn instead_of(
        &self,
        name: &Name,
        key: &EffectKey,
        outcome: MessageId,
    ) -> Option<(MessageId, M::Command)> {
        let Past { result: Err(Denial::Skipped(by)), .. } = self.past.get(&outcome)? else {
            return None;
        };
        let id = MessageId::derived(&[M::KIND, name.as_str(), &key.0, "skipped"]);
        if self.has_heard(id) {
            return None;
        }
        let command = guarded(|| self.machine.when_skipped(key, by)).ok().flatten()?;
        Some((id, command))
    }

    /// Whether this command stands in the journal.
    pub(super) fn has_heard(&self, id: MessageId) -> bool {
        self.past.contains_key(&id)
    }

    /// Remembers what came of a command, now that it is committed.
    pub(super) fn remember(
        &mut self,
        (id, body, at): (MessageId, Fingerprint, Timestamp),
        is_own: bool,
        answer: &Answer<M>,
    ) {
        let result = match answer {
            Ok(receipt) => Ok(*receipt),
            Err(TellError::Refused(refusal)) => Err(Denial::Refused(refusal.clone())),
            Err(_) => return,
        };
        self.past.insert(id, Past { body, result, at, is_own });
    }
}

impl<R: DeserializeOwned> Denial<R> {
    fn read(error: &str) -> Self {
        if let Ok(facts::Skip { skipped_by }) = serde_json::from_str(error) {
            return Self::Skipped(skipped_by);
        }
        serde_json::from_str(error).map_or_else(|_| Self::Skipped(error.to_owned()), Self::Refused)
    }
}

/// When the entity of these wants has to be up: `None` never, 0 always.
pub(super) fn wake_at<E>(wants: &BTreeMap<EffectKey, Want<E>>) -> Option<Timestamp> {
    wants.values().map(|want| want.due.unwrap_or(Timestamp(0))).min()
}

/// Runs a machine's code; the error is the text of its panic.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| panic_text(&*payload))
}

/// What a panic said.
pub(super) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".into())
}

/// Whether it was written of this stream that what worked for it has gone, and nothing since then that
/// puts its row anew.
pub(super) fn is_abandoned(loaded: &Loaded) -> bool {
    let is_row = |message: &&Message| match message.kind {
        MessageKind::Command | MessageKind::Event => true,
        MessageKind::Fact => {
            [facts::NOTED, facts::ABANDONED].contains(&message.event_type.as_str())
        }
        MessageKind::Publication => false,
    };
    let last = loaded.messages.iter().rev().find(is_row);
    last.is_some_and(|message| message.event_type == facts::ABANDONED)
}

fn resumed(message: &Message) -> Result<facts::Resumed, FoldError> {
    serde_json::from_str(message.data.get())
        .map_err(|error| FoldError::Unreadable(format!("message {}: {error}", message.position)))
}

fn message_id(text: Option<&str>) -> Option<MessageId> {
    text.and_then(|text| text.parse().ok()).map(MessageId)
}

/// The read-model rows that a stream's messages amount to, for rebuilding them.
pub fn rebuild<M: Machine>(loaded: &Loaded) -> Result<Vec<Change>, String> {
    let life = Life::<M>::fold(loaded).map_err(|error| format!("{error:?}"))?;
    if life.version == 0 {
        return Ok(Vec::new());
    }
    let row = guarded(|| life.machine.row())?.map(Change::Put);
    let gone =
        if is_abandoned(loaded) { guarded(|| life.machine.row_when_abandoned())? } else { None };
    let failed = loaded.parked.as_ref().filter(|parked| parked.failed);
    let patch = failed.map(|Parked { why, since, .. }| {
        // As when it was failed: a panic there left the row as it was.
        guarded(|| M::row_when_failed(why, *since)).ok().flatten()
    });
    let patches = gone.into_iter().chain(patch.flatten()).map(Change::Patch);
    Ok(row.into_iter().chain(patches).collect())
}
