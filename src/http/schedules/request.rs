//! What a client asks for: when, what, and what becomes of times that were missed.

use super::super::{spawn, workflows};
use crate::wire::{App, Problem};
use callboard_actors::bus::small;
use callboard_actors::graph::duration;
use callboard_actors::schedules::{Missed, Overlap, Refusal, Spec, Start, Timing, UTC};
use callboard_actors::vocabulary::{Hash, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a client asks for.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Request {
    pub(super) schedule_id: Option<String>,
    cron: Option<String>,
    zone: Option<String>,
    at: Option<String>,
    #[serde(rename = "in")]
    after: Option<String>,
    missed: Option<Missed>,
    overlap: Option<Overlap>,
    tolerance_s: Option<u32>,
    workflow: Option<Map<String, Value>>,
    process: Option<Map<String, Value>>,
    run: Option<Map<String, Value>>,
}

impl Request {
    /// What has to be the same when a request comes again: what the client said.
    pub(super) fn asked(&self) -> Result<Hash, Problem> {
        let text = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(Hash::of(&text))
    }

    /// The schedule that is meant, checked as far as it can be before its time has come.
    pub(super) async fn spec(self, app: &App) -> Result<Spec, Problem> {
        let now = app.parts().journal.clock().now();
        let timing = self.timing(now)?;
        if timing.after(now).map_err(Problem::unprocessable)?.is_none() {
            return Err(Problem::unprocessable(Refusal::NeverDue));
        }
        let tolerance_s = self.tolerance_s.unwrap_or(Spec::TOLERANCE_S);
        if !Spec::TOLERANCES_S.contains(&tolerance_s) {
            let (least, most) = (Spec::TOLERANCES_S.start(), Spec::TOLERANCES_S.end());
            let text = format!("tolerance_s is {tolerance_s}, but has to be {least} to {most}");
            return Err(Problem::unprocessable(text));
        }
        let (missed, overlap) = (self.missed.unwrap_or_default(), self.overlap.unwrap_or_default());
        let start = self.start()?;
        if overlap == Overlap::Skip && matches!(start, Start::Run(_)) {
            let text = "overlap: a run has on_running, which says what happens while another is under way: leave overlap out";
            return Err(Problem::unprocessable(text));
        }
        check(app, &start).await?;
        let spec = Spec { timing, start, missed, overlap, tolerance_s };
        small(&json!(spec)).map_err(Problem::from)?;
        Ok(spec)
    }

    fn timing(&self, now: Timestamp) -> Result<Timing, Problem> {
        let Self { cron, zone, at, after, .. } = self;
        if zone.is_some() && cron.is_none() {
            return Err(Problem::unprocessable("zone belongs to cron: at says its zone itself"));
        }
        match (cron, at, after) {
            (Some(cron), None, None) => {
                let zone = zone.clone().unwrap_or_else(|| UTC.to_owned());
                Ok(Timing::Cron { cron: cron.clone(), zone })
            }
            (None, Some(at), None) => Ok(Timing::Once { at: moment(at)? }),
            (None, None, Some(after)) => {
                let after = duration(after);
                let after = after.map_err(|why| Problem::unprocessable(format!("in: {why}")))?;
                Ok(Timing::Once { at: now.after(after) })
            }
            _ => Err(Problem::unprocessable(
                "say when: give one of cron (with zone), at (a moment, RFC 3339) and in (a span, like 90s)",
            )),
        }
    }

    fn start(self) -> Result<Start, Problem> {
        match (self.workflow, self.process, self.run) {
            (Some(request), None, None) => Ok(Start::Workflow(request)),
            (None, Some(request), None) => Ok(Start::Process(request)),
            (None, None, Some(request)) => Ok(Start::Run(request)),
            _ => Err(Problem::unprocessable(
                "say what is started: give one of workflow (as POST /workflows takes it), process (as POST /spawn takes it) and run (workflow_id, and what POST /workflows/{id}/runs takes)",
            )),
        }
    }
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    serde_json::from_value(text.into()).map_err(|_| {
        Problem::unprocessable(format!(
            "at: {text:?} is no moment: write it like 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00"
        ))
    })
}

/// Refuses what could not be started now.
async fn check(app: &App, start: &Start) -> Result<(), Problem> {
    match start.clone() {
        Start::Workflow(request) => workflows::check(app, Value::Object(request)).await,
        Start::Process(request) => spawn::check(app, Value::Object(request)).await,
        Start::Run(request) => workflows::check_run(app, Value::Object(request)).await,
    }
}
