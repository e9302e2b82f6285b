//! `/workflows`: how they are started, looked at, steered and answered.

mod compare;
mod drawing;
mod files;
mod fork;
mod graph;
mod list;
mod past;
mod rewind;
mod scheduled;
mod show;
mod start;
mod verbs;

pub(super) use compare::compare;
pub(super) use drawing::Drawing;
pub(super) use files::{files, undo};
pub(super) use fork::{fork, replay};
pub(super) use graph::{Wanted, graph};
pub(super) use list::list;
pub(super) use past::{checkpoint, diff, history};
pub(super) use rewind::{cancel, resume, retry, rollback};
pub(super) use scheduled::{check, check_run, run_as, start_as};
pub(super) use show::show;
pub(super) use start::{run, start};
pub(super) use verbs::{answer, pause};

pub(super) use crate::threads::entry;

use crate::wire::Problem;
use callboard_actors::workflows::ForkError;

impl From<ForkError> for Problem {
    fn from(error: ForkError) -> Self {
        match error {
            ForkError::Past(error) => error.into(),
            ForkError::Unfit(_) => Self::unprocessable(error),
            ForkError::Left { .. } => Self::conflict(error),
            ForkError::Disk(_) => Self::unavailable(error),
        }
    }
}
