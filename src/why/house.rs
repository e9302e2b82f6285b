//! [`House`]: where answers are read from. With a server it has the live tree; without one, only what the
//! journal says, which is most of it.

use super::words::shell_word;
use callboard_actors::journal::{Fault, Parked, Reader};
use callboard_actors::supervision::{ActorInfo, Branch, RootHandle};
use callboard_actors::vocabulary::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Where answers are read from.
#[derive(Clone)]
pub struct House {
    /// The journal.
    pub reader: Reader,
    /// The home.
    pub folder: PathBuf,
    /// Where a server listens, or would.
    pub address: String,
    /// What all topics begin with.
    pub topic_root: String,
    /// How many attempts may run at once, by runtime.
    pub limits: BTreeMap<String, usize>,
    /// The live tree; `None`: no server is there.
    pub tree: Option<RootHandle>,
    /// What time it is.
    pub now: Timestamp,
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What answers are made with: a fault of the journal is the only thing that can keep one from being given.
pub(super) type Look<T> = Result<T, Fault>;

impl House {
    /// Whether a server works here.
    pub(super) fn is_served(&self) -> bool {
        self.tree.is_some()
    }

    /// How many children of an actor are looked at.
    const CHILDREN: usize = 100;

    /// The actor at a path, as it lives now.
    pub(super) async fn actor(&self, path: &str) -> Option<ActorInfo> {
        let parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        self.tree.as_ref()?.show(parts.collect(), Self::CHILDREN).await
    }

    /// Why all entities below a path are kept from acting, if they are.
    pub(super) async fn held(&self, path: &str) -> Option<Parked> {
        let mut info = self.actor(path).await?;
        serde_json::from_value(info.detail.get_mut("held")?.take()).ok()
    }

    /// The line that orders something for which there is no command.
    pub(super) fn curl(&self, path: &str) -> String {
        let token = shell_word(&self.folder.join("token").to_string_lossy());
        let url = shell_word(&format!("http://{}{path}", self.address));
        format!("curl -X POST -H \"Authorization: Bearer $(cat {token})\" {url}")
    }
}
