//! Puts an answer together from the events of a stream.

use callboard_actors::processes::{Charge, Told};
use callboard_actors::tools::ToolCall;
use futures::{Stream, StreamExt};

use super::wire::{Event, Message, Piece, TokenCounts};
use crate::world::models::call::{Output, Usage};
use crate::world::models::calls::Calls;
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::refusal::{from_event, malformed};

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Growing {
    /// The model by the server's name; empty until the message has begun.
    pub(super) model: String,
    pub(super) text: String,
    pub(super) stop_reason: Option<String>,
    calls: Calls,
    counts: TokenCounts,
    /// All that came out is counted.
    is_counted: bool,
}

/// What an event brought.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Text(String),
    Nothing,
    Complete,
}

/// Reads the data of `events` into `answer`, to the end of the message, and streams its text to `output`. A stream that
/// ends without `message_stop` is [`FailureKind::Cut`], whatever came before.
pub(super) async fn read(
    events: impl Stream<Item = Result<String, Failure>>,
    answer: &mut Growing,
    output: &mut dyn Output,
) -> Result<(), Failure> {
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        match answer.take(&event?)? {
            Step::Text(text) => answer.grow(&text, output)?,
            Step::Nothing => {}
            Step::Complete => return Ok(()),
        }
    }
    let message =
        format!("the stream ended without message_stop after {} characters", answer.text.len());
    Err(Failure::new(FailureKind::Cut, message))
}

impl Growing {
    /// The tokens counted so far, cached ones included.
    pub(super) fn usage(&self) -> Usage {
        let TokenCounts { input, cache_write, cache_read, output } = self.counts;
        Usage {
            tokens_in: [input, cache_write, cache_read].into_iter().flatten().sum(),
            tokens_out: output.unwrap_or(0),
            cached: cache_read.unwrap_or(0),
            reasoning: 0,
        }
    }

    /// What the call has cost though it failed in the middle; `None`: nothing of an answer has come. What goes in is told
    /// at the beginning, but what has come out only at the end: before that nobody knows what it costs.
    pub(super) fn charge(&self) -> Option<Charge> {
        if self.model.is_empty() {
            return None;
        }
        let Usage { tokens_in, tokens_out, .. } = self.usage();
        let told = Told { tokens_in, tokens_out, cost_usd: None };
        Some(if self.is_counted { Charge::Told(told) } else { Charge::Unknown })
    }

    fn grow(&mut self, text: &str, output: &mut dyn Output) -> Result<(), Failure> {
        self.text.push_str(text);
        output.delta(text).map_err(|error| Failure::output(&error))
    }

    fn take(&mut self, data: &str) -> Result<Step, Failure> {
        match parsed(data)? {
            Event::MessageStart { message } => self.begin(message),
            Event::ContentBlockStart { index, content_block: piece }
            | Event::ContentBlockDelta { index, delta: piece } => {
                return Ok(self.take_piece(index, piece));
            }
            Event::MessageDelta { delta, usage } => {
                self.stop_reason = delta.stop_reason.or(self.stop_reason.take());
                let usage = usage.unwrap_or_default();
                self.is_counted |= usage.output.is_some();
                self.counts.update(usage);
            }
            Event::MessageStop if self.model.is_empty() => {
                return Err(malformed("message_stop came before message_start", data));
            }
            Event::MessageStop => return Ok(Step::Complete),
            Event::Error { error } => return Err(from_event("anthropic", &error)),
            Event::Other => {}
        }
        Ok(Step::Nothing)
    }

    fn take_piece(&mut self, index: usize, piece: Piece) -> Step {
        match piece {
            Piece::Text { text } if !text.is_empty() => return Step::Text(text),
            Piece::ToolUse { id, name, input } => {
                self.calls.begin(Some(index), &id, &name, input);
            }
            Piece::Input { partial_json } => self.calls.add(Some(index), &partial_json),
            Piece::Text { .. } | Piece::Other => {}
        }
        Step::Nothing
    }

    /// What the answer calls, in its order.
    pub(super) fn calls(&self) -> Vec<ToolCall> {
        self.calls.grown()
    }

    fn begin(&mut self, message: Message) {
        self.model = message.model;
        self.counts.update(message.usage);
    }
}

impl TokenCounts {
    /// Takes over what `newer` knows: the counts are cumulative.
    fn update(&mut self, newer: Self) {
        self.input = newer.input.or(self.input);
        self.cache_write = newer.cache_write.or(self.cache_write);
        self.cache_read = newer.cache_read.or(self.cache_read);
        self.output = newer.output.or(self.output);
    }
}

fn parsed(data: &str) -> Result<Event, Failure> {
    serde_json::from_str(data)
        .map_err(|error| malformed(&format!("an event is no valid JSON ({error})"), data))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use bytes::Bytes;
    use futures::stream;

    use super::*;
    use crate::world::models::sse::events;

    const START: &str = r#"{"type":"message_start","message":{"model":"m-1","usage":{"input_tokens":9,"cache_read_input_tokens":1,"output_tokens":1}}}"#;
    const HELLO: &str =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}"#;
    const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#;
    const STOP: &str = r#"{"type":"message_stop"}"#;

    fn sse(events: &[&str]) -> String {
        events.iter().fold(String::new(), |all, data| all + "event: e\ndata: " + data + "\n\n")
    }

    async fn answered(raw: &str) -> (Result<Growing, Failure>, String) {
        let bytes = raw.as_bytes().chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
        let mut output = String::new();
        let mut answer = Growing::default();
        let bytes = stream::iter(bytes.collect::<Vec<_>>());
        let end = read(events(bytes, Duration::from_mins(1)), &mut answer, &mut output).await;
        (end.map(|()| answer), output)
    }

    async fn kind(events: &[&str]) -> FailureKind {
        answered(&sse(events)).await.0.unwrap_err().kind
    }

    #[tokio::test]
    async fn a_whole_stream_is_an_answer() {
        let (answer, output) = answered(&sse(&[START, HELLO, HELLO, END, STOP])).await;
        let answer = answer.unwrap();
        assert_eq!((answer.text.as_str(), output.as_str()), ("hellohello", "hellohello"));
        assert_eq!(
            (answer.model.as_str(), answer.stop_reason.as_deref()),
            ("m-1", Some("end_turn"))
        );
        assert_eq!(answer.usage(), Usage { cached: 1, ..Usage::new(10, 5) });
    }

    #[tokio::test]
    async fn thinking_pings_and_unknown_things_are_passed_over() {
        let thinking =
            r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#;
        let block = r#"{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"t","input":{}}}"#;
        let ping = r#"{"type":"ping"}"#;
        let new = r#"{"type":"something_new","data":[1]}"#;
        let closed = r#"{"type":"content_block_stop","index":0}"#;
        let (answer, _) =
            answered(&sse(&[START, ping, thinking, block, new, HELLO, closed, END, STOP])).await;
        assert_eq!(answer.unwrap().text, "hello");
    }

    #[tokio::test]
    async fn calls_are_put_together_from_their_pieces_and_kept_in_order() {
        let begin = |index: u8, id: &str| {
            format!(
                r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"tool_use","id":"{id}","name":"look","input":{{}}}}}}"#
            )
        };
        let piece = |index: u8, text: &str| {
            let delta = serde_json::json!({ "type": "input_json_delta", "partial_json": text });
            serde_json::json!({ "type": "content_block_delta", "index": index, "delta": delta })
                .to_string()
        };
        let events = [
            START.to_owned(),
            HELLO.to_owned(),
            begin(1, "a"),
            piece(1, ""),
            piece(1, "{\"at\": [\"it\","),
            begin(2, "b"),
            piece(1, " 1]}"),
            begin(3, "c"),
            piece(3, "{\"at\": "),
            END.to_owned(),
            STOP.to_owned(),
        ];
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let (answer, output) = answered(&sse(&events)).await;
        let call = |id: &str, arguments| ToolCall { id: id.into(), name: "look".into(), arguments };
        let calls = [
            call("a", serde_json::json!({ "at": ["it", 1] })),
            call("b", serde_json::json!({})),
            call("c", serde_json::json!("{\"at\":")),
        ];
        assert_eq!((answer.unwrap().calls(), output.as_str()), (calls.into(), "hello"));
    }

    #[tokio::test]
    async fn a_stream_without_its_end_is_cut_even_after_the_stop_reason() {
        assert_eq!(kind(&[]).await, FailureKind::Cut);
        assert_eq!(kind(&[START, HELLO]).await, FailureKind::Cut);
        assert_eq!(kind(&[START, HELLO, END]).await, FailureKind::Cut);
    }

    #[tokio::test]
    async fn what_a_call_has_cost_that_broke_off_is_known_once_all_that_came_out_is_counted() {
        let charge = async |events: &[&str]| {
            let mut answer = Growing::default();
            let data = stream::iter(events.iter().map(|data| Ok((*data).to_owned())));
            read(data, &mut answer, &mut String::new()).await.unwrap_err();
            answer.charge()
        };
        let overloaded =
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        assert_eq!(charge(&[overloaded]).await, None, "nothing has come: its kind says it");
        assert_eq!(charge(&[START, HELLO]).await, Some(Charge::Unknown));
        assert_eq!(charge(&[START, HELLO, overloaded]).await, Some(Charge::Unknown));
        let told = Told { tokens_in: 10, tokens_out: 5, cost_usd: None };
        assert_eq!(charge(&[START, HELLO, END]).await, Some(Charge::Told(told)));
    }

    #[tokio::test]
    async fn an_end_whose_blank_line_is_missing_is_cut() {
        let raw = sse(&[START, HELLO, END]) + "data: " + STOP;
        assert_eq!(answered(&raw).await.0.unwrap_err().kind, FailureKind::Cut);
    }

    #[tokio::test]
    async fn an_error_event_ends_the_call_with_its_kind() {
        let error =
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        assert_eq!(kind(&[START, HELLO, error]).await, FailureKind::Overloaded);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_malformed() {
        assert_eq!(kind(&[START, "{\"type\":"]).await, FailureKind::Malformed);
        assert_eq!(kind(&[STOP]).await, FailureKind::Malformed);
    }

    struct Full;

    impl Output for Full {
        fn delta(&mut self, _: &str) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[tokio::test]
    async fn an_output_that_fails_ends_the_call() {
        let data = stream::iter([START, HELLO, END, STOP].map(|data| Ok(data.to_owned())));
        let failure = read(data, &mut Growing::default(), &mut Full).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Output);
    }
}
