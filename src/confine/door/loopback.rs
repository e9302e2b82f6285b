//! [`open`]: makes the network of a program: loopback, with listeners on it, which are handed out.

use super::handover::hand_over;
use super::plan::Door;
use nix::sched::{CloneFlags, unshare};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

/// Leaves the machine's network; listens in the new one, for whoever is at the other end of `to`. What was begun before
/// stays where it was.
pub(in crate::confine) fn open(door: &Door, to: &OwnedFd) -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    bring_up()?;
    let near = door.near();
    let mut places = BTreeMap::new();
    for (n, near) in (1..).zip(&near) {
        for address in near.loopback() {
            places.entry(SocketAddr::new(address, near.port)).or_insert(n);
        }
    }
    let proxy = SocketAddr::from((Ipv4Addr::LOCALHOST, door.port()));
    let mut listeners = vec![(0, TcpListener::bind(proxy)?)];
    for (place, n) in places {
        match TcpListener::bind(place) {
            Ok(listener) => listeners.push((n, listener)),
            // Not every kernel has addresses of the newer kind.
            Err(_) if place.is_ipv6() => {}
            Err(error) => return Err(error),
        }
    }
    hand_over(to, &listeners)
}

/// Has the kernel bring the first interface up, which is always loopback: `RTM_NEWLINK`, in 32 bytes.
fn bring_up() -> io::Result<()> {
    let flags = SocketFlags::CLOEXEC;
    let kernel = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    let wants = u16::try_from(libc::NLM_F_REQUEST | libc::NLM_F_ACK).map_err(io::Error::other)?;
    let up = u32::try_from(libc::IFF_UP).map_err(io::Error::other)?.to_ne_bytes();
    let mut order = [0; 32];
    order[..4].copy_from_slice(&32_u32.to_ne_bytes());
    order[4..6].copy_from_slice(&libc::RTM_NEWLINK.to_ne_bytes());
    order[6..8].copy_from_slice(&wants.to_ne_bytes());
    order[8..12].copy_from_slice(&1_u32.to_ne_bytes());
    // Which one; what it is to be; what of that is meant.
    order[20..24].copy_from_slice(&1_u32.to_ne_bytes());
    order[24..28].copy_from_slice(&up);
    order[28..].copy_from_slice(&up);
    send(&kernel, &order, SendFlags::empty())?;
    let mut answer = [0; 64];
    recv(&kernel, &mut answer, RecvFlags::empty())?;
    // Behind the head of every answer stands an error, or nought.
    let [.., a, b, c, d] = answer[..20] else { return Err(io::ErrorKind::InvalidData.into()) };
    match i32::from_ne_bytes([a, b, c, d]) {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(-error)),
    }
}
