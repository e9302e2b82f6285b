//! What is called by a name has to be there, and to be given what it takes.

use super::check::shapes::Shapes;
use super::check::types::Types;
use super::reading::{Findings, Pointer, Spot};
use crate::vocabulary::nearest;
use serde_json::{Map, Value};

/// Tells that there is none of this name, and which it may have been meant for.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a String>,
    place: &Pointer,
    findings: &mut Findings,
) {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    findings.add(&Spot::Value(place.clone()), format!("unknown {what} `{name}`"), hint);
}

/// Somebody who is given members: whose they are, what they are called there, and the schema of the object that they make.
pub(super) struct Taker<'a> {
    pub(super) whose: &'a str,
    pub(super) what: &'a str,
    pub(super) schema: &'a Map<String, Value>,
}

impl Taker<'_> {
    /// Whether it is given what it needs, of types that it takes, and nothing that it refuses.
    pub(super) fn check(
        &self,
        members: &Map<String, Value>,
        shapes: &Shapes,
        place: &Pointer,
        findings: &mut Findings,
    ) {
        self.missing(members, place, findings);
        for (name, value) in members {
            let place = place.key(name);
            match self.property(name) {
                Some(schema) => self.misfit(name, (shapes.types(value), schema), &place, findings),
                None => self.refused(name, &place, findings),
            }
        }
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.schema.get("properties")?.get(name)
    }

    fn missing(&self, members: &Map<String, Value>, place: &Pointer, findings: &mut Findings) {
        let Self { whose, what, schema } = self;
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let has_default =
            |name: &str| self.property(name).is_some_and(|it| it.get("default").is_some());
        for name in required.filter_map(Value::as_str) {
            if !members.contains_key(name) && !has_default(name) {
                let message = format!("{whose} wants the {what} `{name}`");
                let hint = format!("add it under `{}`", place.last());
                findings.add(&Spot::Key(place.clone()), message, hint);
            }
        }
    }

    fn misfit(
        &self,
        name: &str,
        (given, schema): (Types, &Value),
        place: &Pointer,
        findings: &mut Findings,
    ) {
        let Self { whose, what, .. } = self;
        let taken = Types::of_schema(schema);
        if !given.meets(taken) {
            let (given, taken) = (given.words(), taken.words());
            let message =
                format!("the {what} `{name}` of {whose} is {taken}, and is given {given}");
            findings.add(&Spot::Value(place.clone()), message, "");
        }
    }

    fn refused(&self, name: &str, place: &Pointer, findings: &mut Findings) {
        let Self { whose, what, schema } = self;
        if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
            let message = format!("{whose} has no {what} `{name}`");
            let known = schema.get("properties").and_then(Value::as_object);
            let known = known.into_iter().flat_map(Map::keys).map(String::as_str);
            let near = nearest(name, known);
            let hint = near.map_or_else(String::new, |near| format!("did you mean `{near}`?"));
            findings.add(&Spot::Key(place.clone()), message, hint);
        }
    }
}
