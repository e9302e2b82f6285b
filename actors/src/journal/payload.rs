//! Values on their way into a message, and out of it: small ones stay in it, large ones lie in a file under their
//! hash, where everybody who needs the same finds it. Whoever writes the message says that it needs the file
//! ([`Held`](crate::machine::Held)).

use super::{Journal, ReadError};
use crate::vocabulary::{Durable, Payload, Reference};
use serde_json::Value;
use std::io;

impl Journal {
    /// Puts content away under its hash.
    pub async fn put(&self, content: Vec<u8>) -> io::Result<Durable<Reference>> {
        self.files().run(move |files| files.publish_by_hash(&content)).await
    }

    /// A value as a message holds it.
    pub async fn payload(&self, value: Value) -> io::Result<Payload> {
        match Payload::inline(value) {
            Ok(payload) => Ok(payload),
            Err(value) => self.put(serde_json::to_vec(&value)?).await.map(Payload::File),
        }
    }

    /// The value that a message holds.
    pub async fn value(&self, payload: &Payload) -> Result<Value, ReadError> {
        let reference: &Reference = match payload {
            Payload::Inline(value) => return Ok(value.clone()),
            Payload::File(file) => file,
        };
        let text = self.content(reference.clone()).await?;
        let (file, hash) = (reference.file.clone(), reference.hash.clone());
        serde_json::from_slice(&text).map_err(|_| ReadError::Damaged { file, hash })
    }
}
