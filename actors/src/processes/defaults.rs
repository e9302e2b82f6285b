//! [`Defaults`]: what an order gets that does not say otherwise, and what it may say. Whoever orders a process, at
//! whichever door or floor, fills its order in here.

use super::alternative::Alternative;
use super::command::{OnLost, RetryPolicy};
use crate::vocabulary::Fallback;
use std::collections::BTreeMap;

/// What an order gets that does not say otherwise, as the settings in force have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// The runtime.
    pub runtime: String,
    /// The model.
    pub model: String,
    /// How long an attempt may take, in seconds.
    pub timeout_s: u32,
    /// The longest that may be asked for.
    pub longest_timeout_s: u32,
    /// The most retries that may be asked for.
    pub most_retries: u32,
    /// When and how often a failed attempt is followed by another.
    pub retry: RetryPolicy,
    /// All runtimes, by name, and what differs by them.
    pub runtimes: BTreeMap<String, RuntimeDefaults>,
}

/// So many may be asked one after the other, beside the first.
const MOST_FALLBACKS: u32 = 8;

/// What an order gets of its runtime.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuntimeDefaults {
    /// The model, where it is not that of all.
    pub model: Option<String>,
    /// Whether it runs a program, which works in some folder.
    pub runs_a_program: bool,
    /// What follows an attempt that was lost.
    pub on_lost: OnLost,
}

/// What an order says itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// By which runtime.
    pub runtime: Option<String>,
    /// Which model.
    pub model: Option<String>,
    /// How long an attempt may take, in seconds.
    pub timeout_s: Option<u32>,
    /// How many retries after the first attempt.
    pub max_retries: Option<u32>,
    /// Who else is to be asked, one after the other.
    pub fallbacks: Vec<Fallback>,
}

/// What an order comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// By which runtime.
    pub runtime: String,
    /// Which model, as the runtime knows it.
    pub model: String,
    /// How long an attempt may take, in seconds.
    pub timeout_s: u32,
    /// When and how often it is tried again.
    pub retry: RetryPolicy,
    /// What follows an attempt that was lost.
    pub on_lost: OnLost,
    /// Who else is asked, one after the other.
    pub fallbacks: Vec<Alternative>,
}

/// Why an order cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    /// There is no such runtime.
    #[error("there is no runtime {asked:?}: choose one of {}", known.join(", "))]
    Runtime {
        /// Which was asked for.
        asked: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No model has such a name.
    #[error("model has to be 1 to 200 characters")]
    Model,
    /// A number is too small, or too large.
    #[error("{what} is {value}, but has to be {least} to {most}")]
    Number {
        /// Which.
        what: &'static str,
        /// What it is.
        value: u32,
        /// The smallest that may be.
        least: u32,
        /// The largest that may be.
        most: u32,
    },
}

impl Defaults {
    /// What an order with these wishes comes to.
    pub fn terms(&self, wishes: Wishes) -> Result<Terms, Unmet> {
        let runtime = wishes.runtime.unwrap_or_else(|| self.runtime.clone());
        let Alternative { runtime, model, on_lost } = self.asked(runtime, wishes.model)?;
        within("the number of fallbacks", count(&wishes.fallbacks), 0, MOST_FALLBACKS)?;
        let fallbacks = wishes.fallbacks.into_iter();
        let fallbacks = fallbacks.map(|other| self.asked(other.runtime, other.model));
        let fallbacks = fallbacks.collect::<Result<_, _>>()?;
        let timeout_s = wishes.timeout_s.unwrap_or(self.timeout_s);
        let timeout_s = within("timeout_s", timeout_s, 1, self.longest_timeout_s)?;
        let max_retries = wishes.max_retries.unwrap_or(self.retry.max_retries);
        let max_retries = within("max_retries", max_retries, 0, self.most_retries)?;
        let retry = RetryPolicy { max_retries, ..self.retry.clone() };
        Ok(Terms { runtime, model, timeout_s, retry, on_lost, fallbacks })
    }

    fn asked(&self, runtime: String, wanted: Option<String>) -> Result<Alternative, Unmet> {
        let Some(RuntimeDefaults { model: default, on_lost, .. }) = self.runtimes.get(&runtime)
        else {
            let known = self.runtimes.keys().cloned().collect();
            return Err(Unmet::Runtime { asked: runtime, known });
        };
        let model = model(wanted, default.as_ref().unwrap_or(&self.model))?;
        Ok(Alternative { runtime, model, on_lost: *on_lost })
    }
}

fn count(fallbacks: &[Fallback]) -> u32 {
    u32::try_from(fallbacks.len()).unwrap_or(u32::MAX)
}

fn model(wanted: Option<String>, default: &str) -> Result<String, Unmet> {
    let model = wanted.unwrap_or_else(|| default.to_owned());
    if (1..=200).contains(&model.len()) && !model.chars().any(char::is_control) {
        return Ok(model);
    }
    Err(Unmet::Model)
}

fn within(what: &'static str, value: u32, least: u32, most: u32) -> Result<u32, Unmet> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Unmet::Number { what, value, least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Defaults {
        let asking = RuntimeDefaults {
            model: Some("opus".into()),
            on_lost: OnLost::Ask,
            ..RuntimeDefaults::default()
        };
        let runtimes = [("claude".into(), asking), ("replay".into(), RuntimeDefaults::default())];
        Defaults {
            runtime: "replay".into(),
            model: "sonnet".into(),
            timeout_s: 300,
            longest_timeout_s: 1_000,
            most_retries: 10,
            retry: RetryPolicy { max_retries: 2, max_lost: 3, first_ms: 4_000, max_ms: 60_000 },
            runtimes: runtimes.into(),
        }
    }

    #[test]
    fn what_an_order_does_not_say_its_runtime_says_and_then_the_settings() {
        let terms = |wishes| defaults().terms(wishes).unwrap();
        let plain = terms(Wishes::default());
        assert_eq!((plain.runtime.as_str(), plain.model.as_str()), ("replay", "sonnet"));
        assert_eq!(
            (plain.timeout_s, plain.retry, plain.on_lost),
            (300, defaults().retry, OnLost::Retry)
        );
        let claude = terms(Wishes { runtime: Some("claude".into()), ..Wishes::default() });
        assert_eq!((claude.model.as_str(), claude.on_lost), ("opus", OnLost::Ask));
        let said = terms(Wishes {
            model: Some("haiku".into()),
            timeout_s: Some(9),
            max_retries: Some(0),
            ..Wishes::default()
        });
        assert_eq!((said.model.as_str(), said.timeout_s, said.retry.max_retries), ("haiku", 9, 0));
        assert_eq!(said.retry.max_lost, 3, "the rest of the policy stays");
    }

    #[test]
    fn who_else_is_asked_gets_what_its_own_runtime_says() {
        let other = |runtime: &str, model: Option<&str>| Fallback {
            runtime: runtime.into(),
            model: model.map(str::to_owned),
        };
        let fallbacks = vec![other("claude", None), other("replay", Some("haiku"))];
        let terms = defaults().terms(Wishes { fallbacks, ..Wishes::default() }).unwrap();
        let asked = |runtime: &str, model: &str, on_lost| Alternative {
            runtime: runtime.into(),
            model: model.into(),
            on_lost,
        };
        let expected =
            [asked("claude", "opus", OnLost::Ask), asked("replay", "haiku", OnLost::Retry)];
        assert_eq!(terms.fallbacks, expected);
        let refused = |fallbacks| {
            defaults().terms(Wishes { fallbacks, ..Wishes::default() }).unwrap_err().to_string()
        };
        assert_eq!(
            refused(vec![other("gpt", None)]),
            "there is no runtime \"gpt\": choose one of claude, replay"
        );
        assert_eq!(
            refused(vec![other("replay", None); 9]),
            "the number of fallbacks is 9, but has to be 0 to 8"
        );
    }

    #[test]
    fn what_cannot_be_met_is_refused_in_words() {
        let refused = |wishes| defaults().terms(wishes).unwrap_err().to_string();
        let wishes = Wishes::default;
        assert_eq!(
            refused(Wishes { runtime: Some("gpt".into()), ..wishes() }),
            "there is no runtime \"gpt\": choose one of claude, replay"
        );
        for model in ["", "a\nb", &"x".repeat(201)] {
            let text = refused(Wishes { model: Some(model.into()), ..wishes() });
            assert_eq!(text, "model has to be 1 to 200 characters");
        }
        assert_eq!(
            refused(Wishes { timeout_s: Some(0), ..wishes() }),
            "timeout_s is 0, but has to be 1 to 1000"
        );
        assert_eq!(
            refused(Wishes { max_retries: Some(11), ..wishes() }),
            "max_retries is 11, but has to be 0 to 10"
        );
    }
}
