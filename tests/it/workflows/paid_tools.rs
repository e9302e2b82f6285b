//! Tools that ask others who are paid, in workflows with limits: a search at a server that plays Perplexity.

use crate::support::{Server, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Answers each question with the same, once it may, and counts what it is asked.
struct Sonar {
    url: String,
    asked: Arc<AtomicUsize>,
    is_silent: Arc<AtomicBool>,
}

/// 10 tokens in and 20 out, by the list price of sonar, and 0.012 for the request.
const ANSWER: &str = r#"data: {"id":"1","model":"sonar","choices":[{"index":0,"delta":{"content":"found"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30},"search_results":[{"title":"A","url":"https://a.example/"}]}

data: [DONE]

"#;

impl Sonar {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, is_silent) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (count, silent) = (Arc::clone(&asked), Arc::clone(&is_silent));
        std::thread::spawn(move || {
            // Connections that get no answer are held open.
            let mut held = Vec::new();
            for stream in listener.incoming().map(Result::unwrap) {
                held.extend(answer(stream, &count, &silent));
            }
        });
        Self { url, asked, is_silent }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Answers one request; gives the connection back if it is to wait.
fn answer(mut stream: TcpStream, asked: &AtomicUsize, silent: &AtomicBool) -> Option<TcpStream> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    // The question's end is the end of its JSON.
    while !text.ends_with(b"}") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.extend_from_slice(&piece[..count]),
        }
    }
    asked.fetch_add(1, Ordering::SeqCst);
    if silent.load(Ordering::SeqCst) {
        return Some(stream);
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    // Whoever has gone needs no answer.
    let _ = stream.write_all(format!("{head}{ANSWER}").as_bytes());
    None
}

const SEARCHES: &str = r#"
name: searches
state: { first: {}, said: {}, log: { reducer: append } }
start: node
limits: { usd: LIMIT, tokens: 100000, turns: 2 }
nodes:
  node: { tool: { name: perplexity_search, with: { query: "'who?'" } }, write: { first: output } }
  agent: { agent: { prompt: "Search for it.", tools: [perplexity_search] }, write: { said: output } }
edges:
  - { from: node, to: agent }
"#;

const SCRIPT: &str = r#"
name: an agent who searches
answers:
  - match: { prompt_equals: Search for it., has_tool_results: false }
    tool_calls: [{ name: perplexity_search, arguments: { query: "and who else?" } }]
  - { match: { prompt_equals: Search for it., has_tool_results: true }, template: "{{ results | tojson }}" }
"#;

async fn server(folder: &Path, sonar: &Sonar) -> Server {
    let rules = folder.join("rules.yaml");
    fs::write(
        &rules,
        "version: 1\ndefault: {can_web_search: true}\nnodes: {can_web_search: true}\n",
    )
    .unwrap();
    let variables = [
        ("CALLBOARD_RULES__FILE", rules.to_str().unwrap()),
        ("CALLBOARD_RUNTIMES__PERPLEXITY__BASE_URL", sonar.url.as_str()),
        ("PERPLEXITY_API_KEY", "pplx-1"),
    ];
    fs::create_dir_all(folder.join("replay")).unwrap();
    fs::write(folder.join("replay/a-searches.yaml"), SCRIPT).unwrap();
    Server::start(folder, &folder.join("home"), &variables).await
}

async fn begun(server: &Server, limit: &str) -> String {
    let text = SEARCHES.replace("LIMIT", limit);
    let put = server.ask(Method::PUT, "/definitions/searches").body(text).send().await.unwrap();
    assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    let (status, receipt) = server.post("/workflows", json!({ "type": "searches" })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
}

async fn over(server: &Server, path: &str) -> Value {
    until("the workflow's end", || async move {
        let (_, row) = server.get(path).await;
        matches!(row["status"].as_str(), Some("completed" | "failed")).then_some(row)
    })
    .await
}

/// The price of one search.
const PRICE: f64 = 0.012 + 30.0 / 1_000_000.0;

fn is_about(found: &Value, expected: f64) {
    let number = found.as_f64().unwrap();
    assert!((number - expected).abs() < 1e-9, "{number} is not {expected}");
}

#[tokio::test]
async fn a_search_is_paid_for_within_the_limits_of_who_has_it_made() {
    let (folder, sonar) = (tempfile::tempdir().unwrap(), Sonar::start());
    let server = server(folder.path(), &sonar).await;
    let path = begun(&server, "0.2").await;
    let row = over(&server, &path).await;
    assert_eq!((&row["status"], sonar.asked()), (&json!("completed"), 2), "{row}");
    assert_eq!(row["state"]["first"]["sources"][0]["url"], "https://a.example/", "{row}");
    let line = &row["budget"][0];
    // Two turns of the agent cost nothing, and are all that there may be; the searches are none.
    assert_eq!(
        (&line["spent"]["turns"], &line["reserved"]["usd"]),
        (&json!(2), &json!(0.0)),
        "{line}"
    );
    is_about(&line["spent"]["usd"], 2.0 * PRICE);

    // What it might cost at most is not there: nobody is asked.
    let path = begun(&server, "0.005").await;
    let row = over(&server, &path).await;
    assert_eq!((&row["status"], sonar.asked()), (&json!("failed"), 2), "{row}");
    let error = row["error"].as_str().unwrap();
    for words in [
        "perplexity_search was not called: the limit of 0.005 US dollars for run 1 of searches is reached",
        "the next call of perplexity_search of searches/run 1/step 2/node may take 0.02",
    ] {
        assert!(error.contains(words), "{words:?} is missing in {error}");
    }

    // There is room for the node's, and none for the agent's: its model is told so, and goes on.
    let path = begun(&server, "0.03").await;
    let row = over(&server, &path).await;
    assert_eq!((&row["status"], sonar.asked()), (&json!("completed"), 3), "{row}");
    let said = row["state"]["said"].as_str().unwrap();
    assert!(said.contains("perplexity_search was not called: the limit of 0.03"), "{said}");
}

#[tokio::test]
async fn a_search_that_was_cut_off_counts_as_lost_and_is_made_once_more() {
    let (folder, sonar) = (tempfile::tempdir().unwrap(), Sonar::start());
    let first = server(folder.path(), &sonar).await;
    sonar.is_silent.store(true, Ordering::SeqCst);
    let path = begun(&first, "0.2").await;
    until("the question", || async { (sonar.asked() == 1).then_some(()) }).await;
    let (_, row) = first.get(&path).await;
    assert!(row["budget"][0]["reserved"]["usd"].as_f64().unwrap() > PRICE, "{}", row["budget"]);
    drop(first);
    sonar.is_silent.store(false, Ordering::SeqCst);
    let second = server(folder.path(), &sonar).await;
    let row = over(&second, &path).await;
    assert_eq!((&row["status"], sonar.asked()), (&json!("completed"), 3), "{row}");
    let line = &row["budget"][0];
    is_about(&line["spent"]["usd"], 2.0 * PRICE);
    let lost = line["lost"]["usd"].as_f64().unwrap();
    assert!(lost > PRICE && lost < 0.05, "{line}: as much as was reserved for it");
    assert_eq!(line["lost"]["turns"], 0, "{line}");
    is_about(&line["reserved"]["usd"], 0.0);
}

#[tokio::test]
async fn what_is_given_up_gives_back_what_was_reserved_for_it() {
    let (folder, sonar) = (tempfile::tempdir().unwrap(), Sonar::start());
    let server = server(folder.path(), &sonar).await;
    sonar.is_silent.store(true, Ordering::SeqCst);
    let path = begun(&server, "0.2").await;
    until("the question", || async { (sonar.asked() == 1).then_some(()) }).await;
    let (status, row) = server.post(&format!("{path}/cancel"), json!({})).await;
    assert!(status.is_success(), "{row}");
    let line = until("the settlement", || async {
        let (_, row) = server.get(&path).await;
        let line = row["budget"][0].clone();
        (line["reserved"]["usd"].as_f64() == Some(0.0)).then_some(line)
    });
    let line = line.await;
    assert!(line["lost"]["usd"].as_f64().unwrap() > PRICE, "{line}: it may have been paid for");
}
