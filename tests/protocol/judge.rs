//! llmock: it breaks an API on demand, and judges how a client took it.

use std::process::Command;

use callboard::world::models::Model;
use serde_json::{Value, json};

use crate::pages::http;
use crate::server::{Server, tool};

/// llmock and our client of it.
pub(crate) struct Judge {
    server: Server,
    pub(crate) model: Box<dyn Model>,
    http: reqwest::Client,
}

impl Judge {
    /// With a client of the API at what `client` is given: llmock's address. `None`, having said so, when llmock is not
    /// installed.
    pub(crate) fn start(client: impl FnOnce(String) -> Box<dyn Model>) -> Option<Self> {
        let llmock = tool("CALLBOARD_TEST_LLMOCK", "llmock", "llmock 0.2.2")?;
        let server = Server::start(|port| {
            let mut command = Command::new(llmock);
            command.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()]);
            // Without a pause all is sent before the judge can see that we have hung up.
            command.args(["--stream-chunk-delay-ms", "20"]);
            command
        });
        let model = client(server.url(""));
        Some(Self { server, model, http: http() })
    }

    /// Queues what is to happen to the next requests.
    pub(crate) async fn script(&self, behaviors: Value) {
        let url = self.server.url("/_llmock/scenario");
        let body = json!({ "behaviors": behaviors });
        let response = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201);
    }

    /// What llmock thinks of us so far: every finding, warnings included.
    pub(crate) async fn findings(&self) -> Vec<String> {
        let verdict = self.verdict().await;
        let findings = verdict["findings"].as_array().unwrap().iter();
        findings.map(|finding| format!("{}: {}", finding["code"], finding["title"])).collect()
    }

    async fn verdict(&self) -> Value {
        let url = self.server.url("/_llmock/verdict");
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn attempts(&self) -> u64 {
        self.verdict().await["attempts"].as_u64().unwrap()
    }
}
