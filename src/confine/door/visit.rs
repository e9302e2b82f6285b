//! [`Doorman::visit`]: one connection: what it asks, whether it may, and the way there.

use super::doorman::Doorman;
use super::exchange::exchange;
use super::head::{Ask, Head, until_blank};
use super::named::Named;
use super::refusal::No;
use super::relay::{part, relay};
use super::upstream::Upstream;
use crate::rules::is_public;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long it may take until a host answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long somebody may be silent between two requests.
const SILENCE: Duration = Duration::from_mins(1);

/// What a tunnel's owner is told.
const THROUGH: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

impl Doorman {
    /// Somebody at the proxy.
    pub(super) fn visit(&self, visitor: TcpStream) {
        let mut visitor = BufReader::new(visitor);
        loop {
            match self.serve_once(&mut visitor) {
                Ok(true) if speaks_on(&mut visitor) => {}
                Ok(_) => return,
                Err(no) => {
                    self.note(&no);
                    let mut visitor = visitor.into_inner();
                    let _ = no.say(&mut visitor).and_then(|()| part(&visitor));
                    return;
                }
            }
        }
    }

    /// One thing that is asked; whether the visitor can ask another.
    fn serve_once(&self, visitor: &mut BufReader<TcpStream>) -> Result<bool, No> {
        let head = Head::read(visitor)?;
        self.may(&head.to)?;
        let mut host = self.way(&head, visitor.get_mut())?;
        Ok(match &head.ask {
            Ask::Request(request) => exchange(request, visitor, &host).unwrap_or(false),
            Ask::Tunnel => {
                let said = host.write_all(visitor.buffer());
                let _ = said.and_then(|()| relay(visitor.get_ref(), &host));
                false
            }
        })
    }

    /// Somebody at a near address, which is spoken to straight.
    pub(super) fn pass_on(&self, visitor: &TcpStream, near: &Named) {
        // Whoever finds nobody is hung up on, as by the machine itself.
        if let Ok(host) = self.dial(near) {
            let _ = relay(visitor, &host);
        }
    }

    /// Before anybody is asked who that is: a name, too, can carry words out.
    fn may(&self, to: &Named) -> Result<(), No> {
        if self.door.names(to) || self.door.fits(to) {
            return Ok(());
        }
        Err(No::refused(format!(
            "refused by the door: {to} is not among the hosts that this program may reach; {}",
            self.door.allowed()
        )))
    }

    /// The way to a host, with all said on it that has to be said before what the visitor says.
    fn way(&self, head: &Head, visitor: &mut TcpStream) -> Result<TcpStream, No> {
        let lost = |error: io::Error| No::unreached(format!("{} was lost: {error}", head.to));
        match (&head.ask, self.upstreams.to(&head.to, head.ask != Ask::Tunnel)) {
            (Ask::Tunnel, None) => {
                let host = self.dial(&head.to)?;
                visitor.write_all(THROUGH).map_err(lost)?;
                Ok(host)
            }
            (Ask::Tunnel, Some(upstream)) => {
                let (proxy, said) = self.tunnel(upstream, &head.to)?;
                visitor.write_all(THROUGH).and_then(|()| visitor.write_all(&said)).map_err(lost)?;
                Ok(proxy)
            }
            (Ask::Request(request), None) => {
                let mut host = self.dial(&head.to)?;
                host.write_all(&request.to_host()).map_err(lost)?;
                Ok(host)
            }
            (Ask::Request(request), Some(upstream)) => {
                let (mut proxy, credentials) = self.upstream(upstream)?;
                proxy.write_all(&request.to_proxy(credentials)).map_err(lost)?;
                Ok(proxy)
            }
        }
    }

    /// A tunnel through another proxy, and what the host has said already.
    fn tunnel(&self, upstream: &Upstream, to: &Named) -> Result<(TcpStream, Vec<u8>), No> {
        let (mut proxy, credentials) = self.upstream(upstream)?;
        let lost =
            |error: io::Error| No::unreached(format!("the machine's proxy was lost: {error}"));
        let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{credentials}\r\n");
        proxy.write_all(ask.as_bytes()).map_err(lost)?;
        let mut proxy = BufReader::new(proxy);
        let head = until_blank(&mut proxy)?;
        let mut lines = [httparse::EMPTY_HEADER; 100];
        let mut answer = httparse::Response::new(&mut lines);
        let is_read = answer.parse(&head).is_ok();
        match answer.code {
            Some(200..=299) if is_read => {
                let said = proxy.buffer().to_vec();
                Ok((proxy.into_inner(), said))
            }
            code => Err(No::unreached(format!(
                "the machine's proxy does not lead to {to}: it answered {}",
                code.map_or("nonsense".to_owned(), |code| code.to_string())
            ))),
        }
    }

    fn upstream<'a>(&self, upstream: &'a Upstream) -> Result<(TcpStream, &'a str), No> {
        match upstream {
            Upstream::Http { at, credentials } => {
                Ok((connect(&self.addresses(at)?, at)?, credentials))
            }
            Upstream::Other(said) => Err(No::unreached(format!(
                "the machine's proxy {said} does not speak plain HTTP, and the door goes through no other: set HTTPS_PROXY to one that does"
            ))),
        }
    }

    /// A connection to a host. What was not named as it is has to be where everybody can reach it, all of it: a name may
    /// mean anything.
    fn dial(&self, to: &Named) -> Result<TcpStream, No> {
        let addresses = self.addresses(to)?;
        if !self.door.names(to) && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(No::refused(format!(
                "refused by the door: {to} has an address that is not public (this machine, its network, or the like), and such hosts \
                 have to be named as they are; {}",
                self.door.allowed()
            )));
        }
        connect(&addresses, to)
    }

    fn addresses(&self, to: &Named) -> Result<Vec<SocketAddr>, No> {
        let found = (self.lookup)(&to.host, to.port);
        found.map_err(|error| No::unreached(format!("there is no host {}: {error}", to.host)))
    }
}

/// To the very addresses that were looked at.
fn connect(addresses: &[SocketAddr], to: &Named) -> Result<TcpStream, No> {
    let (begun, mut why) = (Instant::now(), "it has no address".to_owned());
    for address in addresses {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, left) {
            Ok(host) => return Ok(host),
            Err(error) => why = error.to_string(),
        }
    }
    Err(No::unreached(format!("{to} was not reached: {why}")))
}

/// Whether somebody says more. Who falls silent is given up.
fn speaks_on(visitor: &mut BufReader<TcpStream>) -> bool {
    let waits = visitor.get_ref().set_read_timeout(Some(SILENCE));
    waits.is_ok() && visitor.fill_buf().is_ok_and(|said| !said.is_empty())
}
