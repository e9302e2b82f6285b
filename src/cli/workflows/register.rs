//! `workflows register|unregister`: definitions that hold before those of the files.

use std::path::{Path, PathBuf};

use callboard_actors::graph::read;
use serde_json::Value;

use super::check::text;
use crate::cli::Exit;
use crate::cli::client::{Client, segment};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;

/// Registers them all, each under the name that it says; none where one cannot be read.
pub(super) async fn register(
    context: &Context,
    client: &Client,
    files: &[PathBuf],
    out: &mut Out,
) -> Outcome {
    let definitions = files.iter().map(|file| named(file)).collect::<Result<Vec<_>, _>>()?;
    for (name, text) in definitions {
        let registered: Value = client.put_text(&path(&name), text).await?;
        if context.is_json {
            out.json(&registered)?;
        } else {
            out.line(format!("{name}  registered"))?;
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn unregister(client: &Client, name: &str, out: &mut Out) -> Outcome {
    client.delete::<()>(&path(name)).await?;
    out.line(format!("{name}  unregistered"))?;
    Ok(Exit::Done)
}

fn path(name: &str) -> String {
    format!("/definitions/{}", segment(name))
}

/// A definition's name, and all of it as it is written.
fn named(file: &Path) -> Result<(String, String), Failure> {
    let text = text(file)?;
    let written = read(&text, &file.display().to_string()).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Failed, lines.join("\n"))
    })?;
    Ok((written.definition.name, text))
}
