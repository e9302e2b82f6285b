//! [`Standing`]: how a subscription's seat is taken, for whoever looks. Known since the server started, and
//! kept by nobody else: a restart forgets who was listening.

use crate::vocabulary::{Position, Timestamp};
use std::time::Duration;

/// How a subscription's seat is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The newest consumer.
    pub consumer: Sitter,
    /// The oldest delivery that nobody has acknowledged yet, if one is under way.
    pub open: Option<Open>,
}

/// Who sits on a seat, or sat there last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitter {
    /// How it consumes.
    pub manner: Manner,
    /// Since when.
    pub since: Timestamp,
    /// When it went; `None`: it is there.
    pub left: Option<Timestamp>,
}

/// How a consumer consumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It stays, and takes what comes.
    Staying,
    /// It takes what is there, goes, and comes again: that it has gone says nothing.
    Calling,
}

/// A delivery that nobody has acknowledged yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Of which message.
    pub position: Position,
    /// Which of its deliveries, from 1.
    pub delivery: u32,
    /// How long it may still stay so.
    pub left: Duration,
}
