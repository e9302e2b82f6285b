//! The evening of processes, from a client's seat.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::bus;
use super::cast::{Cast, Fate, Part, called, in_shim, of_agent, replayed};
use crate::world::{Client, answer_to, listen};

const PATIENCE: Duration = Duration::from_mins(1);

/// Plays it all and tells who took part.
pub(crate) fn processes(client: &Client) -> Cast {
    let mut cast = Cast::default();
    listen(client).unwrap();
    let slow = cast.enter(client, &called("slow to speak", "slow"), Fate::Cancelled);
    for line in ["turn one", "turn two"] {
        cast.enter(client, &replayed(line, "talk"), Fate::Answered);
    }
    cast.enter(client, &called("steady three", "talk"), Fate::Answered);
    cast.enter(client, &replayed("stumble on the stairs", "stairs"), Fate::Answered);
    cast.enter(client, &called("flaky line", "line"), Fate::Answered);
    let hopeless = cast.enter(client, &called("hopeless case", "case"), Fate::Redriven);
    let behind = cast.enter(client, &replayed("turn that never comes", "slow"), Fate::Cancelled);
    order(client, &behind, "cancel");
    wait_for(client, |rows| status(rows, &slow) == "RUNNING");
    order(client, &slow, "cancel");
    let late = bus::begin(client, &mut cast);
    shims(client, &mut cast);
    wait_for(client, |rows| status(rows, &hopeless) == "DEAD");
    order(client, &hopeless, "retry");
    encore(client, &mut cast);
    bus::end(client, &mut cast, late);
    wait_for(client, |rows| rows.iter().all(is_over));
    cast
}

/// Attempts that outlive the server: one that asks the API, one whose program does, and one that is stopped.
fn shims(client: &Client, cast: &mut Cast) {
    let stopped = in_shim("program", "slow program", "stopped");
    let stopped = cast.enter(client, &stopped, Fate::Cancelled);
    cast.enter(client, &in_shim("kept", "steady and kept", "kept"), Fate::Answered);
    cast.enter(client, &in_shim("program", "flaky program", "program"), Fate::Answered);
    cast.enter(client, &of_agent("ada", replayed("turn of ada", "ada")), Fate::Answered);
    wait_for(client, |rows| status(rows, &stopped) == "RUNNING");
    order(client, &stopped, "cancel");
}

/// The same key twice is the same process once; and a second round for the same sessions.
fn encore(client: &Client, cast: &mut Cast) {
    let order = replayed("turn once", "once");
    let first = spawn(client, Some("encore"), &order);
    assert_eq!(first, spawn(client, Some("encore"), &order));
    cast.parts.push(Part::new(first, &order, Fate::Answered));
    cast.enter(client, &called("steady four", "talk"), Fate::Answered);
    cast.enter(client, &replayed("turn five", "talk"), Fate::Answered);
}

impl Cast {
    fn enter(&mut self, client: &Client, order: &Value, fate: Fate) -> String {
        let process = spawn(client, None, order);
        self.parts.push(Part::new(process.clone(), order, fate));
        process
    }
}

impl Part {
    pub(crate) fn new(process: String, order: &Value, fate: Fate) -> Self {
        let prompt = order["prompt"].as_str().unwrap().to_owned();
        let answer = (order["runtime"] != "replay").then(|| answer_to(&prompt));
        Self { process, key: prompt.clone(), prompt, answer, fate }
    }
}

fn spawn(client: &Client, key: Option<&str>, order: &Value) -> String {
    let answer = client.spawn(key, order).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["process_id"].as_str().unwrap().to_owned()
}

fn order(client: &Client, process: &str, what: &str) {
    let answer = client.post(&format!("/processes/{process}/{what}")).unwrap();
    assert_eq!(answer.status, 202, "{what}: {}", answer.body);
}

fn wait_for(client: &Client, is_so: impl Fn(&[Value]) -> bool) {
    let started = Instant::now();
    loop {
        let answer = client.get("/processes?limit=100").unwrap();
        if is_so(answer.body["items"].as_array().unwrap()) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "the scenario hangs: {:#}", answer.body);
        thread::sleep(Duration::from_millis(20));
    }
}

fn status<'a>(rows: &'a [Value], process: &str) -> &'a str {
    let row = rows.iter().find(|row| row["id"] == process);
    row.and_then(|row| row["status"].as_str()).unwrap_or_default()
}

/// It has ended and its prompt is archived.
fn is_over(row: &Value) -> bool {
    let has_ended = matches!(row["status"].as_str(), Some("COMPLETED" | "CANCELLED"));
    has_ended && row["prompt_file"].as_str().unwrap_or_default().starts_with("prompts/archive/")
}
