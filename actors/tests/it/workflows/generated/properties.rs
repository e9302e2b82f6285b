//! What holds of any workflow.
//!
//! ```sh
//! CALLBOARD_TEST_GRAPHS=2000 cargo test -p callboard-actors --test it generated   # many of them; else few
//! ```

use super::blocks::chain;
use super::play::{Sample, Straight};
use crate::kit::Scene;
use crate::nodes::house::findings;
use callboard_actors::workflows::Event;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many workflows for each property.
fn config(usual: u32) -> ProptestConfig {
    let cases = std::env::var("CALLBOARD_TEST_GRAPHS");
    let cases =
        cases.map_or(usual, |text| text.parse().expect("CALLBOARD_TEST_GRAPHS is a number"));
    ProptestConfig { cases, max_shrink_iters: 100, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(10))]

    #[test]
    fn in_whichever_order_models_and_people_answer_the_end_is_the_same(
        chain in chain(), one in 0..1_000_u64, other in 1_000..2_000_u64,
    ) {
        let sample = Sample::of(&chain);
        let (first, second) = (sample.straight(one), sample.straight(other));
        prop_assert_eq!(&first.end, &second.end, "{}", sample.script.root);
        prop_assert_eq!(first.asked, second.asked);
        joins_fire_when_all_have_come(sample.script.root, &first);
        joins_fire_when_all_have_come(sample.script.root, &second);
    }

    #[test]
    fn wherever_it_is_cut_it_ends_as_a_straight_run(
        chain in chain(), share in 0..1_000_i64, seeds in [0..1_000_u64, 1_000..2_000],
    ) {
        let sample = Sample::of(&chain);
        let straight = sample.straight(seeds[0]);
        let (scene, at) = (Scene::new(), 1 + straight.head * share / 1_000);
        let (end, asked) = sample.cut(&scene, at, seeds);
        prop_assert_eq!(&end, &straight.end, "cut at {}: {}", at, sample.script.root);
        let lost = scene.number("SELECT coalesce(sum(lost_count), 0) FROM processes");
        let lost = usize::try_from(lost).unwrap();
        prop_assert!(asked <= straight.asked + lost, "cut at {}: asked {} times", at, asked);
        prop_assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(config(2))]

    #[test]
    fn a_fork_from_any_checkpoint_however_deep_ends_as_a_straight_run(
        chain in chain(), seed in 0..1_000_u64,
    ) {
        let sample = Sample::of(&chain);
        let (straight, forks) = sample.forked(seed);
        prop_assert!(!forks.is_empty());
        for (at, end) in forks {
            prop_assert_eq!(&end, &straight, "forked from {}: {}", at, sample.script.root);
        }
    }
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn in_whichever_order_questions_are_answered_and_though_it_falls_after_each_the_end_is_the_same(
        chain in chain(), seeds in [0..1_000_u64, 1_000..2_000],
    ) {
        let sample = Sample::of(&chain);
        let straight = sample.straight(seeds[0]);
        let questions = straight.events.iter().filter(|event| matches!(event, Event::Answered { .. }));
        let (scene, questions) = (Scene::new(), questions.count());
        let (end, asked, answers) = sample.answer_by_answer(&scene, seeds[1]);
        prop_assert_eq!(&end, &straight.end, "{}", sample.script.root);
        prop_assert!(answers >= questions, "{answers} answers to {questions} questions");
        let lost = scene.number("SELECT coalesce(sum(lost_count), 0) FROM processes");
        let lost = usize::try_from(lost).unwrap();
        prop_assert!(asked <= straight.asked + lost, "asked {asked} times, not {}", straight.asked);
        prop_assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

/// The targets of a join begin in the step after the one with which the last of its sources has come, and never
/// else; then its sources have to come anew.
fn joins_fire_when_all_have_come(root: &str, straight: &Straight) {
    let root: Value = serde_json::from_str(root).unwrap();
    let steps = steps(&straight.events);
    for edge in root["edges"].as_array().unwrap() {
        let Some(sources) = edge["from"].as_array() else { continue };
        let sources: BTreeSet<_> = sources.iter().map(|name| name.as_str().unwrap()).collect();
        let target = edge["to"].as_str().unwrap();
        let mut come = BTreeSet::new();
        for (now, next) in steps.iter().zip(&steps[1..]) {
            come.extend(now.iter().copied().filter(|node| sources.contains(node)));
            let is_complete = come.len() == sources.len();
            assert_eq!(next.contains(target), is_complete, "{target} behind {come:?} in {steps:?}");
            if is_complete {
                come.clear();
            }
        }
    }
}

/// The nodes of each step.
fn steps(events: &[Event]) -> Vec<BTreeSet<&str>> {
    let mut steps: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for event in events {
        if let Event::NodeStarted { step, node, .. } = event {
            steps.entry(*step).or_default().insert(node);
        }
    }
    steps.into_values().collect()
}
