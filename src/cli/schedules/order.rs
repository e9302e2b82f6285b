//! The body of `POST /schedules`, from what was written on the command line.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::cli::args::{Run, Spawn, Timetable, What};
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::{Exit, spawn, workflows};

/// What is ordered. Reads stdin if a prompt is `-`.
pub(super) async fn body(client: &Client, timetable: &Timetable) -> Result<Value, Failure> {
    let (name, request) = match &timetable.what {
        What::Run(run) => start(client, run).await?,
        What::Spawn(order) => ("process", process(order)?),
    };
    Ok(told(timetable, name, request))
}

/// Only what was said: the server has its own defaults.
fn told(timetable: &Timetable, what: &str, request: Value) -> Value {
    let Timetable { id, when, zone, missed, overlap, tolerance, .. } = timetable;
    let text = |value: &Option<String>| value.clone().map(Value::from);
    let fields = [
        ("schedule_id", Some(Value::from(id.as_str()))),
        ("cron", text(&when.cron)),
        ("zone", text(zone)),
        ("at", text(&when.at)),
        ("in", text(&when.after)),
        ("missed", missed.as_ref().map(word)),
        ("overlap", overlap.as_ref().map(word)),
        ("tolerance_s", tolerance.map(Value::from)),
        (what, Some(request)),
    ];
    let said = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(said.collect())
}

fn word(value: &impl ValueEnum) -> Value {
    value.to_possible_value().map_or(Value::Null, |value| Value::from(value.get_name()))
}

/// A workflow, or another run of one: with the id of one that is there, and no definition.
async fn start(client: &Client, run: &Run) -> Result<(&'static str, Value), Failure> {
    refuse(run.detach, run.idempotency_key.is_some())?;
    let mut body = workflows::body_for(client, run).await?;
    match (&run.id, body["type"].is_string()) {
        (None, _) => Ok(("workflow", body)),
        (Some(_), false) => {
            body["params"] = body.get("params").cloned().unwrap_or_else(|| json!({}));
            Ok(("run", body))
        }
        (Some(id), true) => {
            let text = format!(
                "--id {id}: each time starts a workflow of its own: leave it out, or leave the definition out to have another run of {id} begun"
            );
            Err(Failure::new(Exit::Usage, text))
        }
    }
}

fn process(order: &Spawn) -> Result<Value, Failure> {
    refuse(order.detach, order.idempotency_key.is_some())?;
    spawn::body(order)
}

/// What is said of one start makes no sense for many.
fn refuse(is_detached: bool, has_key: bool) -> Result<(), Failure> {
    let said = match (is_detached, has_key) {
        (true, _) => "--detach",
        (_, true) => "--idempotency-key",
        (false, false) => return Ok(()),
    };
    let text = format!("{said} is for what is started at once: leave it out of a schedule");
    Err(Failure::new(Exit::Usage, text))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Arguments, Command, Schedule};

    fn timetable(words: &[&str]) -> Timetable {
        let words = ["callboard", "schedule", "create"].iter().chain(words);
        let arguments = Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
        let Command::Schedule(Schedule::Create(timetable)) = arguments.command else {
            panic!("this makes a schedule")
        };
        timetable
    }

    #[test]
    fn what_is_said_is_ordered_and_nothing_else() {
        let nightly = timetable(&[
            "nightly",
            "--cron",
            "0 3 * * *",
            "--zone",
            "Europe/Berlin",
            "--missed",
            "all",
            "--overlap",
            "skip",
            "--tolerance",
            "9",
            "spawn",
            "hello",
            "--model",
            "m",
        ]);
        let What::Spawn(spawn) = &nightly.what else { panic!("this spawns") };
        let request = process(spawn).unwrap();
        assert_eq!(
            told(&nightly, "process", request),
            json!({
                "schedule_id": "nightly", "cron": "0 3 * * *", "zone": "Europe/Berlin", "missed": "all", "overlap": "skip",
                "tolerance_s": 9, "process": { "prompt": "hello", "model": "m" },
            })
        );
        let soon = timetable(&["soon", "--in", "90s", "spawn", "hello"]);
        assert_eq!(
            told(&soon, "process", json!({})),
            json!({ "schedule_id": "soon", "in": "90s", "process": {} })
        );
    }

    #[test]
    fn what_is_for_one_start_is_refused_for_many() {
        for words in [["--detach", "--detach"], ["--idempotency-key", "k"]] {
            let all = [
                &["s", "--in", "9s", "spawn", "hello"][..],
                &words[..words.len() - usize::from(words[0] == words[1])],
            ]
            .concat();
            let What::Spawn(spawn) = timetable(&all).what else { panic!("this spawns") };
            assert!(process(&spawn).is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_time_has_to_be_said_once() {
        for words in [
            &["callboard", "schedule", "create", "s", "spawn", "hello"][..],
            &["callboard", "schedule", "create", "s", "--in", "9s", "--at", "x", "spawn", "hello"],
            &[
                "callboard",
                "schedule",
                "create",
                "s",
                "--in",
                "9s",
                "--zone",
                "UTC",
                "spawn",
                "hello",
            ],
        ] {
            assert!(Arguments::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}
