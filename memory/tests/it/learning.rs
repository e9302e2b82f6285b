//! What is recorded is advised: by similarity, by success, by recency.

use crate::support::metadata;
use callboard_memory::{
    Embedding, Learning, Outcome, Pinned, Recorded, Scope, Suggestion, Task, TaskKind,
};
use serde_json::json;

const DAY: i64 = 86_400_000;

fn outcome(id: &str, task: &str, approach: &str, worked: bool) -> Outcome {
    Outcome {
        id: id.to_owned(),
        kind: TaskKind::Implementation,
        task: task.to_owned(),
        language: Some("typescript".to_owned()),
        workspace: None,
        approach: approach.to_owned(),
        worked,
        evidence: metadata(json!({ "quality": 0.9 })),
        agent: "codesmith".to_owned(),
        at: 0,
    }
}

fn record(learning: &mut Learning, outcomes: &[Outcome]) {
    for outcome in outcomes {
        assert_eq!(learning.record(outcome, None).unwrap(), Recorded::New);
    }
}

fn names(suggestions: &[Suggestion]) -> Vec<&str> {
    suggestions.iter().map(|suggestion| suggestion.approach.as_str()).collect()
}

#[test]
fn advice_is_similarity_times_success_and_shows_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let mut learning = Learning::open(folder.path(), None).unwrap();
    let task = "create a React component";
    record(
        &mut learning,
        &[
            outcome("1", task, "function component", true),
            outcome("2", task, "function component", true),
            Outcome { at: DAY, ..outcome("3", task, "class component", false) },
            outcome("4", "create a Vue component", "options API", true),
            outcome("5", "write a changelog", "by hand", true),
        ],
    );
    let suggestions =
        learning.suggest_approach(&Task::text(task), &Scope::default(), 10, 90 * DAY).unwrap();
    assert_eq!(names(&suggestions)[..3], ["function component", "options API", "class component"]);
    let best = &suggestions[0];
    // Two outcomes a half-life ago count one: (1 + 1) / (1 + 2).
    assert!((best.weight_worked - 1.0).abs() < 1e-9 && (best.success - 2.0 / 3.0).abs() < 1e-9);
    assert!((best.score - best.similarity * best.success).abs() < 1e-12);
    insta::assert_snapshot!(serde_json::to_string_pretty(best).unwrap(), @r#"
    {
      "approach": "function component",
      "kind": "implementation",
      "score": 0.6666666666666666,
      "similarity": 1.0,
      "success": 0.6666666666666666,
      "worked": 2,
      "failed": 0,
      "weight_worked": 1.0,
      "weight_failed": 0.0,
      "last": {
        "worked": true,
        "evidence": {
          "quality": 0.9
        },
        "agent": "codesmith",
        "at": 0,
        "task": "create a React component"
      }
    }
    "#);
}

#[test]
fn an_outcome_counts_once_and_never_changes() {
    let folder = tempfile::tempdir().unwrap();
    let mut learning = Learning::open(folder.path(), None).unwrap();
    let first = outcome("1", "fix a type error", "narrow the type", true);
    assert_eq!(learning.record(&first, None).unwrap(), Recorded::New);
    assert_eq!(learning.record(&Outcome { at: 5, ..first.clone() }, None).unwrap(), Recorded::Same);
    let error =
        learning.record(&Outcome { worked: false, ..first.clone() }, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "the outcome \"1\" cannot be recorded: another one was recorded under this id: give it an id of its own"
    );
    assert!(
        learning
            .record(&Outcome { task: " ".into(), ..outcome("2", "x", "y", true) }, None)
            .is_err()
    );
    drop(learning);
    let mut learning = Learning::open(folder.path(), None).unwrap();
    let suggestions =
        learning.suggest_approach(&Task::text("type errors"), &Scope::default(), 5, 0).unwrap();
    assert_eq!((suggestions[0].worked, suggestions[0].failed), (1, 0));
    assert_eq!(learning.tasks().count(None).unwrap(), 1);
    assert_eq!(learning.tasks().verify().unwrap(), [""; 0]);
}

#[test]
fn what_failed_lately_outweighs_what_worked_long_ago() {
    let folder = tempfile::tempdir().unwrap();
    let mut learning = Learning::open(folder.path(), None).unwrap();
    let task = "bundle the front end";
    let old = (0..4).map(|number| outcome(&format!("old {number}"), task, "webpack", true));
    record(&mut learning, &old.collect::<Vec<_>>());
    let now = 400 * DAY;
    let late = |id, approach, worked| Outcome { at: now, ..outcome(id, task, approach, worked) };
    record(&mut learning, &[late("a", "webpack", false), late("b", "vite", true)]);
    let ask = |learning: &mut Learning| {
        learning.suggest_approach(&Task::text(task), &Scope::default(), 5, now).unwrap()
    };
    assert_eq!(names(&ask(&mut learning)), ["vite", "webpack"]);
    assert!(!ask(&mut learning)[1].last.worked);
    let mut patient = learning.with_half_life(100_000.0);
    assert_eq!(names(&ask(&mut patient)), ["webpack", "vite"]);
}

#[test]
fn a_scope_lets_through_what_was_learned_there_or_for_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut learning = Learning::open(folder.path(), None).unwrap();
    let at = |id, approach, language: Option<&str>, workspace: Option<&str>| Outcome {
        kind: TaskKind::Pattern,
        language: language.map(str::to_owned),
        workspace: workspace.map(str::to_owned),
        ..outcome(id, "layout of a service", approach, true)
    };
    record(
        &mut learning,
        &[
            at("1", "hexagonal", Some("rust"), Some("/a")),
            at("2", "layers", Some("python"), Some("/a")),
            at("3", "one file", None, None),
            at("4", "actors", Some("rust"), Some("/b")),
            outcome("5", "layout of a service", "no pattern", true),
        ],
    );
    let scope = |language: Option<&str>, workspace: Option<&str>| Scope {
        kind: None,
        language: language.map(str::to_owned),
        workspace: workspace.map(str::to_owned),
    };
    let mut ask = |scope: &Scope, task: Option<&Task>| {
        let found = learning.suggest_patterns(task, scope, 10, 0).unwrap();
        let mut names: Vec<String> =
            found.into_iter().map(|suggestion| suggestion.approach).collect();
        names.sort();
        names
    };
    let task = Task::text("a service");
    for task in [None, Some(&task)] {
        assert_eq!(ask(&scope(Some("rust"), Some("/a")), task), ["hexagonal", "one file"]);
        assert_eq!(ask(&scope(Some("rust"), None), task), ["actors", "hexagonal", "one file"]);
        assert_eq!(ask(&scope(None, None), task), ["actors", "hexagonal", "layers", "one file"]);
    }
}

#[test]
fn tasks_with_vectors_are_alike_by_meaning() {
    let folder = tempfile::tempdir().unwrap();
    let model = Pinned::new("m", 2);
    let mut learning = Learning::open(folder.path(), Some(&model)).unwrap();
    let made = |values: [f32; 2]| Embedding::new("m", values.to_vec());
    learning.record(&outcome("1", "UI element", "near", true), Some(&made([0.0, 1.0]))).unwrap();
    learning.record(&outcome("2", "SQL query", "far", true), Some(&made([3.0, 5.0]))).unwrap();
    let task = Task { text: "widget".to_owned(), vector: Some(made([0.0, 1.0])) };
    let suggestions = learning.suggest_approach(&task, &Scope::default(), 5, 0).unwrap();
    assert_eq!(names(&suggestions), ["near", "far"]);
    assert!((suggestions[0].similarity - 1.0).abs() < 1e-9);
    assert!((suggestions[1].similarity - 1.0 / 6.0).abs() < 1e-6);
}
