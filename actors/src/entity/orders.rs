//! The operator's verbs, carried out by the entity itself between two commits.

use super::actor::{Entity, Phase};
use super::batch::STUCK;
use super::directory::{Order, What};
use super::facts;
use super::life::guarded;
use super::slot::{Presence, Slot};
use super::told::{Origin, Told};
use crate::journal::{Committed, Fault, NewMessage, Parked, ParkedCommand};
use crate::machine::tagged::{self, Tagged};
use crate::machine::{Change, Machine, Perform};
use crate::vocabulary::{EffectKey, Position};
use actix::{ActorContext, Context};
use tokio::sync::oneshot;

pub(super) type Reply = Option<oneshot::Sender<Result<(), String>>>;

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
                let facts = skipped.into_iter().chain([facts::resumed(&by, "skip")]).collect();
                self.drop_effect(parked.command.and_then(|command| command.effect));
                self.resume(facts, head, reply, None, ctx);
            }
            // The world may have been mended, but an outcome tells of the world as it was: the machine
            // would refuse it again. So its effect is brought to its outcome anew.
            _ if let Some(key) = stuck(&parked) => {
                self.drop_effect(Some(key));
                self.resume(vec![facts::resumed(&by, "retry")], head, reply, None, ctx);
            }
            _ => match parked.command.as_ref().map(told_again::<M>).transpose() {
                Ok(again) => {
                    self.resume(vec![facts::resumed(&by, "retry")], head, reply, again, ctx);
                }
                Err(error) => {
                    let text = format!(
                        "this program cannot read the command that is in its way ({error}): use skip or fail"
                    );
                    tell(reply, Err(text));
                    self.stay(parked, head, ctx);
                }
            },
        }
    }

    /// The outcome that was skipped, or is to be brought anew, is not to be told again by the task that
    /// brought it.
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
        reply: Reply,
        again: Option<Told<M>>,
        ctx: &mut Context<Self>,
    ) {
        self.write_facts(head, facts, None, None, ctx, move |entity, result| {
            if let (Ok(_), Some(told)) = (result, again) {
                entity.directory.with(&entity.name, |slot| slot.inbox.push_front(told));
            }
            tell(reply, done(result));
        });
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
        self.write_facts(head, vec![fact], Some(parked), row, ctx, move |entity, result| {
            if result.is_ok() {
                entity.directory.with(&entity.name, Slot::abort_effects);
            }
            tell(reply, done(result));
        });
    }
}

pub(super) fn tell(reply: Reply, result: Result<(), String>) {
    // Whoever asked may have gone.
    reply.map(|reply| reply.send(result));
}

pub(super) fn done(result: &Result<Committed, Fault>) -> Result<(), String> {
    result.as_ref().map(|_| ()).map_err(ToString::to_string)
}

/// The effect whose outcome did not settle it, if that is why it is parked.
fn stuck(parked: &Parked) -> Option<EffectKey> {
    let command = parked.command.as_ref().filter(|_| parked.by == STUCK)?;
    command.effect.clone()
}

/// The command as it stands in the journal when it was skipped.
fn skipped(command: &ParkedCommand, by: &str) -> NewMessage {
    let ParkedCommand { message_id, event_type, data, .. } = command.clone();
    // A name only: it cannot fail.
    let skip = facts::Skip { skipped_by: by.to_owned() };
    let error = serde_json::to_string(&skip).unwrap_or_default();
    let tagged = Tagged { event_type, data: data.into() };
    facts::command(message_id, tagged, Some(error), message_id)
}

/// The command as it will be told again; its caller has had an answer.
fn told_again<M: Machine>(parked: &ParkedCommand) -> serde_json::Result<Told<M>> {
    let command = tagged::join(&parked.event_type, &parked.data)?;
    let message_id = parked.message_id;
    let origin = parked.effect.clone().map_or(Origin::Caller, Origin::Outcome);
    let (reply, _) = oneshot::channel();
    Ok(Told { message_id, command, origin, correlation: None, reply, panicked: false })
}
