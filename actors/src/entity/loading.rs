//! Loading: an entity comes to life from its stream, or is parked because it cannot.

use super::actor::{Entity, Phase};
use super::batch::answer;
use super::directory::Directory;
use super::facts;
use super::life::{FoldError, Life, Wants, guarded, is_abandoned};
use super::parking::Facts;
use super::snapshot;
use super::told::{TellError, Told};
use crate::journal::{Fault, Loaded, Parked, ParkedCommand};
use crate::machine::{Change, Machine, Perform, Row};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::time::Duration;

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    pub(super) fn load(&mut self, ctx: &mut Context<Self>) {
        self.phase = Phase::Loading;
        let stream = Directory::<M>::stream(&self.name);
        let journal = self.directory.journal().clone();
        let loading = async move { snapshot::load::<M>(&journal, stream).await };
        ctx.spawn(loading.into_actor(self).map(Self::loaded));
    }

    fn loaded(result: Result<Loaded, Fault>, entity: &mut Self, ctx: &mut Context<Self>) {
        match result {
            Ok(loaded) => entity.rebuild(&loaded, ctx),
            Err(fault) => entity.load_later(&fault, ctx),
        }
    }

    pub(super) fn load_later(&mut self, fault: &Fault, ctx: &mut Context<Self>) {
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
            if let Some(row) = self.abandoned(loaded, parked) {
                let facts = Facts {
                    row: Some(Change::Patch(row)),
                    ..Facts::parking(facts::abandoned(), parked.clone())
                };
                return self.write_facts(loaded.head, facts, ctx, |_, _| ());
            }
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

    /// How the row of a parked entity is to be shown, if nothing works for it any more and that was not
    /// said yet.
    fn abandoned(&self, loaded: &Loaded, parked: &Parked) -> Option<Row> {
        let works = self.directory.with(&self.name, |slot| !slot.effects.is_empty());
        if works || parked.failed || is_abandoned(loaded) {
            return None;
        }
        let life = Life::<M>::fold(loaded).ok()?;
        guarded(|| life.machine.row_when_abandoned()).ok().flatten()
    }

    pub(super) fn come_to_life(&mut self, life: Life<M>, wants: Wants<M>, ctx: &mut Context<Self>) {
        self.panicked_in_rebuild = false;
        if let Some(again) = &life.again {
            self.tell_again(again);
        }
        self.reconcile(life, wants, ctx);
        self.proceed(ctx);
    }

    /// The command that an operator wants told again, unless it waits already.
    fn tell_again(&self, again: &ParkedCommand) {
        match Told::<M>::again(again) {
            Ok(told) => self.directory.tell_oneself(&self.name, told),
            // The program that let the operator retry could read it.
            Err(error) => {
                tracing::error!(kind = M::KIND, name = %self.name, %error, "a kept command is lost");
            }
        }
    }
}
