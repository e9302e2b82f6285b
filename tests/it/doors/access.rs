//! Who may come in, and what is said and logged about it.

use crate::support::{Server, Socket, TestApp};
use reqwest::Method;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const PATHS: [(&str, &str); 12] = [
    ("POST", "/spawn"),
    ("GET", "/processes"),
    ("GET", "/processes/x"),
    ("POST", "/processes/x/cancel"),
    ("GET", "/sessions"),
    ("GET", "/messages"),
    ("GET", "/actors"),
    ("POST", "/actors/services/admission/stop"),
    ("GET", "/info"),
    ("GET", "/ws"),
    ("GET", "/ws/echo"),
    ("GET", "/nowhere"),
];

#[tokio::test]
async fn without_the_token_nothing_but_health_is_open() {
    let app = TestApp::start();
    for (method, path) in PATHS {
        let method: Method = method.parse().unwrap();
        let asked = [
            app.bare(method.clone(), path),
            app.bare(method.clone(), path).bearer_auth("wrong"),
            app.bare(method.clone(), path).header("Authorization", &app.token),
            app.bare(method.clone(), path).header("Authorization", format!("Basic {}", app.token)),
            app.bare(method.clone(), &format!("{path}?token=")),
            app.bare(method.clone(), &format!("{path}?token=wrong")),
            app.bare(method.clone(), &format!("{path}?token={0}&token={0}", app.token)),
            app.bare(method, &format!("{path}/health")),
        ];
        for request in asked {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{path}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            let problem: Value = response.json().await.unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("Bearer"), "{problem}");
        }
    }
    assert_eq!(app.bare(Method::GET, "/health").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_token_is_taken_from_the_header_or_the_query() {
    let app = TestApp::start();
    let ways = [
        app.bare(Method::GET, "/info").bearer_auth(&app.token),
        app.bare(Method::GET, "/info").header("Authorization", format!("bEaReR {}", app.token)),
        app.bare(Method::GET, &format!("/info?token={}", app.token)),
        app.bare(Method::GET, &format!("/processes?limit=3&token={}", app.token)),
        app.bare(Method::GET, &format!("/messages?token={}", app.token)),
        app.bare(Method::GET, &format!("/actors?token={}", app.token)),
        app.bare(Method::GET, &format!("/sessions?token={}", app.token)),
    ];
    for request in ways {
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let refused = Socket::try_open(&app, "/ws?token=wrong", None).await.err().unwrap();
    assert_eq!(refused.0, 401);
    Socket::open(&app).await;
}

#[tokio::test]
async fn the_token_is_its_owners_alone_and_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mut server = Server::start(folder.path(), &home, &[("LOG_LEVEL", "trace")]).await;
    for path in ["info", "nowhere", "processes?limit=x", "spawn", "health"] {
        let path =
            format!("/{path}{}token={}", if path.contains('?') { '&' } else { '?' }, server.token);
        server.bare(Method::GET, &path).send().await.unwrap();
        server.ask(Method::GET, &path).send().await.unwrap();
    }
    Socket::open(&server).await;
    assert!(server.terminate().await.success());
    let log = server.log();
    assert!(log.contains("/nowhere") && !log.contains(&server.token), "{log}");
    for file in ["token", "callboard.db"] {
        let mode = std::fs::metadata(home.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_answered_by_nobody() {
    let app = TestApp::with(|settings| {
        settings.http.allowed_origins = vec!["http://board.example".into()];
    });
    let port = app.address.port();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("board.example:{port}"), 200),
        (format!("evil.example:{port}"), 421),
    ] {
        for path in ["/info", "/health"] {
            let response = app.ask(Method::GET, path).header("Host", &host).send().await.unwrap();
            assert_eq!(response.status(), status, "{host}{path}");
        }
    }
    let socket = app.ask(Method::GET, "/ws").header("Host", "evil.example");
    assert_eq!(socket.send().await.unwrap().status(), 421);
}
