//! [`bundle`]: a definition with all it uses, found in a [`Library`] and checked against it.

use super::abilities::Abilities;
use super::bundle::{Bundle, Pinned};
use super::check::check_writes;
use super::check::shapes::{Shapes, answer};
use super::fitting::{Taker, unknown};
use super::node::{AgentNode, SubgraphNode};
use super::reading::{Findings, Pointer, Problem, Spot, Written};
use std::collections::BTreeMap;

/// What definitions may use.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Definitions, by name.
    pub definitions: BTreeMap<String, Written>,
    /// Profiles of agents, by name.
    pub profiles: BTreeMap<String, Pinned>,
    /// What nodes may call.
    pub abilities: Abilities,
}

/// Pins a definition with its subgraphs, however deep, and with the profiles that they name. Where a profile's name is
/// only known when the node runs, all profiles are pinned. The problems are those of unknown names, of subgraphs that
/// run themselves, of inputs that a subgraph does not take, and of tools.
pub fn bundle(root: &Written, library: &Library) -> Result<Bundle, Vec<Problem>> {
    let name = root.definition.name.clone();
    let bundle = Bundle { root: name, definitions: BTreeMap::new(), profiles: BTreeMap::new() };
    let mut packing = Packing { library, bundle, problems: Vec::new(), path: Vec::new() };
    packing.add(root);
    if packing.problems.is_empty() { Ok(packing.bundle) } else { Err(packing.problems) }
}

struct Packing<'a> {
    library: &'a Library,
    bundle: Bundle,
    problems: Vec<Problem>,
    /// From the root to the definition that is being added.
    path: Vec<String>,
}

impl Packing<'_> {
    fn add(&mut self, written: &Written) {
        let definition = &written.definition;
        self.bundle.definitions.insert(definition.name.clone(), definition.clone());
        self.path.push(definition.name.clone());
        let mut findings = written.findings();
        let (shapes, mut inner) = (Shapes::of(definition), Vec::new());
        for (name, node) in &definition.nodes {
            let place = Pointer::root().path(&["nodes", name]);
            let shapes = shapes.for_node(definition, name, node);
            if let Some(agent) = &node.agent {
                self.profile(agent, &place.path(&["agent", "profile"]), &mut findings);
                let runtime = self.runtime(agent);
                let abilities = &self.library.abilities;
                abilities.agent(agent, runtime, &place.key("agent"), &mut findings);
            }
            if let Some(tool) = &node.tool {
                let (abilities, place) = (&self.library.abilities, place.key("tool"));
                abilities.tool(tool, &shapes, &place, &mut findings);
            }
            if let Some(subgraph) = &node.subgraph {
                let spot = place.key("subgraph");
                let below = self.subgraph(subgraph, &shapes, &spot, &mut findings);
                if let Some(below) = &below {
                    let shapes = shapes.with("output", answer(&below.definition));
                    check_writes(definition, node, &shapes, &place, &mut findings);
                }
                inner.extend(below);
            }
        }
        self.problems.extend(findings.sorted());
        for written in inner {
            if !self.bundle.definitions.contains_key(&written.definition.name) {
                self.add(&written);
            }
        }
        self.path.pop();
    }

    fn profile(&mut self, agent: &AgentNode, place: &Pointer, findings: &mut Findings) {
        let Some(name) = &agent.profile else { return };
        if name.contains('{') {
            self.bundle.profiles.clone_from(&self.library.profiles);
            return;
        }
        match self.library.profiles.get(name) {
            Some(pinned) => drop(self.bundle.profiles.insert(name.clone(), pinned.clone())),
            None => unknown("profile", name, self.library.profiles.keys(), place, findings),
        }
    }

    /// The runtime that an agent names, itself or by its profile.
    fn runtime<'b>(&'b self, agent: &'b AgentNode) -> Option<&'b str> {
        let profile = agent.profile.as_ref().and_then(|name| self.library.profiles.get(name));
        let of_profile = profile.and_then(|profile| profile.runtime.as_deref());
        agent.runtime.as_deref().or(of_profile)
    }

    /// The definition that a node runs, if it may.
    fn subgraph(
        &mut self,
        node: &SubgraphNode,
        shapes: &Shapes,
        place: &Pointer,
        findings: &mut Findings,
    ) -> Option<Written> {
        let (name, spot) = (&node.workflow, place.key("workflow"));
        if let Some(from) = self.path.iter().position(|above| above == name) {
            let mut names = self.path[from..].iter().chain([name]).map(|name| format!("`{name}`"));
            let first = names.next().unwrap_or_default();
            let path = names.fold(first, |path, name| format!("{path} → {name}"));
            let message = format!("this subgraph runs itself without end: {path}");
            findings.add(&Spot::Value(spot), message, "lead an edge back instead");
            return None;
        }
        let Some(written) = self.library.definitions.get(name).cloned() else {
            unknown("workflow", name, self.library.definitions.keys(), &spot, findings);
            return None;
        };
        let whose = format!("the workflow `{name}`");
        let schema = &written.definition.input;
        let taker = Taker { whose: &whose, what: "input", schema };
        taker.check(&node.input, shapes, &place.key("input"), findings);
        Some(written)
    }
}
