//! [`relay`]: what one says the other hears, both ways, until both have ended.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

/// So much memory has each way.
const STACK: usize = 256 << 10;

/// So much, and so long, is listened to somebody who was refused.
const MOST_UNHEARD: u64 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(2);

/// Stays with both until they have ended. Whoever ends first may still listen.
pub(super) fn relay(one: &TcpStream, other: &TcpStream) -> io::Result<()> {
    for each in [one, other] {
        each.set_read_timeout(None)?;
        each.set_nodelay(true)?;
    }
    let (from, to) = (one.try_clone()?, other.try_clone()?);
    let there = thread::Builder::new().stack_size(STACK).spawn(move || pass(&from, &to))?;
    pass(other, one);
    let _ = there.join();
    Ok(())
}

/// Takes leave of somebody who may still be speaking: whoever is hung up on hears nothing of what was said last.
pub(super) fn part(from: &TcpStream) -> io::Result<()> {
    from.shutdown(Shutdown::Write)?;
    from.set_read_timeout(Some(PATIENCE))?;
    let mut left = from.take(MOST_UNHEARD);
    io::copy(&mut left, &mut io::sink()).map(drop)
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    if io::copy(&mut from, &mut to).is_ok() {
        let _ = to.shutdown(Shutdown::Write);
        return;
    }
    // One of them has gone: nobody waits for the other.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
