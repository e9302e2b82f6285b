//! Crashes at every commit: the same end, and nothing that was finished is done again.

use super::house::{House, Script, done};
use super::undoing;
use crate::kit::{Scene, Stage};
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::vocabulary::Position;
use callboard_actors::workflows::{Command, Event};
use serde_json::{Value, json};

/// Nested, parallel, looping, interrupting.
const WHOLE: &str = r#"
name: whole
input: {type: object, properties: {sides: {type: array, default: ["a", "b"]}}}
state: {said: {reducer: append}, rounds: {reducer: sum}, agreed: {}, checked: {}}
limits: {steps: 20}
start: [speak, check]
nodes:
  speak:
    for_each: input.sides
    agent: {prompt: "{{ item }} in round {{ state.rounds }}"}
    write: {said: output}
  check: {subgraph: {workflow: part, input: {round: state.rounds}}, write: {checked: output.double}}
  count: {set: {rounds: 1}}
  ask: {interrupt: {question: "Enough?"}, write: {agreed: output}}
edges:
  - {from: [speak, check], to: count}
  - {from: count, to: [speak, check], when: "state.rounds < 2"}
  - {from: count, to: ask, otherwise: true}
"#;

const PART: &str = r#"
name: part
input: {type: object, properties: {round: {type: integer}}}
state: {word: {}, double: {}}
start: think
nodes:
  think: {agent: {prompt: "think {{ input.round }}"}, write: {word: output}}
  twice: {set: {double: "state.word ~ state.word"}}
edges:
  - {from: think, to: twice}
"#;

const SCRIPT: Script = Script { root: WHOLE, others: &[PART] };

fn model() -> Model {
    Model::new(|work| Reply::Says(format!("<{}>", work.prompt)))
}

/// Goes on to the end.
async fn finish(stage: &Stage, model: &Model) -> (Value, Vec<String>) {
    let house = House::on(stage, model);
    house.start(SCRIPT, json!({})).await;
    let enough = house.asked("Enough?").await;
    // Answered before a crash, it is not open any more.
    let _ = house.answer(enough, json!(true)).await;
    let end = house.end_of(1).await.unwrap();
    (end, done(&house.events().await))
}

/// What a life comes to: the state, and what was done and undone.
type End = (Value, Vec<String>);

/// What came of a life, how often its model was asked, and how many of these attempts were lost.
struct Lived<T> {
    end: T,
    asked: i64,
    lost: i64,
}

fn straight<T>(model: &Model, finish: &impl AsyncFn(&Stage, &Model) -> T) -> (T, Position) {
    let scene = Scene::new();
    let end = scene.life(async |stage| finish(&stage, model).await);
    (end, scene.open().feed().head())
}

/// Cuts a life off after each of some commits, has another go on, and compares what came of it with the life that
/// nobody cut.
fn cut_everywhere<T>(
    model: fn() -> Model,
    finish: &impl AsyncFn(&Stage, &Model) -> T,
    compare: impl Fn(&Lived<T>, Lived<T>, &str),
) {
    let first = model();
    let (end, head) = straight(&first, finish);
    let asked = |model: &Model| i64::try_from(model.asked().len()).unwrap();
    let uncut = Lived { end, asked: asked(&first), lost: 0 };
    // Some of them; CALLBOARD_TEST_CUTS=all tries every one, which takes minutes.
    let stride =
        std::env::var("CALLBOARD_TEST_CUTS").map_or(11, |all| if all == "all" { 1 } else { 11 });
    for cut in (1..head).step_by(stride) {
        let (scene, model) = (Scene::new(), model());
        scene.life(async |stage| {
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= cut);
            tokio::select! {
                biased;
                _ = until => {}
                _ = finish(&stage, &model) => {}
            }
        });
        let end = scene.life(async |stage| finish(&stage, &model).await);
        let lost = scene.number("SELECT coalesce(sum(lost_count), 0) FROM processes");
        compare(&uncut, Lived { end, asked: asked(&model), lost }, &format!("cut at {cut}"));
        assert_eq!(findings(&scene), Vec::<String>::new(), "cut at {cut}");
    }
}

/// The end is the same, in whatever order things were done, and only what was lost was asked again.
fn alike(uncut: &Lived<End>, lived: Lived<End>, cut: &str) {
    let Lived { end: (end, mut done), asked, lost } = lived;
    done.sort();
    let mut expected = uncut.end.1.clone();
    expected.sort();
    assert_eq!((&end, done), (&uncut.end.0, expected), "{cut}");
    assert!(asked <= uncut.asked + lost, "{cut}: asked {asked} times, and {lost} were lost");
}

#[test]
fn whatever_was_committed_last_the_end_is_the_same_and_nothing_is_asked_twice() {
    cut_everywhere(model, &finish, alike);
}

/// Fails, and undoes what it did.
async fn fail(stage: &Stage, model: &Model) -> End {
    let house = House::on(stage, model);
    house.start(undoing::SCRIPT, json!({})).await;
    house.end_of(1).await.unwrap_err();
    taken_back(&house).await
}

#[test]
fn whatever_was_committed_last_what_a_failed_run_did_is_undone_once() {
    cut_everywhere(undoing::model, &fail, alike);
}

/// Is rolled back, goes on, is paused and goes on again, and comes to its end.
async fn roll_back(stage: &Stage, model: &Model) -> End {
    let house = House::on(stage, model);
    house.start(SCRIPT_BACK, json!({})).await;
    let sure = house.asked("Sure?").await;
    // Told again after a crash it is refused, as it is done or being done: what it says is of its time.
    let back = house.back_to(2, true, true).await;
    let _ = house.tell_as("back", back).await;
    house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
    let by = || "ada".to_owned();
    house.tell_as("resume", Command::Resume { by: by() }).await.unwrap();
    let again = house.asked_again("Sure?", &sure).await;
    let _ = house.answer(again, json!(true)).await;
    house.end_of(1).await.unwrap();
    taken_back(&house).await
}

async fn taken_back(house: &House) -> End {
    let events = house.events().await;
    let mut all = done(&events);
    all.extend(undoing::undone(&events));
    (json!(house.state().await), all)
}

const SCRIPT_BACK: Script = Script { root: BACK, others: &[undoing::TRIP] };

/// Two that can be undone, one of them deep; then a question.
const BACK: &str = r#"
name: back
state: {log: {reducer: append}, sure: {}}
start: first
nodes:
  first: {set: {log: "'first'"}, undo: not_first}
  not_first: {set: {log: "'not first'"}}
  trip: {subgraph: {workflow: trip}, write: {log: output.fun}}
  last:
    for_each: "[1, 2]"
    agent: {prompt: "last {{ item }}"}
    write: {log: output}
    undo: not_last
  not_last: {agent: {prompt: "not {{ output }}"}, write: {log: output}}
  ask: {interrupt: {question: "Sure?"}, write: {sure: output}}
edges:
  - {from: first, to: trip}
  - {from: trip, to: last}
  - {from: last, to: ask}
"#;

#[test]
fn whatever_was_committed_last_a_rollback_undoes_once_and_goes_on_from_there() {
    cut_everywhere(model, &roll_back, alike);
}

/// Three ask at once, and there is room for two; one stands under a limit of its own.
const BOUNDED: &str = r#"
name: bounded
state: {said: {reducer: append}, part: {}}
limits: {usd: 1.0, turns: 10, at_limit: ask}
start: [one, two, three]
nodes:
  one: {agent: {prompt: "one"}, write: {said: output}}
  two: {agent: {prompt: "two"}, limits: {turns: 9, seconds: 36000}, write: {said: output}}
  three: {subgraph: {workflow: part, input: {round: 1}}, write: {part: output.double}}
"#;

/// Goes on to the end; whoever asks for more is granted it.
async fn finish_bounded(stage: &Stage, model: &Model) -> (Value, Vec<String>, Value) {
    let house = House::on(stage, model);
    house.start(Script { root: BOUNDED, others: &[PART] }, json!({})).await;
    let mut asked = Vec::new();
    let end = loop {
        tokio::select! {
            end = house.end_of(1) => break end.unwrap(),
            question = house.next_question(&asked) => {
                // Answered before a crash, it is not open any more.
                let _ = house.answer(question.clone(), json!({"grant": {"usd": 1.0}})).await;
                asked.push(question);
            }
        }
    };
    let mut done = done(&house.events().await);
    done.sort();
    let budget = json!(house.budget().await);
    (end, done, budget)
}

/// How its run stands to its limits.
fn account((.., budget): &(Value, Vec<String>, Value)) -> Value {
    let lines = budget.as_array().unwrap();
    lines.iter().find(|line| line["of"] == "run 1 of bounded").unwrap().clone()
}

#[test]
fn what_was_reserved_is_settled_once_whatever_was_committed_last() {
    cut_everywhere(model, &finish_bounded, |uncut, lived, cut| {
        assert_eq!(account(&uncut.end)["spent"]["turns"], 3, "{:#}", uncut.end.2);
        let run = account(&lived.end);
        let (ended, done, budget) = &lived.end;
        assert_eq!((&ended["part"], done), (&uncut.end.0["part"], &uncut.end.1), "{cut}");
        let number = |part: &str| run[part]["turns"].as_i64().unwrap();
        assert_eq!((number("spent"), number("reserved")), (3, 0), "{cut}: {budget:#}");
        assert_eq!(run["spent"]["usd"], 1.5, "{cut}");
        // Whatever was sent is an answer, or was lost; what was let go and not sent counts as lost, too.
        assert!(lived.asked <= 3 + number("lost"), "{cut}: {} asked, {budget:#}", lived.asked);
        assert_eq!(run["lost"]["usd"], 0.5 * run["lost"]["turns"].as_f64().unwrap());
    });
}
