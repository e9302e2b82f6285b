//! [`Keyring`]: seals secrets with ChaCha20-Poly1305, under a key that lies beside the database, not in it.
//!
//! Whoever gets the database, a backup of it or the journal has no secrets; whoever gets the whole home has. The key
//! is on disk to stay before the first secret that needs it is written; while keys change, both lie in the file, so
//! that a crash at any moment leaves every secret readable.

use callboard_actors::journal::{Files, Home};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;

/// Where the keys lie, in the home.
const FILE: &str = "secret.key";
/// What a sealed text begins with.
const FORMAT: &str = "v1";

/// Keys, as they lie in the file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The one that seals.
    current: String,
    /// Every one that opens, in hexadecimal.
    keys: BTreeMap<String, String>,
}

/// Seals and opens secrets.
pub struct Keyring {
    files: Files,
    keys: Keys,
}

/// Why a secret cannot be sealed or opened. None of these shows it.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file could not be read or written.
    #[error("failed to use {FILE} in the home: {0}")]
    Io(#[from] io::Error),
    /// The file is not what this program writes.
    #[error(
        "{FILE} in the home holds no keys: restore it from a backup, or remove it and set the secrets again"
    )]
    Damaged,
    /// It was sealed with another key.
    #[error(
        "{FILE} in the home does not hold its key: restore that file from a backup, or set the secret again"
    )]
    NoKey,
    /// What is stored is not what was sealed.
    #[error("it does not open: set it again")]
    Forged,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: try again")]
    NoChance,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.keys.len())
    }
}

impl Keyring {
    /// The keys of this home; none before the first secret.
    pub fn open(home: &Home) -> Result<Self, KeyringError> {
        let files = Files::new(home.clone());
        let keys = match std::fs::read(home.path(FILE)) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| KeyringError::Damaged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Keys::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { files, keys })
    }

    /// Which key seals; empty: there is none yet.
    pub fn current(&self) -> &str {
        &self.keys.current
    }

    /// Seals the value of a setting. Blocks the first time: the key is durable before anything is sealed with it.
    pub fn seal(&mut self, name: &str, plain: &str) -> Result<String, KeyringError> {
        if self.keys.keys.is_empty() {
            self.begin_rotation()?;
        }
        let key = self.key(&self.keys.current)?;
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut text = plain.as_bytes().to_vec();
        let sealed = key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(name.as_bytes()),
            &mut text,
        );
        sealed.map_err(|_| KeyringError::Forged)?;
        let current = &self.keys.current;
        Ok(format!("{FORMAT}.{current}.{}{}", hex(&nonce), hex(&text)))
    }

    /// Opens what was sealed as the value of this setting, and of no other.
    pub fn unseal(&self, name: &str, sealed: &str) -> Result<String, KeyringError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORMAT), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyringError::Forged);
        };
        let key = self.key(id)?;
        let mut bytes = unhex(text).ok_or(KeyringError::Forged)?;
        if bytes.len() < NONCE_LEN {
            return Err(KeyringError::Forged);
        }
        let mut text = bytes.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| KeyringError::Forged)?;
        let plain = key.open_in_place(nonce, Aad::from(name.as_bytes()), &mut text);
        let plain = plain.map_err(|_| KeyringError::Forged)?;
        String::from_utf8(plain.to_vec()).map_err(|_| KeyringError::Forged)
    }

    /// Adds a key, which seals from now on; the others still open. Durable when this returns. Blocks.
    pub fn begin_rotation(&mut self) -> Result<(), KeyringError> {
        let (id, key): ([u8; 4], [u8; 32]) = (random()?, random()?);
        let id = hex(&id);
        let mut keys = self.keys.keys.clone();
        keys.insert(id.clone(), hex(&key));
        self.keep(Keys { current: id, keys })
    }

    /// Forgets all keys but the one that seals: nothing is sealed with the others any more. Blocks.
    pub fn end_rotation(&mut self) -> Result<(), KeyringError> {
        let current = self.keys.current.clone();
        let keys = self.keys.keys.iter().filter(|(id, _)| **id == current);
        let keys = keys.map(|(id, key)| (id.clone(), key.clone())).collect();
        self.keep(Keys { current, keys })
    }

    fn keep(&mut self, keys: Keys) -> Result<(), KeyringError> {
        let text = serde_json::to_vec_pretty(&keys).map_err(io::Error::other)?;
        self.files.publish(FILE, &text)?;
        self.keys = keys;
        Ok(())
    }

    fn key(&self, id: &str) -> Result<LessSafeKey, KeyringError> {
        let text = self.keys.keys.get(id).ok_or(KeyringError::NoKey)?;
        let bytes = unhex(text).ok_or(KeyringError::Damaged)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes);
        key.map(LessSafeKey::new).map_err(|_| KeyringError::Damaged)
    }
}

fn random<const N: usize>() -> Result<[u8; N], KeyringError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyringError::NoChance)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_whole = text.len().is_multiple_of(2);
    if is_whole { pairs.map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path(), None).unwrap();
        (folder, home)
    }

    #[test]
    fn a_secret_opens_under_its_name_alone_and_only_whole() {
        let (_folder, home) = home();
        let mut keyring = Keyring::open(&home).unwrap();
        let sealed = keyring.seal("a.key", "hush").unwrap();
        assert!(!sealed.contains("hush") && !sealed.contains(&hex(b"hush")), "{sealed}");
        assert_ne!(sealed, keyring.seal("a.key", "hush").unwrap(), "a nonce was used twice");
        assert_eq!(keyring.unseal("a.key", &sealed).unwrap(), "hush");
        assert!(matches!(keyring.unseal("b.key", &sealed), Err(KeyringError::Forged)));
        for end in 0..sealed.len() {
            assert!(keyring.unseal("a.key", &sealed[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn the_key_is_on_disk_for_its_owner_alone_before_a_secret_is() {
        let (_folder, home) = home();
        let sealed = Keyring::open(&home).unwrap().seal("k", "hush").unwrap();
        let mode = std::fs::metadata(home.path(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(Keyring::open(&home).unwrap().unseal("k", &sealed).unwrap(), "hush");
        std::fs::remove_file(home.path(FILE)).unwrap();
        let without = Keyring::open(&home).unwrap();
        assert!(matches!(without.unseal("k", &sealed), Err(KeyringError::NoKey)));
    }

    #[test]
    fn at_every_step_of_a_rotation_a_home_that_is_opened_anew_can_read_what_is_stored() {
        let (_folder, home) = home();
        let mut keyring = Keyring::open(&home).unwrap();
        let mut stored = keyring.seal("k", "hush").unwrap();
        let readable = |stored: &str| Keyring::open(&home).unwrap().unseal("k", stored).unwrap();
        for _ in 0..3 {
            keyring.begin_rotation().unwrap();
            assert_eq!(readable(&stored), "hush");
            let before = std::mem::replace(&mut stored, keyring.seal("k", "hush").unwrap());
            assert_eq!((readable(&before), readable(&stored)), ("hush".into(), "hush".into()));
            keyring.end_rotation().unwrap();
            assert_eq!(readable(&stored), "hush");
            assert!(
                Keyring::open(&home).unwrap().unseal("k", &before).is_err(),
                "the old key stays"
            );
        }
    }
}
