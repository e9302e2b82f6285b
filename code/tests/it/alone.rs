//! The crate stands alone: whoever builds it builds nothing of Callboard.

/// What would bring in actors, a journal, a server or a runtime.
const FOREIGN: [&str; 7] =
    ["callboard-actors", "actix", "tokio", "rusqlite", "reqwest", "rayon", "tracing"];

#[test]
fn the_crate_knows_nothing_of_callboard() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    let names: Vec<&str> =
        dependencies.lines().filter_map(|line| line.split(['.', ' ']).next()).collect();
    assert!(names.contains(&"tree-sitter"));
    let foreign: Vec<&&str> =
        names.iter().filter(|name| FOREIGN.iter().any(|other| name.starts_with(other))).collect();
    assert_eq!(foreign, Vec::<&&str>::new());
}
