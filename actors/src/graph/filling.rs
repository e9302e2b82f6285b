//! [`Filling`]: texts of one node, filled in; what goes wrong names its place in the definition.

use super::language::{View, evaluate, render};
use super::scope::Trouble;
use serde_json::{Map, Value};

/// Where an expression may stand, `{template: …}` is a text with places to fill in; this is that text.
pub(super) fn as_template(value: &Value) -> Option<&str> {
    match value.as_object() {
        Some(members) if members.len() == 1 => members.get("template")?.as_str(),
        _ => None,
    }
}

/// Fills in the texts below one place of a definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) place: &'a str,
    pub(super) view: View<'a>,
}

impl Filling<'_> {
    pub(super) fn trouble(&self, part: &str, what: impl Into<String>) -> Trouble {
        Trouble { place: format!("{}.{part}", self.place), what: what.into() }
    }

    pub(super) fn template(&self, part: &str, text: &str) -> Result<String, Trouble> {
        render(text, &self.view).map_err(|what| self.trouble(part, what))
    }

    /// One that may be missing; rendered to nothing, it is.
    pub(super) fn optional(
        &self,
        part: &str,
        text: Option<&String>,
    ) -> Result<Option<String>, Trouble> {
        let text = text.map(|text| self.template(part, text)).transpose()?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    pub(super) fn expression(&self, part: &str, text: &str) -> Result<Value, Trouble> {
        evaluate(text, &self.view).map_err(|what| self.trouble(part, what))
    }

    /// A value whose texts are expressions, or templates, however deep; all else stands for itself.
    pub(super) fn value(&self, part: &str, value: &Value) -> Result<Value, Trouble> {
        if let Some(text) = as_template(value) {
            return self.template(&format!("{part}.template"), text).map(Value::String);
        }
        match value {
            Value::String(text) => self.expression(part, text),
            Value::Object(map) => self.object(part, map).map(Value::Object),
            Value::Array(list) => {
                let items = list.iter().enumerate();
                let items = items.map(|(at, item)| self.value(&format!("{part}.{at}"), item));
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            other => Ok(other.clone()),
        }
    }

    pub(super) fn object(
        &self,
        part: &str,
        map: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Trouble> {
        let members = map.iter();
        let members = members
            .map(|(name, value)| Ok((name.clone(), self.value(&format!("{part}.{name}"), value)?)));
        members.collect()
    }
}
