//! Drafting: from the commands that wait to the rows of one append.

use super::facts;
use super::fingerprint::Fingerprint;
use super::life::{Life, Wants, guarded};
use super::told::Origin;
use super::told::{Answer, Receipt, TellError, Told};
use crate::journal::{Fault, NewMessage, Snapshot};
use crate::machine::tagged::{self, Tagged};
use crate::machine::{Context, Held, Machine, Row};
use crate::vocabulary::{StreamId, Timestamp, is_deeper_than};
use serde::Serialize;
use std::fmt;

/// What is written may be nested so deep: its readers give up at 128 levels.
const READABLE: usize = 120;

/// What is to be written, and who is to be answered once it is.
#[derive(Debug)]
pub(super) struct Draft<M: Machine> {
    pub(super) messages: Vec<NewMessage>,
    pub(super) held: Vec<Held>,
    /// What came before it, where it is time to write that down.
    pub(super) snapshot: Option<Snapshot>,
    pub(super) entries: Vec<Entry<M>>,
    /// What stands in the messages, for those who wait for it.
    pub(super) events: Vec<M::Event>,
}

/// A command of the draft.
#[derive(Debug)]
pub(super) struct Entry<M: Machine> {
    pub(super) told: Told<M>,
    pub(super) body: Fingerprint,
    pub(super) verdict: Verdict<M>,
}

#[derive(Debug)]
pub(super) enum Verdict<M: Machine> {
    /// It stands at this index of the draft, with this version after it.
    Written { index: usize, version: i64 },
    /// It stands there too, refused.
    Refused(M::Refusal),
    /// The same id stands in this draft already: its answer is this one's.
    Repeat,
}

/// The machine cannot digest a command: nothing of the batch is written.
#[derive(Debug)]
pub(super) struct Setback<M: Machine> {
    /// Which one, if that is known.
    pub(super) culprit: Option<Told<M>>,
    /// What was decided before it, to be decided again.
    pub(super) before: Vec<Told<M>>,
    /// What waited behind it.
    pub(super) behind: Vec<Told<M>>,
    pub(super) trouble: Trouble,
}

/// Who parks an entity whose machine an outcome leaves as it was.
pub(super) const STUCK: &str = "stuck";

/// What a machine did that it must not do.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It panicked, with this text.
    Panicked(String),
    /// An outcome left its own key wanted (law 6).
    Stuck(String),
}

impl Trouble {
    /// By what an entity is parked for it.
    pub(super) fn by(&self) -> &'static str {
        match self {
            Self::Panicked(_) => "panic",
            Self::Stuck(_) => STUCK,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(text) => write!(f, "the machine panicked on a command twice: {text}"),
            Self::Stuck(text) => f.write_str(text),
        }
    }
}

/// From the text of a panic.
impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self::Panicked(text)
    }
}

/// Decides a batch on the evolving state. What needs no writing is answered at once.
pub(super) fn draft<M: Machine>(
    life: &mut Life<M>,
    stream: &StreamId,
    now: Timestamp,
    batch: Vec<Told<M>>,
) -> Result<Draft<M>, Box<Setback<M>>> {
    let snapshot = life.snapshot(now);
    let mut draft = Draft {
        messages: Vec::new(),
        held: Vec::new(),
        snapshot,
        entries: Vec::new(),
        events: Vec::new(),
    };
    let mut batch = batch.into_iter();
    while let Some(told) = batch.next() {
        if let Err((culprit, trouble)) = draft.take(life, stream, now, told) {
            let before = draft.entries.into_iter().map(|entry| entry.told).collect();
            let (culprit, behind) = (Some(culprit), batch.collect());
            return Err(Box::new(Setback { culprit, before, behind, trouble }));
        }
    }
    Ok(draft)
}

/// A command or an event as it is written, if it can be read again.
fn written<T: Serialize>(value: &T) -> Result<Tagged, String> {
    let tagged = tagged::split(value).map_err(|error| error.to_string())?;
    if is_deeper_than(READABLE, tagged.data.get().as_bytes()) {
        return Err(format!("it is nested more than {READABLE} levels deep"));
    }
    Ok(tagged)
}

impl<M: Machine> Draft<M> {
    fn take(
        &mut self,
        life: &mut Life<M>,
        stream: &StreamId,
        now: Timestamp,
        told: Told<M>,
    ) -> Result<(), (Told<M>, Trouble)> {
        let tagged = match written(&told.command) {
            Ok(tagged) => tagged,
            Err(error) => {
                let fault = Fault::Refused(format!("the command cannot be written: {error}"));
                answer(told, Err(TellError::Fault(fault)));
                return Ok(());
            }
        };
        let body = Fingerprint::of(&tagged.event_type, tagged.data.get());
        if let Some(again) = life.answer_again(told.message_id, body) {
            answer(told, again);
            return Ok(());
        }
        if self.entries.iter().any(|entry| entry.told.message_id == told.message_id) {
            self.entries.push(Entry { told, body, verdict: Verdict::Repeat });
            return Ok(());
        }
        match self.consider(life, (stream, now), &told, (tagged, body)) {
            Ok(Ok(verdict)) => self.entries.push(Entry { told, body, verdict }),
            Ok(Err(refusal)) => answer(told, Err(TellError::Refused(refusal))),
            Err(trouble) => return Err((told, trouble)),
        }
        Ok(())
    }

    /// Decides one command and writes what it comes to. The inner error is a refusal on a stream that
    /// does not exist, which leaves no trace.
    fn consider(
        &mut self,
        life: &mut Life<M>,
        (stream, now): (&StreamId, Timestamp),
        told: &Told<M>,
        (tagged, body): (Tagged, Fingerprint),
    ) -> Result<Result<Verdict<M>, M::Refusal>, Trouble> {
        if let Some(key) = told.origin.effect()
            && !life.is_wanted(key)?
        {
            let index = self.messages.len();
            self.messages.push(facts::noted(told, key, &tagged));
            return Ok(Ok(Verdict::Written { index, version: life.version }));
        }
        let context = Context { stream, message_id: told.message_id, now };
        let decided = guarded(|| life.machine.decide(&told.command, &context))?;
        let verdict = match decided {
            Ok(events) => self.write_events(life, told, (tagged, body), events)?,
            Err(refusal) if life.version == 0 && life.head == 0 => return Ok(Err(refusal)),
            Err(refusal) => self.write_refusal(life, told, tagged, refusal),
        };
        check_outcome(life, told, &verdict)?;
        Ok(Ok(verdict))
    }

    fn write_events(
        &mut self,
        life: &mut Life<M>,
        told: &Told<M>,
        (tagged, body): (Tagged, Fingerprint),
        events: Vec<M::Event>,
    ) -> Result<Verdict<M>, String> {
        let index = self.messages.len();
        let correlation =
            *life.correlation.get_or_insert(told.correlation.unwrap_or(told.message_id));
        let is_said = guarded(|| M::is_said_by(&told.command, &events))?;
        let tagged = if is_said { body.brief(tagged.event_type) } else { tagged };
        self.messages.push(facts::command(told.message_id, tagged, None, correlation));
        for event in &events {
            life.apply(event)?;
            let (topic, held, tagged) =
                guarded(|| (M::topic(event), M::held(event), written(event)))?;
            let tagged = tagged.map_err(|error| format!("an event cannot be written: {error}"))?;
            self.messages.push(facts::event(tagged, topic.to_string(), index, correlation));
            self.held.extend(held);
        }
        self.events.extend(events);
        Ok(Verdict::Written { index, version: life.version })
    }

    fn write_refusal(
        &mut self,
        life: &Life<M>,
        told: &Told<M>,
        tagged: Tagged,
        refusal: M::Refusal,
    ) -> Verdict<M> {
        let error = facts::json(&refusal);
        let correlation = life.correlation.unwrap_or(told.message_id);
        self.messages.push(facts::command(told.message_id, tagged, Some(error), correlation));
        Verdict::Refused(refusal)
    }

    /// Answers everyone, now that the draft is committed with its first row at `first`.
    pub(super) fn committed(self, life: &mut Life<M>, first: i64, now: Timestamp) {
        for Entry { told, body, verdict } in self.entries {
            let result = match verdict {
                Verdict::Written { index, version } => {
                    let position = first + i64::try_from(index).unwrap_or(0);
                    Ok(Receipt { position, version, repeated: false })
                }
                Verdict::Refused(refusal) => Err(TellError::Refused(refusal)),
                Verdict::Repeat => {
                    let again = life.answer_again(told.message_id, body);
                    answer(told, again.expect("what it repeats stands before it in the draft"));
                    continue;
                }
            };
            let is_own = told.origin.effect().is_some();
            life.remember((told.message_id, body, now), is_own, &result);
            answer(told, result);
        }
    }

    /// Takes the commands back out of a draft that was not committed.
    pub(super) fn into_told(self) -> Vec<Told<M>> {
        self.entries.into_iter().map(|entry| entry.told).collect()
    }
}

/// Law 6: an outcome has to end the wish it answers, or there would be silent loops.
fn check_outcome<M: Machine>(
    life: &mut Life<M>,
    told: &Told<M>,
    verdict: &Verdict<M>,
) -> Result<(), Trouble> {
    let Origin::Outcome(key) = &told.origin else { return Ok(()) };
    if !life.is_wanted(key)? {
        return Ok(());
    }
    Err(Trouble::Stuck(match verdict {
        Verdict::Refused(refusal) => format!("the outcome of {key} was refused: {refusal}"),
        _ => format!("the outcome of {key} left it wanted"),
    }))
}

/// Answers a command. Whoever does not wait any more will find it in the journal.
pub(super) fn answer<M: Machine>(told: Told<M>, answer: Answer<M>) {
    let _ = told.reply.send(answer);
}

/// What a drafted state wants and shows, with its draft.
type Asked<M> = (Wants<M>, Option<Row>, Draft<M>);

/// The wants and the row of a drafted state; a panic is everybody's.
pub(super) fn ask_drafted<M: Machine>(
    life: &mut Life<M>,
    draft: Draft<M>,
) -> Result<Asked<M>, Box<Setback<M>>> {
    let wants = life.take_wants();
    match wants.and_then(|wants| Ok((wants, guarded(|| life.machine.row())?))) {
        Ok((wants, row)) => Ok((wants, row, draft)),
        Err(text) => {
            let mut before = draft.into_told();
            let culprit = if before.len() == 1 { before.pop() } else { None };
            for told in &mut before {
                told.panicked = true;
            }
            let trouble = text.into();
            Err(Box::new(Setback { culprit, before, behind: Vec::new(), trouble }))
        }
    }
}
