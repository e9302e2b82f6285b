//! A folder as a whole.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use callboard_code::{
    Codebase, CouldNotAnalyze, Language, Limits, MemoryCache, NoCache, Options, analyze,
};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn analyzed(folder: &TempDir, options: &Options) -> Codebase {
    analyze(folder.path(), options, &NoCache).unwrap()
}

fn paths(codebase: &Codebase) -> Vec<&str> {
    codebase.files.iter().map(|file| file.path.as_str()).collect()
}

/// Paths with why they were skipped.
fn skipped(codebase: &Codebase) -> Vec<String> {
    codebase.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, skipped.reason)).collect()
}

fn threads(threads: usize) -> Options {
    Options { threads: NonZeroUsize::new(threads).unwrap(), ..Options::default() }
}

/// Several languages that import one another.
fn project() -> TempDir {
    folder(&[
        ("README.md", b"# A project\n"),
        ("Makefile", b"all:\n"),
        ("app/__init__.py", b""),
        ("app/main.py", b"import os\nimport requests.sessions\nfrom app.models import user\nfrom .util import help\nfrom . import gone\n"),
        ("app/models/__init__.py", b"from .user import User\n"),
        ("app/models/user.py", b"from ..util import help\nfrom ....above import x\n\nclass User:\n    pass\n"),
        ("app/util.py", b"def help():\n    return eval('1')\n"),
        ("web/src/index.ts", b"import { List } from './list';\nimport React from 'react';\nimport x from '@scope/name/part';\nexport * from './model.js';\nimport '../gone';\n"),
        ("web/src/list/index.tsx", b"import { Model } from '../model';\nconst fs = require('node:fs');\n"),
        ("web/src/model.ts", b"export class Model {}\n"),
        ("go.mod", b"module example.com/app // the module\n\ngo 1.22\n"),
        ("cmd/main.go", b"package main\n\nimport (\n\t\"fmt\"\n\t\"example.com/app/store\"\n\t\"example.com/app/gone\"\n\t\"example.com/apple\"\n)\n\nfunc main() { fmt.Println(store.X) }\n"),
        ("store/store.go", b"package store\n\nvar X = 1\n"),
        ("core/src/lib.rs", b"mod a;\nmod gone;\nuse a::deep::Thing;\nuse serde::Serialize;\nuse std::fmt;\n"),
        ("core/src/a/mod.rs", b"pub mod deep;\nuse crate::b::Other;\nuse super::b;\n"),
        ("core/src/a/deep.rs", b"use super::super::b::{self, Other};\nuse self::inner::X;\npub struct Thing;\n"),
        ("core/src/b.rs", b"use crate::{a::deep, missing};\npub struct Other;\n"),
        ("broken.js", b"function f( {\n"),
    ])
}

#[test]
fn a_project_is_told_with_its_sums_and_its_imports() {
    let codebase = analyzed(&project(), &Options::default());
    assert_eq!(skipped(&codebase), Vec::<String>::new());
    insta::assert_json_snapshot!("languages", codebase.languages);
    insta::assert_json_snapshot!("others", codebase.others);
    insta::assert_json_snapshot!("imports", codebase.imports);
    assert_eq!(codebase.largest.len(), 10);
    assert_eq!(codebase.file("app/util.py").unwrap().report.issues.issues[0].id, "python/eval");
    assert!(!codebase.file("broken.js").unwrap().report.syntax.is_valid());
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads_and_survives_json() {
    let folder = project();
    let one = analyzed(&folder, &threads(1));
    for more in [2, 4, 16] {
        assert_eq!(analyzed(&folder, &threads(more)), one, "{more} threads");
    }
    let json = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Codebase>(&json).unwrap(), one);
}

#[test]
fn the_most_complex_functions_come_first() {
    let codebase = analyzed(
        &folder(&[
            ("a.py", b"def low(a):\n    return a\n"),
            ("b.py", b"def high(a, b):\n    return a and b or a\n\ndef low(b):\n    return b\n"),
        ]),
        &Options::default(),
    );
    let told = codebase
        .most_complex
        .iter()
        .map(|at| format!("{} {} {}", at.path, at.measure.name, at.measure.complexity));
    assert_eq!(told.collect::<Vec<_>>(), ["b.py high 3", "a.py low 1", "b.py low 1"]);
    assert_eq!(codebase.largest, ["b.py", "a.py"]);
}

#[test]
fn ignore_files_of_the_folder_count_and_none_above_it() {
    let outer = folder(&[
        (".gitignore", b"*\n"),
        ("root/.gitignore", b"generated/\n*.gen.py\n!keep.gen.py\n"),
        ("root/a.py", b""),
        ("root/b.gen.py", b""),
        ("root/keep.gen.py", b""),
        ("root/generated/c.py", b""),
        ("root/.hidden/d.py", b""),
        ("root/sub/.ignore", b"e.py\n"),
        ("root/sub/e.py", b""),
        ("root/sub/f.py", b""),
    ]);
    let codebase = analyze(&outer.path().join("root"), &Options::default(), &NoCache).unwrap();
    assert_eq!(paths(&codebase), ["a.py", "keep.gen.py", "sub/f.py"]);
    assert_eq!(skipped(&codebase), Vec::<String>::new(), "what is ignored is not there");
}

#[test]
fn what_cannot_be_read_is_skipped_and_says_why() {
    let mut long_line = b"let x = '".to_vec();
    long_line.extend(b"a".repeat(30_000));
    long_line.extend(b"';\n");
    let rows = format!("{}\n", "x();".repeat(200)).repeat(10);
    let folder = folder(&[
        ("binary.py", b"x = 1\0"),
        ("latin.py", b"x = 1\ny = '\xe4'\n"),
        ("long.js", &long_line),
        ("rows.js", rows.as_bytes()),
        ("large.go", &[b' '; 2_000]),
        ("good.rs", b"fn f() {}\n"),
        ("node_modules/x/index.js", b"x();\n"),
        ("target/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55"),
        ("target/debug/x.rs", b"fn f() {}\n"),
        ("env/pyvenv.cfg", b""),
        ("env/lib/x.py", b""),
    ]);
    let file = Limits { bytes: 40_000, ..Limits::default() };
    let codebase = analyzed(&folder, &Options { file, ..Options::default() });
    insta::assert_snapshot!(skipped(&codebase).join("\n"));
    assert_eq!(paths(&codebase), ["good.rs", "large.go"]);
    let small =
        Options { file: Limits { bytes: 1_000, ..Limits::default() }, ..Options::default() };
    let codebase = analyzed(&folder, &small);
    let large =
        "large.go: the text has 2000 bytes, more than the 1000 that are read: split the file";
    assert!(skipped(&codebase).contains(&large.to_owned()), "{:?}", codebase.skipped);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let outside = folder(&[("secret.py", b"x = 1\n")]);
    let inside = folder(&[("a.py", b"")]);
    std::os::unix::fs::symlink(outside.path(), inside.path().join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.py"), inside.path().join("b.py"))
        .unwrap();
    std::os::unix::fs::symlink(inside.path(), inside.path().join("circle")).unwrap();
    let codebase = analyzed(&inside, &Options::default());
    assert_eq!(paths(&codebase), ["a.py"]);
    assert_eq!(
        skipped(&codebase),
        ["b.py", "circle", "out"].map(|path| format!("{path}: a symbolic link"))
    );
}

#[test]
fn a_folder_is_bounded_in_files_bytes_and_time() {
    let folder = folder(&[("a.py", b"a = 1\n"), ("b.py", b"b = 22222222\n"), ("c.py", b"c = 3\n")]);
    let few = analyzed(&folder, &Options { files: 2, ..Options::default() });
    assert_eq!((paths(&few), few.left_out), (vec!["a.py", "b.py"], 1));
    let small = analyzed(&folder, &Options { bytes: 12, ..Options::default() });
    assert_eq!(paths(&small), ["a.py", "c.py"]);
    assert_eq!(
        skipped(&small),
        ["b.py: the files before it have used up the bytes allowed together"]
    );
    let hasty = analyzed(&folder, &Options { time: Duration::ZERO, ..Options::default() });
    assert_eq!((paths(&hasty), hasty.skipped.len()), (Vec::new(), 3));
    let file = Limits { time: Duration::ZERO, ..Limits::default() };
    let slow = analyzed(&folder, &Options { file, ..Options::default() });
    assert!(skipped(&slow)[0].contains("given up after 0 ms"), "{:?}", slow.skipped);
}

#[test]
fn what_was_read_once_is_not_read_again_wherever_it_lies() {
    let folder = folder(&[
        ("a.py", b"x = 1\n"),
        ("b.py", b"y = 1\n"),
        ("copy/a.py", b"x = 1\n"),
        ("a.go", b"package p\n"),
    ]);
    let cache = MemoryCache::new(NonZeroUsize::new(10).unwrap());
    let first = analyze(folder.path(), &threads(1), &cache).unwrap();
    assert_eq!((cache.misses(), cache.hits(), cache.len()), (3, 1, 3));
    let second = analyze(folder.path(), &threads(4), &cache).unwrap();
    assert_eq!((cache.misses(), cache.hits()), (3, 5));
    assert_eq!(second, first);
    write(folder.path(), "a.py", b"x = 2\n");
    let third = analyze(folder.path(), &threads(1), &cache).unwrap();
    assert_eq!((cache.misses(), cache.hits()), (4, 8));
    assert_ne!(third, first);
}

#[test]
fn the_same_text_in_another_language_or_length_has_another_report() {
    let folder = folder(&[("a.ts", b"const x = <T>y;\n"), ("a.tsx", b"const x = <T>y;\n")]);
    let cache = MemoryCache::new(NonZeroUsize::new(10).unwrap());
    let codebase = analyze(folder.path(), &threads(1), &cache).unwrap();
    let is_valid = |path| codebase.file(path).unwrap().report.syntax.is_valid();
    assert_eq!((is_valid("a.ts"), is_valid("a.tsx")), (true, false));
    let file = Limits { items: 0, ..Limits::default() };
    let short = analyze(folder.path(), &Options { file, ..threads(1) }, &cache).unwrap();
    assert_eq!(short.files[0].report.parsed.symbols, []);
}

#[test]
fn a_cache_keeps_the_newest_within_its_bound() {
    let folder = folder(&[("a.py", b"a = 1\n"), ("b.py", b"b = 1\n"), ("c.py", b"c = 1\n")]);
    let cache = MemoryCache::new(NonZeroUsize::new(2).unwrap());
    for _ in 0..2 {
        analyze(folder.path(), &threads(1), &cache).unwrap();
    }
    // Each of three drives out the one that is needed next.
    assert_eq!((cache.misses(), cache.hits(), cache.len()), (6, 0, 2));
}

#[test]
fn a_root_that_is_no_folder_is_an_error() {
    let folder = folder(&[("a.py", b"")]);
    let of =
        |path: &str| analyze(&folder.path().join(path), &Options::default(), &NoCache).unwrap_err();
    assert!(matches!(of("a.py"), CouldNotAnalyze::NoFolder { .. }));
    let gone = of("gone");
    assert!(matches!(gone, CouldNotAnalyze::Unreadable { .. }));
    assert!(gone.to_string().ends_with("gone: check the path and its permissions"), "{gone}");
}

/// The real thing: this workspace's own sources, which compile.
#[test]
fn our_own_sources_parse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let codebase = analyze(&root, &Options::default(), &NoCache).unwrap();
    let totals = &codebase.languages[&Language::Rust];
    assert!(totals.files > 20 && totals.functions > 100, "{totals:?}");
    assert_eq!((totals.files_with_errors, skipped(&codebase)), (0, Vec::new()));
    assert_eq!(codebase.imports.unresolved, []);
}
