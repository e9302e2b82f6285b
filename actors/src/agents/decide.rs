//! What an agent answers to what it is asked.

use super::command::{Changes, Command, Refusal, Registration};
use super::event::Event;
use super::state::{Agent, Facts, Status};
use crate::machine::{Context, Machine};
use crate::vocabulary::{AgentId, Timestamp};

impl Agent {
    pub(super) fn answer(
        &self,
        command: &Command,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let at = context.now;
        if let Command::Register(registration) = command {
            return self.register(registration, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        let agent_id = facts.agent_id.clone();
        match command {
            Command::Register(_) => Err(Refusal::Exists),
            Command::Disconnect { connection, why } => Ok(facts.disconnect(connection, why, at)),
            Command::BeginProcess { process_id, session_id } => {
                let (process_id, session_id) = (process_id.clone(), session_id.clone());
                Ok(vec![Event::ProcessBegun { agent_id, process_id, session_id, at }])
            }
            Command::EndProcess { process_id, outcome } => {
                let (process_id, outcome) = (process_id.clone(), *outcome);
                Ok(vec![Event::ProcessEnded { agent_id, process_id, outcome, at }])
            }
            _ if !facts.is_registered => Err(Refusal::Unregistered),
            Command::Update(changes) => {
                Ok(vec![Event::Updated { agent_id, changes: changes.clone(), at }])
            }
            Command::Unregister { by } => {
                let mut events = facts.hang_up("it was unregistered", at);
                events.push(Event::Unregistered { agent_id, by: by.clone(), at });
                Ok(events)
            }
            Command::Connect { connection } => Ok(facts.connect(connection, at)),
            Command::Receive(letter) => {
                Ok(vec![Event::Messaged { agent_id, letter: letter.clone(), at }])
            }
        }
    }

    fn register(
        &self,
        registration: &Registration,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.facts.as_ref().is_some_and(|facts| facts.is_registered) {
            return Err(Refusal::Exists);
        }
        let agent_id = AgentId(context.stream.name.clone());
        let registration = registration.clone();
        Ok(vec![Event::Registered { agent_id, registration, at: context.now }])
    }

    /// Adds the word that the status has changed, if it will have.
    pub(super) fn with_state_change(
        &self,
        mut events: Vec<Event>,
        context: &Context<'_>,
    ) -> Vec<Event> {
        let mut next = self.clone();
        for event in &events {
            next.apply(event);
        }
        let (from, to): (Status, Status) = (self.status(), next.status());
        if from != to {
            let agent_id = AgentId(context.stream.name.clone());
            events.push(Event::StateChanged { agent_id, from, to, at: context.now });
        }
        events
    }
}

impl Facts {
    /// The newest connection speaks for it: it is the one that somebody has just opened.
    fn connect(&self, connection: &str, at: Timestamp) -> Vec<Event> {
        if self.connection.as_deref() == Some(connection) {
            return Vec::new();
        }
        let mut events = self.hang_up("another connection took over", at);
        let (agent_id, connection) = (self.agent_id.clone(), connection.to_owned());
        events.push(Event::Connected { agent_id, connection, at });
        events
    }

    fn disconnect(&self, connection: &str, why: &str, at: Timestamp) -> Vec<Event> {
        // Another one has taken over: this one's end changes nothing.
        if self.connection.as_deref() == Some(connection) {
            self.hang_up(why, at)
        } else {
            Vec::new()
        }
    }

    fn hang_up(&self, why: &str, at: Timestamp) -> Vec<Event> {
        let event = self.connection.as_ref().map(|connection| Event::Disconnected {
            agent_id: self.agent_id.clone(),
            connection: connection.clone(),
            why: why.to_owned(),
            at,
        });
        event.into_iter().collect()
    }
}

impl Changes {
    /// What they make of a registration.
    pub(super) fn apply_to(&self, registration: &mut Registration) {
        let Self { profile, display_name, capabilities, permissions } = self.clone();
        let Registration { profile: p, display_name: d, capabilities: c, permissions: r } =
            registration;
        *p = profile.unwrap_or_else(|| p.clone());
        *d = display_name.unwrap_or_else(|| d.clone());
        *c = capabilities.unwrap_or_else(|| c.clone());
        *r = permissions.unwrap_or_else(|| r.clone());
    }
}
