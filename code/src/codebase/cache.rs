//! What has been read once need not be read again: reports by the hash of what they are about.
//!
//! No clock and no path: the same content has the same report, wherever it lies and whenever it was read.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Language, Limits, Report};

/// Changes whenever the same text may get another report: a cache may outlive this program.
const EDITION: &str = concat!("callboard-code ", env!("CARGO_PKG_VERSION"), " edition 1");

/// Names a report by its text, its language and how much of it was wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// The key of a text's report.
    pub fn new(language: Language, text: &str, limits: &Limits) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{EDITION}\n{language}\n{}\n", limits.items));
        hash.update(text);
        Self(hash.finalize().into())
    }

    /// The hash itself.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Keeps reports; whoever keeps none is as right. Shared by the threads of an analysis.
pub trait Cache: Sync {
    /// The report of that key, if it is kept.
    fn get(&self, key: &CacheKey) -> Option<Arc<Report>>;

    /// Keeps a report, or does not.
    fn put(&self, key: CacheKey, report: &Arc<Report>);
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get(&self, _key: &CacheKey) -> Option<Arc<Report>> {
        None
    }

    fn put(&self, _key: CacheKey, _report: &Arc<Report>) {}
}

/// Keeps the newest reports in memory, so many of them at most.
#[derive(Debug)]
pub struct MemoryCache {
    most: NonZeroUsize,
    kept: Mutex<Kept>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Debug, Default)]
struct Kept {
    reports: HashMap<CacheKey, Arc<Report>>,
    /// The oldest first.
    order: VecDeque<CacheKey>,
}

impl MemoryCache {
    /// An empty one.
    pub fn new(most: NonZeroUsize) -> Self {
        Self { most, kept: Mutex::default(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// How often a report was there.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// How often it was not.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// How many reports are kept.
    pub fn len(&self) -> usize {
        self.kept().order.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A thread that panicked left a map that is whole: nothing in here can fail half way.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache for MemoryCache {
    fn get(&self, key: &CacheKey) -> Option<Arc<Report>> {
        let report = self.kept().reports.get(key).map(Arc::clone);
        let count = if report.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        report
    }

    fn put(&self, key: CacheKey, report: &Arc<Report>) {
        let mut kept = self.kept();
        if kept.reports.insert(key, Arc::clone(report)).is_none() {
            kept.order.push_back(key);
        }
        while kept.order.len() > self.most.get() {
            let oldest = kept.order.pop_front();
            oldest.and_then(|oldest| kept.reports.remove(&oldest));
        }
    }
}
