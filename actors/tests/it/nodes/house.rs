//! A house with sessions, processes, admission and nodes, and a model that is scripted.

use super::bench::Bench;
use crate::kit::{Scene, Stage};
use actix::Recipient;
use callboard_actors::entity::{Directory, HostSettings, Hosts, Scheduler};
use callboard_actors::graph::Agent;
use callboard_actors::journal::{Inspection, Journal};
use callboard_actors::nodes::{self, Node, Order, Outcome};
use callboard_actors::processes::{
    Admission, Asked, Charge, Defaults, Desk, ErrorKind, Estimate, Execute, ExecuteError, Executed,
    Limits, OnLost, Performer, Process, RetryPolicy, RuntimeDefaults, Work,
};
use callboard_actors::sessions::{Scribe, Session};
use callboard_actors::supervision::{Exit, Hold, Lifeline, Shutdown, start_here};
use callboard_actors::system::rebuild_tables;
use callboard_actors::tools::{ToolCall, ToolResult, Toolset};
use callboard_actors::vocabulary::{Name, Payload, ProcessId, StreamId, WorkflowId};
use callboard_actors::workflows::{RootPurse, Workflow};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// What each answer costs, to the last token.
const PRICE: Estimate = Estimate { tokens: Some(11), usd: Some(0.5) };

/// What the model does with a prompt.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Says(String),
    /// It calls these tools, with these arguments.
    Calls(&'static [(&'static str, &'static str)]),
    /// The same, after some time.
    Later(Duration, String),
    /// It says so once it is let go on.
    Waits(&'static str),
    /// No retry can mend it, and it costs nothing.
    Breaks,
    /// It breaks off, and has cost this.
    BreaksOff(Charge),
}

/// What a call was weighed by, before it was reserved: in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weighed {
    pub(crate) results: Option<u64>,
    pub(crate) tools: u64,
    pub(crate) history: u64,
}

/// The model; it outlives crashes, as the world does.
#[derive(Clone)]
pub(crate) struct Model {
    script: Arc<dyn Fn(&Work) -> Reply + Send + Sync>,
    asked: watch::Sender<Vec<String>>,
    given_up: watch::Sender<u32>,
    /// What was to be reserved: how many bytes of results and of tools, and whether something was said before.
    weighed: watch::Sender<Vec<Weighed>>,
    let_go: watch::Sender<bool>,
    /// The tools that it can be given.
    pub(crate) bench: Bench,
}

impl Model {
    pub(crate) fn new(script: impl Fn(&Work) -> Reply + Send + Sync + 'static) -> Self {
        let (asked, given_up, weighed, let_go, bench) = Default::default();
        Self { script: Arc::new(script), asked, given_up, weighed, let_go, bench }
    }

    /// One that always says this.
    pub(crate) fn saying(text: &'static str) -> Self {
        Self::new(move |_| Reply::Says(text.into()))
    }

    /// One that waits with its answer until it is let go on.
    pub(crate) fn waiting(text: &'static str) -> Self {
        Self::new(move |_| Reply::Waits(text))
    }

    /// One that needs two turns for a verdict.
    pub(crate) fn rash() -> Self {
        Self::new(|work| {
            let is_second = work.prompt.starts_with("Your last answer");
            Reply::Says(if is_second { r#"{"winner": "pro"}"# } else { "Pro, I think." }.into())
        })
    }

    /// What it was asked, in order, with the length of the conversation before.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// Waits until it has been asked so many times.
    pub(crate) async fn until_asked(&self, times: usize) {
        self.asked.subscribe().wait_for(|asked| asked.len() >= times).await.unwrap();
    }

    /// What each reservation was weighed by, in order.
    pub(crate) fn weighed(&self) -> Vec<Weighed> {
        self.weighed.borrow().clone()
    }

    pub(crate) fn let_go(&self) {
        self.let_go.send_replace(true);
    }

    /// How often somebody stopped listening before it had answered.
    pub(crate) fn given_up(&self) -> u32 {
        *self.given_up.borrow()
    }
}

/// Counts a call that is dropped.
struct Call(Option<watch::Sender<u32>>);

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(given_up) = self.0.take() {
            given_up.send_modify(|count| *count += 1);
        }
    }
}

impl Execute for Model {
    fn execute(
        &self,
        work: Work,
        _desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        let model = self.clone();
        async move {
            let mut call = Call(Some(model.given_up.clone()));
            let told: Vec<_> = work.results.iter().map(ToolResult::text).collect();
            let line = format!("{} {}{}", work.history.len(), work.prompt, told.join(", "));
            model.asked.send_modify(|asked| asked.push(line));
            let content = match (model.script)(&work) {
                Reply::Says(text) => Ok((text, Vec::new())),
                Reply::Calls(calls) => Ok((String::new(), made(&work, calls))),
                Reply::Later(pause, text) => {
                    tokio::time::sleep(pause).await;
                    Ok((text, Vec::new()))
                }
                Reply::Waits(text) => {
                    model.let_go.subscribe().wait_for(|is_let_go| *is_let_go).await.unwrap();
                    Ok((text.into(), Vec::new()))
                }
                Reply::Breaks => Err((ErrorKind::Final, "it does not understand", Charge::Nothing)),
                Reply::BreaksOff(charge) => Err((ErrorKind::Passing, "it broke off", charge)),
            };
            call.0 = None;
            match content {
                Ok((content, calls)) => Ok(Executed {
                    content,
                    calls,
                    model: work.attempt.model,
                    tokens_in: 10,
                    tokens_out: 1,
                    cost_usd: Some(0.5),
                    ..Executed::default()
                }),
                Err((kind, error, charge)) => {
                    let error = error.to_owned();
                    Err(ExecuteError { kind, error, charge, retry_after_ms: None })
                }
            }
        }
        .boxed_local()
    }
}

/// Each call has an id of its own in the conversation.
fn made(work: &Work, calls: &[(&str, &str)]) -> Vec<ToolCall> {
    let calls = calls.iter().enumerate().map(|(index, (name, arguments))| ToolCall {
        id: format!("{}-{index}", work.history.len()),
        name: (*name).into(),
        arguments: serde_json::from_str(arguments).unwrap(),
    });
    calls.collect()
}

/// Those who have nodes carried out.
struct NodeHosts {
    door: Recipient<Shutdown>,
    ended: oneshot::Receiver<Exit>,
    _hold: Hold,
}

/// A house at work; it falls with its stage.
pub(crate) struct House {
    pub(crate) journal: Journal,
    pub(crate) sessions: Directory<Session>,
    pub(crate) processes: Directory<Process>,
    pub(crate) nodes: Directory<Node>,
    /// Those that keep budgets; nobody hosts them here.
    pub(crate) workflows: Directory<Workflow>,
    pub(crate) tools: Toolset,
    weighed: watch::Sender<Vec<Weighed>>,
    hosts: Option<NodeHosts>,
    _rest: Vec<Hold>,
}

impl House {
    /// A house on this stage, whose lost attempts are tried again.
    pub(crate) fn on(stage: &Stage, model: &Model) -> Self {
        Self::with(stage, model, OnLost::Retry)
    }

    pub(crate) fn with(stage: &Stage, model: &Model, on_lost: OnLost) -> Self {
        let journal = stage.journal.clone();
        let host = || stage.lamps.settings().clone();
        let sessions = Directory::<Session>::new(journal.clone(), host());
        let processes = Directory::<Process>::new(journal.clone(), host());
        let at_once = HostSettings { drain: Duration::ZERO, ..host() };
        let nodes = Directory::<Node>::new(journal.clone(), at_once);
        let workflows = Directory::<Workflow>::new(journal.clone(), host());
        let line = || Lifeline::new(Box::new(|_| ()));
        let scribe = Scribe::new(journal.files().clone());
        let performer = Performer::new(model.clone(), sessions.clone());
        let limits = BTreeMap::from([("scripted".to_owned(), 4)]);
        let (_changes, heard) = watch::channel(());
        let limits = Limits::new(move || limits.clone(), heard);
        let rest = vec![
            start_here(line(), |line| Hosts::new(sessions.clone(), scribe, line)).hold,
            start_here(line(), |line| Hosts::new(processes.clone(), performer, line)).hold,
            start_here(line(), |line| Admission::new(processes.clone(), limits, line)).hold,
        ];
        let mut house = Self {
            journal,
            sessions,
            processes,
            nodes,
            workflows,
            tools: Toolset::new(model.bench.clone()),
            weighed: model.weighed.clone(),
            hosts: None,
            _rest: rest,
        };
        house.start_nodes(on_lost);
        house.call_all();
        house
    }

    pub(crate) fn start_nodes(&mut self, on_lost: OnLost) {
        let (defaults, weighed) = (Arc::new(defaults(on_lost)), self.weighed.clone());
        let (ends, ended) = oneshot::channel();
        let line = Lifeline::new(Box::new(|exit| drop(ends.send(exit))));
        let performer = nodes::Performer::new(
            self.processes.clone(),
            move || Arc::clone(&defaults),
            self.tools.clone(),
        )
        .spending(RootPurse::new(self.workflows.clone()), move |asked| {
            let Asked {
                results_bytes: results, tools_bytes: tools, history_bytes: history, ..
            } = *asked;
            let of = Weighed { results, tools, history };
            weighed.send_modify(|all| all.push(of));
            PRICE
        });
        let nodes = self.nodes.clone();
        let started = start_here(line, |line| Hosts::new(nodes, performer, line));
        let door = started.address.recipient();
        self.hosts = Some(NodeHosts { door, ended, _hold: started.hold });
    }

    /// The nodes' hosts end, with all that they do; everybody else works on.
    pub(crate) async fn end_nodes(&mut self) {
        let NodeHosts { door, ended, _hold } = self.hosts.take().unwrap();
        door.do_send(Shutdown);
        assert_eq!(ended.await.unwrap(), Exit::Normal);
        assert_eq!(self.nodes.census().2, 0, "no turn is waited for");
    }

    /// What schedulers do at a start.
    fn call_all(&self) {
        let line = || Lifeline::new(Box::new(|_| ()));
        start_here(line(), |line| Scheduler::new(self.sessions.clone(), line)).hold.let_go();
        start_here(line(), |line| Scheduler::new(self.processes.clone(), line)).hold.let_go();
        start_here(line(), |line| Scheduler::new(self.nodes.clone(), line)).hold.let_go();
    }

    /// An order for this agent, at this place.
    pub(crate) async fn order(&self, path: &str, agent: &Agent) -> (Name, Order) {
        let asked = self.journal.put(serde_json::to_vec(agent).unwrap()).await.unwrap();
        let workflow = workflow();
        (nodes::name_of(&workflow, path), Order::new(workflow, path, agent, asked))
    }

    /// Has this agent carried out.
    pub(crate) async fn carry_out(&self, path: &str, agent: &Agent) -> Outcome {
        let (name, order) = self.order(path, agent).await;
        nodes::carry_out(&self.nodes, &name, order).await
    }

    /// The same in a task of its own.
    pub(crate) async fn begin(
        &self,
        path: &str,
        agent: &Agent,
    ) -> (Name, actix_rt::task::JoinHandle<Outcome>) {
        let (name, order) = self.order(path, agent).await;
        let (nodes, of) = (self.nodes.clone(), name.clone());
        (name, actix_rt::spawn(async move { nodes::carry_out(&nodes, &of, order).await }))
    }

    /// A node's row.
    pub(crate) async fn row(&self, name: &Name) -> Value {
        let stream = StreamId { kind: "node", name: name.clone() };
        let row = self.journal.reader().row("nodes", stream).await.unwrap();
        row.map_or(Value::Null, Value::Object)
    }

    /// The status of the process that is at work for a node, and its name.
    pub(crate) async fn process(&self, node: &Name) -> ProcessId {
        let row = self.row(node).await;
        ProcessId(row["current_process_id"].as_str().unwrap().parse().unwrap())
    }

    pub(crate) async fn status(&self, process: &ProcessId) -> String {
        let stream = StreamId { kind: "process", name: process.0.clone() };
        let row = self.journal.reader().row("processes", stream).await.unwrap();
        row.map_or_else(|| "none".into(), |row| row["status"].as_str().unwrap().to_owned())
    }
}

fn defaults(on_lost: OnLost) -> Defaults {
    let runtime = RuntimeDefaults { on_lost, ..RuntimeDefaults::default() };
    let program = RuntimeDefaults { runs_a_program: true, ..RuntimeDefaults::default() };
    Defaults {
        runtime: "scripted".into(),
        model: "sonnet".into(),
        timeout_s: 80_000,
        longest_timeout_s: 86_400,
        most_retries: 9,
        retry: RetryPolicy { max_retries: 2, max_lost: 9, first_ms: 10, max_ms: 10 },
        runtimes: [("program".into(), program), ("scripted".into(), runtime)].into(),
    }
}

pub(crate) fn workflow() -> WorkflowId {
    WorkflowId("wf".parse().unwrap())
}

/// An agent that may say what it likes.
pub(crate) fn free() -> Agent {
    Agent { prompt: "Who is right?".into(), max_turns: 1, ..Agent::default() }
}

/// An agent whose answer has a form.
pub(crate) fn judge() -> Agent {
    let output = json!({
        "type": "object",
        "required": ["winner"],
        "properties": { "winner": { "enum": ["pro", "con"] } },
    });
    Agent { output: Some(output), max_turns: 3, ..free() }
}

/// What an outcome came to, if it was one.
pub(crate) fn output(outcome: &Outcome) -> &Value {
    match outcome {
        Outcome::Completed { output: Payload::Inline(value), .. } => value,
        other => panic!("{other:?}"),
    }
}

/// What of a journal is not as it should be.
pub(crate) fn findings(scene: &Scene) -> Vec<String> {
    let home = scene.home();
    let inspection = Inspection::open(home.database()).unwrap();
    let found = inspection.verify(&home, &rebuild_tables()).unwrap();
    found.into_iter().map(|f| format!("{}: {}", f.check, f.what)).collect()
}
