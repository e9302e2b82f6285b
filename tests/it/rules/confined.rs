//! What a program tries that somebody may run: it is held inside by the kernel, not by its good will.

use super::kit::{Around, Lab, SECRET, rules_with};
use crate::support::can_refuse_namespaces;
use callboard::confine::{Hold, held};
use serde_json::{Value, json};
use std::fs::{self, Metadata, Permissions};
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Child, Command};

/// Tries what its name says, each a few lines; says of each whether it came through.
const PROBE: &str = include_str!("probe.py");

/// Those who must not hear anything.
struct Ears {
    tcp: TcpListener,
    udp: UdpSocket,
    unix: UnixListener,
    datagrams: UnixDatagram,
    nameless: UnixListener,
}

impl Ears {
    fn open(beside: &Path, name: &str) -> Self {
        let nameless = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let ears = Self {
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            unix: UnixListener::bind(beside.join("listener")).unwrap(),
            datagrams: UnixDatagram::bind(beside.join("datagrams")).unwrap(),
            nameless: UnixListener::bind_addr(&nameless).unwrap(),
        };
        ears.tcp.set_nonblocking(true).unwrap();
        ears.udp.set_nonblocking(true).unwrap();
        ears.unix.set_nonblocking(true).unwrap();
        ears.datagrams.set_nonblocking(true).unwrap();
        ears.nameless.set_nonblocking(true).unwrap();
        ears
    }

    fn assert_deaf(&self) {
        let is_silent = |kind: Option<ErrorKind>| assert_eq!(kind, Some(ErrorKind::WouldBlock));
        is_silent(self.tcp.accept().err().map(|error| error.kind()));
        is_silent(self.udp.recv(&mut [0; 9]).err().map(|error| error.kind()));
        is_silent(self.unix.accept().err().map(|error| error.kind()));
        is_silent(self.datagrams.recv(&mut [0; 9]).err().map(|error| error.kind()));
        is_silent(self.nameless.accept().err().map(|error| error.kind()));
    }
}

/// Whether the server's kernel holds a thing.
async fn enforces(lab: &Lab, thing: &str) -> bool {
    let (_, rules) = lab.server.get("/rules").await;
    rules["kernel"][thing] == "enforced"
}

fn can_be_tried() -> bool {
    let is_there = Path::new("/usr/bin/python3").exists();
    let is_held = held().files == Hold::Enforced && held().network == Hold::Enforced;
    if !(is_there && is_held) {
        eprintln!("skipped: there is no /usr/bin/python3, or a kernel that cannot hold programs");
    }
    is_there && is_held
}

/// A process of the same user, whom nobody is to find.
struct Stranger(Child);

impl Stranger {
    fn begin() -> Self {
        Self(Command::new("sleep").arg("300").spawn().unwrap())
    }

    fn is_well(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn probed(around: Around) -> (Lab, Ears, Value) {
    let calls =
        [("run_command", json!({ "program": "/usr/bin/python3", "arguments": ["probe.py"] }))];
    let rules = rules_with(&["/usr/bin/python3 probe.py"]);
    let lab = Lab::open_where(around, Some(&rules), "coder", &calls).await;
    // Files beside canaries are made afterwards: the folder is compared.
    fs::create_dir(lab.at("ears")).unwrap();
    let canary = lab.at("beside/canary");
    fs::set_permissions(&canary, Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&canary).unwrap();
    let name = lab.folder.path().to_string_lossy().into_owned();
    let ears = Ears::open(&lab.at("ears"), &name);
    let mut stranger = Stranger::begin();
    let holds_attributes = enforces(&lab, "attributes").await;
    let told = json!({ "stranger": stranger.0.id(), "attributes": holds_attributes,
        "root": lab.folder.path(), "server": lab.server.pid(), "name": name,
        "tcp": ears.tcp.local_addr().unwrap().port(), "udp": ears.udp.local_addr().unwrap().port(),
    });
    fs::write(lab.at("work/target.json"), told.to_string()).unwrap();
    fs::write(lab.at("work/probe.py"), PROBE).unwrap();
    let results = lab.results().await;
    assert!(stranger.is_well());
    if holds_attributes {
        let after = fs::metadata(&canary).unwrap();
        let of =
            |file: &Metadata| (file.mode(), file.mtime(), file.ctime(), file.nlink(), file.uid());
        assert_eq!(of(&after), of(&before));
    }
    (lab, ears, results[0].clone())
}

#[actix_web::test]
async fn a_program_gets_nowhere_that_its_rules_do_not_lead() {
    if !can_be_tried() {
        return;
    }
    gets_nowhere(Around::Namespaces).await;
}

#[actix_web::test]
async fn nor_where_the_kernel_refuses_namespaces_but_for_what_is_said() {
    if !(can_be_tried() && can_refuse_namespaces()) {
        return;
    }
    let lab = gets_nowhere(Around::Machine).await;
    let (_, rules) = lab.server.get("/rules").await;
    let kernel = &rules["kernel"];
    assert_eq!(kernel["by"], json!(["landlock", "seccomp"]));
    for (thing, hold) in kernel.as_object().unwrap().iter().filter(|(thing, _)| *thing != "by") {
        let is_checked = ["attributes", "hosts", "tools"].contains(&thing.as_str());
        assert_eq!(*hold, if is_checked { "checked" } else { "enforced" }, "{thing}: {kernel}");
    }
    let (_, health) = lab.server.get("/health").await;
    let said = health["checks"]["rules"]["detail"].as_str().unwrap_or_default();
    assert!(said.contains("checked, not enforced") && said.contains("attributes"), "{health}");
}

async fn gets_nowhere(around: Around) -> Lab {
    let (lab, ears, result) = probed(around).await;
    assert_ne!(result["is_error"], true, "{result}");
    let came = result["content"].clone();
    assert_eq!(came["exit_code"], 0, "{came}");
    let tried: Value = serde_json::from_str(came["stdout"].as_str().unwrap()).unwrap();
    let tried = tried.as_object().unwrap();
    // Where there are no namespaces, the kernel knows no rule for modes and times; and says so.
    let is_whole = enforces(&lab, "attributes").await;
    let open = |name: &str| {
        name.starts_with("may ")
            || !is_whole && ["attr chmod", "attr utime"].iter().any(|open| name.starts_with(open))
    };
    let through: Vec<_> =
        tried.iter().filter(|(name, came)| !open(name) && *came == "through").collect();
    assert!(through.is_empty(), "{through:?}");
    let kinds = ["path", "link", "tcp", "udp", "unix", "other", "attr", "race"];
    for kind in kinds {
        let count = tried.keys().filter(|name| name.split(' ').next() == Some(kind)).count();
        assert!(count >= 10, "{kind}: {count}");
    }
    for (name, came) in tried.iter().filter(|(name, _)| name.starts_with("may ")) {
        assert_eq!(came, "through", "{name}: a program has to be able to work");
    }
    ears.assert_deaf();
    lab.assert_untouched();
    assert!(!result.to_string().contains(SECRET), "{result}");
    // What it made came over, and what it may not make did not.
    assert_eq!(fs::read_to_string(lab.at("work/made.txt")).unwrap(), "made");
    assert!(!lab.at("work/made.pem").exists());
    let not_kept = came["not_kept"].to_string();
    assert!(not_kept.contains("made.pem") && not_kept.contains("deny"), "{came}");
    let audit = lab.audit().await;
    assert_eq!((audit.len(), &audit[0]["allowed"]), (2, &json!(true)), "{audit:?}");
    assert_eq!((&audit[1]["allowed"], &audit[1]["target"]), (&json!(false), &json!("made.pem")));
    assert!(audit[0]["millis"].as_u64().unwrap() < 100_000, "it is settled: {audit:?}");
    lab
}

#[actix_web::test]
async fn a_program_that_is_ended_leaves_nothing_half_done() {
    for around in [Around::Namespaces, Around::Machine] {
        if can_be_tried() && (around == Around::Namespaces || can_refuse_namespaces()) {
            leaves_nothing_half_done(around).await;
        }
    }
}

async fn leaves_nothing_half_done(around: Around) {
    let line =
        ("run_command", json!({ "program": "/bin/sh", "arguments": ["slow.sh"], "timeout_s": 1 }));
    let rules = rules_with(&["/bin/sh slow.sh"]);
    let lab = Lab::open_where(around, Some(&rules), "coder", &[line]).await;
    let marks = lab.at("marks");
    fs::create_dir(&marks).unwrap();
    fs::write(lab.at("work/slow.sh"), "echo half > made.txt\n(sleep 31.7 &) \nsleep 31.7\n")
        .unwrap();
    let results = lab.results().await;
    let came = results[0]["content"].clone();
    assert_eq!(came["stopped"], "it ran longer than 1 s", "{came}");
    assert_eq!(came["exit_code"], Value::Null);
    assert!(!lab.at("work/made.txt").exists());
    assert_eq!(living("31.7"), 0, "all of it has ended");
}

/// How many processes have this word among their arguments.
fn living(word: &str) -> usize {
    let folders = fs::read_dir("/proc").unwrap().flatten();
    let lines = folders.filter_map(|folder| fs::read(folder.path().join("cmdline")).ok());
    lines.filter(|line| line.split(|byte| *byte == 0).any(|part| part == word.as_bytes())).count()
}
