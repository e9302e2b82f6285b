//! One text: whether it can be compiled, and whether all that it reads is there.

use super::shapes::{Nowhere, Shapes};
use super::types::Types;
use crate::graph::language;
use crate::graph::reading::{Findings, Pointer, Spot};
use crate::vocabulary::nearest;
use serde_json::Value;

pub(super) use crate::graph::language::Form;

/// Looks at texts that read these names.
pub(super) struct Reading<'a, 'f> {
    pub(super) shapes: &'a Shapes,
    pub(super) findings: &'a mut Findings<'f>,
}

impl Reading<'_, '_> {
    /// One that may be missing.
    pub(super) fn maybe(&mut self, text: Option<&String>, place: &Pointer, form: Form) {
        if let Some(text) = text {
            self.text(text, place, form);
        }
    }

    /// An expression that has to give a list.
    pub(super) fn list(&mut self, text: &str, place: &Pointer) {
        self.text(text, place, Form::Expression);
        let types = self.shapes.types(&Value::from(text));
        if !types.meets(Types::named("array")) {
            let message = format!("`for_each` wants a list, and `{text}` is {}", types.words());
            self.findings.add(&Spot::Value(place.clone()), message, "");
        }
    }

    pub(super) fn text(&mut self, text: &str, place: &Pointer, form: Form) {
        let spot = |offset| Spot::Inside(place.clone(), offset);
        match language::inspect(text, form) {
            Err(fault) => {
                let message = format!("bad {}: {}", form.word(), fault.message);
                let hint = if form == Form::Expression && text.contains("{{") {
                    "this is an expression: leave the braces out"
                } else {
                    ""
                };
                self.findings.add(&spot(fault.offset), message, hint);
            }
            Ok(seen) => {
                for (path, offset) in seen.reads {
                    if let Err(nowhere) = self.shapes.at(&path) {
                        let (message, hint) = words(&path, nowhere);
                        self.findings.add(&spot(offset), message, hint);
                    }
                }
                for (name, what, offset) in seen.unknown {
                    let message = format!("unknown {what} `{name}`");
                    let hint = if what == "method" { "values have none: use a filter" } else { "" };
                    self.findings.add(&spot(offset), message, hint);
                }
            }
        }
    }
}

fn words(path: &str, nowhere: Nowhere) -> (String, String) {
    let meant =
        |name: &str, known: Vec<&str>, what: &str| match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("there are no {what}"),
            None => format!("{what}: {}", known.join(", ")),
        };
    match nowhere {
        Nowhere::Root(known) => {
            let root = path.split('.').next().unwrap_or_default();
            let hint = match root {
                "item" | "index" => "only a node with `for_each` has it".into(),
                "output" => "only `write` has it, and a node that undoes another".into(),
                "message" => "only a wait's `when` has it".into(),
                "error" => "only a node that another names in `on_error` has it".into(),
                other => meant(other, known, "known here"),
            };
            (format!("unknown name `{root}`"), hint)
        }
        Nowhere::Member { whole, part, known } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let (message, what) = match whole.as_str() {
                "state" => (format!("there is no channel `{part}`"), "channels"),
                _ => (format!("`{whole}` has no `{part}`"), "known there"),
            };
            (message, meant(&part, known, what))
        }
        Nowhere::Plain { whole, types } => {
            let hint = match whole.as_str() {
                "output" => "give the agent an `output` schema to get more than a text".to_owned(),
                _ => String::new(),
            };
            (format!("`{path}` cannot be: `{whole}` is {}", types.words()), hint)
        }
    }
}
