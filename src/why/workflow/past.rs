//! [`Past`]: what a workflow's stream says of it.

use super::super::house::{House, Look};
use callboard_actors::journal::{Loaded, Message, MessageKind, Parked, RowFilter};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::vocabulary::{Name, StreamId, Timestamp};
use callboard_actors::workflows::{
    Deed, Event, Failure, History, Interrupt, Order, Purpose, Source, Workflow,
};
use serde_json::{Map, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// So many of those that belong to a workflow are looked at.
const MOST: usize = 200;

/// A workflow's past.
pub(super) struct Past {
    pub(super) id: String,
    /// Where it stands; `None`: its machine panics on its own past.
    pub(super) workflow: Option<Workflow>,
    pub(super) history: History,
    pub(super) order: Option<Order>,
    /// Why it has failed last.
    pub(super) failure: Option<Failure>,
    /// Who paused or ended it last.
    pub(super) by: Option<String>,
    /// What somebody left as it was of what was to be undone.
    pub(super) left: Vec<Deed>,
    /// When anything last changed.
    pub(super) since: Timestamp,
    pub(super) parked: Option<Parked>,
    pub(super) messages: Vec<Message>,
}

impl Past {
    /// A workflow's past; `None`: there is no such workflow.
    pub(super) async fn load(house: &House, name: &Name) -> Look<Option<Self>> {
        let stream = StreamId { kind: Workflow::KIND, name: name.clone() };
        let loaded = house.reader.stream(stream, 0).await?;
        Ok((loaded.version > 0).then(|| Self::of(name, loaded)))
    }

    fn of(name: &Name, loaded: Loaded) -> Self {
        let Loaded { parked, messages, .. } = loaded;
        let known = messages.iter().filter_map(read);
        let events: Vec<Event> = known.collect();
        let newest = messages.iter().rfind(|message| message.kind == MessageKind::Event);
        let mut past = Self {
            id: name.to_string(),
            workflow: fold(&events),
            history: History::of(&events),
            order: None,
            failure: None,
            by: None,
            left: left(&events),
            since: newest.map_or(Timestamp(0), |message| message.created_at),
            parked,
            messages: Vec::new(),
        };
        for event in events {
            past.take(event);
        }
        past.messages = messages;
        past
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Created { order, .. } => self.order = Some(*order),
            Event::Failed { failure, .. } | Event::Failing { failure, .. } => {
                self.failure = Some(failure);
            }
            Event::Paused { by, .. }
            | Event::Stopping { by, .. }
            | Event::Cancelled { by, .. }
            | Event::Rewound { by, .. } => {
                self.by = Some(by);
            }
            _ => {}
        }
    }

    /// Its state, in a word.
    pub(super) fn status(&self) -> &'static str {
        self.workflow.as_ref().map_or("unknown", Workflow::status)
    }

    /// Its definition's name.
    pub(super) fn definition(&self) -> &str {
        self.order.as_ref().map_or("", |order| &order.definition)
    }

    /// Of which workflow it was made, and where that stood.
    pub(super) fn made_of(&self) -> Option<String> {
        let origin = self.order.as_ref()?.origin.as_ref()?;
        let Source { workflow_id, checkpoint, .. } = &origin.source;
        Some(match origin.purpose {
            Purpose::Fork => format!("it was forked from {workflow_id} at checkpoint {checkpoint}"),
            Purpose::Replay => format!(
                "it replays {workflow_id} from checkpoint {checkpoint}: what was recorded counts, and nobody is asked"
            ),
        })
    }

    /// `workflow 0191… (debate)`
    pub(super) fn title(&self) -> String {
        format!("workflow {} ({})", self.id, self.definition())
    }

    /// The questions that it asks itself.
    pub(super) fn questions(&self) -> Vec<Interrupt> {
        self.workflow.iter().flat_map(Workflow::interrupts).cloned().collect()
    }
}

/// The rows of workflows that its subgraph nodes have started, which have not ended.
pub(super) async fn children(house: &House, id: &str) -> Look<Vec<Map<String, Value>>> {
    let filters = vec![RowFilter::is("parent_id", id.to_owned())];
    let page = house.reader.rows("workflows", filters, None, MOST).await?;
    let is_open = |row: &Map<String, Value>| {
        !matches!(text(row, "status"), "completed" | "failed" | "cancelled")
    };
    Ok(page.items.into_iter().filter(is_open).collect())
}

/// The rows of its agent nodes that are at work.
pub(super) async fn nodes_at_work(house: &House, id: &str) -> Look<Vec<Map<String, Value>>> {
    let mut nodes = Vec::new();
    for status in ["running", "calling"] {
        let filters = vec![
            RowFilter::is("workflow_id", id.to_owned()),
            RowFilter::is("status", status.to_owned()),
        ];
        nodes.extend(house.reader.rows("nodes", filters, None, MOST).await?.items);
    }
    Ok(nodes)
}

/// A text of a row.
pub(super) fn text<'a>(row: &'a Map<String, Value>, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// An event of a workflow; `None`: it is none, or this program does not know it.
pub(super) fn read(message: &Message) -> Option<Event> {
    let is_event = message.kind == MessageKind::Event;
    is_event.then(|| tagged::join(&message.event_type, message.data.get()).ok()).flatten()
}

/// What was left of the last undoing, where somebody gave it up.
fn left(events: &[Event]) -> Vec<Deed> {
    let (mut workflow, mut left) = (Workflow::default(), Vec::new());
    let mut fold = || {
        for event in events {
            match event {
                Event::Undoing { .. } => left.clear(),
                Event::Cancelled { .. } | Event::RunStarted { .. } => {
                    left.extend(workflow.left_to_undo());
                }
                _ => {}
            }
            workflow.apply(event);
        }
    };
    let _ = catch_unwind(AssertUnwindSafe(&mut fold));
    left
}

fn fold(events: &[Event]) -> Option<Workflow> {
    let fold = || {
        let mut workflow = Workflow::default();
        for event in events {
            workflow.apply(event);
        }
        workflow
    };
    catch_unwind(AssertUnwindSafe(fold)).ok()
}
