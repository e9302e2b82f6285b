//! Tools that count: what was called, by which id; some wait until they are let go on, and one is never to be repeated.

use callboard_actors::tools::{Caller, Repeat, Tool, ToolError, Toolbox};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

/// A bench of tools; it outlives crashes, as the world does.
#[derive(Clone, Default)]
pub(crate) struct Bench {
    begun: watch::Sender<Vec<String>>,
    let_go: watch::Sender<bool>,
}

impl Bench {
    /// What was begun, as `name text id`, in order.
    pub(crate) fn begun(&self) -> Vec<String> {
        self.begun.borrow().clone()
    }

    /// The same without ids.
    pub(crate) fn names(&self) -> Vec<String> {
        let begun = self.begun();
        begun.iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
    }

    /// Waits until so many were begun.
    pub(crate) async fn until_begun(&self, count: usize) {
        self.begun.subscribe().wait_for(|begun| begun.len() >= count).await.unwrap();
    }

    pub(crate) fn let_go(&self) {
        self.let_go.send_replace(true);
    }
}

/// `echo` gives what it got, `once` too but never twice, `slow` waits, `large` gives much, `broken` nothing.
impl Toolbox for Bench {
    fn list(&self) -> Vec<Tool> {
        let parameters = json!({
            "type": "object", "required": ["text"], "properties": { "text": { "type": "string" } },
        });
        let tool = |name: &str| Tool {
            name: name.into(),
            description: "Does it.".into(),
            parameters: parameters.clone(),
            needs: callboard_actors::tools::Permission::Nothing,
            repeat: if name.starts_with("once") { Repeat::Ask } else { Repeat::Safe },
            timeout_s: 100_000,
        };
        ["broken", "echo", "large", "once", "once_slow", "slow"].map(tool).into()
    }

    fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
        let (bench, name) = (self.clone(), tool.name.clone());
        async move {
            let text = arguments["text"].as_str().unwrap();
            let line = format!("{name} {text} {}", caller.id);
            bench.begun.send_modify(|begun| begun.push(line));
            match name.as_str() {
                "slow" | "once_slow" => {
                    bench.let_go.subscribe().wait_for(|is_let_go| *is_let_go).await.unwrap();
                    Ok(json!(format!("{text}, at last")))
                }
                "large" => Ok(json!(text.repeat(20_000))),
                "broken" => Err(ToolError::new("it is broken: use another")),
                _ => Ok(json!({ "said": text })),
            }
        }
        .boxed_local()
    }
}
