//! `debate`.

use serde_json::json;

use super::walk::Walk;

const AI: &str = "Is AI consciousness possible?";

#[tokio::test(start_paused = true)]
async fn the_usual_one_has_two_models_two_rounds_and_a_judge() {
    let walk = Walk::of("debate", json!({ "topic": AI })).await;
    assert_eq!(
        walk.way(),
        "initialize_agents opening_statements rebuttal_round rebuttal_round closing_statements \
         generate_summary"
    );
    let models: Vec<_> = walk.asked.iter().map(|agent| agent.model.as_deref().unwrap()).collect();
    assert_eq!(models.join(" "), "opus sonnet opus sonnet opus sonnet opus sonnet opus");
    assert_eq!(walk.output["winner"], "Ada");
    assert_eq!(walk.output["statements"].as_array().unwrap().len(), 8);
    let written = walk.output["statements"].to_string();
    assert!(!written.contains("(Scripted"), "the statements are written down for this one");
}

#[tokio::test(start_paused = true)]
async fn whoever_rebuts_has_read_what_was_said_before_and_nothing_of_the_same_round() {
    let walk = Walk::of("debate", json!({ "topic": "Tea\nor coffee?" })).await;
    let second = walk.prompts("Debate, rebuttal round 2 of 2: Tea\nor coffee?\nYou are Ben");
    assert_eq!(second.len(), 1);
    for said in ["Ada (for), opening statement", "Ben (against), rebuttal round 1"] {
        assert_eq!(second[0].matches(&format!("--- {said} ---")).count(), 1, "{said}");
    }
    assert!(!second[0].contains("rebuttal round 2 ---"), "{}", second[0]);
    let verdict = walk.prompts("Debate, verdict: ");
    assert!(verdict[0].contains("The debaters were Ada (for), Ben (against).\n"), "{}", verdict[0]);
    assert_eq!(verdict[0].matches(" ---\n").count(), 8 + 1, "{}", verdict[0]);
}

#[tokio::test(start_paused = true)]
async fn sides_names_models_and_rounds_are_the_askers() {
    let input = json!({
        "topic": "Which is best?", "positions": ["tabs", "spaces", "neither"], "names": ["Xi"],
        "models": ["a", "b", "c", "d"], "rounds": 0, "judge": "e",
    });
    let walk = Walk::of("debate", input).await;
    assert_eq!(
        walk.way(),
        "initialize_agents opening_statements closing_statements generate_summary"
    );
    let said = walk.output["statements"].as_array().unwrap().iter();
    let said: Vec<_> = said
        .take(4)
        .map(|it| format!("{} {} {}", it["name"], it["position"], it["model"]).replace('"', ""))
        .collect();
    assert_eq!(
        said,
        ["Xi tabs a", "Debater 2 spaces b", "Debater 3 neither c", "Debater 4 tabs d"]
    );
    let opening = walk.prompts("Debate, opening statement: Which is best?\nYou are Debater 2");
    assert!(opening[0].contains("with Xi (tabs), Debater 3 (neither), Debater 4 (tabs), before"));
    assert_eq!(walk.asked.last().unwrap().model.as_deref(), Some("e"));
    assert_eq!(walk.output["scores"].as_array().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_run_begins_anew() {
    let first = Walk::of("debate", json!({ "topic": AI, "models": ["a", "b", "c"] })).await;
    let again = first.again("debate", json!({ "topic": "And now?" })).await;
    assert_eq!(again.steps.len(), first.steps.len());
    assert_eq!(again.asked.len(), 9);
    assert!(again.asked.iter().all(|agent| !agent.prompt.contains("consciousness")));
    assert_eq!(again.output["statements"].as_array().unwrap().len(), 8);
}
