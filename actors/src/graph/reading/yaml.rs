//! YAML as a tree that knows its lines and columns. Size, depth and aliases are limited: a definition may come from
//! anywhere.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// The longest definition, in bytes.
const LONGEST: usize = 1 << 20;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) at: Location,
    pub(super) shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    Scalar(Value),
    List(Vec<Tree>),
    Map(Vec<(Spanned<String>, Tree)>),
}

/// Why a text is no YAML: line, column, message.
pub(super) type Fault = (usize, usize, String);

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    if text.len() > LONGEST {
        return Err((1, 1, format!("it is longer than {LONGEST} bytes")));
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        // `y`, `no` and `on` are texts: an answer may have to be one of them.
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_depth: 40,
            flow_nesting_limit: 40,
            max_nodes: 50_000,
            max_events: 200_000,
            max_total_scalar_bytes: 4 * LONGEST,
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| fault(&error))
}

fn fault(error: &serde_saphyr::Error) -> Fault {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let message = words(line.split(" at line ").next().unwrap_or(line));
    let (line, column) = error.location().map_or((1, 1), place);
    (line, column, message)
}

/// The parser speaks to programmers.
fn words(message: &str) -> String {
    match message.split_once(", set DuplicateKeyPolicy") {
        Some((message, _)) => message.to_owned(),
        None if message.starts_with("budget breached") => {
            "it is larger than a definition may be, or refers to its parts too often".to_owned()
        }
        None if message == "recursion limit exceeded" => "it is nested too deeply".to_owned(),
        None => message.to_owned(),
    }
}

/// Line and column, from 1.
pub(super) fn place(at: Location) -> (usize, usize) {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX).max(1);
    (number(at.line()), number(at.column()))
}

impl Tree {
    /// Without the places.
    pub(super) fn value(&self) -> Value {
        match &self.shape {
            Shape::Scalar(value) => value.clone(),
            Shape::List(items) => items.iter().map(Self::value).collect(),
            Shape::Map(members) => {
                let members = members.iter();
                let members = members.map(|(key, tree)| (key.value.clone(), tree.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Shape>::deserialize(deserializer)?;
        Ok(Self { at: spanned.referenced, shape: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shapes)
    }
}

struct Shapes;

impl<'de> Visitor<'de> for Shapes {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Shape, E> {
        let number = Number::from_f64(value);
        number.map(|number| Shape::Scalar(number.into())).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar(value.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Shape, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape, A::Error> {
        let mut map = Vec::new();
        while let Some(member) = members.next_entry()? {
            map.push(member);
        }
        Ok(Shape::Map(map))
    }
}
