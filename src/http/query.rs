//! What lists have in common: limits, and a text parameter that may hold several values.

use crate::wire::{App, Problem};
use callboard_actors::vocabulary::{Name, Position};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How many items a list gives, unless asked for fewer or more.
const DEFAULT: usize = 50;
/// How many it gives at most.
const MOST: usize = 1_000;
/// How long a request may wait for news, in seconds.
const LONGEST_WAIT_S: u64 = 30;

/// How many items are wanted.
pub(super) fn limit(wanted: Option<usize>) -> Result<usize, Problem> {
    match wanted.unwrap_or(DEFAULT) {
        limit @ 1..=MOST => Ok(limit),
        limit => Err(Problem::bad_request(format!("limit is {limit}, but has to be 1 to {MOST}"))),
    }
}

/// How long the request waits for news.
pub(super) fn wait(seconds: Option<u64>) -> Result<Duration, Problem> {
    match seconds.unwrap_or(0) {
        seconds @ 0..=LONGEST_WAIT_S => Ok(Duration::from_secs(seconds)),
        seconds => {
            let text = format!("wait_s is {seconds}, but has to be 0 to {LONGEST_WAIT_S}");
            Err(Problem::bad_request(text))
        }
    }
}

/// A name in a path or a parameter.
pub(super) fn name(text: &str) -> Result<Name, Problem> {
    Ok(text.parse()?)
}

/// Waits until something is committed; in vain at the deadline, or when the server stops.
pub(super) async fn news(app: &App, head: &mut watch::Receiver<Position>, deadline: Instant) {
    let mut closing = app.closing();
    tokio::select! {
        _ = head.changed() => {}
        _ = closing.wait_for(|closing| *closing) => {}
        () = tokio::time::sleep_until(deadline) => {}
    }
}

/// Whether a request that found nothing has to answer now.
pub(super) fn is_over(app: &App, deadline: Instant) -> bool {
    Instant::now() >= deadline || app.is_closing()
}
