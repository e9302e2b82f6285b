//! [`order`]: from what a client asks for to what a workflow is started with: its definition with all it uses,
//! pinned; its limits; its first run.

use super::request::Request;
use super::workspace;
use crate::definitions::Entry;
use crate::wire::{App, Problem};
use callboard_actors::graph::{self, Bundle, Definition, Kind, Limits};
use callboard_actors::vocabulary::{Hash, WorkflowId, nearest};
use callboard_actors::workflows::{Failure, Manner, Order, first_run, pin};
use serde_json::Value;

/// What a workflow is started with. What it is pinned to, and a large input, are put away.
pub async fn order(
    app: &App,
    workflow: &WorkflowId,
    asked: Hash,
    request: Request,
) -> Result<Order, Problem> {
    let Request { definition: name, params, limits, runtime, priority, .. } = request;
    let name = name.ok_or_else(|| {
        Problem::unprocessable("type is missing: name a definition, as GET /definitions lists them")
    })?;
    let entry = entry(app, &name)?;
    let bundle = bundle(app, &entry)?;
    if let Some(runtime) = &runtime {
        known_runtime(app, "runtime", runtime)?;
    }
    let definition = definition(&bundle, &name)?;
    let (journal, params) = (&app.parts().journal, params.unwrap_or(Value::Null));
    let run = first_run(journal, &bundle, definition, &params, workflow).await.map_err(refused)?;
    let workplace = workspace::of_root(app, workflow, definition, &params).await?;
    let limits = checked(limits.unwrap_or_default().over(&definition.limits))?;
    let bundle = pin(journal, &bundle).await.map_err(|error| {
        Problem::unavailable(format!("failed to store what the workflow is pinned to: {error}"))
    })?;
    let priority = priority.unwrap_or(0);
    Ok(Order {
        definition: name,
        bundle,
        asked,
        parent: None,
        runtime,
        priority,
        limits,
        run,
        manner: Manner::default(),
        workplace: workplace.map(Box::new),
        origin: None,
    })
}

/// The definition in force.
pub fn entry(app: &App, name: &str) -> Result<Entry, Problem> {
    let definitions = app.definitions();
    if let Some(entry) = definitions.find(name) {
        return Ok(entry);
    }
    if let Some(broken) = definitions.broken(name) {
        return Err(Problem::wrong_definition(broken.problems));
    }
    let known: Vec<String> =
        definitions.list().into_iter().map(|entry| entry.written.definition.name).collect();
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.is_empty() => "none is there: PUT /definitions/NAME registers one".to_owned(),
        None => format!("choose one of {}", known.join(", ")),
    };
    Err(Problem::unprocessable(format!("type: there is no definition {name:?}: {hint}")))
}

/// A definition with all it uses, checked against what there is now.
fn bundle(app: &App, entry: &Entry) -> Result<Bundle, Problem> {
    let library = app.definitions().library(&app.defaults().profiles, app.abilities());
    let bundle = graph::bundle(&entry.written, &library).map_err(Problem::wrong_definition)?;
    for (name, definition) in &bundle.definitions {
        for (node, written) in &definition.nodes {
            for kind in written.kinds() {
                let Kind::Agent(agent) = kind else { continue };
                let place = format!("{name}: nodes.{node}.agent.runtime");
                let named = agent.runtime.as_deref().filter(|runtime| !runtime.contains('{'));
                named.map_or(Ok(()), |runtime| known_runtime(app, &place, runtime))?;
            }
        }
    }
    Ok(bundle)
}

/// A runtime that there is.
pub fn known_runtime(app: &App, place: &str, runtime: &str) -> Result<(), Problem> {
    let orders = app.parts().tuner.orders();
    if orders.runtimes.contains_key(runtime) {
        return Ok(());
    }
    let all: Vec<&str> = orders.runtimes.keys().map(String::as_str).collect();
    let text =
        format!("{place}: there is no runtime {runtime:?}: choose one of {}", all.join(", "));
    Err(Problem::unprocessable(text))
}

/// A definition that is in a bundle.
pub fn definition<'a>(bundle: &'a Bundle, name: &str) -> Result<&'a Definition, Problem> {
    let none = || Problem::internal(format!("its bundle has no definition {name:?}"));
    bundle.definition(name).ok_or_else(none)
}

/// What lets nothing through is no limit.
pub fn checked(limits: Limits) -> Result<Limits, Problem> {
    let zero = limits.zeros().next();
    let Some(name) = zero else { return Ok(limits) };
    let text = format!("limits.{name} is not more than zero: give more, or leave it out");
    Err(Problem::unprocessable(text))
}

/// Why a run cannot begin.
pub fn refused(failure: Failure) -> Problem {
    match failure.kind.as_str() {
        "disk" => Problem::unavailable(failure.error),
        _ => Problem::unprocessable(failure.error),
    }
}
