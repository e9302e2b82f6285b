//! [`Registry`]: all tools, by name.

use super::act::Act;
use super::code::{self, AnalyzeCodebase, FindIssues, ParseCode, ValidateSyntax};
use super::current_time::{self, CurrentTime};
use super::delete_file::{self, DeleteFile};
use super::drawing::{self, Draw};
use super::edit_file::{self, EditFile};
use super::get_state::{self, GetState};
use super::list_files::{self, ListFiles};
use super::memory::{self, Knowledge, Learn, MemorySearch, MemoryStore, Suggest};
use super::move_file::{self, MoveFile};
use super::outside::Outside;
use super::publish::{self, Publish};
use super::read_file::{self, ReadFile};
use super::read_messages::{self, ReadMessages};
use super::search_text::{self, SearchText};
use super::send_message::{self, SendMessage};
use super::set_state::{self, SetState};
use super::web::{self, FetchDocumentation, Guard, PerplexitySearch};
use super::write_file::{self, WriteFile};
use super::writing::{self, WriteAdr, WriteApiDocs};
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Tool, ToolError, Toolbox};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use std::collections::BTreeMap;

/// All tools.
pub struct Registry(BTreeMap<String, (Tool, Box<dyn Act>)>);

impl Registry {
    /// Those that ship with the program, at work on these parts.
    pub fn new(parts: &Parts, outside: Outside) -> Self {
        let journal = || parts.journal.clone();
        let set = SetState { journal: journal(), turns: parts.turns.clone() };
        let mut registry = Self(BTreeMap::new());
        registry.add(current_time::tool(), CurrentTime(journal()));
        registry.add(get_state::tool(), GetState(journal()));
        registry.add(publish::tool(), Publish(journal()));
        registry.add(read_messages::tool(), ReadMessages(journal()));
        registry.add(send_message::tool(), SendMessage(parts.agents.clone()));
        registry.add(set_state::tool(), set);
        registry.understanding(parts);
        registry.writing(parts);
        registry.knowing(parts, outside);
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

    /// What understands code.
    fn understanding(&mut self, parts: &Parts) {
        let files = || parts.workspaces.clone();
        self.add(code::parse_code(), ParseCode(files()));
        self.add(code::validate_syntax(), ValidateSyntax(files()));
        self.add(code::find_issues(), FindIssues(files()));
        self.add(code::analyze_codebase(), AnalyzeCodebase::new(files()));
    }

    /// What draws, and writes documents.
    fn writing(&mut self, parts: &Parts) {
        let (workspaces, clock) = (parts.workspaces.clone(), parts.journal.clock().clone());
        self.add(writing::write_adr(), WriteAdr { workspaces: workspaces.clone(), clock });
        self.add(writing::write_api_docs(), WriteApiDocs(workspaces));
        self.add(drawing::mermaid_tool(), Draw::Mermaid);
        self.add(drawing::graphviz_tool(), Draw::Graphviz);
    }

    /// What remembers, learns and looks outside.
    fn knowing(&mut self, parts: &Parts, outside: Outside) {
        let Outside { memories, embedder, researcher, private_hosts } = outside;
        let home = parts.journal.home().root().to_owned();
        let knowledge = Knowledge::new(memories, home, parts.journal.clock().clone(), embedder);
        let of = || knowledge.clone();
        self.add(memory::memory_store(), MemoryStore(of()));
        self.add(memory::memory_search(), MemorySearch(of()));
        self.add(memory::success(), Learn { knowledge: of(), worked: true });
        self.add(memory::failure(), Learn { knowledge: of(), worked: false });
        self.add(memory::approach(), Suggest { knowledge: of(), only_patterns: false });
        self.add(memory::patterns(), Suggest { knowledge: of(), only_patterns: true });
        self.add(web::fetch_documentation(), FetchDocumentation(Guard::new(private_hosts)));
        self.add(web::perplexity_search(), PerplexitySearch(researcher));
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
        code::analyze_codebase(),
        current_time::tool(),
        web::fetch_documentation(),
        code::find_issues(),
        drawing::graphviz_tool(),
        drawing::mermaid_tool(),
        get_state::tool(),
        memory::failure(),
        memory::success(),
        memory::memory_search(),
        memory::memory_store(),
        code::parse_code(),
        web::perplexity_search(),
        publish::tool(),
        read_messages::tool(),
        send_message::tool(),
        set_state::tool(),
        memory::approach(),
        memory::patterns(),
        code::validate_syntax(),
        writing::write_adr(),
        writing::write_api_docs(),
        read_file::tool(),
        list_files::tool(),
        search_text::tool(),
        write_file::tool(),
        edit_file::tool(),
        delete_file::tool(),
        move_file::tool(),
    ]
}
