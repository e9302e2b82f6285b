//! Rebuilding read models from the messages they are read from, and comparing the two.
//!
//! Stream by stream: a journal of any length needs the memory of its longest stream. A stream that
//! cannot be folded keeps the row it has, and is named.

use super::handle::store_settings;
use super::store::{Store, query};
use super::{Finding, Home, JournalSettings, Loaded, OpenError};
use crate::machine::{Change, Field, Row};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;

/// One read model: whose streams it shows, in which table, and how a stream comes to its row.
#[derive(Debug, Clone, Copy)]
pub struct RebuildTable {
    /// The streams' kind.
    pub kind: &'static str,
    /// The table.
    pub table: &'static str,
    /// What a stream amounts to; the error says why it cannot be folded.
    pub fold: fn(&Loaded) -> Result<Vec<Change>, String>,
}

/// What a rebuild did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many streams were folded.
    pub streams: usize,
    /// How many rows they came to.
    pub rows: usize,
    /// The streams that could not be folded, and why; their rows are as they were.
    pub unreadable: Vec<String>,
}

/// Why nothing was rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It could not be read or written.
    #[error("failed to rebuild: {0}")]
    Sql(#[from] rusqlite::Error),
}

/// A stream's number and name.
type Stream = (i64, String);

/// Refills every table in one transaction. No writer may be at work: the caller holds the home.
pub fn rebuild(
    home: &Home,
    settings: &JournalSettings,
    tables: &[RebuildTable],
) -> Result<Rebuilt, RebuildError> {
    let mut store = Store::open(store_settings(home, settings))?;
    store.in_transaction(|store| {
        // They can be told from the messages, too, and will be.
        store.clear_rows("snapshots", "stream >= ?", 0)?;
        let mut rebuilt = Rebuilt::default();
        for table in tables {
            refill(store, table, &mut rebuilt)?;
        }
        Ok(rebuilt)
    })
}

fn refill(store: &mut Store, table: &RebuildTable, rebuilt: &mut Rebuilt) -> rusqlite::Result<()> {
    store.clear_rows(
        table.table,
        "stream NOT IN (SELECT id FROM streams WHERE kind = ?)",
        table.kind,
    )?;
    let mut after = 0;
    while let Some(stream) = next_stream(store.connection(), table.kind, after)? {
        after = stream.0;
        let loaded = query::stream(store.connection(), table.kind, &stream.1, 0)?;
        match (table.fold)(&loaded) {
            Ok(changes) => {
                store.clear_rows(table.table, "stream = ?", stream.0)?;
                rebuilt.streams += 1;
                rebuilt.rows += usize::from(!changes.is_empty());
                for change in &changes {
                    store.change_row(stream.0, &stream.1, change)?;
                }
            }
            Err(why) => rebuilt.unreadable.push(format!("{}/{}: {why}", table.kind, stream.1)),
        }
    }
    Ok(())
}

/// Says where stored rows are not what their streams amount to. Writes nothing; as a writer may be at
/// work, the connection has to be in a read transaction.
pub(super) fn compare(
    connection: &Connection,
    tables: &[RebuildTable],
) -> Result<Vec<Finding>, RebuildError> {
    let mut findings = Vec::new();
    for table in tables {
        let mut after = 0;
        while let Some(stream) = next_stream(connection, table.kind, after)? {
            after = stream.0;
            // A stream that cannot be read is no reason not to look at the others.
            let what = compare_one(connection, table, &stream)
                .unwrap_or_else(|error| Some(format!("cannot be read: {error}")));
            findings.extend(what.map(|what| Finding {
                check: SHOWS,
                what: format!("{}/{} {what}", table.kind, stream.1),
            }));
        }
    }
    Ok(findings)
}

/// The promise that [`compare`] looks at.
pub(super) const SHOWS: &str = "a read model shows what its stream amounts to";

fn compare_one(
    connection: &Connection,
    table: &RebuildTable,
    stream: &Stream,
) -> rusqlite::Result<Option<String>> {
    let stored = stored_row(connection, table.table, stream)?;
    let loaded = query::stream(connection, table.kind, &stream.1, 0)?;
    Ok(match (table.fold)(&loaded) {
        Ok(changes) => difference(&expected_row(changes), &stored),
        Err(why) => Some(format!("cannot be folded: {why}")),
    })
}

fn next_stream(
    connection: &Connection,
    kind: &str,
    after: i64,
) -> rusqlite::Result<Option<Stream>> {
    use rusqlite::OptionalExtension;
    let sql = "SELECT id, name FROM streams WHERE kind = ? AND id > ? ORDER BY id LIMIT 1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_row((kind, after), |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// A row by column; none at all where there is no row.
type Columns = BTreeMap<String, Field>;

fn expected_row(changes: Vec<Change>) -> Columns {
    let mut columns = Columns::new();
    for change in changes {
        let (Change::Put(Row { columns: new, .. }) | Change::Patch(Row { columns: new, .. })) =
            change;
        columns.extend(new.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    columns
}

fn stored_row(
    connection: &Connection,
    table: &str,
    (stream, name): &Stream,
) -> rusqlite::Result<Columns> {
    let sql = format!("SELECT * FROM {table} WHERE stream = ? AND id = ?");
    let mut select = connection.prepare_cached(&sql)?;
    let names: Vec<String> = select.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = select.query((stream, name))?;
    let mut columns = Columns::new();
    if let Some(row) = rows.next()? {
        for (index, name) in names.into_iter().enumerate() {
            if name != "stream" && name != "id" {
                columns.insert(name, field(row.get_ref(index)?));
            }
        }
    }
    Ok(columns)
}

fn field(value: ValueRef<'_>) -> Field {
    match value {
        ValueRef::Null => Field::Null,
        ValueRef::Integer(number) => Field::Int(number),
        ValueRef::Real(number) => Field::Text(number.to_string()),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Field::Text(String::from_utf8_lossy(text).into_owned())
        }
    }
}

/// Columns that a machine does not fill are null.
fn difference(expected: &Columns, stored: &Columns) -> Option<String> {
    if expected.is_empty() != stored.is_empty() {
        let (has, should) = if stored.is_empty() { ("no", "one") } else { ("a", "none") };
        return Some(format!("has {has} row, but should have {should}"));
    }
    let of = |columns: &Columns, name: &str| columns.get(name).cloned().unwrap_or(Field::Null);
    let names = expected.keys().chain(stored.keys());
    let differing = names.filter(|name| of(expected, name) != of(stored, name)).min()?;
    let (says, is) = (of(stored, differing), of(expected, differing));
    Some(format!("says {differing} = {says:?}, its stream {is:?}"))
}
