//! [`abilities`]: what nodes of workflows may call, for whoever checks definitions without a server.

use crate::settings::Settings;
use crate::world::tools::schemas;
use callboard_actors::graph::Abilities;
use callboard_actors::tools::Source;

/// What nodes may call under these settings, and which of their runtimes can be given it.
pub fn abilities(settings: &Settings) -> Abilities {
    let programs = settings.runtimes.iter().filter(|(_, runtime)| runtime.kind.runs_a_program());
    let servers = settings.mcp.iter().filter(|(_, server)| server.enabled);
    Abilities {
        tools: schemas().into_iter().map(|tool| (tool.name, tool.parameters)).collect(),
        unlisted: servers.map(|(name, _)| format!("{name}{}", Source::BETWEEN)).collect(),
        programs: programs.map(|(name, _)| name.clone()).collect(),
    }
}
