//! FAISS reads what is written here, and what FAISS writes is read here.

use crate::support::{Chance, embedding, entry, item, open, python_with_faiss};
use callboard_memory::{Embedding, Error, Imported, Pinned, Query, Store};
use std::path::Path;
use std::process::Command;

fn python(program: &str, folder: &Path) -> Option<String> {
    let Some(python) = python_with_faiss() else {
        eprintln!(
            "skipped: needs a Python with faiss-cpu and numpy in CALLBOARD_TEST_FAISS_PYTHON"
        );
        return None;
    };
    let output = Command::new(python).args(["-c", program]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_is_exported_is_imported_again() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = folder.path().join("all.faiss");
    let mut store = open(&folder.path().join("memory"));
    let entries: Vec<_> =
        (0..1_200).map(|number| entry(&number.to_string(), "some text", number)).collect();
    store.store_all(&entries).unwrap();
    store.store(&item("bare", "without a vector"), None).unwrap();
    store.delete(&["7"]).unwrap();
    let exported = store.export_faiss(&index).unwrap();
    assert_eq!((exported.vectors, exported.left_out), (1_199, 1));
    let mut copy = Store::open(other.path(), None).unwrap();
    let imported = copy.import_faiss(&index).unwrap();
    assert_eq!(imported, Imported { new: 1_199, ..Imported::default() });
    assert_eq!(copy.import_faiss(&index).unwrap(), Imported { same: 1_199, ..Imported::default() });
    assert_eq!(copy.serving(), store.serving());
    for seed in [3, 500, 1_100] {
        let query = Query::vector(embedding(seed));
        assert_eq!(
            copy.search(&query).unwrap().hits[0].item,
            entries[usize::try_from(seed).unwrap()].item
        );
    }
    let mut third =
        Store::open(&other.path().join("third"), Some(&Pinned::new("another", 6))).unwrap();
    assert!(matches!(third.import_faiss(&index), Err(Error::Foreign { .. })));
}

#[test]
fn faiss_reads_what_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(&folder.path().join("memory"));
    let entries: Vec<_> = (0..300).map(|number| entry(&number.to_string(), "x", number)).collect();
    store.store_all(&entries).unwrap();
    store.export_faiss(&folder.path().join("all.faiss")).unwrap();
    let program = "
import faiss, numpy
index = faiss.read_index('all.faiss')
assert type(index).__name__ == 'IndexFlatL2' and index.metric_type == faiss.METRIC_L2, index
print(index.d, index.ntotal)
distances, ids = index.search(index.reconstruct(42).reshape(1, -1), 5)
print(*[f'{id}:{distance ** 0.5:.5f}' for id, distance in zip(ids[0], distances[0])])
";
    let Some(output) = python(program, folder.path()) else { return };
    let found = store.search(&Query::vector(embedding(42))).unwrap();
    let ours = found.hits.iter().map(|hit| format!("{}:{:.5}", hit.item.id, hit.distance.unwrap()));
    assert_eq!(output, format!("6 300\n{}\n", ours.collect::<Vec<_>>().join(" ")));
}

#[test]
fn what_faiss_writes_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let program = "
import faiss, numpy
index = faiss.IndexFlatL2(3)
index.add(numpy.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype='float32'))
faiss.write_index(index, 'theirs.faiss')
faiss.write_index(faiss.IndexFlatIP(3), 'product.faiss')
";
    let Some(_) = python(program, folder.path()) else { return };
    let mut store = Store::open(&folder.path().join("memory"), None).unwrap();
    let import = |store: &mut Store, name: &str| {
        store.import_faiss_with(&folder.path().join(name), "m", |id| {
            Ok((id != 1).then(|| item(&id.to_string(), "x")))
        })
    };
    let imported = import(&mut store, "theirs.faiss").unwrap();
    assert_eq!(imported, Imported { new: 2, vectors_left: 1, ..Imported::default() });
    let found = store.search(&Query::vector(Embedding::new("m", vec![7.0, 8.0, 9.0]))).unwrap();
    assert_eq!((found.hits[0].item.id.as_str(), found.hits[0].similarity), ("2", Some(1.0)));
    let error = import(&mut store, "product.faiss").unwrap_err().to_string();
    assert!(error.contains("\"IxFI\", which is no IndexFlatL2"), "{error}");
}

#[test]
fn an_index_that_is_cut_short_or_empty_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("all.faiss");
    let mut store = open(&folder.path().join("memory"));
    store.store_all(&[entry("a", "x", 1), entry("b", "y", 2)]).unwrap();
    store.export_faiss(&index).unwrap();
    let whole = std::fs::read(&index).unwrap();
    let mut chance = Chance(1);
    let mut copy = Store::open(&folder.path().join("copy"), None).unwrap();
    for _ in 0..20 {
        std::fs::write(&index, &whole[..chance.below(whole.len())]).unwrap();
        assert!(matches!(copy.import_faiss(&index), Err(Error::Foreign { .. })));
    }
    assert_eq!(copy.count(None).unwrap(), 0);
}
