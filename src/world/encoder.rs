//! [`Inside`]: a small model within the binary, that makes vectors of texts without a key or a network. Built with the feature
//! `encoder` only: it takes minutes to compile, and 10 MB.

use super::tools::Embedder;
use callboard_memory::Pinned;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use pocket_encoder::{Encoder, model_info};
use std::sync::Arc;

/// It reads 128 tokens of a text at most, so what comes after these many bytes changes nothing.
const READ: usize = 16 * 1024;

/// Where nobody else embeds.
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
pub(super) fn inside() -> Option<Arc<dyn Embedder>> {
    Some(Arc::new(Inside))
}

struct Inside;

impl Embedder for Inside {
    fn model(&self) -> Pinned {
        let model = model_info();
        Pinned { model: model.id, dimension: model.dimensions }
    }

    fn embed(&self, texts: Vec<String>) -> LocalBoxFuture<'static, Result<Vec<Vec<f32>>, String>> {
        async move {
            // Its weights are read once, by whoever comes first.
            let made = tokio::task::spawn_blocking(move || {
                let texts: Vec<&str> = texts.iter().map(|text| beginning(text)).collect();
                Encoder::new()?.embed(&texts)
            });
            made.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
        }
        .boxed_local()
    }
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(READ)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;

    fn now<T>(future: impl Future<Output = T>) -> T {
        actix_rt::System::new().block_on(future)
    }

    fn nearness(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn what_means_the_same_lies_near() {
        let texts = ["How do users sign in?", "Log in with a password", "The cake is in the oven"];
        let made = now(Inside.embed(texts.map(String::from).to_vec())).unwrap();
        assert!(made.iter().all(|vector| vector.len() == Inside.model().dimension));
        let (same, other) = (nearness(&made[0], &made[1]), nearness(&made[0], &made[2]));
        assert!(same > other + 0.2, "{same} against {other}");
    }

    #[test]
    fn long_and_strange_texts_have_vectors_too() {
        let texts = vec!["ß".repeat(100_000), "\u{0}\u{fffd} \u{202e}".into(), "a ".repeat(60_000)];
        assert_eq!(now(Inside.embed(texts)).unwrap().len(), 3);
    }
}
