//! What agents, subscribers and keepers of shared state do that evening.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::cast::Cast;
use crate::world::{Answer, Client};

/// How long a message of the impatient subscription may stay unacknowledged.
const SHORT: Duration = Duration::from_millis(1_500);
/// If it takes longer, something hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was asked of a cursor or a key, in its order: from the second on, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plans {
    /// Of each subscription, where it was to stand.
    pub(crate) cursors: Vec<(String, Vec<i64>)>,
    /// Of each key, the hash of what it was to hold; `None`: nothing.
    pub(crate) states: Vec<(String, Vec<Option<String>>)>,
}

/// The first half: it ends while a message waits in vain for its acknowledgement.
pub(super) fn begin(client: &Client, cast: &mut Cast) -> i64 {
    mailbox(client, cast);
    patient(client, cast);
    let late = impatient(client);
    states(client, cast);
    late
}

/// The second half: that message is dead, and comes alive again.
pub(super) fn end(client: &Client, cast: &mut Cast, late: i64) {
    let started = Instant::now();
    let is_dead = || {
        let dead = client.get("/messages/dead?subscription=short").unwrap();
        dead.body["items"][0]["message"]["position"] == late
    };
    while !is_dead() {
        assert!(started.elapsed() < PATIENCE, "message {late} never dies");
        thread::sleep(Duration::from_millis(50));
        positions(client, "short");
    }
    assert_eq!(positions(client, "short"), [0; 0]);
    let path = format!("/messages/{late}/retry?subscription=short");
    assert_eq!(told(client, "POST", &path, &json!({})).status, 202);
    assert_eq!(positions(client, "short"), [late]);
    acknowledge(client, "short", late);
    cast.plans.cursors.push(("short".to_owned(), vec![0, late]));
}

/// An agent that is written to, and acknowledges half of it.
fn mailbox(client: &Client, cast: &mut Cast) {
    let body = json!({"id": "ada", "profile": "coder"});
    assert_eq!(told(client, "POST", "/agents", &body).status, 201);
    for text in ["the first letter", "the second letter"] {
        let letter = json!({"from": "boss", "data": text});
        assert_eq!(told(client, "POST", "/agents/ada/messages", &letter).status, 202);
    }
    let letters = client.get("/agents/ada/messages").unwrap().body;
    let first = letters["items"][0]["position"].as_i64().unwrap();
    let mailbox = letters["subscription"].as_str().unwrap();
    acknowledge(client, mailbox, first);
    cast.plans.cursors.push((mailbox.to_owned(), vec![0, first]));
}

/// A subscriber that acknowledges one after the other, and not the last.
fn patient(client: &Client, cast: &mut Cast) {
    subscribe(client, "patient", "lab.*", Duration::from_hours(1), 5);
    let first = publish(client, "lab.one", Some("once"));
    assert_eq!(first, publish(client, "lab.one", Some("once")));
    let rest = ["lab.two", "lab.three"].map(|topic| publish(client, topic, None));
    assert_eq!(positions(client, "patient"), [first, rest[0], rest[1]]);
    acknowledge(client, "patient", first);
    acknowledge(client, "patient", rest[0]);
    cast.plans.cursors.push(("patient".to_owned(), vec![0, first, rest[0]]));
}

/// One that takes a message and does not acknowledge it in time.
fn impatient(client: &Client) -> i64 {
    subscribe(client, "short", "moor.*", SHORT, 1);
    let late = publish(client, "moor.one", None);
    assert_eq!(positions(client, "short"), [late]);
    late
}

/// Two keys: one changes, one comes and goes.
fn states(client: &Client, cast: &mut Cast) {
    let documents = ["draft", "second", "last"].map(|word| json!({"words": word.repeat(700)}));
    let plan = documents.iter().map(|document| Some(put(client, "plan", document)));
    let plan = std::iter::once(None).chain(plan).collect();
    let note = vec![None, Some(put(client, "note", &documents[0])), None];
    let answer = client.ask("DELETE", "/state/note", "", "");
    assert!(answer.is_err_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof));
    assert_eq!(client.get("/state/note").unwrap().status, 404);
    cast.plans.states.extend([("plan".to_owned(), plan), ("note".to_owned(), note)]);
}

fn put(client: &Client, key: &str, document: &Value) -> String {
    let answer = told(client, "PUT", &format!("/state/{key}"), document);
    assert!([200, 201].contains(&answer.status), "{}", answer.body);
    hash(document.to_string().as_bytes())
}

/// As the journal writes it.
pub(crate) fn hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

fn subscribe(client: &Client, name: &str, topic: &str, wait: Duration, most: u32) {
    let wait = u64::try_from(wait.as_millis()).unwrap();
    let body = json!({"id": name, "subscriber": "me", "topics": [topic], "after": 0,
        "ack_wait_ms": wait, "max_deliveries": most});
    assert_eq!(told(client, "POST", "/subscriptions", &body).status, 201);
}

fn publish(client: &Client, topic: &str, key: Option<&str>) -> i64 {
    let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
    let body = json!({"topic": topic, "data": {"to": topic}}).to_string();
    let answer = client.ask("POST", "/messages", &key, &body).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["position"].as_i64().unwrap()
}

fn acknowledge(client: &Client, name: &str, upto: i64) {
    let path = format!("/subscriptions/{name}/ack");
    assert_eq!(told(client, "POST", &path, &json!({"position": upto})).status, 200);
}

/// The positions of what a subscription delivers now.
pub(crate) fn positions(client: &Client, name: &str) -> Vec<i64> {
    let answer = client.get(&format!("/subscriptions/{name}/messages?limit=100")).unwrap();
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    items.iter().map(|item| item["position"].as_i64().unwrap()).collect()
}

fn told(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    client.ask(method, path, "", &body.to_string()).unwrap()
}
