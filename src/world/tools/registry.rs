//! [`Registry`]: all tools, by name. It is no toolbox: calls come from the gate, with what their caller may.

use super::act::Act;
use super::check_rules::{self, CheckRules};
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
use super::permit::Permit;
use super::publish::{self, Publish};
use super::read_file::{self, ReadFile};
use super::read_messages::{self, ReadMessages};
use super::run_command::{self, RunCommand};
use super::search_text::{self, SearchText};
use super::send_message::{self, SendMessage};
use super::set_state::{self, SetState};
use super::web::{self, FetchDocumentation, Guard, PerplexitySearch};
use super::write_file::{self, WriteFile};
use super::writing::{self, WriteAdr, WriteApiDocs};
use crate::world::command::sweep;
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::Estimate;
use callboard_actors::workspaces::Workspaces;
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
        registry.files(read_file::tool(), parts, ReadFile);
        registry.files(list_files::tool(), parts, ListFiles);
        registry.files(search_text::tool(), parts, SearchText);
        registry.files(write_file::tool(), parts, WriteFile);
        registry.files(edit_file::tool(), parts, EditFile);
        registry.files(delete_file::tool(), parts, DeleteFile);
        registry.files(move_file::tool(), parts, MoveFile);
        sweep(parts.workspaces.guard());
        let workspaces = parts.workspaces.clone();
        let bound = workspaces.clone();
        let journal = parts.journal.clone();
        let check = move |permit| CheckRules::new(bound.clone(), journal.clone(), permit);
        registry.bind(check_rules::tool(), check);
        let journal = parts.journal.clone();
        let run = move |permit| {
            let (workspaces, journal) = (workspaces.clone(), journal.clone());
            RunCommand { workspaces, journal, permit }
        };
        registry.bind(run_command::tool(), run);
        registry
    }

    /// What understands code.
    fn understanding(&mut self, parts: &Parts) {
        self.files(code::parse_code(), parts, ParseCode);
        self.files(code::validate_syntax(), parts, ValidateSyntax);
        self.files(code::find_issues(), parts, FindIssues);
        let (files, cache) = (parts.workspaces.clone(), code::cache());
        self.bind(code::analyze_codebase(), move |permit| {
            AnalyzeCodebase::new(permit.bounded(&files), cache.clone())
        });
    }

    /// What draws, and writes documents.
    fn writing(&mut self, parts: &Parts) {
        let (files, clock) = (parts.workspaces.clone(), parts.journal.clock().clone());
        self.bind(writing::write_adr(), move |permit| WriteAdr {
            workspaces: permit.bounded(&files),
            clock: clock.clone(),
        });
        self.files(writing::write_api_docs(), parts, WriteApiDocs);
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

    /// One that works with files: it gets the workspaces as far as its caller may see and change them.
    fn files<A: Act + 'static>(&mut self, tool: Tool, parts: &Parts, make: fn(Workspaces) -> A) {
        let workspaces = parts.workspaces.clone();
        self.bind(tool, move |permit| make(permit.bounded(&workspaces)));
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

    /// What a call may cost at most, where it asks others who are paid.
    pub fn estimate(&self, tool: &Tool, arguments: &Value) -> Option<Estimate> {
        match &self.0.get(&tool.name)?.1 {
            Held::Plain(act) => act.estimate(arguments),
            // They stay in the workspace.
            Held::Bound(_) => None,
        }
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
        check_rules::tool(),
        run_command::tool(),
    ]
}
