//! Numbers of JSON in an order of their own: integers exactly, 1 and 1.0 the same.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;

/// Any number that JSON can hold, ordered by value.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    /// The nearest float. Rounding keeps order, so it decides first.
    nearest: f64,
    /// What an integer has beyond it.
    rest: i64,
}

impl Number {
    /// The number as JSON holds it; nothing that is finite is lost.
    pub fn of(number: &serde_json::Number) -> Self {
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        match (integer, number.as_f64()) {
            (Some(integer), _) => Self::of_integer(integer),
            (None, float) => Self::of_float(float.unwrap_or_default()),
        }
    }

    /// An integer, exactly.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "the rest keeps what is lost"
    )]
    fn of_integer(integer: i128) -> Self {
        let nearest = integer as f64;
        let rest = integer - nearest as i128;
        Self { nearest, rest: i64::try_from(rest).unwrap_or_default() }
    }

    /// A float; there is only one zero.
    pub(crate) fn of_float(float: f64) -> Self {
        Self { nearest: if float == 0.0 { 0.0 } else { float }, rest: 0 }
    }

    /// The integer that it is, if it is one that JSON can hold as such.
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and a cast saturates")]
    fn integer(self) -> Option<i128> {
        let is_whole =
            self.nearest.fract() == 0.0 && self.nearest.abs() <= 18_446_744_073_709_551_616.0;
        is_whole.then(|| self.nearest as i128 + i128::from(self.rest))
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self::of_integer(i128::from(integer))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nearest.total_cmp(&other.nearest).then(self.rest.cmp(&other.rest))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.integer().map(|integer| (i64::try_from(integer), u64::try_from(integer))) {
            Some((Ok(integer), _)) => serializer.serialize_i64(integer),
            Some((_, Ok(integer))) => serializer.serialize_u64(integer),
            _ => serializer.serialize_f64(self.nearest),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&serde_json::Number::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_by_value_and_integers_exactly() {
        assert_eq!(read("1"), read("1.0"));
        assert_eq!(read("-0.0"), read("0"));
        assert!(read("9007199254740992") < read("9007199254740993"));
        assert!(read("18446744073709551614") < read("18446744073709551615"));
        assert!(read("-9223372036854775808") < read("-9223372036854775807"));
        assert!(read("0.1") < read("1") && read("1") < read("1.5"));
    }

    #[test]
    fn numbers_are_written_as_they_were_read() {
        for text in ["0", "-7", "9007199254740993", "18446744073709551615", "0.25", "1e300"] {
            let again = serde_json::to_string(&read(text)).unwrap();
            assert_eq!(read(&again), read(text), "{text}");
        }
    }
}
