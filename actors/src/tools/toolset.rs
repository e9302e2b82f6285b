//! [`Toolbox`]: the seam behind which tools are carried out; and [`Toolset`], through which everybody calls them: what
//! holds for any tool is looked after there.

use super::caller::Caller;
use super::error::ToolError;
use super::source::Source;
use super::tool::{Repeat, Tool};
use crate::graph::check_value;
use crate::vocabulary::{DEEPEST, Estimate, is_too_deep, nearest};
use futures::future::LocalBoxFuture;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Tools, and how they are carried out.
pub trait Toolbox: Send + Sync + 'static {
    /// All that there are, by name. Who asks again may get others.
    fn list(&self) -> Vec<Tool>;

    /// The one of this name.
    fn find(&self, name: &str) -> Option<Tool> {
        self.list().into_iter().find(|tool| tool.name == name)
    }

    /// Where those come from that are not the program's own.
    fn sources(&self) -> Vec<Source> {
        Vec::new()
    }

    /// Waits until it is known whether there are tools of these names, as long as that makes sense: who offers them may
    /// only be starting.
    fn ready(&self, _: &[String]) -> LocalBoxFuture<'static, ()> {
        Box::pin(async {})
    }

    /// What a call may cost at most, of those who are paid and whom it asks; `None`: it asks nobody who is. Who asks again
    /// may be told otherwise.
    fn estimate(&self, _tool: &Tool, _arguments: &Value) -> Option<Estimate> {
        None
    }

    /// Makes a call whose arguments fit. The future may be dropped at any await, when nobody wants the result any more
    /// or it took too long: whatever it has started has to go with it.
    fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>>;
}

/// Tools, for whoever calls them. Clones share them.
#[derive(Clone)]
pub struct Toolset(Arc<dyn Toolbox>);

impl std::fmt::Debug for Toolset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.list().into_iter().map(|tool| tool.name).collect();
        f.debug_tuple("Toolset").field(&names).finish()
    }
}

impl Default for Toolset {
    /// Without any.
    fn default() -> Self {
        Self::new(Empty)
    }
}

impl Toolset {
    const FIRST_PAUSE: Duration = Duration::from_millis(50);
    const LONGEST_PAUSE: Duration = Duration::from_secs(2);
    /// So often a call that does no harm is made again when whoever was to do it has gone in the middle of it. Should it be
    /// the call that ends him, it does not go on for ever.
    const MOST_LOST: u32 = 2;

    /// These tools.
    pub fn new(toolbox: impl Toolbox) -> Self {
        Self(Arc::new(toolbox))
    }

    /// All that there are, by name.
    pub fn list(&self) -> Vec<Tool> {
        self.0.list()
    }

    /// Where those come from that are not the program's own.
    pub fn sources(&self) -> Vec<Source> {
        self.0.sources()
    }

    /// Waits until it is known whether there are tools of these names.
    pub async fn ready(&self, names: &[String]) {
        self.0.ready(names).await;
    }

    /// The one of this name; else what is wrong with the name. `known` are those that the caller may call.
    ///
    /// # Errors
    /// If there is none, or it is not among them.
    pub fn find(&self, name: &str, known: &[String]) -> Result<Tool, ToolError> {
        let is_known = known.iter().any(|known| known == name);
        self.0.find(name).filter(|_| is_known).ok_or_else(|| self.missing(name, known))
    }

    fn missing(&self, name: &str, known: &[String]) -> ToolError {
        let sources = self.sources();
        match sources.iter().find(|source| source.would_have(name) && !source.is_up) {
            Some(Source { name: source, state, .. }) => ToolError::new(format!(
                "the tool {name} is not there, because {source} is not up: {state}"
            )),
            None => unknown(name, known),
        }
    }

    /// What a call may cost at most, of those who are paid; `None`: it asks nobody who is, or its arguments do not fit.
    pub fn estimate(&self, tool: &Tool, arguments: &Value) -> Option<Estimate> {
        check(tool, arguments).ok()?;
        self.0.estimate(tool, arguments)
    }

    /// Makes a call: its arguments are looked at, it ends in time, and what only stands in its way for a moment is waited
    /// for.
    ///
    /// # Errors
    /// If it came to nothing, in words for whoever called.
    pub async fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> Result<Value, ToolError> {
        check(tool, &arguments)?;
        let limit = Duration::from_secs(tool.timeout_s.into());
        let work = self.until_settled(tool, arguments, caller);
        let settled = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            let (name, seconds) = (&tool.name, tool.timeout_s);
            Err(ToolError::new(format!(
                "{name} took longer than {seconds} s and was stopped: what it does may have been done in part"
            )))
        });
        readable(&tool.name, settled?)
    }

    async fn until_settled(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> Result<Value, ToolError> {
        let (mut pause, mut lost) = (Self::FIRST_PAUSE, 0);
        loop {
            match self.0.call(tool, arguments.clone(), caller.clone()).await {
                Err(error) if error.is_passing && tool.repeat == Repeat::Safe => {
                    tracing::warn!(tool = tool.name, %error, "failed to call a tool: trying again");
                }
                Err(error) if error.is_lost && tool.repeat == Repeat::Safe => {
                    tracing::warn!(tool = tool.name, %error, "a call was lost: making it again");
                    lost += 1;
                    if lost > Self::MOST_LOST {
                        let text = format!("{error}; this happened {lost} times in a row");
                        return Err(ToolError::new(text));
                    }
                }
                settled => return settled,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Self::LONGEST_PAUSE);
        }
    }
}

fn check(tool: &Tool, arguments: &Value) -> Result<(), ToolError> {
    check_value(&tool.parameters, arguments).map_err(|violations| {
        let name = &tool.name;
        ToolError::new(format!("the arguments of {name} do not fit its schema:\n{violations}"))
    })
}

/// A result, if whoever reads it later can do so.
fn readable(name: &str, result: Value) -> Result<Value, ToolError> {
    if is_too_deep(&result) {
        let problem = format!("its result is nested more than {DEEPEST} levels deep");
        return Err(ToolError::new(format!("{name} was called, but {problem}")));
    }
    Ok(result)
}

fn unknown(name: &str, known: &[String]) -> ToolError {
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "there are none to call".to_owned(),
        None => format!("you can call {}", known.join(", ")),
    };
    ToolError::new(format!("there is no tool {name:?}: {hint}"))
}

/// No tools.
struct Empty;

impl Toolbox for Empty {
    fn list(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn call(
        &self,
        tool: &Tool,
        _: Value,
        _: Caller,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
        let error = unknown(&tool.name, &[]);
        Box::pin(async move { Err(error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Meter, Permission};
    use crate::vocabulary::{MessageId, WorkflowId};
    use serde_json::json;
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU32, Ordering};

    thread_local! {
        static IDS: Cell<Option<MessageId>> = const { Cell::new(None) };
    }

    /// Fails for a moment twice, then says what it was given; `slow` never does.
    #[derive(Default)]
    struct Echo(Arc<AtomicU32>);

    fn tool(name: &str, repeat: Repeat) -> Tool {
        let parameters = json!({
            "type": "object", "required": ["text"], "additionalProperties": false,
            "properties": { "text": { "type": "string" } },
        });
        let (name, needs) = (name.into(), Permission::Nothing);
        Tool { name, description: "Says it.".into(), parameters, needs, repeat, timeout_s: 5 }
    }

    impl Toolbox for Echo {
        fn list(&self) -> Vec<Tool> {
            ["echo", "slow"].map(|name| tool(name, Repeat::Safe)).into()
        }

        fn call(
            &self,
            tool: &Tool,
            arguments: Value,
            caller: Caller,
        ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
            let (calls, name) = (Arc::clone(&self.0), tool.name.clone());
            Box::pin(async move {
                if name == "fatal" {
                    calls.fetch_add(1, Ordering::Relaxed);
                    return Err(ToolError::lost("it has gone"));
                }
                if name == "slow" {
                    std::future::pending::<()>().await;
                }
                assert!(IDS.replace(Some(caller.id)).is_none_or(|id| id == caller.id));
                match calls.fetch_add(1, Ordering::Relaxed) {
                    0 | 1 => Err(ToolError::passing("the disk is full")),
                    _ => Ok(arguments),
                }
            })
        }
    }

    fn caller() -> Caller {
        let workflow_id = WorkflowId("wf".parse().unwrap());
        let id = MessageId::derived(&["x"]);
        let meter = Meter::default();
        Caller { id, workflow_id, path: "a".into(), profile: None, workplace: None, meter }
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_waited_for_and_the_same_call_made_again() {
        let (echo, said) = (Echo::default(), json!({ "text": "hello" }));
        let tools = Toolset::new(Echo(Arc::clone(&echo.0)));
        let called = tools.call(&tool("echo", Repeat::Safe), said.clone(), caller()).await;
        assert_eq!((called, echo.0.load(Ordering::Relaxed)), (Ok(said.clone()), 3));
        let once = Toolset::new(Echo::default());
        let called = once.call(&tool("echo", Repeat::Ask), said, caller()).await;
        assert_eq!(called, Err(ToolError::passing("the disk is full")), "never of its own accord");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_call_is_made_again_if_it_may_be_and_not_for_ever() {
        let (echo, said) = (Echo::default(), json!({ "text": "hello" }));
        let tools = Toolset::new(Echo(Arc::clone(&echo.0)));
        let called = tools.call(&tool("fatal", Repeat::Safe), said.clone(), caller()).await;
        let error = called.unwrap_err();
        assert!(error.error.ends_with("3 times in a row") && !error.is_lost, "{error:?}");
        assert_eq!(echo.0.load(Ordering::Relaxed), 3);
        let called = tools.call(&tool("fatal", Repeat::Ask), said, caller()).await;
        assert_eq!(called, Err(ToolError::lost("it has gone")), "somebody has to decide");
        assert_eq!(echo.0.load(Ordering::Relaxed), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_in_time() {
        let tools = Toolset::new(Echo::default());
        let called = tools.call(&tool("slow", Repeat::Safe), json!({ "text": "" }), caller()).await;
        assert!(called.unwrap_err().error.starts_with("slow took longer than 5 s"));
    }

    #[tokio::test]
    async fn what_cannot_be_called_is_told_in_words_a_model_can_learn_from() {
        let tools = Toolset::new(Echo::default());
        let find = |name: &str, known: &[&str]| {
            let known: Vec<String> = known.iter().map(|&name| name.into()).collect();
            tools.find(name, &known).map(|tool| tool.name).map_err(|error| error.error)
        };
        assert_eq!(find("echo", &["echo", "slow"]), Ok("echo".into()));
        let error = |text: &str| Err(text.to_owned());
        assert_eq!(find("ecco", &["echo"]), error("there is no tool \"ecco\": did you mean echo?"));
        assert_eq!(
            find("echo", &["slow"]),
            error("there is no tool \"echo\": you can call slow"),
            "it is there, but not for this caller"
        );
        let called = tools.call(&tool("echo", Repeat::Safe), json!({ "txt": 1 }), caller()).await;
        let error = called.unwrap_err().error;
        assert!(error.starts_with("the arguments of echo do not fit its schema:\n"), "{error}");
        assert!(error.contains("text") && error.contains("txt"), "{error}");
    }
}
