//! [`Line`]: what a session's file gets of an answer.

use super::execute::{Executed, Work};
use crate::processes::metrics::Metrics;
use crate::processes::source::Source;
use crate::tools::{ToolCall, ToolResult};
use crate::vocabulary::{Hash, Timestamp};
use serde::Serialize;

/// The line that a session's file gets of an answer.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    r#type: &'static str,
    session_id: &'a str,
    process_id: &'a str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    runtime: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a Hash>,
    prompt: &'a str,
    #[serde(skip_serializing_if = "<[ToolResult]>::is_empty")]
    tool_results: &'a [ToolResult],
    content: &'a str,
    #[serde(skip_serializing_if = "<[ToolCall]>::is_empty")]
    tool_calls: &'a [ToolCall],
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_session: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    denials: &'a [String],
    #[serde(skip_serializing_if = "<[Source]>::is_empty")]
    sources: &'a [Source],
    #[serde(skip_serializing_if = "is_none")]
    tokens_cached: u64,
    #[serde(skip_serializing_if = "is_none")]
    tokens_reasoning: u64,
    metrics: Metrics,
    timestamp: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl<'a> Line<'a> {
    pub(super) fn of(
        work: &'a Work,
        executed: &'a Executed,
        metrics: Metrics,
        timestamp: Timestamp,
    ) -> Self {
        let attempt = &work.attempt;
        Self {
            r#type: "claude",
            session_id: attempt.session_id.0.as_str(),
            process_id: attempt.process_id.0.as_str(),
            attempt: attempt.number,
            agent_id: attempt.agent_id.as_ref().map(|agent| agent.0.as_str()),
            runtime: &attempt.runtime,
            model: &executed.model,
            label: executed.label.as_deref(),
            system: attempt.pinned.system.as_ref().map(|system| &system.hash),
            tools: attempt.pinned.tools.as_ref().map(|tools| &tools.hash),
            prompt: &work.prompt,
            tool_results: &work.results,
            content: &executed.content,
            tool_calls: &executed.calls,
            stop_reason: executed.stop_reason.as_deref(),
            provider_session: executed.provider_session.as_deref(),
            denials: &executed.denials,
            sources: &executed.sources,
            tokens_cached: executed.tokens_cached,
            tokens_reasoning: executed.tokens_reasoning,
            metrics,
            timestamp,
        }
    }
}
