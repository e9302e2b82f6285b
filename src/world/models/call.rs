//! What is asked of a model and what comes back.
//!
//! These types name no vendor: every model behind [`Model`] takes and gives the same ones. Images are
//! deliberately not here.

use std::io;
use std::rc::Rc;
use std::sync::Arc;

use callboard_actors::processes::Source;
use callboard_actors::tools::{Tool, ToolCall, ToolResult};
use futures::future::LocalBoxFuture;
use serde_json::Value;

use super::failure::Failure;

/// One question to a model, with everything it may look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The newest thing said: what the model is to answer. With `results` there may be none.
    pub prompt: String,
    /// What the model's calls in its last turn came to.
    pub results: Vec<ToolResult>,
    /// What it may call.
    pub tools: Vec<Tool>,
    /// What its answer has to look like: a JSON Schema. A provider that can holds its model to it; whoever asks checks
    /// the answer all the same.
    pub schema: Option<Value>,
    /// What was said before `prompt`, oldest first.
    pub history: Vec<Turn>,
    /// Standing instructions, apart from the conversation.
    pub system: Option<String>,
    /// A full model id or an alias that the model knows (`opus`).
    pub model: String,
    /// The part the asker plays, its agent's profile (`reviewer`); only replays look at it.
    pub role: Option<String>,
    /// The most tokens the answer may have; 0 means the model's configured default.
    pub max_tokens: u32,
}

impl Call {
    /// What was last asked in words: the prompt; with results that come alone, the one before them.
    pub fn question(&self) -> &str {
        let asked = self.history.iter().rev().filter(|turn| turn.speaker == Speaker::User);
        let asked = asked.map(|turn| turn.text.as_str());
        std::iter::once(self.prompt.as_str())
            .chain(asked)
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// How often results were told since then, those of this call included.
    pub fn tool_rounds(&self) -> usize {
        if !self.prompt.is_empty() {
            return 0;
        }
        let asked = self.history.iter().rev().filter(|turn| turn.speaker == Speaker::User);
        1 + asked.take_while(|turn| turn.text.is_empty()).count()
    }
}

/// One turn of a conversation that has already been spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// What the model called.
    pub calls: Vec<ToolCall>,
    /// What it was told of its calls.
    pub results: Vec<ToolResult>,
}

/// The two sides of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaker {
    /// The one who asks: a person or a program.
    #[default]
    User,
    /// The model.
    Assistant,
}

/// A complete answer. A cut or broken one is never an `Answer` but a [`Failure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The whole text, equal to all deltas put together.
    pub text: String,
    /// What the model calls, in place of an answer or beside one.
    pub calls: Vec<ToolCall>,
    /// The model that answered, as the server names it.
    pub model: String,
    /// Why the model stopped, in the vendor's word (`end_turn`, `max_tokens`, `refusal` …).
    pub stop_reason: Option<String>,
    /// The tokens that were read and written.
    pub usage: Usage,
    /// The price in USD; `None` when the price of the model is not known.
    pub cost_usd: Option<f64>,
    /// Where the answer came from when no model was behind it (`replayed from …`), for people.
    pub label: Option<String>,
    /// What the answer goes by, where the provider says so: `[1]` in the text is the first of them.
    pub sources: Vec<Source>,
}

/// Tokens counted by the server, or estimated by a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read: prompt, history and instructions, cached ones included.
    pub tokens_in: u64,
    /// Tokens written, those of hidden thinking included.
    pub tokens_out: u64,
    /// Those of the tokens read that the provider had kept from before; they are cheaper, as a rule.
    pub cached: u64,
    /// Those of the tokens written that were hidden thinking.
    pub reasoning: u64,
}

impl Usage {
    /// So many in and out, of which nothing else is known.
    pub const fn new(tokens_in: u64, tokens_out: u64) -> Self {
        Self { tokens_in, tokens_out, cached: 0, reasoning: 0 }
    }
}

/// Something that answers calls: an API, a replay, a recorder around either.
pub trait Model {
    /// Asks once and streams the text to `output` as it comes. Never retries; dropping the future
    /// cancels the call. The text that `output` has seen is an answer only once this returns `Ok`.
    fn call<'a>(
        &'a self,
        call: Call,
        output: &'a mut dyn Output,
    ) -> LocalBoxFuture<'a, Result<Answer, Failure>>;
}

/// Where the text of an answer goes while it is being written.
pub trait Output {
    /// Takes the next piece of text, never empty. An error ends the call.
    fn delta(&mut self, text: &str) -> io::Result<()>;
}

/// Collects the text in memory.
impl Output for String {
    fn delta(&mut self, text: &str) -> io::Result<()> {
        self.push_str(text);
        Ok(())
    }
}

macro_rules! forward_model {
    ($($pointer:ident),*) => {$(
        impl<M: Model + ?Sized> Model for $pointer<M> {
            fn call<'a>(
                &'a self,
                call: Call,
                output: &'a mut dyn Output,
            ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
                (**self).call(call, output)
            }
        }
    )*};
}

forward_model!(Box, Rc, Arc);
