//! [`Connection`]: the actor that is one connection's life: it reaches a server, reads its list, keeps both up to date, and
//! ends when the connection does, with the reason. Whoever keeps it starts another one.
//!
//! It looks whether an idle server still answers: one at an address may be gone without anybody being told. A server that
//! works on a call is left alone; some do one thing at a time.

use super::address;
use super::attended::Attended;
use super::calm::{Calm, NOT_TAKEN};
use super::listing::Listing;
use super::pipes::{Complaints, Lines};
use super::plain::line;
use super::server::{Server, State};
use super::servers::Servers;
use super::spec::Reach;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use callboard_actors::supervision::{Lifeline, Shutdown};
use rmcp::model::{
    ClientCapabilities, ClientConfig, ClientRequest, Implementation, ListToolsRequest,
    PaginatedRequestParams, PingRequest, ProtocolVersion, ServerResult,
};
use rmcp::service::{
    Peer, PeerRequestOptions, RoleClient, RunningService, ServiceError, serve_client,
};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// So long a server may take to be up: it may have to be fetched first.
const START: Duration = Duration::from_mins(1);

/// So long it may take to say what it offers.
const LIST: Duration = Duration::from_secs(30);

/// A list has at most so many pages.
const MOST_PAGES: usize = 50;

/// At most so often a list is read anew.
const LIST_PAUSE: Duration = Duration::from_secs(2);

/// How often it is looked whether an idle server answers.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// So long it may take to answer that.
const LOOK: Duration = Duration::from_secs(10);

/// The connection to a server.
pub(super) struct Connection {
    line: Line,
    lifeline: Lifeline,
}

/// What it goes by.
#[derive(Clone)]
struct Line {
    servers: Servers,
    server: Arc<Server>,
    /// The list has changed.
    changed: Arc<Notify>,
    /// It is to end.
    leave: Arc<Notify>,
}

/// A server that answers.
struct Open {
    running: RunningService<RoleClient, ClientConfig>,
    attended: Option<Attended>,
    complaints: Complaints,
}

impl Connection {
    pub(super) fn new(servers: Servers, server: Arc<Server>, lifeline: Lifeline) -> Self {
        let (changed, leave) = (Arc::default(), Arc::default());
        Self { line: Line { servers, server, changed, leave }, lifeline }
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let line = self.line.clone();
        ctx.spawn(line.live().into_actor(self).map(|end, this, ctx| {
            if let Err(why) = end {
                this.lifeline.fail(why);
            }
            ctx.stop();
        }));
    }
}

impl Handler<Shutdown> for Connection {
    type Result = ();

    fn handle(&mut self, _: Shutdown, _: &mut Self::Context) {
        self.line.leave.notify_one();
    }
}

impl Line {
    /// From its beginning to its end; why it ended, if it was not told to.
    async fn live(self) -> Result<(), String> {
        self.server.set(State::Starting);
        let open = tokio::select! {
            open = self.open() => open?,
            () = self.leave.notified() => return Ok(()),
        };
        self.serve(open).await
    }

    async fn open(&self) -> Result<Open, String> {
        let complaints = Complaints::default();
        match &self.server.spec.reach {
            Reach::Program(program) => {
                let log = self.servers.log_of(&self.server.spec.name);
                let (mut attended, pipes) = Attended::start(program, log)
                    .map_err(|error| format!("failed to run {}: {error}", program.command))?;
                let lines = Calm::new(Lines::new(pipes, complaints.clone()), self.changed());
                let greeted = tokio::select! {
                    greeted = greet(serve_client(ours(), lines)) => greeted,
                    ended = attended.ended() => Err(ended),
                };
                match greeted {
                    Ok(running) => Ok(Open { running, attended: Some(attended), complaints }),
                    Err(why) => {
                        let why = attended.ended_soon().await.unwrap_or(why);
                        Err(with(&why, [complaints.told(), attended.last_words()]))
                    }
                }
            }
            Reach::Address { url, headers } => {
                let calm = Calm::new(address::transport(url, headers)?, self.changed());
                let running = greet(serve_client(ours(), calm)).await?;
                Ok(Open { running, attended: None, complaints })
            }
        }
    }

    fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    async fn serve(&self, open: Open) -> Result<(), String> {
        let Open { running, mut attended, complaints } = open;
        let peer = running.peer().clone();
        let end = {
            let closed = running.waiting();
            tokio::pin!(closed);
            tokio::select! {
                _ = &mut closed => Err(closing(attended.as_mut()).await),
                ended = ended(attended.as_mut()) => Err(ended),
                () = self.leave.notified() => Ok(()),
                why = self.keep_up(peer) => Err(why),
            }
        };
        if let Err(why) = &end {
            self.server.set(State::Down { why: why.clone() });
        }
        if let Some(attended) = attended {
            attended.leave().await;
        }
        end.map_err(|why| with(&why, [complaints.told(), None]))
    }

    /// Reads the list, tells that it is up, and keeps both true; why it cannot.
    async fn keep_up(&self, peer: Peer<RoleClient>) -> String {
        if let Err(why) = self.list(&peer).await {
            return why;
        }
        self.server.set(State::Up(peer.clone()));
        loop {
            tokio::select! {
                () = self.changed.notified() => {
                    tokio::time::sleep(LIST_PAUSE).await;
                    if let Err(error) = self.list(&peer).await {
                        tracing::warn!(server = self.server.spec.name, error, "its list of tools stays what it was");
                    }
                }
                () = self.server.doubted() => {
                    if !answers(&peer).await {
                        return "it does not answer any more".into();
                    }
                }
                () = tokio::time::sleep(LOOK_EVERY) => {
                    if self.server.calls() == 0 && !answers(&peer).await {
                        return "it does not answer any more".into();
                    }
                }
            }
        }
    }

    async fn list(&self, peer: &Peer<RoleClient>) -> Result<(), String> {
        let read = tokio::time::timeout(LIST, read_list(peer)).await;
        let said = read.unwrap_or_else(|_| {
            Err(format!("it did not say within {} s which tools it has", LIST.as_secs()))
        })?;
        let listing = Listing::of(&self.server.spec, said);
        for (tool, why) in &listing.left_out {
            tracing::warn!(server = self.server.spec.name, tool, why, "a tool is left out");
        }
        self.server.offer(listing);
        Ok(())
    }
}

/// Why a connection was closed by the other side: its program says more, if it has ended.
async fn closing(attended: Option<&mut Attended>) -> String {
    let Some(attended) = attended else { return "it closed the connection".into() };
    attended.ended_soon().await.unwrap_or_else(|| "it closed its stdout".into())
}

async fn ended(attended: Option<&mut Attended>) -> String {
    match attended {
        Some(attended) => attended.ended().await,
        None => std::future::pending().await,
    }
}

/// Who we are: somebody who calls tools, and has nothing to offer.
fn ours() -> ClientConfig {
    let us = Implementation::new("callboard", env!("CARGO_PKG_VERSION"));
    let config = ClientConfig::new(ClientCapabilities::default(), us);
    config.with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
}

async fn greet<T, E: std::error::Error + Send + Sync + 'static>(
    greeting: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(START, greeting).await {
        Ok(Ok(running)) => Ok(running),
        Ok(Err(error)) => Err(unanswered(&error)),
        Err(_) => Err(format!("it did not greet within {} s", START.as_secs())),
    }
}

/// Why a server did not greet, in words that show no address.
fn unanswered(error: &(dyn std::error::Error + 'static)) -> String {
    use rmcp::service::ClientInitializeError::{JsonRpcError, TransportError};
    match error.downcast_ref() {
        Some(TransportError { error, .. }) => match error.error.downcast_ref() {
            Some(trouble) => address::told(trouble).0,
            None => "it does not listen".into(),
        },
        Some(JsonRpcError(error)) => {
            format!("it refused the greeting: {}", line(&error.message, 300))
        }
        _ => format!("it did not greet as the protocol says: {}", line(&error.to_string(), 300)),
    }
}

fn with(why: &str, more: [Option<String>; 2]) -> String {
    let more = more.into_iter().flatten().filter(|more| !why.contains(more.as_str()));
    more.fold(why.to_owned(), |why, more| format!("{why}; {more}"))
}

async fn answers(peer: &Peer<RoleClient>) -> bool {
    let options = PeerRequestOptions::with_timeout(LOOK);
    let asked =
        peer.send_request_with_option(ClientRequest::PingRequest(PingRequest::default()), options);
    let Ok(Ok(handle)) = tokio::time::timeout(LOOK, asked).await else { return false };
    match handle.await_response().await {
        Ok(_) => true,
        // A server that does not know the question has answered all the same.
        Err(ServiceError::McpError(error)) => error.code != NOT_TAKEN,
        Err(_) => false,
    }
}

/// All tools that a server names, as it names them: one that is not as it should be does not hide the others.
async fn read_list(peer: &Peer<RoleClient>) -> Result<Vec<Value>, String> {
    let (mut tools, mut cursor) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let params = PaginatedRequestParams::default().with_cursor(cursor.take());
        let request = ClientRequest::ListToolsRequest(ListToolsRequest::with_param(params));
        let page = peer.send_request(request).await.map_err(|error| unlisted(&error))?;
        let page = match page {
            ServerResult::CustomResult(custom) => custom.0,
            other => serde_json::to_value(other).unwrap_or_default(),
        };
        let Value::Array(said) = &page["tools"] else {
            return Err("what it says of its tools is no list".into());
        };
        tools.extend(said.iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(tools),
        }
    }
    Ok(tools)
}

fn unlisted(error: &ServiceError) -> String {
    match error {
        ServiceError::McpError(error) => {
            format!("it does not say which tools it has: {}", line(&error.message, 300))
        }
        ServiceError::TransportClosed => "it went away before it said which tools it has".into(),
        _ => "it could not be asked which tools it has".into(),
    }
}
