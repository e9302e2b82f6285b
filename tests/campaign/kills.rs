//! Real kills: a server that is shot again and again, and a client that insists.
//!
//! What is lost here is the program's memory, at any instruction; what a disk may lose is the
//! campaign's matter.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::campaign::{seed, stage};
use crate::chance::Chance;
use crate::laws::{Case, Heard, Journal, violations};
use crate::scenario::{Cast, Fate, Part, Said, called, replayed};
use crate::trial::{finish, verified};
use crate::world::{Client, Mock, Server, Setup, scratch};

/// How many processes are spawned.
const PROCESSES: usize = 200;
/// How often the server is killed at least.
const KILLS: usize = 30;
/// At least so many kills hit calls that were under way.
const HITS: usize = 10;
/// If that takes longer, something hangs.
const PATIENCE: Duration = Duration::from_mins(3);

#[test]
fn thirty_kills_lose_nothing_and_repeat_nothing() {
    let _stage = stage();
    let (folder, mock) = (scratch(), Mock::start());
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let setup = Setup::new(folder.path(), mock.address)
        .with("CALLBOARD_SUPERVISION__UNSETTLED_STARTS", "0")
        .with("CALLBOARD_PROCESSES__MAX_LOST", "1000");
    let house = House::default();
    let (kills, hits, cast) = thread::scope(|scope| {
        let client = scope.spawn(|| house.spawn_all());
        let (kills, hits) = house.kill_and_kill(&setup, &home, &mock);
        (kills, hits, client.join().unwrap())
    });
    finish(&setup, &home).unwrap();
    eprintln!("kills: {kills} kills, {hits} of them while calls were under way");
    assert_eq!(cast.parts.len(), PROCESSES);
    let after = Journal::of(&home).unwrap();
    summary(&after, &mock);
    let said: Vec<_> = cast.parts.iter().map(accepted).collect();
    let said: Vec<_> = said.iter().collect();
    let token = std::fs::read_to_string(home.join("token")).unwrap();
    let evidence = Case {
        cast: &cast,
        said: &said,
        before: &after,
        after: &after,
        answered: &[],
        heard: &Heard::default(),
        home: &home,
        token: token.trim(),
        calls: &mock.counts(),
    };
    assert_eq!(violations(&evidence), [""; 0]);
    verified(&setup, &home).unwrap();
}

/// The law in one line; that it holds for each process is asked above.
fn summary(after: &Journal, mock: &Mock) {
    let count = |event_type: &str| {
        after.messages.iter().filter(|message| message.event_type == event_type).count()
    };
    let is_lost = |kind: &Value| kind == "lost";
    let lost = after.messages.iter().filter(|message| is_lost(&message.data["kind"])).count();
    let calls: usize = mock.counts().values().sum();
    let (admitted, answered) = (count("SPAWN_ADMITTED"), count("SPAWN_SUCCESS"));
    eprintln!("kills: {admitted} attempts, {answered} answered, {lost} lost; {calls} calls");
}

fn accepted(part: &Part) -> Said {
    Said::Accepted { process: part.process.clone() }
}

/// What killer and client share.
#[derive(Debug, Default)]
struct House {
    /// Where the server that lives now is found.
    door: Mutex<Option<Client>>,
    kills: AtomicUsize,
    all_spawned: AtomicBool,
}

impl House {
    /// Starts servers and kills them, until there were enough kills and nothing more to spawn.
    fn kill_and_kill(&self, setup: &Setup, home: &std::path::Path, mock: &Mock) -> (usize, usize) {
        let (started, mut chance, mut hits) = (Instant::now(), Chance::new(seed()), 0);
        eprintln!("kills: CALLBOARD_TEST_CAMPAIGN_SEED={}", seed());
        let is_done = |hits| {
            self.all_spawned.load(Ordering::SeqCst)
                && self.kills.load(Ordering::SeqCst) >= KILLS
                && hits >= HITS
        };
        while !is_done(hits) {
            assert!(started.elapsed() < PATIENCE, "{hits} hits, and no end");
            let server = Server::start(setup, home).unwrap();
            mock.next_life();
            *self.door() = Some(server.client.clone());
            thread::sleep(Duration::from_millis(20 + chance.next() % 400));
            let hit = mock.next_life() > 0;
            server.kill();
            hits += usize::from(hit);
            self.kills.fetch_add(1, Ordering::SeqCst);
        }
        (self.kills.load(Ordering::SeqCst), hits)
    }

    /// Spawns all processes, some after each kill, each until it is accepted.
    fn spawn_all(&self) -> Cast {
        let mut cast = Cast::default();
        for number in 0..PROCESSES {
            while number > (self.kills.load(Ordering::SeqCst) + 1) * PROCESSES / KILLS {
                thread::sleep(Duration::from_millis(1));
            }
            let order = order(number);
            let process = self.spawn(&format!("process {number}"), &order);
            cast.parts.push(Part::new(process, &order, Fate::Answered));
        }
        self.all_spawned.store(true, Ordering::SeqCst);
        cast
    }

    fn spawn(&self, key: &str, order: &Value) -> String {
        let started = Instant::now();
        loop {
            let client = self.door().clone();
            // No server, one that dies meanwhile, one that asks to wait: all the same to this client.
            if let Some(Ok(answer)) = client.map(|client| client.spawn(Some(key), order))
                && answer.status != 503
                && answer.status != 409
            {
                assert_eq!(answer.status, 202, "{}", answer.body);
                return answer.body["process_id"].as_str().unwrap().to_owned();
            }
            assert!(started.elapsed() < PATIENCE, "{key} is not accepted");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn door(&self) -> std::sync::MutexGuard<'_, Option<Client>> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every other one asks the API; each five share a session.
fn order(number: usize) -> Value {
    let session = format!("session-{}", number / 5);
    if number.is_multiple_of(2) {
        called(&format!("pausing {number}"), &session)
    } else {
        replayed(&format!("wait {number}"), &session)
    }
}
