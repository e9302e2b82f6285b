//! What supervisors decided about an actor, and about those whose fall takes it along.

use super::super::answer::Evidence;
use super::super::house::{House, Look};
use super::super::tale;
use super::super::words::millis;
use callboard_actors::journal::Message;
use callboard_actors::supervision::{Decision, What};
use callboard_actors::vocabulary::{Position, Timestamp};

/// The first child of the root: what is said of its first start is where a server's life begins.
const FIRST: &str = "/journal";

/// How many decisions are looked at.
const MOST: usize = 200;

/// A decision, and where it stands.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) position: Position,
    pub(super) at: Timestamp,
    pub(super) decision: Decision,
}

/// The decisions of the newest server's life that an actor's fate hangs on, the oldest first.
#[derive(Debug)]
pub(super) struct Decisions {
    path: String,
    all: Vec<Decided>,
}

impl Decisions {
    /// Those about the actor at a path, its ancestors and their children.
    pub(super) async fn about(house: &House, path: &str) -> Look<Self> {
        let topic = format!("{}.system.supervision", house.topic_root);
        let paths = kin(house, path).await;
        let found = house.reader.about_paths(&topic, paths, MOST).await?;
        let mut all: Vec<_> = found.messages.iter().filter_map(read).collect();
        all.reverse();
        let is_beginning = |one: &Decided| {
            one.decision.path == FIRST
                && one.decision.what == What::Started
                && one.decision.why == "first start"
        };
        if let Some(beginning) = all.iter().rposition(is_beginning) {
            all.drain(..beginning);
        }
        Ok(Self { path: path.to_owned(), all })
    }

    /// Those about the actor itself.
    pub(super) fn own(&self) -> impl DoubleEndedIterator<Item = &Decided> {
        self.all.iter().filter(|one| one.decision.path == self.path)
    }

    /// The newest that led to the actor's present incarnation, or to its end: its own restart, or that of
    /// one whose fall took it along. Nobody's, if it was started with the server.
    pub(super) fn cause(&self) -> Option<&Decided> {
        let started = self.own().rfind(|one| one.decision.what == What::Started)?;
        let is_over = self.own().next_back().is_some_and(|newest| {
            matches!(newest.decision.what, What::Ended | What::Stopped | What::Restarting)
        });
        let is_own = |one: &&Decided| one.decision.path == self.path;
        let is_cause = |one: &&Decided| {
            matches!(one.decision.what, What::Restarting | What::Operated | What::GaveUp)
        };
        let is_before = |one: &&Decided| is_over || one.position < started.position;
        let own = self.all.iter().rev().filter(is_own).filter(is_before).find(is_cause);
        let other =
            self.all.iter().rev().find(|one| one.position < started.position && is_cause(one));
        own.into_iter().chain(other).max_by_key(|one| one.position)
    }

    /// How often it was restarted, because it had ended, since a moment.
    pub(super) fn restarts_since(&self, moment: Timestamp) -> usize {
        let restarts = self.own().filter(|one| one.decision.what == What::Restarting);
        restarts.filter(|one| one.at >= moment).count()
    }

    /// What has happened to it, and what happened to others that mattered to it.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let cause = self.cause().map(|one| one.position);
        let told = self.all.iter().filter(|one| {
            let is_own = one.decision.path == self.path;
            let is_fall =
                matches!(one.decision.what, What::Ended | What::Restarting | What::GaveUp);
            is_own || is_fall || Some(one.position) == cause
        });
        told.map(|one| Evidence {
            position: Some(one.position),
            at: one.at,
            what: words(&one.decision),
        })
        .collect()
    }
}

/// The actor, its ancestors, and the children of those: the ones that may fall together.
async fn kin(house: &House, path: &str) -> Vec<String> {
    let mut paths = vec!["/".to_owned(), FIRST.to_owned()];
    let mut below = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if let Some(info) = house.actor(&below).await {
            paths.extend(info.children.into_iter().map(|child| child.path));
        }
        below = format!("{below}/{part}");
        paths.push(below.clone());
    }
    paths.sort();
    paths.dedup();
    paths
}

fn read(message: &Message) -> Option<Decided> {
    let decision = serde_json::from_str(message.data.get()).ok()?;
    Some(Decided { position: message.position, at: message.created_at, decision })
}

/// The supervisor of the actor at a path.
pub(super) fn supervisor(path: &str) -> &str {
    match path.rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((above, _)) => above,
    }
}

fn words(Decision { path, what, why, exit, attempt, delay_ms }: &Decision) -> String {
    let above = supervisor(path);
    let ended = exit.as_ref().map_or_else(|| why.clone(), ToString::to_string);
    match what {
        What::Started if *attempt > 0 => {
            format!("{above} started {path} again (restart {attempt} in a row)")
        }
        What::Started => format!("{above} started {path} ({why})"),
        What::Ended => format!("{path} {ended}"),
        What::Restarting => {
            format!(
                "{above} decided to restart {path} after {} (restart {attempt} in a row)",
                millis(*delay_ms)
            )
        }
        What::Stopping => format!("{above} asked {path} to stop"),
        What::Stopped => format!("{path} stopped, as it was asked: it {ended}"),
        What::Killed => format!("{above} killed {path}: {why}"),
        What::Abandoned => format!("{above} goes on without {path}: {why}"),
        What::GaveUp => format!("{path} gave up: {why}"),
        What::Operated => format!("{path} was given an order: {why}"),
    }
}

/// A supervisor's decision in words; `None`: this publication is none.
pub(in crate::why) fn in_words(message: &Message) -> Option<String> {
    (message.event_type == "SUPERVISION").then(|| match read(message) {
        Some(decided) => words(&decided.decision),
        None => tale::in_capitals(message, "SUPERVISION"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_supervises_is_the_path_above() {
        assert_eq!(["/a", "/a/b", "/"].map(supervisor), ["/", "/a", "/"]);
    }
}
