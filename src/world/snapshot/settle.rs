//! [`Settling`]: what a program has done to its copy becomes a change of the workspace, as far as its agent may; and the
//! audit says what it may not.

use super::bench::Bench;
use super::claim::Claim;
use crate::rules::{Refused, Standing};
use crate::world::command::{Copy, Kept, planned};
use crate::world::tools::Permit;
use callboard_actors::journal::{AuditRow, Fault, Journal};
use callboard_actors::processes::{Attempt, Site, Unsettled, Worked};
use callboard_actors::tools::{Caller, Permission};
use callboard_actors::workspaces::{By, Root, Trouble, Workspaces};
use std::sync::Arc;

/// So many files are named in an answer's line.
const NAMED: usize = 200;

/// An answered attempt whose files are taken over.
pub(super) struct Settling<'a> {
    pub(super) workspaces: &'a Workspaces,
    pub(super) journal: &'a Journal,
    pub(super) permit: &'a Permit,
    pub(super) attempt: &'a Attempt,
    pub(super) site: &'a Site,
    pub(super) caller: &'a Caller,
}

/// Whether there is anything to take over; `None`: there is not.
pub(super) fn copied(bench: &Bench, claim: Option<&Claim>) -> Result<Option<Copy>, Unsettled> {
    let Some(claim) = claim else { return Ok(None) };
    let void = |why: &str| Unsettled::Void(why.to_owned());
    match Claim::now() {
        Ok(now) if now == *claim => {}
        Ok(_) => return Err(void("the machine was started anew before it was safe")),
        Err(error) => return Err(Unsettled::Passing(error.to_string())),
    }
    bench.copied().map(Some).map_err(|_| void("the copy that it worked on is gone"))
}

/// What the attempt has changed already; `None`: nothing. What it might not keep, only the copy would tell.
pub(super) async fn on_record(
    workspaces: &Workspaces,
    attempt: &Attempt,
    site: &Site,
) -> Result<Option<Worked>, Unsettled> {
    let place = &site.workplace;
    let entry = workspaces.made(&place.record, attempt.taking_over()).await.map_err(unsettled)?;
    Ok(entry.map(|entry| {
        let paths = entry.done().filter_map(|touch| place.seen(&touch.path));
        let changed = paths.take(NAMED).map(ToOwned::to_owned).collect();
        Worked { changed, not_kept: Vec::new() }
    }))
}

impl Settling<'_> {
    pub(super) async fn all(&self, bench: &Bench, copy: Copy) -> Result<Worked, Unsettled> {
        let (copy, place) = (Arc::new(copy), &self.site.workplace);
        let (compared, made) = (Arc::clone(&copy), bench.place(&place.record));
        let difference = self.workspaces.read(&made, move |root| compared.compare(root)).await;
        let standing = self.permit.standing();
        let mut kept = Kept::of(difference.map_err(unsettled)?, standing, place);
        // What was made before a crash stands, whatever the rules say by now; and all about it is in the audit.
        if let Some(done) = on_record(self.workspaces, self.attempt, self.site).await? {
            kept.left.retain(|(path, _)| !done.changed.contains(path));
            return Ok(Worked { not_kept: kept.left, ..done });
        }
        let bytes = self.allow(&mut kept, standing).await?;
        for (path, refused) in &kept.refused {
            self.note(self.refusal(path, refused)).await?;
        }
        if !kept.wanted.is_empty() {
            let rule = standing.grants(Permission::WriteFiles).unwrap_or_default();
            let row = AuditRow { allowed: true, rule, bytes, ..self.row(&kept.names()) };
            self.note(row).await?;
            self.change(&kept, copy).await?;
        }
        let changed = kept.wanted.keys().take(NAMED).cloned().collect();
        Ok(Worked { changed, not_kept: kept.left })
    }

    /// Leaves out all, if the agent may write no files, or not so much. How many bytes are to be written.
    async fn allow(&self, kept: &mut Kept, standing: &Standing) -> Result<u64, Unsettled> {
        let written = kept.wanted.values().flatten();
        let bytes = written.map(|content| content.len() as u64).sum();
        if kept.wanted.is_empty() {
            return Ok(0);
        }
        let used = self.journal.reader().used(self.row("")).await.map_err(passing)?;
        let may = standing.grants(Permission::WriteFiles);
        let may = may.and_then(|_| standing.keeps_bytes(used.bytes, bytes).map_or(Ok(()), Err));
        match may {
            Ok(()) => Ok(bytes),
            Err(refused) => {
                kept.refuse_all(&refused);
                Ok(0)
            }
        }
    }

    async fn change(&self, kept: &Kept, copy: Arc<Copy>) -> Result<(), Unsettled> {
        let by = By {
            workflow_id: self.site.workflow_id.clone(),
            path: self.site.path.clone(),
            tool: self.attempt.runtime.clone(),
            call: self.caller.id,
        };
        let wanted = kept.wanted.clone();
        let plan = move |root: &Root| planned(root, &copy, &wanted);
        let bounded = self.permit.bounded(self.workspaces);
        let changed = bounded.change(&self.site.workplace, by, plan).await;
        changed.map(drop).map_err(unsettled)
    }

    async fn note(&self, row: AuditRow) -> Result<(), Unsettled> {
        self.journal.audit(row).await.map(drop).map_err(passing)
    }

    fn refusal(&self, path: &str, refused: &Refused) -> AuditRow {
        let (rule, why) = (refused.rule.clone(), Some(refused.why.clone()));
        AuditRow { rule, why, ..self.row(path) }
    }

    fn row(&self, target: &str) -> AuditRow {
        let caller = self.caller;
        AuditRow {
            id: 0,
            at: self.journal.clock().now(),
            call_id: caller.id,
            actor: caller.profile.clone().unwrap_or_default(),
            workflow_id: caller.workflow_id.clone(),
            run: caller.run(),
            place: caller.path.clone(),
            tool: self.attempt.runtime.clone(),
            target: target.to_owned(),
            allowed: false,
            rule: String::new(),
            why: None,
            bytes: 0,
            millis: 0,
        }
    }
}

fn unsettled(trouble: Trouble) -> Unsettled {
    match trouble {
        Trouble::Refused(why) => Unsettled::Void(why),
        Trouble::Passing(error) => Unsettled::Passing(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what errors are mapped by")]
fn passing(fault: Fault) -> Unsettled {
    Unsettled::Passing(fault.to_string())
}
