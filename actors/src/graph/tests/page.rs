//! The page about definitions: its examples are definitions, and it names every reducer, kind and field.

use crate::graph::{Definition, Library, Pinned, Problem, Written, bundle, check_value, read};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../../docs/WORKFLOWS.md");
const SCHEMA: &str = include_str!("../../../../config/workflows/schema.json");

fn examples() -> Vec<&'static str> {
    let blocks = PAGE.split("```yaml\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_examples_of_the_page_are_fine() {
    let written: Result<BTreeMap<String, Written>, Vec<Problem>> = examples()
        .into_iter()
        .map(|text| read(text, "WORKFLOWS.md"))
        .map(|read| read.map(|written| (written.definition.name.clone(), written)))
        .collect();
    let definitions = written.unwrap();
    assert!(definitions.len() >= 2);
    let profiles = ["analyst", "coder", "reviewer"].map(|name| (name.into(), Pinned::default()));
    let mut abilities = super::abilities();
    let of_files = ["list_files", "search_text", "write_file", "edit_file"];
    abilities.tools.extend(of_files.map(|name| (name.to_owned(), json!({ "type": "object" }))));
    let library = Library { definitions, profiles: profiles.into(), abilities };
    for written in library.definitions.values() {
        assert_eq!(
            bundle(written, &library).map(|bundle| bundle.root).as_ref(),
            Ok(&written.definition.name)
        );
    }
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for example in examples() {
        let document: Value = serde_saphyr::from_str(example).unwrap();
        assert_eq!(check_value(&schema, &document), Ok(()));
    }
}

#[test]
fn the_page_names_every_field() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let types = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let fields = types.filter_map(|of| of["properties"].as_object()).flat_map(|map| map.keys());
    let reducers = ["replace", "append", "merge", "sum", "max", "messages"].map(str::to_owned);
    for word in fields.chain(&reducers) {
        let is_named = [format!("`{word}`"), format!("{word}:")].iter().any(|it| PAGE.contains(it));
        assert!(is_named, "the page does not name {word}");
    }
    for reducer in reducers {
        let channel = json!({ "name": "x", "start": "a", "nodes": {}, "state": { "c": { "reducer": reducer } } });
        assert!(serde_json::from_value::<Definition>(channel).is_ok());
    }
}
