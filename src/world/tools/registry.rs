//! [`Registry`]: all tools, by name.

use super::act::Act;
use super::current_time::{self, CurrentTime};
use super::delete_file::{self, DeleteFile};
use super::edit_file::{self, EditFile};
use super::get_state::{self, GetState};
use super::list_files::{self, ListFiles};
use super::move_file::{self, MoveFile};
use super::publish::{self, Publish};
use super::read_file::{self, ReadFile};
use super::read_messages::{self, ReadMessages};
use super::search_text::{self, SearchText};
use super::send_message::{self, SendMessage};
use super::set_state::{self, SetState};
use super::write_file::{self, WriteFile};
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Tool, ToolError, Toolbox};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use std::collections::BTreeMap;

/// All tools.
pub struct Registry(BTreeMap<String, (Tool, Box<dyn Act>)>);

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
        let files = || parts.workspaces.clone();
        registry.add(read_file::tool(), ReadFile(files()));
        registry.add(list_files::tool(), ListFiles(files()));
        registry.add(search_text::tool(), SearchText(files()));
        registry.add(write_file::tool(), WriteFile(files()));
        registry.add(edit_file::tool(), EditFile(files()));
        registry.add(delete_file::tool(), DeleteFile(files()));
        registry.add(move_file::tool(), MoveFile(files()));
        registry
    }

    fn add(&mut self, tool: Tool, act: impl Act + 'static) {
        self.0.insert(tool.name.clone(), (tool, Box::new(act)));
    }
}

impl Toolbox for Registry {
    fn list(&self) -> Vec<Tool> {
        self.0.values().map(|(tool, _)| tool.clone()).collect()
    }

    fn find(&self, name: &str) -> Option<Tool> {
        self.0.get(name).map(|(tool, _)| tool.clone())
    }

    fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
        if let Some((_, act)) = self.0.get(&tool.name) {
            return act.call(arguments, caller);
        }
        let error = ToolError::new(format!("there is no tool {:?} any more", tool.name));
        async move { Err(error) }.boxed_local()
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
        read_file::tool(),
        list_files::tool(),
        search_text::tool(),
        write_file::tool(),
        edit_file::tool(),
        delete_file::tool(),
        move_file::tool(),
    ]
}
