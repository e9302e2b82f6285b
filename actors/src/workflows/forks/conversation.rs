//! The conversations of a fork go on with what was said in its source's: each begins as a branch of the other, as long as
//! that was, and both go on for themselves.

use super::origin::Source;
use crate::entity::Directory;
use crate::journal::{Journal, MessageKind};
use crate::machine::tagged;
use crate::nodes::Pause;
use crate::sessions::{Command, Event, Session};
use crate::vocabulary::{MessageId, Position, SessionId, WorkflowId};
use crate::workflows::carry::session;
use crate::workflows::effect::Place;
use crate::workflows::item::Failure;
use crate::workflows::memory::until_read;
use crate::workflows::past::{PastError, dated};
use crate::workflows::perform::Tools;

impl Tools {
    /// A conversation of the workflow's own, by its name.
    pub(in crate::workflows) async fn conversation(
        &self,
        place: &Place,
        name: Option<&str>,
    ) -> Result<Option<SessionId>, Failure> {
        let Some(name) = name else { return Ok(None) };
        let id = session(&place.workflow_id, name);
        if let Some(source) = &place.source
            && until_read(async || is_new(&self.journal, &id).await).await?
        {
            let spoken = until_read(async || said(&self.journal, source, name).await).await?;
            if let Some((from, bytes)) = spoken {
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

/// The session in which a source, or whichever workflow that was forked from, had spoken, and how long its file was.
async fn said(
    journal: &Journal,
    source: &Source,
    name: &str,
) -> Result<Option<(SessionId, u64)>, PastError> {
    let mut source = source.clone();
    loop {
        let Source { workflow_id, position, .. } = &source;
        let id = session(workflow_id, name);
        if let Some(bytes) = length(journal, &id, *position).await? {
            return Ok(Some((id, bytes)));
        }
        match origin(journal, workflow_id).await? {
            Some(above) => source = above,
            None => return Ok(None),
        }
    }
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

async fn origin(journal: &Journal, workflow: &WorkflowId) -> Result<Option<Source>, PastError> {
    let events = dated(journal, workflow, Position::MAX).await?;
    let origin = super::cut::order(&events).and_then(|order| order.origin.as_ref());
    Ok(origin.map(|origin| origin.source.clone()))
}
