//! The operator's verbs, carried out by the entity itself between two commits.

use super::actor::{Entity, Phase};
use super::directory::{Order, What};
use super::facts;
use super::told::{Origin, Told};
use crate::journal::{Committed, Fault, NewMessage, Parked, ParkedCommand};
use crate::machine::tagged::{self, Tagged};
use crate::machine::{Change, Machine, Perform};
use crate::vocabulary::Timestamp;
use actix::{ActorContext, Context};
use serde_json::json;
use tokio::sync::oneshot;

type Reply = Option<oneshot::Sender<Result<(), String>>>;

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    /// Carries an order out, or says why that cannot be done now.
    pub(super) fn obey(&mut self, order: Order, ctx: &mut Context<Self>) {
        let Order { what, by, reply } = order;
        let phase = std::mem::replace(&mut self.phase, Phase::Appending);
        match (what, phase) {
            (What::Reload, phase) => {
                self.phase = phase;
                tell(reply, Ok(()));
                ctx.stop();
            }
            (What::Park(why), Phase::Idle(life)) => {
                self.park(life.version, &by, why, None, ctx);
                tell(reply, Ok(()));
            }
            (What::Park(_), Phase::Parked(parked, version)) => {
                tell(reply, Err(format!("it is parked already, by {}: {}", parked.by, parked.why)));
                self.stay(parked, version, ctx);
            }
            (what, Phase::Parked(parked, version)) => {
                self.release(&what, by, parked, version, reply, ctx);
            }
            (What::Fail, Phase::Idle(life)) if life.version > 0 => {
                self.fail(by, "an operator ended it".into(), life.version, reply, ctx);
            }
            (_, phase) => {
                self.phase = phase;
                tell(reply, Err("it is not parked: there is nothing to decide".into()));
                self.proceed(ctx);
            }
        }
    }

    fn stay(&mut self, parked: Parked, version: i64, ctx: &mut Context<Self>) {
        self.phase = Phase::Parked(parked, version);
        self.proceed(ctx);
    }

    fn release(
        &mut self,
        what: &What,
        by: String,
        parked: Parked,
        version: i64,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        match what {
            _ if parked.failed => {
                tell(reply, Err("it was ended with fail: nothing more can happen to it".into()));
                self.stay(parked, version, ctx);
            }
            What::Fail => self.fail(by, parked.why, version, reply, ctx),
            What::Skip if parked.command.is_none() => {
                let text = "no command is in its way that could be skipped: use retry or fail";
                tell(reply, Err(text.into()));
                self.stay(parked, version, ctx);
            }
            What::Skip => {
                let skipped = parked.command.as_ref().map(|command| skipped(command, &by));
                let facts = skipped.into_iter().chain([facts::resumed(&by, "skip")]).collect();
                self.resume(facts, version, reply, None, ctx);
            }
            _ => {
                let again = parked.command.and_then(told_again::<M>);
                self.resume(vec![facts::resumed(&by, "retry")], version, reply, again, ctx);
            }
        }
    }

    fn resume(
        &mut self,
        facts: Vec<NewMessage>,
        version: i64,
        reply: Reply,
        again: Option<Told<M>>,
        ctx: &mut Context<Self>,
    ) {
        // What its machine wants is not known here: it has to be up until it has said so itself.
        let wake_at = Some(Timestamp(0));
        self.write_fact(version, facts, None, wake_at, None, ctx, move |entity, result, _| {
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
        version: i64,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        let now = self.now();
        let fact = facts::failed(&by, &why);
        let row = M::row_when_failed(&why, now).map(Change::Patch);
        let parked = Parked { by, why, since: now, command: None, failed: true };
        self.write_fact(
            version,
            vec![fact],
            Some(parked),
            None,
            row,
            ctx,
            move |entity, result, _| {
                if result.is_ok() {
                    entity.directory.with(&entity.name, |slot| {
                        std::mem::take(&mut slot.effects)
                            .into_values()
                            .for_each(|effect| effect.abort());
                    });
                }
                tell(reply, done(result));
            },
        );
    }
}

fn tell(reply: Reply, result: Result<(), String>) {
    // Whoever asked may have gone.
    reply.map(|reply| reply.send(result));
}

fn done(result: &Result<Committed, Fault>) -> Result<(), String> {
    result.as_ref().map(|_| ()).map_err(ToString::to_string)
}

/// The command as it stands in the journal when it was skipped.
fn skipped(command: &ParkedCommand, by: &str) -> NewMessage {
    let ParkedCommand { message_id, event_type, data, .. } = command.clone();
    let error = json!({ "skipped_by": by }).to_string();
    let tagged = Tagged { event_type, data: data.into() };
    facts::command(message_id, tagged, Some(error), message_id)
}

/// The command as it will be told again; its caller has had an answer.
fn told_again<M: Machine>(command: ParkedCommand) -> Option<Told<M>> {
    let ParkedCommand { message_id, event_type, data, effect } = command;
    let command = tagged::join(&event_type, &data).ok()?;
    let origin = effect.map_or(Origin::Caller, Origin::Outcome);
    let (reply, _) = oneshot::channel();
    Some(Told { message_id, command, origin, correlation: None, reply, panicked: false })
}
