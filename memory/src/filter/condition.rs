//! Conditions on metadata, and how they are joined.
//!
//! A field is named by its path, keys joined by dots (`source.url`). An array's elements are values of
//! its field, so `equals` means "has among its values". `$kind` and `$created_at` are the item's own.

use super::Scalar;
use crate::error::{Error, Result};
use crate::item::Metadata;
use serde::{Deserialize, Serialize};

/// How deep conditions may be joined.
const DEEPEST: usize = 32;

/// A condition that an item meets or not. As JSON: `{"equals": {"field": "agent", "value": "research"}}`,
/// `{"and": […]}`, `{"not": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Filter {
    /// One of the field's values is this.
    Equals {
        /// The field's path.
        field: String,
        /// The value.
        value: Scalar,
    },
    /// One of the field's values is one of these.
    In {
        /// The field's path.
        field: String,
        /// The values.
        values: Vec<Scalar>,
    },
    /// One of the field's values lies between bounds, which are all numbers or all texts.
    Range(Range),
    /// The field is there, be it null or empty.
    Exists {
        /// The field's path.
        field: String,
    },
    /// All of these; without any, everything.
    And(Vec<Filter>),
    /// At least one of these; without any, nothing.
    Or(Vec<Filter>),
    /// Whatever does not meet this.
    Not(Box<Filter>),
}

/// Bounds between which one of a field's values has to lie. At least one has to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The field's path.
    pub field: String,
    /// Greater than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Scalar>,
    /// This, or greater.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Scalar>,
    /// Less than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Scalar>,
    /// This, or less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Scalar>,
}

impl Range {
    /// A range of a field without any bound yet.
    pub fn of(field: &str) -> Self {
        Self { field: field.to_owned(), above: None, at_least: None, below: None, at_most: None }
    }

    /// The bounds that are given.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = &Scalar> {
        [&self.above, &self.at_least, &self.below, &self.at_most].into_iter().flatten()
    }

    fn check(&self) -> Result<()> {
        let types: Vec<_> = self.bounds().map(Scalar::type_name).collect();
        let is_one_type = types.windows(2).all(|pair| pair[0] == pair[1]);
        match types.first() {
            Some(&("a number" | "a text")) if is_one_type => Ok(()),
            None => Err(Error::Query(format!("the range of {:?} has no bound", self.field))),
            Some(_) => Err(Error::Query(format!(
                "the range of {:?} is bounded by {}: bounds are all numbers or all texts",
                self.field,
                types.join(" and ")
            ))),
        }
    }
}

impl Filter {
    /// The condition that a field has this value.
    pub fn equals(field: &str, value: impl Into<Scalar>) -> Self {
        Self::Equals { field: field.to_owned(), value: value.into() }
    }

    /// The condition that every key of an object has its value: `{"agent": "research", "type": "technology"}`.
    /// A value that is an array stands for any of its elements.
    pub fn matching(object: &Metadata) -> Result<Self> {
        let conditions = object.iter().map(|(field, value)| {
            let field = field.clone();
            let refused = || Error::Query(format!("{field:?} cannot be compared with an object"));
            match value {
                serde_json::Value::Array(values) => {
                    let values: Option<_> = values.iter().map(Scalar::of).collect();
                    Ok(Self::In { values: values.ok_or_else(refused)?, field })
                }
                value => Ok(Self::Equals { value: Scalar::of(value).ok_or_else(refused)?, field }),
            }
        });
        conditions.collect::<Result<_>>().map(Self::And)
    }

    /// Refuses what means nothing.
    pub(crate) fn check(&self) -> Result<()> {
        self.check_below(DEEPEST)
    }

    fn check_below(&self, depth: usize) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::Query(format!("the filter is deeper than {DEEPEST} levels")));
        };
        match self {
            Self::Equals { .. } | Self::In { .. } | Self::Exists { .. } => Ok(()),
            Self::Range(range) => range.check(),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_for_each(|part| part.check_below(depth))
            }
            Self::Not(part) => part.check_below(depth),
        }
    }
}
