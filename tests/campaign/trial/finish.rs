//! Lets a server finish what a home holds.

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::laws::Heard;
use crate::scenario::{attend, ends, hash, kept, positions};
use crate::world::{Client, Server, Setup};

/// How long nothing may be recorded while something is open.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts a server, asks its bus when nothing else is open any more, and kills it. The error says what stays
/// open.
pub(crate) fn finish(setup: &Setup, home: &Path) -> Result<Heard, String> {
    with(Server::start(setup, home), home)
}

/// Starts a server and kills it as soon as it has written so many messages, or nothing is open any more.
pub(super) fn begin(setup: &Setup, home: &Path, messages: i64) -> Result<(), String> {
    let server = Server::start(setup, home)?;
    let result = wait(&server.client, home, messages);
    server.kill();
    result
}

/// The same with a server that was started already.
pub(super) fn with(server: Result<Server, String>, home: &Path) -> Result<Heard, String> {
    let server = server?;
    let result = wait(&server.client, home, i64::MAX).map(|()| ask(&server.client));
    server.kill();
    result
}

/// All that the bus has to say, and how workflows have ended.
fn ask(client: &Client) -> Heard {
    let mut heard = Heard::default();
    let subscriptions = client.get("/subscriptions?limit=100").unwrap().body;
    for row in subscriptions["items"].as_array().unwrap() {
        let name = row["id"].as_str().unwrap();
        heard.deliveries.insert(name.to_owned(), positions(client, name));
    }
    for key in ["plan", "note"] {
        let answer = client.get(&format!("/state/{key}")).unwrap();
        let held = (answer.status == 200).then(|| hash(answer.body.to_string().as_bytes()));
        heard.states.insert(key.to_owned(), held);
    }
    heard.ends = ends(client);
    heard.kept = kept(client, &heard.ends);
    heard
}

/// What is still to be done, and how far the journal has come.
#[derive(Debug, PartialEq, Eq)]
struct Progress {
    open: Vec<String>,
    position: i64,
}

impl Progress {
    /// Something is asked, or no process is open, but a workflow.
    fn waits_for_a_person(&self) -> bool {
        let is_graph = |open: &&String| open.starts_with("workflow ");
        let has_work = |open: &String| open.ends_with(" has work");
        let is_process = |open: &String| !is_graph(&open) && !has_work(open);
        let is_asked = |open: &String| open.ends_with(" is interrupted");
        self.open.iter().any(is_asked)
            || self.open.iter().any(|open| is_graph(&open)) && !self.open.iter().any(is_process)
    }
}

/// Until nothing is open any more, or so many messages were written; whoever is asked or waited for, is there.
fn wait(client: &Client, home: &Path, messages: i64) -> Result<(), String> {
    let connection = reader(home).map_err(|error| format!("no journal to look at: {error}"))?;
    let (mut last, mut since, mut first) = (None, Instant::now(), None);
    loop {
        let now = progress(&connection).map_err(|error| format!("unreadable: {error}"))?;
        let written = now.position - *first.get_or_insert(now.position);
        if now.open.is_empty() || written >= messages {
            return Ok(());
        }
        if now.waits_for_a_person() {
            attend(client);
        }
        let parked = now.open.iter().any(|open| open.contains("parked"));
        if parked || since.elapsed() > PATIENCE {
            return Err(format!("it does not finish: {}", now.open.join(", ")));
        }
        if last.as_ref() != Some(&now) {
            (last, since) = (Some(now), Instant::now());
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn reader(home: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(home.join("callboard.db"), flags)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn progress(connection: &Connection) -> rusqlite::Result<Progress> {
    const OPEN: &str = "SELECT id || ' is ' || status FROM processes
            WHERE status NOT IN ('COMPLETED', 'DEAD', 'CANCELLED')
        UNION ALL SELECT kind || '/' || name || ' has work' FROM streams WHERE wake_at IS NOT NULL
        UNION ALL SELECT kind || '/' || name || ' is parked: ' || parked FROM streams
            WHERE parked IS NOT NULL
        UNION ALL SELECT 'agent ' || id || ' is busy' FROM agents WHERE status = 'busy'
        UNION ALL SELECT 'workflow ' || id || ' is ' || status FROM workflows
            WHERE status NOT IN ('completed', 'failed', 'cancelled')";
    const POSITION: &str = "SELECT coalesce(max(id), 0) FROM messages";
    let mut select = connection.prepare_cached(OPEN)?;
    let open = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Progress { open, position: connection.query_row(POSITION, [], |row| row.get(0))? })
}

/// Has the journal verify itself.
pub(crate) fn verified(setup: &Setup, home: &Path) -> Result<(), String> {
    journal(setup, home, "verify")
}

/// Has it make anew what is read of it, and verify that.
pub(super) fn rebuilt(setup: &Setup, home: &Path) -> Result<(), String> {
    journal(setup, home, "rebuild")?;
    journal(setup, home, "verify")
}

fn journal(setup: &Setup, home: &Path, what: &str) -> Result<(), String> {
    let mut command = setup.command(home, &["journal", what]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("journal {what}: {}: {}", output.status, String::from_utf8_lossy(&said)))
}
