//! Large shared state: one JSON document a key, in `state/shared/{key}.json`.
//!
//! Content first, row second, and the file that people see last:
//!
//! ```text
//! {key}.json.new, durable ► row names its hash ► renamed to {key}.json
//! ```
//!
//! The row decides: a crash before it leaves debris that the next write replaces, a crash after it leaves
//! content in the first place, which the next read or write finds there. Writers of one key have to
//! follow one another.

use crate::journal::{Entry, Fault, Files, Journal, ReadError, StateRow, home};
use crate::vocabulary::{Durable, Hash, Name, Reference};
use std::io;

/// The turn of those who change this key: they have to follow one another.
pub fn turn_of(key: &Name) -> Name {
    Name::derived(&["state", key.as_str()])
}

/// What a key holds; `None`: nothing.
pub async fn read(journal: &Journal, key: &Name) -> Result<Option<(StateRow, Vec<u8>)>, ReadError> {
    loop {
        let Some(row) = journal.reader().state(key.clone()).await? else { return Ok(None) };
        let (of, content) = (key.clone(), row.clone());
        let found = journal.files().run(move |files| Ok(look(files, &of, &content))).await;
        let found = found.map_err(Fault::reading)?;
        // It may have been replaced between the two looks.
        if found.is_err() && journal.reader().state(key.clone()).await?.as_ref() != Some(&row) {
            continue;
        }
        return found.map(|content| Some((row, content)));
    }
}

/// The content lies where it belongs, or still where it was written first.
fn look(files: &Files, key: &Name, row: &StateRow) -> Result<Vec<u8>, ReadError> {
    let first =
        |file| Reference { hash: Hash::known(&row.hash), bytes: row.bytes, file, line: None };
    files
        .read(&first(home::shared_state(key)))
        .or_else(|_| files.read(&first(home::new_shared_state(key))))
        .or_else(|_| files.read(&first(home::shared_state(key))))
}

/// Has a key hold this content. Durable when it returns.
pub async fn write(journal: &Journal, key: &Name, content: Vec<u8>) -> Result<StateRow, Fault> {
    let of = key.clone();
    let before = journal.reader().state(key.clone()).await?;
    let placed = journal.files().run(move |files| {
        if let Some(before) = before {
            settle(files, &of, &before.hash)?;
        }
        files.publish(&home::new_shared_state(&of), &content)
    });
    let placed: Durable<Reference> = placed.await.map_err(|error| failed(&error))?;
    let (hash, bytes) = (placed.hash.clone(), placed.bytes);
    journal.enter(Entry::PutState { key: key.clone(), hash: hash.clone(), bytes }).await?;
    let of = key.clone();
    let settled = journal.files().run(move |files| settle(files, &of, hash.as_str())).await;
    if let Err(error) = settled {
        tracing::warn!(%key, %error, "shared state stays where it was written first, until it is written again");
    }
    let row = journal.reader().state(key.clone()).await?;
    row.ok_or_else(|| Fault::Unavailable("the state was removed meanwhile".into()))
}

/// Has a key hold nothing.
pub async fn remove(journal: &Journal, key: &Name) -> Result<(), Fault> {
    journal.enter(Entry::DropState(key.clone())).await?;
    let of = key.clone();
    let removed = journal.files().run(move |files| {
        files.remove(&home::new_shared_state(&of))?;
        files.remove(&home::shared_state(&of))
    });
    if let Err(error) = removed.await {
        tracing::warn!(%key, %error, "a file of removed shared state stays until it is written again");
    }
    Ok(())
}

/// Puts content that a row names where people look for it.
fn settle(files: &Files, key: &Name, hash: &str) -> io::Result<()> {
    let new = home::new_shared_state(key);
    let content = match std::fs::read(files.home().path(&new)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result?,
    };
    if Hash::of(&content).as_str() == hash {
        files.rename(&new, &home::shared_state(key))?;
    }
    Ok(())
}

fn failed(error: &io::Error) -> Fault {
    Fault::Unavailable(format!("failed to store the state: {error}"))
}
