//! The memory of an old workspace is taken over, as far as it is there.

use crate::support::{item, python_with_faiss};
use callboard_memory::{Embedding, Error, OldThread, Query, Store};
use rusqlite::{Connection, params};
use std::path::Path;

const MODEL: &str = "text-embedding-3-small";

/// The table as the original makes it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS memory_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vector_id INTEGER NOT NULL,
    content TEXT NOT NULL,
    metadata JSON NOT NULL,
    timestamp TEXT NOT NULL
)";

/// An old workspace: its second start began the index anew, so both rows of vector 0 claim it; the last crash came between
/// row and index.
fn workspace(folder: &Path) {
    std::fs::create_dir_all(folder.join("memory")).unwrap();
    std::fs::create_dir_all(folder.join("cache")).unwrap();
    let database = Connection::open(folder.join("memory/metadata.db")).unwrap();
    database.execute_batch(TABLE).unwrap();
    let rows = [
        (0, "lost its vector", r#"{"agent": "research"}"#),
        (0, "Vite + React", r#"{"agent": "research", "type": "technology", "confidence": 0.9}"#),
        (1, "fixed a type error", r#"{"agent": "fixer", "type": "fix"}"#),
        (3, "never got one", "not JSON"),
    ];
    for (vector_id, content, metadata) in rows {
        let sql = "INSERT INTO memory_items (vector_id, content, metadata, timestamp) VALUES (?, ?, ?, ?)";
        database
            .execute(sql, params![vector_id, content, metadata, "2025-10-08T12:34:56.789123"])
            .unwrap();
    }
    // As FAISS writes it: made by a store here, and compared with FAISS itself in another test.
    let mut maker = Store::open(&folder.join("maker"), None).unwrap();
    maker.pin(&callboard_memory::Pinned::new(MODEL, 2)).unwrap();
    for (number, values) in [[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]].into_iter().enumerate() {
        let made = Embedding::new(MODEL, values.to_vec());
        maker.store(&item(&number.to_string(), "x"), Some(&made)).unwrap();
    }
    maker.export_faiss(&folder.join("memory/vectors.faiss")).unwrap();
    let checkpoints = Connection::open(folder.join("cache/workflow_checkpoints_v6.db")).unwrap();
    checkpoints
        .execute_batch(
            "CREATE TABLE checkpoints (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '',
             checkpoint_id TEXT NOT NULL, parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, metadata BLOB,
             PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
             INSERT INTO checkpoints (thread_id, checkpoint_id) VALUES ('session_123', '1ef-a'), ('session_123', '1ef-b')",
        )
        .unwrap();
}

#[test]
fn items_keep_what_they_had_and_vectors_go_to_who_wrote_them_last() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join(".ki_autoagent_ws");
    workspace(&old);
    let mut store = Store::open(&folder.path().join("memory"), None).unwrap();
    let imported = store.import_old(&old, MODEL).unwrap();
    assert_eq!(
        (imported.imported.new, imported.without_vector, imported.imported.vectors_left),
        (4, 2, 1)
    );
    let thread =
        OldThread { thread_id: "session_123".into(), checkpoints: 2, newest: "1ef-b".into() };
    assert_eq!(imported.threads, [thread]);
    let query = Query::vector(Embedding::new(MODEL, vec![1.0, 0.0]));
    let hit = store.search(&query).unwrap().hits.remove(0);
    assert_eq!((hit.item.text.as_str(), hit.similarity), ("Vite + React", Some(1.0)));
    insta::assert_snapshot!(serde_json::to_string_pretty(&hit.item).unwrap(), @r#"
    {
      "id": "ki_autoagent/48969e9f8eb29822375ce1103f3b1330",
      "kind": "technology",
      "text": "Vite + React",
      "metadata": {
        "agent": "research",
        "confidence": 0.9,
        "imported": {
          "from": "ki_autoagent",
          "row": 2,
          "timestamp": "2025-10-08T12:34:56.789123",
          "vector_id": 0
        },
        "type": "technology"
      },
      "created_at": 1759926896789
    }
    "#);
    let (_, pending) = store.pending(10).unwrap().unwrap();
    let waiting: Vec<_> = pending.iter().map(|pending| pending.text.as_str()).collect();
    assert_eq!(waiting, ["lost its vector", "never got one"]);
    let again = store.import_old(&old, MODEL).unwrap();
    assert_eq!((again.imported.new, again.imported.same), (0, 4));
    assert_eq!(store.verify().unwrap(), [""; 0]);
}

#[test]
fn without_an_index_the_items_come_alone_and_without_items_nothing_does() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join(".ki_autoagent_ws");
    workspace(&old);
    std::fs::remove_file(old.join("memory/vectors.faiss")).unwrap();
    let mut store = Store::open(&folder.path().join("memory"), None).unwrap();
    assert_eq!(store.import_old(&old, MODEL).unwrap().without_vector, 4);
    assert_eq!(store.search(&Query::text("type errors")).unwrap().hits[0].item.kind, "fix");
    std::fs::write(old.join("memory/vectors.faiss"), "IxF2 and then nothing").unwrap();
    assert!(matches!(store.import_old(&old, MODEL), Err(Error::Foreign { .. })));
    let error = store.import_old(folder.path(), MODEL).unwrap_err().to_string();
    assert!(error.ends_with("cannot be imported: there is no memory/metadata.db in it"), "{error}");
}

/// The original's own code, as its document shows it, with a stand-in for the provider.
const ORIGINAL: &str = r#"
import faiss, json, numpy, sqlite3, os
from datetime import datetime
os.makedirs('old/memory', exist_ok=True)
class MemorySystem:
    def __init__(self):
        self.index = faiss.IndexFlatL2(4)
        self.conn = sqlite3.connect('old/memory/metadata.db')
        self.conn.execute("""CREATE TABLE IF NOT EXISTS memory_items (id INTEGER PRIMARY KEY AUTOINCREMENT,
            vector_id INTEGER NOT NULL, content TEXT NOT NULL, metadata JSON NOT NULL, timestamp TEXT NOT NULL)""")
        self.conn.commit()
    def store(self, content, metadata):
        embedding = numpy.array([len(content), 1, 2, 3], dtype='float32')
        vector_id = self.index.ntotal
        self.index.add(numpy.array([embedding]))
        self.conn.execute("INSERT INTO memory_items (vector_id, content, metadata, timestamp) VALUES (?, ?, ?, ?)",
            (vector_id, content, json.dumps(metadata), datetime.now().isoformat()))
        self.conn.commit()
        faiss.write_index(self.index, 'old/memory/vectors.faiss')
first = MemorySystem(); first.store('a', {'agent': 'research'}); first.store('bb', {'agent': 'research'}); first.store('ccc', {})
second = MemorySystem(); second.store('dddd', {'agent': 'fixer'})
"#;

#[test]
fn what_the_original_wrote_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = python_with_faiss() else {
        return eprintln!(
            "skipped: needs a Python with faiss-cpu and numpy in CALLBOARD_TEST_FAISS_PYTHON"
        );
    };
    let run = std::process::Command::new(python)
        .args(["-c", ORIGINAL])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut store = Store::open(&folder.path().join("memory"), None).unwrap();
    let imported = store.import_old(&folder.path().join("old"), MODEL).unwrap();
    assert_eq!(
        (imported.imported.new, imported.without_vector, imported.imported.vectors_left),
        (4, 3, 0)
    );
    let hits =
        store.search(&Query::vector(Embedding::new(MODEL, vec![4.0, 1.0, 2.0, 3.0]))).unwrap().hits;
    assert_eq!(
        (hits.len(), hits[0].item.text.as_str(), hits[0].similarity),
        (1, "dddd", Some(1.0))
    );
}
