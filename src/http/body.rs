//! [`Body`] and [`MaybeBody`]: the bodies of requests. They are objects; what is wrong with one is said in the words of
//! JSON, with the place, and not in those of the program that reads it.

use super::objects::Objects;
use crate::wire::{App, Problem};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::{FromRequest, HttpRequest, web};
use callboard_actors::vocabulary::{DEEPEST, is_too_deep};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a request says.
pub(super) struct Body<T>(pub(super) T);

/// What a request says, or nothing, where it has no body.
pub(super) struct MaybeBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = bytes(request, payload);
        async { Ok(Self(of_json(&bytes.await?)?)) }.boxed_local()
    }
}

impl<T: DeserializeOwned + Default> FromRequest for MaybeBody<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = bytes(request, payload);
        async {
            let bytes = bytes.await?;
            let said = (!bytes.is_empty()).then(|| of_json(&bytes)).transpose()?;
            Ok(Self(said.unwrap_or_default()))
        }
        .boxed_local()
    }
}

/// All of a body, if it is no longer than it may be.
fn bytes(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = actix_web::Result<web::Bytes>> + use<> {
    let limit = request.app_data::<web::Data<App>>().map(|app| app.defaults().max_body_bytes);
    let bytes = web::Bytes::from_request(request, payload);
    async move {
        bytes.await.map_err(|error| match (error.as_error::<PayloadError>(), limit) {
            (Some(PayloadError::Overflow), Some(limit)) => {
                Problem::too_large(format!("a body may have at most {limit} bytes")).into()
            }
            _ => error,
        })
    }
}

fn of_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::bad_request("there is no body: it has to be a JSON object"));
    }
    read(serde_json::from_slice(body).map_err(Problem::bad_request)?)
}

/// Reads a request out of JSON.
pub(super) fn read<T: DeserializeOwned>(body: Value) -> Result<T, Problem> {
    if !body.is_object() {
        let text = format!("the body has to be a JSON object, and is {}", kind(&body));
        return Err(Problem::unprocessable(text));
    }
    if is_too_deep(&body) {
        let text = format!("the body is nested more than {DEEPEST} levels deep");
        return Err(Problem::unprocessable(text));
    }
    serde_path_to_error::deserialize(Objects(body)).map_err(|error| {
        let (place, words) = (error.path().to_string(), in_words(&error.inner().to_string()));
        // An object's own trouble names the member already.
        let place = if place == "." { String::new() } else { format!("{place}: ") };
        Problem::unprocessable(format!("{place}{words}"))
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What serde says of a value that does not fit, without the names of types.
fn in_words(error: &str) -> String {
    let parts = error.split_once(", expected ");
    let found = |text: &str| {
        let found = text.strip_prefix("invalid type: ").or(text.strip_prefix("invalid value: "));
        found.map(|found| found.replace('`', ""))
    };
    match parts.and_then(|(text, expected)| Some((found(text)?, expected))) {
        Some((found, expected)) => {
            format!(
                "it has to be {}, and is {}",
                expected_in_words(expected),
                found_in_words(&found)
            )
        }
        None => error.to_owned(),
    }
}

pub(super) fn expected_in_words(expected: &str) -> String {
    let whole = |from: &str, to: String| format!("a whole number from {from} to {to}");
    match expected {
        "u8" => whole("0", u8::MAX.to_string()),
        "u16" => whole("0", u16::MAX.to_string()),
        "u32" => whole("0", u32::MAX.to_string()),
        "u64" | "usize" => whole("0", u64::MAX.to_string()),
        "i32" => whole(&i32::MIN.to_string(), i32::MAX.to_string()),
        "i64" => whole(&i64::MIN.to_string(), i64::MAX.to_string()),
        "f64" | "f32" => "a number".to_owned(),
        "a string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        _ if expected == "a map" || expected.starts_with("struct") => "an object".to_owned(),
        _ if expected.contains("enum") => "one of the texts that it may be".to_owned(),
        other => other.to_owned(),
    }
}

fn found_in_words(found: &str) -> String {
    let rest = |prefix: &str| found.strip_prefix(prefix);
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        "unit value" => "null".to_owned(),
        _ => match (rest("string "), rest("integer "), rest("floating point "), rest("boolean ")) {
            (Some(text), ..) => format!("the text {text}"),
            (_, Some(number), ..) | (_, _, Some(number), _) => number.to_owned(),
            (.., Some(truth)) => truth.to_owned(),
            _ => found.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it is looked at")]
    struct Rustic {
        checkpoint: u32,
        next: Option<Vec<String>>,
        limits: Option<Inner>,
        how: Option<Way>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it is looked at")]
    struct Inner {
        usd: Option<f64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        Here,
        There,
    }

    fn told(body: Value) -> String {
        read::<Rustic>(body).unwrap_err().detail().to_owned()
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_json_with_its_place() {
        let cases = [
            (json!([]), "the body has to be a JSON object, and is a list"),
            (json!([1]), "the body has to be a JSON object, and is a list"),
            (json!(null), "the body has to be a JSON object, and is null"),
            (json!({}), "missing field `checkpoint`"),
            (
                json!({ "checkpoint": "x" }),
                "checkpoint: it has to be a whole number from 0 to 4294967295, and is the text \"x\"",
            ),
            (
                json!({ "checkpoint": -1 }),
                "checkpoint: it has to be a whole number from 0 to 4294967295, and is -1",
            ),
            (json!({ "checkpoint": 1, "next": 1 }), "next: it has to be a list, and is 1"),
            (json!({ "checkpoint": 1, "next": [1] }), "next[0]: it has to be a text, and is 1"),
            (
                json!({ "checkpoint": 1, "limits": "x" }),
                "limits: it has to be an object, and is the text \"x\"",
            ),
            (
                json!({ "checkpoint": 1, "limits": [] }),
                "limits: it has to be an object, and is a list",
            ),
            (
                json!({ "checkpoint": 1, "limits": [2.5] }),
                "limits: it has to be an object, and is a list",
            ),
            (
                json!({ "checkpoint": 1, "limits": { "usd": true } }),
                "limits.usd: it has to be a number, and is true",
            ),
            (
                json!({ "checkpoint": 1, "how": "where" }),
                "how: unknown variant `where`, expected `here` or `there`",
            ),
        ];
        for (body, words) in cases {
            assert_eq!(told(body.clone()), words, "{body}");
        }
        assert!(matches!(
            read::<Rustic>(json!({ "checkpoint": 1, "how": "here" })).unwrap().how,
            Some(Way::Here)
        ));
        let _ = Way::There;
    }
}
