//! No text brings it down: not one that is no text, nor one that is cut, changed, deep, long or wide.

use std::time::Duration;

use callboard_code::{Fault, Language, Limits, NoCache, Options, Span, analyze, decode, examine};
use proptest::prelude::*;

const FIXTURES: [(Language, &str); 6] = [
    (Language::Python, include_str!("fixtures/store.py")),
    (Language::JavaScript, include_str!("fixtures/server.js")),
    (Language::TypeScript, include_str!("fixtures/model.ts")),
    (Language::Tsx, include_str!("fixtures/view.tsx")),
    (Language::Go, include_str!("fixtures/cache.go")),
    (Language::Rust, include_str!("fixtures/shapes.rs")),
];

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

/// A span names a piece of the text: its bytes, its lines and columns agree.
fn check_span(text: &str, span: &Span) {
    let place = |byte: usize| {
        let before = &text[..byte];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
    };
    assert!(span.bytes.start <= span.bytes.end);
    assert_eq!((span.start.line, span.start.column), place(span.bytes.start));
    assert_eq!((span.end.line, span.end.column), place(span.bytes.end));
}

/// All that holds of any text's report.
fn check(language: Language, text: &str) {
    let report = examine(language, text, &Limits::default()).unwrap();
    let parsed = &report.parsed;
    let (symbols, errors) = (parsed.symbols.iter(), report.syntax.errors.iter());
    let spans = symbols.flat_map(|symbol| [&symbol.span, &symbol.extent]);
    let spans = spans.chain(errors.map(|error| &error.span));
    let spans = spans.chain(parsed.imports.iter().map(|import| &import.span));
    for span in spans.chain(report.issues.issues.iter().map(|issue| &issue.span)) {
        check_span(text, span);
    }
    for symbol in &parsed.symbols {
        let (inner, outer) = (&symbol.span.bytes, &symbol.extent.bytes);
        assert!(outer.start <= inner.start && inner.end <= outer.end, "{symbol:?}");
    }
    let lines = parsed.lines;
    assert_eq!(lines.total, lines.code + lines.comment + lines.blank);
    assert_eq!(lines.total, text.split_inclusive('\n').count());
    assert!(report.syntax.is_valid() || !report.syntax.errors[0].message.is_empty());
    assert!(report.syntax.is_valid() <= !parsed.has_errors, "what has errors is not valid");
    let places = |window: &[callboard_code::SyntaxError]| {
        window[0].span.bytes.start <= window[1].span.bytes.start
    };
    assert!(report.syntax.errors.windows(2).all(places));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_report(language in language(), text in any::<String>()) {
        check(language, &text);
    }

    #[test]
    fn any_row_of_tokens_has_a_report(
        language in language(),
        words in prop::collection::vec(prop::sample::select(vec![
            "def", "fn", "func", "class", "impl", "(", ")", "{", "}", "[", "]", "<", ">", ":", ";", ",", "\n", "    ", "\t",
            "\"", "'", "`", "${", "f\"{", "#", "//", "/*", "*/", "///", "x", "=", "=>", "->", "::", ".", "if", "else",
            "match", "case", "import", "from", "use", "mod", "export", "const", "@", "#[", "ä", "\\", "|", "&&", "\r", "lambda",
        ]), 0..60),
        separator in prop::sample::select(vec!["", " "]),
    ) {
        check(language, &words.join(separator));
    }

    #[test]
    fn a_file_that_was_cut_has_a_report(number in 0..6_usize, start in 0.0..1.0, end in 0.0..1.0) {
        let (language, text) = FIXTURES[number];
        let (start, end) = (at(text, start), at(text, end));
        check(language, &text[start.min(end)..start.max(end)]);
    }

    #[test]
    fn a_file_that_was_changed_has_a_report(
        number in 0..6_usize,
        changes in prop::collection::vec((0.0..1.0_f64, 0.0..0.05_f64, "[(){}\\[\\]\"'`:;,#/* \n\tä]{0,3}"), 1..6),
    ) {
        let (language, text) = FIXTURES[number];
        let mut text = text.to_owned();
        for (place, length, new) in changes {
            let start = at(&text, place);
            let end = at(&text, (place + length).min(1.0));
            text.replace_range(start..end, &new);
        }
        check(language, &text);
    }

    #[test]
    fn any_bytes_in_a_file_are_read_or_skipped(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        extension in prop::sample::select(vec!["py", "js", "ts", "tsx", "go", "rs"]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x").with_extension(extension), &bytes).unwrap();
        let codebase = analyze(folder.path(), &Options::default(), &NoCache).unwrap();
        prop_assert_eq!(codebase.files.len() + codebase.skipped.len(), 1);
        prop_assert_eq!(codebase.files.len(), usize::from(decode(&bytes).is_ok()));
    }
}

/// The character that begins at or before this part of a text.
fn at(text: &str, part: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place"
    )]
    let byte = (text.len() as f64 * part) as usize;
    text.floor_char_boundary(byte)
}

/// Depth must cost heap and time, never stack: threads have less of it than this has levels.
#[test]
fn a_text_as_deep_as_it_is_long_has_a_report_or_a_fault() {
    let limits = Limits { time: Duration::from_secs(20), ..Limits::default() };
    let deep = |open: &str, close: &str| [open.repeat(10_000), close.repeat(10_000)].concat();
    let steps: Vec<String> = (0..300).map(|level| " ".repeat(level) + "if x:\n").collect();
    let stairs = steps.concat();
    let texts = [
        (Language::Python, deep("(", ")")),
        (Language::Python, format!("x = {}", deep("[", ""))),
        (Language::Python, stairs),
        (Language::JavaScript, deep("function f(){", "}")),
        (Language::JavaScript, deep("[", "]")),
        (Language::TypeScript, format!("let x: {};", deep("A<", ">"))),
        (Language::Tsx, deep("<a>", "</a>")),
        (Language::Go, format!("package p\nvar x = {}", deep("(", ")"))),
        (Language::Rust, deep("mod a {", "}")),
        (Language::Rust, format!("use {};", deep("a::{", "}"))),
        (Language::Rust, format!("fn f() {{ {} }}", deep("{", "}"))),
    ];
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let work = move || {
        for (language, text) in texts {
            match examine(language, &text, &limits) {
                Ok(report) => assert_eq!(report.parsed.bytes, text.len()),
                Err(fault) => assert!(matches!(fault, Fault::TooSlow { .. }), "{fault:?}"),
            }
        }
    };
    small.spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_text_that_is_too_long_or_has_no_time_has_a_fault() {
    let text = "x = 1\n".repeat(100);
    let most = |bytes| Limits { bytes, ..Limits::default() };
    assert_eq!(
        examine(Language::Python, &text, &most(599)),
        Err(Fault::TooLong { bytes: 600, most: 599 })
    );
    assert!(examine(Language::Python, &text, &most(600)).is_ok());
    let none = Limits { time: Duration::ZERO, ..Limits::default() };
    assert_eq!(examine(Language::Python, &text, &none), Err(Fault::TooSlow { after_ms: 0 }));
}

/// The time limit holds in the midst of work: of megabytes that would take seconds, most is never looked at.
#[test]
fn a_parse_is_cancelled_in_time() {
    let text = "def f(a, b):\n    return [a, b, {'c': (a, b)}]\n".repeat(200_000);
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    let begun = std::time::Instant::now();
    assert_eq!(examine(Language::Python, &text, &limits), Err(Fault::TooSlow { after_ms: 50 }));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn ten_megabytes_are_read() {
    let limits = Limits { time: Duration::from_mins(5), items: 100, ..Limits::default() };
    let large = format!("x = '{}'\n", "ä".repeat(500)).repeat(10_000);
    let report = examine(Language::Python, &large, &limits).unwrap();
    assert!(report.syntax.is_valid() && large.len() > 9 << 20);
    assert_eq!((report.parsed.symbols.len(), report.parsed.left_out), (100, 9_900));
    let one_line = "const a = 1; ".repeat(50_000);
    let report = examine(Language::JavaScript, &one_line, &limits).unwrap();
    assert_eq!(report.parsed.symbols[99].span.start.column, 99 * 13 + 7);
    let wide = format!("x = [{}]\n", "1, ".repeat(100_000));
    assert!(examine(Language::Python, &wide, &limits).unwrap().syntax.is_valid());
    let broken = "fn f( { \n".repeat(50_000);
    let report = examine(Language::Rust, &broken, &limits).unwrap();
    assert!(!report.syntax.is_valid());
}
