//! What a program did to the files of a folder, in order, as strace saw it.
//!
//! Calls count from their end, because only then the program can rely on them, with two
//! exceptions: bytes on a socket and closed descriptors count from their beginning, because the
//! other side may see them before the call returns. A sync makes durable what had ended before it
//! began. Programs that a program starts are followed, too. What the trace cannot show (a shared
//! writable mapping) is an error, never passed over; only `-shm` may be mapped, since nobody expects it to survive.

mod births;
mod call;
mod follower;
mod names;
mod operation;
mod reader;
mod strace;
#[cfg(test)]
mod tests;

pub(crate) use follower::is_a_copy;
pub(crate) use operation::{Operation, Trace};
pub(crate) use strace::{is_permitted, read_trace, traced, under_strace};
