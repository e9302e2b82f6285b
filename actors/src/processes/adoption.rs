//! Whether attempts can outlive this program at all.
//!
//! A shim has a session of its own, but not a container: when a container's first process ends, the
//! kernel ends all others in it.

use std::fs;

/// Programs that begin a machine and look after it, also when ours ends.
const MANAGERS: [&str; 7] =
    ["systemd", "init", "runit", "runit-init", "s6-svscan", "openrc-init", "launchd"];

/// `Err`: why attempts are not, or perhaps not, to be adopted after the end of this program.
pub fn adoption() -> Result<(), String> {
    let first = fs::read_to_string("/proc/1/comm").unwrap_or_default();
    judge(std::process::id(), first.trim())
}

fn judge(this: u32, first: &str) -> Result<(), String> {
    if this == 1 {
        return Err(
            "not to be had: this program is PID 1, and all in its container ends with it; \
             attempts under way are lost then"
                .into(),
        );
    }
    if MANAGERS.contains(&first) {
        return Ok(());
    }
    Err(format!(
        "not to be counted on: PID 1 is {first:?}, no service manager; where the container ends with \
         this program, attempts under way are lost"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_under_a_service_manager_attempts_are_sure_to_outlive_the_program() {
        assert!(judge(1, "callboard").unwrap_err().starts_with("not to be had"));
        assert!(judge(7, "tini").unwrap_err().starts_with("not to be counted on"));
        assert_eq!(judge(7, "systemd"), Ok(()));
    }
}
