//! What several tests need: items, vectors that look like chance, a folder, a small disk.

use callboard_memory::{Embedding, Entry, Item, Metadata, Pinned, Store};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The model of most tests.
pub(crate) const MODEL: &str = "chance";

/// Its dimension.
pub(crate) const DIMENSION: usize = 6;

pub(crate) fn pinned() -> Pinned {
    Pinned::new(MODEL, DIMENSION)
}

pub(crate) fn open(folder: &Path) -> Store {
    Store::open(folder, Some(&pinned())).unwrap()
}

pub(crate) fn metadata(value: Value) -> Metadata {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

pub(crate) fn item(id: &str, text: &str) -> Item {
    Item {
        id: id.to_owned(),
        kind: "note".to_owned(),
        text: text.to_owned(),
        metadata: metadata(json!({ "agent": "research" })),
        created_at: 1_000,
    }
}

/// Numbers between 0 and 1 that look like chance and are the same for the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn bits(&mut self) -> u16 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(self.0 >> 48).unwrap()
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.bits()) % end
    }

    pub(crate) fn vector(&mut self, dimension: usize) -> Vec<f32> {
        (0..dimension).map(|_| f32::from(self.bits()) / 65_536.0).collect()
    }
}

pub(crate) fn embedding(seed: u64) -> Embedding {
    Embedding::new(MODEL, Chance(seed * 7_919 + 1).vector(DIMENSION))
}

pub(crate) fn entry(id: &str, text: &str, seed: u64) -> Entry {
    Entry { item: item(id, text), embedding: Some(embedding(seed)) }
}

/// The Euclidean distance, once more and in double precision.
pub(crate) fn distance(one: &[f32], other: &[f32]) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    squares.sum::<f64>().sqrt()
}

/// A Python that has FAISS, if there is one.
pub(crate) fn python_with_faiss() -> Option<String> {
    let python =
        std::env::var("CALLBOARD_TEST_FAISS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import faiss, numpy"]).output();
    has.is_ok_and(|output| output.status.success()).then_some(python)
}

/// A disk of 8 MB.
pub(crate) struct SmallDisk {
    pub(crate) at: PathBuf,
}

impl SmallDisk {
    /// `None`: this user may not mount.
    pub(crate) fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=8m,mode=700", "none"]).arg(at).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self { at: at.to_owned() })
    }

    /// Writes until there is no room for another byte.
    pub(crate) fn fill(&self) {
        let path = self.at.join("filler");
        let mut filler = File::options().create(true).append(true).open(path).unwrap();
        for size in [1 << 16, 4_096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Takes away what filled it.
    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.at.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is left of it goes with the machine.
        let _ = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}
