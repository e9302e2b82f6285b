//! Every value of every field, and who has it.

use super::bits::Bits;
use super::postings::Postings;
use crate::filter::{Number, Range, Scalar};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Bound;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// An object or an array: it is there, but equals nothing.
    Branch,
    /// A value. Numbers come before texts, and texts last (see [`range_of`]).
    Leaf(Scalar),
}

/// All fields of all items.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, BTreeMap<Key, Postings>>);

impl Fields {
    /// Takes in what an object holds, and what that holds.
    pub(super) fn take_object(&mut self, path: &str, object: &Map<String, Value>, slot: u32) {
        for (name, value) in object {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            self.take_value(&path, value, slot);
        }
    }

    fn take_value(&mut self, path: &str, value: &Value, slot: u32) {
        match value {
            Value::Object(object) => {
                self.take(path, Key::Branch, slot);
                self.take_object(path, object, slot);
            }
            Value::Array(values) => {
                self.take(path, Key::Branch, slot);
                for value in values {
                    self.take_value(path, value, slot);
                }
            }
            value => self.take_scalar(path, Scalar::of(value).unwrap_or(Scalar::Null), slot),
        }
    }

    /// Takes in one value.
    pub(super) fn take_scalar(&mut self, path: &str, value: Scalar, slot: u32) {
        self.take(path, Key::Leaf(value), slot);
    }

    fn take(&mut self, path: &str, key: Key, slot: u32) {
        if !self.0.contains_key(path) {
            self.0.insert(path.to_owned(), BTreeMap::new());
        }
        let Some(values) = self.0.get_mut(path) else { return };
        values.entry(key).and_modify(|slots| slots.push(slot)).or_insert(Postings::One(slot));
    }

    /// Who has one of these values.
    pub(super) fn with(&self, field: &str, values: &[Scalar], into: &mut Bits) {
        let Some(known) = self.0.get(field) else { return };
        for value in values {
            known.get(&Key::Leaf(value.clone())).into_iter().for_each(|slots| take_in(slots, into));
        }
    }

    /// Who has a value within these bounds.
    pub(super) fn within(&self, range: &Range, into: &mut Bits) {
        let Some(known) = self.0.get(&range.field) else { return };
        let Some(bounds) = range_of(range) else { return };
        known.range(bounds).for_each(|(_, slots)| take_in(slots, into));
    }

    /// Who has the field at all.
    pub(super) fn exists(&self, field: &str, into: &mut Bits) {
        let known = self.0.get(field).into_iter().flat_map(BTreeMap::values);
        known.for_each(|slots| take_in(slots, into));
    }
}

fn take_in(slots: &Postings, into: &mut Bits) {
    slots.slots().iter().for_each(|slot| into.insert(*slot as usize));
}

/// The keys between a range's bounds; none, if nothing can lie there.
fn range_of(range: &Range) -> Option<(Bound<Key>, Bound<Key>)> {
    let is_number = matches!(range.bounds().next()?, Scalar::Number(_));
    let (least, most) = if is_number {
        let end = |float| Bound::Included(Scalar::Number(Number::of_float(float)));
        (end(f64::NEG_INFINITY), end(f64::INFINITY))
    } else {
        (Bound::Included(Scalar::Text(String::new())), Bound::Unbounded)
    };
    let lower =
        tighter(range.above.as_ref(), range.at_least.as_ref(), |a, b| a >= b).unwrap_or(least);
    let upper =
        tighter(range.below.as_ref(), range.at_most.as_ref(), |a, b| a <= b).unwrap_or(most);
    is_possible(&lower, &upper).then(|| (lower.map(Key::Leaf), upper.map(Key::Leaf)))
}

/// The bound that leaves less, of an exclusive and an inclusive one.
fn tighter(
    exclusive: Option<&Scalar>,
    inclusive: Option<&Scalar>,
    is_tighter: impl Fn(&Scalar, &Scalar) -> bool,
) -> Option<Bound<Scalar>> {
    match (exclusive, inclusive) {
        (Some(out), Some(within)) if !is_tighter(out, within) => {
            Some(Bound::Included(within.clone()))
        }
        (Some(out), _) => Some(Bound::Excluded(out.clone())),
        (None, Some(within)) => Some(Bound::Included(within.clone())),
        (None, None) => None,
    }
}

/// Whether anything can lie between; a map would panic where nothing can.
fn is_possible(lower: &Bound<Scalar>, upper: &Bound<Scalar>) -> bool {
    match (lower, upper) {
        (Bound::Included(lower), Bound::Included(upper)) => lower <= upper,
        (Bound::Included(lower) | Bound::Excluded(lower), Bound::Excluded(upper))
        | (Bound::Excluded(lower), Bound::Included(upper)) => lower < upper,
        _ => true,
    }
}
