//! Real programs go on working where they are held.

use super::kit::{Lab, rules_with};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A small crate with a test, in the workspace.
const CRATE: [(&str, &str); 2] = [
    (
        "Cargo.toml",
        "[package]\nname = \"it\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
    ),
    (
        "src/lib.rs",
        "pub fn two() -> u8 { 2 }\n#[test]\nfn adds() { assert_eq!(two() + two(), 4); }\n\
         #[test]\nfn has_children() { assert!(std::process::Command::new(\"true\").status().unwrap().success()); }\n\
         #[test]\nfn has_a_place() { std::fs::write(std::env::temp_dir().join(\"x\"), \"x\").unwrap(); }\n",
    ),
];

/// A program of the machine's toolchain, with the folders that it needs.
fn toolchain() -> Option<(String, String)> {
    let said = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    let cargo = format!("{sysroot}/bin/cargo");
    Path::new(&cargo).exists().then_some((sysroot, cargo))
}

fn run(program: &str, arguments: &[&str]) -> (&'static str, Value) {
    ("run_command", json!({ "program": program, "arguments": arguments, "timeout_s": 300 }))
}

#[actix_web::test]
async fn cargo_git_and_python_go_on_working() {
    let Some((sysroot, cargo)) = toolchain() else {
        return eprintln!("skipped: there is no toolchain");
    };
    let lines = [
        run(&cargo, &["test", "--offline"]),
        run("git", &["init", "-q", "repository"]),
        run(
            "python3",
            &[
                "-c",
                "import tempfile, subprocess, multiprocessing.pool; print(subprocess.check_output(['echo', 'hello']).decode())",
            ],
        ),
        run("/bin/sh", &["-c", "kill -9 $$"]),
        run("/bin/sh", &["-c", "exit 7"]),
        run("/bin/bash", &["-c", "cat <(echo through) && echo over >/dev/stdout"]),
    ];
    let names = ["*cargo test --offline", "git **", "python3 **", "/bin/sh **", "/bin/bash **"];
    let mut rules: Value = serde_json::from_str(&rules_with(&names[1..])).unwrap();
    let commands = rules["profiles"]["coder"]["commands"].as_array_mut().unwrap();
    commands.push(json!(format!("{cargo} test --offline")));
    rules["environment"] = json!({ "read_only": [sysroot], "path": [format!("{sysroot}/bin")] });
    let lab = Lab::open(Some(&rules.to_string()), "coder", &lines).await;
    for (name, text) in CRATE {
        fs::write(lab.at("work").join(name), text).unwrap();
    }
    let results = lab.results().await;
    let came: Vec<_> = results.iter().map(|result| result["content"].clone()).collect();
    assert_eq!(came[0]["exit_code"], 0, "{:#}", came[0]);
    assert!(came[0]["stdout"].as_str().unwrap().contains("3 passed"), "{:#}", came[0]);
    assert_eq!(came[1]["exit_code"], 0, "{:#}", came[1]);
    assert!(came[2]["stdout"].as_str().unwrap().contains("hello"), "{:#}", came[2]);
    assert_eq!(
        (&came[3]["exit_code"], &came[3]["signal"]),
        (&Value::Null, &json!(9)),
        "{:#}",
        came[3]
    );
    assert_eq!(came[4]["exit_code"], 7, "{:#}", came[4]);
    assert_eq!(came[5]["stdout"], "through\nover\n", "{:#}", came[5]);
}
