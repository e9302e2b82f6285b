//! [`Starter`]: starts what is due, as if a client had asked for it at that moment.

use super::super::{spawn, workflows};
use crate::wire::{App, Problem, WeakApp};
use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use callboard_actors::entity::Directory;
use callboard_actors::journal::Parked;
use callboard_actors::processes::Process;
use callboard_actors::schedules::{Begin, Firing, Hitch, Made, Start};
use callboard_actors::vocabulary::{ProcessId, WorkflowId};
use callboard_actors::workflows::Workflow;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::Value;

/// Starts what is due.
#[derive(Clone)]
pub struct Starter {
    app: WeakApp,
}

impl Starter {
    /// One for this house. It does not keep it open.
    pub fn new(app: WeakApp) -> Self {
        Self { app }
    }

    fn app(&self) -> Result<App, Hitch> {
        self.app.upgrade().ok_or_else(|| Hitch::Passing("the house is being closed".into()))
    }
}

impl Begin for Starter {
    fn begin(&self, firing: Firing) -> LocalBoxFuture<'static, Result<Made, Hitch>> {
        let app = self.app();
        async move { begin(&app?, firing).await }.boxed_local()
    }

    fn is_running(&self, made: Made) -> LocalBoxFuture<'static, Result<bool, Hitch>> {
        let app = self.app();
        async move { is_running(&app?, made).await.map_err(|problem| hitch(&problem)) }
            .boxed_local()
    }
}

async fn begin(app: &App, firing: Firing) -> Result<Made, Hitch> {
    let name = firing.name();
    let parts = app.parts();
    // Whoever keeps all of a kind from acting does so for a while.
    let (what, held) = match &firing.start {
        Start::Process(_) => ("/processes", parts.processes.held()),
        Start::Workflow(_) | Start::Run(_) => ("/workflows", parts.workflows.held()),
    };
    if let Some(Parked { by, why, .. }) = held {
        return Err(Hitch::Passing(format!("{what} is held by {by}: {why}")));
    }
    let begun = match firing.start {
        Start::Workflow(request) => {
            let made = Made::WorkflowId(WorkflowId(name.clone()));
            workflows::start_as(app, name, Value::Object(request)).await.map(|()| made)
        }
        Start::Process(request) => {
            let made = Made::ProcessId(ProcessId(name.clone()));
            spawn::order_as(app.clone(), name, Value::Object(request)).await.map(|_| made)
        }
        Start::Run(request) => {
            let run = workflows::run_as(app, &name, Value::Object(request)).await;
            run.map(Made::WorkflowId)
        }
    };
    begun.map_err(|problem| hitch(&problem))
}

/// Whether it may come to something when it is tried again.
fn hitch(problem: &Problem) -> Hitch {
    let why = problem.detail().to_owned();
    let is_passing = problem.status_code() == StatusCode::SERVICE_UNAVAILABLE;
    if is_passing { Hitch::Passing(why) } else { Hitch::Refused(why) }
}

/// What waits for an operator has not ended.
async fn is_running(app: &App, made: Made) -> Result<bool, Problem> {
    let (table, stream, ended) = match made {
        Made::WorkflowId(id) => {
            let ended = ["completed", "failed", "cancelled"].as_slice();
            ("workflows", Directory::<Workflow>::stream(&id.0), ended)
        }
        Made::ProcessId(id) => {
            let ended = ["COMPLETED", "DEAD", "CANCELLED", "FAILED"].as_slice();
            ("processes", Directory::<Process>::stream(&id.0), ended)
        }
    };
    let row = app.parts().journal.reader().row(table, stream).await?;
    let status = row.as_ref().and_then(|row| row.get("status")?.as_str());
    Ok(status.is_some_and(|status| !ended.contains(&status)))
}
