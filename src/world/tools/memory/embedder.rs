//! [`Embedder`]: makes vectors of texts. Who that is, the settings say; nobody, where no provider has a key.

use callboard_actors::tools::Meter;
use callboard_actors::vocabulary::Estimate;
use callboard_memory::Pinned;
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// Makes vectors of texts, all by one model.
pub trait Embedder: Send + Sync {
    /// Its model, and how many numbers its vectors have.
    fn model(&self) -> Pinned;

    /// What the vectors of texts with so many bytes may cost at most.
    fn estimate(&self, bytes: u64) -> Estimate;

    /// A vector for each text, in their order, or why it can have none; or, in words, why there are none now. The meter is
    /// told what it has cost.
    fn embed(&self, texts: Vec<String>, meter: Meter) -> LocalBoxFuture<'static, Made>;
}

/// What came of texts, one by one; or why nothing did.
pub type Made = Result<Vec<Result<Vec<f32>, String>>, String>;

/// Finds the embedder of the settings in force; asked anew by each call.
pub type FindEmbedder = Arc<dyn Fn() -> Option<Arc<dyn Embedder>> + Send + Sync>;
