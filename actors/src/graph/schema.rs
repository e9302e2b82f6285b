//! JSON Schema (2020-12 unless `$schema` says otherwise): values against schemas. Schemas are compiled once for each
//! thread; nothing is loaded from files or the network.

use boon::{Compiler, Draft, ErrorKind, SchemaIndex, Schemas, UrlLoader, ValidationError};
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
    compiled.schemas.validate(value, compiled.index).map_err(|error| {
        let mut lines = Vec::new();
        violations(&error, &mut lines);
        lines.join("\n")
    })
}

/// Whether this is a schema; else what is wrong with it.
pub fn check_schema(schema: &Value) -> Result<(), String> {
    kept(schema).map(drop)
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
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Closed));
    compiler.enable_format_assertions();
    compiler.add_resource(PLACE, schema.clone()).map_err(|error| words(&error))?;
    let index = compiler.compile(PLACE, &mut schemas).map_err(|error| words(&error))?;
    Ok(Compiled { schemas, index })
}

fn words(error: &boon::CompileError) -> String {
    if let boon::CompileError::ValidationError { src, .. } = error {
        let mut lines = Vec::new();
        violations(src, &mut lines);
        return lines.join("; ");
    }
    format!("{error:#}").replace(&format!("{PLACE}#"), "").replace(PLACE, "the schema")
}

/// The leaves of the tree of errors; what stands above them only says that they are there.
fn violations(error: &ValidationError, lines: &mut Vec<String>) {
    if lines.len() >= TOLD {
        return;
    }
    if error.causes.is_empty() || matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_)) {
        let place = error.instance_location.to_string();
        let place = if place.is_empty() { "the value" } else { &place };
        lines.push(format!("{place}: {}", error.kind));
    }
    for cause in &error.causes {
        violations(cause, lines);
    }
}
