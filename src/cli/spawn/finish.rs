//! The end of a `spawn`: the answer, whole; or why there is none.

use serde_json::{Value, json};

use super::host::Host;
use crate::cli::api::{Answer, Process};
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::{Out, remark};
use crate::cli::{Exit, place, read, show};

/// Prints what has not been printed yet. `said` is what was streamed of the last attempt.
pub(super) async fn run(
    context: &Context,
    host: &mut Host<'_>,
    id: &str,
    said: &str,
    out: &mut Out,
) -> Outcome {
    let path = place::process(id)?;
    let (value, response) = host
        .ask(async |client| {
            let process: Value = client.get(&path, &[]).await?;
            let response = show::response(&client, id, &process).await?;
            Ok((process, response))
        })
        .await?;
    let process: Process = read(value.clone())?;
    let exit = if process.status == "COMPLETED" { Exit::Done } else { Exit::Failed };
    if context.is_json {
        out.json(&json!({ "process": value, "response": response }))?;
        return Ok(exit);
    }
    match response {
        Some(response) => print(&read(response)?, said, out)?,
        None => out.end_line()?,
    }
    if exit != Exit::Done {
        remark(epitaph(&process));
    }
    Ok(exit)
}

/// What was streamed is the beginning of the answer, as a rule: then only the rest is missing.
fn print(answer: &Answer, said: &str, out: &mut Out) -> std::io::Result<()> {
    if let Some(rest) = answer.content.strip_prefix(said) {
        out.piece(rest)?;
    } else {
        out.end_line()?;
        out.piece(&answer.content)?;
    }
    out.end_line()?;
    answer.sources().for_each(remark);
    if let Some(label) = &answer.label {
        remark(label);
    }
    Ok(())
}

fn epitaph(process: &Process) -> String {
    let Process { id, status, error, .. } = process;
    let why = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let hint = match status.as_str() {
        "DEAD" => format!("; `callboard retry {id}` tries again"),
        "INDETERMINATE" => format!(
            "; decide with `callboard retry {id}`, `callboard fail {id}` or `callboard cancel {id}`"
        ),
        _ => String::new(),
    };
    format!("{id} is {status}{why}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::out::tests::Captured;

    fn printed(content: &str, said: &str) -> String {
        let captured = Captured::default();
        let mut out = captured.out();
        out.piece(said).unwrap();
        let answer = Answer { content: content.to_owned(), label: None, sources: Vec::new() };
        print(&answer, said, &mut out).unwrap();
        captured.text()
    }

    #[test]
    fn what_was_streamed_is_not_said_twice() {
        assert_eq!(printed("Hello!", "Hel"), "Hello!\n");
        assert_eq!(printed("Hello!\n", "Hello!\n"), "Hello!\n");
        assert_eq!(printed("Hello!", ""), "Hello!\n");
    }

    #[test]
    fn an_answer_that_was_streamed_otherwise_stands_whole_in_lines_of_its_own() {
        assert_eq!(printed("Hello!", "Bye"), "Bye\nHello!\n");
    }

    #[test]
    fn the_dead_can_be_tried_again_and_the_cancelled_cannot() {
        let process = |status: &str, error: Option<&str>| Process {
            id: "p".into(),
            status: status.into(),
            error: error.map(str::to_owned),
            ..Process::default()
        };
        assert_eq!(
            epitaph(&process("DEAD", Some("no key"))),
            "p is DEAD: no key; `callboard retry p` tries again"
        );
        assert_eq!(epitaph(&process("CANCELLED", None)), "p is CANCELLED");
    }
}
