//! The JSON Schema of definitions, for editors: made from the types, and committed.

use crate::graph::{Definition, check_value};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the types say, and what they cannot say: that a node has exactly one kind, and a wait one thing to wait for.
fn made() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Definition>().to_value();
    schema["title"] = json!("A workflow of Callboard");
    schema["$defs"]["Node"]["oneOf"] =
        one_of(&["agent", "tool", "subgraph", "interrupt", "wait", "set"]);
    schema["$defs"]["WaitNode"]["oneOf"] = one_of(&["for", "until", "topic"]);
    without_defaults(&mut schema);
    schema
}

fn one_of(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "required": [name] })).collect()
}

/// Editors would offer empty defaults for every field.
fn without_defaults(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_empty = |value: &Value| match value {
                Value::Null | Value::Bool(false) => true,
                Value::Array(list) => list.is_empty(),
                Value::Object(map) => map.is_empty(),
                _ => false,
            };
            if members.get("default").is_some_and(is_empty) {
                members.remove("default");
            }
            members.values_mut().for_each(without_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(without_defaults),
        _ => {}
    }
}

fn committed() -> (PathBuf, Value) {
    let path = root().join("config/workflows/schema.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|_| "null".to_owned());
    (path, serde_json::from_str(&text).unwrap())
}

/// `CALLBOARD_TEST_WRITE_SCHEMA=1 cargo test -p callboard-actors editors` writes it anew.
#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let (path, committed) = committed();
    if std::env::var_os("CALLBOARD_TEST_WRITE_SCHEMA").is_some() {
        let text = serde_json::to_string_pretty(&made()).unwrap();
        fs::write(path, format!("{text}\n")).unwrap();
    } else {
        assert_eq!(committed, made(), "write it anew, as it is said above");
    }
}

fn document(folder: &str, name: &str) -> Value {
    let folder = root().join("actors/tests/fixtures/workflows").join(folder);
    serde_saphyr::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn editors_and_the_check_agree() {
    let (_, schema) = committed();
    for name in ["debate.yaml", "everything.yaml"] {
        assert_eq!(check_value(&schema, &document("right", name)), Ok(()), "{name}");
    }
    for name in ["misspelt_fields", "wrong_types", "kinds", "missing_fields", "waits"] {
        let document = document("wrong", &format!("{name}.yaml"));
        assert!(check_value(&schema, &document).is_err(), "{name} was accepted");
    }
}
