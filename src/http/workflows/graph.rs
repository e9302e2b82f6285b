//! `GET /workflows/{id}/graph`: the definition it is pinned to, with where each node stands.

use super::drawing::{Drawing, Format};
use crate::http::parameters::Query;
use crate::threads::{self, existing};
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::workflows::{History, Past};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How it is drawn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wanted {
    #[serde(default)]
    pub(in crate::http) format: Format,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /workflows/{id}/graph?format=json|mermaid|dot`
pub(in crate::http) async fn graph(
    app: web::Data<App>,
    id: web::Path<String>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(&app, &id).await?;
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let bundle = past.bundle(journal).await?;
    let definition = threads::definition(&bundle, &past.order.definition)?;
    Ok(Drawing::of(definition, statuses(&past.history)).answer(wanted.format))
}

/// Where each node stands in the run that is under way, or was last: as it did when it was last at work.
fn statuses(history: &History) -> BTreeMap<String, &'static str> {
    let steps = history.steps.iter().filter(|step| step.run == history.run);
    let nodes = steps.flat_map(|step| &step.nodes);
    nodes.map(|node| (node.node.clone(), node.status)).collect()
}
