//! `/schedules`: what is started by the clock. What they start is a request as another door takes it: here it is
//! checked when it is made, and taken when its time has come.

mod begin;
mod create;
mod list;
mod request;
mod show;
mod verbs;

pub use begin::Starter;
pub(super) use create::{change, create};
pub(super) use list::{list, warnings};
pub(super) use show::show;
pub(super) use verbs::{pause, remove, resume, run};

use super::query;
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::schedules::Schedule;
use callboard_actors::vocabulary::ScheduleId;
use serde_json::{Map, Value};

/// The read model's table.
const TABLE: &str = "schedules";

/// Who all clients are: there is one token.
const BY: &str = "api";

/// A schedule that is or was there.
async fn existing(app: &App, id: &str) -> Result<(ScheduleId, Map<String, Value>), Problem> {
    let name = query::name(id)?;
    let stream = Directory::<Schedule>::stream(&name);
    match app.parts().journal.reader().row(TABLE, stream).await? {
        Some(row) => Ok((ScheduleId(name), row)),
        None => Err(Problem::not_found(format!("there is no schedule {id}"))),
    }
}
