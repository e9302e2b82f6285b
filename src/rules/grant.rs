//! [`Grant`]: what somebody may, compiled: one voice among those that all have to agree.

use super::command::Allowed;
use super::globs::Globs;
use super::hosts::Hosts;
use callboard_actors::tools::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may. `None` is no bound.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) permissions: BTreeSet<Permission>,
    pub(super) read: Option<Globs>,
    pub(super) write: Option<Globs>,
    /// The house's, those at the top, and those said of whoever it is, in this order.
    pub(super) deny: Globs,
    pub(super) denials: Denials,
    /// Paths that are not written, nor anything below them.
    pub(super) kept: Vec<String>,
    pub(super) hosts: Option<Hosts>,
    /// Whether hosts were named at all: silence about them is mostly a no, and sometimes only silence.
    pub(super) says_hosts: bool,
    pub(super) tools: Option<Globs>,
    pub(super) commands: Option<Vec<Allowed>>,
    pub(super) budgets: Budgets,
}

/// How many of the patterns that deny are whose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Denials {
    /// The house's own, which stand in no file.
    pub(super) house: usize,
    /// Those at the top of the file.
    pub(super) top: usize,
}

/// How much one may in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Budgets {
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) bytes_written: Option<u64>,
    pub(super) command_seconds: Option<u64>,
}
