//! [`Splitter`]: takes an enum with `tag = "type", content = "data"` apart while it is serialised.
//!
//! To write the whole and to read it again for its parts would be as much work once more, for every message. Whatever is
//! no such enum is an error.

use super::tagged::Tagged;
use serde::Serialize;
use serde::ser::{Error as _, Impossible, SerializeStruct, Serializer};
use serde_json::value::{RawValue, to_raw_value, to_value};
use serde_json::{Error, Value};

/// What serialises such an enum into its parts.
pub(super) struct Splitter;

/// The parts, one after the other.
#[derive(Default)]
pub(super) struct Parts {
    event_type: Option<String>,
    data: Option<Box<RawValue>>,
}

impl SerializeStruct for Parts {
    type Ok = Tagged;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        match (key, &self.event_type) {
            ("type", None) => {
                let Value::String(name) = to_value(value)? else { return Err(no_enum()) };
                self.event_type = Some(name);
            }
            ("data", Some(_)) => self.data = Some(to_raw_value(value)?),
            _ => return Err(no_enum()),
        }
        Ok(())
    }

    fn end(self) -> Result<Tagged, Error> {
        let event_type = self.event_type.ok_or_else(no_enum)?;
        let data = self.data.map_or_else(|| RawValue::from_string("{}".into()), Ok)?;
        Ok(Tagged { event_type, data })
    }
}

fn no_enum() -> Error {
    Error::custom("only enums with a tag `type` and a content `data` are split")
}

type Other = Impossible<Tagged, Error>;

/// Everything that is no such enum.
macro_rules! refused {
    ($($name:ident($($kind:ty),*) -> $out:ty;)*) => {
        $(fn $name(self, $(_: $kind),*) -> Result<$out, Error> {
            Err(no_enum())
        })*
    };
}

impl Serializer for Splitter {
    type Ok = Tagged;
    type Error = Error;
    type SerializeSeq = Other;
    type SerializeTuple = Other;
    type SerializeTupleStruct = Other;
    type SerializeTupleVariant = Other;
    type SerializeMap = Other;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Other;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Error> {
        Ok(Parts::default())
    }

    refused! {
        serialize_bool(bool) -> Tagged;
        serialize_i8(i8) -> Tagged;
        serialize_i16(i16) -> Tagged;
        serialize_i32(i32) -> Tagged;
        serialize_i64(i64) -> Tagged;
        serialize_u8(u8) -> Tagged;
        serialize_u16(u16) -> Tagged;
        serialize_u32(u32) -> Tagged;
        serialize_u64(u64) -> Tagged;
        serialize_f32(f32) -> Tagged;
        serialize_f64(f64) -> Tagged;
        serialize_char(char) -> Tagged;
        serialize_str(&str) -> Tagged;
        serialize_bytes(&[u8]) -> Tagged;
        serialize_none() -> Tagged;
        serialize_unit() -> Tagged;
        serialize_unit_struct(&'static str) -> Tagged;
        serialize_unit_variant(&'static str, u32, &'static str) -> Tagged;
        serialize_seq(Option<usize>) -> Other;
        serialize_tuple(usize) -> Other;
        serialize_tuple_struct(&'static str, usize) -> Other;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Other;
        serialize_map(Option<usize>) -> Other;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Other;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tagged, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Tagged, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Tagged, Error> {
        Err(no_enum())
    }
}
