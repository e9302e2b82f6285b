//! File work that has to succeed: what is wanted stays wanted, however long the disk is full.

use crate::journal::Files;
use std::io;
use std::time::Duration;

/// Runs file work off the actors' threads, until the disk lets it.
pub(in crate::processes) async fn patiently<T: Send + 'static>(
    files: &Files,
    work: impl Fn() -> io::Result<T> + Clone + Send + 'static,
) -> T {
    let mut wait = Duration::from_millis(50);
    loop {
        let work = work.clone();
        match files.run(move |_| work()).await {
            Ok(value) => return value,
            Err(error) => tracing::warn!(%error, "file work failed: trying again"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}
