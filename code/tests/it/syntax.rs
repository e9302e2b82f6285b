//! Where texts do not parse: the exact place, and what is wrong there.

use std::fmt::Write;

use callboard_code::{Language, Limits, SyntaxError, validate};

fn errors(language: Language, text: &str) -> Vec<SyntaxError> {
    validate(language, text, &Limits::default()).unwrap().errors
}

/// Texts that do not parse, each for one reason.
const BROKEN: [(Language, &str); 31] = [
    (Language::Python, "def f(a, b:\n    return a\n"),
    (Language::Python, "x = (1,\n     2\ny = 3\n"),
    (Language::Python, "def f()\n    return 1\n"),
    (Language::Python, "def f():\n\nx = 1\n"),
    (Language::Python, "if x:\nreturn\n"),
    (Language::Python, "x = 1\n    y = 2\n"),
    (Language::Python, "def f():\n    a = 1\n      b = 2\n"),
    (Language::Python, "print \"hello\"\n"),
    (Language::Python, "x = 'ab\ny = 1\n"),
    (Language::Python, "class A:\n    def f(self):\n        return [1, 2\n"),
    (Language::Python, "ä = 1 +\n"),
    (Language::Python, "try:\n    a()\nb()\n"),
    (Language::Python, "class A:\n    @b\n      @c\n    def d(self):\n        pass\n"),
    (Language::Python, "try:\n    a()\n  except B:\n    c()\n"),
    (Language::JavaScript, "const x = ;\n"),
    (Language::JavaScript, "function f( {\n  return 1;\n}\n"),
    (Language::JavaScript, "function f() {\n  if (a) {\n    b();\n}\n"),
    (Language::JavaScript, "const a = [1, 2;\nconst b = 3;\n"),
    (Language::JavaScript, "let s = `abc ${x;\n"),
    (Language::TypeScript, "interface A {\n  name string;\n}\n"),
    (Language::TypeScript, "const x: = 1;\n"),
    (Language::Tsx, "const x = <div><b></div>;\n"),
    (Language::Go, "package p\n\nfunc f( {\n}\n"),
    (Language::Go, "package p\n\nfunc f() {\n\tx := \n}\n"),
    (Language::Go, "package p\n\nfunc f()\n{\n}\n"),
    (Language::Rust, "fn f() {\n    let x = 1\n    let y = 2;\n}\n"),
    (Language::Rust, "fn f() {\n    g(1, 2;\n}\n"),
    (Language::Rust, "struct A {\n    a: u8,\n    b u8,\n}\n"),
    (Language::Go, "func f() {\n}\n\nx := 1\n"),
    (Language::Rust, "let x = 1;\n\nfn f() {}\n"),
    (Language::Rust, "fn f() -> {\n}\n\nfn g() { ) }\n"),
];

#[test]
fn each_broken_text_is_told_with_its_place() {
    let mut told = String::new();
    for (language, text) in BROKEN {
        writeln!(told, "--- {language}\n{}", text.trim_end()).unwrap();
        let errors = errors(language, text);
        assert!(!errors.is_empty(), "{language} takes {text:?}");
        for error in errors {
            let (start, end) = (error.span.start, error.span.end);
            let place = format!("{}:{}–{}:{}", start.line, start.column, end.line, end.column);
            writeln!(told, "=> {place} {}", error.message).unwrap();
            assert_eq!(error.text, text.lines().nth(start.line - 1).unwrap_or_default());
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn an_error_is_serialised_whole() {
    let text = "fn ä() {\n    g(→, 2;\n}\n";
    insta::assert_json_snapshot!(validate(Language::Rust, text, &Limits::default()).unwrap());
}

#[test]
fn what_parses_has_no_errors() {
    for (language, text) in [
        (Language::Python, ""),
        (Language::Python, "\u{feff}x = 1\n"),
        (Language::Python, "if a: b; c\nelse: d\n"),
        (Language::Python, "if a:\n\tb\n\tc\nx = [\n1,\n  2]\n"),
        (
            Language::Python,
            "def f():\n    # nothing\n    ...\n    '''\ntext\n'''\n    return g(a,\nb)\n",
        ),
        (Language::Python, "class A:\n    x = 1\n\n    # a comment\n  # another\n    y = 2\n"),
        (Language::Python, "match x:\n    case 1:\n        pass\n"),
        (
            Language::Python,
            "try:\n    a()\nexcept* B:\n    c()\ntry:\n    a()\nfinally:\n    b()\n",
        ),
        (
            Language::Python,
            "for a in b:\n    if a: c()\n    elif d: e()\n    else: f()\nelse:\n    g()\nx = 1 if a else 2\n",
        ),
        (Language::JavaScript, "a\nb\nasync () => await c?.d ?? e\n"),
        (Language::Go, "package p\r\n\r\nfunc f() {\r\n}\r\n"),
        (Language::Rust, "fn main() { let x = if a { b } else { c }; }"),
        (
            Language::Rust,
            "#!/usr/bin/env x\n#![allow(x)]\ninclude!(\"x\");\nmacro_rules! m { () => {} }\nm! {}\nextern \"C\" {}\nextern crate x;\n",
        ),
    ] {
        assert_eq!(errors(language, text), [], "{language} {text:?}");
    }
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let text = "fn f() { let = ; }\n".repeat(10);
    let limits = Limits { items: 3, ..Limits::default() };
    let found = validate(Language::Rust, &text, &limits).unwrap();
    let all = validate(Language::Rust, &text, &Limits::default()).unwrap();
    assert_eq!((found.errors.len(), found.left_out), (3, all.errors.len() - 3));
    assert!(all.errors.len() >= 10);
}
