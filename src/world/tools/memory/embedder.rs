//! [`Embedder`]: makes vectors of texts. Who that is, the settings say; nobody, where no provider has a key.

use callboard_memory::Pinned;
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// Makes vectors of texts, all by one model.
pub trait Embedder: Send + Sync {
    /// Its model, and how many numbers its vectors have.
    fn model(&self) -> Pinned;

    /// A vector for each text, in their order; or, in words, why there are none now.
    fn embed(&self, texts: Vec<String>) -> LocalBoxFuture<'static, Result<Vec<Vec<f32>>, String>>;
}

/// Finds the embedder of the settings in force; asked anew by each call.
pub type FindEmbedder = Arc<dyn Fn() -> Option<Arc<dyn Embedder>> + Send + Sync>;
