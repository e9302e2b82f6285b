//! [`ask`]: finds what an id means, in a fixed order, and has it explained.

use super::answer::Answer;
use super::house::{House, Look};
use super::kinds::Kind;
use super::{actor, commands, entities, message, subscription, unknown};
use callboard_actors::journal::Fault;
use callboard_actors::vocabulary::Name;

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unanswered {
    /// Nothing is known by this id. Says what was looked for, and what is near.
    #[error("{0}")]
    Unknown(String),
    /// The journal cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Explains whatever is known by this id: a process, a session, an agent, a subscription, an actor's path, a
/// message's position or id. What is known by it several times is explained several times.
pub async fn ask(house: &House, id: &str) -> Result<Answer, Unanswered> {
    let id = id.trim();
    let mut hits = named(house, id).await?;
    hits.extend(subscription::explain(house, id).await?);
    hits.extend(actor::explain(house, id).await?);
    hits.extend(message::explain(house, id).await?);
    let mut hits = hits.into_iter();
    match hits.next() {
        Some(first) => {
            let answer = Answer { also: hits.collect(), ..first };
            Ok(if house.is_served() { answer } else { commands::with_a_server_first(answer) })
        }
        None => Err(Unanswered::Unknown(unknown::explain(house, id).await?)),
    }
}

/// An id is looked for among all kinds; a stream's id, `kind/name`, says its kind.
async fn named(house: &House, id: &str) -> Look<Vec<Answer>> {
    let (kinds, name) = match id.split_once('/') {
        None => (Kind::ALL.to_vec(), id),
        Some((word, name)) => (Kind::of_word(word).into_iter().collect(), name),
    };
    let Ok(name) = name.parse::<Name>() else { return Ok(Vec::new()) };
    let mut hits = Vec::new();
    for kind in kinds {
        hits.extend(entities::explain(house, kind, &name).await?);
    }
    Ok(hits)
}
