//! A house that runs workflows, with a model that is scripted.

use crate::kit::{Scene, Stage};
use crate::nodes::bench::Bench;
use crate::nodes::house::House as Agents;
use crate::nodes::house::Model;
use callboard_actors::entity::{Directory, Hosts, Scheduler, TellError};
use callboard_actors::graph::{self, Abilities, Library};
use callboard_actors::journal::{MessageKind, NewMessage, RowFilter};
use callboard_actors::machine::tagged;
use callboard_actors::supervision::{Hold, Lifeline, start_here};
use callboard_actors::tools::Toolbox as _;
use callboard_actors::vocabulary::{Hash, MessageId, Name, StreamId, WorkflowId};
use callboard_actors::workflows::{
    Command, Event, History, Line, Manner, OnRunning, Order, Past, Performer, Refusal, Rewind,
    Targets, Workflow, first_run, next_run, pin,
};
use serde_json::{Map, Value, json};

/// A house at work; it falls with its stage.
pub(crate) struct House {
    pub(crate) agents: Agents,
    pub(crate) workflows: Directory<Workflow>,
    _hosts: Hold,
}

/// What is run, as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    /// The one that is started.
    pub(crate) root: &'static str,
    /// Those that it may use.
    pub(crate) others: &'static [&'static str],
}

impl Script {
    pub(crate) fn of(root: &'static str) -> Self {
        Self { root, others: &[] }
    }
}

impl House {
    pub(crate) fn on(stage: &Stage, model: &Model) -> Self {
        let agents = Agents::on(stage, model);
        let workflows = agents.workflows.clone();
        let line = || Lifeline::new(Box::new(|_| ()));
        let (nodes, processes) = (agents.nodes.clone(), agents.processes.clone());
        let (sessions, tools) = (agents.sessions.clone(), agents.tools.clone());
        let performer = Performer::new(workflows.clone(), nodes, processes, sessions, tools);
        let hosted = workflows.clone();
        let hosts = start_here(line(), |line| Hosts::new(hosted, performer, line)).hold;
        start_here(line(), |line| Scheduler::new(workflows.clone(), line)).hold.let_go();
        Self { agents, workflows, _hosts: hosts }
    }

    /// Starts a workflow, or starts it again.
    pub(crate) async fn start(&self, script: Script, input: Value) {
        let (bundle, workflow) = (bundle(script), workflow());
        let definition = bundle.definition(&bundle.root).unwrap();
        let journal = &self.agents.journal;
        let run = first_run(journal, &bundle, definition, &input, &workflow).await.unwrap();
        let order = Order {
            definition: bundle.root.clone(),
            bundle: pin(journal, &bundle).await.unwrap(),
            asked: Hash::of(b"it"),
            parent: None,
            runtime: None,
            priority: 0,
            limits: definition.limits.clone(),
            run,
            manner: Manner::default(),
            workplace: None,
            origin: None,
        };
        self.tell_as("start", Command::StartWorkflow(order.into())).await.unwrap();
    }

    /// Begins another run.
    pub(crate) async fn run(
        &self,
        script: Script,
        input: Value,
        on_running: OnRunning,
    ) -> Result<(), TellError<Refusal>> {
        let bundle = bundle(script);
        let definition = bundle.definition(&bundle.root).unwrap();
        let run = next_run(&self.agents.journal, definition, &input).await.unwrap();
        self.tell(Command::StartRun { run, on_running }).await
    }

    pub(crate) async fn tell(&self, command: Command) -> Result<(), TellError<Refusal>> {
        let id = MessageId::fresh();
        self.workflows.tell(&workflow().0, id, command).await.map(drop)
    }

    pub(crate) async fn tell_as(
        &self,
        what: &str,
        command: Command,
    ) -> Result<(), TellError<Refusal>> {
        let id = MessageId::derived(&[what]);
        self.workflows.tell(&workflow().0, id, command).await.map(drop)
    }

    /// Waits until the workflow's stream has an event for which there is an answer.
    pub(crate) async fn until<T>(&self, find: impl FnMut(&Event) -> Option<T>) -> T {
        self.workflows.find_event(&workflow().0, 0, find).await.unwrap()
    }

    /// Waits for the end of a run: its number, and its answer or why there is none.
    pub(crate) async fn end_of(&self, run: u32) -> Result<Value, String> {
        let end = self
            .until(|event| match event {
                Event::Completed { run: which, output, .. } if *which == run => {
                    Some(Ok(output.clone()))
                }
                Event::Failed { run: which, failure, .. } if *which == run => {
                    Some(Err(format!("{}: {}", failure.kind, failure.error)))
                }
                Event::Cancelled { run: which, by, .. } if *which == run => {
                    Some(Err(format!("cancelled by {by}")))
                }
                _ => None,
            })
            .await;
        match end {
            Ok(output) => Ok(self.agents.journal.value(&output).await.unwrap()),
            Err(error) => Err(error),
        }
    }

    /// Waits for the question that is asked next, and says by which id it is answered.
    pub(crate) async fn asked(&self, question: &str) -> Name {
        self.until(|event| match event {
            Event::Interrupted { interrupt, .. } if interrupt.question == question => {
                Some(interrupt.interrupt_id.clone())
            }
            _ => None,
        })
        .await
    }

    /// Waits until a question is asked anew.
    pub(crate) async fn asked_again(&self, question: &str, before: &Name) -> Name {
        self.until(|event| match event {
            Event::Interrupted { interrupt, .. }
                if interrupt.question == question && interrupt.interrupt_id != *before =>
            {
                Some(interrupt.interrupt_id.clone())
            }
            _ => None,
        })
        .await
    }

    /// Waits for a question behind those that were asked before, and says by which id it is answered.
    pub(crate) async fn next_question(&self, before: &[Name]) -> Name {
        self.until(|event| match event {
            Event::Interrupted { interrupt, .. } if !before.contains(&interrupt.interrupt_id) => {
                Some(interrupt.interrupt_id.clone())
            }
            _ => None,
        })
        .await
    }

    /// How far its limits are used up.
    pub(crate) async fn budget(&self) -> Vec<Line> {
        Past::read(&self.agents.journal, &workflow()).await.unwrap().workflow.budget()
    }

    pub(crate) async fn answer(&self, id: Name, answer: Value) -> Result<(), TellError<Refusal>> {
        self.tell(Command::Answer { interrupt_id: id, answer, by: "a person".into() }).await
    }

    /// Publishes a message.
    pub(crate) async fn publish(&self, topic: &str, data: Value) {
        let message = NewMessage {
            kind: MessageKind::Publication,
            message_id: None,
            topic: Some(topic.to_owned()),
            event_type: "NEWS".into(),
            error: None,
            data: serde_json::value::to_raw_value(&data).unwrap(),
            caused_by: None,
            correlation: None,
        };
        self.agents.journal.publish(message).await.unwrap();
    }

    /// Everything that has happened to the workflow.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let stream = Directory::<Workflow>::stream(&workflow().0);
        let loaded = self.agents.journal.load(stream, 0).await.unwrap();
        let events = loaded.messages.iter().filter(|message| message.kind == MessageKind::Event);
        events.map(|m| tagged::join(&m.event_type, m.data.get()).unwrap()).collect()
    }

    /// What the channels hold at the newest checkpoint.
    pub(crate) async fn state(&self) -> Map<String, Value> {
        let past = Past::read(&self.agents.journal, &workflow()).await.unwrap();
        let newest = *past.checkpoints.keys().next_back().unwrap();
        past.state_at(&self.agents.journal, newest).await.unwrap()
    }

    /// What it can go back to.
    pub(crate) async fn targets(&self) -> Targets {
        Targets::read(&self.agents.journal, &workflow()).await.unwrap()
    }

    /// What takes it back to a checkpoint.
    pub(crate) async fn back_to(&self, number: u32, undo: bool, pause: bool) -> Command {
        let targets = self.targets().await;
        let (by, to) = ("ada".to_owned(), targets.checkpoint(number).unwrap());
        let course = targets.course();
        Command::Rewind(Box::new(Rewind { by, to, course, undo, pause }))
    }

    /// What has a step done anew.
    pub(crate) async fn anew_from(&self, step: u32, undo: bool) -> Command {
        let targets = self.targets().await;
        let (by, to) = ("ada".to_owned(), targets.before(step).unwrap());
        let course = targets.course();
        Command::Rewind(Box::new(Rewind { by, to, course, undo, pause: false }))
    }

    /// The rows of all workflows but the root: status, by definition.
    pub(crate) async fn below(&self) -> Vec<(String, String)> {
        let filters = vec![RowFilter::is("root_id", workflow().to_string())];
        let rows = self.agents.journal.reader().rows("workflows", filters, None, 100).await;
        let text = |row: &Map<String, Value>, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = rows.unwrap().items;
        let mut below: Vec<_> =
            rows.iter().map(|row| (text(row, "type"), text(row, "status"))).collect();
        below.sort();
        below
    }

    /// Waits until all workflows of the lineage stand so.
    pub(crate) async fn until_below(&self, expected: &[(&str, &str)]) {
        for _ in 0..2_000 {
            let below = self.below().await;
            let is_so = below.len() == expected.len()
                && below.iter().zip(expected).all(|(is, so)| (&*is.0, &*is.1) == *so);
            if is_so {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("the lineage is {:?}, and not {expected:?}", self.below().await);
    }

    /// What the channels held at a checkpoint.
    pub(crate) async fn state_at(&self, number: u32) -> Map<String, Value> {
        let past = Past::read(&self.agents.journal, &workflow()).await.unwrap();
        past.state_at(&self.agents.journal, number).await.unwrap()
    }

    /// Waits for a run's end, whichever: its answer.
    pub(crate) async fn completed(&self) -> Value {
        let end = self.until(|event| match event {
            Event::Completed { output, .. } => Some(output.clone()),
            _ => None,
        });
        self.agents.journal.value(&end.await).await.unwrap()
    }

    pub(crate) async fn row(&self) -> Value {
        let stream = StreamId { kind: "workflow", name: workflow().0 };
        let row = self.agents.journal.reader().row("workflows", stream).await.unwrap();
        row.map_or(Value::Null, Value::Object)
    }
}

fn bundle(script: Script) -> graph::Bundle {
    let tools = Bench::default().list().into_iter();
    let tools = tools.map(|tool| (tool.name, tool.parameters)).collect();
    let abilities = Abilities { tools, ..Abilities::default() };
    let mut library = Library { abilities, ..Library::default() };
    for text in script.others {
        let written = graph::read(text, "other.yaml").unwrap();
        library.definitions.insert(written.definition.name.clone(), written);
    }
    let root = graph::read(script.root, "it.yaml").unwrap();
    graph::bundle(&root, &library).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What became of the workflow.
pub(crate) async fn history(house: &House) -> History {
    Past::read(&house.agents.journal, &workflow()).await.unwrap().history
}

pub(crate) fn workflow() -> WorkflowId {
    WorkflowId("it".parse().unwrap())
}

/// The nodes that are done, in order: `step node[index]`.
pub(crate) fn done(events: &[Event]) -> Vec<String> {
    let done = events.iter().filter_map(|event| match event {
        Event::NodeDone { item, .. } | Event::Answered { item, .. } => Some(item),
        _ => None,
    });
    done.map(|item| {
        let index = item.index.map(|index| format!("[{index}]")).unwrap_or_default();
        format!("{} {}{index}", item.step, item.node)
    })
    .collect()
}

/// A straight run: what comes of it, and what was asked of the model.
pub(crate) fn straight(script: Script, model: &Model, input: &Value) -> Result<Value, String> {
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, model);
        house.start(script, input.clone()).await;
        house.end_of(1).await
    })
}

/// No input.
pub(crate) fn nothing() -> Value {
    json!({})
}
