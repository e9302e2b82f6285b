//! The first bytes of an index.

use std::io::{Error, ErrorKind, Read, Result, Write};

/// What FAISS itself writes where it once had something.
const DUMMY: i64 = 1 << 20;

/// Euclidean distance, as FAISS numbers its metrics.
const L2: i32 = 1;

/// What an index says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dimension: usize,
    pub(super) count: u64,
}

fn refuse(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidData, what.into())
}

fn bytes<const N: usize>(from: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Header {
    /// How many bytes a header takes.
    pub(super) const BYTES: u64 = 4 + 4 + 3 * 8 + 1 + 4 + 8;

    /// Reads it, up to the first row.
    pub(super) fn read(from: &mut impl Read) -> Result<Self> {
        let name = bytes::<4>(from)?;
        if name != *b"IxF2" {
            return Err(refuse(format!(
                "it begins with {:?}, which is no IndexFlatL2 (\"IxF2\")",
                String::from_utf8_lossy(&name)
            )));
        }
        let dimension = i32::from_le_bytes(bytes(from)?);
        let count = i64::from_le_bytes(bytes(from)?);
        let _: [u8; 17] = bytes(from)?;
        let metric = i32::from_le_bytes(bytes(from)?);
        if metric != L2 {
            return Err(refuse(format!("its metric is number {metric}, not L2 (1)")));
        }
        let numbers = u64::from_le_bytes(bytes(from)?);
        let sizes = (usize::try_from(dimension), u64::try_from(count));
        let (Ok(dimension), Ok(count)) = sizes else {
            return Err(refuse(format!("it holds {count} vectors of {dimension} numbers")));
        };
        if dimension == 0 || count.checked_mul(dimension as u64) != Some(numbers) {
            return Err(refuse(format!(
                "it has {numbers} numbers in {count} vectors of {dimension}"
            )));
        }
        Ok(Self { dimension, count })
    }

    /// Writes it.
    pub(super) fn write(self, to: &mut dyn Write) -> Result<()> {
        let too_large = |_| refuse("it is too large for FAISS");
        to.write_all(b"IxF2")?;
        to.write_all(&i32::try_from(self.dimension).map_err(too_large)?.to_le_bytes())?;
        to.write_all(&i64::try_from(self.count).map_err(too_large)?.to_le_bytes())?;
        to.write_all(&DUMMY.to_le_bytes())?;
        to.write_all(&DUMMY.to_le_bytes())?;
        to.write_all(&[1])?;
        to.write_all(&L2.to_le_bytes())?;
        to.write_all(&(self.count * self.dimension as u64).to_le_bytes())
    }
}
