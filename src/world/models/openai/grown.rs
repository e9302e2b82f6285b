//! [`Grown`]: what came of a call, by whichever API; whether that is an answer, and what it has cost if it is none.

use callboard_actors::processes::{Charge, Source, Told};

use crate::world::models::call::{Answer, Usage};
use crate::world::models::calls::Calls;
use crate::world::models::complaint::shorten;
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::prices::Prices;

/// What came of a call, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The model by the server's name.
    pub(super) model: String,
    pub(super) text: String,
    /// What the model said in place of an answer, because it would not give one.
    pub(super) refusal: String,
    pub(super) calls: Calls,
    /// Why it stopped: `stop`, `tool_calls`, `length`, `content_filter` or the provider's own word.
    pub(super) stop_reason: Option<String>,
    /// `None`: the provider has not counted.
    pub(super) usage: Option<Usage>,
    /// What the provider says that it has cost, in USD.
    pub(super) cost_usd: Option<f64>,
    pub(super) sources: Vec<Source>,
    /// Something of an answer has come.
    pub(super) has_begun: bool,
    /// The provider has counted all that came out: some count as they go.
    pub(super) is_counted: bool,
}

impl Grown {
    /// The answer; or why this is none. A model that would not answer has said something, which is an answer to
    /// whoever asked for words; whoever asked for a form gets none.
    pub(super) fn answer(
        mut self,
        vendor: &str,
        prices: &Prices,
        has_form: bool,
    ) -> Result<Answer, Failure> {
        if !self.refusal.is_empty() && (has_form || !self.text.is_empty()) {
            let message = format!("{vendor}'s model refused: {}", shorten(&self.refusal));
            return Err(Failure::new(FailureKind::Rejected, message));
        }
        self.check(vendor)?;
        if !self.refusal.is_empty() {
            self.text = std::mem::take(&mut self.refusal);
            self.stop_reason = Some("refusal".to_owned());
        }
        let cost = self.usage.and_then(|usage| prices.cost(&self.model, usage));
        Ok(Answer {
            calls: self.calls.grown(),
            cost_usd: self.cost_usd.or(cost),
            usage: self.usage.unwrap_or_default(),
            text: self.text,
            model: self.model,
            stop_reason: self.stop_reason,
            label: None,
            sources: self.sources,
        })
    }

    /// What the call has cost though there is no answer; `None`: nothing of one has come. Before all that came out is
    /// counted, nobody knows what it costs.
    pub(super) fn charge(&self, prices: &Prices) -> Option<Charge> {
        if !self.has_begun {
            return None;
        }
        let Some(usage) = self.usage.filter(|_| self.is_counted) else {
            return Some(Charge::Unknown);
        };
        let cost_usd = self.cost_usd.or_else(|| prices.cost(&self.model, usage));
        let Usage { tokens_in, tokens_out, .. } = usage;
        Some(Charge::Told(Told { tokens_in, tokens_out, cost_usd }))
    }

    fn check(&self, vendor: &str) -> Result<(), Failure> {
        let is_empty =
            self.text.trim().is_empty() && self.refusal.is_empty() && self.calls.is_empty();
        let (kind, message) = match self.stop_reason.as_deref() {
            Some("content_filter") => {
                (FailureKind::Rejected, format!("{vendor} withheld the answer (content_filter)"))
            }
            Some("length") if is_empty => {
                let what = "was at its longest before the model had said anything";
                let hint = "raise max_tokens of its runtime";
                (FailureKind::Rejected, format!("{vendor}'s answer {what}: {hint}"))
            }
            _ if is_empty => (FailureKind::Malformed, format!("{vendor}'s answer is empty")),
            _ => return Ok(()),
        };
        Err(Failure::new(kind, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, stop_reason: &str) -> Grown {
        let usage = Some(Usage::new(1_000_000, 0));
        let (text, stop_reason) = (text.to_owned(), Some(stop_reason.to_owned()));
        Grown { model: "gpt-6-sol".to_owned(), text, stop_reason, usage, ..Grown::default() }
    }

    fn answer(grown: Grown) -> Result<Answer, Failure> {
        grown.answer("openai", &Prices::default(), false)
    }

    fn kind(grown: Grown) -> FailureKind {
        answer(grown).unwrap_err().kind
    }

    #[test]
    fn what_is_no_answer_is_a_failure_that_says_whether_another_try_helps() {
        assert_eq!(kind(said("", "stop")), FailureKind::Malformed);
        assert_eq!(kind(said(" \n", "tool_calls")), FailureKind::Malformed);
        assert_eq!(kind(said("", "length")), FailureKind::Rejected);
        assert_eq!(kind(said("half an ans", "content_filter")), FailureKind::Rejected);
        let cut = answer(said("a long", "length")).unwrap();
        assert_eq!((cut.text.as_str(), cut.stop_reason.as_deref()), ("a long", Some("length")));
    }

    #[test]
    fn what_is_no_answer_costs_what_was_counted_once_all_was() {
        let charge = |grown: &Grown| grown.charge(&Prices::default());
        assert_eq!(charge(&said("", "stop")), None, "nothing has come: its kind says it");
        let begun = Grown { has_begun: true, ..said("", "stop") };
        assert_eq!(charge(&begun), Some(Charge::Unknown), "more may have been counted after");
        let counted = Grown { is_counted: true, ..begun };
        let told = Told { tokens_in: 1_000_000, tokens_out: 0, cost_usd: Some(4.0) };
        assert_eq!(charge(&counted), Some(Charge::Told(told)));
        let priced = Grown { cost_usd: Some(0.25), ..counted };
        let told = Told { cost_usd: Some(0.25), ..told };
        assert_eq!(charge(&priced), Some(Charge::Told(told)), "the provider knows best");
        let uncounted = Grown { usage: None, ..priced };
        assert_eq!(charge(&uncounted), Some(Charge::Unknown));
    }

    #[test]
    fn a_refusal_is_words_to_whoever_asked_for_words() {
        let refused = || Grown { refusal: "I will not.".to_owned(), ..said("", "stop") };
        let answer = answer(refused()).unwrap();
        assert_eq!(answer.text, "I will not.");
        assert_eq!(answer.stop_reason.as_deref(), Some("refusal"));
        let failure = refused().answer("openai", &Prices::default(), true).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Rejected);
        assert_eq!(failure.message, "openai's model refused: I will not.");
    }

    #[test]
    fn what_the_provider_says_it_has_cost_goes_before_the_list_and_what_was_not_counted_has_no_price()
     {
        assert_eq!(answer(said("x", "stop")).unwrap().cost_usd, Some(4.0));
        let told = Grown { cost_usd: Some(0.25), ..said("x", "stop") };
        assert_eq!(answer(told).unwrap().cost_usd, Some(0.25));
        let uncounted = Grown { usage: None, ..said("x", "stop") };
        assert_eq!(answer(uncounted).unwrap().cost_usd, None);
        let unknown = Grown { model: "somebody-elses".to_owned(), ..said("x", "stop") };
        assert_eq!(answer(unknown).unwrap().cost_usd, None);
    }
}
