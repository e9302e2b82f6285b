//! [`House`]: where answers are read from. With a server it has the live tree; without one, only what the
//! journal says, which is most of it.

use super::words::shell_word;
use callboard_actors::bus::{Hub, Standing};
use callboard_actors::journal::{Fault, Parked, Reader};
use callboard_actors::supervision::{ActorInfo, Branch, RootHandle};
use callboard_actors::vocabulary::{Name, Timestamp};
use serde_json::Value;
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
    /// What only a server knows; `None`: none is there.
    pub served: Option<Served>,
    /// What time it is.
    pub now: Timestamp,
}

/// What only a server knows.
#[derive(Clone)]
pub struct Served {
    /// The live tree.
    pub tree: RootHandle,
    /// The seats of subscriptions.
    pub hub: Hub,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
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
        self.served.is_some()
    }

    /// How many children of an actor are looked at.
    const CHILDREN: usize = 100;

    /// The actor at a path, as it lives now.
    pub(super) async fn actor(&self, path: &str) -> Option<ActorInfo> {
        let parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        self.served.as_ref()?.tree.show(parts.collect(), Self::CHILDREN).await
    }

    /// Why all entities below a path are kept from acting, if they are.
    pub(super) async fn held(&self, path: &str) -> Option<Parked> {
        let mut info = self.actor(path).await?;
        serde_json::from_value(info.detail.get_mut("held")?.take()).ok()
    }

    /// How a subscription's seat is taken; `None`: nobody has sat there since the server started.
    pub(super) fn seat(&self, name: &Name) -> Option<Standing> {
        self.served.as_ref()?.hub.standing(name)
    }

    /// The line that orders something for which there is no command.
    pub(super) fn curl(&self, method: &str, path: &str, body: Option<&Value>) -> String {
        let token = shell_word(&self.folder.join("token").to_string_lossy());
        let url = shell_word(&format!("http://{}{path}", self.address));
        let body = body.map(|body| format!(" -d {}", shell_word(&body.to_string())));
        let body = body.unwrap_or_default();
        format!("curl -X {method} -H \"Authorization: Bearer $(cat {token})\"{body} {url}")
    }
}
