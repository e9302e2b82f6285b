//! [`Client`]: whoever asks over HTTP.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long anything may take that tests wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTP client with the home's token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    http: reqwest::Client,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        // Another test of this program may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE * 2).build().unwrap();
        Self { address, token: token.to_owned(), http }
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.ask(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.ask(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    /// Sets a setting.
    pub(crate) async fn set(&self, key: &str, value: Value) -> (StatusCode, Value) {
        let path = format!("/config/{key}");
        let request = self.ask(Method::PUT, &path).json(&json!({ "value": value }));
        answer(request.send().await.unwrap()).await
    }

    /// Unsets a setting.
    pub(crate) async fn unset(&self, key: &str) -> (StatusCode, Value) {
        let path = format!("/config/{key}");
        answer(self.ask(Method::DELETE, &path).send().await.unwrap()).await
    }

    /// The data of all messages on a topic, in order.
    pub(crate) async fn said(&self, topic: &str) -> Vec<Value> {
        let (_, page) = self.get(&format!("/messages?topic={topic}&limit=1000")).await;
        let items = page["items"].as_array().unwrap();
        items.iter().map(|message| message["data"].clone()).collect()
    }

    /// Spawns under an Idempotency-Key.
    pub(crate) async fn post_spawn(&self, key: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.ask(Method::POST, "/spawn").header("Idempotency-Key", key).json(body);
        answer(request.send().await.unwrap()).await
    }

    /// Spawns and gives the process's id.
    pub(crate) async fn spawn(&self, prompt: &str) -> String {
        self.spawn_with(json!({ "prompt": prompt })).await
    }

    pub(crate) async fn spawn_with(&self, body: Value) -> String {
        let (status, receipt) = self.post("/spawn", body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        receipt["process_id"].as_str().unwrap().to_owned()
    }

    /// Waits until a process has a status, and gives its row.
    pub(crate) async fn wait_for(&self, id: &str, status: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut after = 0;
        loop {
            let (_, row) = self.get(&format!("/processes/{id}")).await;
            if row["status"] == status {
                return row;
            }
            assert!(Instant::now() < deadline, "{id} is not {status} but {row}");
            let path = format!("/messages?stream=process/{id}&after={after}&wait_s=2");
            let (_, news) = self.get(&path).await;
            after = news["next"].as_i64().unwrap_or(after);
        }
    }

    /// How many messages the journal has, once it stands still: a start tells of itself a little later.
    pub(crate) async fn head(&self) -> i64 {
        let mut before = self.newest().await;
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            match self.newest().await {
                head if head == before => return head,
                head => before = head,
            }
        }
    }

    async fn newest(&self) -> i64 {
        self.get("/info").await.1["head"].as_i64().unwrap()
    }
}

async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let kind = response.headers().get("content-type").cloned();
    if status.is_client_error() || status.is_server_error() {
        let kind = kind.as_ref().map(|kind| kind.to_str().unwrap());
        let is_health = response.url().path() == "/health";
        assert!(is_health || kind == Some("application/problem+json"), "{status} {kind:?}");
    }
    (status, response.json().await.unwrap_or_default())
}

/// Whether an answer is a problem of this status with words in it.
pub(crate) fn is_problem(answer: &(StatusCode, Value), status: u16, words: &[&str]) {
    let (found, body) = answer;
    assert_eq!((found.as_u16(), &body["status"]), (status, &json!(status)), "{body}");
    assert!(body["title"].is_string() && body["type"].is_string(), "{body}");
    let detail = body["detail"].as_str().unwrap();
    for word in words {
        assert!(detail.contains(word), "{word:?} is missing in {detail:?}");
    }
}

/// Looks again and again until `look` finds something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
