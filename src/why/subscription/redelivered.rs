//! Deliveries that went wrong: in words, and what brings them back.

use super::super::answer::Remedy;
use super::super::commands::redrive;
use super::super::house::House;
use super::super::words::{between, count, moment, quoted};
use callboard_actors::journal::Trouble;
use callboard_actors::vocabulary::Timestamp;

/// Each of them in words, and how many dead ones there are beside those.
pub(in crate::why) fn in_words(troubles: &[Trouble], dead: u64, now: Timestamp) -> Vec<String> {
    let mut words: Vec<_> = troubles.iter().map(|trouble| one(trouble, now)).collect();
    let told = troubles.iter().filter(|trouble| trouble.is_dead).count() as u64;
    if dead > told {
        words.push(format!("beside these, {}", count(dead - told, "dead letter")));
    }
    words
}

fn one(trouble: &Trouble, now: Timestamp) -> String {
    let Trouble { position, retry_count, .. } = trouble;
    let error = quoted(trouble.error.as_deref().unwrap_or_default());
    let at = trouble.at.map(|at| moment(at, now)).unwrap_or_default();
    match (trouble.is_dead, retry_count) {
        (true, _) => format!("message #{position} is dead: {error}; given up {at}"),
        (false, 0) => format!("message #{position} was redriven {at}: it comes before all others"),
        (false, _) => match waits_until(trouble, now) {
            Some(until) => {
                let rest = between(now, until);
                format!("message #{position} was refused {at}, and comes again in {rest}: {error}")
            }
            None => format!("message #{position} comes again: {error}"),
        },
    }
}

/// Until when a delivery that was refused is held back, if it still is.
pub(super) fn waits_until(trouble: &Trouble, now: Timestamp) -> Option<Timestamp> {
    trouble.due.filter(|due| !trouble.is_dead && due.0 > now.0)
}

/// What brings the dead among them back.
pub(in crate::why) fn redrives(house: &House, troubles: &[Trouble]) -> Vec<Remedy> {
    let dead = troubles.iter().filter(|trouble| trouble.is_dead);
    dead.map(|trouble| redrive(house, trouble.position, &trouble.subscription)).collect()
}
