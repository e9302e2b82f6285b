//! The laws, asked of a home before a server started on it and after it had finished.
//!
//! | law | asked in |
//! |---|---|
//! | what was said to anyone was committed before | [`promises`] |
//! | what was recorded stays recorded, as it was, and positions have no gaps | [`history`] |
//! | what was accepted ends as it should, and nothing is left running | [`endings`] |
//! | nothing recorded is done again, an answer that is there is taken up | [`attempts`] |
//! | an `exit` that a crash left is whole, and what it sums up is there | [`folders`] |
//! | the bus delivers what was not acknowledged, in order, and a key holds what its row says | [`bus`] |
//! | one line a turn, and the committed length is the file's | [`sessions`] |
//! | a call of a tool that has its result is not made again, and nobody hears a message twice | [`tools`] |
//! | a workspace holds the same files as without a crash, and can be taken back | [`workspaces`] |
//! | a workflow ends as without a crash, and what is done is not done again | [`workflows`] |

mod attempts;
mod bus;
mod endings;
mod folders;
mod history;
mod journal;
mod promises;
mod sessions;
mod tools;
mod workflows;
mod workspaces;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

pub(crate) use attempts::answered_in;
pub(crate) use folders::torn_in;
pub(crate) use journal::Journal;
use journal::{Message, Process};

use crate::scenario::{Cast, Kept, Said};
use crate::world::Counts;

/// Everything that is known of one crash and what came after it.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) cast: &'a Cast,
    /// What was said before the crash.
    pub(crate) said: &'a [&'a Said],
    /// The journal as the crash left it.
    pub(crate) before: &'a Journal,
    /// The journal after all was done.
    pub(crate) after: &'a Journal,
    /// The attempts, by process and number, whose whole answer the crash left in their folder.
    pub(crate) answered: &'a [(String, u64)],
    /// What the bus said after all was done.
    pub(crate) heard: &'a Heard,
    /// The home after all was done.
    pub(crate) home: &'a Path,
    /// The token with which the server was talked to.
    pub(crate) token: &'a str,
    /// How often each was asked, before and after the crash.
    pub(crate) calls: &'a Counts,
}

/// What the bus says when it is asked.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// What each subscription delivers, by position.
    pub(crate) deliveries: BTreeMap<String, Vec<i64>>,
    /// The hash of what each key holds; `None`: nothing.
    pub(crate) states: BTreeMap<String, Option<String>>,
    /// How each workflow has ended.
    pub(crate) ends: BTreeMap<String, Value>,
    /// What is in the workspace of one, where there is one.
    pub(crate) kept: Option<Kept>,
}

/// What breaks the laws, in words; nothing if all is well.
pub(crate) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found = promises::violations(case);
    found.extend(history::violations(case.before, case.after));
    found.extend(endings::violations(case));
    found.extend(attempts::violations(case));
    found.extend(sessions::violations(case));
    found.extend(bus::violations(case));
    found.extend(workflows::violations(case));
    found.extend(tools::violations(case));
    found.extend(workspaces::violations(case));
    found
}
