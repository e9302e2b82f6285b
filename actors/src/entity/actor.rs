//! [`Entity`]: the actor that hosts a machine.
//!
//! | phase | what it waits for | next |
//! |---|---|---|
//! | Loading | its stream, read from the journal | Idle, Parked |
//! | Idle | a sign that its slot holds something | Appending |
//! | Appending | the commit | Idle; Loading after a fault; Parked |
//! | Parked | an operator | Loading |
//!
//! It never waits for another entity: telling one is an effect, in a task of its own.

use super::Directory;
use super::batch::{self, Draft, Setback, answer};
use super::effects;
use super::facts;
use super::life::{FoldError, Life, Wants, wake_at};
use super::orders::{Reply, done, tell};
use super::slot::{Presence, Wake};
use super::told::{TellError, Told};
use crate::journal;
use crate::journal::{Append, Committed, Fault, Loaded, NewMessage, Parked, ParkedCommand};
use crate::machine::{Change, Machine, Perform, Row, tagged};
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{Name, Position, Timestamp};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture,
};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The actor of one stream.
pub(super) struct Entity<M: Machine, P: Perform<M>> {
    pub(super) name: Name,
    pub(super) directory: Directory<M>,
    performer: Rc<P>,
    pub(super) phase: Phase<M>,
    /// The machine has panicked while it was being rebuilt.
    panicked_in_rebuild: bool,
    failed_loads: u32,
    /// Rings when the next want falls due.
    alarm: Option<(Timestamp, SpawnHandle)>,
    /// Rings when it has been idle for long enough.
    drowsy: Option<SpawnHandle>,
    _lifeline: Lifeline,
}

/// What it is doing.
pub(super) enum Phase<M: Machine> {
    Loading,
    Idle(Life<M>),
    Appending,
    /// Kept from acting; its stream ends at this position.
    Parked(Parked, Position),
}

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    pub(super) fn new(
        name: Name,
        directory: Directory<M>,
        performer: Rc<P>,
        lifeline: Lifeline,
    ) -> Self {
        Self {
            name,
            directory,
            performer,
            phase: Phase::Loading,
            panicked_in_rebuild: false,
            failed_loads: 0,
            alarm: None,
            drowsy: None,
            _lifeline: lifeline,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.directory.journal().clock().now()
    }

    // ---- Loading ----

    pub(super) fn load(&mut self, ctx: &mut Context<Self>) {
        self.phase = Phase::Loading;
        let stream = Directory::<M>::stream(&self.name);
        let journal = self.directory.journal().clone();
        let loading = async move { journal.load(stream, 0).await };
        ctx.spawn(loading.into_actor(self).map(Self::loaded));
    }

    fn loaded(result: Result<Loaded, Fault>, entity: &mut Self, ctx: &mut Context<Self>) {
        match result {
            Ok(loaded) => entity.rebuild(&loaded, ctx),
            Err(fault) => entity.load_later(&fault, ctx),
        }
    }

    fn load_later(&mut self, fault: &Fault, ctx: &mut Context<Self>) {
        for told in self.take_inbox() {
            answer(told, Err(TellError::Fault(fault.clone())));
        }
        self.failed_loads += 1;
        let wait = Duration::from_millis(50 << self.failed_loads.min(6));
        ctx.run_later(wait, Self::load);
    }

    fn rebuild(&mut self, loaded: &Loaded, ctx: &mut Context<Self>) {
        self.failed_loads = 0;
        if let Some(parked) = &loaded.parked {
            self.phase = Phase::Parked(parked.clone(), loaded.head);
            return self.proceed(ctx);
        }
        let rebuilt = Life::fold(loaded).and_then(|life| {
            let wants = life.wants().map_err(FoldError::Panicked)?;
            Ok((life, wants))
        });
        match rebuilt {
            Ok((life, wants)) => self.come_to_life(life, wants, ctx),
            Err(FoldError::Panicked(_)) if !self.panicked_in_rebuild => {
                self.panicked_in_rebuild = true;
                self.load(ctx);
            }
            Err(FoldError::Panicked(text)) => {
                let why = format!("the machine panicked while it was rebuilt: {text}");
                self.park(loaded.head, "panic", why, None, None, ctx);
            }
            Err(FoldError::Unreadable(text)) => {
                let why = format!("its journal cannot be read by this program: {text}");
                self.park(loaded.head, "journal", why, None, None, ctx);
            }
        }
    }

    fn come_to_life(&mut self, life: Life<M>, wants: Wants<M>, ctx: &mut Context<Self>) {
        self.panicked_in_rebuild = false;
        self.reconcile(life, wants, ctx);
        self.proceed(ctx);
    }

    // ---- Idle ----

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

    fn take_inbox(&self) -> Vec<Told<M>> {
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
            .and_then(|draft| batch::ask_drafted(&life, draft));
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

    fn put_back(&self, batch: Vec<Told<M>>) {
        self.directory.with(&self.name, |slot| {
            batch.into_iter().rev().for_each(|told| slot.inbox.push_front(told));
        });
    }

    // ---- Appending ----

    fn append(
        &mut self,
        mut life: Life<M>,
        wants: Wants<M>,
        row: Option<Row>,
        mut draft: Draft<M>,
        ctx: &mut Context<Self>,
    ) {
        let messages = std::mem::take(&mut draft.messages);
        let head = life.head;
        let count = Position::try_from(messages.len()).unwrap_or(0);
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
            reply,
        });
        self.phase = Phase::Appending;
        let committing = answer.into_actor(self);
        ctx.spawn(committing.map(move |result, entity: &mut Self, ctx| {
            match result.unwrap_or_else(|_| Err(Fault::Unknown("the writer ended".into()))) {
                Ok(committed) => {
                    life.head = committed.first + count - 1;
                    entity.committed(committed, life, wants, draft, ctx);
                }
                Err(fault) => entity.refused(&fault, draft, ctx),
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
        draft.committed(&mut life, committed.first);
        self.directory.with(&self.name, |slot| slot.committed.send_replace(committed.version));
        self.reconcile(life, wants, ctx);
        self.proceed(ctx);
    }

    /// It was not written, or nobody knows: the state in memory is worth nothing.
    fn refused(&mut self, fault: &Fault, draft: Draft<M>, ctx: &mut Context<Self>) {
        let told = draft.into_told();
        if let Fault::Conflict { .. } = fault {
            self.put_back(told);
        } else {
            for told in told {
                answer(told, Err(TellError::Fault(fault.clone())));
            }
        }
        self.load(ctx);
    }

    // ---- Effects ----

    /// Brings what runs in line with what is wanted. Then it is idle, or about to be parked.
    fn reconcile(&mut self, life: Life<M>, wants: Wants<M>, ctx: &mut Context<Self>) {
        let (directory, performer, now) = (&self.directory, &self.performer, self.now());
        let rest = effects::reconcile(directory, performer, &self.name, (&life, wants), now);
        if let Some((_, alarm)) = self.alarm.take() {
            ctx.cancel_future(alarm);
        }
        if let Some(key) = rest.spent {
            let why = format!("{key} is wanted, but its outcome stands in the journal already");
            return self.park(life.head, "stuck", why, None, None, ctx);
        }
        self.alarm = rest.next.map(|due| (due, ctx.run_later(due.since(now), Self::due)));
        self.phase = Phase::Idle(life);
    }

    /// A want has fallen due.
    fn due(&mut self, ctx: &mut Context<Self>) {
        self.alarm = None;
        match std::mem::replace(&mut self.phase, Phase::Appending) {
            Phase::Idle(life) => match life.wants() {
                Ok(wants) => self.reconcile(life, wants, ctx),
                Err(_) => self.load(ctx),
            },
            // Whatever comes next reconciles.
            phase => self.phase = phase,
        }
    }

    // ---- Parked ----

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
        self.write_facts(head, vec![fact], Some(parked), None, ctx, move |entity, result| {
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
        messages: Vec<NewMessage>,
        parked: Option<Parked>,
        row: Option<Change>,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, &Result<Committed, Fault>) + 'static,
    ) {
        let (reply, answer) = oneshot::channel();
        let stream = Directory::<M>::stream(&self.name);
        self.directory.journal().append(Append {
            stream,
            head,
            messages,
            row,
            wake: journal::Wake::AsBefore,
            parked,
            held: Vec::new(),
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

    // ---- Rest ----

    /// Goes to sleep if nothing comes for a while and nothing is open.
    fn rest(&mut self, ctx: &mut Context<Self>) {
        if self.drowsy.is_none() {
            let idle = self.directory.settings().idle;
            self.drowsy = Some(ctx.run_later(idle, Self::fall_asleep));
        }
    }

    fn fall_asleep(&mut self, ctx: &mut Context<Self>) {
        self.drowsy = None;
        let is_free = matches!(self.phase, Phase::Idle(_) | Phase::Parked(..));
        // A want that falls due soon is awaited; for later ones the scheduler wakes it.
        let soon = self.now().after(self.directory.settings().idle);
        let is_free = is_free && self.alarm.as_ref().is_none_or(|(due, _)| *due > soon);
        if is_free && self.directory.leave(&self.name) {
            ctx.stop();
        } else {
            self.rest(ctx);
        }
    }
}

impl<M: Machine, P: Perform<M>> Actor for Entity<M, P> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let actor = ctx.address().recipient();
        let is_fresh = self.directory.with(&self.name, |slot| {
            slot.presence = Presence::Here(actor);
            std::mem::take(&mut slot.is_fresh)
        });
        if is_fresh {
            self.come_to_life(Life::default(), Wants::<M>::new(), ctx);
        } else {
            self.load(ctx);
        }
    }
}

impl<M: Machine, P: Perform<M>> Handler<Wake> for Entity<M, P> {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.proceed(ctx);
    }
}

/// Its hosts ask it to end. Nothing is lost: what waits stays in the slot, what was told is journaled.
impl<M: Machine, P: Perform<M>> Handler<Shutdown> for Entity<M, P> {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
