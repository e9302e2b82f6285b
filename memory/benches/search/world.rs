//! The vectors that both search: clusters, as embeddings have them.

use callboard_memory::{Embedding, Entry, Item, Options, Pinned, Store};
use std::path::Path;

pub(crate) const MODEL: &str = "clusters";
pub(crate) const DIMENSION: usize = 384;

/// How many vectors belong to a cluster.
const CLUSTER: usize = 200;

/// Rows to search, and what is searched for.
pub(crate) struct World {
    pub(crate) rows: Vec<Vec<f32>>,
    pub(crate) queries: Vec<Vec<f32>>,
}

/// Numbers between -1 and 1 that look like chance.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(self.0 >> 48).unwrap_or(0)) / 32_768.0 - 1.0
    }

    fn vector(&mut self, around: &[f32], spread: f32) -> Vec<f32> {
        around.iter().map(|centre| centre + spread * self.next()).collect()
    }
}

impl World {
    /// So many rows and queries, always the same.
    pub(crate) fn of(rows: usize, queries: usize) -> Self {
        let mut chance = Chance(42);
        let origin = vec![0.0; DIMENSION];
        let centres: Vec<_> =
            (0..rows.div_ceil(CLUSTER)).map(|_| chance.vector(&origin, 1.0)).collect();
        let mut near = |number: usize| chance.vector(&centres[number % centres.len()], 0.6);
        let queries = (0..queries).map(|number| near(number * 7)).collect();
        Self { rows: (0..rows).map(&mut near).collect(), queries }
    }

    /// A store with all rows. Row n belongs to the share of "one in s" if n is a multiple of s.
    pub(crate) fn fill(&self, folder: &Path, options: Options) -> Store {
        let pinned = Pinned::new(MODEL, DIMENSION);
        let mut store = Store::open_with(&folder.join("memory"), Some(&pinned), options).unwrap();
        for (batch, rows) in self.rows.chunks(1_000).enumerate() {
            let entries =
                rows.iter().enumerate().map(|(place, row)| entry(batch * 1_000 + place, row));
            store.store_all(&entries.collect::<Vec<_>>()).unwrap();
        }
        store
    }
}

fn entry(number: usize, row: &[f32]) -> Entry {
    let metadata = [1, 2, 10, 100].map(|share| (format!("of_{share}"), (number % share).into()));
    let item = Item {
        id: number.to_string(),
        kind: "row".to_owned(),
        text: format!("row {number}"),
        metadata: metadata.into_iter().collect(),
        created_at: i64::try_from(number).unwrap_or(0),
    };
    Entry { item, embedding: Some(Embedding::new(MODEL, row.to_vec())) }
}

/// The middle one.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
