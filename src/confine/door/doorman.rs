//! [`keep`]: keeps the door: has a program begun that has a network of its own, and serves it there, from outside.

use super::handover::{DOOR, take_over};
use super::named::Named;
use super::plan::Door;
use super::refusal::No;
use super::upstream::Upstreams;
use crate::confine::confinement::Job;
use crate::confine::outside::end_like;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// So many connections may there be at a time.
const MOST_VISITS: usize = 256;

/// So many refusals are told on stderr, each once.
const MOST_NOTES: usize = 100;

/// So much memory has a visit beside its way there.
const STACK: usize = 512 << 10;

/// How long nobody is let in after that has failed: too many files are open, say.
const BREATH: Duration = Duration::from_millis(50);

/// What a name means just now.
type Lookup = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// Who stands at the door.
pub(super) struct Doorman {
    pub(super) door: Door,
    pub(super) upstreams: Upstreams,
    pub(super) lookup: Lookup,
    near: Vec<Named>,
    visits: AtomicUsize,
    noted: Mutex<BTreeSet<String>>,
}

/// Has the job done behind the door; ends as it ended.
pub(in crate::confine) fn keep(job: &Job, door: &Door) -> io::Result<ExitCode> {
    let (ours, theirs) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    fcntl_setfd(&theirs, FdFlags::empty())?;
    let mut first = Command::new("/proc/self/exe")
        .arg0("callboard")
        .args(job.call()?)
        .envs(door.variables())
        .env(DOOR, theirs.as_raw_fd().to_string())
        .spawn()?;
    drop(theirs);
    let doorman = Arc::new(Doorman::at(door.clone()));
    thread::spawn(move || doorman.serve(&ours));
    let ended = first.wait()?;
    Ok(end_like(ended))
}

impl Doorman {
    /// He knows the machine's names and ways.
    fn at(door: Door) -> Self {
        let near = door.near().into_iter().cloned().collect();
        let upstreams = Upstreams::of(|name| std::env::var(name).ok());
        let (visits, noted) = (AtomicUsize::new(0), Mutex::default());
        Self { door, upstreams, lookup: system, near, visits, noted }
    }

    /// At all places that are handed out.
    fn serve(self: Arc<Self>, handed: &OwnedFd) {
        // Where nothing comes, the first process inside has failed, and said so.
        for (number, listener) in take_over(handed).unwrap_or_default() {
            let doorman = Arc::clone(&self);
            thread::spawn(move || doorman.stand(number, &listener));
        }
    }

    /// At one place: the first is the proxy, the others are near addresses.
    fn stand(self: &Arc<Self>, number: u8, listener: &TcpListener) {
        loop {
            let Ok((visitor, _)) = listener.accept() else {
                thread::sleep(BREATH);
                continue;
            };
            let visit = Visit::begin(self);
            let near = usize::from(number).checked_sub(1).and_then(|n| self.near.get(n)).cloned();
            let begun = thread::Builder::new().stack_size(STACK).spawn(move || {
                visit.go(visitor, near);
            });
            if begun.is_err() {
                thread::sleep(BREATH);
            }
        }
    }

    /// Tells people who was kept from what: they find it among what the program complained of.
    pub(super) fn note(&self, no: &No) {
        let Some(words) = no.by_a_rule() else { return };
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MOST_NOTES && noted.insert(words.to_owned()) {
            let _ = writeln!(io::stderr(), "callboard: {words}");
        }
    }
}

/// A connection that counts.
struct Visit {
    doorman: Arc<Doorman>,
    is_one_too_many: bool,
}

impl Visit {
    fn begin(doorman: &Arc<Doorman>) -> Self {
        let before = doorman.visits.fetch_add(1, Ordering::Relaxed);
        Self { doorman: Arc::clone(doorman), is_one_too_many: before >= MOST_VISITS }
    }

    fn go(self, mut visitor: TcpStream, near: Option<Named>) {
        match near {
            None if self.is_one_too_many => {
                let no = No::busy(format!(
                    "there are {MOST_VISITS} connections already: wait for some to end"
                ));
                let _ = no.say(&mut visitor);
            }
            Some(_) if self.is_one_too_many => {}
            None => self.doorman.visit(visitor),
            Some(near) => self.doorman.pass_on(&visitor, &near),
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.doorman.visits.fetch_sub(1, Ordering::Relaxed);
    }
}

fn system(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Web;
    use std::io::Read;

    fn doorman(hosts: &[String], lookup: Lookup) -> Doorman {
        let door = Door::new("script", hosts, &Web::default(), BTreeSet::new()).unwrap();
        Doorman { lookup, upstreams: Upstreams::default(), ..Doorman::at(door) }
    }

    /// What is answered to somebody who wants a tunnel, by a doorman who looks names up so.
    fn answer(hosts: &[String], lookup: Lookup, asked: &str) -> String {
        said(hosts, lookup, &format!("CONNECT {asked} HTTP/1.1\r\n\r\nhello"))
    }

    /// What is answered to these words.
    fn said(hosts: &[String], lookup: Lookup, words: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (visitor, _) = listener.accept().unwrap();
        let doorman = doorman(hosts, lookup);
        let visit = thread::spawn(move || doorman.visit(visitor));
        client.write_all(words.as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        visit.join().unwrap();
        heard
    }

    fn at(number: &str, port: u16) -> Vec<SocketAddr> {
        vec![SocketAddr::new(number.parse().unwrap(), port)]
    }

    #[test]
    fn a_public_name_that_means_somebody_near_leads_nowhere() {
        let any = ["*".to_owned()];
        let lookups: [Lookup; 5] = [
            |_, port| Ok(at("127.0.0.1", port)),
            |_, port| Ok(at("10.0.0.1", port)),
            |_, port| Ok(at("169.254.169.254", port)),
            |_, port| Ok(at("::ffff:192.168.0.1", port)),
            // One among public ones is enough.
            |_, port| Ok([at("1.1.1.1", port), at("fd00::1", port)].concat()),
        ];
        for lookup in lookups {
            let heard = answer(&any, lookup, "rebound.example:443");
            assert!(heard.starts_with("HTTP/1.1 403 refused by the door"), "{heard}");
            assert!(heard.contains("not public"), "{heard}");
        }
    }

    #[test]
    fn nobody_is_asked_who_a_host_is_that_is_not_allowed() {
        let asks: Lookup = |host, _| panic!("{host} was looked up");
        for asked in ["secret.evil.example:443", "a.example:80", "127.0.0.1:443"] {
            let heard = answer(&["a.example".to_owned()], asks, asked);
            assert!(heard.starts_with("HTTP/1.1 403 "), "{heard}");
            assert!(heard.contains("a.example:443"), "it says what is allowed: {heard}");
        }
    }

    #[test]
    fn a_host_that_is_named_as_it_is_may_be_near_and_hears_what_was_said_already() {
        let host = TcpListener::bind("127.0.0.1:0").unwrap();
        let named = format!("gateway.example:{}", host.local_addr().unwrap().port());
        let serves = thread::spawn(move || {
            let (mut visitor, _) = host.accept().unwrap();
            let mut heard = String::new();
            visitor.read_to_string(&mut heard).unwrap();
            write!(visitor, "heard {heard}").unwrap();
        });
        let near: Lookup = |_, port| Ok(at("127.0.0.1", port));
        let heard = answer(std::slice::from_ref(&named), near, &named);
        serves.join().unwrap();
        assert_eq!(heard, "HTTP/1.1 200 Connection established\r\n\r\nheard hello");
    }

    #[test]
    fn each_request_of_a_connection_is_looked_at_and_ends_where_it_says() {
        let host = TcpListener::bind("127.0.0.1:0").unwrap();
        let named = format!("gateway.example:{}", host.local_addr().unwrap().port());
        let serves = thread::spawn(move || {
            let heard = host.incoming().take(2).map(|visitor| {
                let (mut visitor, mut piece) = (visitor.unwrap(), vec![0; 4_096]);
                let mut heard = String::new();
                while !heard.ends_with("END") {
                    let read = visitor.read(&mut piece).unwrap();
                    heard.push_str(std::str::from_utf8(&piece[..read]).unwrap());
                }
                write!(visitor, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
                heard
            });
            heard.collect::<Vec<_>>()
        });
        let rest = "HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nEND";
        let request = |host: &str| format!("PUT http://{host}/x {rest}");
        let all = [request(&named), request(&named), request("other.example:80")].concat();
        let near: Lookup = |_, port| Ok(at("127.0.0.1", port));
        let heard = said(std::slice::from_ref(&named), near, &all);
        let at_host = serves.join().unwrap();
        let line = format!("PUT /x HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n");
        assert!(at_host.iter().all(|one| one.starts_with(&line)), "{at_host:?}");
        assert_eq!(heard.matches("HTTP/1.1 200 OK").count(), 2, "{heard}");
        assert!(heard.contains("HTTP/1.1 403 refused by the door: other.example:80"), "{heard}");
    }

    #[test]
    fn a_host_that_cannot_be_reached_is_no_refusal() {
        let nobody: Lookup = |_, _| Err(io::Error::other("no such name"));
        let heard = answer(&["a.example".to_owned()], nobody, "a.example:443");
        assert!(heard.starts_with("HTTP/1.1 502 there is no host a.example"), "{heard}");
    }
}
