//! Taking over what the program of an attempt did to files: between its answer, which is on record, and its turn in the
//! session. From here on nobody cancels it.

use super::execute::Execute;
use super::folder::Folder;
use super::keeper::Keeper;
use super::patience::patiently;
use crate::processes::effect::Attempt;
use crate::processes::site::Unsettled;
use crate::vocabulary::{Durable, Reference};
use std::time::Duration;

impl<E: Execute> Keeper<E> {
    /// The session's line to be, after all that the program did was taken over. Or why it could not be.
    ///
    /// That line is made once, when all is done; whoever comes after a crash finds it. So what is told of it is
    /// the same, whatever the rules say by then.
    pub(in crate::processes) async fn take_over(
        &self,
        attempt: &Attempt,
        spool: Durable<Reference>,
    ) -> Result<Durable<Reference>, String> {
        let files = self.journal.files();
        let folder = Folder::of(files, attempt);
        let at = folder.clone();
        if let Some(line) = patiently(files, move || at.amended()).await {
            return Ok(line);
        }
        let mut wait = Duration::from_millis(50);
        let worked = loop {
            match self.runtime.settle(attempt).await {
                Ok(worked) => break worked,
                Err(Unsettled::Void(why)) => return Err(why),
                Err(Unsettled::Passing(error)) => {
                    tracing::warn!(%error, "failed to take over what a program did: trying again");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        };
        let Some(worked) = worked else { return Ok(spool) };
        let line = patiently(files, move || folder.amend(&worked)).await;
        self.runtime.discard(attempt);
        Ok(line.unwrap_or(spool))
    }
}
