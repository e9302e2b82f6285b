//! From the language's values back to JSON, exactly: what JSON cannot say is an error, not a `null`.

use super::bounded::MOST_BYTES;
use minijinja::value::{Value, ValueKind};
use serde_json::{Map, Number, Value as Json};

/// The value as JSON.
pub(super) fn json(value: &Value) -> Result<Json, String> {
    part(value, &mut 0)
}

/// A part of it; `made` is how much there is already.
fn part(value: &Value, made: &mut usize) -> Result<Json, String> {
    /// What a value takes beside its letters.
    const EACH: usize = 16;
    *made += EACH + value.as_str().map_or(0, str::len);
    if *made > MOST_BYTES {
        return Err(format!("it comes to more than {MOST_BYTES} bytes"));
    }
    match value.kind() {
        ValueKind::Undefined => Err("a part of it is undefined".into()),
        ValueKind::None => Ok(Json::Null),
        ValueKind::Bool => Ok(Json::Bool(value.is_true())),
        ValueKind::Number => number(value).map(Json::Number),
        ValueKind::String => Ok(Json::String(value.as_str().unwrap_or_default().to_owned())),
        ValueKind::Seq | ValueKind::Iterable => list(value, made),
        ValueKind::Map => object(value, made),
        other => Err(format!("a {other} is no JSON")),
    }
}

fn number(value: &Value) -> Result<Number, String> {
    let unfit = || format!("the number {value} is none in JSON");
    if !value.is_integer() {
        return f64::try_from(value.clone()).ok().and_then(Number::from_f64).ok_or_else(unfit);
    }
    let whole = value.as_i64().map(Number::from);
    whole.or_else(|| u64::try_from(value.clone()).ok().map(Number::from)).ok_or_else(unfit)
}

fn list(value: &Value, made: &mut usize) -> Result<Json, String> {
    let items = value.try_iter().map_err(|error| error.to_string())?;
    items.map(|item| part(&item, made)).collect::<Result<_, _>>().map(Json::Array)
}

fn object(value: &Value, made: &mut usize) -> Result<Json, String> {
    let mut members = Map::new();
    for key in value.try_iter().map_err(|error| error.to_string())? {
        let Some(name) = key.as_str() else {
            return Err(format!("{key:?} is no name for a member of an object: use a text"));
        };
        let member = value.get_item(&key).map_err(|error| error.to_string())?;
        let member = part(&member, made).map_err(|error| format!("{name}: {error}"))?;
        members.insert(name.to_owned(), member);
    }
    Ok(Json::Object(members))
}
