//! The operator's verbs, carried out by the entity itself between two commits.

use super::actor::{Entity, Phase};
use super::effects::outcome_id;
use super::facts;
use super::life::guarded;
use super::order::{Order, Reply, What, done, tell};
use super::parking::Facts;
use super::slot::Presence;
use super::told::Told;
use crate::journal::{self, NewMessage, Parked, ParkedCommand};
use crate::machine::tagged::Tagged;
use crate::machine::{Change, Machine, Perform};
use crate::vocabulary::{EffectKey, Position, Timestamp};
use actix::{ActorContext, Context};
use serde_json::value::RawValue;

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    /// Carries an order out, or says why that cannot be done now.
    pub(super) fn obey(&mut self, order: Order, ctx: &mut Context<Self>) {
        let Order { what, by, reply } = order;
        let phase = std::mem::replace(&mut self.phase, Phase::Appending);
        match (what, phase) {
            (What::Reload, phase) => {
                self.phase = phase;
                // Whoever wants it from now on asks for the next incarnation.
                self.directory.with(&self.name, |slot| slot.presence = Presence::Absent);
                tell(reply, Ok(()));
                ctx.stop();
            }
            (What::Refresh, _) => {
                tell(reply, Ok(()));
                self.load(ctx);
            }
            (What::Park(why), Phase::Idle(life)) => {
                self.park(life.head, &by, why, None, reply, ctx);
            }
            (What::Park(_), Phase::Parked(parked, head)) => {
                tell(reply, Err(format!("it is parked already, by {}: {}", parked.by, parked.why)));
                self.stay(parked, head, ctx);
            }
            (what, Phase::Parked(parked, head)) => {
                self.release(&what, by, parked, head, reply, ctx);
            }
            (What::Fail, Phase::Idle(life)) if life.head > 0 => {
                self.fail(by, "an operator ended it".into(), life.head, reply, ctx);
            }
            (_, phase) => {
                self.phase = phase;
                tell(reply, Err("it is not parked: there is nothing to decide".into()));
                self.proceed(ctx);
            }
        }
    }

    fn stay(&mut self, parked: Parked, head: Position, ctx: &mut Context<Self>) {
        self.phase = Phase::Parked(parked, head);
        self.proceed(ctx);
    }

    fn release(
        &mut self,
        what: &What,
        by: String,
        parked: Parked,
        head: Position,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        match what {
            _ if parked.failed => {
                tell(reply, Err("it was ended with fail: nothing more can happen to it".into()));
                self.stay(parked, head, ctx);
            }
            What::Fail => self.fail(by, parked.why, head, reply, ctx),
            What::Skip if parked.command.is_none() => {
                let text = "no command is in its way that could be skipped: use retry or fail";
                tell(reply, Err(text.into()));
                self.stay(parked, head, ctx);
            }
            What::Skip => {
                let skipped = parked.command.as_ref().map(|command| skipped(command, &by));
                let resumed = facts::resumed(&by, "skip", None);
                let facts = skipped.into_iter().chain([resumed]).collect();
                self.drop_effect(parked.command.and_then(|command| command.effect));
                self.resume(facts, head, journal::Wake::AsBefore, reply, ctx);
            }
            _ => {
                let verb = if *what == What::Retry { "retry" } else { "resume" };
                self.retry(verb, &by, parked, head, reply, ctx);
            }
        }
    }

    /// A caller's command is told again by whoever rebuilds the entity, now or after a crash. An
    /// effect's outcome is not: it may be what is to be mended, so the effect is performed once more,
    /// which adopts whatever is there. Its news it tells again by itself.
    fn retry(
        &mut self,
        verb: &str,
        by: &str,
        parked: Parked,
        head: Position,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        let as_before = journal::Wake::AsBefore;
        match &parked.command {
            Some(ParkedCommand { effect: Some(key), message_id, .. }) => {
                if *message_id == outcome_id::<M>(&self.name, key) {
                    self.drop_effect(Some(key.clone()));
                }
                self.resume(vec![facts::resumed(by, verb, None)], head, as_before, reply, ctx);
            }
            Some(command) if let Err(error) = Told::<M>::again(command) => {
                let text = format!(
                    "this program cannot read the command that is in its way ({error}): use skip or fail"
                );
                tell(reply, Err(text));
                self.stay(parked, head, ctx);
            }
            Some(_) => {
                let facts = vec![facts::resumed(by, verb, parked.command)];
                let at_once = journal::Wake::At(Some(Timestamp(0)));
                self.resume(facts, head, at_once, reply, ctx);
            }
            None => self.resume(vec![facts::resumed(by, verb, None)], head, as_before, reply, ctx),
        }
    }

    /// What has an outcome is not to be told again by the task that brought it.
    fn drop_effect(&self, key: Option<EffectKey>) {
        let Some(key) = key else { return };
        let effect = self.directory.with(&self.name, |slot| {
            slot.inbox.retain(|told| told.origin.effect() != Some(&key));
            slot.effects.remove(&key)
        });
        if let Some(effect) = effect {
            effect.abort();
        }
    }

    fn resume(
        &mut self,
        facts: Vec<NewMessage>,
        head: Position,
        wake: journal::Wake,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        let facts = Facts { messages: facts, wake, parked: None, row: None };
        self.write_facts(head, facts, ctx, move |_, result| tell(reply, done(result)));
    }

    fn fail(
        &mut self,
        by: String,
        why: String,
        head: Position,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        let now = self.now();
        let fact = facts::failed(&by, &why);
        // A machine that panics here too is ended all the same; its row stays as it is.
        let row = guarded(|| M::row_when_failed(&why, now)).ok().flatten().map(Change::Patch);
        let parked = Parked { by, why, since: now, command: None, failed: true };
        let facts = Facts { row, ..Facts::parking(fact, parked) };
        self.write_facts(head, facts, ctx, move |entity, result| {
            if result.is_ok() {
                entity.directory.with(&entity.name, |slot| {
                    slot.abort_effects();
                    // Whoever waits for an event of it waits in vain.
                    slot.committed.send_modify(|_| ());
                });
            }
            tell(reply, done(result));
        });
    }
}

/// The command as it stands in the journal when it was skipped.
fn skipped(command: &ParkedCommand, by: &str) -> NewMessage {
    let ParkedCommand { message_id, event_type, data, .. } = command.clone();
    // It was written by serde.
    let data = RawValue::from_string(data.into()).unwrap_or_else(|_| RawValue::NULL.to_owned());
    let error = facts::json(&facts::Skip { skipped_by: by.to_owned() });
    facts::command(message_id, Tagged { event_type, data }, Some(error), message_id)
}
