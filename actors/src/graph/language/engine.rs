//! Runs texts, with a bounded store, for each thread, of what was compiled.

use super::bounded::MOST_BYTES;
use super::environment::{ENVIRONMENT, environment};
use super::fault::{undefined, words};
use super::form::Form;
use super::inspect::{inspect, unfit};
use super::json::json;
use super::needs::Needs;
use super::path::follow;
use super::scan::Code;
use super::view::View;
use crate::vocabulary::{DEEPEST, is_too_deep};
use minijinja::{Environment, ErrorKind, Expression};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;

/// So many compiled texts are kept; then the store begins anew.
const KEPT: usize = 2_048;

thread_local! {
    static EXPRESSIONS: RefCell<HashMap<String, Rc<Compiled>>> = RefCell::default();
    static TEMPLATES: RefCell<Templates> = RefCell::new(Templates::new());
}

struct Compiled {
    expression: Expression<'static, 'static>,
    needs: Needs,
}

struct Templates {
    environment: Environment<'static>,
    needs: HashMap<String, Needs>,
}

/// What an expression comes to.
pub(in crate::graph) fn evaluate(text: &str, view: &View) -> Result<Json, String> {
    let found = match follow(text, view) {
        Some(found) => found,
        None => json(&value(text, view)?)?,
    };
    if is_too_deep(&found) {
        return Err(format!("it comes to a value that is nested more than {DEEPEST} levels deep"));
    }
    Ok(found)
}

/// Whether an expression is true, as `if` sees it; what is undefined is neither.
pub(in crate::graph) fn holds(text: &str, view: &View) -> Result<bool, String> {
    value(text, view).map(|value| value.is_true())
}

/// Whether an expression reads nothing, and is true: whenever it is asked.
pub(in crate::graph) fn always(text: &str) -> bool {
    let reads_nothing = inspect(text, Form::Expression).is_ok_and(|seen| seen.reads.is_empty());
    let value = || compiled(text).ok()?.expression.eval(()).ok();
    reads_nothing && value().is_some_and(|value| value.is_true())
}

/// Whether an expression is true of something that comes from anywhere, and may lack what is asked for: then it is not.
pub(in crate::graph) fn fits(text: &str, view: &View) -> Result<bool, String> {
    let compiled = compiled(text)?;
    match compiled.expression.eval(view.context(&compiled.needs)) {
        Ok(value) => Ok(value.is_true()),
        Err(error) if error.kind() == ErrorKind::UndefinedError => Ok(false),
        Err(error) => Err(words(&error, text)),
    }
}

fn value(text: &str, view: &View) -> Result<minijinja::Value, String> {
    let compiled = compiled(text)?;
    let context = view.context(&compiled.needs);
    let value = compiled.expression.eval(context).map_err(|error| words(&error, text))?;
    if value.is_undefined() { Err(undefined(text)) } else { Ok(value) }
}

fn compiled(text: &str) -> Result<Rc<Compiled>, String> {
    EXPRESSIONS.with_borrow_mut(|kept| {
        if let Some(compiled) = kept.get(text) {
            return Ok(compiled.clone());
        }
        guard(text, Form::Expression)?;
        let expression = ENVIRONMENT.compile_expression_owned(text.to_owned());
        let expression = expression.map_err(|error| words(&error, text))?;
        let needs = needs(expression.undeclared_variables(true), text, Form::Expression);
        let compiled = Rc::new(Compiled { expression, needs });
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), compiled.clone());
        Ok(compiled)
    })
}

/// What must not be compiled is not, however it came here.
pub(in crate::graph) fn guard(text: &str, form: Form) -> Result<(), String> {
    unfit(&Code::of(text, form)).map_or(Ok(()), |(why, _)| Err(why))
}

/// What a text reads. What minijinja tells is not all of it (what is sliced, `state.list[:3]`, is missing), so what
/// looks like a path counts as well: to give too much costs a little, to give too little fails.
fn needs(mut paths: HashSet<String>, text: &str, form: Form) -> Needs {
    paths.extend(Code::of(text, form).paths());
    Needs::of(paths)
}

/// A template, filled in.
pub(in crate::graph) fn render(text: &str, view: &View) -> Result<String, String> {
    if !text.contains('{') {
        return Ok(text.strip_suffix('\n').unwrap_or(text).to_owned());
    }
    TEMPLATES.with_borrow_mut(|templates| templates.render(text, view))
}

/// What a template is written on: it has an end.
#[derive(Default)]
struct Page(Vec<u8>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other(format!("it makes more than {MOST_BYTES} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Templates {
    fn new() -> Self {
        Self { environment: environment(), needs: HashMap::new() }
    }

    fn render(&mut self, text: &str, view: &View) -> Result<String, String> {
        if !self.needs.contains_key(text) {
            guard(text, Form::Template)?;
        }
        self.keep(text).map_err(|error| words(&error, text))?;
        let context = view.context(&self.needs[text]);
        let template = self.environment.get_template(text);
        let mut page = Page::default();
        let filled =
            template.and_then(|template| template.render_captured_to(context, &mut page).map(drop));
        filled.map_err(|error| words(&error, text))?;
        String::from_utf8(page.0).map_err(|error| error.to_string())
    }

    fn keep(&mut self, text: &str) -> Result<(), minijinja::Error> {
        if self.needs.contains_key(text) {
            return Ok(());
        }
        if self.needs.len() >= KEPT {
            self.environment.clear_templates();
            self.needs.clear();
        }
        self.environment.add_template_owned(text.to_owned(), text.to_owned())?;
        let paths = self.environment.get_template(text)?.undeclared_variables(true);
        self.needs.insert(text.to_owned(), needs(paths, text, Form::Template));
        Ok(())
    }
}
