//! [`Outside`]: what tools need beside the core: the settings say it, and who joins the program knows it.

use super::memory::FindEmbedder;
use super::web::FindResearcher;
use crate::memories::Memories;
use std::sync::Arc;

/// What tools need beside the core.
#[derive(Clone)]
pub struct Outside {
    /// All memories at work.
    pub memories: Memories,
    /// Who makes vectors of texts, if anybody does.
    pub embedder: FindEmbedder,
    /// Who searches the web, if anybody does.
    pub researcher: FindResearcher,
    /// Hosts that may be fetched from although they are not public.
    pub private_hosts: Vec<String>,
}

impl Default for Outside {
    /// Nobody embeds, nobody searches, and only what is public is fetched.
    fn default() -> Self {
        Self {
            memories: Memories::default(),
            embedder: Arc::new(|| None),
            researcher: Arc::new(|| None),
            private_hosts: Vec::new(),
        }
    }
}
