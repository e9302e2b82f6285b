//! The evening of workflows: three that ship, and one that is nested, parallel, looping, waiting and asking; and what all
//! evenings of workflows have in common.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cast::Cast;
use crate::world::{Client, listen};

/// What the workflows of all evenings are started from, by name.
pub(crate) const DEFINITIONS: [(&str, &str); 11] = [
    ("analysis", include_str!("../../../config/workflows/analysis.yaml")),
    ("architect", include_str!("../../../config/workflows/architect.yaml")),
    ("autoagent", include_str!("../../../config/workflows/autoagent.yaml")),
    ("codesmith", include_str!("../../../config/workflows/codesmith.yaml")),
    ("collaboration", include_str!("../../../config/workflows/collaboration.yaml")),
    ("debate", include_str!("../../../config/workflows/debate.yaml")),
    ("research", include_str!("../../../config/workflows/research.yaml")),
    ("reviewfix", include_str!("../../../config/workflows/reviewfix.yaml")),
    ("teaching", include_str!("../../../config/workflows/teaching.yaml")),
    ("tour", TOUR),
    ("stop", STOP),
];

/// Goes round until a person has had enough, and then waits for a message.
const TOUR: &str = r#"
name: tour
input: {type: object, properties: {places: {type: array, default: [mill, pier]}}}
state: {seen: {reducer: append}, said: {reducer: append}, rounds: {reducer: sum}, enough: {}, heard: {}}
limits: {steps: 30}
start: set_out
nodes:
  set_out: {set: {rounds: 1}}
  visit:
    for_each: input.places
    subgraph: {workflow: stop, input: {place: item, round: state.rounds}}
    write: {seen: output.report}
  talk: {agent: {prompt: "steady talk in round {{ state.rounds }}"}, write: {said: output}}
  ask:
    interrupt: {question: "Enough after round {{ state.rounds }}?", answer: {type: boolean}}
    write: {enough: output}
  listen: {wait: {topic: tour.bell, when: message.data.rings > 1}, write: {heard: output.data.rings}}
edges:
  - {from: set_out, to: [visit, talk]}
  - {from: [visit, talk], to: ask}
  - {from: ask, to: set_out, when: not state.enough and state.rounds < 3}
  - {from: ask, to: listen, otherwise: true}
"#;

/// One of its places.
const STOP: &str = r#"
name: stop
input: {type: object, required: [place, round], properties: {place: {type: string}, round: {type: integer}}}
state: {view: {}, report: {}}
output: {report: state.report}
start: look
nodes:
  look: {agent: {prompt: "steady look at the {{ input.place }} in round {{ input.round }}"}, write: {view: output}}
  note: {set: {report: "input.place ~ ': ' ~ state.view"}}
edges:
  - {from: look, to: note}
"#;

/// If it takes longer, something hangs.
const PATIENCE: Duration = Duration::from_mins(1);
/// So often is looked.
const PAUSE: Duration = Duration::from_millis(20);

/// Plays it all and tells who took part.
pub(crate) fn graphs(client: &Client) -> Cast {
    let orders = [
        json!({"type": "tour"}),
        json!({"type": "debate", "params": {"topic": "Tea or coffee?", "rounds": 1}}),
        json!({"type": "analysis", "params": {"topic": "Tea or coffee?", "max_parts": 2}}),
        json!({"type": "teaching", "params": {"topic": "Recursion"}}),
    ];
    played(client, orders)
}

/// The evening of letters: workers who write to each other, by calls of tools.
pub(crate) fn letters(client: &Client) -> Cast {
    let order = json!({"type": "collaboration", "params": {"task": "A poster for the fair"}});
    Cast { has_tools: true, ..played(client, [order]) }
}

/// Has these workflows run to their ends, all at once.
pub(super) fn played<const N: usize>(client: &Client, orders: [Value; N]) -> Cast {
    listen(client).unwrap();
    let begun = orders.map(|order| begin(client, order));
    let started = Instant::now();
    while !open(client).is_empty() {
        assert!(started.elapsed() < PATIENCE, "the workflows hang: {:#?}", open(client));
        attend(client);
        thread::sleep(PAUSE);
    }
    let graphs = ends(client);
    assert_eq!(graphs.len(), begun.len());
    for end in graphs.values() {
        assert_eq!(end["status"], "completed", "{end:#}");
    }
    Cast { graphs, ..Cast::default() }
}

fn begin(client: &Client, mut order: Value) -> String {
    order["runtime"] = json!("anthropic");
    let answer = client.ask("POST", "/workflows", "", &order.to_string()).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["workflow_id"].as_str().unwrap().to_owned()
}

/// Answers what is open, and rings where somebody listens for it; whoever was answered before a crash is not
/// answered twice. A call whose result was lost is to be made again.
pub(crate) fn attend(client: &Client) {
    for row in rows(client).iter().filter(|row| !ended(row)) {
        let id = text(row, "id");
        // A server that is being killed answers nothing.
        let Ok(shown) = client.get(&format!("/workflows/{id}")) else { return };
        for asked in shown.body["interrupts"].as_array().into_iter().flatten() {
            let path = format!("/workflows/{id}/interrupts/{}/answer", text(asked, "interrupt_id"));
            let said = if asked["lost_call"] == true {
                json!({"answer": {"again": true}})
            } else {
                json!({"answer": text(asked, "question") != "Enough after round 1?"})
            };
            let _refused_where_it_was_answered = client.ask("POST", &path, "", &said.to_string());
        }
        let listens = |node: &Value| node["node"] == "listen" && node["status"] == "waiting";
        if shown.body["frontier"].as_array().is_some_and(|nodes| nodes.iter().any(listens)) {
            for rings in [1, 2] {
                let bell = json!({"topic": "tour.bell", "data": {"rings": rings}});
                let _told = client.ask("POST", "/messages", "", &bell.to_string());
            }
        }
    }
}

/// How each workflow that nobody else has started has ended.
pub(crate) fn ends(client: &Client) -> BTreeMap<String, Value> {
    let roots = rows(client).into_iter().filter(|row| row["parent_id"].is_null());
    let ends = roots.map(|row| {
        let id = text(&row, "id").to_owned();
        let shown = client.get(&format!("/workflows/{id}")).unwrap().body;
        let mut end = json!({
            "status": shown["status"], "output": shown["output"], "state": shown["state"],
            "step": shown["checkpoint"],
        });
        without_order(&mut end);
        (id, end)
    });
    ends.collect()
}

/// Who publishes first, of those who work at the same time, is chance: so is where messages stand.
fn without_order(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(without_order);
            let is_message = |item: &Value| item["position"].is_i64() && item["topic"].is_string();
            if items.iter().all(is_message) {
                for item in items.iter_mut() {
                    item["position"] = Value::Null;
                }
                items.sort_by_key(Value::to_string);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(without_order),
        _ => {}
    }
}

fn open(client: &Client) -> Vec<Value> {
    let rows = rows(client).into_iter();
    rows.filter(|row| row["parent_id"].is_null() && !ended(row)).collect()
}

fn ended(row: &Value) -> bool {
    matches!(text(row, "status"), "completed" | "failed" | "cancelled")
}

fn rows(client: &Client) -> Vec<Value> {
    let Ok(answer) = client.get("/workflows?limit=100") else { return Vec::new() };
    answer.body["items"].as_array().cloned().unwrap_or_default()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}
