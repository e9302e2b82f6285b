//! An id that means nothing: what was looked for, and what stands near it.

use super::house::{House, Look};
use super::kinds::Kind;
use callboard_actors::journal::Reader;
use uuid::Uuid;

/// How many are suggested.
const SUGGESTED: usize = 3;
/// How many subscriptions are looked at.
const LOOKED_AT: usize = 100;
/// What is suggested begins with at least so many of the same characters.
const ALIKE: usize = 3;

pub(super) async fn explain(house: &House, id: &str) -> Look<String> {
    let near =
        if id.starts_with('/') { actors(house, id).await } else { entities(house, id).await? };
    let near = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(", or "))
    };
    Ok(format!(
        "nothing is known as `{id}`: looked for {}{near} (`callboard ps --all` lists processes, `callboard sessions` sessions, `callboard agents list` agents, `callboard tree` actors, `callboard messages` messages)",
        looked_for(id)
    ))
}

fn looked_for(id: &str) -> String {
    let kinds = Kind::ALL.map(Kind::with_article).join(", ");
    let message = match (id.parse::<i64>().is_ok(), id.parse::<Uuid>().is_ok()) {
        (true, _) => "a message at this position".to_owned(),
        (_, true) => {
            format!("a message of this id (among {} at its time)", Reader::SEARCHED)
        }
        _ => "a message (which has a position or a UUID)".to_owned(),
    };
    format!("{kinds}, a subscription, an actor at this path, {message}")
}

/// Entities whose names begin alike: what was copied is mostly wrong at its end.
async fn entities(house: &House, id: &str) -> Look<Vec<String>> {
    let (kinds, name) = match id.split_once('/') {
        Some((word, name)) if Kind::of_word(word).is_some() => {
            (Kind::of_word(word).into_iter().collect(), name)
        }
        _ => (Kind::ALL.to_vec(), id),
    };
    let mut near = Vec::new();
    for kind in kinds {
        let names = house.reader.neighbours(kind.word(), name.to_owned(), SUGGESTED).await?;
        near.extend(names.into_iter().map(|found| (alike(&found, name), kind.word(), found)));
    }
    near.extend(subscriptions(house, name).await?);
    near.retain(|(length, ..)| *length >= ALIKE);
    near.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
    near.truncate(SUGGESTED);
    Ok(near.into_iter().map(|(_, word, found)| format!("{word} {found}")).collect())
}

/// The same of subscriptions.
async fn subscriptions(house: &House, name: &str) -> Look<Vec<(usize, &'static str, String)>> {
    let beginning: String = name.chars().take(ALIKE).collect();
    let rows = house.reader.subscriptions(None, beginning, LOOKED_AT).await?;
    let names = rows.into_iter().map(|row| row.name.to_string());
    Ok(names.map(|found| (alike(&found, name), "subscription", found)).collect())
}

fn alike(left: &str, right: &str) -> usize {
    left.chars().zip(right.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
}

/// What is at the deepest part of the path that is there.
async fn actors(house: &House, path: &str) -> Vec<String> {
    let mut parent = path.trim_end_matches('/');
    while let Some((above, missing)) = parent.rsplit_once('/') {
        parent = above;
        if let Some(info) = house.actor(parent).await {
            let mut names: Vec<_> = info.children.into_iter().map(|child| child.path).collect();
            let wanted = format!("{parent}/{missing}");
            names.sort_by_key(|name| std::cmp::Reverse(alike(name, &wanted)));
            names.truncate(SUGGESTED);
            return names;
        }
    }
    Vec::new()
}
