//! [`Talk`]: a client of `/ws/chat` that holds every frame against the schema that is published, keeps a cursor as
//! `docs/CHAT.md` says, and sees that nothing is missing and nothing comes twice.

use crate::support::{Client, Server, Socket, until};
use callboard_actors::graph::check_value;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

/// Two speak at once, then a person decides.
const TALK: &str = r#"
name: talk
input:
  type: object
  required: [topic]
  properties: { topic: { type: string }, place: { type: string, default: here } }
state: { said: { reducer: append }, verdict: {} }
output: { verdict: state.verdict, place: input.place }
start: [pro, con]
nodes:
  pro: { agent: { prompt: "speak for {{ input.topic }}" }, write: { said: output } }
  con: { agent: { prompt: "speak against {{ input.topic }}" }, write: { said: output } }
  ask: { interrupt: { question: "Who has won?", answer: { type: string, enum: [pro, con] } }, write: { verdict: output } }
edges: [ { from: [pro, con], to: ask } ]
"#;

/// Two questions at once, one of them a subgraph's.
const ASKS: &str = r#"
name: asks
input: { type: object, properties: { text: { type: string } } }
state: { a: {}, b: {} }
output: { a: state.a, b: state.b }
start: [own, inner]
nodes:
  own: { interrupt: { question: "Yes or no?", answer: { type: boolean } }, write: { a: output } }
  inner: { subgraph: { workflow: question, input: { what: "'ready'" } }, write: { b: output.verdict } }
"#;
const QUESTION: &str = r#"
name: question
input: { type: object, required: [what], properties: { what: { type: string } } }
state: { verdict: {} }
output: { verdict: state.verdict }
start: ask
nodes:
  ask: { interrupt: { question: "Are you {{ input.what }}?" }, write: { verdict: output } }
"#;

/// What is said comes back.
const ECHO: &str = r"
name: echo
input: { type: object, properties: { text: { type: string } } }
state: { said: {} }
start: a
nodes:
  a: { set: { said: input.text } }
";

/// It takes no sentences.
const NUMBER: &str = r"
name: number
input: { type: object, required: [n], properties: { n: { type: integer } } }
state: { n: {} }
start: a
nodes:
  a: { set: { n: input.n + 1 } }
";

/// A server whose home and definitions lie in a folder.
pub(super) async fn server(folder: &Path) -> Server {
    let definitions = folder.join("workflows");
    std::fs::create_dir_all(&definitions).unwrap();
    for (name, text) in
        [("talk", TALK), ("asks", ASKS), ("question", QUESTION), ("echo", ECHO), ("number", NUMBER)]
    {
        std::fs::write(definitions.join(format!("{name}.yaml")), text).unwrap();
    }
    let definitions = definitions.to_string_lossy().into_owned();
    let variables = [("CALLBOARD_WORKFLOWS__FOLDER", definitions.as_str())];
    Server::start(folder, &folder.join("home"), &variables).await
}

/// Whether a frame is what the schema says of frames of its name on this side.
pub(super) fn fits(side: &str, frame: &Value) -> Result<(), String> {
    thread_local! {
        static SCHEMA: Value = {
            let text = include_str!("../../../config/chat.schema.json");
            serde_json::from_str(text).unwrap()
        };
    }
    let op = frame["op"].as_str().unwrap_or("none");
    let schema = SCHEMA
        .with(|whole| json!({ "$ref": format!("#/$defs/{side}_{op}"), "$defs": whole["$defs"] }));
    check_value(&schema, frame)
}

/// How much was heard of a turn.
#[derive(Debug, Clone, Default, PartialEq)]
struct Turn {
    path: String,
    attempt: u64,
    offset: u64,
    is_over: bool,
}

/// A client, and what it has heard.
pub(super) struct Talk {
    pub(super) socket: Socket,
    /// What `opened` said.
    pub(super) opened: Value,
    /// The frames that have a position.
    pub(super) frames: Vec<Value>,
    /// What models said, by process and attempt.
    pub(super) words: BTreeMap<(String, u64), String>,
    turns: BTreeMap<String, Turn>,
    /// What came while an answer was waited for.
    meanwhile: VecDeque<Value>,
}

impl Talk {
    /// Opens a thread.
    pub(super) async fn open(client: &Client, wish: Value) -> Self {
        let mut socket = connected(client).await;
        let opened = say_open(&mut socket, wish).await;
        assert_eq!(opened["op"], "opened", "{opened}");
        Self {
            socket,
            opened,
            frames: Vec::new(),
            words: BTreeMap::new(),
            turns: BTreeMap::new(),
            meanwhile: VecDeque::new(),
        }
    }

    /// The thread.
    pub(super) fn id(&self) -> String {
        self.opened["workflow_id"].as_str().unwrap().to_owned()
    }

    /// Comes back after its connection or its server broke, where it was.
    pub(super) async fn reopen(&mut self, client: &Client) {
        let after = self.frames.last().map_or(0, |frame| frame["position"].as_u64().unwrap());
        let under_way = self.turns.iter().filter(|(_, turn)| !turn.is_over);
        let streams: Vec<_> = under_way
            .map(|(process, turn)| {
                json!({ "process": process, "path": turn.path, "attempt": turn.attempt, "offset": turn.offset })
            })
            .collect();
        let wish = json!({
            "workflow_id": self.id(), "workflow": self.opened["workflow"], "after": after,
            "epoch": self.opened["epoch"], "streams": streams,
        });
        self.socket = connected(client).await;
        self.opened = say_open(&mut self.socket, wish).await;
        assert_eq!(self.opened["op"], "opened", "{}", self.opened);
    }

    /// Says something that the schema knows.
    pub(super) async fn say(&mut self, frame: Value) {
        fits("client", &frame).unwrap_or_else(|error| panic!("{error}: {frame}"));
        self.socket.say(frame).await;
    }

    /// Says something and hears whether it was taken; what else comes meanwhile is kept.
    pub(super) async fn ask(&mut self, frame: Value) -> Value {
        let id = frame["id"].clone();
        self.say(frame).await;
        loop {
            let heard = self.hear().await;
            if heard["id"] == id && (heard["op"] == "accepted" || heard["op"] == "error") {
                return heard;
            }
            self.meanwhile.push_back(heard);
        }
    }

    /// The same, where it is taken.
    pub(super) async fn tell(&mut self, frame: Value) -> Value {
        let answer = self.ask(frame).await;
        assert_eq!(answer["op"], "accepted", "{answer}");
        answer
    }

    /// Hears until a frame is the one that is waited for.
    pub(super) async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let heard = match self.meanwhile.pop_front() {
                Some(heard) => heard,
                None => self.hear().await,
            };
            if is_it(&heard) {
                return heard;
            }
        }
    }

    /// Hears until one of this name.
    pub(super) async fn until_op(&mut self, op: &str) -> Value {
        self.until(|heard| heard["op"] == op).await
    }

    /// The next frame, which fits the schema and comes in its turn.
    pub(super) async fn hear(&mut self) -> Value {
        let heard = self.socket.hear().await;
        fits("server", &heard).unwrap_or_else(|error| panic!("{error}: {heard}"));
        self.take(&heard);
        heard
    }

    fn take(&mut self, heard: &Value) {
        let process = heard["process"].as_str().unwrap_or_default().to_owned();
        if heard["op"] == "token" {
            return self.take_words(process, heard);
        }
        let Some(position) = heard["position"].as_u64() else { return };
        let last = self.frames.last().map_or(0, |frame| frame["position"].as_u64().unwrap());
        assert!(position > last, "{position} came behind {last}: {heard}");
        self.frames.push(heard.clone());
        if heard["op"] == "turn" {
            let path = heard["path"].as_str().unwrap().to_owned();
            self.turns.insert(process, Turn { path, attempt: 1, ..Turn::default() });
        } else if heard["op"] == "cost" {
            self.turns.entry(process).or_default().is_over = true;
        }
    }

    fn take_words(&mut self, process: String, heard: &Value) {
        let number = |name: &str| heard[name].as_u64().unwrap();
        let turn = self.turns.get_mut(&process).expect("a turn is told before its words");
        assert!(!turn.is_over, "its words come before what it took: {heard}");
        if number("attempt") > turn.attempt {
            (turn.attempt, turn.offset) = (number("attempt"), 0);
        }
        assert_eq!((turn.attempt, turn.offset), (number("attempt"), number("offset")), "{heard}");
        let text = heard["text"].as_str().unwrap();
        assert_eq!(turn.offset + text.len() as u64, number("next_offset"), "{heard}");
        turn.offset = number("next_offset");
        self.words.entry((process, turn.attempt)).or_default().push_str(text);
    }

    /// Hears until the thread's newest run has ended; that frame.
    pub(super) async fn end(&mut self) -> Value {
        self.until_op("run_ended").await
    }

    /// The names of the frames, in order, of those that these are.
    pub(super) fn ops(&self, wanted: &[&str]) -> Vec<&str> {
        let ops = self.frames.iter().map(|frame| frame["op"].as_str().unwrap());
        ops.filter(|op| wanted.contains(op)).collect()
    }
}

/// A connection.
pub(super) async fn connected(client: &Client) -> Socket {
    let path = format!("/ws/chat?token={}", client.token);
    Socket::try_open(client, &path, None).await.unwrap()
}

async fn say_open(socket: &mut Socket, mut wish: Value) -> Value {
    wish["op"] = "open".into();
    fits("client", &wish).unwrap_or_else(|error| panic!("{error}: {wish}"));
    socket.say(wish).await;
    let heard = socket.hear().await;
    fits("server", &heard).unwrap_or_else(|error| panic!("{error}: {heard}"));
    heard
}

/// A message with these words.
pub(super) fn message(id: &str, text: &str) -> Value {
    json!({ "op": "message", "id": id, "text": text })
}

/// Waits until a workflow has a status.
pub(super) async fn reach(client: &Client, id: &str, status: &str) {
    until(&format!("{id} becomes {status}"), || async {
        let (_, workflow) = client.get(&format!("/workflows/{id}")).await;
        (workflow["status"] == status).then_some(())
    })
    .await;
}
