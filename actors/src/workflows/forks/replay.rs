//! What a replay answers in place of models, tools, persons and time: what its source's record says.

use super::child::no_recording;
use super::record::Recorded;
use crate::graph::Work;
use crate::nodes::Metrics;
use crate::workflows::carry::done;
use crate::workflows::command::Outcome;
use crate::workflows::effect::Carry;
use crate::workflows::item::Failure;
use crate::workflows::memory::until_read;
use crate::workflows::perform::Tools;

impl Tools {
    /// What the record says of an item; `None`: it is really worked at. What is computed is computed again, and a subgraph
    /// is replayed, unless its parent did not wait for its end.
    pub(in crate::workflows) async fn replayed(
        &self,
        carry: &Carry,
        work: &Work,
    ) -> Result<Option<Outcome>, Failure> {
        let Some(recording) = &carry.place.manner.recording else { return Ok(None) };
        if matches!(work, Work::Computed(_)) {
            return Ok(None);
        }
        let (workflow, until) = (&recording.workflow_id, recording.position);
        let record =
            until_read(async || self.records.get(&self.journal, workflow, until).await).await?;
        let followed = recording.follow(&carry.item);
        let recorded = followed.and_then(|(item, _)| record.get(&item));
        if matches!(work, Work::Subgraph { .. }) {
            return Ok(recorded.filter(|recorded| is_given_up(recorded)).map(outcome));
        }
        let recorded = recorded.ok_or_else(|| no_recording(recording, &carry.item))?;
        Ok(Some(outcome(recorded)))
    }
}

fn is_given_up(recorded: &Recorded) -> bool {
    matches!(recorded, Recorded::Failed { failure, .. } if failure.kind == "timed_out")
}

/// It was paid for once.
fn outcome(recorded: &Recorded) -> Outcome {
    match recorded {
        Recorded::Done(output) => done(output.clone(), Metrics::default()),
        Recorded::Failed { failure, .. } => {
            Outcome::Failed { failure: failure.clone(), spent: Metrics::default() }
        }
    }
}
