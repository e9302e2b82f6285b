//! A program that a runtime runs for an agent, in a workflow that has a folder: it works on a copy, held by the kernel; what
//! it did is taken over when it has answered, once, as far as its rules go.

use super::kit::{Around, SECRET};
use crate::support::{Server, can_refuse_namespaces, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An agent of our own: it does what its prompt says, and answers what came of it.
const AGENT: &str = r#"#!/usr/bin/python3
import json, os, socket, subprocess, sys, time

prompt, attempt = sys.stdin.read(), int(sys.argv[1])
root = open("root.txt").read().strip()
tried = {}


def attempted(name, what):
    try:
        what()
        tried[name] = "through"
    except BaseException as error:
        tried[name] = type(error).__name__


if "work" in prompt:
    open("made.txt", "w").write(f"made in attempt {attempt}\n")
    open("src/main.py", "a").write("print('bye')\n")
    os.remove("docs/old.md")
    open("made.pem", "w").write("mine")
    os.makedirs("new/deep", exist_ok=True)
    open("new/deep/file", "w").write("deep")
if "hurry" in prompt and attempt == 1:
    open("half.txt", "w").write("half")
    sys.exit(3)
if "wait" in prompt:
    open("half.txt", "w").write("half")
    open("waits.txt", "w").write("waits")
    time.sleep(float(prompt.split("wait ")[1].split()[0]))
if "break out" in prompt:
    canary = f"{root}/beside/canary"
    attempted("read", lambda: open(canary).read())
    attempted("write", lambda: open(canary, "w").write("mine"))
    attempted("chmod", lambda: os.chmod(canary, 0o777))
    attempted("utime", lambda: os.utime(canary, (1, 1)))
    attempted("rename", lambda: os.rename(canary, canary + ".mine"))
    attempted("workspace", lambda: open(f"{root}/work/mine", "w").write("mine"))
    attempted("token", lambda: open(f"{root}/home/token").read())
    attempted("denied", lambda: open(".env").read())
    attempted("tcp", lambda: socket.create_connection(("127.0.0.1", int(os.environ["FOREIGN"])), 2))
    attempted("listen", lambda: socket.create_server(("127.0.0.1", 0)))
    attempted("mptcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(("127.0.0.1", int(os.environ["FOREIGN"]))))
    attempted("fast open", lambda: socket.socket().sendto(b"mine", 0x20000000, ("127.0.0.1", int(os.environ["FOREIGN"]))))
    attempted("listen anywhere", lambda: socket.socket().listen())
    attempted("server", lambda: os.kill(int(os.environ["SERVER"]), 0))
    socket.create_connection(("127.0.0.1", int(os.environ["PROVIDER"].rsplit(":", 1)[1])), 2)
    subprocess.run(["/bin/true"], start_new_session=True, check=True)
    open(os.path.expanduser("~/kept"), "w").write("at home")
print(json.dumps(tried))
"#;

/// A server with such an agent, and a folder with a canary beside it.
pub(super) struct Studio {
    pub(super) server: Server,
    pub(super) folder: TempDir,
    ears: [std::net::TcpListener; 2],
}

impl Studio {
    pub(super) async fn open(prompt: &str) -> Self {
        Self::open_where(Around::Namespaces, prompt).await
    }

    async fn open_where(around: Around, prompt: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for name in ["work/src", "work/docs", "beside", "config", "tools"] {
            fs::create_dir_all(at.join(name)).unwrap();
        }
        for (name, text) in [
            ("work/src/main.py", "print('hello')\n"),
            ("work/docs/old.md", "old"),
            ("work/.env", SECRET),
            ("beside/canary", SECRET),
        ] {
            fs::write(at.join(name), text).unwrap();
        }
        fs::write(at.join("work/root.txt"), at.display().to_string()).unwrap();
        fs::write(at.join("tools/agent"), AGENT).unwrap();
        fs::set_permissions(at.join("tools/agent"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(at.join("config/rules.yaml"), rules()).unwrap();
        let listen = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let ears = [listen(), listen()];
        fs::write(at.join("config/callboard.toml"), settings(at, &ears)).unwrap();
        let server = around.start(at).await;
        let studio = Self { server, folder, ears };
        studio.define(prompt).await;
        studio
    }

    async fn define(&self, prompt: &str) {
        let agent = json!({ "profile": "coder", "runtime": "script", "prompt": prompt });
        let text = json!({
            "name": "studio", "workspace": "work", "state": { "said": {} }, "start": "do",
            "nodes": { "do": { "agent": agent, "write": { "said": "output" } } },
        });
        let put = self.server.ask(Method::PUT, "/definitions/studio").body(text.to_string());
        let answer = put.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.at(name)).ok()
    }

    pub(super) async fn start(&self) -> String {
        let (status, receipt) = self.server.post("/workflows", json!({ "type": "studio" })).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
    }

    pub(super) async fn end(&self, path: &str) -> Value {
        until("the workflow's end", || async {
            let (_, row) = self.server.get(path).await;
            let is_open = ["running", "cancelling"].iter().any(|status| row["status"] == *status);
            (!is_open).then_some(row)
        })
        .await
    }

    pub(super) async fn changes(&self, path: &str) -> Vec<Value> {
        let (_, page) = self.server.get(&format!("{path}/files")).await;
        page["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone()
    }

    /// Until the agent is at work in its copy.
    async fn until_it_waits(&self) {
        self.until_it_has_made("waits.txt").await;
    }

    /// Until the agent has done the last thing that it does.
    pub(super) async fn until_it_has_worked(&self) {
        self.until_it_has_made("new/deep/file").await;
    }

    async fn until_it_has_made(&self, file: &str) {
        let benches = self.at("home/workspaces/.agents");
        until("the agent's work", || async {
            let entries = fs::read_dir(&benches).ok()?.flatten();
            let mut made = entries.map(|entry| entry.path().join("work").join(file));
            made.any(|file| file.exists()).then_some(())
        })
        .await;
    }

    /// Another server on the same home, after this one was killed.
    async fn again(self) -> Self {
        self.again_after(|_| ()).await
    }

    /// The same, with something done to its folder in between.
    pub(super) async fn again_after(self, done: impl FnOnce(&Path)) -> Self {
        let Self { server, folder, ears } = self;
        drop(server);
        done(folder.path());
        let server = Server::start(folder.path(), &folder.path().join("home"), &[]).await;
        Self { server, folder, ears }
    }

    fn assert_untouched(&self) {
        assert_eq!(self.text("beside/canary").as_deref(), Some(SECRET));
        assert_eq!(self.text("work/.env").as_deref(), Some(SECRET));
        let mode = fs::metadata(self.at("beside/canary")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0);
    }
}

fn rules() -> String {
    json!({
        "version": 1, "deny": [".env", "*.pem"], "default": { "can_read_files": true },
        "profiles": { "coder": { "can_write_files": true } },
    })
    .to_string()
}

fn settings(at: &Path, ears: &[std::net::TcpListener; 2]) -> String {
    let ports = ears.each_ref().map(|ear| ear.local_addr().unwrap().port());
    format!(
        "[runtimes.script]\nkind = \"cli\"\ncommand = {:?}\nargs = [\"{{{{ attempt }}}}\"]\n\
         set_env = {{ PROVIDER = \"http://127.0.0.1:{}\", FOREIGN = \"{}\", SERVER = \"{}\" }}\n",
        at.join("tools/agent").display().to_string(),
        ports[0],
        ports[1],
        std::process::id(),
    )
}

pub(super) fn can_be_tried() -> bool {
    let is_there = Path::new("/usr/bin/python3").exists();
    if !is_there {
        eprintln!("skipped: there is no /usr/bin/python3");
    }
    is_there
}

#[actix_web::test]
async fn what_it_did_is_one_change_that_can_be_undone_and_what_it_may_not_is_told() {
    if !can_be_tried() {
        return;
    }
    let studio = Studio::open("work").await;
    let path = studio.start().await;
    let row = studio.end(&path).await;
    assert_eq!(row["status"], "completed", "{row}\n{}", studio.server.log());
    assert_eq!(studio.text("work/made.txt").as_deref(), Some("made in attempt 1\n"));
    assert!(studio.text("work/src/main.py").unwrap().ends_with("print('bye')\n"));
    assert_eq!(studio.text("work/new/deep/file").as_deref(), Some("deep"));
    assert!(studio.text("work/docs/old.md").is_none() && studio.text("work/made.pem").is_none());
    let changes = studio.changes(&path).await;
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert!(changes[0].to_string().contains("\"script\""), "{changes:#?}");
    let (_, processes) = studio.server.get("/processes").await;
    let process = processes["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, said) = studio.server.get(&format!("/processes/{process}/response")).await;
    let told = said["files"].clone();
    assert_eq!(told["changed"].as_array().unwrap().len(), 4, "{said}");
    assert!(told["not_kept"].to_string().contains("made.pem"), "{said}");
    let (_, audit) = studio.server.get("/audit?tool=script").await;
    let rows = audit["items"].as_array().unwrap();
    let refused: Vec<_> = rows.iter().filter(|row| row["allowed"] == false).collect();
    assert_eq!((rows.len(), refused.len()), (2, 1), "{audit}");
    assert_eq!(
        (&refused[0]["target"], &refused[0]["actor"]),
        (&json!("made.pem"), &json!("coder"))
    );
    let (status, undone) = studio.server.post(&format!("{path}/undo"), json!({})).await;
    assert!(status.is_success(), "{undone}");
    assert_eq!(studio.text("work/src/main.py").as_deref(), Some("print('hello')\n"));
    assert_eq!(studio.text("work/docs/old.md").as_deref(), Some("old"));
    assert!(studio.text("work/made.txt").is_none());
    until("that its copy is gone", || async {
        fs::read_dir(studio.at("home/workspaces/.agents"))
            .is_ok_and(|mut all| all.next().is_none())
            .then_some(())
    })
    .await;
}

#[actix_web::test]
async fn it_gets_nowhere_but_to_its_copy_its_home_and_its_provider() {
    if can_be_tried() {
        gets_nowhere(Around::Namespaces).await;
    }
}

#[actix_web::test]
async fn nor_where_the_kernel_refuses_namespaces_but_for_what_is_said() {
    if can_be_tried() && can_refuse_namespaces() {
        gets_nowhere(Around::Machine).await;
    }
}

async fn gets_nowhere(around: Around) {
    let studio = Studio::open_where(around, "break out").await;
    let path = studio.start().await;
    let row = studio.end(&path).await;
    assert_eq!(row["status"], "completed", "{row}\n{}", studio.server.log());
    let tried: Value = serde_json::from_str(row["state"]["said"].as_str().unwrap()).unwrap();
    let (_, rules) = studio.server.get("/rules").await;
    let is_whole = rules["kernel"]["attributes"] == "enforced";
    assert!(!is_whole || around == Around::Namespaces);
    let open = |name: &str| !is_whole && ["chmod", "utime"].contains(&name);
    for (name, came) in tried.as_object().unwrap() {
        assert!(came != "through" || open(name), "{name}: {tried}");
    }
    assert_eq!(tried.as_object().unwrap().len(), 14);
    studio.ears[1].set_nonblocking(true).unwrap();
    assert!(studio.ears[1].accept().is_err(), "somebody spoke to whom it may not");
    if is_whole {
        studio.assert_untouched();
    }
    assert!(studio.changes(&path).await.is_empty());
}

#[actix_web::test]
async fn what_a_failed_or_cancelled_attempt_did_is_thrown_away() {
    if !can_be_tried() {
        return;
    }
    let studio = Studio::open("hurry work").await;
    let path = studio.start().await;
    let row = studio.end(&path).await;
    assert_eq!(row["status"], "completed", "{row}");
    assert_eq!(studio.text("work/made.txt").as_deref(), Some("made in attempt 2\n"));
    assert!(studio.text("work/half.txt").is_none());
    assert_eq!(studio.changes(&path).await.len(), 1);
    studio.define("wait 60 and").await;
    let path = studio.start().await;
    studio.until_it_waits().await;
    let (status, said) = studio.server.post(&format!("{path}/cancel"), json!({})).await;
    assert!(status.is_success(), "{said}");
    assert_eq!(studio.end(&path).await["status"], "cancelled");
    assert!(studio.text("work/half.txt").is_none() && studio.text("work/waits.txt").is_none());
}

#[actix_web::test]
async fn a_server_that_is_killed_takes_it_over_once_when_it_comes_back() {
    if !can_be_tried() {
        return;
    }
    // It ends while the server is away, and while it is there again.
    for seconds in ["1.5", "4"] {
        let studio = Studio::open(&format!("work wait {seconds} s")).await;
        let path = studio.start().await;
        studio.until_it_waits().await;
        assert!(studio.text("work/made.txt").is_none(), "nothing before it has answered");
        let studio = studio.again().await;
        let row = studio.end(&path).await;
        assert_eq!(row["status"], "completed", "{row}\n{}", studio.server.log());
        assert_eq!(studio.text("work/made.txt").as_deref(), Some("made in attempt 1\n"));
        assert_eq!(studio.text("work/waits.txt").as_deref(), Some("waits"));
        assert_eq!(studio.changes(&path).await.len(), 1);
        studio.assert_untouched();
    }
}

/// The shim that works on an attempt, by its arguments.
fn shim_of(process: &str) -> Option<i32> {
    let folders = fs::read_dir("/proc").ok()?.flatten();
    let mut found = folders.filter(|folder| {
        let line = fs::read(folder.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|byte| *byte == 0).collect();
        words.get(1) == Some(&b"shim".as_slice())
            && words.get(2).is_some_and(|word| word.starts_with(process.as_bytes()))
    });
    found.next()?.file_name().to_str()?.parse().ok()
}

#[actix_web::test]
async fn what_a_killed_shim_held_is_ended_and_thrown_away_and_another_attempt_begins() {
    if !can_be_tried() {
        return;
    }
    let studio = Studio::open("work wait 3 s").await;
    let path = studio.start().await;
    studio.until_it_waits().await;
    let (_, processes) = studio.server.get("/processes").await;
    let shim = shim_of(processes["items"][0]["id"].as_str().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(shim).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let row = studio.end(&path).await;
    assert_eq!(row["status"], "completed", "{row}\n{}", studio.server.log());
    assert_eq!(studio.text("work/made.txt").as_deref(), Some("made in attempt 2\n"));
    assert_eq!(studio.changes(&path).await.len(), 1);
}

#[actix_web::test]
async fn whose_work_is_in_the_way_of_others_works_again_on_what_is_there() {
    if !can_be_tried() {
        return;
    }
    let studio = Studio::open("work wait 1 s").await;
    let path = studio.start().await;
    studio.until_it_waits().await;
    fs::write(studio.at("work/src/main.py"), "print('somebody else')\n").unwrap();
    let row = studio.end(&path).await;
    assert_eq!(row["status"], "completed", "{row}\n{}", studio.server.log());
    assert_eq!(studio.text("work/made.txt").as_deref(), Some("made in attempt 2\n"));
    let main = studio.text("work/src/main.py").unwrap();
    assert_eq!(main, "print('somebody else')\nprint('bye')\n");
    assert_eq!(studio.changes(&path).await.len(), 1);
}
