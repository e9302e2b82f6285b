//! An entity's actor: what its entity is at, and whether its actor is in memory.

use super::super::answer::{Answer, Subject};
use super::super::commands::restart;
use super::super::entities;
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use callboard_actors::supervision::Status;

pub(super) async fn explain(
    house: &House,
    kind: Kind,
    name: &str,
    path: &str,
) -> Look<Option<Answer>> {
    let Ok(name) = name.parse() else { return Ok(None) };
    let Some(answer) = entities::explain(house, kind, &name).await? else { return Ok(None) };
    let present = house.actor(path).await.and_then(|info| match info.status {
        Status::Asleep => Some("its actor is asleep: it is woken when it is told something"),
        Status::Running => Some("its actor is in memory"),
        _ => None,
    });
    let subject = Subject { kind: "actor".to_owned(), id: path.to_owned() };
    let answer = Answer { subject, ..answer }.and_because(present.map(str::to_owned));
    let rebuilds = "rebuilds it from the journal; what runs for it goes on";
    let answer = if house.is_served() { answer.remedy(restart(path, rebuilds)) } else { answer };
    Ok(Some(answer))
}
