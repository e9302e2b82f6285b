//! The service that has debris and expired content removed from time to time.

use super::tuning::{Tuner, Tuning};
use crate::journal::{Journal, SweepSettings, Swept, candidates};
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::Timestamp;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use std::time::{Duration, SystemTime};

/// Lists what might go, and asks the journal's writer to decide.
pub(super) struct Sweeper {
    pub(super) journal: Journal,
    pub(super) tuner: Tuner,
    pub(super) _lifeline: Lifeline,
}

/// Each pause is as long as is said when it begins; whoever changes it begins another.
async fn sweep_for_ever(journal: Journal, tuner: Tuner) {
    let mut changes = tuner.watch();
    loop {
        let tuning = changes.borrow_and_update().clone();
        let Tuning { sweep: settings, sweep_every, keep_audit, .. } = tuning;
        let pause = tokio::time::sleep(sweep_every);
        tokio::select! {
            () = pause => {
                sweep(journal.clone(), settings).await;
                sweep_audit(&journal, keep_audit).await;
                sweep_outputs(&journal, settings.keep).await;
            }
            heard = changes.changed() => if heard.is_err() { return },
        }
    }
}

async fn sweep_outputs(journal: &Journal, keep: Duration) {
    #[expect(clippy::disallowed_methods, reason = "files carry the system's time, not the clock's")]
    let now = SystemTime::now();
    let swept = journal.files().run(move |files| files.forget_outputs(keep, now)).await;
    if let Err(error) = swept {
        tracing::warn!(%error, "failed to sweep what programs have said");
    }
}

async fn sweep_audit(journal: &Journal, keep: Duration) {
    let before = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let before = Timestamp(journal.clock().now().0.saturating_sub(before));
    match journal.forget_audit(before).await {
        Ok(0) => {}
        Ok(decisions) => tracing::info!(decisions, "swept the audit"),
        Err(fault) => tracing::warn!(%fault, "failed to sweep the audit"),
    }
}

async fn sweep(journal: Journal, SweepSettings { grace, keep }: SweepSettings) {
    #[expect(clippy::disallowed_methods, reason = "files carry the system's time, not the clock's")]
    let now = SystemTime::now();
    let listing = journal.files().run(move |files| candidates(files.home(), grace, now)).await;
    let released_before =
        Timestamp(journal.clock().now().0 - i64::try_from(keep.as_millis()).unwrap_or(i64::MAX));
    match listing {
        Ok(found) => match journal.sweep(found, released_before).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(swept.expired, swept.debris, "swept"),
            Err(fault) => tracing::warn!(%fault, "failed to sweep"),
        },
        Err(error) => tracing::warn!(%error, "failed to list what might be debris"),
    }
}

impl Actor for Sweeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(sweep_for_ever(self.journal.clone(), self.tuner.clone()).into_actor(self));
    }
}

impl Handler<Shutdown> for Sweeper {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
