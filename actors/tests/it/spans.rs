//! What is logged while an effect is performed says whose it is.

use crate::kit::{Command, How, id, lives};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down every span with its fields.
#[derive(Default, Clone)]
struct Notes(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(span.metadata().name().to_owned());
        span.record(&mut line);
        let mut lines = self.0.lock().unwrap();
        lines.push(line.0);
        Id::from_u64(lines.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn exit(&self, _: &Id) {}

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().push(format!("enter {}", span.into_u64()));
    }
}

#[test]
fn an_effect_runs_in_a_span_with_its_stream_its_key_and_where_it_all_began() {
    let notes = Notes::default();
    // With a single subscriber, tracing asks only the thread that comes to a span first whether anybody
    // wants it: mostly another test's, where nobody does.
    let _another = tracing::Dispatch::new(Notes::default());
    let noting = tracing::subscriber::set_default(notes.clone());
    lives(async |stage| {
        stage.tell("a", "first", Command::Turn { by: 1 }).await.unwrap();
        let (key, how) = ("glow/1".into(), How::AtOnce);
        stage.tell("a", "2", Command::Want { key, how, due: None }).await.unwrap();
        stage.world.until("done glow/1", 1).await;
    });
    drop(noting);
    let lines = notes.0.lock().unwrap();
    let span = format!("effect stream=lamp/a key=glow/1 correlation_id={}", id("first"));
    let at = lines.iter().position(|line| *line == span);
    let at = at.unwrap_or_else(|| panic!("{span} is missing in {lines:?}"));
    assert!(lines.contains(&format!("enter {}", at + 1)), "{lines:?}");
}
