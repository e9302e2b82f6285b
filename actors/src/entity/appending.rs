//! Appending: what was decided is put into the journal; once it is durable, everyone is answered.

use super::actor::{Entity, Phase};
use super::batch::{Draft, answer};
use super::directory::Directory;
use super::life::{Life, Wants, wake_at};
use super::news::News;
use super::told::TellError;
use crate::journal::{self, Append, Committed, Fault};
use crate::machine::{Change, Machine, Perform, Row};
use crate::vocabulary::Position;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::sync::Arc;
use tokio::sync::oneshot;

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    pub(super) fn append(
        &mut self,
        mut life: Life<M>,
        wants: Wants<M>,
        row: Option<Row>,
        mut draft: Draft<M>,
        ctx: &mut Context<Self>,
    ) {
        let messages = std::mem::take(&mut draft.messages);
        let (head, events) = (life.head, std::mem::take(&mut draft.events));
        let count = Position::try_from(messages.len()).unwrap_or(0);
        if draft.snapshot.is_some() {
            life.recalled = life.version;
        }
        let (reply, answer) = oneshot::channel();
        self.directory.journal().append(Append {
            stream: Directory::<M>::stream(&self.name),
            head,
            messages,
            // Its row comes with its first event.
            row: row.filter(|_| life.version > 0).map(Change::Put),
            wake: journal::Wake::At(wake_at(&wants)),
            parked: None,
            held: std::mem::take(&mut draft.held),
            snapshot: draft.snapshot.take(),
            reply,
        });
        self.phase = Phase::Appending;
        let committing = answer.into_actor(self);
        ctx.spawn(committing.map(move |result, entity: &mut Self, ctx| {
            match result.unwrap_or_else(|_| Err(Fault::Unknown("the writer ended".into()))) {
                Ok(committed) => {
                    life.head = committed.first + count - 1;
                    entity.tell_news(head, life.head, events);
                    entity.committed(committed, life, wants, draft, ctx);
                }
                Err(fault) => entity.refused(&fault, &life, draft, ctx),
            }
        }));
    }

    fn committed(
        &mut self,
        committed: Committed,
        mut life: Life<M>,
        wants: Wants<M>,
        draft: Draft<M>,
        ctx: &mut Context<Self>,
    ) {
        draft.committed(&mut life, committed.first, self.now());
        self.reconcile(life, wants, ctx);
        self.proceed(ctx);
    }

    /// To those who wait. Whoever comes later looks at what is written first.
    fn tell_news(&self, after: Position, head: Position, events: Vec<M::Event>) {
        self.directory.with(&self.name, |slot| {
            let is_awaited = slot.committed.receiver_count() > 0;
            let events = if is_awaited { events.into() } else { Arc::default() };
            slot.committed.send_replace(News { after, head, events });
        });
    }

    /// It was not written, or nobody knows: the state in memory is worth nothing.
    fn refused(&mut self, fault: &Fault, life: &Life<M>, draft: Draft<M>, ctx: &mut Context<Self>) {
        let mut told = draft.into_told();
        if let Fault::Conflict { .. } = fault {
            self.put_back(told);
            return self.load(ctx);
        }
        let again = life.again.as_ref().map(|again| again.message_id);
        let kept = told.iter().position(|told| Some(told.message_id) == again);
        let kept = kept.map(|at| told.remove(at));
        for told in told {
            answer(told, Err(TellError::Fault(fault.clone())));
        }
        match (kept, fault) {
            // Nobody waits for it but the journal, which would have it told for ever.
            (Some(kept), Fault::Refused(why)) => {
                let why = format!("told again, the command could not be written: {why}");
                self.park(life.head, "stuck", why, Some(kept), None, ctx);
            }
            _ => self.load(ctx),
        }
    }
}
