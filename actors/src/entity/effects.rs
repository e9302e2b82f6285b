//! Reconciling: what is wanted is started, what is no longer wanted is ended. There is no second road
//! for recovery, for cancelling or for retrying.

use super::directory::Directory;
use super::life::{Life, Wants, panic_text};
use super::told::Origin;
use crate::machine::{Machine, Outbox, Perform};
use crate::vocabulary::{EffectKey, MessageId, Name, Timestamp};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use tracing::{Instrument, Span};

/// What is left to do after reconciling.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// When the next want falls due.
    pub(super) next: Option<Timestamp>,
    /// A key that is wanted though its outcome stands in the journal: a key is used once (law 6).
    pub(super) spent: Option<EffectKey>,
}

/// Brings what runs for an entity in line with what its machine wants.
pub(super) fn reconcile<M: Machine, P: Perform<M>>(
    directory: &Directory<M>,
    performer: &Rc<P>,
    name: &Name,
    (life, wants): (&Life<M>, Wants<M>),
    now: Timestamp,
) -> Rest {
    directory.with(name, |slot| {
        slot.effects.retain(|key, effect| {
            let is_wanted = wants.contains_key(key);
            if !is_wanted {
                effect.abort();
            }
            is_wanted
        });
        let mut rest = Rest::default();
        for (key, want) in wants {
            match want.due.filter(|due| *due > now) {
                Some(due) => rest.next = Some(rest.next.map_or(due, |next| next.min(due))),
                None if slot.effects.contains_key(&key) => {}
                None if life.has_heard(outcome_id::<M>(name, &key)) => rest.spent = Some(key),
                None => {
                    let work = run(
                        directory.clone(),
                        Rc::clone(performer),
                        name.clone(),
                        key.clone(),
                        want.effect,
                    );
                    let work = work.instrument(span::<M>(name, &key, life.correlation));
                    slot.effects.insert(key, actix_rt::spawn(work).abort_handle());
                }
            }
        }
        rest
    })
}

/// What the log lines of an effect carry, at whatever level they are logged.
fn span<M: Machine>(name: &Name, key: &EffectKey, correlation: Option<MessageId>) -> Span {
    let correlation_id = correlation.map(tracing::field::display);
    tracing::error_span!("effect", stream = %format_args!("{}/{name}", M::KIND), %key, correlation_id)
}

/// Derived: told again after a crash between commit and answer, it is the same command.
pub(super) fn outcome_id<M: Machine>(name: &Name, key: &EffectKey) -> MessageId {
    MessageId::derived(&[M::KIND, name.as_str(), &key.0, "outcome"])
}

/// Performs one effect and tells its outcome until that is committed.
async fn run<M: Machine, P: Perform<M>>(
    directory: Directory<M>,
    performer: Rc<P>,
    name: Name,
    key: EffectKey,
    effect: M::Effect,
) {
    let outbox = outbox(directory.clone(), name.clone(), key.clone());
    // A panic in making the future is caught as well as one in running it.
    let work = async { performer.perform(key.clone(), effect, outbox).await };
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => {
            let id = outcome_id::<M>(&name, &key);
            let origin = Origin::Outcome(key.clone());
            directory.tell_until_settled(&name, id, outcome, origin).await;
            directory.effect_settled(&name, &key).await;
        }
        Err(payload) => directory.effect_panicked(&name, &key, &panic_text(&*payload)).await,
    }
}

fn outbox<M: Machine>(directory: Directory<M>, name: Name, key: EffectKey) -> Outbox<M> {
    Outbox::new(Rc::new(move |news| {
        let (directory, name, origin) =
            (directory.clone(), name.clone(), Origin::News(key.clone()));
        async move { directory.tell_until_settled(&name, MessageId::fresh(), news, origin).await }
            .boxed_local()
    }))
}
