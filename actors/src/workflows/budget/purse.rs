//! [`RootPurse`]: a purse that is kept by the root of the lineage: told, told again after a crash, and waited for.

use super::fact::Fact;
use crate::entity::{Directory, TellError};
use crate::nodes::{Bill, Key, Lost, Pause, Purse, Reservation, Reserved};
use crate::vocabulary::{MessageId, Position, Timestamp, WorkflowId};
use crate::workflows::command::{Command, Refusal};
use crate::workflows::event::Event;
use crate::workflows::state::Workflow;
use futures::FutureExt;
use futures::future::LocalBoxFuture;

/// Has roots keep the sums of their lineages.
#[derive(Debug, Clone)]
pub struct RootPurse {
    workflows: Directory<Workflow>,
}

type Told = Result<Position, TellError<Refusal>>;

impl RootPurse {
    /// The purse of these workflows.
    pub fn new(workflows: Directory<Workflow>) -> Self {
        Self { workflows }
    }

    async fn reserve(self, root: WorkflowId, wanted: Reservation) -> Result<Reserved, String> {
        let key = wanted.key.clone();
        let head = self.workflows.journal().feed().head();
        let told = self.tell(&root, "reserve", &key, Command::Reserve(Box::new(wanted))).await;
        let after = told.map_err(|error| error.to_string())?;
        let decided = self.find(&root, after, |fact| decided(fact, &key)).await;
        let until = decided.map_err(|error| error.to_string())??;
        Ok(Reserved { until, is_old: after <= head })
    }

    async fn settle(self, root: WorkflowId, key: Key, bill: Bill) -> Lost {
        let told =
            self.tell(&root, "settle", &key, Command::Settle { key: key.clone(), bill }).await;
        let settled = match told {
            Ok(after) => self.find(&root, after, |fact| settled(fact, &key)).await,
            // Nothing was reserved, or the root was ended by an operator: nobody counts any more.
            Err(error) => Err(error),
        };
        settled.unwrap_or(bill.in_vain())
    }

    /// Tells the root something, and says behind which position what came of it stands.
    async fn tell(&self, root: &WorkflowId, what: &str, key: &Key, command: Command) -> Told {
        let id = MessageId::derived(&[what, root.0.as_str(), &key.0]);
        let mut pause = Pause::new();
        loop {
            match self.workflows.tell(&root.0, id, command.clone()).await {
                Ok(receipt) => return Ok(receipt.position),
                // It was said before, in other words: what it may cost is estimated anew each time.
                Err(TellError::DifferentBody) => return Ok(0),
                Err(error) if error.is_passing() => {
                    tracing::warn!(%root, %error, "failed to {what} what a call costs: trying again");
                }
                Err(error) => return Err(error),
            }
            pause.rest().await;
        }
    }

    async fn find<T>(
        &self,
        root: &WorkflowId,
        after: Position,
        mut find: impl FnMut(&Fact) -> Option<T>,
    ) -> Result<T, TellError<Refusal>> {
        let mut pause = Pause::new();
        loop {
            let found = self.workflows.find_event(&root.0, after, |event| match event {
                Event::Budget { fact, .. } => find(fact),
                _ => None,
            });
            match found.await {
                Err(error) if error.is_passing() => {
                    tracing::warn!(%root, %error, "failed to follow a budget: trying again");
                }
                found => return found,
            }
            pause.rest().await;
        }
    }
}

type Until = Option<(u64, Timestamp)>;

fn decided(fact: &Fact, wanted: &Key) -> Option<Result<Until, String>> {
    match fact {
        Fact::Reserved { reservation, until } if reservation.key == *wanted => Some(Ok(*until)),
        Fact::Denied { key, error } if key == wanted => Some(Err(error.clone())),
        _ => None,
    }
}

fn settled(fact: &Fact, wanted: &Key) -> Option<Lost> {
    match fact {
        Fact::Settled { key, lost, .. } if key == wanted => Some(*lost),
        _ => None,
    }
}

impl Purse for RootPurse {
    fn reserve(
        &self,
        root: &WorkflowId,
        reservation: Reservation,
    ) -> LocalBoxFuture<'static, Result<Reserved, String>> {
        self.clone().reserve(root.clone(), reservation).boxed_local()
    }

    fn settle(&self, root: &WorkflowId, key: Key, bill: Bill) -> LocalBoxFuture<'static, Lost> {
        self.clone().settle(root.clone(), key, bill).boxed_local()
    }
}
