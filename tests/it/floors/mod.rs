//! Imports only go down: reads every path of every source file and fails on an arrow that goes up or sideways.
//!
//! The floors are those of `docs/ARCHITECTURE.md`. Tests may import what they like. Re-exports at a crate's root
//! would hide an arrow, so a module is always imported by its own name.

mod circles;
mod rules;
mod source;

use std::path::{Path, PathBuf};

use rules::House;

/// All violations in one file, each naming file, line, import and rule.
fn violations(house: House, file: &str, text: &str) -> Vec<String> {
    let inside = file.split_once("src/").map_or(file, |(_, inside)| inside);
    let module = source::module_path(inside);
    let arrows = source::imports(text, &module);
    let broken = arrows.into_iter().filter_map(|import| {
        let rule = house.broken_rule(&module, &import)?;
        Some(format!("{file}:{}: `{}`: {rule}", import.line, import.text))
    });
    broken.collect()
}

/// The source files of a folder, tests apart.
fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder exists").flatten() {
        let path = entry.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if matches!(stem, "tests") {
            continue;
        }
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn imports_only_go_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for (house, folder) in [(House::Core, "actors/src"), (House::Edges, "src")] {
        let files = source_files(&root.join(folder));
        assert!(!files.is_empty(), "there is nothing to check in {folder}");
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source file is readable");
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            found.extend(violations(house, &name, &text));
        }
    }
    assert!(found.is_empty(), "imports have to go down:\n{}", found.join("\n"));
}

/// The same machines are to run on another journal one day.
#[test]
fn only_the_journal_knows_sqlite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["actors/src", "src"].map(|folder| source_files(&root.join(folder))).concat();
    let knows = |file: &&PathBuf| {
        std::fs::read_to_string(file).expect("a source file is readable").contains("rusqlite")
    };
    let (inside, outside): (Vec<_>, Vec<_>) = files
        .iter()
        .filter(knows)
        .partition(|file| file.starts_with(root.join("actors/src/journal")));
    assert!(!inside.is_empty(), "nothing was looked at");
    assert_eq!(outside, Vec::<&PathBuf>::new(), "SQL belongs into actors/src/journal/store");
}

/// The rules broken by a text planted in a file of the core.
fn planted(file: &str, text: &str) -> Vec<String> {
    violations(House::Core, &format!("actors/src/{file}"), text)
}

/// The same for a file of the edges.
fn planted_at_the_edge(file: &str, text: &str) -> Vec<String> {
    violations(House::Edges, &format!("src/{file}"), text)
}

#[test]
fn an_arrow_that_goes_up_is_named_with_file_line_import_and_rule() {
    let found = planted(
        "journal/store.rs",
        "//! Doc.\n\nuse crate::vocabulary::Id;\nuse crate::entity::Entity;\n",
    );
    assert_eq!(
        found,
        [
            "actors/src/journal/store.rs:4: `crate::entity`: journal (floor 2) may not import entity (floor 3), because \
          imports only go down"
        ]
    );
}

#[test]
fn every_way_to_write_an_arrow_up_is_seen() {
    for text in [
        "use crate::{machine::Machine, entity::{Entity, Outbox}};",
        "use super::super::entity;",
        "use super::super::{machine, entity as host};",
        "fn f() { crate :: entity::start(); }",
        "pub(crate) use crate::\n    entity::Entity;",
        "use callboard_actors::entity;",
        "impl crate::entity::Host for X {}",
        "#[cfg(test)]\nmod tests { use crate::system; }\nuse crate::entity::Entity;",
        "fn f<'a>(x: &'a str) { let c = '\"'; } use crate::entity; // \"",
    ] {
        assert_eq!(planted("journal/store.rs", text).len(), 1, "{text}");
    }
}

#[test]
fn an_arrow_sideways_or_past_the_modules_is_seen() {
    assert_eq!(planted("journal/mod.rs", "use crate::supervision::Spec;").len(), 1);
    assert_eq!(planted("supervision.rs", "use crate::journal::Append;").len(), 1);
    assert_eq!(planted("journal/mod.rs", "use super::supervision;").len(), 1);
    assert_eq!(planted("journal/mod.rs", "use crate::Reexported;").len(), 1);
    assert_eq!(planted("journal/mod.rs", "use crate::*;").len(), 1);
    assert_eq!(planted("journal/mod.rs", "use callboard::http;").len(), 1);
    assert_eq!(planted("upstairs/mod.rs", "use crate::journal;").len(), 1);
    assert_eq!(planted("system.rs", "use callboard_code::parse;").len(), 1);
    assert_eq!(planted("system.rs", "use callboard_memory::Store;").len(), 1);
}

#[test]
fn arrows_down_and_words_that_are_no_imports_are_fine() {
    for text in [
        "use crate::{vocabulary::Id, machine::Machine};",
        "use super::{Error, store};\nuse self::store::Store;",
        "// use crate::system;\n/* crate::system /* crate::system */ */",
        "const TEXT: &str = \"crate::system\"; const RAW: &str = r#\"\"crate::system\"#;",
        "#[cfg(test)]\nmod tests {\n    use crate::system::System;\n    fn f() { if true {} }\n}",
        "#[cfg(test)]\nuse crate::system::System;",
        "use mycrate::system; fn f() { actix::System::new(); }",
    ] {
        assert_eq!(planted("journal/feed/reader.rs", text), [""; 0], "{text}");
    }
    assert_eq!(planted("system.rs", "use crate::{workflows, journal, supervision};"), [""; 0]);
}

#[test]
fn the_edges_know_no_one_but_the_core_and_startup_joins_them() {
    let allowed = [
        (
            "http/spawn.rs",
            "use callboard_actors::system::System; use crate::wire::Page; use super::routes;",
        ),
        ("startup.rs", "use crate::{http, ws, dashboard, world, settings::Settings, telemetry};"),
        ("cli/spawn.rs", "use crate::{startup, settings::Settings, wire};"),
        ("main.rs", "use callboard::{cli, startup};"),
        ("world/tools/code.rs", "use callboard_code::parse; use crate::memories::Memories;"),
        ("memories/memory.rs", "use callboard_memory::Store;"),
        ("telemetry.rs", "use crate::settings::Log;"),
    ];
    for (file, text) in allowed {
        assert_eq!(planted_at_the_edge(file, text), [""; 0], "{file}");
    }
    let refused = [
        ("http/spawn.rs", "use crate::ws::Frame;"),
        ("ws/session.rs", "use crate::http::Problem;"),
        ("world/models/mod.rs", "use crate::settings::Runtime;"),
        ("world/models/mod.rs", "use crate::wire::Page;"),
        ("dashboard.rs", "use crate::wire::Page;"),
        ("startup.rs", "use crate::cli::Exit;"),
        ("settings/mod.rs", "use callboard_actors::journal;"),
        ("main.rs", "use callboard::http;"),
        ("http/spawn.rs", "use callboard_memory::Store;"),
        ("memories/shelf.rs", "use callboard_code::parse;"),
    ];
    for (file, text) in refused {
        assert_eq!(planted_at_the_edge(file, text).len(), 1, "{file}: {text}");
    }
}
