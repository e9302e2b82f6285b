//! Everything we ship with, or build with, has a licence that goes with ours: MIT OR Apache-2.0.
//!
//! Reads the locked dependencies of all platforms from `cargo metadata` and evaluates their SPDX expressions.

use std::process::Command;

use serde_json::Value;

/// Licences that may be used, each with the reason.
const ALLOWED: [(&str, &str); 11] = [
    ("MIT", "ours; asks for its notice only"),
    ("MIT-0", "MIT that does not even ask for that"),
    ("Apache-2.0", "ours; asks for its notice only, grants patents"),
    ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 that asks for less"),
    ("BSD-2-Clause", "as MIT"),
    ("BSD-3-Clause", "as MIT, and forbids advertising with names"),
    ("ISC", "as MIT, in fewer words"),
    ("Zlib", "as MIT; changed versions have to say so"),
    ("Unlicense", "public domain"),
    ("Unicode-3.0", "as MIT, for Unicode's data and what is made from it"),
    ("CDLA-Permissive-2.0", "as MIT, for data: the certificates of Mozilla's root store"),
];

/// Whether a licence expression can be met with allowed licences alone.
fn is_allowed(expression: &str) -> Result<bool, String> {
    // Before SPDX, cargo's choice of licences was written with a slash.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (result, rest) = any_of(&words)?;
    if rest.is_empty() { Ok(result) } else { Err(format!("`{}` is left over", rest.join(" "))) }
}

type Parsed<'a, 'w> = Result<(bool, &'a [&'w str]), String>;

/// `AND` binds tighter than `OR`.
fn any_of<'a, 'w>(words: &'a [&'w str]) -> Parsed<'a, 'w> {
    let (mut result, mut rest) = all_of(words)?;
    while let Some(("OR", further)) = rest.split_first().map(|(word, further)| (*word, further)) {
        let (alternative, behind) = all_of(further)?;
        (result, rest) = (result | alternative, behind);
    }
    Ok((result, rest))
}

fn all_of<'a, 'w>(words: &'a [&'w str]) -> Parsed<'a, 'w> {
    let (mut result, mut rest) = one(words)?;
    while let Some(("AND", further)) = rest.split_first().map(|(word, further)| (*word, further)) {
        let (condition, behind) = one(further)?;
        (result, rest) = (result & condition, behind);
    }
    Ok((result, rest))
}

fn one<'a, 'w>(words: &'a [&'w str]) -> Parsed<'a, 'w> {
    match words {
        ["(", inner @ ..] => match any_of(inner)? {
            (result, [")", rest @ ..]) => Ok((result, rest)),
            _ => Err("a parenthesis is not closed".to_owned()),
        },
        [")" | "OR" | "AND" | "WITH", ..] | [] => Err("a licence is missing".to_owned()),
        [licence, "WITH", exception, rest @ ..] => {
            Ok((is_listed(&format!("{licence} WITH {exception}")), rest))
        }
        [licence, rest @ ..] => Ok((is_listed(licence), rest)),
    }
}

fn is_listed(licence: &str) -> bool {
    ALLOWED.iter().any(|(name, _)| *name == licence)
}

/// What is wrong with the licence of a package, if anything is.
fn fault(package: &Value) -> Option<String> {
    let name = format!("{} {}", package["name"].as_str()?, package["version"].as_str()?);
    let Some(expression) = package["license"].as_str() else {
        return Some(format!("{name} names no licence"));
    };
    match is_allowed(expression) {
        Ok(true) => None,
        Ok(false) => {
            Some(format!("{name} is licensed `{expression}`, which the list does not allow"))
        }
        Err(error) => {
            Some(format!("{name} is licensed `{expression}`, which cannot be read: {error}"))
        }
    }
}

#[test]
fn every_dependency_has_a_licence_from_the_list() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("cargo lists the packages");
    assert!(packages.len() > 100, "only {} packages were listed", packages.len());
    let faults: Vec<String> = packages.iter().filter_map(fault).collect();
    assert!(
        faults.is_empty(),
        "drop the dependency, or allow its licence with a reason:\n{}",
        faults.join("\n")
    );
}

#[test]
fn an_expression_is_allowed_when_it_can_be_met() {
    for allowed in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-3.0) AND ISC",
        "MIT OR GPL-3.0 AND GPL-2.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert_eq!(is_allowed(allowed), Ok(true), "{allowed}");
    }
    for refused in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND GPL-3.0",
        "MIT WITH strange-exception",
        "mit",
    ] {
        assert_eq!(is_allowed(refused), Ok(false), "{refused}");
    }
    for unreadable in ["", "MIT OR", "(MIT", "MIT ISC", "AND MIT"] {
        assert!(is_allowed(unreadable).is_err(), "{unreadable}");
    }
}

#[test]
fn a_package_without_a_licence_is_a_fault() {
    let package =
        |license: Value| serde_json::json!({"name": "a", "version": "1.0.0", "license": license});
    assert_eq!(fault(&package(Value::Null)).as_deref(), Some("a 1.0.0 names no licence"));
    assert!(fault(&package("AGPL-3.0".into())).is_some());
    assert_eq!(fault(&package("MIT".into())), None);
}
