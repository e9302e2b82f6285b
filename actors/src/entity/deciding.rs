//! Idle: an entity takes up what waits in its slot, and has its machine decide.

use super::actor::{Entity, Phase};
use super::batch::{self, Setback, answer};
use super::directory::Directory;
use super::life::Life;
use super::told::{TellError, Told};
use crate::machine::{Machine, Perform};
use crate::vocabulary::Position;
use actix::{AsyncContext, Context};

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    /// Takes up whatever its slot holds, if it is free to.
    pub(super) fn proceed(&mut self, ctx: &mut Context<Self>) {
        if !matches!(self.phase, Phase::Idle(_) | Phase::Parked(..)) {
            return;
        }
        if let Some(order) = self.directory.with(&self.name, |slot| slot.orders.pop_front()) {
            return self.obey(order, ctx);
        }
        match std::mem::replace(&mut self.phase, Phase::Appending) {
            Phase::Idle(life) => self.decide(life, ctx),
            Phase::Parked(parked, head) => {
                for told in self.take_inbox() {
                    answer(told, Err(TellError::Parked(parked.clone())));
                }
                self.phase = Phase::Parked(parked, head);
                self.rest(ctx);
            }
            phase => self.phase = phase,
        }
    }

    pub(super) fn take_inbox(&self) -> Vec<Told<M>> {
        self.directory.with(&self.name, |slot| slot.inbox.drain(..).collect())
    }

    /// What waits, but for commands on which the machine has panicked: those are decided alone.
    fn take_batch(&self) -> Vec<Told<M>> {
        self.directory.with(&self.name, |slot| {
            let is_suspect = slot.inbox.iter().position(|told| told.panicked);
            let count = is_suspect.map_or(slot.inbox.len(), |at| at.max(1));
            slot.inbox.drain(..count).collect()
        })
    }

    fn decide(&mut self, mut life: Life<M>, ctx: &mut Context<Self>) {
        let batch = self.take_batch();
        if batch.is_empty() {
            self.phase = Phase::Idle(life);
            return self.rest(ctx);
        }
        let stream = Directory::<M>::stream(&self.name);
        if let Some(drowsy) = self.drowsy.take() {
            ctx.cancel_future(drowsy);
        }
        let drafted = batch::draft(&mut life, &stream, self.now(), batch)
            .and_then(|draft| batch::ask_drafted(&mut life, draft));
        match drafted {
            Ok((.., draft)) if draft.messages.is_empty() => {
                self.phase = Phase::Idle(life);
                self.proceed(ctx);
            }
            Ok((wants, row, draft)) => self.append(life, wants, row, draft, ctx),
            Err(setback) => self.set_back(*setback, life.head, ctx),
        }
    }

    /// Once more from the journal, with the culprit alone; the second time it is parked.
    fn set_back(&mut self, setback: Setback<M>, head: Position, ctx: &mut Context<Self>) {
        let Setback { culprit, before, behind, trouble } = setback;
        tracing::error!(kind = M::KIND, name = %self.name, ?trouble, "a machine fails");
        match culprit {
            Some(culprit) if culprit.panicked => {
                self.put_back(before.into_iter().chain(behind).collect());
                let why = trouble.to_string();
                self.park(head, trouble.by(), why, Some(culprit), None, ctx);
            }
            culprit => {
                let culprit = culprit.map(|told| Told { panicked: true, ..told });
                self.put_back(before.into_iter().chain(culprit).chain(behind).collect());
                self.load(ctx);
            }
        }
    }

    pub(super) fn put_back(&self, batch: Vec<Told<M>>) {
        self.directory.with(&self.name, |slot| {
            batch.into_iter().rev().for_each(|told| slot.inbox.push_front(told));
        });
    }
}
