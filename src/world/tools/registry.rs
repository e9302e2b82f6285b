//! [`Registry`]: all tools, by name. It is no toolbox: calls come from the gate, with what their caller may.

use super::act::Act;
use super::current_time::{self, CurrentTime};
use super::get_state::{self, GetState};
use super::publish::{self, Publish};
use super::read_messages::{self, ReadMessages};
use super::send_message::{self, SendMessage};
use super::set_state::{self, SetState};
use callboard_actors::system::Parts;
use super::permit::Permit;
use callboard_actors::tools::{Caller, Tool, ToolError};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// All tools.
pub struct Registry(BTreeMap<String, (Tool, Held)>);

/// How a tool is carried out.
enum Held {
    /// What it does, the rules have decided before.
    Plain(Box<dyn Act + Send + Sync>),
    /// It comes to things that its arguments do not name, and is made for each call.
    Bound(Box<dyn Fn(Rc<Permit>) -> Box<dyn Act> + Send + Sync>),
}

impl Registry {
    /// Those that ship with the program, at work on these parts.
    pub fn new(parts: &Parts) -> Self {
        let journal = || parts.journal.clone();
        let set = SetState { journal: journal(), turns: parts.turns.clone() };
        let mut registry = Self(BTreeMap::new());
        registry.add(current_time::tool(), CurrentTime(journal()));
        registry.add(get_state::tool(), GetState(journal()));
        registry.add(publish::tool(), Publish(journal()));
        registry.add(read_messages::tool(), ReadMessages(journal()));
        registry.add(send_message::tool(), SendMessage(parts.agents.clone()));
        registry.add(set_state::tool(), set);
        registry
    }

    fn add(&mut self, tool: Tool, act: impl Act + Send + Sync + 'static) {
        self.0.insert(tool.name.clone(), (tool, Held::Plain(Box::new(act))));
    }

    fn bind<A: Act + 'static>(
        &mut self,
        tool: Tool,
        make: impl Fn(Rc<Permit>) -> A + Send + Sync + 'static,
    ) {
        let make = move |permit| -> Box<dyn Act> { Box::new(make(permit)) };
        self.0.insert(tool.name.clone(), (tool, Held::Bound(Box::new(make))));
    }

    /// All that there are, by name.
    pub fn list(&self) -> Vec<Tool> {
        self.0.values().map(|(tool, _)| tool.clone()).collect()
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Option<Tool> {
        self.0.get(name).map(|(tool, _)| tool.clone())
    }

    /// Makes a call that was allowed.
    pub fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
        permit: Rc<Permit>,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
        match self.0.get(&tool.name) {
            Some((_, Held::Plain(act))) => act.call(arguments, caller),
            Some((_, Held::Bound(make))) => make(permit).call(arguments, caller),
            None => {
                let error = ToolError::new(format!("there is no tool {:?} any more", tool.name));
                async move { Err(error) }.boxed_local()
            }
        }
    }
}

/// The tools that ship with the program, for whoever checks definitions without a server.
pub fn schemas() -> Vec<Tool> {
    vec![
        current_time::tool(),
        get_state::tool(),
        publish::tool(),
        read_messages::tool(),
        send_message::tool(),
        set_state::tool(),
    ]
}
