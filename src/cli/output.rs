//! `output`: all that the program of a call has said.

use super::Exit;
use super::args::Output;
use super::client::segment;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;

pub(super) async fn run(context: &Context, wanted: &Output, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let stream = if wanted.stderr { "stderr" } else { "stdout" };
    let path = format!("/outputs/{}/{stream}", segment(&wanted.call));
    out.piece(&client.text(&path, &[]).await?)?;
    Ok(Exit::Done)
}
