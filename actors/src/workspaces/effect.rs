//! What a workspace wants of the world.

use super::command::{Change, Origin};
use crate::vocabulary::WorkflowId;

/// What a workspace wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Have the files brought there with which it begins.
    Fill {
        /// Whose record it is.
        record: WorkflowId,
        /// Where to.
        folder: String,
        /// Where from.
        origin: Origin,
    },
    /// Have files changed.
    Change {
        /// Whose record it is.
        record: WorkflowId,
        /// In which folder.
        folder: String,
        /// Which change, from 1.
        number: u32,
        /// What.
        change: Box<Change>,
    },
}
