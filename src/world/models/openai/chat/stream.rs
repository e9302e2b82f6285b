//! Puts an answer together from the events of a stream.

use callboard_actors::processes::Source;
use futures::{Stream, StreamExt};

use super::wire::{CallPiece, Choice, Chunk, Found};
use crate::world::models::call::Output;
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::openai::grown::Grown;
use crate::world::models::refusal::{from_event, malformed};

/// What stands in place of the last event.
const DONE: &str = "[DONE]";

/// An answer as far as it has come.
struct Growing<'a> {
    grown: &'a mut Grown,
    vendor: &'a str,
    output: &'a mut dyn Output,
}

/// Reads the data of `events` into `grown`, to the end of the answer, and streams its text to `output`. A stream that ends without
/// `[DONE]` is [`FailureKind::Cut`], whatever came before; with `ends_early` it may end where the model has.
pub(in crate::world::models::openai) async fn read(
    events: impl Stream<Item = Result<String, Failure>>,
    vendor: &str,
    ends_early: bool,
    grown: &mut Grown,
    output: &mut dyn Output,
) -> Result<(), Failure> {
    let mut growing = Growing { grown, vendor, output };
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        let data = event?;
        if data.trim() == DONE {
            return growing.ended();
        }
        growing.take(&data)?;
    }
    let grown = growing.grown;
    if ends_early && grown.stop_reason.is_some() {
        return Ok(());
    }
    let said = grown.text.len();
    let message = format!("the stream ended without {DONE} after {said} characters");
    Err(Failure::new(FailureKind::Cut, message))
}

impl Growing<'_> {
    fn ended(&self) -> Result<(), Failure> {
        match self.grown.stop_reason {
            Some(_) => Ok(()),
            None => Err(malformed("the answer was done before it had ended", DONE)),
        }
    }

    fn take(&mut self, data: &str) -> Result<(), Failure> {
        let chunk: Chunk = serde_json::from_str(data)
            .map_err(|error| malformed(&format!("an event is no valid JSON ({error})"), data))?;
        if let Some(error) = chunk.error {
            return Err(from_event(self.vendor, &error));
        }
        self.grown.has_begun = true;
        if let Some(model) = chunk.model.filter(|model| !model.is_empty()) {
            self.grown.model = model;
        }
        let has_counts = chunk.usage.is_some();
        if let Some(counts) = chunk.usage {
            self.grown.usage = Some(counts.usage());
            self.grown.cost_usd = counts.cost_usd().or(self.grown.cost_usd);
        }
        self.take_sources(chunk.search_results, chunk.citations);
        // Nobody asked for more than one.
        let first = |choice: &Choice| choice.index.unwrap_or(0) == 0;
        let mut choices = chunk.choices.into_iter().flatten().filter(first);
        choices.try_for_each(|choice| self.take_choice(choice))?;
        // Some count with each event: only what comes with the end, or behind it, is all.
        self.grown.is_counted |= has_counts && self.grown.stop_reason.is_some();
        Ok(())
    }

    fn take_choice(&mut self, choice: Choice) -> Result<(), Failure> {
        let delta = choice.delta.unwrap_or_default();
        if let Some(text) = delta.content.filter(|text| !text.is_empty()) {
            self.grown.text.push_str(&text);
            self.output.delta(&text).map_err(|error| Failure::output(&error))?;
        }
        if let Some(words) = delta.refusal {
            self.grown.refusal.push_str(&words);
        }
        delta.tool_calls.into_iter().flatten().for_each(|piece| self.take_call(piece));
        self.grown.stop_reason = choice.finish_reason.or(self.grown.stop_reason.take());
        Ok(())
    }

    fn take_call(&mut self, piece: CallPiece) {
        let function = piece.function.unwrap_or_default();
        let id = piece.id.unwrap_or_default();
        let name = function.name.unwrap_or_default();
        let arguments = function.arguments.unwrap_or_default();
        self.grown.calls.take(piece.index, &id, &name, &arguments);
    }

    /// Each event that has some has all.
    fn take_sources(&mut self, found: Option<Vec<Found>>, citations: Option<Vec<String>>) {
        let found: Vec<Source> = found.into_iter().flatten().filter_map(Found::source).collect();
        let named = citations.into_iter().flatten().map(|url| Source { url, ..Source::default() });
        let named: Vec<Source> = named.collect();
        if !found.is_empty() {
            self.grown.sources = found;
        } else if !named.is_empty() && self.grown.sources.is_empty() {
            self.grown.sources = named;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use callboard_actors::processes::{Charge, Told};
    use futures::stream;
    use serde_json::json;

    use super::*;
    use crate::world::models::call::Usage;
    use crate::world::models::prices::Prices;
    use crate::world::models::sse::events;

    const HELLO: &str = r#"{"model":"m-1","choices":[{"index":0,"delta":{"content":"hello"}}]}"#;
    const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}"#;

    async fn answered(data: &[&str], ends_early: bool) -> (Result<Grown, Failure>, String) {
        let raw = data.iter().fold(String::new(), |all, data| all + "data: " + data + "\n\n");
        let bytes = raw.as_bytes().chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
        let bytes = stream::iter(bytes.collect::<Vec<_>>());
        let mut output = String::new();
        let events = events(bytes, Duration::from_mins(1));
        let mut grown = Grown::default();
        let end = read(events, "openai", ends_early, &mut grown, &mut output).await;
        (end.map(|()| grown), output)
    }

    async fn kind(data: &[&str]) -> FailureKind {
        answered(data, false).await.0.unwrap_err().kind
    }

    #[tokio::test]
    async fn a_whole_stream_is_an_answer() {
        let (answer, output) = answered(&[HELLO, HELLO, STOP, USAGE, DONE], false).await;
        let answer = answer.unwrap();
        assert_eq!((answer.text.as_str(), output.as_str()), ("hellohello", "hellohello"));
        assert_eq!((answer.model.as_str(), answer.stop_reason.as_deref()), ("m-1", Some("stop")));
        let usage = Usage { tokens_in: 9, tokens_out: 5, cached: 4, reasoning: 2 };
        assert_eq!(answer.usage, Some(usage));
    }

    #[tokio::test]
    async fn a_stream_without_its_end_is_cut_even_after_the_model_stopped() {
        assert_eq!(kind(&[]).await, FailureKind::Cut);
        assert_eq!(kind(&[HELLO]).await, FailureKind::Cut);
        assert_eq!(kind(&[HELLO, STOP, USAGE]).await, FailureKind::Cut);
        assert!(answered(&[HELLO, STOP], true).await.0.is_ok());
        assert!(answered(&[HELLO], true).await.0.is_err());
        assert_eq!(kind(&[HELLO, DONE]).await, FailureKind::Malformed);
    }

    #[tokio::test]
    async fn errors_in_the_middle_end_the_call_with_their_kind() {
        let error = |code: &str| json!({ "error": { "code": code, "message": "m" } }).to_string();
        let at = |error: String| async move { kind(&[HELLO, &error]).await };
        assert_eq!(at(error("server_error")).await, FailureKind::ServerError);
        assert_eq!(at(error("rate_limit_exceeded")).await, FailureKind::RateLimited);
        assert_eq!(
            at(json!({ "error": "out of memory" }).to_string()).await,
            FailureKind::ServerError
        );
        assert_eq!(kind(&[HELLO, "{\"choices\":"]).await, FailureKind::Malformed);
    }

    #[tokio::test]
    async fn what_a_call_has_cost_that_broke_off_is_known_once_all_that_came_out_is_counted() {
        let charge = async |data: &[&str]| {
            let (events, mut grown) =
                (data.iter().map(|data| Ok((*data).to_owned())), Grown::default());
            let events = stream::iter(events.collect::<Vec<_>>());
            read(events, "openai", false, &mut grown, &mut String::new()).await.unwrap_err();
            grown.charge(&Prices::default())
        };
        let error = r#"{"error":{"code":"rate_limit_exceeded","message":"slow"}}"#;
        assert_eq!(charge(&[error]).await, None, "nothing has come: its kind says it");
        assert_eq!(charge(&[HELLO]).await, Some(Charge::Unknown));
        assert_eq!(charge(&[HELLO, error]).await, Some(Charge::Unknown));
        assert_eq!(charge(&[HELLO, STOP]).await, Some(Charge::Unknown));
        let told = Told { tokens_in: 9, tokens_out: 5, cost_usd: None };
        assert_eq!(charge(&[HELLO, STOP, USAGE]).await, Some(Charge::Told(told)));
        assert_eq!(charge(&[HELLO, USAGE]).await, Some(Charge::Unknown), "it may go on");
    }

    #[tokio::test]
    async fn calls_and_refusals_grow_piece_by_piece() {
        let piece = |index: usize, id: Option<&str>, arguments: &str| {
            let name = id.map(|_| "look");
            let call = json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
            json!({ "choices": [{ "delta": { "content": null, "tool_calls": [call] } }] })
                .to_string()
        };
        let (first, second) = (piece(0, Some("a"), ""), piece(1, Some("b"), "{\"at\""));
        let (third, fourth) = (piece(0, None, "{\"at\":1}"), piece(1, None, ":2}"));
        let no = json!({ "choices": [{ "delta": { "refusal": "no" } }] }).to_string();
        let data = [&first, &second, &third, &fourth, &no, &no, STOP, DONE];
        let answer = answered(&data, false).await.0.unwrap();
        let calls = answer.calls.grown();
        let calls: Vec<_> = calls.iter().map(|call| (call.id.as_str(), &call.arguments)).collect();
        assert_eq!(calls, [("a", &json!({ "at": 1 })), ("b", &json!({ "at": 2 }))]);
        assert_eq!(answer.refusal, "nono");
    }

    #[tokio::test]
    async fn sources_and_what_it_has_cost_come_with_the_answer() {
        let found = json!({
            "citations": ["https://a"], "search_results": [{ "title": "A", "url": "https://a", "date": null }],
            "usage": { "prompt_tokens": 1, "completion_tokens": 2, "cost": { "total_cost": 0.25 } },
            "choices": [{ "delta": { "content": "as [1] says" }, "finish_reason": "stop" }],
        });
        let answer = answered(&[&found.to_string()], true).await.0.unwrap();
        let source = Source { url: "https://a".into(), title: Some("A".into()), date: None };
        assert_eq!((answer.sources, answer.cost_usd), (vec![source], Some(0.25)));
        let older = json!({ "citations": ["https://b"], "choices": [] }).to_string();
        let answer = answered(&[&older, STOP], true).await.0.unwrap();
        assert_eq!(answer.sources, [Source { url: "https://b".into(), ..Source::default() }]);
    }
}
