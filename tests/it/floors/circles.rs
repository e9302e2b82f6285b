//! No circles among the files of a room: whoever reads one can go on to what it imports and comes to an end.

use super::source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms without circles.
const ROOMS: [&str; 1] = ["why"];

/// Who imports whom: modules that stand beside each other, by their paths.
type Arrows = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

fn arrows(files: &[(Vec<String>, String)]) -> Arrows {
    let is_there = |path: &[String]| files.iter().any(|(module, _)| module.starts_with(path));
    let mut arrows = Arrows::new();
    for (module, text) in files {
        for target in source::climbs(text, module).into_iter().filter(|path| is_there(path)) {
            // Both as they stand in the folder where their ways part.
            let depth = target.len();
            let from = module[..depth.min(module.len())].to_vec();
            if from != target {
                arrows.entry(from).or_default().insert(target);
            }
        }
    }
    arrows
}

/// A circle that begins and ends here, if there is one.
fn circle(arrows: &Arrows, from: &[String]) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![vec![from.to_vec()]];
    while let Some(way) = open.pop() {
        for next in way.last().and_then(|last| arrows.get(last)).into_iter().flatten() {
            let mut further = way.clone();
            further.push(next.clone());
            if next == from {
                return Some(further.iter().map(|path| path.join("/")).collect());
            }
            if seen.insert(next.clone()) {
                open.push(further);
            }
        }
    }
    None
}

fn circles(files: &[(Vec<String>, String)]) -> Vec<String> {
    let arrows = arrows(files);
    let found = arrows.keys().filter_map(|from| circle(&arrows, from));
    found.map(|way| way.join(" → ")).collect()
}

#[test]
fn files_of_a_room_do_not_import_one_another_in_circles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in ROOMS {
        let files = super::source_files(&root.join(room));
        assert!(!files.is_empty(), "there is no room {room}");
        let read = |file: std::path::PathBuf| {
            let name = file.strip_prefix(&root).expect("it lies below").display().to_string();
            let text = std::fs::read_to_string(&file).expect("a source file is readable");
            (source::module_path(&name), text)
        };
        let files: Vec<_> = files.into_iter().map(read).collect();
        assert_eq!(circles(&files), Vec::<String>::new());
    }
}

#[test]
fn a_circle_is_named_with_its_way() {
    let file = |name: &str, text: &str| (source::module_path(name), text.to_owned());
    let within = [
        file("why/a/one.rs", "use super::super::b;\nuse super::two::f;"),
        file("why/a/two.rs", "use super::{one, three};"),
        file("why/b.rs", "use super::words::quoted;"),
        file("why/words.rs", "// use super::b;"),
    ];
    let found = circles(&within);
    assert_eq!(found.first().unwrap(), "why/a/one → why/a/two → why/a/one");
    assert_eq!(found.len(), 2, "{found:?}");
    let between = [
        file("why/a/one.rs", "use super::super::kinds::Kind;"),
        file("why/kinds.rs", "use super::{a, house};"),
        file("why/house.rs", ""),
    ];
    assert_eq!(circles(&between), ["why/a → why/kinds → why/a", "why/kinds → why/a → why/kinds"]);
}
