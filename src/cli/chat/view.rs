//! [`View`]: frames of a talk become lines and pieces of text. Pure.

use std::collections::HashMap;

use serde_json::Value;

use super::paint::Paint;
use super::speakers::{Shown, Speakers};
use crate::cli::table::{cut, span};
use crate::cli::workflows::in_words;

/// How much of arguments, results and errors is shown.
const WIDTH: usize = 100;

/// What was heard, as far as it matters to what is shown.
pub(super) struct View {
    paint: Paint,
    speakers: Speakers,
    /// The calls that are open, by what names them: with what.
    calls: HashMap<(String, u64, u64), String>,
    tokens: u64,
    usd: f64,
}

impl View {
    /// Of a talk that begins.
    pub(super) fn new(paint: Paint) -> Self {
        let (speakers, calls) = (Speakers::default(), HashMap::new());
        Self { paint, speakers, calls, tokens: 0, usd: 0.0 }
    }

    /// What is to be shown of a frame.
    pub(super) fn take(&mut self, frame: &Value) -> Vec<Shown> {
        let op = text(frame, "op");
        match op {
            "token" => {
                let (process, path) = (text(frame, "process"), text(frame, "path"));
                self.speakers.say(process, path, number(frame, "attempt"), text(frame, "text"))
            }
            "cost" => self.cost(frame),
            "node" => self.node(frame),
            "run_ended" => self.end(frame),
            _ => self.line(op, frame).map(Shown::Line).into_iter().collect(),
        }
    }

    fn line(&mut self, op: &str, frame: &Value) -> Option<String> {
        let (paint, path) = (self.paint, text(frame, "path"));
        match op {
            "run_started" => {
                (self.tokens, self.usd) = (0, 0.0);
                Some(paint.faint(&format!("run {}", frame["run"])))
            }
            "tool_call" => {
                self.calls.insert(call(frame), shown(frame, "arguments"));
                None
            }
            "tool_result" => Some(self.result(frame)),
            "file_change" => Some(self.files(frame)),
            "question" => Some(self.question(frame)),
            "answered" => {
                let value = frame.get("value").map(|value| cut(&value.to_string(), WIDTH));
                Some(format!("! {}: {}", text(frame, "by"), value.unwrap_or_default()))
            }
            "status" => {
                let before = if path.is_empty() { String::new() } else { format!("{path}: ") };
                let by = frame["by"].as_str().map(|by| format!(" by {by}")).unwrap_or_default();
                let why = frame["why"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
                Some(paint.faint(&format!("{before}{}{by}{why}", text(frame, "status"))))
            }
            _ => None,
        }
    }

    fn cost(&mut self, frame: &Value) -> Vec<Shown> {
        let (came_in, came_out) = (number(frame, "tokens_in"), number(frame, "tokens_out"));
        let usd = frame["cost_usd"].as_f64().unwrap_or_default();
        self.tokens += came_in + came_out;
        self.usd += usd;
        let (path, took) = (text(frame, "path"), span(number(frame, "duration_ms")));
        let line = format!("{path}  {came_in} + {came_out} tokens{}, {took}", dollars(usd));
        let mut last = vec![Shown::Line(self.paint.faint(&line))];
        if let Some(violations) = frame["violations"].as_str() {
            let text = format!("{path}  asked once more: {}", cut(violations, WIDTH));
            last.push(Shown::Line(self.paint.faint(&text)));
        }
        self.speakers.finish(text(frame, "process"), last)
    }

    fn node(&mut self, frame: &Value) -> Vec<Shown> {
        let (path, paint) = (text(frame, "path"), self.paint);
        let status = text(frame, "status");
        let mut shown = if status == "started" { Vec::new() } else { self.speakers.silence(path) };
        let error = || cut(text(frame, "error"), WIDTH);
        let step = number(frame, "step");
        let line = match status {
            "started" => {
                let items = frame["items"].as_u64().map(|items| format!(" {items} items"));
                paint.faint(&format!("{step:>3}  {path} ▸{}", items.unwrap_or_default()))
            }
            "done" => paint.faint(&format!("{step:>3}  {path} ✓")),
            "failed" => {
                let then =
                    if frame["is_caught"] == true { "; another node takes over" } else { "" };
                paint.alarm(&format!("{step:>3}  {path} ✗ {}{then}", error()))
            }
            "retrying" => {
                let due = text(frame, "due");
                paint.alarm(&format!("{step:>3}  {path} ↻ {}; tried again at {due}", error()))
            }
            "waiting" => {
                let until = cut(&frame["until"].to_string(), WIDTH);
                paint.faint(&format!("{step:>3}  {path} … waits for {until}"))
            }
            status => paint.faint(&format!("{step:>3}  {path} {status}")),
        };
        shown.push(Shown::Line(line));
        shown
    }

    fn result(&mut self, frame: &Value) -> String {
        let arguments = self.calls.remove(&call(frame)).unwrap_or_default();
        let (path, name) = (text(frame, "path"), text(frame, "name"));
        let line = format!("{path}  ⚒ {name} {arguments}");
        if frame["is_error"] == true {
            return self.paint.alarm(&format!("{line} failed: {}", shown(frame, "result")));
        }
        format!("{line} {}", self.paint.faint("ok"))
    }

    fn files(&self, frame: &Value) -> String {
        let files = frame["files"].as_array().into_iter().flatten();
        let one = |file: &Value| {
            let what = match (file["before"].is_null(), file["after"].is_null()) {
                (true, _) => "created",
                (_, true) => "deleted",
                _ => "changed",
            };
            let head = format!("{what} {}", text(file, "path"));
            file["diff"].as_str().map_or(head, |diff| self.paint.diff(diff))
        };
        let mut lines: Vec<String> = files.map(one).collect();
        lines.extend(frame["more"].as_u64().map(|more| format!("and {more} more files")));
        lines.join("\n")
    }

    fn question(&self, frame: &Value) -> String {
        let schema = &frame["schema"];
        let choices = schema["enum"].as_array().map(|all| {
            let words = all.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned));
            words.collect::<Vec<_>>().join(", ")
        });
        let kind = || schema["type"].as_str().map(str::to_owned);
        let hint = choices.or_else(kind).map(|hint| format!(" ({hint})")).unwrap_or_default();
        self.paint.ask(&format!("? {}{hint}", text(frame, "question")))
    }

    fn end(&mut self, frame: &Value) -> Vec<Shown> {
        self.calls.clear();
        let mut shown = self.speakers.silence("");
        let (status, tokens) = (text(frame, "status"), self.tokens);
        let line = format!("{status}: {tokens} tokens{}", dollars(self.usd));
        shown.push(Shown::Line(match frame["error"].as_str() {
            Some(error) => self.paint.alarm(&format!("{line}: {error}")),
            None => self.paint.faint(&line),
        }));
        for (name, value) in frame["output"].as_object().into_iter().flatten() {
            shown.push(Shown::Line(format!("{name}\n{}", in_words(value))));
        }
        if let Some(file) = frame["output_file"]["file"].as_str() {
            shown.push(Shown::Line(format!("the output is in {file}")));
        }
        shown
    }
}

/// What names a call.
fn call(frame: &Value) -> (String, u64, u64) {
    (text(frame, "path").to_owned(), number(frame, "turn"), number(frame, "index"))
}

/// A value in short, or where it lies.
fn shown(frame: &Value, name: &str) -> String {
    let file = &frame[&format!("{name}_file")]["bytes"];
    match &frame[name] {
        Value::Null => file.as_u64().map(|bytes| format!("({bytes} bytes)")).unwrap_or_default(),
        Value::String(text) => cut(text, WIDTH),
        other => cut(&other.to_string(), WIDTH),
    }
}

fn dollars(usd: f64) -> String {
    if usd > 0.0 { format!(", ${usd:.4}") } else { String::new() }
}

fn text<'a>(frame: &'a Value, name: &str) -> &'a str {
    frame[name].as_str().unwrap_or_default()
}

fn number(frame: &Value, name: &str) -> u64 {
    frame[name].as_u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(frames: &[Value]) -> String {
        let mut view = View::new(Paint::of(false));
        let mut text = String::new();
        for shown in frames.iter().flat_map(|frame| view.take(frame)) {
            match shown {
                Shown::Line(line) => text.extend(["\n", &line]),
                Shown::Piece(piece) => text.push_str(&piece),
            }
        }
        text
    }

    #[test]
    fn a_run_reads_like_a_talk() {
        let read = lines(&[
            json!({ "op": "run_started", "run": 2 }),
            json!({ "op": "node", "path": "plan", "step": 2, "status": "started" }),
            json!({ "op": "token", "path": "plan", "process": "p", "attempt": 1, "text": "I look" }),
            json!({ "op": "cost", "path": "plan", "process": "p", "turn": 1, "tokens_in": 3, "tokens_out": 4, "duration_ms": 400 }),
            json!({ "op": "tool_call", "path": "plan", "turn": 1, "index": 0, "name": "list_files", "arguments": { "path": "." } }),
            json!({ "op": "tool_result", "path": "plan", "turn": 1, "index": 0, "name": "list_files", "is_error": true, "result": "no" }),
            json!({ "op": "question", "path": "ask", "question": "Go on?", "schema": { "enum": ["yes", "no"] } }),
            json!({ "op": "answered", "by": "ada", "value": "yes" }),
            json!({ "op": "run_ended", "status": "completed", "output": { "result": "done" } }),
        ]);
        let expected = "
run 2
  2  plan ▸
plan ›I look
plan  3 + 4 tokens, 0.4 s
plan  ⚒ list_files {\"path\":\".\"} failed: no
? Go on? (yes, no)
! ada: \"yes\"
completed: 7 tokens
result
done";
        assert_eq!(read, expected);
    }

    #[test]
    fn changes_are_shown_as_differences_where_there_are_some() {
        let file = |path: &str, diff: Value| json!({ "path": path, "before": null, "after": "h", "diff": diff });
        let files =
            [file("a", json!("--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+x\n")), file("b.png", Value::Null)];
        let read = lines(&[json!({ "op": "file_change", "files": files, "more": 3 })]);
        assert_eq!(read, "\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+x\ncreated b.png\nand 3 more files");
    }
}
