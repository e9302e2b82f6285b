//! `[models]`: what models cost.
//!
//! Prices are set per model, or per family of models: a price holds for every model whose name begins with it.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is known about models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Models {
    /// Model, or the beginning of a model's name, to its price.
    pub prices: BTreeMap<String, Price>,
}

/// What a model costs, in US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Price {
    /// For tokens read.
    pub input: f64,
    /// For tokens written.
    pub output: f64,
}

/// The prices known without any configuration.
const PRICES: [(&str, f64, f64); 7] = [
    ("claude-haiku-4-5", 1.0, 5.0),
    ("claude-opus-4-1", 15.0, 75.0),
    ("claude-opus-4-5", 5.0, 25.0),
    ("claude-sonnet-4", 3.0, 15.0),
    ("haiku", 1.0, 5.0),
    ("opus", 5.0, 25.0),
    ("sonnet", 3.0, 15.0),
];

impl Models {
    /// The price of a model: its own, else that of the longest name it begins with; `None` where none is known.
    pub fn price(&self, model: &str) -> Option<Price> {
        let family = |name: &&String| model.starts_with(name.as_str());
        let longest = self.prices.keys().filter(family).max_by_key(|name| name.len())?;
        self.prices.get(longest).copied()
    }
}

impl Default for Models {
    fn default() -> Self {
        let price =
            |(name, input, output): (&str, f64, f64)| (name.to_owned(), Price { input, output });
        Self { prices: PRICES.into_iter().map(price).collect() }
    }
}
