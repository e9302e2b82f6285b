//! What a turn's process is asked with beside its prompt: standing instructions, tools, and what calls came to. All of it
//! is content, pinned when the process is ordered.

use super::effect::{Ask, Told, Turn};
use super::perform::Tools;
use super::turn::Trouble;
use crate::graph::Agent;
use crate::processes::Pinned;
use crate::tools::{Tool, ToolResult};
use crate::vocabulary::{Durable, Payload, Reference};
use serde::Serialize;
use serde_json::Value;

impl Tools {
    pub(super) async fn pinned(
        &self,
        turn: &Turn,
        agent: &Agent,
        runtime: &str,
    ) -> Result<Pinned, Trouble> {
        let system = agent.system.as_ref().map(|system| system.clone().into_bytes());
        let results = match &turn.ask {
            Ask::Results(told) => self.results(told).await?,
            Ask::Work | Ask::Mend { .. } => Vec::new(),
        };
        self.toolset.ready(&agent.tools).await;
        let tools = self.tools_of(agent, runtime)?;
        let schema = agent.output.as_ref().map(|schema| schema.to_string().into_bytes());
        Ok(Pinned {
            system: self.put("the standing instructions", system).await?,
            tools: self.put("the tools", list(&tools)?).await?,
            results: self.put("what its calls came to", list(&results)?).await?,
            schema: self.put("the form of its answer", schema).await?,
        })
    }

    async fn put(
        &self,
        what: &str,
        content: Option<Vec<u8>>,
    ) -> Result<Option<Durable<Reference>>, Trouble> {
        let Some(content) = content else { return Ok(None) };
        let put = self.journal().put(content).await;
        put.map(Some).map_err(|error| Trouble::disk(what, &error))
    }

    /// What the agent may call, as it is now: what is told is what is there.
    fn tools_of(&self, agent: &Agent, runtime: &str) -> Result<Vec<Tool>, Trouble> {
        let names = &agent.tools;
        if let Some(error) = self.no_tools_at(runtime).filter(|_| !names.is_empty()) {
            return Err(Trouble::NoTool(error));
        }
        let all: Vec<String> = self.toolset.list().into_iter().map(|tool| tool.name).collect();
        let tools = names.iter().map(|name| self.toolset.find(name, &all));
        let tools: Result<Vec<_>, _> = tools.collect();
        tools.map_err(|error| Trouble::NoTool(error.error))
    }

    /// Why a runtime's models can be given no tools, if it is so.
    fn no_tools_at(&self, runtime: &str) -> Option<String> {
        let defaults = (self.defaults)();
        defaults.runtimes.get(runtime).filter(|defaults| defaults.runs_a_program)?;
        let able = defaults.runtimes.iter().filter(|(_, of)| !of.runs_a_program);
        let able: Vec<&str> = able.map(|(name, _)| name.as_str()).collect();
        Some(format!(
            "the runtime {runtime:?} runs a program, which cannot be given tools: choose one of {}",
            able.join(", ")
        ))
    }

    async fn results(&self, told: &[Told]) -> Result<Vec<ToolResult>, Trouble> {
        let mut results = Vec::with_capacity(told.len());
        for Told { call, result, is_error } in told {
            let (id, name) = (call.id.clone(), call.name.clone());
            let content = self.value(result).await?;
            results.push(ToolResult { id, name, content, is_error: *is_error });
        }
        Ok(results)
    }

    pub(super) async fn value(&self, payload: &Payload) -> Result<Value, Trouble> {
        let value = self.journal().value(payload).await;
        value.map_err(|error| Trouble::read(&error, "what a call is about"))
    }
}

/// As JSON; `None`: it is empty.
fn list<T: Serialize>(items: &[T]) -> Result<Option<Vec<u8>>, Trouble> {
    if items.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(items);
    text.map(Some).map_err(|error| Trouble::Final(format!("failed to write it down: {error}")))
}
