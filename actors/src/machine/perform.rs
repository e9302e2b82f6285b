//! [`Perform`]: how a machine's effects reach the world, and the road by which news comes back.

use super::Machine;
use crate::vocabulary::EffectKey;
use futures::future::LocalBoxFuture;
use std::future::Future;
use std::rc::Rc;

/// Brings an effect's key to its outcome, whether or not it was begun before.
///
/// It claims the attempt's folder, adopts a live claim, returns a spooled outcome, or answers "lost"
/// for a dead claim: performing is the adoption. A failure is an outcome too, so it returns no error.
/// Interim news goes to the outbox as commands. The future may be dropped at any await when the
/// effect is no longer wanted.
pub trait Perform<M: Machine>: 'static {
    /// Does the work of `key` and says, as a command, how it ended.
    fn perform(
        &self,
        key: EffectKey,
        effect: M::Effect,
        outbox: Outbox<M>,
    ) -> impl Future<Output = M::Command> + 'static;
}

/// How an [`Outbox`] hands a command to its entity; the future ends once it is committed, with true, or
/// has become pointless, with false.
pub type Tell<M> = Rc<dyn Fn(<M as Machine>::Command) -> LocalBoxFuture<'static, bool>>;

/// Takes interim news of an effect back to its entity.
pub struct Outbox<M: Machine> {
    tell: Tell<M>,
}

impl<M: Machine> Outbox<M> {
    /// An outbox that hands commands to `tell`.
    pub fn new(tell: Tell<M>) -> Self {
        Self { tell }
    }

    /// Tells the entity and waits until the news is committed (retrying as long as it has to), or is
    /// not wanted any more. False: it was refused, and whoever told it should not go on as if it were known.
    pub async fn tell(&self, news: M::Command) -> bool {
        (self.tell)(news).await
    }
}

impl<M: Machine> Clone for Outbox<M> {
    fn clone(&self) -> Self {
        Self { tell: Rc::clone(&self.tell) }
    }
}
