//! Prompt templates: files in the home, rendered strictly, so that a parameter that is missing is an
//! error and never an empty place in a prompt.

use crate::wire::Problem;
use callboard_actors::graph::check_template;
use callboard_actors::vocabulary::Name;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};
use std::io;
use std::path::Path;

/// Renders the template `name` (`name`, or `name.txt`, in the folder).
pub(super) async fn render(
    folder: &Path,
    name: &str,
    params: &Map<String, Value>,
) -> Result<String, Problem> {
    let text = read(folder, name).await?;
    check_template(&text).map_err(|why| {
        Problem::unprocessable(format!("the template {name} cannot be used: {why}"))
    })?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A template may loop, but not for ever.
    environment.set_fuel(Some(1_000_000));
    environment.render_named_str(name, &text, minijinja::value::Serde(params)).map_err(|error| {
        Problem::unprocessable(format!("failed to render the template {name}: {error:#}"))
    })
}

async fn read(folder: &Path, name: &str) -> Result<String, Problem> {
    // The name is checked: it cannot leave the folder.
    let name: Name = name.parse()?;
    for file in [name.to_string(), format!("{name}.txt")] {
        match tokio::fs::read_to_string(folder.join(file)).await {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Problem::unprocessable(format!(
                    "failed to read the template {name}: {error}"
                )));
            }
        }
    }
    let text = format!("there is no template {name}: put it into prompts/templates in the home");
    Err(Problem::unprocessable(text))
}
