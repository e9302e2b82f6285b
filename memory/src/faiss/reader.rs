//! Reading an index row by row.

use super::header::Header;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

/// An index file that is read from its first row on.
#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    header: Header,
}

impl Reader {
    /// Opens it; refuses what is no `IndexFlatL2`, or is cut short, before anything is taken from it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let refuse = |what| Error::Foreign { path: path.to_owned(), what };
        let failed = |error: std::io::Error| refuse(error.to_string());
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let mut file = BufReader::new(file);
        let header = Header::read(&mut file).map_err(failed)?;
        let due = header
            .count
            .checked_mul(header.dimension as u64 * 4)
            .and_then(|rows| rows.checked_add(Header::BYTES));
        if due != Some(bytes) {
            let what = format!(
                "it has {bytes} bytes, {} vectors of {} numbers need {}",
                header.count,
                header.dimension,
                due.map_or("more than there can be".to_owned(), |due| due.to_string())
            );
            return Err(refuse(what));
        }
        Ok(Self { path: path.to_owned(), file, header })
    }

    /// How many numbers a row has.
    pub(crate) fn dimension(&self) -> usize {
        self.header.dimension
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> u64 {
        self.header.count
    }

    /// The next row.
    pub(crate) fn row(&mut self) -> Result<Vec<f32>> {
        let mut bytes = vec![0; self.header.dimension * 4];
        let read = self.file.read_exact(&mut bytes);
        read.map_err(|error| Error::Foreign { path: self.path.clone(), what: error.to_string() })?;
        Ok(crate::database::vectors::floats_of(&bytes).collect())
    }
}
