//! [`Gate`]: decides each call, has the decision on record, and only then lets it through.

use super::lineage::Lineage;
use crate::rules::{Ancestor, Asked, Decision, Refused, Rules, Shelf, Standing, Who, targets};
use crate::world::tools::{Permit, Registry};
use callboard_actors::journal::{AuditRow, Fault, Journal, Used};
use callboard_actors::shared::Turns;
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Permission, Tool, ToolError, Toolbox};
use callboard_actors::vocabulary::{Estimate, Name};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;

/// So much of what a call is about stands in the audit.
const LONGEST: usize = 1_000;

/// The way to all tools.
pub struct Gate(Arc<Inner>);

struct Inner {
    registry: Registry,
    shelf: Shelf,
    journal: Journal,
    turns: Turns,
    lineage: Lineage,
}

/// A call that came to the gate.
struct Call {
    tool: Tool,
    arguments: Value,
    caller: Caller,
}

impl Gate {
    /// In front of these tools, by these rules.
    pub fn new(registry: Registry, shelf: Shelf, parts: &Parts) -> Self {
        let (journal, turns) = (parts.journal.clone(), parts.turns.clone());
        Self(Arc::new(Inner { registry, shelf, journal, turns, lineage: Lineage::default() }))
    }
}

impl Toolbox for Gate {
    fn list(&self) -> Vec<Tool> {
        self.0.registry.list()
    }

    fn find(&self, name: &str) -> Option<Tool> {
        self.0.registry.find(name)
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
        let tool = self.0.registry.find(&tool.name).unwrap_or_else(|| tool.clone());
        async move { inner.call(Call { tool, arguments, caller }).await }.boxed_local()
    }
}

impl Inner {
    async fn call(&self, call: Call) -> Result<Value, ToolError> {
        let rules = self.shelf.rules();
        let standing = self.standing(&rules, &call).await?;
        let row = self.row(&call);
        self.admit(&standing, &call, row.clone()).await?;
        let permit = Rc::new(Permit::new(standing, rules));
        let came =
            self.registry.call(&call.tool, call.arguments, call.caller, Rc::clone(&permit)).await;
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

    async fn standing(&self, rules: &Rules, call: &Call) -> Result<Standing, ToolError> {
        let found = self.lineage.of(&self.journal, &call.caller).await;
        let found = found.map_err(|error| passing(&error))?;
        let (who, above) = found.or_else(|| by_hand(&call.caller)).ok_or_else(|| {
            let id = &call.caller.workflow_id;
            ToolError::new(format!("nobody knows the workflow {id}, so it may call nothing"))
        })?;
        let standing = rules.standing(&who, &above);
        let folder = call.caller.workplace.as_ref().map(|place| place.folder.as_str());
        Ok(standing.keeping(folder.map(|folder| self.shelf.house_in(folder)).unwrap_or_default()))
    }

    /// Decides, and has it on record: one call of a workflow's at a time, so that what is counted is counted once.
    async fn admit(
        &self,
        standing: &Standing,
        call: &Call,
        row: AuditRow,
    ) -> Result<(), ToolError> {
        let name = Name::derived(&["audit", call.caller.workflow_id.0.as_str()]);
        let _turn = self.turns.take(&name).await;
        let used = self.journal.reader().used(row.clone()).await;
        let used = used.map_err(|error| passing(&error))?;
        match decide(standing, call, used) {
            Decision::Allowed { rule } => self.note(AuditRow { allowed: true, rule, ..row }).await,
            Decision::Refused(refused) => {
                self.note(refusal(row, &refused)).await?;
                Err(ToolError::new(refused.to_string()))
            }
        }
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
