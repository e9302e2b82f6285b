//! `POST /workflows/{id}/fork` and `/replay`: another workflow that begins where this one stood.

use super::super::body::Body;
use super::super::keys::{self, PRINCIPAL};
use super::super::model;
use super::files;
use super::start::{accepted, told as told_by};
use crate::threads::{self, existing, first, of_fork, receipt};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::TellError;
use callboard_actors::graph::Limits;
use callboard_actors::journal::Journal;
use callboard_actors::vocabulary::{Hash, MessageId, Name, Position, WorkflowId};
use callboard_actors::workflows::{
    self, Change, Command, Cut, Manner, Order, Origin, Refusal, Wanted,
};
use callboard_actors::workspaces;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a fork is to be like.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Fork {
    /// Where it begins; the newest, if that is not said.
    checkpoint: Option<u32>,
    /// What channels hold, in place of what they held.
    state: Option<Map<String, Value>>,
    /// The nodes that run, in place of those that would.
    next: Option<Vec<String>>,
    /// What all its agents ask, whatever nodes and profiles say.
    model: Option<String>,
    runtime: Option<String>,
    limits: Option<Limits>,
    workflow_id: Option<String>,
    /// The folder of its files, where its source has some; else one of its own in the home.
    workspace: Option<String>,
}

/// What a replay is to be like.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Replay {
    /// Where it begins; at the very beginning, if that is not said.
    checkpoint: Option<u32>,
    workflow_id: Option<String>,
}

/// What is made of a workflow.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Fork(Fork),
    Replay(Replay),
}

/// `POST /workflows/{id}/fork`: answers when it is durable.
pub(in crate::http) async fn fork(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(fork): Body<Fork>,
) -> Result<HttpResponse, Problem> {
    make(&app, &request, &id, Wish::Fork(fork)).await
}

/// `POST /workflows/{id}/replay`
pub(in crate::http) async fn replay(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(replay): Body<Replay>,
) -> Result<HttpResponse, Problem> {
    make(&app, &request, &id, Wish::Replay(replay)).await
}

impl Wish {
    fn verb(&self) -> &'static str {
        match self {
            Self::Fork(_) => "fork workflow",
            Self::Replay(_) => "replay workflow",
        }
    }

    fn workflow_id(&self) -> Option<&str> {
        match self {
            Self::Fork(fork) => fork.workflow_id.as_deref(),
            Self::Replay(replay) => replay.workflow_id.as_deref(),
        }
    }
}

async fn make(
    app: &App,
    request: &HttpRequest,
    id: &str,
    wish: Wish,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(request)?;
    let (source, _) = existing(app, id).await?;
    let named = wish.workflow_id().map(str::parse::<Name>).transpose();
    let named = named.map_err(|error| Problem::unprocessable(format!("workflow_id: {error}")))?;
    let name = match (named, &key) {
        (Some(name), _) => name,
        (None, Some(key)) => Name::derived(&[PRINCIPAL, wish.verb(), source.0.as_str(), key]),
        (None, None) => Name::fresh(),
    };
    let workflow = WorkflowId(name);
    let told = told_by(key.as_deref(), wish.verb(), &workflow);
    let accepted = accept(app.clone(), source, workflow, told, wish);
    // A task of its own: a client that goes away takes nothing back half way.
    let accepted = actix_rt::spawn(accepted).await;
    accepted.map_err(|error| Problem::unavailable(error).ask_again())?
}

/// Takes the request as a new one, or finds that it was taken before.
async fn accept(
    app: App,
    source: WorkflowId,
    workflow: WorkflowId,
    told: MessageId,
    wish: Wish,
) -> Result<HttpResponse, Problem> {
    let _turn = app.turns().take(&workflow.0).await;
    let asked = asked(&source, &wish)?;
    match first(&app, &workflow).await? {
        Some(first) if first.asked == asked => Ok(accepted(&receipt(&app, &workflow).await?)),
        Some(first) if first.told == told.to_string() => {
            let text = "this Idempotency-Key was used before for another request: use a new one";
            Err(Problem::unprocessable(text))
        }
        Some(_) => {
            let text = format!("workflow {workflow} exists already: choose another workflow_id");
            Err(Problem::conflict(text))
        }
        None => {
            // Before anything is stored for it: it could only be refused.
            if let Some(held) = app.parts().workflows.held() {
                return Err(TellError::<Refusal>::Parked(held).into());
            }
            let order = order(&app, &source, &workflow, asked, wish).await?;
            let command = Command::StartWorkflow(order.into());
            app.parts().workflows.tell(&workflow.0, told, command).await?;
            Ok(accepted(&receipt(&app, &workflow).await?))
        }
    }
}

/// What has to be the same when a request comes again: what the client said, and of which workflow.
fn asked(source: &WorkflowId, wish: &Wish) -> Result<Hash, Problem> {
    let text = serde_json::to_vec(&(source, wish)).map_err(Problem::internal)?;
    Ok(Hash::of(&text))
}

async fn order(
    app: &App,
    source: &WorkflowId,
    workflow: &WorkflowId,
    asked: Hash,
    wish: Wish,
) -> Result<Order, Problem> {
    let journal = &app.parts().journal;
    let fork = match wish {
        Wish::Fork(fork) => fork,
        Wish::Replay(Replay { checkpoint, .. }) => {
            let cut = match checkpoint {
                None => Cut::at_first(journal, source).await?,
                number => Cut::at(journal, source, number).await?,
            };
            let order = workflows::replay(journal, &cut, workflow, asked).await?;
            return replay_apart(app, workflow, order).await;
        }
    };
    if let Some(runtime) = &fork.runtime {
        threads::known_runtime(app, "runtime", runtime)?;
    }
    if let Some(model) = &fork.model {
        model::check(model)?;
    }
    let Fork { checkpoint, state, next, model, runtime, limits, workspace, .. } = fork;
    let limits = threads::checked(limits.unwrap_or_default())?;
    let state = state.unwrap_or_default();
    let change = Change { workflow_id: source.clone(), state, next };
    let wanted = Wanted {
        workflow_id: workflow.clone(),
        asked,
        change: Some(change).filter(|change| !change.is_none()),
        limits,
        manner: Manner { model, runtime, recording: None },
    };
    let cut = Cut::at(journal, source, checkpoint).await?;
    let order = workflows::fork(journal, &cut, wanted).await?;
    with_files(app, workflow, order, cut.named.position, workspace).await
}

/// A fork works in a folder of its own, with the files as they were then.
async fn with_files(
    app: &App,
    workflow: &WorkflowId,
    order: Order,
    position: Position,
    wanted: Option<String>,
) -> Result<Order, Problem> {
    let Some(place) = order.workplace.as_deref().cloned() else {
        return match wanted {
            None => Ok(order),
            Some(_) => {
                Err(Problem::unprocessable("workspace: the workflow has none to take files from"))
            }
        };
    };
    let workplace = of_fork(app, workflow, &place, wanted).await?;
    let origin = workspaces::Origin { place, position };
    let opened = workspaces::Order { folder: workplace.folder.clone(), origin: Some(origin) };
    app.parts().workspaces.open(workflow, opened).await.map_err(files::problem)?;
    Ok(Order { workplace: Some(Box::new(workplace)), ..order })
}

/// A replay calls no tools; should it ever, then not in its source's folder.
async fn replay_apart(app: &App, workflow: &WorkflowId, order: Order) -> Result<Order, Problem> {
    let Some(place) = &order.workplace else { return Ok(order) };
    let workplace = of_fork(app, workflow, place, None).await?;
    Ok(Order { workplace: Some(Box::new(workplace)), ..order })
}

/// Where a fork comes from, and what was edited, for those who look.
pub(super) async fn told(
    journal: &Journal,
    order: &Order,
    origin: &Origin,
) -> Result<Value, Problem> {
    let mut told = json!(origin.source);
    told["purpose"] = json!(origin.purpose);
    told["edited"] = journal.value(&order.run.writes).await?;
    if let Some(named) = &origin.named {
        told["named"] = json!(named);
    }
    if let (Some(told), Value::Object(manner)) = (told.as_object_mut(), json!(order.manner)) {
        told.extend(manner);
    }
    Ok(told)
}
