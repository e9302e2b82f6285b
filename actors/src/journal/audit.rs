//! The audit: who was allowed or refused what, on what, by which rule. It is written before anything is done, through the
//! ledger; no message tells of it, and nothing is rebuilt from it. Budgets are counted from it, so that they hold across
//! restarts.

use super::store::audit as sql;
use super::{Entered, Entry, Fault, Journal, Reader};
use crate::vocabulary::{MessageId, Timestamp, WorkflowId};
use serde::Serialize;

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Its number: later ones have higher ones. 0 before it is written.
    pub id: i64,
    /// When it was made.
    pub at: Timestamp,
    /// About which call.
    pub call_id: MessageId,
    /// Whose: the profile of an agent, or `nodes`.
    pub actor: String,
    /// In which workflow.
    pub workflow_id: WorkflowId,
    /// In which of its runs.
    pub run: u32,
    /// Where there, for people.
    pub place: String,
    /// Of which tool.
    pub tool: String,
    /// On what: paths, a host, a command. Never content.
    pub target: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// By which rule.
    pub rule: String,
    /// Why it was refused.
    pub why: Option<String>,
    /// So many bytes it was to write.
    pub bytes: u64,
    /// So many milliseconds its program might run; when it has ended: did run.
    pub millis: u64,
}

/// Which decisions are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About which call.
    pub call_id: Option<String>,
    /// Whose.
    pub actor: Option<String>,
    /// In which workflow.
    pub workflow_id: Option<String>,
    /// Of which tool.
    pub tool: Option<String>,
    /// Allowed, or refused.
    pub allowed: Option<bool>,
    /// By which rule, or those below it.
    pub rule: Option<String>,
    /// Only older ones than this number.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: usize,
}

/// What somebody has done in a run so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Calls of the tool.
    pub calls: u64,
    /// Bytes that were to be written, by any tool.
    pub bytes: u64,
    /// How long programs ran.
    pub millis: u64,
}

/// So many decisions are forgotten in one commit: others wait for it.
const AT_ONCE: usize = 2_000;

impl Journal {
    /// Has a decision on record: durable when this returns.
    ///
    /// # Errors
    /// If the journal cannot write.
    pub async fn audit(&self, row: AuditRow) -> Result<Entered, Fault> {
        self.enter(Entry::Audit(Box::new(row))).await
    }

    /// Corrects how long the program of an allowed call ran.
    ///
    /// # Errors
    /// If the journal cannot write.
    pub async fn settle_audit(&self, call_id: MessageId, millis: u64) -> Result<Entered, Fault> {
        self.enter(Entry::SettleAudit { call_id, millis }).await
    }

    /// Forgets decisions from before a moment; how many. Those of workflows that are still at work stay.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub async fn forget_audit(&self, before: Timestamp) -> Result<usize, Fault> {
        let mut forgotten = 0;
        loop {
            let old = self.reader().query(move |c| sql::old(c, before, AT_ONCE)).await?;
            if old.is_empty() {
                return Ok(forgotten);
            }
            forgotten += old.len();
            self.enter(Entry::DropAudit(old)).await?;
        }
    }
}

impl Reader {
    /// Decisions, the newest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditRow>, Fault> {
        self.query(move |c| sql::rows(c, &filter)).await
    }

    /// What the one of this decision has done in its run, this call apart.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn used(&self, of: AuditRow) -> Result<Used, Fault> {
        self.query(move |c| sql::used(c, &of)).await
    }
}
