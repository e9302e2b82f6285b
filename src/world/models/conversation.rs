//! A conversation as providers want it: what a model called stands right before what it was told of that, or the whole
//! request is refused.
//!
//! Conversations are shared: another asker's turn may stand between a call and its result, a call may never have got
//! one, and whoever goes on may have no tools. What does not stand as it has to is told in words. How a message is
//! written down is each provider's own affair.

use std::borrow::Cow;

use callboard_actors::tools::{ToolCall, ToolResult};
use serde_json::{Map, Value};

use super::call::{Call, Speaker, Turn};

/// What one side says at once; never nothing.
#[derive(Debug, PartialEq)]
pub(super) struct Message<'a> {
    pub(super) speaker: Speaker,
    /// Text stands before calls and behind results.
    pub(super) parts: Vec<Part<'a>>,
}

/// A part of it.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'a> {
    /// What was said: borrowed as it was said, owned where it is told in place of a call or a result.
    Text(Cow<'a, str>),
    /// A call whose result follows.
    Call(&'a ToolCall),
    /// The result of a call before it.
    Result(&'a ToolResult),
}

/// The messages of a call. Turns that say nothing are left out, since APIs refuse them and an answer may well
/// have been empty.
pub(super) fn conversation(call: &Call) -> Vec<Message<'_>> {
    let Call { prompt, results, history, tools, .. } = call;
    let mut messages = Vec::with_capacity(history.len() + 1);
    let mut made: &[ToolCall] = &[];
    for (at, turn) in history.iter().enumerate() {
        let told = history.get(at + 1).map_or(results.as_slice(), |next| &next.results);
        let is_paired = !tools.is_empty() && pair(&turn.calls, told);
        messages.extend(match turn.speaker {
            Speaker::User => asked(&turn.text, &turn.results, made),
            Speaker::Assistant => said(turn, is_paired),
        });
        made = if is_paired { &turn.calls } else { &[] };
    }
    messages.extend(asked(prompt, results, made));
    messages
}

/// What a call was made with, as an object: nothing else is taken.
pub(super) fn arguments(call: &ToolCall) -> Cow<'_, Value> {
    match &call.arguments {
        object @ Value::Object(_) => Cow::Borrowed(object),
        other => {
            let unreadable = ("unreadable".to_owned(), other.clone());
            Cow::Owned(Value::Object(Map::from_iter([unreadable])))
        }
    }
}

/// Whether each call has its result, and each result its call.
fn pair(calls: &[ToolCall], results: &[ToolResult]) -> bool {
    let has = |call: &ToolCall| results.iter().any(|result| result.id == call.id);
    calls.len() == results.len() && calls.iter().all(has)
}

fn asked<'a>(text: &'a str, results: &'a [ToolResult], made: &[ToolCall]) -> Option<Message<'a>> {
    let is_paired = !made.is_empty();
    let told = results.iter().map(|result| told(result, is_paired));
    message(Speaker::User, told.chain(spoken(text)).collect())
}

fn told(result: &ToolResult, is_paired: bool) -> Part<'_> {
    if is_paired {
        return Part::Result(result);
    }
    let ToolResult { name, is_error, .. } = result;
    let how = if *is_error { "failed" } else { "gave" };
    Part::Text(format!("[the tool {name} {how}: {}]", result.text()).into())
}

fn said(turn: &Turn, is_paired: bool) -> Option<Message<'_>> {
    let calls = turn.calls.iter().map(|call| called(call, is_paired));
    message(Speaker::Assistant, spoken(&turn.text).into_iter().chain(calls).collect())
}

fn called(call: &ToolCall, is_paired: bool) -> Part<'_> {
    if is_paired {
        return Part::Call(call);
    }
    let ToolCall { name, arguments, .. } = call;
    Part::Text(format!("[called the tool {name} with {arguments}]").into())
}

fn spoken(text: &str) -> Option<Part<'_>> {
    (!text.trim().is_empty()).then(|| Part::Text(text.into()))
}

fn message(speaker: Speaker, parts: Vec<Part<'_>>) -> Option<Message<'_>> {
    (!parts.is_empty()).then_some(Message { speaker, parts })
}
