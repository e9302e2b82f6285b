//! What is fetched from the web, and what is not: against a server of our own that redirects, lies and never ends.

use super::kit::{self, RULES, call};
use crate::support::TestApp;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// A server that answers by path, until the test ends.
async fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = Handle::current();
    let answers = runtime.clone();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answers.spawn(answer(stream, address));
        }
    });
    address
}

async fn answer(mut stream: TcpStream, own: SocketAddr) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let page = |kind: &str, body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let said = match path.as_str() {
        "/" => page("text/html", "<title>Home</title><main><h1>Hi</h1><p>See <a href='/b'>b</a></p></main>"),
        "/moved" => redirect("/"),
        "/out" => redirect("http://169.254.169.254/latest/meta-data/"),
        "/local" => redirect(&format!("http://[::ffff:127.0.0.1]:{}/", own.port())),
        "/file" => redirect("file:///etc/passwd"),
        "/loop" => redirect("/loop"),
        "/image" => page("image/png", "x"),
        "/json" => page("application/json", "{\"a\": 1}"),
        "/long" => page("text/plain", &"0123456789".repeat(300_000)),
        "/packed" => "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx".into(),
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into(),
    };
    let _ = stream.write_all(said.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// An app that may ask that server.
fn app(site: SocketAddr) -> TestApp {
    TestApp::with(|settings| {
        settings.rules.file = RULES.into();
        settings.web.private_hosts = vec![site.to_string()];
    })
}

async fn fetch(app: &TestApp, site: SocketAddr, path: &str) -> Result<Value, String> {
    call(app, "fetch_documentation", json!({ "url": format!("http://{site}{path}") })).await
}

#[tokio::test]
async fn a_page_comes_as_markdown_with_the_place_where_it_was_found() {
    let site = site().await;
    let app = app(site);
    let page = fetch(&app, site, "/moved").await.unwrap();
    assert_eq!(page["url"], format!("http://{site}/"));
    assert_eq!((&page["title"], &page["truncated"]), (&json!("Home"), &json!(false)));
    assert_eq!(page["text"], format!("# Hi\n\nSee [b](http://{site}/b)"));
    let data = fetch(&app, site, "/json").await.unwrap();
    assert_eq!((&data["format"], &data["text"]), (&json!("text"), &json!("{\"a\": 1}")));
}

#[tokio::test]
async fn a_long_text_comes_in_parts_and_says_what_is_missing() {
    let site = site().await;
    let app = app(site);
    let first = fetch(&app, site, "/long").await.unwrap();
    assert_eq!((&first["next"], &first["characters"]), (&json!(30_000), &json!(2 << 20)));
    assert_eq!(first["truncated"], true);
    assert!(first["notes"][0].as_str().unwrap().contains("longer than 2 MiB"));
    let on = json!({ "url": format!("http://{site}/long"), "from": 30_001, "most": 1_000 });
    let second = call(&app, "fetch_documentation", on).await.unwrap();
    assert!(second["text"].as_str().unwrap().starts_with("123"));
}

#[tokio::test]
async fn nobody_is_sent_to_where_one_may_not_go_by_oneself() {
    let site = site().await;
    let app = app(site);
    for (path, why) in [
        ("/out", "not public"),
        ("/local", "not public"),
        ("/file", "only http and https"),
        ("/loop", "5th redirect"),
        ("/image", "not text"),
        ("/packed", "packed as gzip"),
        ("/nothing", "404"),
    ] {
        let error = fetch(&app, site, path).await.unwrap_err();
        assert!(error.contains(why), "{path}: {error}");
    }
}

#[tokio::test]
async fn this_machine_is_not_asked_unless_an_operator_says_so() {
    let site = site().await;
    let app = kit::app();
    let error = fetch(&app, site, "/").await.unwrap_err();
    assert!(error.contains("not public") && error.contains("web.private_hosts"), "{error}");
    let own = app.home().join("server.json");
    assert!(own.exists(), "the home is where it is thought to be");
}

#[tokio::test]
async fn without_anybody_who_searches_the_words_say_how_to_have_one() {
    let app = kit::app();
    let error =
        call(&app, "perplexity_search", json!({ "query": "what is new?" })).await.unwrap_err();
    assert!(
        error.contains("kind = \"perplexity\"") && error.contains("PERPLEXITY_API_KEY"),
        "{error}"
    );
}
