//! [`Family`]: the processes that came out of a shim, however deep, found in the kernel's own list.
//!
//! They are known by the shim's session, which it began and which nobody else can enter, and by a mark
//! in their environment, which those keep that begin sessions of their own. The mark is the shim's
//! identity: no other process of this machine ever bears it.

use super::grip::Grip;
use crate::processes::identity::{Executor, Stat};
use rustix::process::Signal;
use std::fs;
use std::time::Duration;
use tokio::time::Instant;

/// The variable that marks them.
const MARK: &str = "CALLBOARD_SHIM";
/// How often it is looked whether they have gone.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A process that survives KILL for so long is stuck in the kernel: nobody can help that.
const UNKILLABLE: Duration = Duration::from_secs(10);

/// The processes that came out of a shim; not the shim itself.
#[derive(Debug, Clone)]
pub(super) struct Family {
    shim: Executor,
}

impl Family {
    /// How long they have between being asked to end and being ended.
    pub(super) const GRACE: Duration = Duration::from_secs(5);

    pub(super) fn of(shim: Executor) -> Self {
        Self { shim }
    }

    /// The variable by which its members are known.
    pub(super) fn mark(&self) -> (&'static str, String) {
        let Executor { boot_id, pid, started } = &self.shim;
        (MARK, format!("{boot_id}:{pid}:{started}"))
    }

    /// Those who live.
    pub(super) fn members(&self) -> Vec<Executor> {
        if !self.shim.is_of_this_boot() {
            return Vec::new();
        }
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let is_session_ours = self.is_session_ours();
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter_map(|pid| self.member(pid, is_session_ours)).collect()
    }

    /// The session's number is the shim's; it could be another's only after all of it had gone.
    fn is_session_ours(&self) -> bool {
        Stat::of(self.shim.pid).is_none_or(|stat| stat.started == self.shim.started)
    }

    /// The process of this number, if it is a member. It is named by the start time that was looked at:
    /// should another get the number meanwhile, that one is not meant.
    fn member(&self, pid: u32, is_session_ours: bool) -> Option<Executor> {
        let Stat { is_dead, session, started } = Stat::of(pid)?;
        if pid == self.shim.pid || is_dead || started < self.shim.started {
            return None;
        }
        let is_member = is_session_ours && session == self.shim.pid || self.is_marked(pid);
        is_member.then(|| Executor { boot_id: self.shim.boot_id.clone(), pid, started })
    }

    fn is_marked(&self, pid: u32) -> bool {
        let (name, value) = self.mark();
        let mark = format!("{name}={value}");
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    }

    /// Sends a signal to those who live; whether there were any.
    fn signal(&self, signal: Signal) -> bool {
        let members = self.members();
        for member in &members {
            let sent = Grip::of(member).and_then(|grip| grip.map_or(Ok(()), |g| g.signal(signal)));
            if let Err(error) = sent {
                tracing::warn!(pid = member.pid, %error, "failed to signal a process of an attempt");
            }
        }
        !members.is_empty()
    }

    /// Asks them to end, and ends them when they do not: afterwards none is there.
    pub(super) async fn end(&self) {
        if !self.signal(Signal::TERM) {
            return;
        }
        let asked = Instant::now();
        while asked.elapsed() < Self::GRACE {
            if self.members().is_empty() {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.kill().await;
    }

    /// Ends them at once.
    pub(super) async fn kill(&self) {
        let began = Instant::now();
        while self.signal(Signal::KILL) {
            if began.elapsed() > UNKILLABLE {
                tracing::error!(shim = self.shim.pid, "processes of an attempt survive SIGKILL");
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[tokio::test]
    async fn who_bears_the_mark_is_ended_and_nobody_else_is() {
        // A shim that has gone: nobody has its number, and its session is nobody's.
        let shim = Executor { pid: u32::MAX, ..Executor::this() };
        let family = Family::of(shim);
        let (name, value) = family.mark();
        let mut ours =
            Command::new("setsid").args(["sleep", "60"]).env(name, value).spawn().unwrap();
        let mut foreign = Command::new("sleep").arg("60").env(name, "another").spawn().unwrap();
        while family.members().len() != 1 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let reaper = std::thread::spawn(move || ours.wait().unwrap());
        family.end().await;
        assert!(family.members().is_empty());
        assert!(!reaper.join().unwrap().success());
        assert!(foreign.try_wait().unwrap().is_none(), "a foreign process was signalled");
        foreign.kill().unwrap();
        foreign.wait().unwrap();
    }
}
