//! [`Query`]: the parameters of a request, behind the `?`. They are texts that are read as what they have to be; what is
//! wrong with one is said by its name, and not in the words of the program that reads it. One that nobody reads is
//! refused, also where there are none: whoever misspells a filter would get an answer to another question.

use super::body::expected_in_words;
use crate::wire::Problem;
use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::future::{Ready, ready};
use std::str::FromStr;

/// What a request says behind the `?`.
pub(super) struct Query<T>(T);

impl<T> Query<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(Into::into))
    }
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text);
    pairs
        .map(web::Query::into_inner)
        .map_err(|_| Problem::bad_request("the parameters are no text"))
}

/// Reads parameters out of what stands behind the `?`.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = pairs(text)?;
    let given = pairs.into_iter().map(|(name, text)| (name, Parameter(text)));
    serde_path_to_error::deserialize(MapDeserializer::new(given)).map_err(|error| {
        let (place, words) = (error.path().to_string(), error.inner().to_string());
        Problem::bad_request(in_words(&place, &words))
    })
}

/// What is wrong with the parameter of this name.
fn in_words(name: &str, error: &str) -> String {
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if let Some(rest) = error.strip_prefix("unknown field ") {
        let others = rest.split_once(", ").map_or("", |(_, others)| others);
        let others: Vec<_> = others.split('`').skip(1).step_by(2).collect();
        return nobody_reads(&quoted(rest), &others);
    }
    if let Some(rest) = error.strip_prefix("missing field ") {
        return format!("the parameter {} is missing", quoted(rest));
    }
    if let Some(rest) = error.strip_prefix("duplicate field ") {
        return format!("the parameter {} stands there more than once", quoted(rest));
    }
    if let Some(rest) = error.strip_prefix("unknown variant ") {
        let others = rest.split_once(", expected ").map_or("", |(_, others)| others);
        let others = others.trim_start_matches("one of ").replace('`', "");
        return format!("{name}: it has to be {others}, and is {:?}", quoted(rest));
    }
    format!("{name}: {error}")
}

fn nobody_reads(name: &str, others: &[&str]) -> String {
    let there_are = match others {
        [] => "there are none here".to_owned(),
        others => format!("there are {}", others.join(", ")),
    };
    format!("there is no parameter {name:?}: {there_are}")
}

/// The text of one.
struct Parameter(String);

impl Parameter {
    fn parsed<T: FromStr>(&self, expected: &str) -> Result<T, Error> {
        self.0.parse().map_err(|_| {
            let (expected, text) = (expected_in_words(expected), &self.0);
            Error::custom(format!("it has to be {expected}, and is {text:?}"))
        })
    }
}

impl IntoDeserializer<'_, Error> for Parameter {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads a text as one of these.
macro_rules! parsed {
    ($($read:ident => $visit:ident($kind:ty)),*) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parsed::<$kind>(stringify!($kind))?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Parameter {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    parsed! {
        deserialize_u8 => visit_u8(u8), deserialize_u16 => visit_u16(u16), deserialize_u32 => visit_u32(u32),
        deserialize_u64 => visit_u64(u64), deserialize_i8 => visit_i8(i8), deserialize_i16 => visit_i16(i16),
        deserialize_i32 => visit_i32(i32), deserialize_i64 => visit_i64(i64), deserialize_f32 => visit_f32(f32),
        deserialize_f64 => visit_f64(f64)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.parsed("a boolean")?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

type Answered = Result<ServiceResponse<BoxBody>, actix_web::Error>;

/// Lets no parameters in but the token.
pub(super) async fn none(request: ServiceRequest, next: Next<BoxBody>) -> Answered {
    let pairs = pairs(request.query_string())?;
    match pairs.iter().find(|(name, _)| name != "token") {
        Some((name, _)) => Err(Problem::bad_request(nobody_reads(name, &[])).into()),
        None => next.call(request).await,
    }
}

/// The same, unless something is looked for: that reads them itself.
pub(super) async fn of_get(request: ServiceRequest, next: Next<BoxBody>) -> Answered {
    match *request.method() {
        Method::GET | Method::HEAD => next.call(request).await,
        _ => none(request, next).await,
    }
}

/// What is wrong with a part of a path.
pub(super) fn in_path(error: &str) -> String {
    let part = error.split_once("can not parse ").map(|(_, rest)| rest);
    match part.and_then(|part| part.rsplit_once(" to a ")) {
        Some((part, kind)) => {
            format!("the path has {part} where {} stands", expected_in_words(kind))
        }
        None => "the path is no text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it is looked at")]
    struct Rustic {
        of: String,
        limit: Option<usize>,
        after: Option<i64>,
        most: Option<f64>,
        how: Option<Way>,
        #[serde(default)]
        all: bool,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        Here,
        There,
    }

    #[test]
    fn what_is_wrong_is_said_by_the_parameters_name() {
        let whole = "a whole number from";
        let (unsigned, signed) = (
            format!("{whole} 0 to {}, and is", u64::MAX),
            format!("{whole} {} to {}, and is", i64::MIN, i64::MAX),
        );
        for (text, words) in [
            ("", "the parameter of is missing".to_owned()),
            ("of=1&of=2", "the parameter of stands there more than once".to_owned()),
            ("of=x&limit=many", format!("limit: it has to be {unsigned} \"many\"")),
            ("of=x&limit=-1", format!("limit: it has to be {unsigned} \"-1\"")),
            ("of=x&limit=", format!("limit: it has to be {unsigned} \"\"")),
            (
                "of=x&limit=99999999999999999999",
                format!("limit: it has to be {unsigned} \"99999999999999999999\""),
            ),
            ("of=x&after=x", format!("after: it has to be {signed} \"x\"")),
            ("of=x&most=much", "most: it has to be a number, and is \"much\"".to_owned()),
            ("of=x&all=1", "all: it has to be true or false, and is \"1\"".to_owned()),
            ("of=x&how=up", "how: it has to be here or there, and is \"up\"".to_owned()),
            (
                "of=x&hwo=here",
                "there is no parameter \"hwo\": there are of, limit, after, most, how, all"
                    .to_owned(),
            ),
        ] {
            assert_eq!(read::<Rustic>(text).unwrap_err().detail(), words, "{text}");
        }
        let read = read::<Rustic>("of=a%20b&how=there&all=true&limit=7").unwrap();
        assert_eq!((read.of.as_str(), read.how, read.limit), ("a b", Some(Way::There), Some(7)));
        let _ = Way::Here;
    }

    #[test]
    fn what_is_wrong_with_a_path_is_said_without_the_names_of_types() {
        let told = in_path("can not parse \"x\" to a u32");
        assert_eq!(told, "the path has \"x\" where a whole number from 0 to 4294967295 stands");
    }
}
