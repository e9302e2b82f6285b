//! [`rebuild_tables`]: the read models, for whoever makes them anew.

use crate::agents::Agent;
use crate::entity;
use crate::journal::{Loaded, RebuildTable};
use crate::machine::{Change, Machine};
use crate::nodes::Node;
use crate::processes::Process;
use crate::schedules::Schedule;
use crate::sessions::Session;
use crate::workflows::Workflow;
use crate::workspaces::Workspace;

/// Every read model, and how its rows come about.
pub fn rebuild_tables() -> [RebuildTable; 7] {
    [
        table("sessions", Session::KIND, entity::rebuild::<Session>),
        table("workspaces", Workspace::KIND, entity::rebuild::<Workspace>),
        table("processes", Process::KIND, entity::rebuild::<Process>),
        table("agents", Agent::KIND, entity::rebuild::<Agent>),
        table("nodes", Node::KIND, entity::rebuild::<Node>),
        table("workflows", Workflow::KIND, entity::rebuild::<Workflow>),
        table("schedules", Schedule::KIND, entity::rebuild::<Schedule>),
    ]
}

type Fold = fn(&Loaded) -> Result<Vec<Change>, String>;

fn table(table: &'static str, kind: &'static str, fold: Fold) -> RebuildTable {
    RebuildTable { kind, table, fold }
}
