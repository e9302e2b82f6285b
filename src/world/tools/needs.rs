//! [`need`]: what a tool's caller has to be allowed, by the tool's name. A tool that has no line here needs
//! `can_call_other_tools`, which is granted to nobody by default: whoever adds a tool adds a line.

use callboard_actors::tools::Permission;

/// What a tool's caller has to be allowed.
pub(super) fn need(tool: &str) -> Permission {
    match tool {
        "current_time" | "generate_mermaid_diagram" | "generate_graphviz_diagram" => {
            Permission::Nothing
        }
        "read_file" | "list_files" | "search_text" | "check_rules" => Permission::ReadFiles,
        "write_file" | "edit_file" | "delete_file" | "move_file" | "write_adr"
        | "write_api_docs" => Permission::WriteFiles,
        "parse_code" | "validate_syntax" | "find_issues" | "analyze_codebase" => {
            Permission::AnalyzeCodebase
        }
        "memory_store" | "memory_search" | "learn_from_success" | "learn_from_failure"
        | "suggest_approach" | "suggest_patterns" => Permission::UseMemory,
        "fetch_documentation" => Permission::Fetch,
        "perplexity_search" => Permission::WebSearch,
        "run_command" => Permission::RunCommands,
        "get_state" | "set_state" => Permission::UseState,
        "publish" | "read_messages" | "send_message" => Permission::SendMessages,
        _ => Permission::CallOtherTools,
    }
}
