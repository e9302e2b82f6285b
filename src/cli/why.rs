//! `why`: asks the server why something is as it is; where none runs, the journal of the home, which is left
//! as it is.

use std::path::Path;

use callboard_actors::journal::Reader;
use callboard_actors::vocabulary::{Clock, Timestamp, span};
use serde_json::Value;

use super::client::segment;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::{Exit, read, table};
use crate::why::{self, Answer, Evidence, House, Remedy, Unanswered};

pub(super) async fn run(context: &Context, id: &str, out: &mut Out) -> Outcome {
    let mut answer = match context.find_server().await? {
        Some(client) => client.get(&api_path(id), &[]).await?,
        None => without_a_server(context, id).await?,
    };
    address(&mut answer, &context.flags);
    if context.is_json {
        out.json(&answer)?;
    } else {
        out.line(drawn(&read(answer)?, Clock::system().now()))?;
    }
    Ok(Exit::Done)
}

/// Where the API explains an id, which may be a path.
fn api_path(id: &str) -> String {
    let parts: Vec<_> = id.split('/').map(segment).collect();
    format!("/why/{}", parts.join("/"))
}

async fn without_a_server(context: &Context, id: &str) -> Result<Value, Failure> {
    let settings = context.settings()?;
    if !settings.database.is_file() {
        let text = format!(
            "there is nothing to ask: no server answers, and there is no database {}; name its --home",
            settings.database.display()
        );
        return Err(Failure::new(Exit::NotFound, text));
    }
    let limits =
        settings.runtimes.iter().map(|(name, runtime)| (name.clone(), runtime.concurrency.get()));
    let house = House {
        reader: Reader::of_file(&settings.database),
        folder: absolute(&settings.home),
        address: settings.http.listen.to_string(),
        topic_root: settings.topic_root.clone(),
        limits: limits.collect(),
        served: None,
        now: Clock::system().now(),
    };
    let answer = why::ask(&house, id).await.map_err(|error| match error {
        Unanswered::Unknown(text) => Failure::new(Exit::NotFound, text),
        Unanswered::Fault(fault) => Failure::new(Exit::Failed, fault),
    })?;
    serde_json::to_value(answer).map_err(|error| Failure::new(Exit::Failed, error))
}

/// What is to be copied has to work from any folder.
fn absolute(folder: &Path) -> std::path::PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// Commands that are to be copied get the flags by which this one found its way.
fn address(answer: &mut Value, flags: &[String]) {
    let flags = flags.join(" ");
    for remedy in answer["commands"].as_array_mut().into_iter().flatten() {
        // Only what begins with the program's name is one of its commands: a path may hold the name, too.
        let command = remedy["command"].as_str().filter(|_| !flags.is_empty());
        if let Some(rest) = command.and_then(|command| command.strip_prefix("callboard ")) {
            remedy["command"] = format!("callboard {flags} {rest}").into();
        }
    }
    for also in answer.get_mut("also").and_then(Value::as_array_mut).into_iter().flatten() {
        address(also, std::slice::from_ref(&flags));
    }
}

/// The answer for people: first the one sentence, then what stands behind it, then what can be done.
fn drawn(answer: &Answer, now: Timestamp) -> String {
    let mut parts = vec![format!("{}{}", answer.verdict, since(answer, now).unwrap_or_default())];
    parts.extend(part("because", &reasons(&answer.because)));
    parts.extend(part("evidence", &told(&answer.evidence, now)));
    parts.extend(part("what you can do", &remedies(&answer.commands)));
    parts.extend(answer.also.iter().map(|also| format!("also: {}", drawn(also, now))));
    parts.join("\n\n")
}

/// A message happened at a moment; whatever else there is stands as it does since then.
fn since(answer: &Answer, now: Timestamp) -> Option<String> {
    let at = answer.since?;
    let clock = why::clock(at, now);
    Some(match answer.subject.kind.as_str() {
        "message" => format!(" (at {clock}, {})", why::ago(at, now)),
        _ => format!(" (since {clock}, for {})", span(now.since(at))),
    })
}

fn part(title: &str, lines: &str) -> Option<String> {
    let lines: Vec<_> = lines.lines().map(|line| format!("  {line}")).collect();
    (!lines.is_empty()).then(|| format!("{title}\n{}", lines.join("\n")))
}

fn reasons(because: &[String]) -> String {
    because.join("\n")
}

fn told(evidence: &[Evidence], now: Timestamp) -> String {
    let row = |Evidence { position, at, what }: &Evidence| {
        let position = position.map(|position| format!("#{position}")).unwrap_or_default();
        vec![why::clock(*at, now), why::ago(*at, now), position, what.clone()]
    };
    table::rows(&evidence.iter().map(row).collect::<Vec<_>>())
}

fn remedies(commands: &[Remedy]) -> String {
    let row = |Remedy { command, does }: &Remedy| vec![command.clone(), does.clone()];
    table::rows(&commands.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_line_answers_and_the_rest_stands_behind_it() {
        let answer: Answer = read(json!({
            "subject": { "kind": "process", "id": "p" }, "situation": "dead_final_error",
            "verdict": "process p is dead: no key", "since": "1970-01-01T00:00:10.000Z",
            "because": ["one", "two"],
            "evidence": [{ "position": 12, "at": "1970-01-01T00:00:10.000Z", "what": "given up" }],
            "commands": [{ "command": "callboard retry p", "does": "tries it again" }],
        }))
        .unwrap();
        let text = drawn(&answer, Timestamp(70_000));
        let at = why::clock(Timestamp(10_000), Timestamp(70_000));
        assert_eq!(
            text,
            format!(
                "process p is dead: no key (since {at}, for 1 m 0 s)\n\nbecause\n  one\n  two\n\n\
                 evidence\n  {at}  1 m 0 s ago  #12  given up\n\n\
                 what you can do\n  callboard retry p  tries it again"
            )
        );
    }

    #[test]
    fn commands_get_the_flags_that_led_here() {
        let command = |command: &str| json!({ "command": command, "does": "" });
        let mut answer = json!({
            "commands": [command("callboard retry p"), command("cat 'my callboard x'")],
            "also": [{ "commands": [command("callboard why x"), command("curl x")] }],
        });
        address(&mut answer, &["--home".into(), "h".into()]);
        assert_eq!(
            answer,
            json!({
                "commands": [command("callboard --home h retry p"), command("cat 'my callboard x'")],
                "also": [{ "commands": [command("callboard --home h why x"), command("curl x")] }],
            })
        );
    }

    #[test]
    fn a_path_keeps_its_slashes() {
        assert_eq!(api_path("/services/admission"), "/why//services/admission");
        assert_eq!(api_path("a b"), "/why/a%20b");
    }
}
