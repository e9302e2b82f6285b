//! Runs on one thread, questions in any order, cancelling, pausing; connections and servers that break in the middle;
//! several clients on one thread.

use super::kit::{Talk, message, reach, server};
use serde_json::{Value, json};

const BONES: [&str; 5] = ["run_started", "step", "question", "answered", "run_ended"];

fn interrupt(question: &Value) -> Value {
    question["interrupt_id"].clone()
}

async fn answer(talk: &mut Talk, question: &Value, value: Value) {
    let id = format!("answer {value}");
    talk.tell(
        json!({ "op": "answer", "id": id, "interrupt_id": interrupt(question), "value": value }),
    )
    .await;
}

#[tokio::test]
async fn two_runs_on_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    let mut talk = Talk::open(&server, json!({ "id": 7, "workflow": "talk" })).await;
    assert_eq!((&talk.opened["id"], &talk.opened["text_input"]), (&json!(7), &json!("topic")));
    assert_eq!((&talk.opened["status"], &talk.opened["run"]), (&Value::Null, &json!(0)));
    let first =
        json!({ "op": "message", "id": "a", "text": "tea", "params": { "place": "there" } });
    assert_eq!(talk.tell(first.clone()).await["run"], 1);
    let asked = talk.until_op("question").await;
    assert_eq!(asked["schema"]["enum"], json!(["pro", "con"]), "{asked}");
    let early = talk.ask(message("early", "milk")).await;
    assert_eq!(early["problem"]["status"], 409, "{early}");
    answer(&mut talk, &asked, json!("pro")).await;
    let ended = talk.end().await;
    assert_eq!(
        (&ended["status"], &ended["output"]["place"]),
        (&json!("completed"), &json!("there"))
    );
    // The same message again is the same message.
    assert_eq!(talk.tell(first).await["run"], 1);
    let other = talk.ask(message("a", "coffee")).await;
    assert_eq!(other["problem"]["status"], 422, "{other}");

    assert_eq!(talk.tell(message("b", "milk")).await["run"], 2);
    assert_eq!(talk.tell(message("b", "milk")).await["run"], 2);
    let asked = talk.until_op("question").await;
    answer(&mut talk, &asked, json!("con")).await;
    let ended = talk.end().await;
    assert_eq!(
        ended["output"],
        json!({ "verdict": "con", "place": "there" }),
        "as in the first run"
    );
    let bones = talk.ops(&BONES);
    assert_eq!(bones.iter().filter(|op| **op == "run_started").count(), 2, "{bones:?}");
    assert_eq!((bones[0], bones[bones.len() - 1]), ("run_started", "run_ended"));
    assert_eq!(talk.words.len(), 4, "two speak, twice");
    assert!(talk.words.values().all(|words| words == "an answer"), "{:?}", talk.words);
    assert_eq!(talk.ops(&["cost"]).len(), 4);
}

#[tokio::test]
async fn what_is_heard_in_parts_is_what_is_heard_at_once_also_through_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut at = server(folder.path()).await;
    let mut talk = Talk::open(&at, json!({ "workflow": "talk" })).await;
    talk.tell(message("a", "drip")).await;
    // In the middle of a sentence the connection breaks; then, in the middle of the rest, the server.
    for _ in 0..5 {
        talk.until_op("token").await;
    }
    talk.reopen(&at).await;
    for _ in 0..5 {
        talk.until_op("token").await;
    }
    drop(at);
    at = server(folder.path()).await;
    talk.reopen(&at).await;
    let asked = talk.until_op("question").await;
    drop(at);
    at = server(folder.path()).await;
    talk.reopen(&at).await;
    assert_eq!(talk.opened["questions"][0]["interrupt_id"], asked["interrupt_id"]);
    answer(&mut talk, &asked, json!("pro")).await;
    talk.end().await;

    let mut whole = Talk::open(&at, json!({ "workflow_id": talk.id() })).await;
    whole.end().await;
    assert_eq!(talk.frames, whole.frames);
    assert_eq!(talk.words, whole.words);
    let drops = "drop by drop the answer comes and comes and never hurries";
    let last: Vec<_> = whole.words.values().filter(|words| *words == drops).collect();
    assert_eq!(last.len(), 2, "{:?}", whole.words);
    // From every place in between the rest is the same.
    for cut in [1, whole.frames.len() / 2, whole.frames.len() - 1] {
        let after = whole.frames[cut - 1]["position"].clone();
        let mut rest =
            Talk::open(&at, json!({ "workflow_id": talk.id(), "after": after, "tokens": "none" }))
                .await;
        rest.end().await;
        assert_eq!(rest.frames, whole.frames[cut..], "behind {cut}");
        assert!(rest.words.is_empty());
    }
}

#[tokio::test]
async fn two_questions_are_answered_in_any_order_also_those_of_subgraphs() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    for is_own_first in [true, false] {
        let mut talk = Talk::open(&server, json!({ "workflow": "asks" })).await;
        talk.tell(message("a", "go")).await;
        let (one, other) = (talk.until_op("question").await, talk.until_op("question").await);
        let (own, inner) = if one["path"] == "own" { (one, other) } else { (other, one) };
        assert_eq!(
            (&inner["path"], &inner["question"]),
            (&json!("inner/ask"), &json!("Are you ready?"))
        );
        let wrong = json!({ "op": "answer", "id": "w", "interrupt_id": interrupt(&own), "value": "perhaps" });
        assert_eq!(talk.ask(wrong).await["problem"]["status"], 422);
        let mut both = [(own, json!(true)), (inner, json!("very"))];
        if !is_own_first {
            both.reverse();
        }
        for (question, value) in both {
            answer(&mut talk, &question, value.clone()).await;
            let id = interrupt(&question);
            let told =
                talk.until(|heard| heard["op"] == "answered" && heard["interrupt_id"] == id).await;
            assert_eq!((&told["value"], &told["by"]), (&value, &json!("chat")));
        }
        assert_eq!(talk.end().await["output"], json!({ "a": true, "b": "very" }));
    }
}

#[tokio::test]
async fn a_run_is_paused_resumed_cancelled_and_followed_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    let mut talk = Talk::open(&server, json!({ "workflow": "talk" })).await;
    talk.tell(message("a", "for ever")).await;
    talk.until_op("turn").await;
    assert_eq!(talk.tell(json!({ "op": "pause", "id": "p" })).await["status"], "paused");
    talk.until(|heard| heard["op"] == "status" && heard["status"] == "paused").await;
    assert_eq!(talk.tell(json!({ "op": "resume", "id": "r" })).await["status"], "running");
    talk.tell(json!({ "op": "cancel", "id": "c" })).await;
    let ended = talk.end().await;
    assert_eq!(
        (&ended["status"], &ended["error"]),
        (&json!("cancelled"), &json!("cancelled by chat"))
    );
    // Told again it is the same cancellation, and no second one.
    talk.tell(json!({ "op": "cancel", "id": "c" })).await;
    assert_eq!(talk.ask(json!({ "op": "pause", "id": "q" })).await["problem"]["status"], 409);
    let mut other = Talk::open(&server, json!({ "workflow": "talk" })).await;
    other.tell(message("a", "hopeless")).await;
    let ended = other.end().await;
    assert_eq!(ended["status"], "failed");
    assert!(ended["error"].as_str().unwrap().contains("the script says no"), "{ended}");
    other.tell(json!({ "op": "retry", "id": "again" })).await;
    assert_eq!(other.end().await["status"], "failed");
}

#[tokio::test]
async fn all_clients_of_a_thread_hear_the_same_and_a_thread_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    let mut one = Talk::open(&server, json!({ "workflow": "talk" })).await;
    let wish = json!({ "workflow_id": one.id(), "workflow": "talk" });
    let mut other = Talk::open(&server, wish).await;
    one.tell(message("a", "drip")).await;
    let asked = other.until_op("question").await;
    answer(&mut other, &asked, json!("con")).await;
    other.end().await;
    one.end().await;
    assert_eq!((&one.frames, &one.words), (&other.frames, &other.words));

    // Whoever says something and goes has said it.
    let mut brief = Talk::open(&server, json!({ "workflow": "number" })).await;
    brief.tell(json!({ "op": "message", "id": 1, "params": { "n": 6 } })).await;
    let id = brief.id();
    drop(brief);
    reach(&server, &id, "completed").await;
    let mut late = Talk::open(&server, json!({ "workflow_id": id })).await;
    assert_eq!(late.end().await["output"]["n"], 7);
    // Somebody else's thread is silent here.
    assert!(late.frames.iter().all(|frame| frame["op"] != "question"), "{:?}", late.frames);
}

#[tokio::test]
async fn who_does_not_listen_for_a_while_holds_up_nobody_and_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    let mut fast = Talk::open(&server, json!({ "workflow": "echo" })).await;
    let wish = json!({ "workflow_id": fast.id(), "workflow": "echo" });
    let mut slow = Talk::open(&server, wish).await;
    // Long enough frames to fill what is between them; but nobody is silent for so long that he is given up.
    let text = "x".repeat(9_000);
    for number in 0..40 {
        fast.tell(message(&format!("m{number}"), &text)).await;
        fast.end().await;
    }
    while slow.frames.len() < fast.frames.len() {
        slow.hear().await;
    }
    assert_eq!(slow.frames, fast.frames);
    assert_eq!(slow.ops(&["run_ended"]).len(), 40);
}
