//! Chat Completions, Responses and embeddings as aimock plays them, one call at a time.

use std::process::Command;
use std::time::{Duration, Instant};

use callboard::world::models::{
    Api, Call, Embedder, EmbedderConfig, FailureKind, Model as _, OpenAi, Provider, Usage,
};
use serde_json::json;

use crate::caller::{
    KEY, READ_TIMEOUT, like_openai, once, openai, prompt, told, with_a_tool, without_request,
};
use crate::server::{Server, tool};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol/fixtures/openai.json");

pub(crate) fn aimock() -> Option<Server> {
    let cli = tool("CALLBOARD_TEST_AIMOCK", "aimock", "aimock 1.43.0")?;
    Some(Server::start(|port| {
        let mut command = Command::new("node");
        command.arg(cli).args(["-p", &port.to_string(), "-f", FIXTURES, "--strict"]);
        command
    }))
}

/// Each way to ask, by its name.
fn models(server: &Server) -> [(&'static str, OpenAi); 4] {
    let at = |provider, api| openai(provider, api, server.url("/v1"));
    [
        ("chat", at(Provider::Openai, Api::Chat)),
        ("responses", at(Provider::Openai, Api::Responses)),
        ("compatible", at(Provider::Compatible, Api::Chat)),
        ("perplexity", at(Provider::Perplexity, Api::Chat)),
    ]
}

#[tokio::test]
async fn an_answer_streams_and_is_counted() {
    let Some(server) = aimock() else { return };
    for (name, model) in models(&server) {
        let (answer, output) = once(&model, "plain-question").await;
        let answer = answer.unwrap();
        assert_eq!(answer.text, "It streams in pieces, and the pieces make the answer: äöü 😀.");
        assert_eq!(output, answer.text, "{name}");
        assert_eq!(answer.stop_reason.as_deref(), Some("stop"), "{name}");
        match name {
            // It is not asked to count, and aimock does not by itself.
            "perplexity" => assert_eq!((answer.usage, answer.cost_usd), (Usage::default(), None)),
            _ => assert_eq!(answer.usage, Usage::new(21, 17), "{name}"),
        }
        if matches!(name, "chat" | "responses") {
            assert_eq!(answer.model, "gpt-6-sol", "what `opus` means here");
            assert!(answer.cost_usd.unwrap() > 0.0, "{name}");
        }
    }
}

#[tokio::test]
async fn thinking_is_no_part_of_the_text() {
    let Some(server) = aimock() else { return };
    for (name, model) in models(&server) {
        let (answer, output) = once(&model, "thoughtful-question").await;
        let texts = (answer.unwrap().text, output);
        let expected = "Only this is for you.".to_owned();
        assert_eq!(texts, (expected.clone(), expected), "{name}");
    }
}

#[tokio::test]
async fn a_model_that_calls_tools_is_told_what_they_came_to_and_goes_on() {
    let Some(server) = aimock() else { return };
    for (name, model) in models(&server).into_iter().filter(|(name, _)| *name != "perplexity") {
        let first = with_a_tool("loop-question");
        let answer = model.call(first.clone(), &mut String::new()).await.unwrap();
        assert_eq!((answer.text.as_str(), answer.calls.len()), ("", 2), "{name}");
        let arguments: Vec<_> = answer.calls.iter().map(|call| &call.arguments).collect();
        assert_eq!(arguments, [&json!({ "at": "this" }), &json!({ "at": "that" })], "{name}");
        assert_ne!(answer.calls[0].id, answer.calls[1].id, "{name}");
        let second = told(first, answer.calls);
        let answer = model.call(second, &mut String::new()).await.unwrap();
        assert_eq!((answer.text.as_str(), answer.calls.len()), ("I have seen both.", 0), "{name}");
    }
}

#[tokio::test]
async fn the_form_of_an_answer_is_asked_for() {
    let Some(server) = aimock() else { return };
    let schema = json!({
        "type": "object", "required": ["winner"],
        "properties": { "winner": { "type": "string" }, "note": { "type": "string" } },
    });
    // aimock finds the form in requests of Chat Completions only.
    for (name, model) in models(&server).into_iter().filter(|(name, _)| *name != "responses") {
        let call = Call { schema: Some(schema.clone()), ..prompt("formed-question") };
        let answer = model.call(call, &mut String::new()).await.unwrap();
        assert_eq!(answer.text, r#"{"winner":"pro","note":null}"#, "{name}");
    }
}

#[tokio::test]
async fn errors_come_back_with_their_kinds_and_words() {
    let Some(server) = aimock() else { return };
    let expected = [
        ("broken", FailureKind::ServerError, "answered 500 (server_error: The server had"),
        ("crowded", FailureKind::Overloaded, "answered 503 (server_error: The engine"),
        ("poor", FailureKind::Unauthorized, "answered 429 (insufficient_quota: You exceeded"),
        ("impossible", FailureKind::Rejected, "answered 400 (context_length_exceeded: too long)"),
        ("modelless", FailureKind::Unable, "answered 404 (model_not_found: no such model)"),
        (
            "keyless",
            FailureKind::Unauthorized,
            "(invalid_api_key: Incorrect API key provided: [secret])",
        ),
    ];
    for (name, model) in models(&server) {
        for (question, kind, words) in expected {
            let (result, _) = once(&model, &format!("{question}-question")).await;
            let failure = result.unwrap_err();
            assert_eq!(failure.kind, kind, "{name}: {failure}");
            let message = without_request(&failure.message);
            assert!(message.contains(words), "{name}: {message}");
            assert!(!failure.message.contains(KEY), "{name}: {failure}");
        }
        if name != "responses" {
            let withheld = once(&model, "withheld-question").await.0.unwrap_err();
            assert_eq!(withheld.kind, FailureKind::Rejected, "{name}: {withheld}");
        }
        let limited = once(&model, "limited-question").await.0.unwrap_err();
        assert_eq!(limited.kind, FailureKind::RateLimited, "{name}: {limited}");
        assert_eq!(limited.retry_after, Some(Duration::from_secs(7)), "{name}");
    }
}

#[tokio::test]
async fn an_answer_that_is_as_long_as_it_may_be_says_so() {
    let Some(server) = aimock() else { return };
    // aimock says so by Chat Completions only; llmock's test has the other.
    for (name, model) in models(&server).into_iter().filter(|(name, _)| *name != "responses") {
        let answer = once(&model, "long-question").await.0.unwrap();
        assert_eq!(answer.text, "As long as it may be", "{name}");
        assert_eq!(answer.stop_reason.as_deref(), Some("length"), "{name}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_or_silent_is_no_answer() {
    let Some(server) = aimock() else { return };
    for (name, model) in models(&server) {
        let (result, output) = once(&model, "cut-question").await;
        let failure = result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Cut, "{name}: {failure}");
        let whole = "This answer is a long one, and it will be cut in the middle of a sentence, as it seems.";
        assert!(whole.starts_with(&output) && output.len() < whole.len(), "{name}: {output}");
        let started = Instant::now();
        let failure = once(&model, "stalled-question").await.0.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Stalled, "{name}: {failure}");
        assert!(started.elapsed() >= READ_TIMEOUT);
    }
}

#[tokio::test]
async fn texts_become_vectors_and_one_that_is_refused_holds_up_no_other() {
    let Some(server) = aimock() else { return };
    let api = like_openai(Provider::Openai, Api::Responses, server.url("/v1"));
    let config = EmbedderConfig { dimension: 3, ..EmbedderConfig::usual(api) };
    let embedder = Embedder::new(config).unwrap();
    let texts = ["three-numbers", "refused-text", "three-numbers"];
    // aimock joins the texts of a batch to find its fixture: each goes alone here.
    let mut each = Vec::new();
    for text in texts {
        each.extend(embedder.embed(&[text]).await.unwrap().each);
    }
    assert_eq!(each[0], Ok(vec![1.0, 2.0, 3.0]));
    assert!(each[1].as_ref().unwrap_err().contains("this text is none"), "{:?}", each[1]);
    assert_eq!(each[2], each[0]);
    assert_eq!((embedder.model(), embedder.dimension()), ("text-embedding-3-small", 3));
    let all = embedder.embed(&["three-numbers"; 300]).await.unwrap();
    assert_eq!(all.each.len(), 300, "in two batches");
    assert!(all.cost_usd.is_some());
}
