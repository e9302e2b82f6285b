//! Seconds of a node: work that takes longer than its node may, and whoever grants more.

use super::purse::RootPurse;
use crate::nodes::{Bill, Bound, Demand, Key, Purse, Reservation};
use crate::vocabulary::Timestamp;
use crate::workflows::NodeKind;
use crate::workflows::carry::{failed, path_of};
use crate::workflows::command::{Command, Outcome};
use crate::workflows::effect::Carry;
use crate::workflows::item::Failure;
use crate::workflows::perform::Tools;
use futures::future::{Either, select};
use std::future::Future;

impl Tools {
    /// Works within the seconds that a node may take; at their end it is stopped, or goes on as long as a person says.
    pub(in crate::workflows) async fn within_seconds(
        &self,
        carry: &Carry,
        begun: Timestamp,
        mut work: impl Future<Output = Outcome> + Unpin,
    ) -> Outcome {
        let Some((bound, limit)) = carry.seconds() else { return work.await };
        let (mut had, clock) = (u64::from(limit), self.journal.clock());
        let mut until = begun.after(std::time::Duration::from_secs(had));
        for number in 1_u32.. {
            let left = until.since(clock.now());
            if let Ok(outcome) = tokio::time::timeout(left, &mut work).await {
                return outcome;
            }
            let wanted = carry.more_time(&bound, had, number);
            let (purse, key) = (RootPurse::new(self.workflows.clone()), wanted.key.clone());
            self.steer_child(carry, "hold", &key, Command::Hold).await;
            let more = Purse::reserve(&purse, &carry.place.root_id, wanted);
            match select(&mut work, more).await {
                Either::Left((outcome, _)) => {
                    // Nobody waits for the answer any more.
                    Purse::settle(&purse, &carry.place.root_id, key, Bill::default()).await;
                    return outcome;
                }
                Either::Right((Ok(granted), _)) => {
                    if let Some((seconds, moment)) = granted.until {
                        (had, until) = (seconds, moment);
                    }
                    self.steer_child(carry, "release", &key, Command::Release).await;
                }
                Either::Right((Err(why), _)) => {
                    let failure = Failure::new("limit", why);
                    return self.end_work(carry, failure).await;
                }
            }
        }
        work.await
    }

    /// While a person is asked, a subgraph begins nothing new.
    async fn steer_child(&self, carry: &Carry, what: &str, key: &Key, command: Command) {
        if carry.spec.kind == NodeKind::Subgraph {
            let child = carry.item.child(&carry.place.workflow_id);
            // It may have ended: then there is nobody to hold.
            let _ = self.tell_child(&child, &format!("{what} {}", key.0), command).await;
        }
    }

    /// Whoever works at it stops; what he took counts.
    async fn end_work(&self, carry: &Carry, failure: Failure) -> Outcome {
        let spent = match carry.spec.kind {
            NodeKind::Agent => self.stop_agent("limits", carry).await,
            NodeKind::Subgraph => self.fail_child(carry, &failure).await,
            NodeKind::Tool | NodeKind::Interrupt | NodeKind::Wait | NodeKind::Set => {
                return failed(failure);
            }
        };
        Outcome::Failed { failure, spent }
    }
}

impl Carry {
    fn seconds(&self) -> Option<(Bound, u32)> {
        let bound = self.bound().filter(|bound| bound.limits.seconds.is_some())?;
        let seconds = bound.limits.seconds?;
        Some((bound, seconds))
    }

    fn more_time(&self, bound: &Bound, had: u64, number: u32) -> Reservation {
        let workflow = &self.place.workflow_id;
        Reservation {
            key: Key(format!("{workflow}/{}/{number}", self.item.key("time"))),
            path: path_of(&self.place, &self.item),
            bounds: vec![bound.clone()],
            demand: Demand::Time { seconds: had },
        }
    }
}
