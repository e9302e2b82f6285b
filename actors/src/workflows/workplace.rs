//! [`workplace`]: the folder in which the agents of a subgraph work: its parent's, or one below it.

use super::item::Failure;
use crate::graph::{self, Definition};
use crate::vocabulary::Workplace;
use crate::workspaces::FilePath;
use serde_json::Value;

/// Where the agents of a subgraph work, given where its parent's do.
pub(super) fn workplace(
    parent: Option<&Workplace>,
    definition: &Definition,
    input: &Value,
) -> Result<Option<Workplace>, Failure> {
    let Some(folder) = graph::workspace(definition, input)? else { return Ok(parent.cloned()) };
    let name = &definition.name;
    let refuse = |why: String| Failure::new("workspace", format!("the workspace of {name}: {why}"));
    let Some(parent) = parent else {
        let why =
            format!("{folder:?} lies in none of its parent, which has no workspace: give it one");
        return Err(refuse(why));
    };
    let above = parent.path();
    let below = match folder.strip_prefix(above.as_str()) {
        Some(below) if below.is_empty() || below.starts_with('/') => below.trim_start_matches('/'),
        _ if folder.starts_with('/') => {
            return Err(refuse(format!("{folder:?} does not lie in {above:?}, its parent's")));
        }
        _ => folder.as_str(),
    };
    let below = FilePath::read(below).map_err(|trouble| refuse(trouble.to_string()))?;
    let within = if below == FilePath::top() {
        parent.within.clone()
    } else {
        parent.recorded(&below.to_string())
    };
    Ok(Some(Workplace { within, ..parent.clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(folder: &str, within: &str) -> Result<String, String> {
        let definition = json!({
            "name": "d", "workspace": "{{ input.folder }}", "start": "a",
            "nodes": { "a": { "set": {} } },
        });
        let definition: Definition = serde_json::from_value(definition).unwrap();
        let record = crate::vocabulary::WorkflowId("root".parse().unwrap());
        let parent = Workplace { record, folder: "/w".into(), within: within.into() };
        let place = workplace(Some(&parent), &definition, &json!({ "folder": folder }));
        place.map(|place| place.unwrap().within).map_err(|failure| failure.error)
    }

    #[test]
    fn a_subgraphs_folder_is_its_parents_or_lies_below_it() {
        let ok = |within: &str| Ok(within.to_owned());
        assert_eq!((of("", ""), of("/w", ""), of("a/b", "")), (ok(""), ok(""), ok("a/b")));
        assert_eq!((of("/w/x/y", "x"), of("y", "x"), of("", "x")), (ok("x/y"), ok("x/y"), ok("x")));
        for (folder, within) in
            [("/w", "x"), ("/wx", ""), ("../v", "x"), ("/etc", ""), ("a/../..", "")]
        {
            assert!(of(folder, within).is_err(), "{folder} in {within:?}");
        }
    }
}
