//! Settings become MCP servers.

use super::runtimes::variables;
use crate::settings::{Mcp, McpPermission, McpReach, McpRepeat, Settings};
use crate::world::mcp::{Hidden, Program, Reach, ServerSpec};
use crate::world::shell::inherited;
use callboard_actors::tools::{Permission, Repeat};

/// The servers that are to be used.
pub(super) fn specs(settings: &Settings) -> Vec<ServerSpec> {
    let used = settings.mcp.iter().filter(|(_, server)| server.enabled);
    used.map(|(name, server)| spec(name, server)).collect()
}

fn spec(name: &str, server: &Mcp) -> ServerSpec {
    let repeats = server.repeat_of.iter();
    ServerSpec {
        name: name.to_owned(),
        reach: reach(&server.reach),
        timeout_s: server.timeout_s.get(),
        repeat: repeat(server.repeat),
        repeat_of: repeats.map(|(tool, said)| (tool.clone(), repeat(*said))).collect(),
        needs: needs(server.permission),
        trust_hints: server.trust_hints,
        tools: server.tools.clone(),
    }
}

fn reach(reach: &McpReach) -> Reach {
    match reach {
        McpReach::Program { command, args, env, inherit, cwd } => {
            let mut variables = inherited(variables(), inherit);
            variables.extend(env.expose());
            Reach::Program(Program {
                command: command.clone(),
                args: args.clone(),
                folder: cwd.clone().unwrap_or_else(|| ".".into()),
                variables: Hidden(variables),
            })
        }
        McpReach::Address { url, headers } => {
            Reach::Address { url: url.clone(), headers: Hidden(headers.expose().collect()) }
        }
    }
}

fn repeat(said: McpRepeat) -> Repeat {
    match said {
        McpRepeat::Safe => Repeat::Safe,
        McpRepeat::Ask => Repeat::Ask,
    }
}

fn needs(permission: McpPermission) -> Permission {
    match permission {
        McpPermission::CanReadFiles => Permission::ReadFiles,
        McpPermission::CanWriteFiles => Permission::WriteFiles,
        McpPermission::CanAnalyzeCodebase => Permission::AnalyzeCodebase,
        McpPermission::CanRunCommands => Permission::RunCommands,
        McpPermission::CanWebSearch => Permission::WebSearch,
        McpPermission::CanFetch => Permission::Fetch,
        McpPermission::CanUseMemory => Permission::UseMemory,
        McpPermission::CanSendMessages => Permission::SendMessages,
        McpPermission::CanUseState => Permission::UseState,
        McpPermission::CanUseMcp => Permission::UseMcp,
        McpPermission::CanCallOtherTools => Permission::CallOtherTools,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_called_here_as_the_rules_call_them() {
        let all = Permission::ALL.map(Permission::key);
        for key in all {
            let said: McpPermission = serde_json::from_value(key.into()).unwrap();
            assert_eq!(needs(said).key(), key);
        }
    }
}
