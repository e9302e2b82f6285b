//! Puts an answer together from the events of a stream.

use futures::{Stream, StreamExt};
use serde_json::{Value, json};

use super::wire::{Event, Item, Response};
use crate::world::models::call::Output;
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::openai::grown::Grown;
use crate::world::models::refusal::{from_event, malformed};

/// An answer as far as it has come.
struct Growing<'a> {
    grown: &'a mut Grown,
    vendor: &'a str,
    output: &'a mut dyn Output,
}

/// Reads the data of `events` into `grown`, to the end of the answer, and streams its text to `output`. A stream that ends without
/// its last event is [`FailureKind::Cut`], whatever came before.
pub(in crate::world::models::openai) async fn read(
    events: impl Stream<Item = Result<String, Failure>>,
    vendor: &str,
    grown: &mut Grown,
    output: &mut dyn Output,
) -> Result<(), Failure> {
    let mut growing = Growing { grown, vendor, output };
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        if growing.take(&event?)? {
            return Ok(());
        }
    }
    let said = growing.grown.text.len();
    let message = format!("the stream ended without response.completed after {said} characters");
    Err(Failure::new(FailureKind::Cut, message))
}

impl Growing<'_> {
    /// Whether that was all.
    fn take(&mut self, data: &str) -> Result<bool, Failure> {
        let event = serde_json::from_str(data)
            .map_err(|error| malformed(&format!("an event is no valid JSON ({error})"), data))?;
        self.grown.has_begun |= !matches!(event, Event::Error { .. } | Event::Failed { .. });
        match event {
            Event::Created { response } => self.take_response(response),
            Event::Text { delta } => self.take_text(&delta)?,
            Event::Refusal { delta } => self.grown.refusal.push_str(&delta),
            Event::Added { output_index, item: Item::Call { call_id, name, .. } } => {
                self.grown.calls.begin(output_index, &call_id, &name, Value::Null);
            }
            Event::Arguments { output_index, delta } => self.grown.calls.add(output_index, &delta),
            Event::Whole { output_index, item: Item::Call { arguments, .. } } => {
                if let Some(arguments) = arguments {
                    self.grown.calls.set(output_index, &arguments);
                }
            }
            Event::Completed { response } | Event::Incomplete { response } => {
                self.end(response);
                return Ok(true);
            }
            Event::Failed { mut response } => {
                let error = response.error.take();
                self.count(response);
                return Err(self.broken(error));
            }
            Event::Error { error, code, message } => {
                let plain = json!({ "code": code, "message": message });
                return Err(self.broken(error.or(Some(plain))));
            }
            Event::Added { .. } | Event::Whole { .. } | Event::Other => {}
        }
        Ok(false)
    }

    fn take_text(&mut self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        self.grown.text.push_str(text);
        self.output.delta(text).map_err(|error| Failure::output(&error))
    }

    fn take_response(&mut self, response: Response) {
        if let Some(model) = response.model {
            self.grown.model = model;
        }
        if let Some(counts) = response.usage {
            self.grown.usage = Some(counts.usage());
            self.grown.cost_usd = counts.cost_usd().or(self.grown.cost_usd);
        }
    }

    fn end(&mut self, response: Response) {
        let why = response.incomplete_details.as_ref().and_then(|it| it.reason.clone());
        let usual = if self.grown.calls.is_empty() { "stop" } else { "tool_calls" };
        self.grown.stop_reason = Some(match why.as_deref() {
            None => usual.to_owned(),
            Some("max_output_tokens") => "length".to_owned(),
            Some(other) => other.to_owned(),
        });
        self.count(response);
    }

    /// At the end all is counted, where it is.
    fn count(&mut self, response: Response) {
        self.grown.is_counted = response.usage.is_some();
        self.grown.has_begun |= self.grown.is_counted;
        self.take_response(response);
    }

    fn broken(&self, error: Option<Value>) -> Failure {
        from_event(self.vendor, &error.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use callboard_actors::processes::{Charge, Told};
    use futures::stream;

    use super::*;
    use crate::world::models::call::Usage;
    use crate::world::models::prices::Prices;

    fn created() -> Value {
        json!({ "type": "response.created", "response": { "model": "m-1", "usage": null } })
    }

    fn hello() -> Value {
        json!({ "type": "response.output_text.delta", "output_index": 0, "delta": "hello" })
    }

    fn ended(kind: &str, response: &Value) -> Value {
        json!({ "type": format!("response.{kind}"), "response": response })
    }

    async fn answered(events: &[Value]) -> (Result<Grown, Failure>, String) {
        let events: Vec<_> = events.iter().map(|event| Ok(event.to_string())).collect();
        let mut output = String::new();
        let mut grown = Grown::default();
        let end = read(stream::iter(events), "openai", &mut grown, &mut output).await;
        (end.map(|()| grown), output)
    }

    #[tokio::test]
    async fn a_whole_stream_is_an_answer() {
        let usage = json!({
            "input_tokens": 9, "output_tokens": 5, "input_tokens_details": { "cached_tokens": 4 },
            "output_tokens_details": { "reasoning_tokens": 2 },
        });
        let new = json!({ "type": "response.something_new", "data": [1] });
        let thought = json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "reasoning" } });
        let done = ended("completed", &json!({ "model": "m-2", "usage": usage }));
        let (answer, output) = answered(&[created(), new, thought, hello(), hello(), done]).await;
        let answer = answer.unwrap();
        assert_eq!((answer.text.as_str(), output.as_str()), ("hellohello", "hellohello"));
        assert_eq!((answer.model.as_str(), answer.stop_reason.as_deref()), ("m-2", Some("stop")));
        let usage = Usage { tokens_in: 9, tokens_out: 5, cached: 4, reasoning: 2 };
        assert_eq!(answer.usage, Some(usage));
    }

    #[tokio::test]
    async fn calls_grow_piece_by_piece_and_count_as_they_are_in_the_end() {
        let added = |place: usize, id: &str| {
            let item =
                json!({ "type": "function_call", "call_id": id, "name": "look", "arguments": "" });
            json!({ "type": "response.output_item.added", "output_index": place, "item": item })
        };
        let piece = |place: usize, text: &str| json!({ "type": "response.function_call_arguments.delta", "output_index": place, "delta": text });
        let whole = json!({ "type": "response.output_item.done", "output_index": 2, "item": {
            "type": "function_call", "call_id": "b", "name": "look", "arguments": "{\"at\":2}" } });
        let events = [
            created(),
            added(1, "a"),
            added(2, "b"),
            piece(1, "{\"at\""),
            piece(2, "{\"at"),
            piece(1, ":1}"),
            whole,
            ended("completed", &json!({})),
        ];
        let answer = answered(&events).await.0.unwrap();
        let calls = answer.calls.grown();
        let calls: Vec<_> = calls.iter().map(|call| (call.id.as_str(), &call.arguments)).collect();
        assert_eq!(calls, [("a", &json!({ "at": 1 })), ("b", &json!({ "at": 2 }))]);
        assert_eq!(answer.stop_reason.as_deref(), Some("tool_calls"));
    }

    #[tokio::test]
    async fn what_is_not_whole_says_why() {
        let why = |reason: &str| {
            ended("incomplete", &json!({ "incomplete_details": { "reason": reason } }))
        };
        let stop_reason = |reason: &'static str| async move {
            answered(&[created(), hello(), why(reason)]).await.0.unwrap().stop_reason
        };
        assert_eq!(stop_reason("max_output_tokens").await.as_deref(), Some("length"));
        assert_eq!(stop_reason("content_filter").await.as_deref(), Some("content_filter"));
        let no = json!({ "type": "response.refusal.delta", "delta": "no" });
        let refused = answered(&[created(), no, ended("completed", &json!({}))]).await.0.unwrap();
        assert_eq!(refused.refusal, "no");
    }

    #[tokio::test]
    async fn what_a_call_has_cost_that_failed_is_known_where_its_last_event_counts_it() {
        let charge = async |events: &[Value]| {
            let events: Vec<_> = events.iter().map(|event| Ok(event.to_string())).collect();
            let (events, mut grown) = (stream::iter(events), Grown::default());
            read(events, "openai", &mut grown, &mut String::new()).await.unwrap_err();
            grown.charge(&Prices::default())
        };
        let error = json!({ "code": "server_error", "message": "m" });
        let plain = json!({ "type": "error", "code": "rate_limit_exceeded", "message": "slow" });
        assert_eq!(
            charge(std::slice::from_ref(&plain)).await,
            None,
            "nothing has come: its kind says it"
        );
        assert_eq!(charge(&[created(), plain]).await, Some(Charge::Unknown));
        assert_eq!(charge(&[created(), hello()]).await, Some(Charge::Unknown));
        let failed = ended("failed", &json!({ "error": error, "usage": null }));
        assert_eq!(charge(&[created(), failed]).await, Some(Charge::Unknown));
        let usage = json!({ "input_tokens": 9, "output_tokens": 5 });
        let counted = ended("failed", &json!({ "error": error, "usage": usage }));
        let told = Told { tokens_in: 9, tokens_out: 5, cost_usd: None };
        assert_eq!(charge(&[created(), hello(), counted]).await, Some(Charge::Told(told)));
    }

    #[tokio::test]
    async fn what_ends_otherwise_is_a_failure() {
        let kind = |events: Vec<Value>| async move { answered(&events).await.0.unwrap_err().kind };
        assert_eq!(kind(vec![]).await, FailureKind::Cut);
        assert_eq!(kind(vec![created(), hello()]).await, FailureKind::Cut);
        let error = json!({ "code": "rate_limit_exceeded", "message": "slow" });
        let failed = ended("failed", &json!({ "error": error }));
        assert_eq!(kind(vec![created(), hello(), failed]).await, FailureKind::RateLimited);
        let plain = json!({ "type": "error", "code": "server_error", "message": "m" });
        assert_eq!(kind(vec![created(), plain]).await, FailureKind::ServerError);
        let within = json!({ "type": "error", "error": error });
        assert_eq!(kind(vec![within]).await, FailureKind::RateLimited);
        assert_eq!(kind(vec![json!("no event")]).await, FailureKind::Malformed);
    }
}
