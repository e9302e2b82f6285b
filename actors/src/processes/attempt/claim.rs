//! [`Claim`]: who works in an attempt's folder.

use crate::processes::identity::Executor;
use dashmap::DashSet;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// What the file `claim` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    #[serde(flatten)]
    pub(super) executor: Executor,
    #[serde(default, skip_serializing_if = "By::is_server")]
    pub(super) by: By,
}

/// What kind of process works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// A server, which does much else.
    #[default]
    Server,
    /// A shim, which does this alone and began a session of its own for it.
    Shim,
}

impl By {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_server(&self) -> bool {
        *self == Self::Server
    }
}

/// Says that this process works in a folder. While it lives, no other task of this process takes the
/// folder for abandoned.
#[derive(Debug)]
pub(super) struct Claim(String);

static CLAIMS: LazyLock<Arc<DashSet<String>>> = LazyLock::new(Arc::default);

impl Claim {
    /// `None`: another task of this process has it.
    pub(super) fn take(folder: &str) -> Option<Self> {
        CLAIMS.insert(folder.to_owned()).then(|| Self(folder.to_owned()))
    }

    pub(super) fn is_taken(folder: &str) -> bool {
        CLAIMS.contains(folder)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMS.remove(&self.0);
    }
}
