//! How much memory a store may take, and when it builds an index.

/// Limits of a store. The defaults are for a machine that does other things as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many bytes of vectors may be held in memory (default 2 GiB: 1,400,000 vectors of 384 numbers, or
    /// 350,000 of 1,536). Where there are more, a search reads them from the file, which is exact and slow.
    pub memory_bytes: u64,
    /// Above how many vectors [`Store::index_step`](crate::Store::index_step) builds an index (default
    /// 200,000: there the exact scan of 384 numbers takes some 15 ms).
    pub index_above: usize,
    /// How many rows the index looks at around a query (`ef`, default 160); more finds more, in more time.
    pub breadth: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { memory_bytes: 2 << 30, index_above: 200_000, breadth: 160 }
    }
}
