//! `workflows answer`: a person's answer.

use serde_json::{Value, json};

use super::order::value;
use super::show::how_to_answer;
use super::{path, steer, workflow};
use crate::cli::Exit;
use crate::cli::client::{Client, segment};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;

pub(super) async fn answer(
    context: &Context,
    client: &Client,
    id: &str,
    words: &[String],
    out: &mut Out,
) -> Outcome {
    let found = workflow(client, id).await?;
    let open: Vec<Value> = found["interrupts"].as_array().cloned().unwrap_or_default();
    let (named, text) = match words {
        [interrupt, text] => (Some(interrupt.as_str()), text),
        [text] => (None, text),
        _ => return Err(Failure::new(Exit::Usage, "give one answer")),
    };
    let workflow = post(client, id, &which(id, named, &open)?, text).await?;
    steer::print(context, id, &workflow, out)
}

/// Answers a question; the workflow then.
pub(super) async fn post(
    client: &Client,
    id: &str,
    asked: &Value,
    text: &str,
) -> Result<Value, Failure> {
    let interrupt = asked["interrupt_id"].as_str().unwrap_or_default();
    let place = format!("{}/interrupts/{}/answer", path(id), segment(interrupt));
    let by = std::env::var("USER").ok().filter(|name| !name.is_empty());
    let answer = value(text, &asked["answer"]);
    let body = json!({ "answer": answer, "by": by.unwrap_or_else(|| "cli".into()) });
    client.post(&place, Some(&body), None).await
}

/// The question that is meant. One that is not open the server refuses.
fn which(id: &str, named: Option<&str>, open: &[Value]) -> Result<Value, Failure> {
    match (named, open) {
        (Some(named), open) => {
            let asked = open.iter().find(|asked| asked["interrupt_id"] == named).cloned();
            Ok(asked.unwrap_or_else(|| json!({ "interrupt_id": named })))
        }
        (None, [asked]) => Ok(asked.clone()),
        (None, []) => {
            let text = format!("{id} asks nothing: `callboard why {id}` says what it waits for");
            Err(Failure::new(Exit::Refused, text))
        }
        (None, many) => {
            let lines = many.iter().flat_map(|asked| how_to_answer(id, asked));
            let lines = lines.collect::<Vec<_>>().join("\n  ");
            let text = format!("{id} asks more than one question:\n  {lines}");
            Err(Failure::new(Exit::Usage, text))
        }
    }
}
