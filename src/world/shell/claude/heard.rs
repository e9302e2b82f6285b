//! [`Heard`]: what Claude Code has said, line by line. Its objects are open: fields come and go with its
//! versions, and only what is needed is read.

use crate::world::shell::tail::Listener;
use callboard_actors::processes::Writer;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was heard.
#[derive(Debug)]
pub(super) struct Heard {
    words: Writer,
    has_spoken: bool,
    /// The conversation's name.
    pub(super) session: Option<String>,
    /// The model that answers.
    pub(super) model: Option<String>,
    /// What was wrong with the last call of the API, in the program's word.
    pub(super) api_error: Option<String>,
    /// The last line of its kind.
    pub(super) result: Option<ResultLine>,
}

/// The line at the end.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResultLine {
    pub(super) is_error: bool,
    pub(super) result: Option<String>,
    pub(super) errors: Vec<Value>,
    pub(super) api_error_status: Option<u16>,
    pub(super) terminal_reason: Option<String>,
    pub(super) stop_reason: Option<String>,
    pub(super) total_cost_usd: Option<f64>,
    usage: Tokens,
    #[serde(rename = "modelUsage")]
    model_usage: BTreeMap<String, Tokens>,
    permission_denials: Vec<Denial>,
}

/// Counted in all, and for each model apart, in two ways to write.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(rename = "input_tokens", alias = "inputTokens")]
    input: u64,
    #[serde(rename = "output_tokens", alias = "outputTokens")]
    output: u64,
    #[serde(rename = "cache_read_input_tokens", alias = "cacheReadInputTokens")]
    cache_read: u64,
    #[serde(rename = "cache_creation_input_tokens", alias = "cacheCreationInputTokens")]
    cache_creation: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Denial {
    tool_name: String,
    tool_input: Value,
}

impl Heard {
    pub(super) fn new(words: Writer) -> Self {
        Self { words, has_spoken: false, session: None, model: None, api_error: None, result: None }
    }

    /// What the model says; texts of several turns are set apart.
    fn assistant(&mut self, line: &Value) {
        self.api_error = line["error"].as_str().map(str::to_owned);
        if self.api_error.is_some() || !line["parent_tool_use_id"].is_null() {
            return;
        }
        for part in line["message"]["content"].as_array().into_iter().flatten() {
            let Some(text) = part["text"].as_str().filter(|text| !text.is_empty()) else {
                continue;
            };
            if std::mem::replace(&mut self.has_spoken, true) {
                self.words.write("\n\n");
            }
            self.words.write(text);
        }
    }
}

impl Listener for Heard {
    fn line(&mut self, line: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Value>(line) else { return };
        if let Some(session) = line["session_id"].as_str() {
            self.session = Some(session.to_owned());
        }
        match line["type"].as_str() {
            Some("system") if line["subtype"] == "init" => {
                self.model = line["model"].as_str().map(str::to_owned);
            }
            Some("assistant") => self.assistant(&line),
            Some("result") => self.result = ResultLine::deserialize(&line).ok(),
            _ => {}
        }
    }
}

impl ResultLine {
    /// What went wrong, in its words.
    pub(super) fn error(&self) -> String {
        let errors = self.errors.iter().map(|error| match error {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let texts: Vec<String> = self.result.clone().into_iter().chain(errors).collect();
        if texts.is_empty() { "it did not say why".into() } else { texts.join("; ") }
    }

    /// Tokens in and out, those of all models where it counts them apart, cached ones included.
    pub(super) fn tokens(&self) -> (u64, u64) {
        let by_model: Vec<&Tokens> = self.model_usage.values().collect();
        let counted = if by_model.is_empty() { vec![&self.usage] } else { by_model };
        let read = |tokens: &&Tokens| tokens.input + tokens.cache_read + tokens.cache_creation;
        let written = |tokens: &&Tokens| tokens.output;
        (counted.iter().map(read).sum(), counted.iter().map(written).sum())
    }

    /// What it wanted to do and was not allowed to.
    pub(super) fn denials(&self) -> Vec<String> {
        let denial = |denial: &Denial| format!("{} {}", denial.tool_name, denial.tool_input);
        self.permission_denials.iter().map(denial).collect()
    }
}
