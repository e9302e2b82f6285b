//! `teaching`.

use serde_json::json;

use super::walk::Walk;

#[tokio::test(start_paused = true)]
async fn it_is_explained_until_it_is_understood() {
    let walk = Walk::of("teaching", json!({ "topic": "How to say hello" })).await;
    assert_eq!(
        walk.way(),
        "recall+set_goal explain answer check_understanding explain answer check_understanding \
         wrap_up"
    );
    assert_eq!(
        (&walk.output["met"], &walk.output["attempts"], &walk.output["score"]),
        (&json!(true), &json!(2), &json!(0.9))
    );
    let first = walk.prompts("Teaching, explanation 1 of")[0];
    assert!(first.contains("Before the lesson the student said:\n(Scripted.) Of"), "{first}");
    assert!(!first.contains("what the check found"), "{first}");
    let second = walk.prompts("Teaching, explanation 2 of")[0];
    assert!(second.contains("- The student says what happens"), "{second}");
    assert!(second.contains("--- student, attempt 1 ---"), "{second}");
    assert!(second.contains("in another way"), "{second}");
}

#[tokio::test(start_paused = true)]
async fn attempts_have_a_limit_and_what_is_not_understood_is_said() {
    let walk = Walk::of("teaching", json!({ "topic": "Recursion", "attempts": 1 })).await;
    assert_eq!(walk.way(), "recall+set_goal explain answer check_understanding wrap_up");
    assert_eq!(walk.output["met"], false);
    assert_eq!(walk.output["gaps"].as_array().unwrap().len(), 1);
    let notes = walk.prompts("Teaching, notes: ")[0];
    assert!(notes.contains("Say openly what is not understood"), "{notes}");
    let again = walk.again("teaching", json!({ "topic": "Loops" })).await;
    assert_eq!(again.output["attempts"], 2);
    assert!(again.asked.iter().all(|agent| !agent.prompt.contains("Recursion")));
}
