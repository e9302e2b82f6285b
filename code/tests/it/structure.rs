//! What real-looking files are made of, whole.

use callboard_code::{Language, Limits, Parsed, parse};

const FIXTURES: [(&str, &str); 6] = [
    ("store.py", include_str!("fixtures/store.py")),
    ("server.js", include_str!("fixtures/server.js")),
    ("model.ts", include_str!("fixtures/model.ts")),
    ("view.tsx", include_str!("fixtures/view.tsx")),
    ("cache.go", include_str!("fixtures/cache.go")),
    ("shapes.rs", include_str!("fixtures/shapes.rs")),
];

fn parsed(language: Language, text: &str) -> Parsed {
    parse(language, text, &Limits::default()).unwrap()
}

#[test]
fn a_file_of_each_language_is_told_whole() {
    for (name, text) in FIXTURES {
        let parsed = parsed(Language::of(name).unwrap(), text);
        assert!(!parsed.has_errors, "{name}");
        insta::assert_json_snapshot!(name, parsed);
    }
}

#[test]
fn what_is_told_survives_json() {
    for (name, text) in FIXTURES {
        let parsed = parsed(Language::of(name).unwrap(), text);
        let json = serde_json::to_string(&parsed).unwrap();
        assert_eq!(serde_json::from_str::<Parsed>(&json).unwrap(), parsed);
    }
}

#[test]
fn a_line_has_its_innermost_symbol() {
    let text = include_str!("fixtures/shapes.rs");
    let parsed = parsed(Language::Rust, text);
    let at = |line: &str| {
        let number = 1 + text.lines().position(|other| other.contains(line)).unwrap();
        parsed.symbol_at(number).map(|symbol| symbol.name.as_str())
    };
    assert_eq!(at("pub const fn new"), Some("new"));
    assert_eq!(at("#[must_use]"), Some("new"), "an attribute belongs to what it stands before");
    assert_eq!(at("/// It has an area."), Some("Shape"));
    assert_eq!(at("            1"), Some("inner"));
    assert_eq!(at("places.clear()"), Some("count"));
    assert_eq!(at("//! Shapes."), None);
}

#[test]
fn a_symbol_is_found_by_its_name_and_by_its_container() {
    let parsed = parsed(Language::Rust, include_str!("fixtures/shapes.rs"));
    let names = |name: &str| {
        let found = parsed.symbols_named(name).into_iter();
        found.map(|symbol| symbol.container.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(names("area"), ["Area", "Shape"]);
    assert_eq!(names("Shape::area"), ["Shape"]);
    assert_eq!(names("count::inner"), ["tools::count"]);
    assert_eq!(names("hape::area"), Vec::<String>::new());
    assert_eq!(parsed.range_of("area"), None, "two are meant");
    assert!(parsed.range_of("tools::count").is_some());
}

#[test]
fn an_extent_can_be_cut_out_and_the_rest_still_parses() {
    for (name, text) in FIXTURES {
        let language = Language::of(name).unwrap();
        for symbol in parsed(language, text).symbols {
            let rest =
                [&text[..symbol.extent.bytes.start], &text[symbol.extent.bytes.end..]].concat();
            let is_part = ["Small", "Large", "count", "last"].contains(&symbol.name.as_str());
            let left = callboard_code::validate(language, &rest, &Limits::default()).unwrap();
            // Of `let count = 0, last` no part can go alone.
            assert!(
                left.is_valid() || is_part,
                "{name} without {}: {:?}",
                symbol.name,
                left.errors
            );
        }
    }
}
