//! [`inspect`]: what a text is made of, without running it.

use super::environment::ENVIRONMENT;
use super::fault::plain;
use super::form::Form;
use super::scan::Code;
use minijinja::{Error, ErrorKind};
use std::collections::{BTreeSet, HashSet};

/// What a text is made of; numbers are bytes from its begin.
#[derive(Debug)]
pub(in crate::graph) struct Seen {
    /// The dotted paths that it reads.
    pub(in crate::graph) reads: Vec<(String, usize)>,
    /// The filters, tests and methods that there are none of: name, `filter`, `test` or `method`.
    pub(in crate::graph) unknown: Vec<(String, &'static str, usize)>,
}

/// Why a text cannot be compiled.
#[derive(Debug)]
pub(in crate::graph) struct Unreadable {
    /// Why.
    pub(in crate::graph) message: String,
    /// Where, in bytes from its begin.
    pub(in crate::graph) offset: usize,
}

/// Looks at a text.
pub(in crate::graph) fn inspect(text: &str, form: Form) -> Result<Seen, Unreadable> {
    let code = Code::of(text, form);
    if let Some((message, offset)) = unfit(&code) {
        return Err(Unreadable { message, offset });
    }
    let paths = paths(text, form).map_err(|error| unreadable(&error, text))?;
    let globals: BTreeSet<&str> = ENVIRONMENT.globals().map(|(name, _)| name).collect();
    let is_ours = |path: &String| !globals.contains(path.split('.').next().unwrap_or_default());
    let reads = paths.into_iter().filter(is_ours);
    let mut reads: Vec<_> =
        reads.map(|path| (path.clone(), code.find(&path).unwrap_or(0))).collect();
    reads.sort();
    let unknown = code.calls().into_iter().filter(|(name, what, _)| !is_known(name, what));
    Ok(Seen { reads, unknown: unknown.collect() })
}

/// What must not even be compiled, or can only fail: why, and where.
pub(super) fn unfit(code: &Code) -> Option<(String, usize)> {
    let too_long =
        code.too_long().map(|at| ("it has too many operators for one text".to_owned(), at));
    let door =
        || code.door().map(|(word, at)| (format!("`{word}`: there are no other templates"), at));
    too_long.or_else(door)
}

fn paths(text: &str, form: Form) -> Result<HashSet<String>, Error> {
    Ok(match form {
        Form::Expression => {
            ENVIRONMENT.compile_expression_owned(text.to_owned())?.undeclared_variables(true)
        }
        Form::Template => {
            ENVIRONMENT.template_from_named_str("text", text)?.undeclared_variables(true)
        }
    })
}

/// There is no list of them to ask: called without a value, one that is there complains of something else.
fn is_known(name: &str, what: &str) -> bool {
    let mut state = ENVIRONMENT.empty_state();
    let kind = match what {
        "method" => return false,
        "filter" => state.apply_filter(name, &[]).err().map(|error| error.kind()),
        _ => state.perform_test(name, &[]).err().map(|error| error.kind()),
    };
    !matches!(kind, Some(ErrorKind::UnknownFilter | ErrorKind::UnknownTest))
}

fn unreadable(error: &Error, text: &str) -> Unreadable {
    let offset = error.range().map(|range| range.start);
    let line = || {
        let line = error.line().unwrap_or(1).saturating_sub(1);
        text.split_inclusive('\n').take(line).map(str::len).sum()
    };
    let offset = offset.unwrap_or_else(line).min(text.len());
    Unreadable { message: plain(error), offset }
}
