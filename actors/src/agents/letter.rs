//! Letters: what may be written to an agent, and whether there is one to write to.

use super::command::Letter;
use super::state::Agent;
use crate::bus::{Unfit, small};
use crate::entity::Directory;
use crate::journal::{Fault, Journal};
use crate::vocabulary::Name;

impl Letter {
    /// Whether it can be sent.
    ///
    /// # Errors
    /// If something of it is too long.
    pub fn check(&self) -> Result<(), Unfit> {
        let is_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > 200);
        if is_long(&self.event_type) {
            return Err(Unfit::Beside("event_type"));
        }
        if is_long(&self.correlation_id) {
            return Err(Unfit::Beside("correlation_id"));
        }
        small(&self.data).map(drop)
    }
}

/// Whether an agent of this name is or was there.
pub async fn is_known(journal: &Journal, name: &Name) -> Result<bool, Fault> {
    let stream = Directory::<Agent>::stream(name);
    Ok(journal.reader().row("agents", stream).await?.is_some())
}
