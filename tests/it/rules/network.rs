//! A program that a runtime runs for an agent has a network of its own, and a door in it: it reaches whom its runtime and its
//! settings name, through the doorman or as if it were near, and nobody else, however it asks.

use crate::support::{Server, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// An agent of our own: it tries what its environment says, and answers what came of it.
const AGENT: &str = r#"#!/usr/bin/python3
import json, os, socket, sys, time
from urllib.parse import urlsplit

prompt, attempt = sys.stdin.read(), int(sys.argv[1])
proxy = urlsplit(os.environ["HTTPS_PROXY"])
tried = {}


def attempted(name, what):
    try:
        tried[name] = what() or "through"
    except BaseException as error:
        tried[name] = type(error).__name__


def door():
    return socket.create_connection((proxy.hostname, proxy.port), 5)


def said(to, words):
    to.settimeout(5)
    to.sendall(words.encode())
    return to.recv(4096).decode()


def tunnel(host):
    way = door()
    return way, said(way, f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n")


def asked(host):
    return said(door(), f"GET http://{host}/x HTTP/1.1\r\nHost: evil.example\r\nProxy-Connection: keep-alive\r\n\r\n")


def spoken(way):
    return said(way, "hello\n")


def datagram(kind, to):
    with socket.socket(kind, socket.SOCK_DGRAM) as out:
        out.sendto(b"hello", to)


def pair():
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.sendto(b"hello", "\0" + os.environ["ABSTRACT"])


def abstract():
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect("\0" + os.environ["ABSTRACT"])


def tunnelled(host):
    way, answer = tunnel(host)
    return spoken(way) if " 200 " in answer else answer


for host in os.environ.get("TUNNELS", "").split():
    attempted("CONNECT " + host, lambda: tunnelled(host))
    attempted("GET " + host, lambda: asked(host))
for place in os.environ.get("PLACES", "").split():
    host, port = place.rsplit(":", 1)
    attempted("direct " + place, lambda: spoken(socket.create_connection((host, int(port)), 2)))
if "break out" in prompt:
    udp = int(os.environ["UDP"])
    attempted("udp", lambda: datagram(socket.AF_INET, ("127.0.0.1", udp)))
    attempted("udp 6", lambda: datagram(socket.AF_INET6, ("::1", udp)))
    attempted("abstract", abstract)
    attempted("pair", pair)
    attempted("names", lambda: socket.getaddrinfo("docs.rs", 443))
    attempted("listen", lambda: socket.create_server(("127.0.0.1", 0)))
    attempted("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
    attempted("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
    tried["plain"] = said(door(), "GET / HTTP/1.1\r\n\r\n")
    tried["variables"] = " ".join(name for name in os.environ if name.startswith("CALLBOARD") and name != "CALLBOARD_SHIM")
    tried["proxies"] = [os.environ[name] for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY")]
if "wait" in prompt:
    way, answer = tunnel(os.environ["PROVIDER"])
    tried["before"] = spoken(way)
    open("waits.txt", "w").write("waits")
    time.sleep(float(prompt.split("wait ")[1].split()[0]))
    tried["after"] = spoken(way)
    tried["attempt"] = attempt
if "fail" in prompt:
    sys.exit(3)
print(json.dumps(tried))
"#;

/// Whoever answers what he hears, and remembers the first of it.
struct Ear {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Ear {
    /// `greeting`: what is answered to the first words of everybody, in place of these.
    fn open(greeting: Option<&'static str>) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), greeting)
    }

    fn at(listener: TcpListener, greeting: Option<&'static str>) -> Self {
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&heard);
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                let heard = Arc::clone(&all);
                thread::spawn(move || answer(visitor, &heard, greeting));
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn answer(
    mut visitor: TcpStream,
    heard: &Mutex<Vec<String>>,
    greeting: Option<&str>,
) -> Option<()> {
    let (mut piece, mut greeting) = ([0; 4_096], greeting);
    loop {
        let read = visitor.read(&mut piece).ok().filter(|read| *read > 0)?;
        let words = String::from_utf8_lossy(&piece[..read]).into_owned();
        let said = greeting.take().map_or_else(|| format!("echo {words}"), str::to_owned);
        heard.lock().unwrap().push(words);
        visitor.write_all(said.as_bytes()).ok()?;
    }
}

/// A server with such an agent.
struct Post {
    server: Server,
    folder: TempDir,
}

impl Post {
    async fn open(hosts: &[&str], variables: &[(&str, &str)], prompt: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for name in ["work", "config", "tools"] {
            fs::create_dir_all(at.join(name)).unwrap();
        }
        fs::write(at.join("tools/agent"), AGENT).unwrap();
        fs::set_permissions(at.join("tools/agent"), fs::Permissions::from_mode(0o755)).unwrap();
        let rules = json!({
            "version": 1, "default": { "can_read_files": true },
            "profiles": { "coder": { "can_write_files": true } },
        });
        fs::write(at.join("config/rules.yaml"), rules.to_string()).unwrap();
        fs::write(at.join("config/callboard.toml"), settings(at, hosts, variables)).unwrap();
        let server = Server::start(at, &at.join("home"), &[]).await;
        let agent = json!({ "profile": "coder", "runtime": "script", "prompt": prompt });
        let text = json!({
            "name": "post", "workspace": "work", "state": { "said": {} }, "start": "do",
            "nodes": { "do": { "agent": agent, "write": { "said": "output" } } },
        });
        let put = server.ask(Method::PUT, "/definitions/post").body(text.to_string());
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
        Self { server, folder }
    }

    async fn start(&self) -> String {
        let (status, receipt) = self.server.post("/workflows", json!({ "type": "post" })).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
    }

    async fn end(&self, path: &str) -> Value {
        until("the workflow's end", || async {
            let (_, row) = self.server.get(path).await;
            (row["status"] != "running").then_some(row)
        })
        .await
    }

    /// What came of all that the agent tried.
    async fn tried(&self) -> Value {
        let path = self.start().await;
        self.said(&path).await
    }

    async fn said(&self, path: &str) -> Value {
        let row = self.end(path).await;
        assert_eq!(row["status"], "completed", "{row}\n{}", self.server.log());
        serde_json::from_str(row["state"]["said"].as_str().unwrap()).unwrap()
    }

    /// Until the agent has spoken to its provider, and waits.
    async fn until_it_waits(&self) {
        let benches = self.folder.path().join("home/workspaces/.agents");
        until("the agent's work", || async {
            let entries = fs::read_dir(&benches).ok()?.flatten();
            let mut waits = entries.map(|entry| entry.path().join("work/waits.txt"));
            waits.any(|file| file.exists()).then_some(())
        })
        .await;
    }

    /// Whether the kernel gives what a door is made of.
    async fn has_door(&self) -> bool {
        let (_, rules) = self.server.get("/rules").await;
        let has_door = rules["kernel"]["hosts"] == "enforced";
        if !has_door {
            eprintln!("skipped: the kernel gives no networks: {}", rules["kernel"]);
        }
        has_door
    }
}

fn settings(at: &Path, hosts: &[&str], variables: &[(&str, &str)]) -> String {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
    format!(
        "[runtimes.script]\nkind = \"cli\"\ncommand = {:?}\nargs = [\"{{{{ attempt }}}}\"]\nhosts = {hosts:?}\n\
         retry = {{ final_codes = [3] }}\nset_env = {{ {} }}\n",
        at.join("tools/agent").display().to_string(),
        variables.join(", "),
    )
}

fn can_be_tried() -> bool {
    let is_there = Path::new("/usr/bin/python3").exists();
    if !is_there {
        eprintln!("skipped: there is no /usr/bin/python3");
    }
    is_there
}

/// Ways to say who is near, and numbers.
fn near(port: u16) -> Vec<String> {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ];
    hosts.map(|host| format!("{host}:{port}")).into()
}

/// Others that are no public names at the port of HTTPS.
const FAR: [&str; 7] = [
    "169.254.169.254:80",
    "169.254.169.254:443",
    "1.1.1.1:443",
    "10.0.0.1:443",
    "metadata.google.internal:443",
    "router:443",
    "docs.rs:80",
];

#[actix_web::test]
async fn it_reaches_nobody_that_is_not_named_however_it_asks() {
    if !can_be_tried() {
        return;
    }
    let foreign = Ear::open(None);
    // Only root may listen there.
    let secure = TcpListener::bind("127.0.0.1:443").ok().map(|at| Ear::at(at, None));
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let name = format!("callboard-test-{}", std::process::id());
    let place = SocketAddr::from_abstract_name(&name).unwrap();
    let unix = UnixListener::bind_addr(&place).unwrap();
    let hosts = [near(foreign.port), near(443), FAR.map(str::to_owned).into()].concat();
    let places = format!(
        "127.0.0.1:{0} ::1:{0} localhost:{0} 127.0.0.1:443 1.1.1.1:443 1.1.1.1:53 169.254.169.254:80",
        foreign.port
    );
    let variables = [
        ("TUNNELS", hosts.join(" ")),
        ("PLACES", places),
        ("UDP", udp.local_addr().unwrap().port().to_string()),
        ("ABSTRACT", name),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let post = Post::open(&["*"], &variables, "break out").await;
    if !post.has_door().await {
        return;
    }
    let tried = post.tried().await;
    for host in &hosts {
        for way in ["CONNECT", "GET"] {
            let answer = tried[format!("{way} {host}")].as_str().unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 403 refused by the door: "),
                "{way} {host}: {tried:#}"
            );
            assert!(answer.contains("runtimes.script.hosts"), "{answer}");
        }
    }
    for (name, came) in tried.as_object().unwrap() {
        let is_kept = !["CONNECT", "GET"].iter().any(|way| name.starts_with(way));
        assert!(
            came != "through" && (!is_kept || !came.to_string().contains("echo")),
            "{name}: {tried:#}"
        );
    }
    assert!(
        tried["plain"].as_str().unwrap().starts_with("HTTP/1.1 400 this is a proxy"),
        "{tried:#}"
    );
    let proxy = "http://127.0.0.1:3128";
    assert_eq!(
        (&tried["variables"], &tried["proxies"]),
        (&json!(""), &json!([proxy, proxy, proxy, ""]))
    );
    assert_eq!(foreign.heard().len() + secure.map_or(0, |ear| ear.heard().len()), 0);
    udp.set_nonblocking(true).unwrap();
    assert!(udp.recv(&mut [0; 16]).is_err(), "a datagram came through");
    unix.set_nonblocking(true).unwrap();
    assert_eq!(unix.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[actix_web::test]
async fn whom_its_settings_name_it_reaches_straight_and_through_the_door() {
    if !can_be_tried() {
        return;
    }
    let (provider, other) = (Ear::open(None), Ear::open(None));
    let address = format!("http://127.0.0.1:{}/v1", provider.port);
    let places = format!("127.0.0.1:{0} localhost:{0} 127.0.0.1:{1}", provider.port, other.port);
    let tunnels = format!("127.0.0.1:{} 127.0.0.1:{}", provider.port, other.port);
    let host = format!("127.0.0.1:{}", other.port);
    let variables =
        [("BASE", address.as_str()), ("PLACES", places.as_str()), ("TUNNELS", tunnels.as_str())];
    let post = Post::open(&[host.as_str()], &variables, "go").await;
    if !post.has_door().await {
        return;
    }
    let tried = post.tried().await;
    for place in places.split_whitespace() {
        assert_eq!(tried[format!("direct {place}")], "echo hello\n", "{tried:#}");
    }
    for host in tunnels.split_whitespace() {
        assert_eq!(tried[format!("CONNECT {host}")], "echo hello\n", "{tried:#}");
        let asked = format!("echo GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(tried[format!("GET {host}")], asked.as_str(), "{tried:#}");
    }
}

#[actix_web::test]
async fn hosts_by_pattern_are_reached_through_the_machines_own_proxy_which_it_cannot_speak_to_itself()
 {
    if !can_be_tried() {
        return;
    }
    let upstream = Ear::open(Some("HTTP/1.1 200 well\r\n\r\n"));
    let proxy = format!("http://me:s%20t@127.0.0.1:{}", upstream.port);
    let place = format!("127.0.0.1:{}", upstream.port);
    let tunnels = "api.example.org:443 example.org:443 evil.example:443 api.example.org:8443";
    let variables = [
        ("HTTPS_PROXY", proxy.as_str()),
        ("http_proxy", proxy.as_str()),
        ("PLACES", place.as_str()),
        ("TUNNELS", tunnels),
    ];
    let post = Post::open(&["*.example.org", "plain.example:80"], &variables, "go").await;
    if !post.has_door().await {
        return;
    }
    let tried = post.tried().await;
    assert_eq!(tried["CONNECT api.example.org:443"], "echo hello\n", "{tried:#}");
    for host in tunnels.split_whitespace().skip(1) {
        let answer = tried[format!("CONNECT {host}")].as_str().unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{tried:#}");
    }
    let straight = tried[format!("direct {place}")].as_str().unwrap();
    assert!(["ConnectionRefusedError", "PermissionError"].contains(&straight), "{tried:#}");
    let connect = "CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org:443\r\n\
                   Proxy-Authorization: Basic bWU6cyB0\r\n\r\n";
    let get = "GET http://api.example.org:443/x HTTP/1.1\r\nHost: api.example.org:443\r\nConnection: close\r\n\
               Proxy-Authorization: Basic bWU6cyB0\r\n\r\n";
    assert_eq!(upstream.heard(), [connect, "hello\n", get]);
}

#[actix_web::test]
async fn who_was_kept_from_what_stands_among_what_the_program_complained_of() {
    if !can_be_tried() {
        return;
    }
    let post = Post::open(&[], &[("TUNNELS", "evil.example:443")], "fail").await;
    if !post.has_door().await {
        return;
    }
    let path = post.start().await;
    let row = post.end(&path).await;
    assert_eq!(row["status"], "failed", "{row}");
    let (_, processes) = post.server.get("/processes").await;
    let error = processes["items"][0]["error"].to_string();
    assert!(error.contains("refused by the door: evil.example:443 is not among"), "{error}");
    assert_eq!(error.matches("evil.example:443 is not").count(), 1, "once is enough: {error}");
}

/// A program that has spoken to its provider and waits before it does so again, with where it is shown; `None`: it cannot be
/// tried here.
async fn waiting(provider: &Ear, prompt: &str) -> Option<(Post, String)> {
    if !can_be_tried() {
        return None;
    }
    let address = format!("127.0.0.1:{}", provider.port);
    let post = Post::open(&[address.as_str()], &[("PROVIDER", address.as_str())], prompt).await;
    if !post.has_door().await {
        return None;
    }
    let path = post.start().await;
    post.until_it_waits().await;
    Some((post, path))
}

#[actix_web::test]
async fn the_door_stays_when_the_server_is_killed() {
    let provider = Ear::open(None);
    let Some((post, path)) = waiting(&provider, "wait 3 s").await else { return };
    let Post { server, folder } = post;
    drop(server);
    let server = Server::start(folder.path(), &folder.path().join("home"), &[]).await;
    let said = Post { server, folder }.said(&path).await;
    let echo = "echo hello\n";
    assert_eq!(said, json!({ "before": echo, "after": echo, "attempt": 1 }));
}

/// The processes whose first words are these, below that folder.
fn processes(word: &str, folder: &Path) -> Vec<i32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_meant = |number: &i32| {
        let line = fs::read(PathBuf::from(format!("/proc/{number}/cmdline"))).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.split('\0').nth(1) == Some(word) && line.contains(&folder.display().to_string())
    };
    numbers.filter(is_meant).collect()
}

fn parent(number: i32) -> Option<i32> {
    let text = fs::read_to_string(format!("/proc/{number}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok())
}

#[actix_web::test]
async fn with_the_doorman_everything_inside_ends_and_another_attempt_begins() {
    let provider = Ear::open(None);
    let Some((post, path)) = waiting(&provider, "wait 2 s").await else { return };
    let all = processes("confine", post.folder.path());
    assert_eq!(all.len(), 3, "the doorman, who stays outside, and the first inside");
    let doorman = all.iter().find(|one| !all.contains(&parent(**one).unwrap())).unwrap();
    let pid = rustix::process::Pid::from_raw(*doorman).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("their end", || async {
        let left = processes("confine", post.folder.path());
        all.iter().all(|one| !left.contains(one)).then_some(())
    })
    .await;
    assert_eq!(post.said(&path).await["attempt"], 2);
}
