//! What an agent wants of the world: nothing, by itself.

use super::command::Command;
use super::state::Agent;
use crate::machine::{Outbox, Perform};
use crate::vocabulary::EffectKey;

/// What an agent wants: nothing.
#[derive(Debug, Clone, Copy)]
pub enum Effect {}

/// There is none to perform.
fn never(effect: Effect) -> std::future::Pending<Command> {
    match effect {}
}

/// Performs what agents want.
#[derive(Debug, Clone, Copy)]
pub struct Idle;

impl Perform<Agent> for Idle {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        _outbox: Outbox<Agent>,
    ) -> impl Future<Output = Command> + 'static {
        never(effect)
    }
}
