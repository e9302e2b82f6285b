//! What steps leave behind: as much each, however many there were before.

use super::house::{House, Script};
use crate::kit::Scene;
use crate::nodes::house::{Model, findings};
use serde_json::json;

/// Each step appends as much as it is given.
const DIARY: &str = "
name: diary
input: {type: object, required: [text, days], properties: {text: {type: string}, days: {type: integer}}}
state: {pages: {reducer: append}, n: {reducer: sum}}
output: {n: state.n}
limits: {steps: 1000}
start: write
nodes:
  write: {set: {pages: input.text, n: 1}}
edges:
  - {from: write, to: write, when: state.n < input.days}
  - {from: write, to: end, otherwise: true}
";

#[test]
fn a_late_step_leaves_no_more_than_an_early_one() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    let text = "x".repeat(100);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(DIARY), json!({"text": text, "days": 240})).await;
        assert_eq!(house.end_of(1).await.unwrap(), json!({"n": 240}));
    });
    // Four rows a step; moments are some digits longer or shorter.
    let bytes = |first: i64| {
        let sql = "SELECT sum(length(data) + length(event_type) + ifnull(length(topic), 0)
                     + ifnull(length(message_id), 0) + ifnull(length(correlation_id), 0))
                   FROM messages WHERE event_type <> 'WORKFLOW_CHECKPOINT' AND id >=
                   (SELECT id FROM messages WHERE event_type = 'NODE_STARTED' AND json_extract(data, '$.step') = ?1)
                   AND id <
                   (SELECT id FROM messages WHERE event_type = 'NODE_STARTED' AND json_extract(data, '$.step') = ?1 + 50)";
        scene.database().query_row(sql, [first], |row| row.get::<_, i64>(0)).unwrap()
    };
    let (early, late) = (bytes(101), bytes(181));
    assert!(late <= early + early / 50, "fifty steps left {early} bytes, and later {late}");
    // The text is written once; beside it, what each row says of itself.
    assert!(early / 50 < 1_000, "a step that appends 100 bytes leaves {}", early / 50);
    let twice = scene.number(&format!(
        "SELECT count(*) FROM messages WHERE instr(substr(data, instr(data, '{text}') + 100), '{text}')
         AND event_type NOT IN ('WORKFLOW_CHECKPOINT', 'START_WORKFLOW', 'WORKFLOW_STARTED')"
    ));
    let said = scene.number(
        "SELECT count(*) FROM messages WHERE event_type = 'REPORT_ITEM' AND length(data) < 50",
    );
    assert_eq!((twice, said), (0, 240));
    // The whole state is written down where what was written since is more than it four times over: ever more seldom.
    let wholes =
        scene.number("SELECT count(*) FROM messages WHERE event_type = 'WORKFLOW_CHECKPOINT'");
    assert!((1..=3).contains(&wholes), "{wholes} whole states for 24 kB");
    assert_eq!(findings(&scene), Vec::<String>::new());
}
