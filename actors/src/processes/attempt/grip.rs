//! [`Grip`]: a process held by a descriptor, so that its number cannot come to mean another one while
//! it is watched or signalled.

use crate::processes::identity::Executor;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A process of this machine that was alive when it was gripped.
#[derive(Debug)]
pub(super) struct Grip(OwnedFd);

impl Grip {
    /// `None`: it has ended.
    pub(super) fn of(executor: &Executor) -> io::Result<Option<Self>> {
        let pid = i32::try_from(executor.pid).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else { return Ok(None) };
        let descriptor = match pidfd_open(pid, PidfdFlags::empty()) {
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            result => result?,
        };
        // Asked only now: from here on the number cannot be given to another process unnoticed.
        Ok(executor.is_alive().then_some(Self(descriptor)))
    }

    /// Sends it a signal; that it has ended meanwhile is fine.
    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(&self.0, signal) {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Waits until it has ended.
    pub(super) async fn ended(self) -> io::Result<()> {
        #[expect(
            deprecated,
            reason = "unsound only for what gives another's descriptor; its heirs are unsafe"
        )]
        let descriptor = AsyncFd::with_interest(self.0, Interest::READABLE)?;
        descriptor.readable().await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[tokio::test]
    async fn a_process_is_watched_and_signalled_and_never_another_one() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let executor = Executor::of(child.id()).unwrap();
        let other = Executor { started: executor.started + 1, ..executor.clone() };
        assert!(Grip::of(&other).unwrap().is_none(), "an older one had this number");
        let grip = Grip::of(&executor).unwrap().unwrap();
        grip.signal(Signal::TERM).unwrap();
        grip.ended().await.unwrap();
        assert!(Grip::of(&executor).unwrap().is_none(), "only its remains are there");
        child.wait().unwrap();
        assert!(Grip::of(&executor).unwrap().is_none());
    }
}
