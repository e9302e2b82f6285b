//! The shim as heir: descendants that lose their parent come to it, and not to the machine's first
//! process. So none of them is out of sight, and it is the one who takes their remains away.
//!
//! Not those of the program that it holds: who waits for that has to hear how it ended.

use super::desk::Desk;
use crate::processes::identity::Stat;
use rustix::process::{Pid, WaitId, WaitIdOptions, getpid, set_child_subreaper, waitid};
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// At most so often: a program may start thousands that end at once.
const PAUSE: Duration = Duration::from_millis(100);

/// From now on this process inherits.
pub fn inherit() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Takes remains away as they come in, until it is dropped.
pub(super) async fn clear_up(desk: &Desk) {
    let mut ended = match signal(SignalKind::child()) {
        Ok(ended) => ended,
        Err(error) => {
            tracing::warn!(%error, "failed to hear of processes that end: their remains stay for a while");
            return std::future::pending().await;
        }
    };
    while ended.recv().await.is_some() {
        take_away(desk.program());
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes away the remains of all children that have ended, except for one.
pub fn take_away(except: Option<u32>) {
    let this = std::process::id();
    let ended = Stat::all().filter(|(_, stat)| stat.is_dead && stat.parent == this);
    for (pid, _) in ended.filter(|(pid, _)| Some(*pid) != except) {
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { continue };
        // How it ended concerns nobody; that it has gone is fine.
        let _gone = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
}
