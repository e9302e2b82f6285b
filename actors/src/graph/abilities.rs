//! [`Abilities`]: what nodes may call, and which runtimes can be given it; and whether a definition goes by that.

use super::check::shapes::Shapes;
use super::fitting::{Taker, unknown};
use super::node::{AgentNode, ToolNode};
use super::reading::{Findings, Pointer, Spot};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What nodes may call, and which runtimes can be given it.
#[derive(Debug, Clone, Default)]
pub struct Abilities {
    /// Tools: by name, the JSON Schema of their arguments.
    pub tools: BTreeMap<String, Value>,
    /// What the names of further tools begin with, of which nobody knows yet which there are: they are taken for there,
    /// and what they are given is not looked at.
    pub unlisted: BTreeSet<String>,
    /// The runtimes that run a program: it cannot be given tools.
    pub programs: BTreeSet<String>,
}

impl Abilities {
    /// Whether a tool of this name may be there, though nobody knows it yet.
    pub fn may_have(&self, name: &str) -> bool {
        let begins = |prefix: &String| name.len() > prefix.len() && name.starts_with(prefix);
        !self.tools.contains_key(name) && self.unlisted.iter().any(begins)
    }

    /// Whether an agent's tools are there, and can be given to its runtime, as far as that is known.
    pub(super) fn agent(
        &self,
        agent: &AgentNode,
        runtime: Option<&str>,
        place: &Pointer,
        findings: &mut Findings,
    ) {
        for (index, name) in agent.tools.iter().enumerate() {
            if !self.tools.contains_key(name) && !self.may_have(name) {
                let spot = place.key("tools").index(index);
                unknown("tool", name, self.tools.keys(), &spot, findings);
            }
        }
        let program = runtime.filter(|name| self.programs.contains(*name));
        if let Some(program) = program.filter(|_| !agent.tools.is_empty()) {
            let of = if agent.runtime.is_some() { "runtime" } else { "profile" };
            let message =
                format!("the runtime `{program}` runs a program, which cannot be given tools");
            let hint = "choose a runtime that asks a model itself, or leave `tools` out";
            findings.add(&Spot::Value(place.key(of)), message, hint);
        }
    }

    /// Whether a tool is there, and is given arguments that it takes.
    pub(super) fn tool(
        &self,
        node: &ToolNode,
        shapes: &Shapes,
        place: &Pointer,
        findings: &mut Findings,
    ) {
        match self.tools.get(&node.name) {
            None if self.may_have(&node.name) => {}
            None => unknown("tool", &node.name, self.tools.keys(), &place.key("name"), findings),
            Some(schema) => {
                let whose = format!("the tool `{}`", node.name);
                let empty = Map::new();
                let schema = schema.as_object().unwrap_or(&empty);
                let tool = Taker { whose: &whose, what: "argument", schema };
                tool.check(&node.with, shapes, &place.key("with"), findings);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tool_may_be_there_of_which_nobody_knows_yet_if_its_name_says_whose_it_is() {
        let abilities = Abilities {
            tools: [("there__known".to_owned(), json!({}))].into(),
            unlisted: ["there__".to_owned()].into(),
            programs: BTreeSet::new(),
        };
        let names = ["there__x", "there__", "there__known", "their__x", "x"];
        assert_eq!(names.map(|name| abilities.may_have(name)), [true, false, false, false, false]);
    }
}
