//! [`Embedder`]: texts to vectors, by `POST {base_url}/embeddings`
//! (<https://platform.openai.com/docs/api-reference/embeddings>).
//!
//! Texts go in batches, each tried a few times while waiting may help. It knows no store: whoever keeps vectors asks
//! what waits, has it embedded here, and brings it back (`callboard-memory`: `Store::pending`, `Store::embedded`). A
//! text that the provider refuses holds up none of the others: the batch it was in is tried in halves.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client::authorized;
use super::config::{OpenAiConfig, Provider};
use crate::world::models::call::Usage;
use crate::world::models::endpoint::{Endpoint, Patience};
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::refusal::{self, malformed};

/// The model that is asked where nothing else is said, and how many numbers its vectors have.
const USUAL: (&str, usize) = ("text-embedding-3-small", 1_536);

/// So many texts go at once: the API takes 2,048.
const TEXTS: usize = 256;

/// So many bytes go at once: the API takes 300,000 tokens.
const BYTES: usize = 400_000;

/// So often a batch is tried.
const TRIES: u32 = 4;

/// The wait before the first other try, where the provider names none; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest wait that is borne here: who embeds in the background comes again by itself.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// How to reach a model that embeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmbedderConfig {
    /// Where it is.
    pub api: OpenAiConfig,
    /// The model.
    pub model: String,
    /// How many numbers a vector of it has.
    pub dimension: usize,
    /// Whether the model is told that: the older ones, and most that run locally, take no such wish.
    pub says_dimension: bool,
}

impl EmbedderConfig {
    /// The usual model, by this API.
    pub fn usual(api: OpenAiConfig) -> Self {
        let (model, dimension) = USUAL;
        Self { api, model: model.to_owned(), dimension, says_dimension: false }
    }
}

/// What came of embedding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    /// A vector for each text, in their order; or why there can be none for it.
    pub each: Vec<Result<Vec<f32>, String>>,
    /// What was read.
    pub usage: Usage,
    /// What it cost, in USD; `None`: the price of the model is not known.
    pub cost_usd: Option<f64>,
}

/// Makes vectors of texts.
#[derive(Debug)]
pub struct Embedder {
    config: EmbedderConfig,
    endpoint: Endpoint,
}

#[derive(Deserialize)]
struct Body {
    data: Vec<One>,
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct One {
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Counts {
    prompt_tokens: Option<u64>,
}

impl Embedder {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(config: EmbedderConfig) -> Result<Self, Failure> {
        let api = &config.api;
        let patience = Patience { read: api.read_timeout, connect: api.connect_timeout };
        let endpoint = Endpoint::new(api.vendor(), &api.base_url, patience)?;
        Ok(Self { config, endpoint })
    }

    /// The model, by the name under which its vectors are kept.
    pub fn model(&self) -> &str {
        &self.config.model
    }

    /// How many numbers its vectors have.
    pub fn dimension(&self) -> usize {
        self.config.dimension
    }

    /// A vector for each text, in their order; or why there can be none for it: it is not to be asked again.
    ///
    /// # Errors
    /// Why nothing more could be embedded now. What was embedded before is lost: ask for less at once.
    pub async fn embed(&self, texts: &[&str]) -> Result<Vectors, Failure> {
        let mut vectors = Vectors::default();
        let mut waiting = batches(texts);
        waiting.reverse();
        while let Some(batch) = waiting.pop() {
            match self.patiently(batch).await {
                Ok((made, tokens)) => {
                    vectors.each.extend(made.into_iter().map(Ok));
                    vectors.usage.tokens_in += tokens;
                }
                Err(failure) if failure.kind != FailureKind::Rejected => return Err(failure),
                Err(failure) if batch.len() == 1 => vectors.each.push(Err(failure.message)),
                Err(_) => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    waiting.extend([second, first]);
                }
            }
        }
        vectors.cost_usd = self.cost(vectors.usage);
        Ok(vectors)
    }

    /// What reading so much costs, in USD; `None`: the price of the model is not known.
    pub fn cost(&self, usage: Usage) -> Option<f64> {
        self.config.api.prices.cost(&self.config.model, usage)
    }

    async fn patiently(&self, batch: &[&str]) -> Result<(Vec<Vec<f32>>, u64), Failure> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.once(batch).await {
                Err(failure) if failure.is_retryable() => {
                    let wanted = failure.retry_after.unwrap_or(wait);
                    if wanted > LONGEST_WAIT {
                        return Err(failure);
                    }
                    tokio::time::sleep(wanted).await;
                    wait *= 2;
                }
                settled => return settled,
            }
        }
        self.once(batch).await
    }

    async fn once(&self, batch: &[&str]) -> Result<(Vec<Vec<f32>>, u64), Failure> {
        let EmbedderConfig { api, model, dimension, says_dimension } = &self.config;
        let key = api.api_key.as_ref().filter(|key| !key.is_empty());
        if key.is_none() && api.provider != Provider::Compatible {
            let vendor = &self.endpoint.vendor;
            return Err(refusal::no_key(vendor, &vendor.name));
        }
        let mut body = json!({ "model": model, "input": batch, "encoding_format": "float" });
        if *says_dimension {
            body["dimensions"] = (*dimension).into();
        }
        let request = authorized(&self.endpoint, self.endpoint.post("/embeddings"), key)?;
        let answered = self.endpoint.body(request.json(&body)).await;
        let answered = answered.map_err(|failure| Endpoint::hide(key, failure))?;
        self.read(&answered, batch.len())
    }

    fn read(&self, body: &[u8], wanted: usize) -> Result<(Vec<Vec<f32>>, u64), Failure> {
        let body: Body = serde_json::from_slice(body)
            .map_err(|error| malformed("the vectors are none", &error.to_string()))?;
        let tokens = body.usage.and_then(|counts| counts.prompt_tokens).unwrap_or(0);
        let mut made: Vec<Option<Vec<f32>>> = vec![None; wanted];
        for One { index, embedding } in body.data {
            self.check(&embedding)?;
            if let Some(place) = made.get_mut(index) {
                *place = Some(embedding);
            }
        }
        let made: Option<Vec<_>> = made.into_iter().collect();
        let made = made.ok_or_else(|| {
            let message = format!("some of {wanted} texts got no vector");
            Failure::new(FailureKind::Malformed, message)
        })?;
        Ok((made, tokens))
    }

    /// A model that makes others than it should is another model: waiting mends nothing.
    fn check(&self, vector: &[f32]) -> Result<(), Failure> {
        let EmbedderConfig { model, dimension, .. } = &self.config;
        if vector.len() == *dimension && vector.iter().all(|number| number.is_finite()) {
            return Ok(());
        }
        let got = vector.len();
        let message = format!("{model} gave a vector of {got} numbers, {dimension} were expected");
        Err(Failure::new(FailureKind::Unable, message))
    }
}

/// The texts in batches that the API takes; one that is too long by itself goes alone.
fn batches<'a, 'b>(texts: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut batches = Vec::new();
    let mut rest = texts;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |text: &&&str| {
            bytes += text.len();
            bytes <= BYTES
        };
        let count = rest.iter().take(TEXTS).take_while(fits).count().max(1);
        let (batch, behind) = rest.split_at(count);
        batches.push(batch);
        rest = behind;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedder(dimension: usize) -> Embedder {
        let api = OpenAiConfig::of(Provider::Openai);
        Embedder::new(EmbedderConfig { dimension, ..EmbedderConfig::usual(api) }).unwrap()
    }

    #[test]
    fn texts_go_in_batches_that_are_not_too_large() {
        let sizes = |texts: &[&str]| batches(texts).iter().map(|b| b.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&["a"; 600]), [256, 256, 88]);
        let long = "x".repeat(BYTES);
        assert_eq!(sizes(&["a", &long, "b"]), [1, 1, 1]);
        let half = "x".repeat(BYTES / 2);
        assert_eq!(sizes(&[&half, &half, "b"]), [2, 1]);
    }

    #[test]
    fn vectors_stand_where_their_texts_do_and_have_the_length_that_is_expected() {
        let body = br#"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":7}}"#;
        let two = embedder(2);
        assert_eq!(two.read(body, 2), Ok((vec![vec![1.0, 2.0], vec![3.0, 4.0]], 7)));
        assert_eq!(two.read(body, 3).unwrap_err().kind, FailureKind::Malformed);
        assert_eq!(embedder(3).read(body, 2).unwrap_err().kind, FailureKind::Unable);
        assert_eq!(two.read(b"[]", 1).unwrap_err().kind, FailureKind::Malformed);
    }
}
