//! [`View`]: a [`Scope`] and what is known beside it, as the language's values.

use super::needs::{Members, Needs};
use crate::graph::Scope;
use minijinja::value::Serde;
use serde_json::{Map, Value as Json};

/// All that one text may read.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct View<'a> {
    /// What everything of the run reads.
    pub(in crate::graph) scope: Scope<'a>,
    /// Under `write`: what the node gave; else what the node gave that is undone.
    pub(in crate::graph) output: Option<&'a Json>,
    /// Under a wait's `when`: the message.
    pub(in crate::graph) message: Option<&'a Json>,
}

impl<'a> View<'a> {
    /// Only the scope.
    pub(in crate::graph) fn of(scope: &Scope<'a>) -> Self {
        Self { scope: *scope, output: scope.output, message: None }
    }

    /// What a text with these needs reads.
    pub(super) fn context(&self, needs: &Needs) -> minijinja::Value {
        let mut names: Vec<(&str, minijinja::Value)> = Vec::with_capacity(4);
        let scope = &self.scope;
        let mut give = |name: &'static str, value: &dyn Fn(&Members) -> minijinja::Value| {
            if let Some(members) = needs.of_name(name) {
                names.push((name, value(members)));
            }
        };
        give("input", &|members| part(scope.input, members));
        give("state", &|members| part_of_map(scope.state, members));
        give("workflow", &|_| scope.workflow.into());
        give("run", &|_| scope.run.into());
        give("step", &|_| scope.step.into());
        if let Some((index, item)) = scope.item {
            give("item", &|members| part(item, members));
            give("index", &|_| index.into());
        }
        for (name, value) in
            [("error", scope.error), ("output", self.output), ("message", self.message)]
        {
            if let Some(value) = value {
                give(name, &|members| part(value, members));
            }
        }
        minijinja::Value::from_pairs(names)
    }
}

fn part(value: &Json, members: &Members) -> minijinja::Value {
    match value {
        Json::Object(map) => part_of_map(map, members),
        other => Serde(other).into(),
    }
}

fn part_of_map(map: &Map<String, Json>, members: &Members) -> minijinja::Value {
    match members {
        Members::All => Serde(map).into(),
        Members::These(names) => {
            let found = names.iter().filter_map(|name| map.get(name).map(|value| (name, value)));
            minijinja::Value::from_pairs(
                found.map(|(name, value)| (name.as_str(), minijinja::Value::from(Serde(value)))),
            )
        }
    }
}
