//! What goes in and out: one transaction a call, and memory follows what was committed.

use super::Store;
use super::held::Change;
use crate::database::spaces::Space;
use crate::database::vectors::bytes_of;
use crate::database::{Fault, items, vectors};
use crate::error::{Error, Result};
use crate::item::{Item, Stored};
use crate::model::{Embedding, check_values};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// An item with its vector, if it has one already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The item.
    pub item: Item,
    /// What the store's model, or the one that is to serve next, made of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Embedding>,
}

impl From<Item> for Entry {
    fn from(item: Item) -> Self {
        Self { item, embedding: None }
    }
}

impl Store {
    /// Remembers an item. When this returns it is on the disk.
    ///
    /// The same item again changes nothing, whenever it says that it was made. Other content under its id
    /// takes its place; its vector stays where the text is the same, and else goes, to be made anew.
    /// Without a vector it is found by words, until it has got one.
    ///
    /// # Errors
    /// `Item` and `Vector` for what cannot be stored; nothing is stored then.
    pub fn store(&mut self, item: &Item, embedding: Option<&Embedding>) -> Result<Stored> {
        let entry = Entry { item: item.clone(), embedding: embedding.cloned() };
        Ok(self.store_all(&[entry])?[0])
    }

    /// Remembers all of these, or none: one commit for all is far faster than one for each.
    pub fn store_all(&mut self, entries: &[Entry]) -> Result<Vec<Stored>> {
        Ok(self.write_all(entries, |_| Ok(()))?.0)
    }

    /// Remembers all of these and does something else in the same transaction.
    pub(crate) fn write_all<T>(
        &mut self,
        entries: &[Entry],
        also: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<(Vec<Stored>, T)> {
        let spaces = entries.iter().map(|entry| self.check(entry)).collect::<Result<Vec<_>>>()?;
        let (stored, other, changes) = self.database.write(|transaction| {
            let mut changes = Vec::new();
            let put = |(entry, space): (&Entry, &Option<Space>)| {
                let vector = space.as_ref().zip(entry.embedding.as_ref());
                let vector = vector.map(|(space, made)| (space.number, bytes_of(&made.values)));
                put(transaction, &entry.item, vector, &mut changes)
            };
            let stored = entries.iter().zip(&spaces).map(put).collect::<Result<Vec<_>, Fault>>()?;
            let other = also(transaction)?;
            Ok((stored, other, changes))
        })?;
        self.follow(&changes);
        Ok((stored, other))
    }

    /// Forgets items, with all that belongs to them; says how many of them there were.
    pub fn delete(&mut self, ids: &[&str]) -> Result<usize> {
        let changes = self.database.write(|transaction| {
            let mut changes = Vec::new();
            for id in ids {
                if let Some(numbered) = items::by_id(transaction, id)? {
                    items::delete(transaction, numbered.number)?;
                    changes.push(Change::Went(numbered.number));
                }
            }
            Ok(changes)
        })?;
        self.follow(&changes);
        Ok(changes.len())
    }

    /// Refuses what cannot be stored; says which space its vector goes into.
    fn check(&self, entry: &Entry) -> Result<Option<Space>> {
        entry.item.check()?;
        let Some(made) = &entry.embedding else { return Ok(None) };
        let space = self.space_of(&made.model, made.values.len()).ok_or_else(|| {
            let known = self.filled().map_or("none", |space| space.pinned.model.as_str());
            Error::Vector(format!(
                "it was made by {:?}, the store's model is {known:?}",
                made.model
            ))
        })?;
        check_values(&made.values, &space.pinned)?;
        Ok(Some(space.clone()))
    }

    pub(super) fn follow(&mut self, changes: &[Change]) {
        if self.held.as_mut().is_some_and(|held| !held.follow(changes)) {
            self.held = None;
        }
    }
}

/// Puts an item in, by what there is under its id.
fn put(
    connection: &Connection,
    item: &Item,
    vector: Option<(i64, Vec<u8>)>,
    changes: &mut Vec<Change>,
) -> Result<Stored, Fault> {
    let Some(old) = items::by_id(connection, &item.id)? else {
        insert(connection, item, vector, changes)?;
        return Ok(Stored::New);
    };
    if old.item.says_the_same(item) {
        return Ok(put_vector(connection, old.number, vector, changes)?);
    }
    let is_same_text = old.item.text == item.text;
    let mut kept = if is_same_text { vectors::all_of(connection, old.number)? } else { Vec::new() };
    kept.retain(|(space, _)| vector.as_ref().is_none_or(|(given, _)| given != space));
    items::delete(connection, old.number)?;
    changes.push(Change::Went(old.number));
    insert(connection, item, kept.into_iter().chain(vector), changes)?;
    Ok(Stored::Changed)
}

fn insert(
    connection: &Connection,
    item: &Item,
    given: impl IntoIterator<Item = (i64, Vec<u8>)>,
    changes: &mut Vec<Change>,
) -> rusqlite::Result<()> {
    let number = items::insert(connection, item)?;
    // What is held is for filters, which do not look at texts.
    changes.push(Change::Came(number, Item { text: String::new(), ..item.clone() }));
    for (space, vector) in given {
        vectors::insert(connection, number, space, &vector)?;
        changes.push(Change::Got { item: number, space, vector });
    }
    Ok(())
}

/// Gives an item that is there a vector, if it has not got that one already.
pub(super) fn put_vector(
    connection: &Connection,
    item: i64,
    vector: Option<(i64, Vec<u8>)>,
    changes: &mut Vec<Change>,
) -> rusqlite::Result<Stored> {
    let Some((space, vector)) = vector else { return Ok(Stored::Same) };
    if vectors::of(connection, item, space)?.is_some_and(|there| there == vector) {
        return Ok(Stored::Same);
    }
    vectors::delete(connection, item, space)?;
    vectors::insert(connection, item, space, &vector)?;
    changes.push(Change::Got { item, space, vector });
    Ok(Stored::Changed)
}
