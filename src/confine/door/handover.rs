//! Listeners go from one network to the other: over a pair of sockets, as the kernel hands files from one process to
//! another (`SCM_RIGHTS`).

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};

/// The variable that names the socket by which listeners are handed out; the program does not see it.
pub(in crate::confine) const DOOR: &str = "CALLBOARD_DOOR";

/// So many are handed over at most: the proxy, and two for each near address.
const MOST: usize = 65;

/// The number of the socket that was left open for this process, if a doorman has begun it.
pub(in crate::confine) fn handed() -> Option<i32> {
    std::env::var(DOOR).ok()?.parse().ok()
}

/// A file that was left open for this process, by its number.
pub(in crate::confine) fn taken(number: i32) -> io::Result<OwnedFd> {
    // A socket cannot be opened by its name in /proc, as other files can.
    let own = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(pidfd_getfd(own, number, PidfdGetfdFlags::empty())?)
}

/// Hands these over, each with the number of what it is for.
pub(super) fn hand_over(to: &OwnedFd, listeners: &[(u8, TcpListener)]) -> io::Result<()> {
    let numbers: Vec<u8> = listeners.iter().map(|(number, _)| *number).collect();
    let files: Vec<_> = listeners.iter().map(|(_, listener)| listener.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    if !rights.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(Errno::TOOBIG.into());
    }
    sendmsg(to, &[IoSlice::new(&numbers)], &mut rights, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// What was handed over; nothing, if those who were to do it have ended before.
pub(super) fn take_over(from: &OwnedFd) -> io::Result<Vec<(u8, TcpListener)>> {
    let mut numbers = [0; MOST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut into = [IoSliceMut::new(&mut numbers)];
        match recvmsg(from, &mut into, &mut rights, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            received => break received?,
        }
    };
    let files = rights.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(files) => files.collect(),
        _ => Vec::new(),
    });
    Ok(numbers[..received.bytes].iter().copied().zip(files.map(TcpListener::from)).collect())
}
