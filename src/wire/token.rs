//! The token: whoever has it may do everything, whoever has not may do nothing. Also on loopback, or any
//! web page could spawn processes.

use callboard_actors::journal::Home;
use callboard_actors::vocabulary::Hash;
use std::fmt;
use std::fs;
use std::io;
use uuid::Uuid;

/// The home's token.
#[derive(Clone)]
pub struct Token {
    text: String,
    hash: Hash,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Reads `<home>/token`, made at the first start for its owner alone.
    pub fn of(home: &Home) -> io::Result<Self> {
        match fs::read_to_string(home.path("token")) {
            Ok(text) if !text.trim().is_empty() => Ok(Self::new(text.trim())),
            Ok(_) => Self::make(home),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(home),
            Err(error) => Err(error),
        }
    }

    fn make(home: &Home) -> io::Result<Self> {
        // Two random UUIDs: 244 bits that nobody can guess.
        let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        callboard_actors::journal::Files::new(home.clone()).publish("token", text.as_bytes())?;
        Ok(Self::new(&text))
    }

    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), hash: Hash::of(text.as_bytes()) }
    }

    /// Whether this is it. Hashes are compared, so that the time it takes says nothing about the token.
    pub fn is(&self, text: &str) -> bool {
        Hash::of(text.as_bytes()) == self.hash
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
