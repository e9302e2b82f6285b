//! [`Clerk`]: changes files as the record says.

use super::apply::Applying;
use super::command::{Change, Command, Origin, Settled};
use super::copy::Copying;
use super::effect::Effect;
use super::guard::Guard;
use super::net::{Net, net};
use super::record::entries_after;
use super::root::Root;
use super::state::Workspace;
use super::trouble::Trouble;
use crate::journal::Journal;
use crate::machine::{Outbox, Perform};
use crate::vocabulary::{EffectKey, WorkflowId, Workplace};
use std::path::Path;
use std::time::Duration;

/// Changes files as the record says.
#[derive(Debug, Clone)]
pub struct Clerk {
    journal: Journal,
    guard: Guard,
}

/// What is not settled yet.
type Later<T> = Result<T, String>;

impl Clerk {
    const FIRST_WAIT: Duration = Duration::from_millis(50);
    const LONGEST_WAIT: Duration = Duration::from_secs(2);

    /// A clerk for this home.
    pub fn new(journal: Journal) -> Self {
        let guard = Guard::new(journal.files().home());
        Self { journal, guard }
    }

    /// Tries until it is settled.
    async fn settle<T>(record: &WorkflowId, work: impl AsyncFn() -> Later<T>) -> T {
        let mut wait = Self::FIRST_WAIT;
        loop {
            match work().await {
                Ok(settled) => return settled,
                Err(why) => {
                    tracing::warn!(workspace = %record, why, "failed to change files: trying again");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Self::LONGEST_WAIT);
        }
    }

    async fn change(
        &self,
        record: &WorkflowId,
        folder: &str,
        number: u32,
        change: &Change,
    ) -> Later<Settled> {
        let place =
            Workplace { record: record.clone(), folder: folder.into(), within: String::new() };
        let (guard, change) = (self.guard.clone(), change.clone());
        let work = move |files: &crate::journal::Files| {
            Ok(match Root::open(&place, &guard) {
                Ok(root) => Applying::new(files, &root, (&place.record, number), &change).apply(),
                Err(Trouble::Passing(why)) => Err(why),
                Err(Trouble::Refused(why)) => {
                    Ok(Settled::Conflict { path: String::new(), why, done: Vec::new() })
                }
            })
        };
        let run = self.journal.files().run(work).await;
        run.unwrap_or_else(|error| Err(error.to_string()))
    }

    async fn fill(&self, folder: &str, origin: &Origin) -> Later<Command> {
        let since = self.since(origin).await?;
        let (guard, folder, from) = (self.guard.clone(), folder.to_owned(), origin.place.clone());
        let work = move |files: &crate::journal::Files| {
            let to = Path::new(&folder);
            let copying = Copying { files, guard: &guard, from: &from, since: &since, to };
            Ok(match copying.copy() {
                Ok(copied) => {
                    Ok(Command::ReportFilled { files: copied.files, bytes: copied.bytes })
                }
                Err(Trouble::Passing(why)) => Err(why),
                Err(Trouble::Refused(why)) => Ok(Command::ReportUnfilled { why }),
            })
        };
        let run = self.journal.files().run(work).await;
        run.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// What was changed since the fork's beginning.
    async fn since(&self, origin: &Origin) -> Later<Net> {
        let entries = entries_after(&self.journal, &origin.place.record, origin.position).await;
        let entries = entries.map_err(|fault| fault.to_string())?;
        Ok(net(entries.iter()))
    }
}

impl Perform<Workspace> for Clerk {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        _outbox: Outbox<Workspace>,
    ) -> impl Future<Output = Command> + 'static {
        let clerk = self.clone();
        async move {
            match effect {
                Effect::Fill { record, folder, origin } => {
                    Self::settle(&record, async || clerk.fill(&folder, &origin).await).await
                }
                Effect::Change { record, folder, number, change } => {
                    let work = async || clerk.change(&record, &folder, number, &change).await;
                    let settled = Self::settle(&record, work).await;
                    Command::ReportChange { number, settled }
                }
            }
        }
    }
}
