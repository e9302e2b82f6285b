//! File work that has to succeed: what is wanted stays wanted, however long the disk is full; and file work
//! whose error, after a while, is an answer too.

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

/// How long file work is tried before its error counts.
const A_WHILE: Duration = Duration::from_secs(10);

/// The same, but gives up after a while.
pub(super) async fn for_a_while<T: Send + 'static>(
    files: &Files,
    work: impl Fn() -> io::Result<T> + Clone + Send + 'static,
) -> io::Result<T> {
    match tokio::time::timeout(A_WHILE, patiently(files, work.clone())).await {
        Ok(value) => Ok(value),
        Err(_) => files.run(move |_| work()).await,
    }
}
