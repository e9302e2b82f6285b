//! `[models]`: what models cost, where the list that is built in says nothing, or something else.
//!
//! A price holds for every model whose name begins with it; the longest name counts.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is known about models.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Models {
    /// Model, or the beginning of a model's name, to its price. Default none: the list prices count.
    pub prices: BTreeMap<String, Price>,
}

/// What a model costs, in US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Price {
    /// For tokens read.
    pub input: f64,
    /// For tokens written.
    pub output: f64,
    /// For tokens read that the provider had kept from before. Default that of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
}
