//! From a document to a [`Definition`]. What does not fit is noted, mended and read again, so that one slip of the hand
//! hides no other: a misspelt key is taken for what was meant, a value of the wrong kind is left out.

use super::places::Spot;
use super::pointer::Pointer;
use super::problem::Findings;
use crate::graph::Definition;
use crate::vocabulary::nearest;
use serde_json::{Map, Value, json};
use serde_path_to_error::{Path, Segment};

/// So many faults are mended; then reading is given up.
const MENDED: usize = 64;

/// Reads a definition, mending it where needed; `None` where it cannot be mended.
pub(super) fn definition(value: Value, findings: &mut Findings) -> Option<Definition> {
    let mut mending = Mending { document: value, findings };
    for _ in 0..MENDED {
        match serde_path_to_error::deserialize::<_, Definition>(&mending.document) {
            Ok(definition) => return Some(definition),
            Err(error) => {
                let (at, message) = (pointer(error.path()), error.inner().to_string());
                mending.mend(&at, &message).then_some(())?;
            }
        }
    }
    None
}

/// A document on its way to a definition.
struct Mending<'a, 'f> {
    document: Value,
    findings: &'a mut Findings<'f>,
}

fn pointer(path: &Path) -> Pointer {
    path.iter().fold(Pointer::root(), |pointer, segment| match segment {
        Segment::Seq { index } => pointer.index(*index),
        Segment::Map { key } => pointer.key(key),
        Segment::Enum { variant } => pointer.key(variant),
        Segment::Unknown => pointer,
    })
}

impl Mending<'_, '_> {
    /// Notes a fault, and mends it; `false` where it cannot be.
    fn mend(&mut self, at: &Pointer, message: &str) -> bool {
        if let Some(rest) = message.strip_prefix("unknown field ") {
            return self.unknown_field(at, rest);
        }
        if let Some(rest) = message.strip_prefix("missing field ") {
            return self.missing_field(at, rest.trim_matches('`'));
        }
        self.wrong_value(at, message)
    }

    fn unknown_field(&mut self, at: &Pointer, rest: &str) -> bool {
        let (word, known) = (at.last(), names(rest).split_off(1));
        let near = self.nearest(at, &word, &known);
        let holder = at.parent().map_or_else(String::new, |parent| parent.holder());
        let place = if holder.is_empty() { String::new() } else { format!(" in `{holder}`") };
        let hint = near.map_or_else(|| format!("known here: {}", known.join(", ")), meant);
        let message = format!("unknown field `{word}`{place}");
        self.findings.add(&Spot::Key(at.clone()), message, hint);
        let Some(object) = at.parent().and_then(|parent| self.object(&parent)) else {
            return false;
        };
        let value = object.remove(&word);
        if let (Some(value), Some(near)) = (value, near) {
            object.entry(near).or_insert(value);
        }
        true
    }

    /// The field that was meant: not one that is there already.
    fn nearest<'k>(&mut self, at: &Pointer, unknown: &str, known: &[&'k str]) -> Option<&'k str> {
        let object = at.parent().and_then(|parent| self.object(&parent))?;
        nearest(unknown, known.iter().copied().filter(|name| !object.contains_key(*name)))
    }

    fn missing_field(&mut self, at: &Pointer, field: &str) -> bool {
        if !self.findings.is_spoiled(&at.key(field)) {
            let holder = at.holder();
            let holder =
                if holder.is_empty() { "the definition".into() } else { format!("`{holder}`") };
            self.findings.add(
                &Spot::Key(at.clone()),
                format!("{holder} has no `{field}`"),
                "add it",
            );
        }
        let Some(object) = self.object(at) else { return false };
        object.insert(field.to_owned(), placeholder(field));
        true
    }

    fn wrong_value(&mut self, at: &Pointer, message: &str) -> bool {
        let (message, hint) = in_words(&at.holder(), message);
        self.findings.add(&Spot::Value(at.clone()), message, hint);
        let Some(parent) = at.parent() else { return false };
        let last = at.last();
        self.findings.spoil(at);
        match self.document.pointer_mut(parent.as_str()) {
            Some(Value::Object(object)) => object.remove(&last).is_some(),
            // Emptied, not removed: the places of the others stay what they are.
            Some(Value::Array(elements)) => {
                let item = last.parse::<usize>().ok().and_then(|index| elements.get_mut(index));
                item.is_some_and(|item| {
                    std::mem::replace(item, nothing(&parent)) != nothing(&parent)
                })
            }
            _ => false,
        }
    }

    fn object(&mut self, at: &Pointer) -> Option<&mut Map<String, Value>> {
        self.document.pointer_mut(at.as_str())?.as_object_mut()
    }
}

/// A value of the kind that the field wants, of which no check complains.
fn placeholder(field: &str) -> Value {
    match field {
        "nodes" => json!({}),
        "start" | "from" | "to" => json!([]),
        "attempts" => json!(1),
        other => json!(other),
    }
}

/// An element that does nothing: an edge that goes nowhere, or an empty text.
fn nothing(list: &Pointer) -> Value {
    if list.last() == "edges" { json!({ "from": [], "to": [] }) } else { json!("") }
}

/// The message of serde in words of the file.
fn in_words(field: &str, message: &str) -> (String, String) {
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut known = names(rest);
        let unknown = known.remove(0);
        let near = nearest(unknown, known.iter().copied());
        let hint = near.map_or_else(|| format!("known here: {}", known.join(", ")), meant);
        return (format!("unknown {field} `{unknown}`"), hint);
    }
    if message.contains("OneOrMany") {
        return (format!("`{field}` has to be a name or a list of names"), String::new());
    }
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let found = found.split_once(": ").map_or(found, |(_, found)| found);
    let (expected, found) = (expected_words(expected), found_words(found));
    (format!("`{field}` has to be {expected}, and is {found}"), String::new())
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "u32" | "u64" | "usize" => "a whole number, zero or more",
        "f64" => "a number",
        "a string" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

fn found_words(found: &str) -> String {
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        other => match other.split_once(' ') {
            Some(("string", text)) => format!("the text {text}"),
            Some(("integer" | "boolean", value)) => value.replace('`', ""),
            Some(("floating", _)) => other.replace("floating point ", "").replace('`', ""),
            _ => other.to_owned(),
        },
    }
}

/// The names in backticks.
fn names(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn meant(name: &str) -> String {
    format!("did you mean `{name}`?")
}
