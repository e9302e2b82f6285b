//! Calls of tools that ask others who are paid: reserved within the limits that they stand under before they are made, and
//! settled by what they have come to.
//!
//! A call that is made again after a crash asks again, and costs again. So each time has a share of its own: one that is
//! there already was cut off, or has been settled; in the first case it counts as lost, in the second that changes
//! nothing. A call that nobody wants any more is settled all the same: whoever sees to that does not go with it.

use super::purse::{Amount, Bill, Budget, Demand, Key, Purse, Reservation};
use crate::tools::{Caller, Meter, Spent, Tool, ToolError, Toolset};
use crate::vocabulary::Estimate;
use serde_json::Value;
use std::rc::Rc;
use tokio::sync::oneshot;

/// Under which limits calls are made, and who keeps their sums.
pub struct Paying<'a> {
    /// Who keeps the sums.
    pub purse: Rc<dyn Purse>,
    /// The limits.
    pub budget: &'a Budget,
    /// What the call is reserved under; it derives from its place.
    pub key: Key,
}

/// What one that was cut off has come to: nobody knows.
const CUT_OFF: Bill = Bill { lost: 1, ..Bill::NOTHING };

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// The tool says so.
    Tool(ToolError),
    /// There is no room for what it may cost: it was not made.
    Limit(String),
}

impl From<CallFailure> for ToolError {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Tool(error) => error,
            CallFailure::Limit(why) => Self::new(why),
        }
    }
}

/// Makes a call, within limits where it stands under some.
///
/// # Errors
/// As the tool says; or if there is no room for what it may cost.
pub async fn make_call(
    toolset: &Toolset,
    paying: Option<Paying<'_>>,
    tool: &Tool,
    arguments: Value,
    caller: Caller,
) -> Result<Value, CallFailure> {
    let estimate = toolset.estimate(tool, &arguments);
    let Some((paying, estimate)) = paying.zip(estimate) else {
        return toolset.call(tool, arguments, caller).await.map_err(CallFailure::Tool);
    };
    let settler = paying.reserve(estimate, tool, &caller).await?;
    let came = toolset.call(tool, arguments, caller).await;
    settler.settle().await;
    came.map_err(CallFailure::Tool)
}

impl Paying<'_> {
    /// Reserves it, under the first share that nobody has used.
    async fn reserve(
        &self,
        estimate: Estimate,
        tool: &Tool,
        caller: &Caller,
    ) -> Result<Settler, CallFailure> {
        let Budget { root_id, bounds } = self.budget;
        let Estimate { tokens, usd } = estimate;
        for share in 0_u32.. {
            let key = Key(format!("{}/{share}", self.key.0));
            let reservation = Reservation {
                key: key.clone(),
                path: format!("{} of {}", tool.name, caller.path),
                bounds: bounds.clone(),
                demand: Demand::Call(Amount { turns: 0, tokens, usd }),
            };
            let settler = Settler::begin(self, key.clone(), caller.meter.clone());
            match self.purse.reserve(root_id, reservation).await {
                Ok(reserved) if reserved.is_old => {
                    settler.leave();
                    self.purse.settle(root_id, key, CUT_OFF).await;
                }
                Ok(_) => return Ok(settler),
                Err(why) => {
                    settler.leave();
                    return Err(CallFailure::Limit(format!("{} was not called: {why}", tool.name)));
                }
            }
        }
        unreachable!("a share of these is free")
    }
}

/// Sees to it that a share is settled, also where its call is dropped: then by what is known of it by then.
struct Settler {
    order: oneshot::Sender<Order>,
    is_settled: oneshot::Receiver<()>,
}

/// What becomes of a share.
enum Order {
    Settle,
    /// Nothing was reserved.
    Leave,
}

impl Settler {
    fn begin(paying: &Paying<'_>, key: Key, meter: Meter) -> Self {
        let (order, ordered) = oneshot::channel();
        let (done, is_settled) = oneshot::channel();
        let (purse, root) = (Rc::clone(&paying.purse), paying.budget.root_id.clone());
        actix_rt::spawn(async move {
            if !matches!(ordered.await, Ok(Order::Leave)) {
                purse.settle(&root, key, bill(meter.spent())).await;
            }
            // Nobody may be waiting for it.
            let _ = done.send(());
        });
        Self { order, is_settled }
    }

    async fn settle(self) {
        // It waits for this alone.
        let _ = self.order.send(Order::Settle);
        let _ = self.is_settled.await;
    }

    fn leave(self) {
        let _ = self.order.send(Order::Leave);
    }
}

fn bill(spent: Spent) -> Bill {
    let Spent { tokens, usd, unpriced, lost } = spent;
    Bill { tokens, usd, unpriced, lost, ..Bill::NOTHING }
}
