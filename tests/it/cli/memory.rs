//! What agents remember, from the command line: with a server and without, out and in again.

use super::house::House;
use callboard_memory::{Embedding, Item, Metadata, Pinned, Store};
use std::fs;

#[test]
fn what_was_stored_without_a_server_is_found_with_one_and_the_other_way_round() {
    let house = House::new();
    let stored = house.text(&[
        "memory",
        "store",
        "the cellar key hangs by the door",
        "--type",
        "note",
        "--tag",
        "keys",
    ]);
    assert!(stored.trim().ends_with("new"), "{stored}");
    let again = house.text(&[
        "memory",
        "store",
        "the cellar key hangs by the door",
        "--type",
        "note",
        "--tag",
        "keys",
    ]);
    assert!(again.trim().ends_with("same"), "{again}");
    let server = house.serve();
    let found = house.text(&["memory", "search", "cellar", "--tag", "keys"]);
    assert!(found.contains("hangs by the door") && found.contains("number 1 by words"), "{found}");
    let attic = house.text(&["memory", "store", "the attic is locked", "--id", "attic"]);
    assert_eq!(attic.trim(), "attic  new");
    let busy = house.run(&["memory", "export", "x.jsonl"]);
    assert_eq!((busy.code, busy.stderr.contains("is in use")), (Some(75), true), "{busy:?}");
    server.kill();
    let found = house.text(&["memory", "search", "attic"]);
    assert!(found.starts_with("attic"), "{found}");
    assert_eq!(
        house.text(&["memory", "search", "unheard-of"]).trim(),
        "nothing is remembered of that"
    );
}

#[test]
fn a_memory_goes_out_and_comes_in_again() {
    let house = House::new();
    house.text(&["memory", "store", "one", "--id", "a"]);
    house.text(&["memory", "store", "two", "--id", "b", "--tag", "t"]);
    let file = house.beside("out.jsonl").display().to_string();
    assert!(house.text(&["memory", "export", &file]).starts_with("2 items"));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
    let workspace = house.beside("work");
    fs::create_dir(&workspace).unwrap();
    let workspace = workspace.display().to_string();
    let import = |file: &str| house.text(&["memory", "import", file, "--workspace", &workspace]);
    assert_eq!(import(&file).trim(), "2 new, 0 changed, 0 there already");
    assert_eq!(import(&file).trim(), "0 new, 0 changed, 2 there already");
    let found = house.text(&["memory", "search", "two", "--workspace", &workspace]);
    assert!(found.starts_with('b'), "{found}");
    fs::write(&file, "{}\n").unwrap();
    let wrong = house.run(&["memory", "import", &file]);
    assert!(wrong.stderr.contains("out.jsonl, line 1: missing field"), "{wrong:?}");
}

#[test]
fn vectors_go_out_as_a_faiss_index() {
    let house = House::new();
    let folder = house.home().join("state/memory");
    let mut store = Store::open(&folder, Some(&Pinned::new("tiny", 2))).unwrap();
    let item = Item {
        id: "a".into(),
        kind: String::new(),
        text: "x".into(),
        metadata: Metadata::new(),
        created_at: 1,
    };
    store.store(&item, Some(&Embedding::new("tiny", vec![0.5, 1.0]))).unwrap();
    drop(store);
    let file = house.beside("out.faiss").display().to_string();
    assert!(house.text(&["memory", "export", &file]).starts_with("1 items"));
    assert_eq!(&fs::read(&file).unwrap()[..4], b"IxF2");
    let elsewhere = house.beside("work").display().to_string();
    fs::create_dir(&elsewhere).unwrap();
    let imported = house.text(&["memory", "import", &file, "--workspace", &elsewhere]);
    assert_eq!(imported.trim(), "1 new, 0 changed, 0 there already");
    let nothing = house.run(&["memory", "import-old", &elsewhere]);
    assert!(nothing.stderr.contains("memory/metadata.db"), "{nothing:?}");
}
