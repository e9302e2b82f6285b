//! Drafting: from the commands that wait to the rows of one append.

use super::facts;
use super::life::{Life, Wants, fingerprint, guarded};
use super::told::Origin;
use super::told::{Answer, Receipt, TellError, Told};
use crate::journal::{Fault, NewMessage};
use crate::machine::tagged::{self, Tagged};
use crate::machine::{Context, Held, Machine};
use crate::vocabulary::{EffectKey, StreamId, Timestamp};

/// What is to be written, and who is to be answered once it is.
#[derive(Debug)]
pub(super) struct Draft<M: Machine> {
    pub(super) messages: Vec<NewMessage>,
    pub(super) held: Vec<Held>,
    pub(super) entries: Vec<Entry<M>>,
    /// An outcome left its own key wanted: the entity has to be parked, for this reason.
    pub(super) stuck: Option<String>,
}

/// A command of the draft.
#[derive(Debug)]
pub(super) struct Entry<M: Machine> {
    pub(super) told: Told<M>,
    pub(super) body: u64,
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

/// The machine panicked: on this command, with this text.
#[derive(Debug)]
pub(super) struct Panicked<M: Machine> {
    pub(super) culprit: Option<Told<M>>,
    /// What was decided before it, to be decided again.
    pub(super) before: Vec<Told<M>>,
    /// What waited behind it.
    pub(super) behind: Vec<Told<M>>,
    pub(super) text: String,
}

/// Decides a batch on the evolving state. What needs no writing is answered at once.
pub(super) fn draft<M: Machine>(
    life: &mut Life<M>,
    stream: &StreamId,
    now: Timestamp,
    batch: Vec<Told<M>>,
) -> Result<Draft<M>, Panicked<M>> {
    let mut draft =
        Draft { messages: Vec::new(), held: Vec::new(), entries: Vec::new(), stuck: None };
    let mut batch = batch.into_iter();
    while let Some(told) = batch.next() {
        if let Err((culprit, text)) = draft.take(life, stream, now, told) {
            let before = draft.entries.into_iter().map(|entry| entry.told).collect();
            return Err(Panicked { culprit: Some(culprit), before, behind: batch.collect(), text });
        }
    }
    Ok(draft)
}

impl<M: Machine> Draft<M> {
    fn take(
        &mut self,
        life: &mut Life<M>,
        stream: &StreamId,
        now: Timestamp,
        told: Told<M>,
    ) -> Result<(), (Told<M>, String)> {
        let tagged = match tagged::split(&told.command) {
            Ok(tagged) => tagged,
            Err(error) => {
                let fault = Fault::Refused(format!("the command cannot be written: {error}"));
                answer(told, Err(TellError::Fault(fault)));
                return Ok(());
            }
        };
        let body = fingerprint(&tagged.event_type, &tagged.data);
        if let Some(again) = life.answer_again(told.message_id, body) {
            answer(told, again);
            return Ok(());
        }
        if self.entries.iter().any(|entry| entry.told.message_id == told.message_id) {
            self.entries.push(Entry { told, body, verdict: Verdict::Repeat });
            return Ok(());
        }
        match self.consider(life, stream, now, &told, tagged) {
            Ok(Ok(verdict)) => self.entries.push(Entry { told, body, verdict }),
            Ok(Err(refusal)) => answer(told, Err(TellError::Refused(refusal))),
            Err(text) => return Err((told, text)),
        }
        Ok(())
    }

    /// Decides one command and writes what it comes to. The inner error is a refusal on a stream that
    /// does not exist, which leaves no trace; the outer one the text of a panic.
    fn consider(
        &mut self,
        life: &mut Life<M>,
        stream: &StreamId,
        now: Timestamp,
        told: &Told<M>,
        tagged: Tagged,
    ) -> Result<Result<Verdict<M>, M::Refusal>, String> {
        if let Some(key) = told.origin.effect()
            && !life.wants()?.contains_key(key)
        {
            let index = self.messages.len();
            self.messages.push(facts::noted(told, key, &tagged));
            return Ok(Ok(Verdict::Written { index, version: life.version }));
        }
        let context = Context { stream, message_id: told.message_id, now };
        let decided = guarded(|| life.machine.decide(&told.command, &context))?;
        let verdict = match decided {
            Ok(events) => self.write_events(life, told, tagged, &events)?,
            Err(refusal) if life.version == 0 => return Ok(Err(refusal)),
            Err(refusal) => self.write_refusal(life, told, tagged, refusal),
        };
        self.check_outcome(life, told, &verdict)?;
        Ok(Ok(verdict))
    }

    fn write_events(
        &mut self,
        life: &mut Life<M>,
        told: &Told<M>,
        tagged: Tagged,
        events: &[M::Event],
    ) -> Result<Verdict<M>, String> {
        let index = self.messages.len();
        let correlation =
            *life.correlation.get_or_insert(told.correlation.unwrap_or(told.message_id));
        self.messages.push(facts::command(told.message_id, tagged, None, correlation));
        for event in events {
            life.apply(event)?;
            let topic = M::topic(event).to_string();
            let tagged = tagged::split(event)
                .map_err(|error| format!("an event cannot be written: {error}"))?;
            self.messages.push(facts::event(tagged, topic, index, correlation));
            self.held.extend(M::held(event));
        }
        Ok(Verdict::Written { index, version: life.version })
    }

    fn write_refusal(
        &mut self,
        life: &Life<M>,
        told: &Told<M>,
        tagged: Tagged,
        refusal: M::Refusal,
    ) -> Verdict<M> {
        let error = serde_json::to_string(&refusal)
            .unwrap_or_else(|error| format!("{:?}", error.to_string()));
        let correlation = life.correlation.unwrap_or(told.message_id);
        self.messages.push(facts::command(told.message_id, tagged, Some(error), correlation));
        Verdict::Refused(refusal)
    }

    /// Law 6: an outcome has to end the wish it answers, or there would be silent loops.
    fn check_outcome(
        &mut self,
        life: &Life<M>,
        told: &Told<M>,
        verdict: &Verdict<M>,
    ) -> Result<(), String> {
        let Origin::Outcome(key) = &told.origin else { return Ok(()) };
        if life.wants()?.contains_key(key) {
            self.stuck = Some(stuck(key, verdict));
        }
        Ok(())
    }

    /// Answers everyone, now that the draft is committed with its first row at `first`.
    pub(super) fn committed(self, life: &mut Life<M>, first: i64) {
        for Entry { told, body, verdict } in self.entries {
            let result = match verdict {
                Verdict::Written { index, version } => {
                    let position = first + i64::try_from(index).unwrap_or(0);
                    Ok(Receipt { position, version, repeated: false })
                }
                Verdict::Refused(refusal) => Err(TellError::Refused(refusal)),
                Verdict::Repeat => {
                    let again = life.answer_again(told.message_id, body);
                    answer(told, again.unwrap_or(Err(TellError::Overloaded)));
                    continue;
                }
            };
            life.remember(told.message_id, body, &result);
            answer(told, result);
        }
    }

    /// Takes the commands back out of a draft that was not committed.
    pub(super) fn into_told(self) -> Vec<Told<M>> {
        self.entries.into_iter().map(|entry| entry.told).collect()
    }
}

fn stuck<M: Machine>(key: &EffectKey, verdict: &Verdict<M>) -> String {
    match verdict {
        Verdict::Refused(refusal) => format!("the outcome of {key} was refused: {refusal}"),
        _ => format!("the outcome of {key} left it wanted"),
    }
}

/// Answers a command. Whoever does not wait any more will find it in the journal.
pub(super) fn answer<M: Machine>(told: Told<M>, answer: Answer<M>) {
    let _ = told.reply.send(answer);
}

/// The wants of a drafted state; a panic is everybody's.
pub(super) fn wants_or_panic<M: Machine>(
    life: &Life<M>,
    draft: Draft<M>,
) -> Result<(Wants<M>, Draft<M>), Panicked<M>> {
    match life.wants() {
        Ok(wants) => Ok((wants, draft)),
        Err(text) => {
            let mut before = draft.into_told();
            let culprit = if before.len() == 1 { before.pop() } else { None };
            for told in &mut before {
                told.panicked = true;
            }
            Err(Panicked { culprit, before, behind: Vec::new(), text })
        }
    }
}
