//! Tools: what models call, what they are told of it, and that nothing that has ended is called again, whatever falls.

use super::house::{House, Model, Reply, findings, free, output};
use crate::kit::Scene;
use callboard_actors::graph::Agent;
use callboard_actors::nodes::{self, FailureKind, Outcome};
use callboard_actors::processes::{OnLost, Work};
use callboard_actors::tools::ToolResult;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// An agent with the whole bench.
fn handy() -> Agent {
    let tools = ["broken", "echo", "large", "once", "once_slow", "slow"];
    Agent { tools: tools.map(Into::into).into(), max_turns: 16, ..free() }
}

/// A model that makes these calls, turn by turn, and then says what it was told last.
fn calling(turns: &'static [&'static [(&'static str, &'static str)]]) -> Model {
    Model::new(move |work: &Work| match turns.get(work.history.len()) {
        Some(calls) => Reply::Calls(calls),
        None => {
            Reply::Says(work.results.iter().map(ToolResult::text).collect::<Vec<_>>().join("; "))
        }
    })
}

fn life<T>(model: &Model, work: impl AsyncFnOnce(House) -> T) -> T {
    let scene = Scene::new();
    let result = scene.life(async |stage| work(House::on(&stage, model)).await);
    assert_eq!(findings(&scene), Vec::<String>::new());
    result
}

#[test]
fn a_model_calls_tools_until_it_has_an_answer() {
    let model = calling(&[
        &[("echo", r#"{"text": "a"}"#), ("once", r#"{"text": "b"}"#)],
        &[("echo", r#"{"text": "c"}"#)],
    ]);
    life(&model, async |house| {
        let outcome = house.carry_out("worker", &handy()).await;
        assert_eq!(*output(&outcome), json!(r#"{"said":"c"}"#));
        let Outcome::Completed { metrics, .. } = outcome else { unreachable!() };
        assert_eq!(metrics.turns, 3);
        let all = house.journal.messages(None, 0, 1_000).await.unwrap().items;
        let place = |topic: &str| {
            let found = all.iter().filter(|message| message.topic.as_deref() == Some(topic));
            found.map(|message| message.position).collect::<Vec<_>>()
        };
        let (called, results) = (place("claude.tool.called"), place("claude.tool.result"));
        assert_eq!((called.len(), results.len()), (3, 3));
        let answered = all.iter().find(|message| message.event_type == "NODE_TURN_ANSWERED");
        let answered = answered.unwrap().position;
        assert_eq!(called[..2], [answered + 1, answered + 2], "one commit with the answer");
    });
    assert_eq!(
        model.asked(),
        ["0 Who is right?", r#"1 {"said":"a"}, {"said":"b"}"#, r#"2 {"said":"c"}"#,],
        "each turn is told what those before it called, and only that"
    );
    let names = model.bench.names();
    // Calls of one answer begin in any order.
    let first: BTreeSet<_> = names[..2].iter().map(String::as_str).collect();
    assert_eq!(first, ["echo a", "once b"].into());
    assert_eq!(names[2..], ["echo c"]);
}

#[test]
fn the_line_of_a_session_keeps_what_was_called_and_told() {
    let model = calling(&[&[("echo", r#"{"text": "a"}"#)]]);
    let scene = Scene::new();
    scene.life(async |stage| {
        House::on(&stage, &model).carry_out("worker", &handy()).await;
    });
    let folder = scene.home().root().join("claude_logs");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| !path.ends_with("latest.jsonl")).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let call = json!([{ "id": "0-0", "name": "echo", "arguments": { "text": "a" } }]);
    let told = json!([{ "id": "0-0", "name": "echo", "content": { "said": "a" } }]);
    assert_eq!((&lines[0]["tool_calls"], &lines[0]["tool_results"]), (&call, &Value::Null));
    assert_eq!((&lines[1]["tool_calls"], &lines[1]["tool_results"]), (&Value::Null, &told));
    assert_eq!(lines[0]["tools"], lines[1]["tools"], "they were given the same");
}

#[test]
fn what_goes_wrong_with_a_call_is_told_to_the_model_and_is_no_failure() {
    let model = calling(&[&[
        ("broken", r#"{"text": "a"}"#),
        ("ecco", r#"{"text": "a"}"#),
        ("echo", r#"{"txt": "a"}"#),
        ("echo", r#""no object""#),
    ]]);
    let outcome = life(&model, async |house| house.carry_out("worker", &handy()).await);
    let told = output(&outcome).as_str().unwrap();
    let told: Vec<&str> = told.split("; ").collect();
    assert_eq!(told[0], "it is broken: use another");
    assert_eq!(told[1], "there is no tool \"ecco\": did you mean echo?");
    assert!(told[2].starts_with("the arguments of echo do not fit its schema:"), "{told:?}");
    assert!(told[3].starts_with("the arguments of echo do not fit its schema:"), "{told:?}");
    assert_eq!(model.bench.names(), ["broken a"]);
}

#[test]
fn what_is_large_lies_in_a_file_and_is_told_whole() {
    let model = calling(&[&[("large", r#"{"text": "x"}"#)]]);
    life(&model, async |house| {
        let agent = Agent { output: Some(json!({ "type": "string" })), ..handy() };
        house.carry_out("worker", &agent).await;
        let all = house.journal.messages(None, 0, 1_000).await.unwrap().items;
        let result = all.iter().find(|message| message.event_type == "TOOL_RESULT").unwrap();
        assert!(result.data.get().len() < 1_000, "{}", result.data);
    });
    assert_eq!(model.asked()[1].len(), 20_000 + 2);
}

#[test]
fn who_calls_for_ever_is_out_of_turns() {
    let model = Model::new(|_| Reply::Calls(&[("echo", r#"{"text": "a"}"#)]));
    let agent = Agent { max_turns: 3, ..handy() };
    let outcome = life(&model, async |house| house.carry_out("worker", &agent).await);
    let Outcome::Failed { kind, error, metrics } = outcome else { panic!("{outcome:?}") };
    assert_eq!((kind, metrics.turns), (FailureKind::OutOfTurns, 3));
    assert!(error.contains("raise max_turns"), "{error}");
    assert_eq!(model.bench.begun().len(), 2, "what it called last nobody would have been told");
}

#[test]
fn who_is_to_have_a_tool_that_is_not_there_asks_nobody() {
    let model = Model::saying("Both.");
    let agent = Agent { tools: vec!["ecco".into()], ..handy() };
    let outcome = life(&model, async |house| house.carry_out("worker", &agent).await);
    let Outcome::Failed { kind, error, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(kind, FailureKind::NoSuchTool);
    assert_eq!(error, "there is no tool \"ecco\": did you mean echo?");
    assert!(model.asked().is_empty());
}

#[test]
fn who_is_to_have_tools_of_a_runtime_that_runs_a_program_asks_nobody() {
    let model = Model::saying("Both.");
    let agent = Agent { runtime: Some("program".into()), ..handy() };
    let outcome = life(&model, async |house| house.carry_out("worker", &agent).await);
    let Outcome::Failed { kind, error, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(kind, FailureKind::NoSuchTool);
    assert_eq!(
        error,
        "the runtime \"program\" runs a program, which cannot be given tools: choose one of scripted"
    );
    assert!(model.asked().is_empty());
}

#[test]
fn calls_of_a_node_that_is_stopped_are_given_up() {
    let model = calling(&[&[("slow", r#"{"text": "a"}"#), ("echo", r#"{"text": "b"}"#)]]);
    life(&model, async |house| {
        let (name, carried) = house.begin("worker", &handy()).await;
        model.bench.until_begun(2).await;
        while house.row(&name).await["status"] != "calling" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let stopped = nodes::stop(&house.nodes, &name, "ann").await.unwrap();
        let Outcome::Failed { kind, metrics, .. } = &stopped else { panic!("{stopped:?}") };
        assert_eq!((*kind, metrics.turns), (FailureKind::Cancelled, 1), "the turn was paid for");
        assert_eq!(carried.await.unwrap(), stopped);
    });
    assert_eq!(model.asked().len(), 1);
}

#[test]
fn a_call_that_may_be_repeated_is_made_again_with_its_id_and_one_that_has_ended_is_not() {
    let (scene, model) =
        (Scene::new(), calling(&[&[("echo", r#"{"text": "a"}"#), ("slow", r#"{"text": "b"}"#)]]));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let _begun = house.begin("worker", &handy()).await;
        stage.heard("claude.tool.result").await;
        model.bench.until_begun(2).await;
    });
    model.bench.let_go();
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let outcome = house.carry_out("worker", &handy()).await;
        assert_eq!(*output(&outcome), json!(r#"{"said":"a"}; b, at last"#));
    });
    // Calls of one answer begin in any order.
    let mut begun: Vec<_> = model.bench.names().into_iter().zip(model.bench.begun()).collect();
    begun.sort();
    let names: Vec<_> = begun.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["echo a", "slow b", "slow b"]);
    assert_eq!(begun[1], begun[2], "it has the same id");
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_call_that_may_not_be_repeated_and_was_lost_fails_its_node_and_is_not_made_again() {
    let (scene, model) = (Scene::new(), calling(&[&[("once_slow", r#"{"text": "a"}"#)]]));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let _begun = house.begin("worker", &handy()).await;
        model.bench.until_begun(1).await;
    });
    model.bench.let_go();
    scene.life(async |stage| {
        let outcome = House::on(&stage, &model).carry_out("worker", &handy()).await;
        let Outcome::Failed { kind, error, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(kind, FailureKind::Indeterminate);
        assert!(error.starts_with("the tool once_slow was called with {"), "{error}");
        assert!(error.contains("(turn 1, call 0)"), "{error}");
    });
    assert_eq!(model.bench.names(), ["once_slow a"]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn calls_go_on_when_the_nodes_hosts_are_started_anew() {
    let model = calling(&[&[("slow", r#"{"text": "a"}"#)]]);
    life(&model, async |mut house| {
        let (_, carried) = house.begin("worker", &handy()).await;
        model.bench.until_begun(1).await;
        house.end_nodes().await;
        house.start_nodes(OnLost::Retry);
        model.bench.until_begun(2).await;
        model.bench.let_go();
        assert_eq!(*output(&carried.await.unwrap()), json!("a, at last"));
    });
}

/// Everything falls when the journal has come to `head`; the next life has it carried out. Says how many messages
/// there were when it fell.
fn fall_at(head: i64) -> i64 {
    let (scene, model) = (
        Scene::new(),
        calling(&[
            &[("echo", r#"{"text": "a"}"#), ("once", r#"{"text": "b"}"#)],
            &[("echo", r#"{"text": "c"}"#)],
        ]),
    );
    let fell_at = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let (_, carried) = house.begin("worker", &handy()).await;
        let mut grown = house.journal.feed().watch();
        while house.journal.feed().head() < head && !carried.is_finished() {
            tokio::select! {
                changed = grown.changed() => changed.unwrap(),
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
            }
        }
        house.journal.feed().head()
    });
    let before = recorded(&scene);
    let outcome =
        scene.life(async |stage| House::on(&stage, &model).carry_out("worker", &handy()).await);
    assert_eq!(findings(&scene), Vec::<String>::new(), "fallen at {head}");
    let begun = model.bench.names();
    let count = |name: &str| begun.iter().filter(|line| *line == name).count();
    assert!(count("once b") <= 1, "fallen at {head}: {begun:?}");
    for name in ["echo a", "echo c"] {
        let again = count(name) > 1;
        assert!(!again || !before.contains(&name.to_owned()), "fallen at {head}: {name} had ended");
    }
    match outcome {
        Outcome::Completed { .. } => {
            assert_eq!(*output(&outcome), json!(r#"{"said":"c"}"#), "fallen at {head}");
        }
        Outcome::Failed { kind, .. } => {
            assert_eq!(kind, FailureKind::Indeterminate, "fallen at {head}");
            assert!(!before.contains(&"once b".to_owned()), "fallen at {head}: it had ended");
        }
    }
    fell_at
}

/// The calls whose results are on record, as the bench writes them.
fn recorded(scene: &Scene) -> Vec<String> {
    let calls = [("echo a", 1, 0), ("once b", 1, 1), ("echo c", 2, 0)];
    let has = |turn: u32, index: u32| {
        let sql = format!(
            "SELECT count(*) FROM messages WHERE event_type = 'TOOL_RESULT' \
             AND data ->> 'turn' = {turn} AND data ->> 'index' = {index}"
        );
        scene.number(&sql) > 0
    };
    let ended = calls.into_iter().filter(|(_, turn, index)| has(*turn, *index));
    ended.map(|(name, ..)| name.to_owned()).collect()
}

#[test]
fn wherever_it_falls_nothing_that_has_ended_is_called_again() {
    let mut head = 1;
    let mut states = 0;
    while fall_at(head) >= head {
        states += 1;
        head += 1;
    }
    assert!(states > 30, "there were only {states} places to fall at");
}
