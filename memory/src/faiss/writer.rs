//! Writing an index row by row.

use super::header::Header;
use std::io::{Result, Write};

/// Writes what stands before the rows.
pub(crate) fn begin(to: &mut dyn Write, dimension: usize, count: u64) -> Result<()> {
    Header { dimension, count }.write(to)
}

/// Writes a row, as it is stored here: FAISS's rows are the same bytes.
pub(crate) fn row(to: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    to.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        begin(&mut bytes, 3, 2).unwrap();
        assert_eq!(bytes.len() as u64, Header::BYTES);
        assert_eq!(Header::read(&mut bytes.as_slice()).unwrap(), Header { dimension: 3, count: 2 });
    }

    #[test]
    fn other_indexes_and_metrics_are_refused() {
        let mut bytes = Vec::new();
        begin(&mut bytes, 3, 2).unwrap();
        let spoiled = |at: usize, byte: u8| {
            let mut spoiled = bytes.clone();
            spoiled[at] = byte;
            Header::read(&mut spoiled.as_slice()).unwrap_err().to_string()
        };
        assert!(spoiled(3, b'I').contains("IxFI"));
        assert!(spoiled(33, 0).contains("metric is number 0"));
        assert!(spoiled(8, 9).contains("in 9 vectors"));
        assert!(spoiled(7, 0xff).contains("vectors of -"));
    }
}
