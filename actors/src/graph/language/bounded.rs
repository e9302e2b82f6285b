//! Filters that can give far more than they are given (`'a' | indent(9999999999)`), bounded: no text takes all memory.

use super::environment::PLAIN;
use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, Value};

/// A list has at most so many elements where a filter goes through it.
const MOST_ITEMS: usize = 1_000_000;

/// A text that is made has at most so many bytes.
pub(super) const MOST_BYTES: usize = 64_000_000;

/// A number says at most how many elements, and how many columns.
const MOST_PARTS: i64 = 100_000;
const MOST_COLUMNS: i64 = 100;

const BOUNDED: [&str; 24] = [
    "batch",
    "slice",
    "indent",
    "tojson",
    "format",
    "replace",
    "join",
    "list",
    "sort",
    "unique",
    "reverse",
    "sum",
    "min",
    "max",
    "string",
    "pprint",
    "dictsort",
    "items",
    "groupby",
    "split",
    "lines",
    "urlencode",
    "escape",
    "e",
];

/// Bounds the filters of an environment.
pub(super) fn bound(environment: &mut Environment<'_>) {
    for name in BOUNDED {
        environment.add_filter(name, move |given: Rest<ValueOrKwargs>| {
            let given = given.into_values();
            check(name, &given).map_err(|what| {
                Error::new(ErrorKind::InvalidOperation, format!("the filter {name} {what}"))
            })?;
            PLAIN.empty_state().apply_filter(name, &given)
        });
    }
}

fn check(name: &str, given: &[Value]) -> Result<(), String> {
    let is_list = |value: &&Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    let long = given.iter().filter(is_list).any(|list| list.len() > Some(MOST_ITEMS));
    if long {
        return Err(format!("takes at most {MOST_ITEMS} elements"));
    }
    match name {
        "batch" | "slice" => numbers(given, MOST_PARTS),
        "indent" | "tojson" => numbers(given, MOST_COLUMNS),
        "format" => widths(given),
        "replace" => made(replaced(given)),
        "join" => made(joined(given)),
        _ => Ok(()),
    }
}

/// None of the numbers behind what is filtered is larger, named ones included.
fn numbers(given: &[Value], most: i64) -> Result<(), String> {
    let is_larger = |value: &Value| {
        value.kind() == ValueKind::Number && value.as_i64().is_none_or(|number| number > most)
    };
    let named = |value: &Value| {
        let mut names = value.try_iter().into_iter().flatten();
        value.is_kwargs() && names.any(|name| value.get_item(&name).is_ok_and(|it| is_larger(&it)))
    };
    if given.iter().skip(1).any(|value| is_larger(value) || named(value)) {
        return Err(format!("takes at most {most}"));
    }
    Ok(())
}

/// A width has at most three digits, and none is a value.
fn widths(given: &[Value]) -> Result<(), String> {
    let format = given.first().and_then(Value::as_str).unwrap_or_default();
    let digits = format.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    if digits > Some(3) || format.contains('*') {
        return Err("takes widths of at most 999".into());
    }
    Ok(())
}

fn made(bytes: usize) -> Result<(), String> {
    if bytes > MOST_BYTES {
        return Err(format!("makes at most {MOST_BYTES} bytes"));
    }
    Ok(())
}

/// How many bytes a replacement adds.
fn replaced(given: &[Value]) -> usize {
    let text = |at: usize| given.get(at).and_then(Value::as_str).unwrap_or_default();
    text(0).matches(text(1)).count().saturating_mul(text(2).len())
}

/// How many bytes a list joined is; looked at no further than it may be.
fn joined(given: &[Value]) -> usize {
    let between = given.get(1).and_then(Value::as_str).unwrap_or_default().len();
    let items = given.first().and_then(|list| list.try_iter().ok()).into_iter().flatten();
    let mut sums = items.scan(0_usize, |sum, item| {
        *sum = sum.saturating_add(between + item.as_str().map_or(0, str::len));
        Some(*sum)
    });
    let mut last = 0;
    let reached = sums.find(|sum| {
        last = *sum;
        *sum > MOST_BYTES
    });
    reached.unwrap_or(last)
}
