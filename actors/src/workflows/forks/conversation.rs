//! A conversation goes on with what was said by the checkpoint where its workflow stands: that of a fork with what was said
//! in its source, that of a workflow which has gone back with what it had said itself by then. Each begins as a branch of
//! the other, as long as that was; what is left behind stays where it is, and is not heard any more.

use super::origin::Source;
use crate::entity::Directory;
use crate::journal::{Journal, MessageKind};
use crate::machine::{Machine as _, tagged};
use crate::nodes::Pause;
use crate::sessions::{Command, Event, Session};
use crate::vocabulary::{MessageId, Position, SessionId, WorkflowId};
use crate::workflows::carry::session;
use crate::workflows::effect::Place;
use crate::workflows::event::Event as Told;
use crate::workflows::item::Failure;
use crate::workflows::memory::until_read;
use crate::workflows::past::{Dated, PastError, dated};
use crate::workflows::perform::Tools;
use crate::workflows::state::Workflow;
use std::collections::BTreeMap;

impl Tools {
    /// A conversation of the workflow's own, by its name.
    pub(in crate::workflows) async fn conversation(
        &self,
        place: &Place,
        name: Option<&str>,
    ) -> Result<Option<SessionId>, Failure> {
        let Some(name) = name else { return Ok(None) };
        let (workflow, returns) = (&place.workflow_id, place.returns);
        let id = session(workflow, returns, name);
        let may_branch = place.source.is_some() || returns > 0;
        if may_branch && until_read(async || is_new(&self.journal, &id).await).await? {
            let spoken =
                until_read(async || spoken_before(&self.journal, workflow, returns, name).await);
            if let Some((from, bytes)) = spoken.await? {
                self.branch(&id, from, bytes).await;
            }
        }
        Ok(Some(id))
    }

    /// Told again it changes nothing. A session that takes nothing says so to whoever asks in it.
    async fn branch(&self, id: &SessionId, from: SessionId, bytes: u64) {
        let told = MessageId::derived(&["session", id.0.as_str(), "branch"]);
        let command = Command::Branch { from, bytes };
        let mut pause = Pause::new();
        while let Err(error) = self.sessions.tell(&id.0, told, command.clone()).await {
            if !error.is_passing() {
                return;
            }
            tracing::warn!(session = %id, %error, "failed to branch a session: trying again");
            pause.rest().await;
        }
    }
}

/// The session in which the same conversation was held before, and how long its file was where that was left.
async fn spoken_before(
    journal: &Journal,
    workflow: &WorkflowId,
    returns: u32,
    name: &str,
) -> Result<Option<(SessionId, u64)>, PastError> {
    let events = dated(journal, workflow, Position::MAX).await?;
    let mut before = Way::of(&events, returns).came_from(workflow, &events);
    while let Some((workflow, position)) = before {
        let events = dated(journal, &workflow, position).await?;
        let way = Way::of(&events, u32::MAX);
        let id = session(&workflow, way.returns, name);
        if let Some(bytes) = length(journal, &id, position).await? {
            return Ok(Some((id, bytes)));
        }
        before = way.came_from(&workflow, &events);
    }
    Ok(None)
}

/// How a workflow came to where it stands.
#[derive(Default)]
struct Way {
    /// How often it went back.
    returns: u32,
    /// Where to, the last time; `None`: to before all that it did.
    back_at: Option<u32>,
    /// Where its checkpoints stand.
    checkpoints: BTreeMap<u32, Position>,
}

impl Way {
    /// Up to where it would go back more often than so.
    fn of(events: &[Dated], most: u32) -> Self {
        let (mut way, mut now) = (Self::default(), Workflow::default());
        for Dated { event, position, .. } in events {
            now.apply(event);
            let returns = now.facts.as_ref().map_or(0, |facts| facts.returns);
            if returns > most {
                break;
            }
            way.take(event, *position, returns > way.returns);
            way.returns = returns;
        }
        way
    }

    fn take(&mut self, event: &Told, position: Position, is_return: bool) {
        match event {
            Told::Rewound { to, .. } => self.back_at = Some(to.checkpoint.number),
            Told::RunStarted { checkpoint, .. } => {
                if is_return {
                    self.back_at = checkpoint.parent;
                }
                self.checkpoints.insert(checkpoint.number, position);
            }
            Told::StepCommitted { checkpoint, .. } => {
                self.checkpoints.insert(checkpoint.number, position);
            }
            _ => {}
        }
    }

    /// The workflow in which it stood before, and where: itself, where it has gone back.
    fn came_from(&self, workflow: &WorkflowId, events: &[Dated]) -> Option<(WorkflowId, Position)> {
        let own = self.back_at.and_then(|number| self.checkpoints.get(&number));
        match own {
            _ if self.returns == 0 => source(events),
            Some(position) => Some((workflow.clone(), *position)),
            // Back at a fork's first checkpoint, it stands where its source did.
            None if self.back_at.is_some() => source(events),
            None => None,
        }
    }
}

fn source(events: &[Dated]) -> Option<(WorkflowId, Position)> {
    let origin = super::cut::order(events)?.origin.as_ref()?;
    let Source { workflow_id, position, .. } = origin.source.clone();
    Some((workflow_id, position))
}

async fn is_new(journal: &Journal, session: &SessionId) -> Result<bool, PastError> {
    let stream = Directory::<Session>::stream(&session.0);
    Ok(journal.reader().row("sessions", stream).await?.is_none())
}

/// How long a session's file was at a position; `None`: there was none.
async fn length(
    journal: &Journal,
    session: &SessionId,
    position: Position,
) -> Result<Option<u64>, PastError> {
    let loaded = journal.load(Directory::<Session>::stream(&session.0), 0).await?;
    let then = loaded.messages.iter().take_while(|message| message.position <= position);
    let mut length = None;
    for message in then.filter(|message| message.kind == MessageKind::Event) {
        let event = tagged::join(&message.event_type, message.data.get());
        match event.map_err(crate::journal::Fault::reading)? {
            Event::TurnAppended(turn) => length = Some(turn.length),
            Event::Branched(_) => length = Some(0),
            Event::TurnQueued(_) | Event::TurnSkipped(_) => {}
        }
    }
    Ok(length)
}
