//! `check_rules`: looks at a whole workspace again, by the rules as they are now: what stands on its record, and what lies
//! there. For reviewers, and for nodes that let nothing through unseen.
//!
//! Of files that were there before the workspace was opened, nobody says anything: they are not the workflow's.

use super::act::{Act, Called, fault, read, safe};
use super::permit::Permit;
use super::workshop::{place, trouble};
use crate::rules::{Rules, Standing, Who};
use callboard_actors::entity::Directory;
use callboard_actors::journal::{AuditFilter, Journal};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::{Hash, Timestamp, WorkflowId, Workplace};
use callboard_actors::workflows::Workflow;
use callboard_actors::workspaces::{
    Entry, FilePath, Kind, MOST_BYTES, Net, Root, Trouble, Workspaces, net,
};
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};
use std::rc::Rc;

/// So many are told.
const MOST_TOLD: usize = 200;

pub(super) fn tool() -> Tool {
    safe(
        "check_rules",
        "Checks the whole workspace against all rules as they are now: every change on its record, and every file that is \
         there. Gives violations, each with rule, path and why (none: all is well), and checked, how many changes and files \
         were looked at.",
        json!({ "type": "object", "properties": {}, "additionalProperties": false }),
    )
}

pub(super) struct CheckRules {
    workspaces: Workspaces,
    journal: Journal,
    permit: Rc<Permit>,
}

impl CheckRules {
    pub(super) fn new(workspaces: Workspaces, journal: Journal, permit: Rc<Permit>) -> Self {
        Self { workspaces, journal, permit }
    }
}

#[derive(Deserialize)]
struct Arguments {}

/// What is not as it may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Violation {
    rule: String,
    path: String,
    why: String,
}

/// What is known of a workspace.
struct Known {
    entries: Vec<Entry>,
    opened_at: Option<Timestamp>,
}

impl Act for CheckRules {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (workspaces, journal) = (self.workspaces.clone(), self.journal.clone());
        let rules = std::sync::Arc::clone(&self.permit.rules);
        async move {
            let Arguments {} = read(arguments)?;
            let place = place(&caller)?;
            let look = |record: &callboard_actors::workspaces::Record| Known {
                entries: record.workspace.changes().to_vec(),
                opened_at: record.workspace.opened_at(),
            };
            let known =
                workspaces.look(&place.record, look).await.map_err(|error| fault(&error))?;
            let mut violations = recorded(&journal, &rules, &known.entries).await?;
            let changes = known.entries.len();
            // All of it, also what the caller works beside.
            let whole = Workplace { within: String::new(), ..place.clone() };
            let survey = Survey::new(&known, rules.standing(&Who::Agent(String::new()), &[]));
            let (found, files) =
                workspaces.read(&whole, move |root| survey.all(root)).await.map_err(trouble)?;
            violations.extend(found);
            let more = violations.len().saturating_sub(MOST_TOLD);
            let told: Vec<_> = violations.into_iter().take(MOST_TOLD).collect();
            Ok(json!({ "violations": told, "more": more, "checked": changes + files }))
        }
        .boxed_local()
    }
}

/// What stands on the record, by what those may now who did it.
async fn recorded(
    journal: &Journal,
    rules: &Rules,
    entries: &[Entry],
) -> Result<BTreeSet<Violation>, ToolError> {
    let mut violations = BTreeSet::new();
    // Operators take changes back by no rule.
    for entry in entries.iter().filter(|entry| entry.change.by.tool != "undo") {
        let by = &entry.change.by;
        let Some(who) = who(journal, entry).await? else {
            violations.extend(entry.done().map(|touch| Violation {
                rule: "audit".into(),
                path: touch.path.clone(),
                why: format!(
                    "change {} of {} was decided by nobody: the audit does not know it",
                    entry.number, by.path
                ),
            }));
            continue;
        };
        let standing = rules.standing(&who, &[]);
        violations.extend(entry.done().filter_map(|touch| {
            let refused = standing.keeps_from(&touch.path, true)?;
            let why = format!("{} (change {} by {})", refused.why, entry.number, by.path);
            Some(Violation { rule: refused.rule, path: touch.path.clone(), why })
        }));
    }
    Ok(violations)
}

/// Who made a change, as the audit has it.
async fn who(journal: &Journal, entry: &Entry) -> Result<Option<Who>, ToolError> {
    let by = &entry.change.by;
    let filter = AuditFilter {
        call_id: Some(by.call.to_string()),
        allowed: Some(true),
        limit: 1,
        ..AuditFilter::default()
    };
    let rows = journal.reader().audit(filter).await.map_err(|error| fault(&error))?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    if row.actor != "nodes" {
        return Ok(Some(Who::Agent(row.actor)));
    }
    Ok(Some(Who::Node(type_of(journal, &by.workflow_id).await?)))
}

async fn type_of(journal: &Journal, workflow: &WorkflowId) -> Result<String, ToolError> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let row = journal.reader().row("workflows", stream).await.map_err(|error| fault(&error))?;
    let of = row.and_then(|row| row.get("type")?.as_str().map(ToOwned::to_owned));
    Ok(of.unwrap_or_default())
}

/// A look at all that lies in a workspace.
struct Survey {
    opened_at: Option<Timestamp>,
    net: Net,
    touched: BTreeSet<String>,
    /// What is denied to all is denied here.
    standing: Standing,
    found: BTreeSet<Violation>,
    files: usize,
}

impl Survey {
    fn new(known: &Known, standing: Standing) -> Self {
        let net = net(known.entries.iter());
        let done = known.entries.iter().flat_map(Entry::done);
        let touched = done.map(|touch| touch.path.clone()).collect();
        let (found, opened_at) = (BTreeSet::new(), known.opened_at);
        Self { opened_at, net, touched, standing, found, files: 0 }
    }

    fn all(mut self, root: &Root) -> Result<(BTreeSet<Violation>, usize), Trouble> {
        self.folder(root, &FilePath::top(), 0)?;
        self.recorded_content(root)?;
        Ok((self.found, self.files))
    }

    fn note(&mut self, rule: &str, path: &FilePath, why: impl Into<String>) {
        let (rule, path) = (rule.to_owned(), path.to_string());
        self.found.insert(Violation { rule, path, why: why.into() });
    }

    fn folder(&mut self, root: &Root, path: &FilePath, depth: usize) -> Result<(), Trouble> {
        let spot = root.find(path)?;
        for (name, kind) in root.list(&spot)? {
            let below = path.below(&name);
            match kind {
                // What a repository is made of is its program's; what is remembered here is the house's.
                Kind::Folder if name == ".git" || name == ".callboard" || depth > 100 => {}
                Kind::Folder => self.folder(root, &below, depth + 1)?,
                Kind::File => self.file(root, &below)?,
                Kind::Special("link") => {
                    let target = root.link(&spot, &name)?;
                    if target.is_some_and(|target| leads_out(path, &target)) {
                        self.note("paths", &below, "it is a link that leads out of the workspace");
                    }
                }
                Kind::Special(_) | Kind::Nothing => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, root: &Root, path: &FilePath) -> Result<(), Trouble> {
        let Ok(spot) = root.find(path) else { return Ok(()) };
        let (file, bytes, _) = root.open_file(&spot)?;
        let name = path.to_string();
        self.files += 1;
        let metadata = file.metadata().map_err(|error| Trouble::io("look at", &name, &error))?;
        let changed_ms = metadata.ctime() * 1_000 + metadata.ctime_nsec() / 1_000_000;
        // A second's grace: clocks of file systems are coarse.
        let is_new = self.opened_at.is_some_and(|opened| changed_ms > opened.0 + 1_000);
        let is_known = self.touched.contains(&name);
        if !(is_new || is_known) {
            return Ok(());
        }
        if let Some(refused) = self.denied(&name) {
            self.note(&refused.0, path, refused.1);
        }
        if bytes > MOST_BYTES {
            let why =
                format!("it has {bytes} bytes, and a file of a workflow at most {MOST_BYTES}");
            self.note("size", path, why);
        }
        if !is_known {
            let why = "it came, or was changed, since the workspace was opened, and nobody of the workflow did that";
            self.note("record", path, why);
        }
        Ok(())
    }

    fn denied(&self, path: &str) -> Option<(String, String)> {
        if self.standing.may_enter(path) {
            return None;
        }
        let refused = self.standing.keeps_from(path, false)?;
        Some((refused.rule, refused.why))
    }

    /// What the record says a file holds, it has to hold.
    fn recorded_content(&mut self, root: &Root) -> Result<(), Trouble> {
        for (path, (_, after)) in self.net.files.clone() {
            let named = FilePath::of_file(&path)?;
            let found = match root.find(&named) {
                Ok(spot) if spot.path() == path => root.whole(&spot).ok().flatten(),
                _ => None,
            };
            let is_so = match (&found, &after) {
                (Some(found), Some(after)) => Hash::of(&found.content) == *after.hash(),
                (None, None) => true,
                _ => false,
            };
            if !is_so {
                self.note("record", &named, "it is not as the last change on the record left it");
            }
        }
        Ok(())
    }
}

/// Whether a link in a folder leads out of the workspace.
fn leads_out(folder: &FilePath, target: &Path) -> bool {
    let mut depth = folder.names().len();
    for part in target.components() {
        match part {
            Component::RootDir | Component::Prefix(_) => return true,
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
        }
    }
    false
}
