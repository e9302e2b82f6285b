//! For tests: a COMMIT that fails, having happened or not. The next one on this thread does as it is told.

use rusqlite::Connection;
use std::cell::Cell;

/// How a COMMIT fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It is in the database.
    Happened,
    /// It is not.
    NotHappened,
    /// It is not, and its transaction is still open.
    Hanging,
}

thread_local! {
    static NEXT: Cell<Option<Failure>> = const { Cell::new(None) };
}

/// Has the next COMMIT of this thread fail.
pub(crate) fn fail_next(failure: Failure) {
    NEXT.set(Some(failure));
}

/// What the COMMIT says, if it is to fail.
pub(crate) fn strike(connection: &Connection) -> Option<rusqlite::Result<()>> {
    let end = match NEXT.take()? {
        Failure::Happened => connection.execute_batch("COMMIT"),
        Failure::NotHappened => connection.execute_batch("ROLLBACK"),
        Failure::Hanging => Ok(()),
    };
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    Some(end.and(Err(rusqlite::Error::SqliteFailure(code, Some("the disk lies".into())))))
}
