//! Workflows of one definition, and those who host them, over a journal.

use anyhow::Context as _;
use callboard_actors::entity::{Directory, HostSettings, Hosts};
use callboard_actors::graph::{self, Bundle, Library};
use callboard_actors::journal::Journal;
use callboard_actors::nodes::Node;
use callboard_actors::processes::Process;
use callboard_actors::sessions::Session;
use callboard_actors::supervision::{Hold, Lifeline, start_here};
use callboard_actors::tools::Toolset;
use callboard_actors::vocabulary::{Durable, Hash, MessageId, Name, Reference, WorkflowId};
use callboard_actors::workflows::{
    Command, Event, Manner, Order, Performer, Workflow, first_run, pin,
};
use serde_json::Value;

/// A definition that is run again and again.
pub(crate) struct Workflows {
    journal: Journal,
    directory: Directory<Workflow>,
    bundle: Bundle,
    pinned: Durable<Reference>,
    /// Where a system hosts them, it has none.
    _hosts: Option<Hold>,
}

impl Workflows {
    /// With hosts of its own.
    pub(crate) async fn open(journal: Journal, definition: &str) -> anyhow::Result<Self> {
        let workflows = Directory::<Workflow>::new(journal.clone(), HostSettings::default());
        let nodes = Directory::<Node>::new(journal.clone(), HostSettings::default());
        let processes = Directory::<Process>::new(journal.clone(), HostSettings::default());
        let sessions = Directory::<Session>::new(journal, HostSettings::default());
        let tools = Toolset::default();
        let performer = Performer::new(workflows.clone(), nodes, processes, sessions, tools);
        let hosted = workflows.clone();
        let line = Lifeline::new(Box::new(|_| ()));
        let hosts = start_here(line, |line| Hosts::new(hosted, performer, line)).hold;
        let house = Self::of(workflows, definition).await?;
        Ok(Self { _hosts: Some(hosts), ..house })
    }

    /// With those who host the workflows of a system.
    pub(crate) async fn of(
        directory: Directory<Workflow>,
        definition: &str,
    ) -> anyhow::Result<Self> {
        let journal = directory.journal().clone();
        let written = graph::read(definition, "benchmark.yaml");
        let written = written.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let bundle = graph::bundle(&written, &Library::default());
        let bundle = bundle.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let pinned = pin(&journal, &bundle).await?;
        Ok(Self { journal, directory, bundle, pinned, _hosts: None })
    }

    /// Starts a workflow and waits for its end.
    pub(crate) async fn run(&self, input: &Value) -> anyhow::Result<()> {
        let (id, name) = (WorkflowId(Name::fresh()), &self.bundle.root);
        let definition = self.bundle.definition(name).context("the bundle has no definition")?;
        let run = first_run(&self.journal, &self.bundle, definition, input, &id).await;
        let order = Order {
            definition: name.clone(),
            bundle: self.pinned.clone(),
            asked: Hash::of(name.as_bytes()),
            parent: None,
            runtime: None,
            priority: 0,
            limits: definition.limits.clone(),
            run: run.map_err(|failure| anyhow::anyhow!("{}", failure.error))?,
            manner: Manner::default(),
            workplace: None,
            origin: None,
        };
        let command = Command::StartWorkflow(order.into());
        self.directory.tell_fresh(&id.0, MessageId::fresh(), command).await?;
        let end = |event: &Event| match event {
            Event::Completed { .. } => Some(Ok(())),
            Event::Failed { failure, .. } => Some(Err(anyhow::anyhow!("{}", failure.error))),
            _ => None,
        };
        self.directory.find_event(&id.0, 0, end).await?
    }
}
