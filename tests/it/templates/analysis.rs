//! `analysis`.

use serde_json::json;

use super::walk::Walk;

#[tokio::test(start_paused = true)]
async fn parts_are_analysed_at_once_criticised_and_put_together() {
    let walk = Walk::of("analysis", json!({ "topic": "Why \"so\"?" })).await;
    assert_eq!(walk.way(), "split analyse critique synthesise");
    assert_eq!(walk.prompts("Analysis, part ").len(), 3);
    assert!(walk.output["report"].as_str().unwrap().starts_with("# Why \"so\"?"));
    let last = walk.prompts("Analysis, synthesis: ")[0];
    assert!(last.contains("--- What follows ---\n(Scripted"), "{last}");
    assert!(last.contains("- major, in \"What is known\": It names no fact"), "{last}");
    assert!(last.contains("- missing: Everything"), "{last}");
}

#[tokio::test(start_paused = true)]
async fn material_is_shown_where_it_counts_and_parts_are_bounded() {
    let input = json!({ "topic": "Why?", "material": "42 of 100.", "max_parts": 2, "model": "m" });
    let walk = Walk::of("analysis", input).await;
    assert_eq!(walk.prompts("Analysis, part ").len(), 2);
    let shown = walk.asked.iter().filter(|agent| agent.prompt.contains("42 of 100.")).count();
    assert_eq!(shown, 4, "all but the synthesis, which rests on the analyses");
    assert!(walk.asked.iter().all(|agent| agent.model.as_deref() == Some("m")));
    let without = Walk::of("analysis", json!({ "topic": "Why?" })).await;
    assert!(without.asked.iter().all(|agent| !agent.prompt.contains("--- material")));
    let models: Vec<_> = without.asked.iter().filter_map(|agent| agent.model.clone()).collect();
    assert_eq!(models, ["sonnet", "sonnet", "sonnet", "sonnet", "opus", "sonnet"]);
}
