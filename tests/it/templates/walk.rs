//! [`Walk`]: a run of a graph by its arithmetic alone, step by step, with the scripts that ship as the model. How the
//! engine runs graphs, and goes on after a crash, is tried elsewhere.

use callboard::world::models::{Call, Model, Replay, Speaker, Turn};
use callboard_actors::graph::{
    Agent, Bundle, Definition, Finished, Scope, Work, begin, initial, items, output, reduce, step,
    structured, work,
};
use callboard_actors::tools::{ToolCall, ToolResult};
use callboard_actors::vocabulary::Patterns;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::shipped::shipped;

/// More steps than any of them takes.
const STEPS: u32 = 40;

/// What a run came to.
#[derive(Debug)]
pub(super) struct Walk {
    /// The nodes of each step.
    pub(super) steps: Vec<Vec<String>>,
    /// What was asked, in order.
    pub(super) asked: Vec<Agent>,
    /// The state at its end.
    pub(super) state: Map<String, Value>,
    /// What it answered.
    pub(super) output: Value,
}

impl Walk {
    /// The first run.
    pub(super) async fn of(name: &str, input: Value) -> Self {
        let bundle = shipped(name);
        let state = initial(bundle.definition(name).unwrap());
        Walking { bundle: &bundle, run: 1, bus: RefCell::default() }.through(&input, state).await
    }

    /// Another run of the same workflow, on its state.
    pub(super) async fn again(&self, name: &str, input: Value) -> Self {
        Walking { bundle: &shipped(name), run: 2, bus: RefCell::default() }
            .through(&input, self.state.clone())
            .await
    }

    /// The nodes in order, one word each; those of one step with a plus between them.
    pub(super) fn way(&self) -> String {
        let steps = self.steps.iter().map(|nodes| nodes.join("+"));
        steps.collect::<Vec<_>>().join(" ")
    }

    /// The prompts that begin so.
    pub(super) fn prompts(&self, begin: &str) -> Vec<&str> {
        let prompts = self.asked.iter().map(|agent| agent.prompt.as_str());
        prompts.filter(|prompt| prompt.starts_with(begin)).collect()
    }
}

struct Walking<'a> {
    bundle: &'a Bundle,
    run: u32,
    /// What was published.
    bus: RefCell<Vec<Value>>,
}

impl Walking<'_> {
    async fn through(&self, input: &Value, mut state: Map<String, Value>) -> Walk {
        let definition = self.bundle.definition(&self.bundle.root).unwrap();
        let begun = begin(definition, input).unwrap();
        reduce(definition, &mut state, &begun.writes).unwrap();
        let (mut frontier, mut steps, mut asked) = (begun.frontier, Vec::new(), Vec::new());
        while !frontier.entries.is_empty() {
            assert!(steps.len() < STEPS as usize, "it does not end: {steps:?}");
            let number = u32::try_from(steps.len()).unwrap() + 2;
            let scope = self.scope(&begun.input, &state, number);
            let mut finished = BTreeMap::new();
            for node in frontier.entries.keys() {
                let done = self.node(definition, node, &scope, &mut asked).await;
                finished.insert(node.clone(), done);
            }
            steps.push(frontier.entries.keys().cloned().collect());
            let done = step(definition, &scope, &frontier, &finished).unwrap();
            (state, frontier) = (done.state, done.next);
        }
        let scope = self.scope(&begun.input, &state, STEPS);
        let output = output(definition, &state, &scope).unwrap();
        Walk { steps, asked, state, output }
    }

    fn scope<'s>(&self, input: &'s Value, state: &'s Map<String, Value>, step: u32) -> Scope<'s> {
        Scope {
            input,
            state,
            workflow: "w",
            run: self.run,
            step,
            item: None,
            error: None,
            output: None,
        }
    }

    async fn node(
        &self,
        definition: &Definition,
        node: &str,
        scope: &Scope<'_>,
        asked: &mut Vec<Agent>,
    ) -> Finished {
        let Some(items) = items(node, definition, scope).unwrap() else {
            return Finished::Output(self.carry_out(definition, node, scope, asked).await);
        };
        let mut outputs = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let scope = Scope { item: Some((index, &item)), ..*scope };
            let output = self.carry_out(definition, node, &scope, asked).await;
            outputs.push((item, output));
        }
        Finished::Outputs(outputs)
    }

    async fn carry_out(
        &self,
        definition: &Definition,
        node: &str,
        scope: &Scope<'_>,
        asked: &mut Vec<Agent>,
    ) -> Value {
        match work(self.bundle, definition, node, scope).unwrap() {
            Work::Computed(members) => Value::Object(members),
            Work::Agent(agent) => {
                let answer = self.answer(&agent).await;
                asked.push(agent);
                answer
            }
            Work::Tool { name, arguments } => self.call(&name, &Value::Object(arguments)),
            other => panic!("{node}: {other:?}"),
        }
    }

    /// What the tools do, in a few words: a bus, and nothing else.
    fn call(&self, name: &str, arguments: &Value) -> Value {
        let mut bus = self.bus.borrow_mut();
        if name == "publish" {
            let position = bus.len() + 1;
            let (topic, data) = (&arguments["topic"], &arguments["data"]);
            bus.push(json!({ "position": position, "topic": topic, "data": data }));
            return json!({ "position": position });
        }
        assert_eq!(name, "read_messages");
        let topics = match &arguments["topic"] {
            Value::Array(topics) => topics.iter().map(|topic| topic.as_str().unwrap()).collect(),
            topic => vec![topic.as_str().unwrap()],
        };
        let patterns = Patterns::parse(&topics).unwrap();
        let found = bus.iter().filter(|said| patterns.matches(said["topic"].as_str().unwrap()));
        json!({ "messages": found.collect::<Vec<_>>(), "next": bus.len(), "more": false })
    }

    async fn answer(&self, agent: &Agent) -> Value {
        let (mut history, mut results) = (Vec::new(), Vec::new());
        let mut prompt = agent.prompt.clone();
        loop {
            let model = agent.model.clone().unwrap_or_default();
            let told = std::mem::take(&mut results);
            let asked = Turn { text: prompt.clone(), results: told.clone(), ..Turn::default() };
            let call = Call { prompt, results: told, model, history, ..Call::default() };
            history = call.history.clone();
            let answer = Replay::shipped().unwrap().call(call, &mut String::new()).await.unwrap();
            let label = answer.label.unwrap();
            assert!(label.starts_with("replayed from "), "{label} for:\n{}", agent.prompt);
            if answer.calls.is_empty() {
                return read(agent, &answer.text);
            }
            results = answer.calls.iter().map(|call| self.made(agent, call)).collect();
            let (speaker, calls) = (Speaker::Assistant, answer.calls);
            history.extend([asked, Turn { speaker, calls, ..Turn::default() }]);
            prompt = String::new();
        }
    }

    fn made(&self, agent: &Agent, call: &ToolCall) -> ToolResult {
        let ToolCall { id, name, arguments } = call.clone();
        assert!(agent.tools.contains(&name), "{name} is none of its tools");
        ToolResult { id, content: self.call(&name, &arguments), name, is_error: false }
    }
}

fn read(agent: &Agent, text: &str) -> Value {
    match &agent.output {
        None => json!(text),
        Some(schema) => structured(schema, text)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{text}", agent.prompt)),
    }
}
