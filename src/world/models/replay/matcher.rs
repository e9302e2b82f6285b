//! Which calls an answer is for.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::pattern::Pattern;
use crate::world::models::call::Call;

/// All that is given has to fit; what is absent fits every call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matcher {
    /// A part of the prompt, upper and lower case alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_contains: Option<String>,
    /// The whole prompt, to the character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_equals: Option<String>,
    /// The SHA-256 of the whole prompt's UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_sha256: Option<String>,
    /// How the prompt begins, with names for what differs: `Review of {what}:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_begins: Option<Pattern>,
    /// A part of the standing instructions, upper and lower case alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) system_contains: Option<String>,
    /// The SHA-256 of the standing instructions, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) system_sha256: Option<String>,
    /// The role of the asker: its agent's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// The model as the call names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Whether the model is told what its calls of tools came to. `prompt_…` is then the prompt before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) has_tool_results: Option<bool>,
    /// How often it was told since the prompt, this time included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tool_rounds: Option<usize>,
}

impl Matcher {
    /// Whether the answer is for `call`, whose question has the hash `sha256`.
    pub(super) fn fits(&self, call: &Call, sha256: &str) -> bool {
        let (system, question) = (call.system.as_deref(), call.question());
        fits(self.role.as_deref(), |role| call.role.as_deref() == Some(role))
            && fits(self.model.as_deref(), |model| call.model == model)
            && fits(self.prompt_equals.as_deref(), |prompt| question == prompt)
            && fits(self.prompt_sha256.as_deref(), |hash| sha256.eq_ignore_ascii_case(hash))
            && fits(self.prompt_contains.as_deref(), |part| contains(question, part))
            && fits(self.system_contains.as_deref(), |part| {
                system.is_some_and(|system| contains(system, part))
            })
            && fits(self.system_sha256.as_deref(), |hash| {
                system.is_some_and(|system| self::sha256(system).eq_ignore_ascii_case(hash))
            })
            && self.prompt_begins.as_ref().is_none_or(|begin| begin.read(question).is_some())
            && self.has_tool_results.is_none_or(|has| has != call.results.is_empty())
            && self.tool_rounds.is_none_or(|rounds| rounds == call.tool_rounds())
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

fn fits(wanted: Option<&str>, is: impl FnOnce(&str) -> bool) -> bool {
    wanted.is_none_or(is)
}

/// The SHA-256 of `text`, in lower-case hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::models::call::{Speaker, Turn};
    use callboard_actors::tools::ToolResult;

    fn call() -> Call {
        Call {
            prompt: "Say Hello".to_owned(),
            model: "opus".to_owned(),
            role: Some("greeter".to_owned()),
            system: Some("Be Brief".to_owned()),
            ..Call::default()
        }
    }

    fn fits(yaml: &str) -> bool {
        let matcher: Matcher = serde_saphyr::from_str(yaml).unwrap();
        matcher.fits(&call(), &sha256(&call().prompt))
    }

    #[test]
    fn nothing_asked_fits_everything() {
        assert!(fits("{}"));
    }

    #[test]
    fn each_condition_is_looked_at() {
        let hash = sha256("Say Hello");
        assert!(fits("prompt_contains: say hello") && !fits("prompt_contains: goodbye"));
        assert!(fits("prompt_equals: Say Hello") && !fits("prompt_equals: say hello"));
        assert!(fits(&format!("prompt_sha256: '{hash}'")) && !fits("prompt_sha256: '00'"));
        assert!(fits("prompt_begins: 'Say {what}o'") && !fits("prompt_begins: Hello"));
        assert!(fits("role: greeter") && !fits("role: reviewer"));
        let hash = sha256("Be Brief");
        assert!(fits("system_contains: be brief") && !fits("system_contains: at length"));
        assert!(fits(&format!("system_sha256: {hash}")) && !fits("system_sha256: '00'"));
        assert!(fits("model: opus") && !fits("model: sonnet"));
    }

    #[test]
    fn who_is_told_results_is_known_by_the_prompt_before_them_and_by_how_often() {
        let told = |rounds| {
            let asked = [Turn { text: "Say Hello".into(), ..Turn::default() }];
            let said = Turn { speaker: Speaker::Assistant, ..Turn::default() };
            let before = (1..rounds).flat_map(|_| [said.clone(), Turn::default()]);
            let result = ToolResult {
                id: "1".into(),
                name: "look".into(),
                content: "it".into(),
                is_error: false,
            };
            let history = asked.into_iter().chain(before).chain([said.clone()]).collect();
            Call { prompt: String::new(), results: vec![result], history, ..call() }
        };
        let fits = |yaml: &str, call: &Call| {
            let matcher: Matcher = serde_saphyr::from_str(yaml).unwrap();
            matcher.fits(call, &sha256(call.question()))
        };
        let first = "{ prompt_equals: Say Hello, has_tool_results: true, tool_rounds: 1 }";
        assert!(fits(first, &told(1)) && !fits(first, &told(2)) && !fits(first, &call()));
        assert!(fits("tool_rounds: 3", &told(3)) && fits("tool_rounds: 0", &call()));
        assert!(fits("has_tool_results: false", &call()));
        assert!(!fits("has_tool_results: false", &told(1)));
    }

    #[test]
    fn all_conditions_have_to_fit() {
        assert!(fits("{ role: greeter, model: opus }"));
        assert!(!fits("{ role: greeter, model: sonnet }"));
    }

    #[test]
    fn hashes_are_those_that_sha256sum_prints() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256("abc"), abc);
    }
}
