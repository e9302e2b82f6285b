//! The service that notices when files change that settings come from, or name.
//!
//! It looks once a second instead of being told by the system: that works on every file system, for editors that
//! write in place as for those that rename, and for files that come into being later; and a few dozen `stat`s a
//! second cost nothing. A change is taken up when a second look finds it as the first did, so that nobody reads
//! half a file.

use super::change::ChangeError;
use super::live::Live;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use callboard_actors::supervision::{ChildSpec, Lifeline, Shutdown};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The pause between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// The service, as a child of the tree.
pub fn watcher(live: Live) -> ChildSpec {
    // From before the start: what changes between loading and the first look is noticed.
    let seen = Files::look(&live);
    let make =
        move |lifeline| Watcher { live: live.clone(), seen: seen.clone(), _lifeline: lifeline };
    ChildSpec::actor("config-watcher", make)
}

struct Watcher {
    live: Live,
    seen: Files,
    _lifeline: Lifeline,
}

/// Says whether a file is still the one that it was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    device: u64,
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

/// What there is to be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Files {
    settings: Option<Mark>,
    named: BTreeMap<PathBuf, Mark>,
}

impl Files {
    fn look(live: &Live) -> Self {
        let (file, named) = live.watched();
        let named = named.into_iter().filter_map(|path| mark(&path).map(|mark| (path, mark)));
        Self { settings: file.as_deref().and_then(mark), named: named.collect() }
    }

    /// Which files that settings name are not what they were.
    fn differing(&self, other: &Self) -> Vec<PathBuf> {
        let paths = self.named.keys().chain(other.named.keys());
        let differs = |path: &&PathBuf| self.named.get(*path) != other.named.get(*path);
        let differing: std::collections::BTreeSet<_> = paths.filter(differs).cloned().collect();
        differing.into_iter().collect()
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Mark {
        device: metadata.dev(),
        inode: metadata.ino(),
        length: metadata.len(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

async fn look(live: &Live) -> Option<Files> {
    let live = live.clone();
    actix_rt::task::spawn_blocking(move || Files::look(&live)).await.ok()
}

async fn watch(live: Live, seen: Files) {
    let (mut taken, mut last) = (seen.clone(), seen);
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(now) = look(&live).await else { continue };
        let is_quiet = now == last;
        last = now;
        if !is_quiet || last == taken {
            continue;
        }
        let before = live.watched().1;
        match live.reload(&last.differing(&taken)).await {
            // Not the files' fault: the same is tried again.
            Err(ChangeError::Fault(fault)) => {
                tracing::warn!(%fault, "failed to publish a changed setting: trying again");
            }
            _ if live.watched().1 == before => taken = last.clone(),
            // Other settings name other files, which were read just now.
            _ => {
                let found = look(&live).await.unwrap_or_default();
                taken = Files { settings: last.settings.clone(), ..found };
                last = taken.clone();
            }
        }
    }
}

impl Actor for Watcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(watch(self.live.clone(), self.seen.clone()).into_actor(self));
    }
}

impl Handler<Shutdown> for Watcher {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
