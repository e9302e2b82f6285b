//! A response's bytes as the data of its server-sent events: bounded in time and in length, and each trouble a
//! [`Failure`].

use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures::{Stream, StreamExt, stream};

use super::failure::{Failure, FailureKind};
use super::refusal::malformed;

/// The most bytes of an answer, with all that is put around them: some hundred times the longest that a model gives. A
/// server that goes on for ever would fill the memory.
const MOST: usize = 64 << 20;

/// The data of each event. An event that its blank line does not end is none.
pub(super) fn events(
    bytes: impl Stream<Item = Result<Bytes, Failure>> + Unpin,
    silence: Duration,
) -> impl Stream<Item = Result<String, Failure>> {
    let events = impatient(bounded(bytes, MOST), silence).eventsource();
    events.map(|event| event.map(|event| event.data).map_err(unreadable))
}

/// `bytes`, failing when the next chunk takes longer than `limit`. The server's pings count: it
/// sends them while the model thinks.
fn impatient(
    bytes: impl Stream<Item = Result<Bytes, Failure>> + Unpin,
    limit: Duration,
) -> impl Stream<Item = Result<Bytes, Failure>> {
    stream::unfold(bytes, move |mut bytes| async move {
        match tokio::time::timeout(limit, bytes.next()).await {
            Ok(chunk) => chunk.map(|chunk| (chunk, bytes)),
            Err(_) => Some((Err(stalled("the answer stalled", limit)), bytes)),
        }
    })
}

/// `bytes`, failing where there are more than `most`.
fn bounded(
    bytes: impl Stream<Item = Result<Bytes, Failure>> + Unpin,
    most: usize,
) -> impl Stream<Item = Result<Bytes, Failure>> + Unpin {
    let mut seen = 0;
    bytes.map(move |chunk| {
        let chunk = chunk?;
        seen += chunk.len();
        if seen <= most { Ok(chunk) } else { Err(endless(most)) }
    })
}

/// Nothing came for `limit`.
pub(super) fn stalled(what: &str, limit: Duration) -> Failure {
    Failure::new(FailureKind::Stalled, format!("{what}: no byte for {limit:?}"))
}

fn endless(most: usize) -> Failure {
    let message = format!("the answer is longer than {most} bytes: no model says that much");
    Failure::new(FailureKind::Malformed, message)
}

fn unreadable(error: EventStreamError<Failure>) -> Failure {
    match error {
        EventStreamError::Transport(failure) => failure,
        EventStreamError::Utf8(error) => malformed("the stream is not UTF-8", &error.to_string()),
        EventStreamError::Parser(error) => malformed("the stream is no event stream", &error.input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_stall_and_a_ping_is_not_silence() {
        let chunks = [(50, "data: a\n\n"), (50, ": ping\n\n"), (61, "data: b\n\n")];
        let slow = stream::iter(chunks).then(|(seconds, text)| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(Bytes::from(text))
        });
        let events = events(Box::pin(slow), Duration::from_mins(1));
        let events: Vec<_> = events.take(2).collect().await;
        assert_eq!(events[0].as_deref(), Ok("a"));
        assert_eq!(events[1].as_ref().unwrap_err().kind, FailureKind::Stalled);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_none() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"data: more and more\n\n")));
        let bounded = bounded(Box::pin(endless), 1_000);
        let last = bounded.take(60).filter_map(async |chunk| chunk.err()).collect::<Vec<_>>().await;
        assert_eq!(last[0].kind, FailureKind::Malformed);
    }
}
