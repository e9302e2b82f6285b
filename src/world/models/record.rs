//! Writes down what a model answers, so that it can be replayed.
//!
//! Each answer becomes one line of a replay file: a JSON object behind a dash is a YAML list item.
//! Lines are appended whole under a lock on the file, so recorders in several programs may share
//! one. Nothing is synced: a recording is a convenience, and what a crash tears is cut off at
//! the next append.
//!
//! Errors are recorded with `times: 1`, since the next try met something else. Answers are
//! recorded without a limit, so that a recording can be replayed any number of times; of two
//! answers to the same prompt the first is the one replayed.

mod file;

use std::io;
use std::path::PathBuf;

use callboard_actors::tools::ToolCall;
use futures::future::{FutureExt, LocalBoxFuture};
use tracing::warn;

use super::call::{Answer, Call, Model, Output};
use super::failure::Failure;
use super::replay::{ErrorKind, Item, Matcher, ScriptedCall, ScriptedError, sha256};

/// The longest prompt, in bytes, that is written out; longer ones are matched by their hash.
const READABLE: usize = 200;

/// A model around a model: answers as the inner one does, and keeps what it answered.
#[derive(Debug)]
pub struct Recorder<M> {
    inner: M,
    path: PathBuf,
}

impl<M: Model> Recorder<M> {
    /// Records what `inner` answers into the replay file at `path`, which is created for its
    /// owner alone (mode 0600) with the first answer.
    pub fn new(inner: M, path: impl Into<PathBuf>) -> Self {
        Self { inner, path: path.into() }
    }

    async fn answer(&self, call: Call, output: &mut dyn Output) -> Result<Answer, Failure> {
        let mut item = Item { matcher: matcher(&call), ..Item::default() };
        let mut heard = Heard { output, text: String::new() };
        let result = self.inner.call(call, &mut heard).await;
        let known = match &result {
            Ok(answer) => fill_answer(&mut item, answer),
            Err(failure) => fill_error(&mut item, failure, heard.text),
        };
        if known {
            self.keep(&item);
        }
        result
    }

    /// An answer that was paid for is not lost for the sake of its recording.
    fn keep(&self, item: &Item) {
        if let Err(error) = file::append(&self.path, item) {
            warn!(path = %self.path.display(), %error, "failed to record an answer");
        }
    }
}

impl<M: Model> Model for Recorder<M> {
    fn call<'a>(
        &'a self,
        call: Call,
        output: &'a mut dyn Output,
    ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
        self.answer(call, output).boxed_local()
    }
}

/// Passes text on and remembers it.
struct Heard<'a> {
    output: &'a mut dyn Output,
    text: String,
}

impl Output for Heard<'_> {
    fn delta(&mut self, text: &str) -> io::Result<()> {
        self.text.push_str(text);
        self.output.delta(text)
    }
}

/// The model asked for is not part of the match: a replay is asked for another one.
fn matcher(call: &Call) -> Matcher {
    let question = call.question();
    let short = question.len() <= READABLE;
    Matcher {
        prompt_equals: short.then(|| question.to_owned()),
        prompt_sha256: (!short).then(|| sha256(question)),
        system_sha256: call.system.as_deref().map(sha256),
        role: call.role.clone(),
        tool_rounds: (!call.tools.is_empty()).then(|| call.tool_rounds()),
        ..Matcher::default()
    }
}

fn fill_answer(item: &mut Item, answer: &Answer) -> bool {
    let said = !answer.text.is_empty() || answer.calls.is_empty();
    item.answer = said.then(|| answer.text.clone());
    item.tool_calls = answer.calls.iter().map(scripted).collect();
    item.model = Some(answer.model.clone());
    item.stop_reason.clone_from(&answer.stop_reason);
    item.usage = Some(answer.usage.into());
    item.cost_usd = answer.cost_usd;
    true
}

fn scripted(call: &ToolCall) -> ScriptedCall {
    let ToolCall { name, arguments, .. } = call.clone();
    ScriptedCall { name, arguments: Some(arguments), template: None }
}

/// False for failures that say nothing about the model.
fn fill_error(item: &mut Item, failure: &Failure, heard: String) -> bool {
    let Some(kind) = ErrorKind::of(failure.kind) else {
        return false;
    };
    let wait = failure.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    item.error = Some(ScriptedError {
        kind,
        message: Some(failure.message.clone()),
        retry_after_ms: wait,
        after_chars: (!heard.is_empty()).then(|| heard.chars().count()),
    });
    item.answer = (!heard.is_empty()).then_some(heard);
    item.times = Some(1);
    true
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::world::models::call::Usage;
    use crate::world::models::failure::FailureKind;
    use crate::world::models::replay::Replay;

    /// Says its piece and then ends as it was told to.
    struct Told(&'static str, Option<Failure>);

    impl Model for Told {
        fn call<'a>(
            &'a self,
            call: Call,
            output: &'a mut dyn Output,
        ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
            async move {
                output.delta(self.0).unwrap();
                match &self.1 {
                    Some(failure) => Err(failure.clone()),
                    None => Ok(told(self.0, &call)),
                }
            }
            .boxed_local()
        }
    }

    fn told(text: &str, call: &Call) -> Answer {
        Answer {
            text: text.to_owned(),
            model: format!("{}-full", call.model),
            stop_reason: Some("max_tokens".to_owned()),
            usage: Usage::new(3, 4),
            cost_usd: Some(0.25),
            label: None,
            calls: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn call(prompt: &str) -> Call {
        Call { prompt: prompt.to_owned(), model: "m".to_owned(), ..Call::default() }
    }

    #[tokio::test]
    async fn a_recorded_answer_is_replayed_as_it_came() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(
            Told("good \u{1F600} day\n\u{85}\u{7f}", None),
            folder.path().join("r.yaml"),
        );
        let long = "what? ".repeat(20_000);
        for prompt in ["say: \"hi\" # {not} yaml", &long] {
            let answer = recorder.call(call(prompt), &mut String::new()).await.unwrap();
            let replay = Replay::open(folder.path()).unwrap();
            let again = replay.call(call(prompt), &mut String::new()).await.unwrap();
            assert!(again.label.as_deref().unwrap().starts_with("replayed from "));
            assert_eq!(Answer { label: None, ..again }, answer);
        }
    }

    #[tokio::test]
    async fn a_recorded_error_is_met_once_and_then_what_came_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.yaml");
        let failure = Failure {
            kind: FailureKind::Overloaded,
            message: "busy".to_owned(),
            retry_after: Some(Duration::from_millis(1500)),
            charge: FailureKind::Overloaded.charge(),
        };
        let failing = Recorder::new(Told("half an ans", Some(failure)), &path);
        failing.call(call("x"), &mut String::new()).await.unwrap_err();
        Recorder::new(Told("whole", None), &path)
            .call(call("x"), &mut String::new())
            .await
            .unwrap();

        let replay = Replay::open(folder.path()).unwrap();
        let mut output = String::new();
        let failure = replay.call(call("x"), &mut output).await.unwrap_err();
        assert_eq!((failure.kind, output.as_str()), (FailureKind::Overloaded, "half an ans"));
        assert_eq!(failure.retry_after, Some(Duration::from_millis(1500)));
        assert_eq!(replay.call(call("x"), &mut output).await.unwrap().text, "whole");
    }

    #[tokio::test]
    async fn roles_keep_recordings_apart_and_the_file_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.yaml");
        let recorder = Recorder::new(Told("for the reviewer", None), &path);
        let reviewer = Call { role: Some("reviewer".to_owned()), ..call("x") };
        recorder.call(reviewer, &mut String::new()).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let replay = Replay::open(folder.path()).unwrap();
        let failure = replay.call(call("x"), &mut String::new()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NoRecording);
    }

    #[tokio::test]
    async fn an_answer_survives_a_recording_that_fails() {
        let recorder = Recorder::new(Told("fine", None), "/nowhere/at/all/r.yaml");
        assert_eq!(recorder.call(call("x"), &mut String::new()).await.unwrap().text, "fine");
    }
}
