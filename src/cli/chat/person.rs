//! [`Person`]: what a line means: a message, the answer to a question, or an order, depending on where the thread
//! stands. Pure.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::cli::workflows::value;

/// What orders there are.
pub(super) const ORDERS: &str =
    "/cancel, /undo (cancel, and take back what the run did), /pause, /resume, /retry, /quit";

/// Where the thread stands, as whoever talks with it has to know.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// A run is under way.
    is_running: bool,
    /// The newest run that was heard ending.
    ended: u64,
    /// What was said, and is not known to be heard.
    pub(super) unheard: Vec<Value>,
    /// Questions, the oldest first.
    asked: VecDeque<Value>,
    /// Where sentences go; `None`: they have to be JSON objects.
    text_input: Option<String>,
    /// What the first message is given beside itself.
    pub(super) params: Map<String, Value>,
}

/// What a line amounts to.
#[derive(Debug, PartialEq)]
pub(super) enum Meant {
    /// This is to be said.
    Frame(Value),
    /// Nothing, and this is to be told.
    Remark(String),
    /// Nothing.
    Nothing,
    /// No more.
    Leave,
}

impl Person {
    /// Whether a run is under way, or is about to be.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_running || !self.unheard.is_empty()
    }

    /// Whether something is asked.
    pub(super) fn is_asked(&self) -> bool {
        !self.asked.is_empty() && self.unheard.is_empty()
    }

    /// Takes in what was heard.
    pub(super) fn take(&mut self, frame: &Value) {
        match frame["op"].as_str().unwrap_or_default() {
            "opened" => self.opened(frame),
            "accepted" | "error" => self.answered(frame),
            "run_started" => self.is_running = true,
            "run_ended" => {
                self.is_running = false;
                self.ended = frame["run"].as_u64().unwrap_or_default();
                self.asked.clear();
            }
            "status" if frame["path"] == "" && frame["status"] == "retried" => {
                self.is_running = true;
            }
            "question" => self.ask(frame),
            "answered" => self.asked.retain(|asked| asked["interrupt_id"] != frame["interrupt_id"]),
            _ => {}
        }
    }

    fn opened(&mut self, frame: &Value) {
        self.text_input = frame["text_input"].as_str().map(str::to_owned);
        let status = frame["status"].as_str();
        self.is_running =
            status.is_some_and(|status| !matches!(status, "completed" | "failed" | "cancelled"));
        self.asked.clear();
        frame["questions"].as_array().into_iter().flatten().for_each(|asked| self.ask(asked));
    }

    /// What was said is heard. The end of the run that a message began may have been heard before that.
    fn answered(&mut self, frame: &Value) {
        let is_it = |said: &Value| said["id"] == frame["id"];
        let is_message = self.unheard.iter().any(|said| is_it(said) && said["op"] == "message");
        if is_message && frame["op"] == "accepted" {
            self.is_running |= frame["run"].as_u64().unwrap_or_default() > self.ended;
        }
        self.unheard.retain(|said| !is_it(said));
    }

    fn ask(&mut self, question: &Value) {
        if !self.asked.iter().any(|asked| asked["interrupt_id"] == question["interrupt_id"]) {
            self.asked.push_back(question.clone());
        }
    }

    /// What a line means; `id`: what is said gets this name.
    pub(super) fn mean(&mut self, line: &str, id: &str) -> Meant {
        let line = line.trim();
        let order = |op: &str| Meant::Frame(json!({ "op": op, "id": id }));
        let meant = match line {
            "" => return Meant::Nothing,
            "/quit" | "/exit" => return Meant::Leave,
            "/cancel" => order("cancel"),
            "/undo" => Meant::Frame(json!({ "op": "cancel", "id": id, "undo": true })),
            "/pause" => order("pause"),
            "/resume" => order("resume"),
            "/retry" => order("retry"),
            order if order.starts_with('/') => {
                return Meant::Remark(format!("{order:?} is no order: there are {ORDERS}"));
            }
            line => match self.asked.front() {
                Some(asked) => {
                    let value = value(line, &asked["schema"]);
                    let interrupt = &asked["interrupt_id"];
                    Meant::Frame(
                        json!({ "op": "answer", "id": id, "interrupt_id": interrupt, "value": value }),
                    )
                }
                None => self.message(line, id),
            },
        };
        if let Meant::Frame(said) = &meant {
            self.unheard.push(said.clone());
        }
        meant
    }

    fn message(&self, line: &str, id: &str) -> Meant {
        let mut params = self.params.clone();
        let mut said = json!({ "op": "message", "id": id });
        match (&self.text_input, serde_json::from_str(line)) {
            (Some(_), _) => said["text"] = line.into(),
            (None, Ok(Value::Object(object))) => params.extend(object),
            (None, _) => {
                let text = "this workflow takes no sentences: write its input as a JSON object in one line";
                return Meant::Remark(text.to_owned());
            }
        }
        if !params.is_empty() || self.text_input.is_none() {
            said["params"] = Value::Object(params);
        }
        Meant::Frame(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(text_input: &Value) -> Person {
        let mut person = Person::default();
        person.take(
            &json!({ "op": "opened", "status": null, "text_input": text_input, "questions": [] }),
        );
        person
    }

    #[test]
    fn a_line_is_a_message_or_the_answer_to_the_oldest_question_or_an_order() {
        let mut person = person(&json!("topic"));
        person.params.insert("place".into(), "here".into());
        let said =
            json!({ "op": "message", "id": "1", "text": "tea", "params": { "place": "here" } });
        assert_eq!(person.mean(" tea ", "1"), Meant::Frame(said));
        assert!(person.is_waiting() && !person.is_asked());
        person.take(&json!({ "op": "accepted", "id": "1", "run": 1 }));
        assert!(person.is_waiting(), "its run begins");
        person.take(&json!({ "op": "run_started", "run": 1 }));
        for (id, schema) in [("a", json!({ "type": "boolean" })), ("b", Value::Null)] {
            person.take(&json!({ "op": "question", "interrupt_id": id, "schema": schema }));
        }
        assert!(person.is_asked());
        let said = json!({ "op": "answer", "id": "2", "interrupt_id": "a", "value": true });
        assert_eq!(person.mean("true", "2"), Meant::Frame(said));
        assert!(!person.is_asked(), "the answer may be refused");
        person.take(&json!({ "op": "accepted", "id": "2" }));
        person.take(&json!({ "op": "answered", "interrupt_id": "a" }));
        let said = json!({ "op": "answer", "id": "3", "interrupt_id": "b", "value": "well" });
        assert_eq!(person.mean("well", "3"), Meant::Frame(said));
        person.take(&json!({ "op": "error", "id": "3" }));
        assert_eq!(person.mean("/cancel", "4"), Meant::Frame(json!({ "op": "cancel", "id": "4" })));
        person.take(&json!({ "op": "run_ended", "run": 1 }));
        assert!(!person.is_asked());
        person.take(&json!({ "op": "accepted", "id": "4", "run": 1 }));
        assert!(!person.is_waiting());
        assert_eq!(person.mean("/quit", "5"), Meant::Leave);
        assert!(matches!(person.mean("/dance", "6"), Meant::Remark(_)));
        assert_eq!(person.mean("", "7"), Meant::Nothing);
    }

    #[test]
    fn what_takes_no_sentences_takes_json() {
        let mut person = person(&Value::Null);
        assert!(matches!(person.mean("seven", "1"), Meant::Remark(_)));
        let said = json!({ "op": "message", "id": "2", "params": { "n": 7 } });
        assert_eq!(person.mean("{\"n\": 7}", "2"), Meant::Frame(said));
    }
}
