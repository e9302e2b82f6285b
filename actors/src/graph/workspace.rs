//! [`workspace`]: the folder in which a workflow's agents work, as its definition says over its input.

use super::begin::begin;
use super::definition::Definition;
use super::filling::Filling;
use super::language::{Form, View, inspect};
use super::scope::{Scope, Trouble};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The folder that a definition names for this input, as it is written; `None`: none.
pub fn workspace(definition: &Definition, input: &Value) -> Result<Option<String>, Trouble> {
    let Some(text) = &definition.workspace else { return Ok(None) };
    let (input, state) = (begin(definition, input)?.input, Map::new());
    let scope = Scope {
        input: &input,
        state: &state,
        workflow: "",
        run: 1,
        step: 1,
        item: None,
        error: None,
        output: None,
    };
    let filling = Filling { place: &definition.name, view: View::of(&scope) };
    let folder = filling.optional("workspace", Some(text))?;
    Ok(folder.map(|folder| folder.trim().to_owned()))
}

/// The properties of the input that the folder is made of.
pub fn workspace_inputs(definition: &Definition) -> BTreeSet<String> {
    let text = definition.workspace.iter();
    let seen = text.filter_map(|text| inspect(text, Form::Template).ok());
    let reads = seen.flat_map(|seen| seen.reads).map(|(path, _)| path);
    let names = reads.filter_map(|path| {
        let name = path.strip_prefix("input.")?.split('.').next()?;
        Some(name.to_owned())
    });
    names.collect()
}
