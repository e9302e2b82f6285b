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
    /// Reads `<home>/token`, made at the first start for its owner alone. One that others could read is made
    /// private, one that can be guessed or sent in no header is refused.
    pub fn of(home: &Home) -> io::Result<Self> {
        match fs::read_to_string(home.path("token")) {
            Ok(text) if !text.trim().is_empty() => {
                check(text.trim())?;
                keep_private(home)?;
                Ok(Self::new(text.trim()))
            }
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

/// The shortest token that is taken.
const SHORTEST: usize = 16;

fn check(text: &str) -> io::Result<()> {
    if text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let text = format!(
        "it has to have at least {SHORTEST} characters, letters, digits and signs only: delete the file token, and a \
         new one is made"
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

fn keep_private(home: &Home) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let path = home.path("token");
    let mode = fs::metadata(&path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!("others could read the home's token: made it private; consider a new one");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_token_is_private_and_no_word_that_can_be_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path(), None).unwrap();
        let path = folder.path().join("token");
        for wrong in [
            "short",
            "fifteen-letters",
            "with a space in its middle",
            "a\nline-break-in-it",
            "\u{e4}\u{f6}\u{fc}-not-in-a-header",
        ] {
            fs::write(&path, wrong).unwrap();
            let error = Token::of(&home).unwrap_err().to_string();
            assert!(error.contains("at least 16"), "{error}");
        }
        fs::write(&path, "sixteen-letters!\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Token::of(&home).unwrap().is("sixteen-letters!"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
