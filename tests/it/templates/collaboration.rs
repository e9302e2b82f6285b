//! `collaboration`.

use serde_json::json;

use super::walk::Walk;

#[tokio::test(start_paused = true)]
async fn workers_read_in_the_next_round_what_was_written_to_them() {
    let walk = Walk::of("collaboration", json!({ "task": "A poster", "rounds": 4 })).await;
    assert_eq!(walk.way(), "plan work work integrate", "it ends when all are done");
    let maker = walk.prompts("Collaboration, work, round 2 of 4: A poster\nYou are maker,")[0];
    assert!(maker.contains("--- on team.maker, from gatherer, round 1 ---\nBegin with"), "{maker}");
    assert!(maker.contains("--- on team.maker, from reader, round 1 ---"), "{maker}");
    assert!(maker.contains("--- your part, as you left it ---\n(Scripted.) A first"), "{maker}");
    assert!(!maker.contains("from maker"), "{maker}");
    let reader = walk.prompts("Collaboration, work, round 2 of 4: A poster\nYou are reader,")[0];
    assert!(reader.contains("--- on team.all, from maker, round 1 ---"), "{reader}");
    assert!(!reader.contains("--- on team.maker"), "letters to one are not for others: {reader}");
    assert_eq!(walk.output["work"].as_array().unwrap().len(), 3, "the newest of each");
    assert_eq!(walk.output["rounds"], 2);
}

#[tokio::test(start_paused = true)]
async fn rounds_and_workers_are_bounded() {
    let input = json!({ "task": "A poster", "rounds": 1, "workers": 2 });
    let walk = Walk::of("collaboration", input).await;
    assert_eq!(walk.way(), "plan work integrate");
    assert_eq!(walk.output["team"].as_array().unwrap().len(), 2);
    assert!(walk.prompts("Collaboration, work, ")[0].contains("This is the last round"));
    let last = walk.prompts("Collaboration, integration: ")[0];
    assert!(last.contains("--- maker (not finished) ---"), "{last}");
    assert!(last.contains("--- from gatherer on team.maker, round 1 ---"), "{last}");
    let again = walk.again("collaboration", json!({ "task": "A song" })).await;
    assert_eq!(again.way(), "plan work work integrate");
    assert!(again.asked.iter().all(|agent| !agent.prompt.contains("poster")));
}
