//! Chooses by the path: `/processes/ID` is an entity, `/processes` all of a kind, the rest is supervised.

use super::super::answer::Answer;
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::{branch, entity, service};
use uuid::Uuid;

/// Why the actor at a path is as it is; `None`: there is none.
pub(in crate::why) async fn explain(house: &House, id: &str) -> Look<Option<Answer>> {
    let is_other = id.parse::<i64>().is_ok() || id.parse::<Uuid>().is_ok() || id.is_empty();
    if is_other && !id.starts_with('/') {
        return Ok(None);
    }
    let parts: Vec<_> = id.split('/').filter(|part| !part.is_empty()).collect();
    let path = format!("/{}", parts.join("/"));
    let kind = parts.first().and_then(|first| Kind::of_folder(&format!("/{first}")));
    match (kind, parts.as_slice()) {
        (Some(kind), [_, name]) => entity::explain(house, kind, name, &path).await,
        (Some(kind), [_]) => branch::explain(house, kind, &path).await,
        _ => service::explain(house, &path).await,
    }
}
