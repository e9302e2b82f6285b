//! The world outside: does what the effect says, and writes on a board what happens, in order.

use super::{Command, Lamp};
use callboard_actors::machine::{Outbox, Perform};
use callboard_actors::vocabulary::EffectKey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// How the work of an effect goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    AtOnce,
    /// When the test lets it: [`World::let_go`].
    WhenLet,
    /// It tells news first.
    WithNews,
    Panics,
    /// It panics before there is a future.
    PanicsAtOnce,
    /// Its outcome leaves it wanted.
    Stuck,
    /// Its outcome wants this same key again.
    Reuses,
}

/// Cheap to clone; outlives crashes, as the world does.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    lines: watch::Sender<Vec<String>>,
    let_go: watch::Sender<BTreeSet<EffectKey>>,
    running: Mutex<BTreeMap<String, u32>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (lines, let_go) = (watch::Sender::default(), watch::Sender::default());
        Self(Arc::new(Inner { lines, let_go, running: Mutex::default() }))
    }

    fn say(&self, line: String) {
        self.0.lines.send_modify(|lines| lines.push(line));
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().clone()
    }

    /// How often this was written.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.0.lines.borrow().iter().filter(|l| *l == line).count()
    }

    /// Waits until this has been written so many times.
    pub(crate) async fn until(&self, line: &str, times: usize) {
        let mut lines = self.0.lines.subscribe();
        let enough = |lines: &Vec<String>| lines.iter().filter(|l| *l == line).count() >= times;
        lines.wait_for(enough).await.unwrap();
    }

    /// Lets the work of a key end.
    pub(crate) fn let_go(&self, key: &str) {
        self.0.let_go.send_if_modified(|keys| keys.insert(key.into()));
    }

    fn enter(&self, key: &EffectKey) -> Presence {
        self.say(format!("begin {key}"));
        let mut running = self.0.running.lock().unwrap();
        let count = running.entry(key.0.clone()).or_default();
        *count += 1;
        if *count > 1 {
            self.say(format!("TWICE AT ONCE {key}"));
        }
        Presence { world: self.clone(), key: key.clone(), is_done: false }
    }
}

/// Somebody is at work on a key.
struct Presence {
    world: World,
    key: EffectKey,
    is_done: bool,
}

impl Drop for Presence {
    fn drop(&mut self) {
        *self.world.0.running.lock().unwrap().get_mut(&self.key.0).unwrap() -= 1;
        let how = if self.is_done { "done" } else { "aborted" };
        self.world.say(format!("{how} {}", self.key));
    }
}

impl Perform<Lamp> for World {
    fn perform(
        &self,
        key: EffectKey,
        how: How,
        outbox: Outbox<Lamp>,
    ) -> impl Future<Output = Command> + 'static {
        assert!(how != How::PanicsAtOnce, "no future");
        let presence = self.enter(&key);
        let world = self.clone();
        async move {
            let mut presence = presence;
            match how {
                How::WhenLet => {
                    let mut let_go = world.0.let_go.subscribe();
                    let_go.wait_for(|keys| keys.contains(&key)).await.unwrap();
                }
                How::WithNews => drop(outbox.tell(Command::Flicker { key: key.clone() }).await),
                How::Panics => panic!("a short circuit"),
                _ => {}
            }
            presence.is_done = true;
            let then = (how == How::Reuses).then(|| key.clone());
            Command::Report { key, ends: how != How::Stuck, then }
        }
    }
}
