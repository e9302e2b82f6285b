//! The service that sums up, hour by hour, what became of the work.
//!
//! An hour is summed up once: its points, what they add to the totals, the message that tells of it, and the note
//! up to where everything is summed up are one transaction, which finds that note as it was read or is refused. So
//! an hour that ended while no server ran is made good at the next start, and none is counted twice.

use super::tuning::Tuner;
use crate::journal::{AsideRows, Fault, Journal, MessageKind, NewMessage, Performance, Summed};
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::Timestamp;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::time::Duration;

/// Writes each hour's sums when it is over.
pub(super) struct Summing {
    pub(super) journal: Journal,
    pub(super) tuner: Tuner,
    pub(super) _lifeline: Lifeline,
}

const HOUR: Duration = Duration::from_hours(1);
/// What ends just before the hour does may be committed just after it.
const GRACE: Duration = Duration::from_mins(1);
/// How long it waits after a fault, and at most for the next hour: the system's clock may be set.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// The most hours in one transaction.
const STEP: u32 = 24;

/// The beginning of a moment's hour.
fn hour(moment: Timestamp) -> Timestamp {
    let hour = i64::try_from(HOUR.as_millis()).unwrap_or(i64::MAX);
    Timestamp(moment.0 - moment.0.rem_euclid(hour))
}

async fn sum_for_ever(journal: Journal, tuner: Tuner) {
    loop {
        match sum_up(&journal, &tuner).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(fault) => tracing::warn!(%fault, "failed to sum up what became of the work"),
        }
        let now = journal.clock().now();
        let next = hour(now).after(HOUR).after(GRACE);
        tokio::time::sleep(next.since(now).min(LOOK_EVERY)).await;
    }
}

/// Sums up the hours that are over and have not been; true if there may be more.
async fn sum_up(journal: &Journal, tuner: &Tuner) -> Result<bool, Fault> {
    let (expected, next) = journal.reader().summed().await?;
    let now = journal.clock().now();
    let over = hour(Timestamp(now.0.saturating_sub(GRACE.as_millis().try_into().unwrap_or(0))));
    if expected.is_some_and(|until| until >= over) {
        return Ok(false);
    }
    // Hours in which nothing ended need no look.
    let from = next.map_or(over, |first| hour(first).min(over));
    let until = from.after(HOUR * STEP).min(over);
    let sums = journal.reader().ended(from, until).await?;
    let messages = by_hour(&sums).into_iter().map(|(hour, sums)| message(journal, hour, &sums));
    let messages = messages.collect();
    let keep = i64::try_from(tuner.get().keep_points.as_millis()).unwrap_or(i64::MAX);
    let forget_before = Timestamp(now.0.saturating_sub(keep));
    journal.aside(AsideRows::Hours { expected, until, sums, forget_before }, messages).await?;
    Ok(until < over)
}

fn by_hour(sums: &[Summed]) -> BTreeMap<Timestamp, Vec<&Summed>> {
    let mut hours = BTreeMap::<_, Vec<_>>::new();
    for sum in sums {
        hours.entry(sum.hour).or_default().push(sum);
    }
    hours
}

/// What is told of an hour: its sums by model and runtime.
fn message(journal: &Journal, hour: Timestamp, sums: &[&Summed]) -> NewMessage {
    let mut buckets = BTreeMap::<_, Performance>::new();
    for sum in sums {
        let bucket = buckets.entry((sum.model.as_str(), sum.runtime.as_str())).or_default();
        bucket.add(&sum.performance);
    }
    let buckets = buckets.iter().map(|((model, runtime), performance)| {
        let mut value = json!(performance);
        value["model"] = (*model).into();
        value["runtime"] = (*runtime).into();
        value["average_duration_ms"] = performance.average_ms().into();
        value
    });
    let buckets: Vec<_> = buckets.collect();
    let said = json!({ "metric": "process.performance", "hour": hour, "buckets": buckets });
    NewMessage {
        kind: MessageKind::Publication,
        message_id: None,
        topic: Some(format!("{}.system.metric", journal.topic_root())),
        event_type: "METRIC".into(),
        error: None,
        data: to_raw_value(&said).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        caused_by: None,
        correlation: None,
    }
}

impl Actor for Summing {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(sum_for_ever(self.journal.clone(), self.tuner.clone()).into_actor(self));
    }
}

impl Handler<Shutdown> for Summing {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
