//! A disk that fails for a while: syncs of the real server return EIO, injected by strace.
//!
//! What a client was told is kept all the same, what it was not told it may ask again, and the server
//! works on without a restart once the disk does.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::campaign::stage;
use crate::laws::{Case, Heard, Journal, violations};
use crate::scenario::{Cast, Fate, Part, Said, replayed};
use crate::trace::{is_permitted, under_strace};
use crate::trial::{finish, verified};
use crate::world::{Client, Mock, Server, Setup, scratch};

/// How many processes are spawned.
const PROCESSES: usize = 60;
/// If that takes longer, something hangs.
const PATIENCE: Duration = Duration::from_mins(2);
/// Of each thread's syncs, every third between the fortieth and the hundredth fails: the start has
/// fewer.
const FAULTS: &str = "inject=fsync,fdatasync:error=EIO:when=40..100+3";

#[test]
fn syncs_that_fail_lose_nothing_and_need_no_restart() {
    if !is_permitted() {
        return;
    }
    let _stage = stage();
    let (folder, mock) = (scratch(), Mock::start());
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let setup = Setup::new(folder.path(), mock.address);
    let server = Server::of(&home, failing(&setup.serve(&home))).unwrap();
    let (cast, refused) = spawn_all(&server.client);
    eprintln!("faults: {PROCESSES} accepted, {refused} times asked to come back");
    assert!(refused > 0, "no sync has failed: nothing was tried");
    wait_for_health(&server.client);
    server.kill();
    finish(&setup, &home).unwrap();
    assert_eq!(broken(&cast, &home, &mock), [""; 0]);
    verified(&setup, &home).unwrap();
}

/// The server's command, on a disk that fails for a while.
fn failing(command: &Command) -> Command {
    under_strace(command, &["-e", "trace=fsync,fdatasync", "-e", FAULTS], Path::new("/dev/null"))
}

/// Spawns each until it is accepted; counts how often it had to ask again.
fn spawn_all(client: &Client) -> (Cast, usize) {
    let (mut cast, mut refused, started) = (Cast::default(), 0, Instant::now());
    for number in 0..PROCESSES {
        let order = replayed(&format!("turn {number}"), &format!("session-{}", number / 5));
        let process = loop {
            let answer = client.spawn(Some(&format!("process {number}")), &order).unwrap();
            if answer.status == 202 {
                break answer.body["process_id"].as_str().unwrap().to_owned();
            }
            assert_eq!(answer.status, 503, "{}", answer.body);
            assert!(started.elapsed() < PATIENCE, "process {number} is not accepted");
            refused += 1;
            thread::sleep(Duration::from_millis(20));
        };
        cast.parts.push(Part::new(process, &order, Fate::Answered));
    }
    (cast, refused)
}

fn wait_for_health(client: &Client) {
    let started = Instant::now();
    loop {
        let health = client.get("/health").unwrap();
        if health.status == 200 {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "it stays unhealthy: {}", health.body);
        thread::sleep(Duration::from_millis(100));
    }
}

fn broken(cast: &Cast, home: &Path, mock: &Mock) -> Vec<String> {
    let after = Journal::of(home).unwrap();
    let accepted = |part: &Part| Said::Accepted { process: part.process.clone() };
    let said: Vec<_> = cast.parts.iter().map(accepted).collect();
    let said: Vec<_> = said.iter().collect();
    let token = std::fs::read_to_string(home.join("token")).unwrap();
    violations(&Case {
        cast,
        said: &said,
        before: &after,
        after: &after,
        answered: &[],
        heard: &Heard::default(),
        home,
        token: token.trim(),
        calls: &mock.counts(),
    })
}
