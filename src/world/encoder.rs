//! [`Inside`]: a small model within the binary, that makes vectors of texts without a key or a network. Built with the feature
//! `encoder` only: it takes minutes to compile, and 10 MB.

use super::tools::{Embedder, Made};
use callboard_actors::tools::Meter;
use callboard_actors::vocabulary::Estimate;
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

    fn estimate(&self, _: u64) -> Estimate {
        Estimate { tokens: Some(0), usd: Some(0.0) }
    }

    fn embed(&self, texts: Vec<String>, _: Meter) -> LocalBoxFuture<'static, Made> {
        async move {
            // Its weights are read once, by whoever comes first.
            let made = tokio::task::spawn_blocking(move || {
                let encoder = Encoder::new().map_err(|error| error.to_string())?;
                Ok(texts.iter().map(|text| vector(&encoder, text)).collect())
            });
            made.await.map_err(|error| error.to_string())?
        }
        .boxed_local()
    }
}

fn vector(encoder: &Encoder, text: &str) -> Result<Vec<f32>, String> {
    let mut made = encoder.embed(&[beginning(text)]).map_err(|error| error.to_string())?;
    made.pop().ok_or_else(|| "the model gave no vector".to_owned())
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(READ)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(texts: &[&str]) -> Vec<Result<Vec<f32>, String>> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        actix_rt::System::new().block_on(Inside.embed(texts, Meter::default())).unwrap()
    }

    fn nearness(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn what_means_the_same_lies_near() {
        let texts = ["How do users sign in?", "Log in with a password", "The cake is in the oven"];
        let made: Vec<_> = vectors(&texts).into_iter().map(Result::unwrap).collect();
        assert!(made.iter().all(|vector| vector.len() == Inside.model().dimension));
        let (same, other) = (nearness(&made[0], &made[1]), nearness(&made[0], &made[2]));
        assert!(same > other + 0.2, "{same} against {other}");
    }

    #[test]
    fn long_and_strange_texts_have_vectors_too_and_an_empty_one_harms_no_other() {
        let long = ["ß".repeat(100_000), "a ".repeat(60_000)];
        let made = vectors(&[&long[0], "\u{fffd} \u{202e}x", " ", &long[1]]);
        let is_made: Vec<_> = made.iter().map(Result::is_ok).collect();
        assert_eq!(is_made, [true, true, false, true], "{made:?}");
    }
}
