//! From what is said to what is meant: a profile is the default with what is said of it in its place; what nobody has
//! said, an agent or a node may not, while a bound around a workflow leaves it as it is. Denials add up.

use super::command::Allowed;
use super::document::{BudgetsSaid, CommandSaid, PathsSaid, Said};
use super::globs::Globs;
use super::grant::{Budgets, Denials, Grant};
use super::hosts::Hosts;
use super::paths::OUR_OWN;
use callboard_actors::tools::Permission;

/// What is meant where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It is not allowed.
    Refuses,
    /// It is as whoever stands above says.
    LeavesAsItIs,
}

impl Said {
    /// What is said of one permission.
    pub(super) fn of(&self, permission: Permission) -> Option<bool> {
        match permission {
            Permission::Nothing => Some(true),
            Permission::ReadFiles => self.can_read_files,
            Permission::WriteFiles => self.can_write_files,
            Permission::AnalyzeCodebase => self.can_analyze_codebase,
            Permission::RunCommands => self.can_run_commands,
            Permission::WebSearch => self.can_web_search,
            Permission::Fetch => self.can_fetch,
            Permission::UseMemory => self.can_use_memory,
            Permission::SendMessages => self.can_send_messages,
            Permission::UseState => self.can_use_state,
            Permission::UseMcp => self.can_use_mcp,
            Permission::CallOtherTools => self.can_call_other_tools,
        }
    }

    /// This, with what another says in its place.
    pub(super) fn but(&self, other: &Self) -> Self {
        Self {
            can_read_files: other.can_read_files.or(self.can_read_files),
            can_write_files: other.can_write_files.or(self.can_write_files),
            can_analyze_codebase: other.can_analyze_codebase.or(self.can_analyze_codebase),
            can_run_commands: other.can_run_commands.or(self.can_run_commands),
            can_web_search: other.can_web_search.or(self.can_web_search),
            can_fetch: other.can_fetch.or(self.can_fetch),
            can_use_memory: other.can_use_memory.or(self.can_use_memory),
            can_send_messages: other.can_send_messages.or(self.can_send_messages),
            can_use_state: other.can_use_state.or(self.can_use_state),
            can_use_mcp: other.can_use_mcp.or(self.can_use_mcp),
            can_call_other_tools: other.can_call_other_tools.or(self.can_call_other_tools),
            paths: self.paths.but(&other.paths),
            hosts: other.hosts.clone().or_else(|| self.hosts.clone()),
            tools: other.tools.clone().or_else(|| self.tools.clone()),
            commands: other.commands.clone().or_else(|| self.commands.clone()),
            budgets: self.budgets.but(&other.budgets),
        }
    }

    /// What it means.
    pub(super) fn grant(&self, denied: &[String], silence: Silence) -> Result<Grant, String> {
        let is_silent_yes = silence == Silence::LeavesAsItIs;
        let allowed = Permission::ALL.into_iter();
        let allowed = allowed.filter(|permission| self.of(*permission).unwrap_or(is_silent_yes));
        let none = (!is_silent_yes).then(Vec::new);
        // Who may read or write at all, and of whom no more is said, may in the whole workspace.
        let globs = |said: &Option<Vec<String>>| {
            said.as_ref().map(|said| Globs::new(said, false)).transpose()
        };
        let own = OUR_OWN.map(str::to_owned);
        let denials = Denials { house: own.len(), top: denied.len() };
        let denied: Vec<String> =
            own.iter().chain(denied).chain(&self.paths.deny).cloned().collect();
        let hosts = self.hosts.clone().or_else(|| none.clone());
        let tools = self.tools.clone().or_else(|| none.clone());
        let commands = self.commands.clone().or_else(|| none.map(|_| Vec::new()));
        Ok(Grant {
            permissions: allowed.collect(),
            read: globs(&self.paths.read)?,
            write: globs(&self.paths.write)?,
            deny: Globs::new(&denied, true)?,
            denials,
            kept: Vec::new(),
            hosts: hosts.as_deref().map(Hosts::new).transpose()?,
            says_hosts: self.hosts.is_some(),
            tools: tools.as_deref().map(|tools| Globs::new(tools, false)).transpose()?,
            commands: commands.as_deref().map(compiled).transpose()?,
            budgets: self.budgets.meant(),
        })
    }
}

fn compiled(commands: &[CommandSaid]) -> Result<Vec<Allowed>, String> {
    let each = commands.iter().map(|said| match said {
        CommandSaid::Line(line) => Allowed::new(line, false, None),
        CommandSaid::Full(full) => Allowed::new(&full.run, full.network, full.timeout_s),
    });
    each.collect()
}

impl PathsSaid {
    fn but(&self, other: &Self) -> Self {
        Self {
            read: other.read.clone().or_else(|| self.read.clone()),
            write: other.write.clone().or_else(|| self.write.clone()),
            deny: self.deny.iter().chain(&other.deny).cloned().collect(),
        }
    }
}

impl BudgetsSaid {
    fn but(&self, other: &Self) -> Self {
        let mut calls = self.calls.clone();
        calls.extend(other.calls.clone());
        Self {
            calls,
            bytes_written: other.bytes_written.or(self.bytes_written),
            command_seconds: other.command_seconds.or(self.command_seconds),
        }
    }

    fn meant(&self) -> Budgets {
        let Self { calls, bytes_written, command_seconds } = self.clone();
        Budgets { calls, bytes_written, command_seconds }
    }
}
