//! `collaboration`.

use serde_json::json;

use super::walk::Walk;

#[tokio::test(start_paused = true)]
async fn workers_write_to_each_other_over_their_topics() {
    let walk = Walk::of("collaboration", json!({ "task": "A poster", "rounds": 4 })).await;
    assert_eq!(walk.way(), "plan work work letters integrate", "it ends when all are done");
    let maker = walk.prompts("Collaboration, work, round 2 of 4: A poster\nYou are maker,")[0];
    assert!(maker.contains("--- your part, as you left it ---\n(Scripted.) A first"), "{maker}");
    assert!(maker.contains("[\"team.w.1.all\", \"team.w.1.maker\"]"), "{maker}");
    let work = walk.output["work"].as_array().unwrap();
    assert_eq!(work.len(), 3, "the newest of each");
    let of = |name: &str| work.iter().find(|it| it["name"] == name).unwrap()["content"].to_string();
    assert!(of("maker").contains("with the 3 letters"), "its own to all among them: {work:?}");
    assert!(
        of("reader").contains("with the 1 letters"),
        "those to others are not for it: {work:?}"
    );
    assert_eq!(walk.output["rounds"], 2);
    let letters = walk.output["messages"].as_array().unwrap();
    let topics: Vec<_> = letters.iter().map(|letter| letter["topic"].as_str().unwrap()).collect();
    assert_eq!(topics, ["team.w.1.maker", "team.w.1.all", "team.w.1.maker"]);
}

#[tokio::test(start_paused = true)]
async fn rounds_and_workers_are_bounded() {
    let input = json!({ "task": "A poster", "rounds": 1, "workers": 2 });
    let walk = Walk::of("collaboration", input).await;
    assert_eq!(walk.way(), "plan work letters integrate");
    assert_eq!(walk.output["team"].as_array().unwrap().len(), 2);
    assert!(walk.prompts("Collaboration, work, ")[0].contains("This is the last round"));
    let last = walk.prompts("Collaboration, integration: ")[0];
    assert!(last.contains("--- maker (not finished) ---"), "{last}");
    assert!(last.contains("--- on team.w.1.maker ---\ngatherer: Begin with"), "{last}");
    let again = walk.again("collaboration", json!({ "task": "A song" })).await;
    assert_eq!(again.way(), "plan work work letters integrate");
    assert!(again.asked.iter().all(|agent| !agent.prompt.contains("poster")));
}
