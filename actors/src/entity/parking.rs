//! Parking: what the host does to an entity is written as facts, which no machine sees.

use super::actor::{Entity, Phase};
use super::batch::answer;
use super::directory::Directory;
use super::facts;
use super::order::{Reply, done, tell};
use super::told::{TellError, Told};
use crate::journal::{self, Append, Committed, Fault, NewMessage, Parked, ParkedCommand};
use crate::machine::{Change, Machine, Perform, tagged};
use crate::vocabulary::Position;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::sync::oneshot;

/// What is written of an entity besides what its machine says.
pub(super) struct Facts {
    pub(super) messages: Vec<NewMessage>,
    pub(super) wake: journal::Wake,
    pub(super) parked: Option<Parked>,
    pub(super) row: Option<Change>,
}

impl Facts {
    /// It is parked from now on.
    pub(super) fn parking(fact: NewMessage, parked: Parked) -> Self {
        let (wake, parked) = (journal::Wake::AsBefore, Some(parked));
        Self { messages: vec![fact], wake, parked, row: None }
    }
}

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    fn parking(&self, by: &str, why: String, command: Option<&Told<M>>) -> Parked {
        let command = command.and_then(|told| {
            let tagged = tagged::split(&told.command).ok()?;
            let (message_id, effect) = (told.message_id, told.origin.effect().cloned());
            let (event_type, data) = (tagged.event_type, tagged.data.get().into());
            Some(ParkedCommand { message_id, event_type, data, effect })
        });
        Parked { by: by.into(), why, since: self.now(), command, failed: false }
    }

    pub(super) fn park(
        &mut self,
        head: Position,
        by: &str,
        why: String,
        command: Option<Told<M>>,
        reply: Reply,
        ctx: &mut Context<Self>,
    ) {
        let parked = self.parking(by, why, command.as_ref());
        let fact = facts::parked(&parked, command.as_ref().map(|told| told.message_id));
        let told_why = parked.clone();
        self.write_facts(head, Facts::parking(fact, parked), ctx, move |entity, result| {
            let error = match result {
                Ok(_) => TellError::Parked(told_why),
                Err(fault) => TellError::Fault(fault.clone()),
            };
            if let Some(told) = command {
                answer(told, Err(error));
            }
            tell(reply, done(result));
            entity.panicked_in_rebuild = false;
        });
    }

    /// Writes host facts, lets `then` answer, and reads the stream anew.
    pub(super) fn write_facts(
        &mut self,
        head: Position,
        facts: Facts,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, &Result<Committed, Fault>) + 'static,
    ) {
        let (reply, answer) = oneshot::channel();
        let stream = Directory::<M>::stream(&self.name);
        let Facts { messages, wake, parked, row } = facts;
        self.directory.journal().append(Append {
            stream,
            head,
            messages,
            row,
            wake,
            parked,
            held: Vec::new(),
            snapshot: None,
            reply,
        });
        self.phase = Phase::Appending;
        ctx.spawn(answer.into_actor(self).map(move |result, entity: &mut Self, ctx| {
            let result = result.unwrap_or_else(|_| Err(Fault::Unknown("the writer ended".into())));
            then(entity, &result);
            match result {
                Ok(_) | Err(Fault::Conflict { .. }) => entity.load(ctx),
                Err(fault) => entity.load_later(&fault, ctx),
            }
        }));
    }
}
