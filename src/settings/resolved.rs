//! [`Settings`]: the settings as a whole, with their defaults filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::document::Document;
use super::error::Problem;
use super::mcp::{Mcp, McpReach, resolve_servers};
use super::models::Models;
use super::runtime_document::resolve_runtimes;
use super::runtimes::{Runtime, RuntimeKind};
use super::sections::{
    Agents, Cleanup, Entities, Http, Journal, Log, Metrics, Monitor, Processes, Rules, Supervision,
    Templates, Web, Workflows, Workspaces,
};

/// Everything an operator may set. Loaded settings are checked, and their paths are absolute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// The folder that holds everything Callboard knows. Default `.callboard` in the working directory.
    pub home: PathBuf,
    /// The SQLite file. Default `callboard.db` in the home.
    pub database: PathBuf,
    /// The first word of all our topics. Default `claude`.
    pub topic_root: String,
    /// `[http]`
    pub http: Http,
    /// `[log]`
    pub log: Log,
    /// `[processes]`
    pub processes: Processes,
    /// `[runtimes.NAME]`; `replay`, `anthropic`, `openai`, `perplexity` and `claude` exist always.
    pub runtimes: BTreeMap<String, Runtime>,
    /// `[models]`
    pub models: Models,
    /// `[mcp.NAME]`
    pub mcp: BTreeMap<String, Mcp>,
    /// `[entities]`
    pub entities: Entities,
    /// `[journal]`
    pub journal: Journal,
    /// `[supervision]`
    pub supervision: Supervision,
    /// `[cleanup]`
    pub cleanup: Cleanup,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[monitor]`
    pub monitor: Monitor,
    /// `[templates]`
    pub templates: Templates,
    /// `[agents]`
    pub agents: Agents,
    /// `[workflows]`
    pub workflows: Workflows,
    /// `[rules]`
    pub rules: Rules,
    /// `[web]`
    pub web: Web,
    /// `[workspaces]`
    pub workspaces: Workspaces,
}

impl Settings {
    /// Fills in the defaults and makes the paths absolute.
    pub(super) fn resolve(document: Document, directory: &Path) -> Result<Self, Problem> {
        let home = within(directory, &document.home.unwrap_or_else(|| ".callboard".into()));
        let mut runtimes = resolve_runtimes(document.runtimes)?;
        for runtime in runtimes.values_mut() {
            place_runtime(runtime, directory);
        }
        let mut mcp = resolve_servers(document.mcp)?;
        for server in mcp.values_mut() {
            place_server(server, directory);
        }
        Ok(Self {
            database: document
                .database
                .map_or_else(|| home.join("callboard.db"), |path| within(directory, &path)),
            templates: Templates { folder: within(&home, &document.templates.folder) },
            agents: Agents { folder: within(directory, &document.agents.folder) },
            workflows: Workflows { folder: within(directory, &document.workflows.folder) },
            rules: Rules { file: within(directory, &document.rules.file) },
            workspaces: Workspaces {
                roots: document
                    .workspaces
                    .roots
                    .iter()
                    .map(|root| within(directory, root))
                    .collect(),
            },
            home,
            topic_root: document.topic_root.unwrap_or_else(|| "claude".into()),
            http: document.http,
            log: document.log,
            processes: document.processes,
            runtimes,
            models: document.models.resolve()?,
            mcp,
            entities: document.entities,
            journal: document.journal,
            supervision: document.supervision,
            cleanup: document.cleanup,
            metrics: document.metrics,
            monitor: document.monitor,
            web: document.web,
        })
    }
}

impl Default for Settings {
    /// The built-in defaults, with paths relative to the working directory.
    fn default() -> Self {
        Self::resolve(Document::default(), Path::new("")).expect("the defaults need no repair")
    }
}

fn place_runtime(runtime: &mut Runtime, directory: &Path) {
    if let Some(record) = &mut runtime.record {
        *record = within(directory, record);
    }
    match &mut runtime.kind {
        RuntimeKind::Replay { folder } => *folder = within(directory, folder),
        RuntimeKind::Claude(claude) => {
            claude.cwd = Some(within(directory, claude.cwd.as_deref().unwrap_or(Path::new(""))));
            claude.mcp_config = claude.mcp_config.take().map(|file| within(directory, &file));
            claude.command = place_program(&claude.command, directory);
        }
        RuntimeKind::Cli(cli) => {
            cli.cwd = Some(within(directory, cli.cwd.as_deref().unwrap_or(Path::new(""))));
            cli.command = place_program(&cli.command, directory);
        }
        RuntimeKind::Anthropic(_)
        | RuntimeKind::Openai(_)
        | RuntimeKind::Perplexity(_)
        | RuntimeKind::OpenaiCompatible(_) => {}
    }
}

fn place_server(server: &mut Mcp, directory: &Path) {
    if let McpReach::Program { command, cwd, .. } = &mut server.reach {
        *cwd = Some(within(directory, cwd.as_deref().unwrap_or(Path::new(""))));
        *command = place_program(command, directory);
    }
}

/// A program that is named by a path, not only by its name, is meant as seen from the folder.
fn place_program(command: &str, directory: &Path) -> String {
    if command.contains('/') {
        within(directory, Path::new(command)).to_string_lossy().into_owned()
    } else {
        command.to_owned()
    }
}

/// The path as seen from a folder, without `.` on the way.
fn within(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path).components().collect()
}
