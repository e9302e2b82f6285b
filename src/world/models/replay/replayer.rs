//! The model that plays a repertoire.

use std::path::Path;
use std::sync::Arc;

use futures::future::{FutureExt, LocalBoxFuture};

use super::counts::Counts;
use super::error::ScriptError;
use super::folder::{Entry, Repertoire};
use super::matcher::sha256;
use super::play;
use super::script::Unmatched;
use crate::world::models::call::{Answer, Call, Model, Output, Usage};
use crate::world::models::failure::Failure;

/// Answers from a folder of scripts. Clones share their counts.
#[derive(Clone, Debug)]
pub struct Replay(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    repertoire: Repertoire,
    counts: Counts,
    /// Where a person would add an answer.
    folder: String,
}

/// A [`Replay`] whose `per: process` answers are counted for one key.
#[derive(Clone, Debug)]
pub struct CountedReplay {
    replay: Replay,
    key: String,
}

impl Replay {
    /// Reads `folder` once, or the shipped scripts when there is no such folder. Later changes to
    /// the files are not seen.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, ScriptError> {
        let folder = folder.as_ref();
        Ok(Self::new(Repertoire::read(folder)?, folder.display().to_string()))
    }

    /// The scripts that ship with the binary.
    pub fn shipped() -> Result<Self, ScriptError> {
        Ok(Self::new(Repertoire::shipped()?, "config/replay".to_owned()))
    }

    /// The same scripts, with answers marked `per: process` counted for `key` alone. Handles of
    /// the same key share its counts, so a key outlives its handles.
    pub fn counted_for(&self, key: impl Into<String>) -> CountedReplay {
        CountedReplay { replay: self.clone(), key: key.into() }
    }

    /// Forgets what was counted for `key`, once nothing will be asked under it any more.
    pub fn forget(&self, key: &str) {
        self.0.counts.forget(key);
    }

    /// What the answer to a call would cost, which takes no use of it; `None`: nothing answers it. Where an answer is
    /// given a limited number of times, the one after it may be the one: the most of each counts.
    pub fn estimate(&self, call: &Call) -> Option<(Usage, f64)> {
        let Shared { repertoire, folder, .. } = &*self.0;
        let hash = sha256(&call.prompt);
        let mut costs: Vec<(Usage, f64)> = Vec::new();
        for entry in repertoire.entries.iter().filter(|entry| entry.item.matcher.fits(call, &hash))
        {
            costs.extend(play::cost(entry, call));
            if entry.item.times.is_none() {
                return most(costs);
            }
        }
        if repertoire.unmatched == Unmatched::Generic {
            costs.push((play::generic_usage(call, folder), 0.0));
        }
        most(costs)
    }

    /// The most that any of its answers may cost.
    pub fn dearest(&self, call: &Call) -> Option<(Usage, f64)> {
        let entries = self.0.repertoire.entries.iter();
        most(entries.filter_map(|entry| play::cost(entry, call)).collect())
    }

    fn new(repertoire: Repertoire, folder: String) -> Self {
        Self(Arc::new(Shared { repertoire, counts: Counts::default(), folder }))
    }

    /// The first entry that fits and is not used up, with one use of it taken.
    fn find(&self, call: &Call, key: &str) -> Option<&Entry> {
        let hash = sha256(call.question());
        let Shared { repertoire, counts, .. } = &*self.0;
        let mut entries = repertoire.entries.iter().enumerate();
        let found = entries.find(|(index, entry)| {
            entry.item.matcher.fits(call, &hash) && counts.take(key, *index, &entry.item)
        });
        found.map(|(_, entry)| entry)
    }

    async fn answer(
        &self,
        call: Call,
        key: &str,
        output: &mut dyn Output,
    ) -> Result<Answer, Failure> {
        match (self.find(&call, key), self.0.repertoire.unmatched) {
            (Some(entry), _) => play::play(entry, &call, output).await,
            (None, Unmatched::Generic) => play::play_generic(&call, &self.0.folder, output).await,
            (None, Unmatched::Refuse) => Err(play::refusal(&call, &self.0.folder)),
        }
    }
}

/// The most of each.
fn most(costs: Vec<(Usage, f64)>) -> Option<(Usage, f64)> {
    costs.into_iter().reduce(|(a, a_usd), (b, b_usd)| {
        let tokens_in = a.tokens_in.max(b.tokens_in);
        let tokens_out = a.tokens_out.max(b.tokens_out);
        (Usage::new(tokens_in, tokens_out), a_usd.max(b_usd))
    })
}

impl Model for Replay {
    fn call<'a>(
        &'a self,
        call: Call,
        output: &'a mut dyn Output,
    ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
        self.answer(call, "", output).boxed_local()
    }
}

impl Model for CountedReplay {
    fn call<'a>(
        &'a self,
        call: Call,
        output: &'a mut dyn Output,
    ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
        self.replay.answer(call, &self.key, output).boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use callboard_actors::processes::{Charge, Told};
    use tokio::time::Instant;

    use super::*;
    use crate::world::models::failure::FailureKind;

    fn replay(yaml: &str) -> Replay {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("script.yaml"), yaml).unwrap();
        Replay::open(folder.path()).unwrap()
    }

    fn prompt(text: &str) -> Call {
        Call { prompt: text.to_owned(), model: "m".to_owned(), ..Call::default() }
    }

    async fn ask(model: &impl Model, text: &str) -> Result<Answer, Failure> {
        model.call(prompt(text), &mut String::new()).await
    }

    async fn kind(model: &impl Model, text: &str) -> FailureKind {
        ask(model, text).await.unwrap_err().kind
    }

    #[tokio::test]
    async fn hello_is_answered_out_of_the_box_and_labelled() {
        let missing = Replay::open("/nowhere/at/all").unwrap();
        let mut output = String::new();
        let answer = missing.call(prompt("Say hello"), &mut output).await.unwrap();
        assert_eq!(answer.text, output);
        assert!(answer.text.starts_with("Hello"), "{}", answer.text);
        let label = answer.label.unwrap();
        assert_eq!(label, "replayed from the built-in config/replay/hello.yaml");
        assert_eq!((answer.cost_usd, answer.model.as_str()), (Some(0.0), "m"));
        assert!(answer.usage.tokens_in > 0 && answer.usage.tokens_out > 0);
    }

    #[tokio::test]
    async fn a_generic_answer_says_that_it_is_none() {
        let answer = ask(&Replay::shipped().unwrap(), "How deep is the Öresund?").await.unwrap();
        assert_eq!(answer.label.as_deref(), Some("generic answer: no recording matched"));
        assert!(answer.text.contains("no model has read your prompt"), "{}", answer.text);
        assert!(answer.text.contains("\"How deep is the Öresund?\""), "{}", answer.text);
    }

    #[test]
    fn where_the_question_is_not_known_yet_the_dearest_answer_of_all_counts() {
        let script = replay(
            "name: n
answers:
- { match: { prompt_contains: dear }, answer: a, usage: { tokens_in: 9, tokens_out: 1 }, cost_usd: 0.5 }
- { match: { prompt_contains: long }, answer: a, usage: { tokens_in: 2, tokens_out: 70 }, cost_usd: 0.25 }
- { match: { prompt_contains: cut }, error: { kind: cut, after_chars: 2 }, usage: { tokens_in: 3, tokens_out: 3 }, cost_usd: 0.75 }
- { answer: cheap, usage: { tokens_in: 1, tokens_out: 1 } }
",
        );
        let dearest = Some((Usage::new(9, 70), 0.75));
        assert_eq!(script.dearest(&prompt("")), dearest);
        assert_eq!(script.estimate(&prompt("")), Some((Usage::new(1, 1), 0.0)));
        let cut = Some((Usage::new(3, 3), 0.75));
        assert_eq!(script.estimate(&prompt("cut")), cut, "what breaks off costs as it says");
    }

    #[tokio::test]
    async fn what_breaks_off_costs_what_its_script_says_and_what_is_refused_nothing() {
        let script = replay(
            "name: n
answers:
- { match: { prompt_contains: cut }, error: { kind: cut, after_chars: 2 }, usage: { tokens_in: 3, tokens_out: 4 }, cost_usd: 0.75 }
- { match: { prompt_contains: full }, error: { kind: overloaded, after_chars: 2 } }
- { error: { kind: overloaded } }
",
        );
        let told = Told { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.75) };
        let charge = async |text: &str| ask(&script, text).await.unwrap_err().charge;
        assert_eq!(charge("cut").await, Charge::Told(told));
        assert_eq!(charge("full").await, Charge::Unknown, "some of it had come");
        assert_eq!(charge("else").await, Charge::Nothing);
    }

    #[tokio::test]
    async fn a_template_is_filled_in_with_parts_of_the_prompt() {
        let script = replay(
            "name: n\nanswers:\n- match: { prompt_begins: 'On {topic}: ' }\n  template: '{{ model }}, on {{ topic }}'\n",
        );
        let mut output = String::new();
        let answer = script.call(prompt("On \"this\": say it"), &mut output).await.unwrap();
        assert_eq!((answer.text.as_str(), output.as_str()), ("m, on \"this\"", "m, on \"this\""));
        assert!(answer.label.unwrap().starts_with("replayed from "));
    }

    #[tokio::test]
    async fn a_strict_script_refuses_what_it_does_not_know() {
        let strict = replay("{ name: n, answers: [{ match: { prompt_equals: a }, answer: b }] }");
        let failure = ask(&strict, "x").await.unwrap_err();
        assert_eq!((failure.kind, failure.is_retryable()), (FailureKind::NoRecording, false));
        assert!(failure.message.ends_with("or choose another runtime"), "{failure}");
        assert_eq!(ask(&strict, "a").await.unwrap().text, "b");
    }

    #[tokio::test]
    async fn it_fails_twice_and_then_answers() {
        let script = replay(
            "name: n\nanswers:\n\
             - { times: 2, error: { kind: rate_limited, retry_after_ms: 500 } }\n\
             - { answer: fine, usage: { tokens_in: 3, tokens_out: 1 }, cost_usd: 0.5 }\n",
        );
        let failure = ask(&script, "x").await.unwrap_err();
        assert_eq!(failure.retry_after, Some(Duration::from_millis(500)));
        assert_eq!(kind(&script, "x").await, FailureKind::RateLimited);
        let answer = ask(&script, "x").await.unwrap();
        assert_eq!((answer.usage, answer.cost_usd), (Usage::new(3, 1), Some(0.5)));
    }

    #[test]
    fn what_an_answer_costs_is_known_before_it_is_given_and_nothing_is_used_up() {
        let script = replay(
            "name: n\nanswers:\n\
             - { match: { prompt_contains: dear }, times: 1, answer: x, usage: { tokens_in: 3, tokens_out: 1 }, cost_usd: 0.5 }\n\
             - { match: { prompt_contains: dear }, answer: y, usage: { tokens_in: 1, tokens_out: 9 }, cost_usd: 0.1 }\n",
        );
        let dear = Some((Usage::new(3, 9), 0.5));
        assert_eq!(script.estimate(&prompt("dear")), dear);
        assert_eq!(script.estimate(&prompt("dear")), dear);
        assert_eq!(script.estimate(&prompt("unknown")), None, "it will be refused");
        assert!(Replay::shipped().unwrap().estimate(&prompt("unknown")).is_some());
    }

    #[tokio::test]
    async fn each_process_may_be_failed_on_its_own() {
        let script = replay(
            "name: n\nanswers: [{ times: 1, per: process, error: { kind: overloaded } }, { answer: fine }]",
        );
        let (one, two) = (script.counted_for("process/1"), script.counted_for("process/2"));
        assert_eq!(kind(&one, "x").await, FailureKind::Overloaded);
        assert_eq!(kind(&two, "x").await, FailureKind::Overloaded);
        assert!(ask(&one, "x").await.is_ok());
        script.forget("process/1");
        assert_eq!(kind(&one, "x").await, FailureKind::Overloaded);
    }

    #[tokio::test]
    async fn an_answer_can_break_off() {
        let script = replay(
            "name: n\nanswers:\n\
             - { match: { prompt_equals: own }, answer: abcdef, error: { kind: cut, after_chars: 4 } }\n\
             - { error: { kind: stalled, after_chars: 50, message: gone } }\n",
        );
        let mut output = String::new();
        let failure = script.call(prompt("own"), &mut output).await.unwrap_err();
        assert_eq!((failure.kind, output.as_str()), (FailureKind::Cut, "abcd"));
        output.clear();
        let failure = script.call(prompt("x"), &mut output).await.unwrap_err();
        assert_eq!((failure.kind, output.chars().count()), (FailureKind::Stalled, 50));
        assert!(failure.message.starts_with("gone (replayed from "), "{failure}");
    }

    /// Remembers when each delta came.
    struct Timed(Instant, Vec<(u128, String)>);

    impl Output for Timed {
        fn delta(&mut self, text: &str) -> io::Result<()> {
            self.1.push((self.0.elapsed().as_millis(), text.to_owned()));
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn text_comes_in_the_rhythm_of_the_script() {
        let script = replay(
            "name: n\nanswers: [{ answer: abcdef, delay_ms: 100, chunk_chars: 4, chunk_delay_ms: 20 }]",
        );
        let mut output = Timed(Instant::now(), Vec::new());
        script.call(prompt("x"), &mut output).await.unwrap();
        assert_eq!(output.1, [(100, "abcd".to_owned()), (120, "ef".to_owned())]);
    }
}
