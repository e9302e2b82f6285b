//! [`Gate`]: decides each call, has the decision on record, and only then lets it through.

use super::lineage::Lineage;
use super::runs::{Run, Runs};
use crate::rules::{Ancestor, Asked, Decision, Refused, Rules, Shelf, Standing, Who, targets};
use crate::world::mcp::Servers;
use crate::world::tools::{Permit, Registry};
use callboard_actors::journal::{AuditRow, Fault, Journal, Used};
use callboard_actors::shared::Turns;
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Permission, Source, Tool, ToolError, Toolbox};
use callboard_actors::vocabulary::{Estimate, Name};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;

/// So much of what a call is about stands in the audit.
const LONGEST: usize = 1_000;

/// The way to all tools. Clones share it.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    registry: Registry,
    servers: Servers,
    shelf: Shelf,
    journal: Journal,
    turns: Turns,
    lineage: Lineage,
    runs: Arc<Runs>,
}

/// A call that came to the gate.
struct Call {
    tool: Tool,
    arguments: Value,
    caller: Caller,
}

impl Gate {
    /// In front of our own tools and those of servers, by these rules.
    pub fn new(registry: Registry, servers: Servers, shelf: Shelf, parts: &Parts) -> Self {
        let (journal, turns) = (parts.journal.clone(), parts.turns.clone());
        let (lineage, runs) = (Lineage::default(), Arc::default());
        Self(Arc::new(Inner { registry, servers, shelf, journal, turns, lineage, runs }))
    }

    /// What somebody may just now, by which rules: for whoever holds a program for them.
    ///
    /// # Errors
    /// If nobody knows who they are.
    pub async fn standing_of(&self, caller: &Caller) -> Result<(Standing, Arc<Rules>), ToolError> {
        let rules = self.0.shelf.rules();
        Ok((self.0.standing(&rules, caller).await?, rules))
    }
}

impl Toolbox for Gate {
    fn list(&self) -> Vec<Tool> {
        let mut tools = self.0.registry.list();
        tools.extend(self.0.servers.list());
        tools
    }

    fn find(&self, name: &str) -> Option<Tool> {
        self.0.find(name)
    }

    fn sources(&self) -> Vec<Source> {
        self.0.servers.sources()
    }

    fn ready(&self, names: &[String]) -> LocalBoxFuture<'static, ()> {
        let (servers, names) = (self.0.servers.clone(), names.to_vec());
        async move { servers.ready(&names).await }.boxed_local()
    }

    fn estimate(&self, tool: &Tool, arguments: &Value) -> Option<Estimate> {
        self.0.registry.estimate(tool, arguments)
    }

    fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: Caller,
    ) -> LocalBoxFuture<'static, Result<Value, ToolError>> {
        let inner = Arc::clone(&self.0);
        // What a tool needs is what it needs now, whatever a caller remembers of it.
        let tool = self.0.find(&tool.name).unwrap_or_else(|| tool.clone());
        async move { inner.call(Call { tool, arguments, caller }).await }.boxed_local()
    }
}

impl Inner {
    fn find(&self, name: &str) -> Option<Tool> {
        self.registry.find(name).or_else(|| self.servers.find(name))
    }

    async fn call(&self, call: Call) -> Result<Value, ToolError> {
        let rules = self.shelf.rules();
        let standing = self.standing(&rules, &call.caller).await?;
        let row = self.row(&call);
        // Until all is settled, others wait for what it holds of its budget.
        let (row, _run) = self.admit(&standing, &call, row).await?;
        let permit = Rc::new(Permit::new(standing, rules).within(row.millis));
        let Call { tool, arguments, caller } = call;
        let came = if self.servers.would_have(&tool.name) {
            self.servers.call(&tool, arguments, &caller).await
        } else {
            self.registry.call(&tool, arguments, caller, Rc::clone(&permit)).await
        };
        for (path, refused) in permit.refused() {
            self.note(refusal(AuditRow { target: cut(&path), ..row.clone() }, &refused)).await?;
        }
        if let Some(millis) = permit.ran_ms() {
            self.journal
                .settle_audit(row.call_id, millis)
                .await
                .map_err(|error| passing(&error))?;
        }
        came
    }

    async fn standing(&self, rules: &Rules, caller: &Caller) -> Result<Standing, ToolError> {
        let found = self.lineage.of(&self.journal, caller).await;
        let found = found.map_err(|error| passing(&error))?;
        let (who, above) = found.or_else(|| by_hand(caller)).ok_or_else(|| {
            let id = &caller.workflow_id;
            ToolError::new(format!("nobody knows the workflow {id}, so it may call nothing"))
        })?;
        let standing = rules.standing(&who, &above);
        let folder = caller.workplace.as_ref().map(|place| place.folder.as_str());
        Ok(standing.keeping(folder.map(|folder| self.shelf.house_in(folder)).unwrap_or_default()))
    }

    /// Decides, and has it on record: one call of a workflow's at a time, so that what is counted is counted once.
    async fn admit(
        &self,
        standing: &Standing,
        call: &Call,
        row: AuditRow,
    ) -> Result<(AuditRow, Option<Run>), ToolError> {
        let name = Name::derived(&["audit", call.caller.workflow_id.0.as_str()]);
        loop {
            let mut ended = self.runs.listen();
            let turn = self.turns.take(&name).await;
            let used = self.journal.reader().used(row.clone()).await;
            let used = used.map_err(|error| passing(&error))?;
            match decide(standing, call, used) {
                Decision::Allowed { rule } => {
                    let row = held(standing, used, AuditRow { allowed: true, rule, ..row });
                    let run = (row.millis > 0).then(|| self.runs.begin(&row));
                    self.note(row.clone()).await?;
                    return Ok((row, run));
                }
                Decision::Refused(refused) if self.may_have_more(&refused, &row) => {
                    drop(turn);
                    // The sender is ours: it does not go.
                    let _ = ended.changed().await;
                }
                Decision::Refused(refused) => {
                    self.note(refusal(row, &refused)).await?;
                    return Err(ToolError::new(refused.to_string()));
                }
            }
        }
    }

    /// Whether what is wanting is only held by commands that still run, and may take less.
    fn may_have_more(&self, refused: &Refused, row: &AuditRow) -> bool {
        refused.rule.ends_with(".budgets.command_seconds") && self.runs.is_any(row)
    }

    async fn note(&self, row: AuditRow) -> Result<(), ToolError> {
        self.journal.audit(row).await.map(drop).map_err(|error| passing(&error))
    }

    /// What is known before it is decided.
    fn row(&self, call: &Call) -> AuditRow {
        let Call { tool, arguments, caller } = call;
        let places: Vec<_> = targets(tool, arguments).iter().map(ToString::to_string).collect();
        let asked = Asked { tool, arguments, within: "", used: Used::default() };
        let is_run = tool.needs == Permission::RunCommands;
        AuditRow {
            id: 0,
            at: self.journal.clock().now(),
            call_id: caller.id,
            actor: actor(caller),
            workflow_id: caller.workflow_id.clone(),
            run: caller.run(),
            place: caller.path.clone(),
            tool: tool.name.clone(),
            target: cut(&places.join(", ")),
            allowed: false,
            rule: String::new(),
            why: None,
            bytes: asked.bytes(),
            millis: if is_run { arguments["timeout_s"].as_u64().unwrap_or(120) * 1_000 } else { 0 },
        }
    }
}

/// A command may take no more time than there is.
fn held(standing: &Standing, used: Used, row: AuditRow) -> AuditRow {
    let millis =
        standing.command_ms_left(used.millis).map_or(row.millis, |left| left.min(row.millis));
    AuditRow { millis, ..row }
}

fn decide(standing: &Standing, call: &Call, used: Used) -> Decision {
    let Call { tool, arguments, caller } = call;
    standing.decide(&Asked { tool, arguments, within: within(caller), used })
}

fn refusal(row: AuditRow, refused: &Refused) -> AuditRow {
    let (rule, why) = (refused.rule.clone(), Some(refused.why.clone()));
    AuditRow { allowed: false, rule, why, bytes: 0, millis: 0, ..row }
}

/// Who calls, for the audit and for what is counted.
fn actor(caller: &Caller) -> String {
    caller.profile.clone().unwrap_or_else(|| "nodes".into())
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// Nobody knows whether it is allowed, or it cannot be put on record: it is not done.
fn passing(fault: &Fault) -> ToolError {
    ToolError::passing(fault.to_string())
}

/// In which folder below the workspace's the caller works.
/// A person, who calls by hand over HTTP, may what nodes of workflows may of which nothing else is said.
fn by_hand(caller: &Caller) -> Option<(Who, Vec<Ancestor>)> {
    (caller.workflow_id.0.as_str() == Caller::BY_HAND)
        .then(|| (Who::Node(String::new()), Vec::new()))
}

fn within(caller: &Caller) -> &str {
    caller.workplace.as_ref().map_or("", |place| place.within.as_str())
}
