//! Who executes: boot, process number and start time together name a process of this machine for all
//! time. Nothing that cannot be named so is ever taken for an executor.

use serde::{Deserialize, Serialize};
use std::fs;
use std::sync::OnceLock;

/// A process of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executor {
    /// Which boot of the machine (`/proc/sys/kernel/random/boot_id`).
    pub boot_id: String,
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks after the boot (`/proc/PID/stat`, field 22).
    pub started: u64,
}

impl Executor {
    /// This very process.
    pub fn this() -> Self {
        static THIS: OnceLock<Executor> = OnceLock::new();
        let make = || {
            let pid = std::process::id();
            let started = Stat::of(pid).map_or(0, |stat| stat.started);
            Self { boot_id: boot_id(), pid, started }
        };
        THIS.get_or_init(make).clone()
    }

    /// The process that has this number now.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = Stat::of(pid)?;
        Some(Self { boot_id: boot_id(), pid, started: stat.started })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        let stat = Stat::of(self.pid);
        let is_it = stat.is_some_and(|stat| stat.started == self.started && !stat.is_dead);
        is_it && self.is_of_this_boot()
    }

    /// Whether the machine has not been started anew since.
    pub(super) fn is_of_this_boot(&self) -> bool {
        self.boot_id == boot_id()
    }
}

fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// What the kernel says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// It has ended, and only its remains are there.
    pub(super) is_dead: bool,
    /// Its parent's number.
    pub(super) parent: u32,
    /// Its session: the number of the process that began it.
    pub(super) session: u32,
    /// When it started, in clock ticks after the boot.
    pub(super) started: u64,
}

impl Stat {
    /// `None`: there is no such process.
    pub(super) fn of(pid: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Every process that this one can see, by its number.
    pub(super) fn all() -> impl Iterator<Item = (u32, Self)> {
        let entries = fs::read_dir("/proc").into_iter().flatten();
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter_map(|pid| Some((pid, Self::of(pid)?)))
    }

    fn read(stat: &str) -> Option<Self> {
        // The second field is the name in parentheses, which may itself hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let is_dead = matches!(fields.next()?, "Z" | "X");
        let parent = fields.next()?.parse().ok()?;
        let session = fields.nth(1)?.parse().ok()?;
        let started = fields.nth(15)?.parse().ok()?;
        Some(Self { is_dead, parent, session, started })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_an_older_one_with_its_number_is_not() {
        let this = Executor::this();
        assert!(this.is_alive());
        assert_eq!(Executor::of(this.pid), Some(this.clone()));
        assert!(!Executor { started: this.started + 1, ..this.clone() }.is_alive());
        assert!(!Executor { boot_id: "another".into(), ..this }.is_alive());
    }

    #[test]
    fn the_kernel_is_understood() {
        // A name may hold anything; in a container the session's leader may be outside, and is 0 then.
        let line = "421 (a) S (b) Z 1 421 0 0 -1 4194560 9 0 0 0 1 2 3 4 20 0 1 0 98765 2703360 211 18446744073709551615";
        assert_eq!(
            Stat::read(line),
            Some(Stat { is_dead: true, parent: 1, session: 0, started: 98765 })
        );
        assert_eq!(Stat::read("421 (sh) S 1 421"), None, "a line that ends early");
    }

    #[test]
    fn a_process_that_has_ended_is_dead_until_its_parent_has_asked_and_then_gone() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let ours = Stat::of(std::process::id()).unwrap();
        let stat = Stat::of(child.id()).unwrap();
        assert_eq!((stat.session, stat.is_dead), (ours.session, false));
        assert_eq!(stat.parent, std::process::id());
        assert!(Stat::all().any(|(pid, found)| (pid, found.parent) == (child.id(), stat.parent)));
        child.kill().unwrap();
        let wanted =
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::waitid(rustix::process::WaitId::Pid(pid), wanted).unwrap();
        assert!(Stat::of(child.id()).unwrap().is_dead);
        child.wait().unwrap();
        assert_eq!(Stat::of(child.id()), None);
    }
}
