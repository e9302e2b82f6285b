//! What a node has to do: its expressions and templates, filled in.

use super::bundle::{Bundle, Pinned};
use super::definition::Definition;
use super::duration::duration;
use super::filling::Filling;
use super::language::{View, fits};
use super::node::{AgentNode, Kind, Node, WaitNode};
use super::reducer::kind;
use super::scope::{Scope, Trouble};
use super::work::{Agent, Question, Wait, Work};
use crate::vocabulary::{Pattern, Timestamp};
use serde_json::Value;

/// The elements for which a node runs; `None`: it runs once, and has no `for_each`.
pub fn items(
    node_name: &str,
    definition: &Definition,
    scope: &Scope,
) -> Result<Option<Vec<Value>>, Trouble> {
    let place = format!("nodes.{node_name}");
    let filling = Filling { place: &place, view: View::of(scope) };
    let Some(list) = &node(definition, node_name)?.for_each else { return Ok(None) };
    match filling.expression("for_each", list)? {
        Value::Array(items) => Ok(Some(items)),
        other => {
            let what = format!("it has to give a list, and gives {}", kind(&other));
            Err(filling.trouble("for_each", what))
        }
    }
}

/// What a node has to do (for one of its items, where the scope has one).
pub fn work(
    bundle: &Bundle,
    definition: &Definition,
    node_name: &str,
    scope: &Scope,
) -> Result<Work, Trouble> {
    let place = format!("nodes.{node_name}");
    let filling = Filling { place: &place, view: View::of(scope) };
    let Some(kind) = node(definition, node_name)?.kinds().next() else {
        return Err(Trouble {
            place,
            what: "it has no kind: give it an agent, a tool or …".into(),
        });
    };
    Ok(match kind {
        Kind::Agent(node) => Work::Agent(agent(bundle, node, &filling)?),
        Kind::Tool(node) => Work::Tool {
            name: node.name.clone(),
            arguments: filling.object("tool.with", &node.with)?,
        },
        Kind::Subgraph(node) => Work::Subgraph {
            definition: node.workflow.clone(),
            input: Value::Object(filling.object("subgraph.input", &node.input)?),
        },
        Kind::Interrupt(node) => Work::Interrupt(Question {
            question: filling.template("interrupt.question", &node.question)?,
            answer: node.answer.clone(),
        }),
        Kind::Wait(node) => Work::Wait(wait(node, &filling)?),
        Kind::Set(members) => Work::Computed(filling.object("set", members)?),
    })
}

/// Whether a message is the one that a node waits for: whether its `when` is true of `message`, which may
/// lack what is asked for. Without a `when` any is the one.
pub fn matches(when: Option<&str>, message: &Value, scope: &Scope) -> Result<bool, Trouble> {
    let Some(when) = when else { return Ok(true) };
    let view = View { message: Some(message), ..View::of(scope) };
    fits(when, &view).map_err(|what| Trouble { place: "wait.when".into(), what })
}

/// What a finished run answers, over the state at its end: the definition's `output`, or else the whole state.
pub fn output(
    definition: &Definition,
    state: &serde_json::Map<String, Value>,
    scope: &Scope,
) -> Result<Value, Trouble> {
    if definition.output.is_empty() {
        return Ok(Value::Object(state.clone()));
    }
    let scope = Scope { state, item: None, error: None, ..*scope };
    let filling = Filling { place: "output", view: View::of(&scope) };
    let members = definition.output.iter();
    let members = members.map(|(name, value)| Ok((name.clone(), filling.value(name, value)?)));
    members.collect::<Result<_, _>>().map(Value::Object)
}

/// The node of this name.
pub(super) fn node<'a>(definition: &'a Definition, name: &str) -> Result<&'a Node, Trouble> {
    definition.nodes.get(name).ok_or_else(|| Trouble {
        place: format!("nodes.{name}"),
        what: "there is no such node".into(),
    })
}

fn agent(bundle: &Bundle, node: &AgentNode, filling: &Filling) -> Result<Agent, Trouble> {
    let part = |name, text: &Option<String>| filling.optional(name, text.as_ref());
    let profile = part("agent.profile", &node.profile)?;
    let pinned = profile.as_deref().map_or_else(
        || Ok(Pinned::default()),
        |name| pinned(bundle, name).map_err(|what| filling.trouble("agent.profile", what)),
    )?;
    Ok(Agent {
        prompt: filling.template("agent.prompt", &node.prompt)?,
        system: part("agent.system", &node.system)?.or(pinned.system),
        runtime: part("agent.runtime", &node.runtime)?.or(pinned.runtime),
        model: part("agent.model", &node.model)?.or(pinned.model),
        fallbacks: node.fallbacks.clone().unwrap_or(pinned.fallbacks),
        session: part("agent.session", &node.session)?,
        tools: node.tools.clone(),
        output: node.output.clone(),
        max_turns: node.turns(),
        profile,
    })
}

fn pinned(bundle: &Bundle, name: &str) -> Result<Pinned, String> {
    bundle.profiles.get(name).cloned().ok_or_else(|| {
        let known: Vec<_> = bundle.profiles.keys().map(String::as_str).collect();
        format!("there is no profile `{name}` (known here: {})", known.join(", "))
    })
}

fn wait(node: &WaitNode, filling: &Filling) -> Result<Wait, Trouble> {
    if let Some(text) = &node.duration {
        let time = duration(text).map_err(|what| filling.trouble("wait.for", what))?;
        return Ok(Wait::For(time));
    }
    if let Some(text) = &node.until {
        let moment = filling.expression("wait.until", text)?;
        return until(&moment).map_err(|what| filling.trouble("wait.until", what));
    }
    let Some(topic) = &node.topic else {
        return Err(filling.trouble("wait", "it waits for nothing: give it for, until or topic"));
    };
    let topic = filling.template("wait.topic", topic)?;
    let pattern = topic.parse::<Pattern>();
    pattern.map_err(|error| filling.trouble("wait.topic", error.to_string()))?;
    Ok(Wait::Message { topic, when: node.when.clone() })
}

fn until(moment: &Value) -> Result<Wait, String> {
    let read = serde_json::from_value::<Timestamp>(moment.clone());
    read.map(Wait::Until).map_err(|_| {
        format!("{moment} is no moment: it has to be a text like \"2026-11-21T10:00:00Z\"")
    })
}
