//! [`Family`]: the processes that came out of a shim, however deep, found in the kernel's own list.
//!
//! They are known by the shim's session, which it began and which nobody else can enter; by a mark in
//! their environment, which those keep that begin sessions of their own; and by their parents: as long
//! as the shim lives, whoever loses a parent comes to it (see [`super::heir`]). The mark is the shim's
//! identity: no other process of this machine ever bears it.
//!
//! When the shim itself was killed, session and mark are all there is: a process that began a session of
//! its own *and* cleared its environment is not found then.

use super::grip::Grip;
use crate::processes::identity::{Executor, Stat};
use rustix::process::Signal;
use std::collections::BTreeMap;
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
pub struct Family {
    shim: Executor,
}

impl Family {
    /// How long they have between being asked to end and being ended.
    pub(super) const GRACE: Duration = Duration::from_secs(5);

    /// Of this one: those who come out of it.
    pub fn of(shim: Executor) -> Self {
        Self { shim }
    }

    /// The variable by which its members are known.
    pub fn mark(&self) -> (&'static str, String) {
        let Executor { boot_id, pid, started } = &self.shim;
        (MARK, format!("{boot_id}:{pid}:{started}"))
    }

    /// Those who live.
    pub fn members(&self) -> Vec<Executor> {
        if !self.shim.is_of_this_boot() {
            return Vec::new();
        }
        let found = self.look();
        // The kernel's list is not read in one moment: who lost a parent meanwhile belongs to nobody in it.
        if found.is_empty() { self.look() } else { found }
    }

    /// Members are named by the start time that was looked at: should another process get the number
    /// meanwhile, that one is not meant.
    fn look(&self) -> Vec<Executor> {
        let all: BTreeMap<u32, Stat> = Stat::all().collect();
        let shim = all.get(&self.shim.pid);
        let is_shim = shim.is_some_and(|stat| stat.started == self.shim.started);
        let kin = Kin {
            shim: self.shim.pid,
            is_shim,
            is_session_ours: is_shim || shim.is_none(),
            all: &all,
        };
        let boot_id = &self.shim.boot_id;
        let members = all.iter().filter(|(pid, stat)| {
            let may_be =
                **pid != self.shim.pid && !stat.is_dead && stat.started >= self.shim.started;
            may_be && (kin.includes(stat) || self.is_marked(**pid))
        });
        members
            .map(|(pid, stat)| Executor {
                boot_id: boot_id.clone(),
                pid: *pid,
                started: stat.started,
            })
            .collect()
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
    pub async fn end(&self) {
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
    pub async fn kill(&self) {
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

/// What the kernel's list says about kinship.
struct Kin<'a> {
    shim: u32,
    /// Whether the number is the shim's, and not another process's by now.
    is_shim: bool,
    /// The session's number is the shim's; it could be another's only after all of it had gone.
    is_session_ours: bool,
    all: &'a BTreeMap<u32, Stat>,
}

impl Kin<'_> {
    fn includes(&self, stat: &Stat) -> bool {
        let is_in_session = self.is_session_ours && stat.session == self.shim;
        is_in_session || self.is_shim && self.is_above(stat)
    }

    /// Whether the shim is among its ancestors.
    fn is_above(&self, stat: &Stat) -> bool {
        let parent = |pid: &u32| self.all.get(pid).map(|stat| stat.parent);
        let mut ancestors = std::iter::successors(Some(stat.parent), parent);
        // A list that was not read in one moment might lead in a circle.
        ancestors.by_ref().take(self.all.len()).any(|pid| pid == self.shim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn whoever_descends_from_the_shim_is_of_its_family_and_a_circle_ends() {
        let stat = |parent, session| Stat { is_dead: false, parent, session, started: 1 };
        let list =
            [(5, stat(1, 5)), (6, stat(5, 5)), (7, stat(6, 7)), (8, stat(7, 8)), (9, stat(1, 9))];
        let circle = [(20, stat(21, 20)), (21, stat(20, 21))];
        let all: BTreeMap<u32, Stat> = list.into_iter().chain(circle).collect();
        let of = |is_shim, is_session_ours| {
            let kin = Kin { shim: 5, is_shim, is_session_ours, all: &all };
            all.iter()
                .filter(|(_, stat)| kin.includes(stat))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(true, true), [5, 6, 7, 8]);
        assert_eq!(of(false, true), [5, 6], "a shim that has gone is nobody's parent");
        assert_eq!(of(false, false), [0; 0], "its number is another's");
    }

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
