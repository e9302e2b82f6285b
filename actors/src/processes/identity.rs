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
            Self { boot_id: boot_id(), pid, started: start_time(pid).unwrap_or(0) }
        };
        THIS.get_or_init(make).clone()
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        self.boot_id == boot_id() && start_time(self.pid) == Some(self.started)
    }
}

fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// Field 22 of `/proc/PID/stat`; `None`: there is no such process, or only its remains.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, which may itself hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X");
    let started = fields.nth(18)?.parse().ok()?;
    (!is_dead).then_some(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_an_older_one_with_its_number_is_not() {
        let this = Executor::this();
        assert!(this.is_alive());
        assert!(!Executor { started: this.started + 1, ..this.clone() }.is_alive());
        assert!(!Executor { boot_id: "another".into(), ..this }.is_alive());
    }
}
