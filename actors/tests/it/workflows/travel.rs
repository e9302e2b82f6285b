//! What is done with forks and replays in a house.

use super::house::House;
use callboard_actors::entity::TellError;
use callboard_actors::graph::Limits;
use callboard_actors::journal::RowFilter;
use callboard_actors::vocabulary::{Hash, MessageId, WorkflowId};
use callboard_actors::workflows::{
    Change, Command, Cut, Event, ForkError, Manner, Past, Refusal, Wanted, fork, replay,
};
use serde_json::Value;

/// Begins forks and replays, and waits for them.
pub(crate) trait Traveller {
    fn named(&self, id: &str) -> WorkflowId;
    async fn lineage(&self, root: &str) -> Vec<WorkflowId>;
    async fn fork(
        &self,
        of: &WorkflowId,
        checkpoint: Option<u32>,
        change: Option<Change>,
        id: &str,
    ) -> Result<Cut, ForkError>;
    async fn fork_in(
        &self,
        of: &WorkflowId,
        checkpoint: Option<u32>,
        change: Option<Change>,
        id: &str,
        manner: Manner,
    ) -> Result<Cut, ForkError>;
    async fn replay(&self, of: &str, checkpoint: Option<u32>, id: &str);
    async fn tell_to(&self, id: &str, command: Command) -> Result<(), TellError<Refusal>>;
    async fn end_of_run(&self, id: &str, run: u32) -> Result<Value, String>;
    async fn answered(&self, id: &str, answer: Value) -> Result<Value, String>;
    async fn child_at(&self, of: &[WorkflowId], definition: &str, prompt: &str) -> WorkflowId;
}

impl Traveller for House {
    fn named(&self, id: &str) -> WorkflowId {
        WorkflowId(id.parse().unwrap())
    }

    /// It, and those below it.
    async fn lineage(&self, root: &str) -> Vec<WorkflowId> {
        let filters = vec![RowFilter::is("root_id", root.to_owned())];
        let page =
            self.agents.journal.reader().rows("workflows", filters, None, 1_000).await.unwrap();
        let mut ids: Vec<_> =
            page.items.iter().map(|row| self.named(row["id"].as_str().unwrap())).collect();
        ids.reverse();
        ids
    }

    async fn fork(
        &self,
        of: &WorkflowId,
        checkpoint: Option<u32>,
        change: Option<Change>,
        id: &str,
    ) -> Result<Cut, ForkError> {
        self.fork_in(of, checkpoint, change, id, Manner::default()).await
    }

    async fn fork_in(
        &self,
        of: &WorkflowId,
        checkpoint: Option<u32>,
        change: Option<Change>,
        id: &str,
        manner: Manner,
    ) -> Result<Cut, ForkError> {
        let journal = &self.agents.journal;
        let cut = Cut::at(journal, of, checkpoint).await?;
        let limits = Limits::default();
        let (workflow_id, asked) = (self.named(id), Hash::of(id.as_bytes()));
        let wanted = Wanted { workflow_id, asked, change, limits, manner };
        let order = fork(journal, &cut, wanted).await?;
        self.begin(id, Command::StartWorkflow(order.into())).await;
        Ok(cut)
    }

    async fn replay(&self, of: &str, checkpoint: Option<u32>, id: &str) {
        let (journal, of) = (&self.agents.journal, self.named(of));
        let cut = match checkpoint {
            None => Cut::at_first(journal, &of).await,
            number => Cut::at(journal, &of, number).await,
        };
        let order = replay(journal, &cut.unwrap(), &self.named(id), Hash::of(b"replay")).await;
        self.begin(id, Command::StartWorkflow(order.unwrap().into())).await;
    }

    async fn tell_to(&self, id: &str, command: Command) -> Result<(), TellError<Refusal>> {
        let told = self.workflows.tell(&self.named(id).0, MessageId::fresh(), command).await;
        told.map(drop)
    }

    async fn end_of_run(&self, id: &str, run: u32) -> Result<Value, String> {
        let ends = |event: &Event| match event {
            Event::Completed { run: which, output, .. } if *which == run => {
                Some(Ok(output.clone()))
            }
            Event::Failed { failure, .. } => {
                Some(Err(format!("{}: {}", failure.kind, failure.error)))
            }
            _ => None,
        };
        let end = self.workflows.find_event(&self.named(id).0, 0, ends).await.unwrap()?;
        Ok(self.agents.journal.value(&end).await.unwrap())
    }

    /// Answers the question that it asks, if it asks one, and waits for its end.
    async fn answered(&self, id: &str, answer: Value) -> Result<Value, String> {
        let name = self.named(id);
        let asks = |event: &Event| match event {
            Event::Interrupted { interrupt, .. } => Some(Some(interrupt.interrupt_id.clone())),
            Event::Completed { .. } | Event::Failed { .. } => Some(None),
            _ => None,
        };
        if let Some(interrupt_id) = self.workflows.find_event(&name.0, 0, asks).await.unwrap() {
            let answer = Command::Answer { interrupt_id, answer, by: "a person".into() };
            // Answered before a crash, it is not open any more.
            let _ = self.tell_to(id, answer).await;
        }
        self.end_of_run(id, 1).await
    }

    /// The workflow of a definition one of whose agents is asked this.
    async fn child_at(&self, of: &[WorkflowId], definition: &str, prompt: &str) -> WorkflowId {
        let journal = &self.agents.journal;
        for id in of {
            let past = Past::read(journal, id).await.unwrap();
            let newest = *past.checkpoints.keys().next_back().unwrap();
            let state = past.state_at(journal, newest.min(2)).await.unwrap();
            let found = state.get("found").and_then(Value::as_str).unwrap_or_default();
            if past.order.definition == definition && prompt == format!("below {found}") {
                return id.clone();
            }
        }
        panic!("nobody is asked {prompt}");
    }
}

impl House {
    async fn begin(&self, id: &str, command: Command) {
        let told = MessageId::derived(&["begin", id]);
        self.workflows.tell(&self.named(id).0, told, command).await.unwrap();
    }
}

/// The numbers of a workflow's checkpoints.
pub(crate) async fn checkpoints(house: &House, of: &WorkflowId) -> Vec<u32> {
    Past::read(&house.agents.journal, of).await.unwrap().checkpoints.into_keys().collect()
}
