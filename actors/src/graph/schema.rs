//! JSON Schema (2020-12 unless `$schema` says otherwise): values against schemas. Schemas are compiled once for each
//! thread; nothing is loaded from files or the network.

use boon::{
    CompileError, Compiler, Draft, ErrorKind, SchemaIndex, Schemas, UrlLoader, ValidationError,
};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// So many compiled schemas are kept; then the store begins anew.
const KEPT: usize = 512;

/// So many violations are told at once.
const TOLD: usize = 20;

/// The name of a schema while it is compiled; it is seen by nobody.
const PLACE: &str = "callboard:schema";

thread_local! {
    static SCHEMAS: RefCell<HashMap<Value, Rc<Compiled>>> = RefCell::default();
}

struct Compiled {
    schemas: Schemas,
    index: SchemaIndex,
}

/// Refuses to load anything.
struct Closed;

impl UrlLoader for Closed {
    fn load(&self, _: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err("schemas are not loaded from elsewhere: write it under `$defs`".into())
    }
}

/// Whether the value is one that the schema describes; else a line for each violation, `POINTER: what is wrong`.
pub fn check_value(schema: &Value, value: &Value) -> Result<(), String> {
    let compiled = kept(schema)?;
    let found = compiled.schemas.validate(value, compiled.index);
    found.map_err(|error| lines(&error).join("\n"))
}

/// Whether this is a schema.
///
/// # Errors
/// What keeps it from being one.
pub fn check_schema(schema: &Value) -> Result<(), String> {
    compile(schema).map(drop)
}

/// What keeps this from being a schema: by JSON pointer into it, what is wrong.
pub(super) fn faults(schema: &Value) -> Vec<(String, String)> {
    let (mut schemas, mut compiler) = (Schemas::new(), compiler());
    if let Err(error) = compiler.add_resource(PLACE, schema.clone()) {
        return vec![(String::new(), words(&error))];
    }
    match compiler.compile(PLACE, &mut schemas) {
        Ok(_) => Vec::new(),
        Err(CompileError::ValidationError { src, .. }) => {
            // A schema is described by alternatives that nobody wants to read: the first is the plain one.
            let mut found = Vec::new();
            leaves(&src, &mut found);
            found.retain(|(_, what)| what != "anyOf failed");
            found.dedup_by(|(later, _), (first, _)| later == first);
            found.into_iter().map(|(at, what)| (at, one_line(&what))).collect()
        }
        Err(error) => vec![(place(&error), words(&error))],
    }
}

/// Where in the schema; the root where the error does not say.
fn place(error: &CompileError) -> String {
    match error {
        CompileError::InvalidRegex { url, .. } => {
            url.split_once('#').map_or_else(String::new, |(_, pointer)| pointer.to_owned())
        }
        _ => String::new(),
    }
}

fn kept(schema: &Value) -> Result<Rc<Compiled>, String> {
    SCHEMAS.with_borrow_mut(|kept| {
        if let Some(compiled) = kept.get(schema) {
            return Ok(compiled.clone());
        }
        let compiled = Rc::new(compile(schema)?);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(schema.clone(), compiled.clone());
        Ok(compiled)
    })
}

fn compile(schema: &Value) -> Result<Compiled, String> {
    let (mut schemas, mut compiler) = (Schemas::new(), compiler());
    compiler.add_resource(PLACE, schema.clone()).map_err(|error| words(&error))?;
    let index = compiler.compile(PLACE, &mut schemas).map_err(|error| words(&error))?;
    Ok(Compiled { schemas, index })
}

fn compiler() -> Compiler {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Closed));
    compiler.enable_format_assertions();
    compiler
}

fn words(error: &CompileError) -> String {
    if let CompileError::ValidationError { src, .. } = error {
        return lines(src).join("; ");
    }
    let text = format!("{error:#}").replace(&format!("{PLACE}#"), "").replace(PLACE, "the schema");
    one_line(&text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lines(error: &ValidationError) -> Vec<String> {
    let mut found = Vec::new();
    leaves(error, &mut found);
    let place = |place: String| if place.is_empty() { "the value".to_owned() } else { place };
    found.into_iter().map(|(at, what)| format!("{}: {what}", place(at))).collect()
}

/// The leaves of the tree of errors; what stands above them only says that they are there.
fn leaves(error: &ValidationError, found: &mut Vec<(String, String)>) {
    if found.len() >= TOLD {
        return;
    }
    if error.causes.is_empty() || matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_)) {
        found.push((error.instance_location.to_string(), error.kind.to_string()));
    }
    for cause in &error.causes {
        leaves(cause, found);
    }
}
