//! A text that is shown to nobody by accident: masked in logs, in `Debug` and in every serialised form.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// What stands in place of a secret wherever a program might print it.
const MASK: &str = "***";
/// What stands before what is shown of a secret.
const DOTS: &str = "••••";
/// Of a shorter secret nothing is shown.
const LONG: usize = 16;

/// How a number in place of a secret is refused. It names no value, and nothing else refuses so.
pub(super) const NOT_A_TEXT: &str = "a secret has to be a text in quotes";

/// A secret as people may see it: enough to tell two apart, too little to use.
pub(super) fn masked(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let shown = if letters.len() < LONG { &[] } else { &letters[letters.len() - 4..] };
    format!("{DOTS}{}", shown.iter().collect::<String>())
}

/// A key or token. Only [`Secret::expose`] gives the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&masked(&self.0))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Accepts texts, and refuses numbers without repeating them: serde's own message would print the secret.
struct SecretVisitor;

impl SecretVisitor {
    fn refuse<E: de::Error>() -> Result<Secret, E> {
        Err(E::custom(NOT_A_TEXT))
    }
}

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text in quotes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Self::refuse()
    }
}

/// Texts by name, such as variables for a program: each is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// The texts themselves, for the one place that hands them on.
    pub fn expose(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned()))
    }
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretsVisitor)
    }
}

const NO_TABLE: &str = "expected a table of texts, as in { NAME = \"text\" }";
const NO_VARIABLE: &str = "a variable has a name without =, and neither name nor text has a NUL: write { NAME = \"text\" }";

/// Accepts tables, and refuses a text without repeating it.
struct SecretsVisitor;

impl<'de> Visitor<'de> for SecretsVisitor {
    type Value = Secrets;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of texts")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secrets, E> {
        Err(E::custom(NO_TABLE))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secrets, E> {
        Err(E::custom(NO_TABLE))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secrets, E> {
        Err(E::custom(NO_TABLE))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secrets, E> {
        Err(E::custom(NO_TABLE))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secrets, A::Error> {
        let mut secrets = BTreeMap::new();
        while let Some((name, secret)) = map.next_entry::<String, Secret>()? {
            // No program could be started with it.
            if name.is_empty() || name.contains(['=', '\0']) || secret.expose().contains('\0') {
                return Err(de::Error::custom(NO_VARIABLE));
            }
            secrets.insert(name, secret);
        }
        Ok(Secrets(secrets))
    }
}
