//! Producers that each wait for their answer before they ask again.

use super::Sample;
use futures::future::try_join_all;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Driven {
    /// How many answers there were.
    pub(crate) count: u64,
    /// For how long it ran.
    pub(crate) took: Duration,
    /// How long each answer took.
    pub(crate) latencies: Sample,
}

impl Driven {
    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }
}

/// Lets `producers` tasks ask, one question after the other, for about `span`. A question gets its
/// producer's number and how often that one has asked before.
pub(crate) async fn drive<F, A>(producers: u32, span: Duration, ask: F) -> anyhow::Result<Driven>
where
    F: Fn(u32, u32) -> A + 'static,
    A: Future<Output = anyhow::Result<()>> + 'static,
{
    let ask = Rc::new(ask);
    let began = Instant::now();
    let tasks = (0..producers).map(|producer| {
        let ask = Rc::clone(&ask);
        actix_rt::spawn(async move {
            let mut took = Vec::new();
            let mut before = 0;
            while began.elapsed() < span {
                let asked = Instant::now();
                ask(producer, before).await?;
                took.push(asked.elapsed());
                before += 1;
            }
            anyhow::Ok(took)
        })
    });
    let all = try_join_all(tasks).await?;
    let took = began.elapsed();
    let mut latencies = Sample::default();
    let mut count = 0;
    for one in all {
        let one = one?;
        count += one.len() as u64;
        latencies.extend(one);
    }
    Ok(Driven { count, took, latencies })
}
