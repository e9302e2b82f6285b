//! Where everything is joined: settings become parts, parts become a tree, the tree gets its doors.
//! The only module that knows both what comes in and what goes out.

mod abilities;
mod house;
mod mcp;
mod parts;
mod runtimes;
mod shim;

pub use abilities::abilities;
pub use shim::shim;

use crate::definitions::{Definitions, read_folder};
use crate::http;
use crate::live::{self, Kept, Keyring, Live};
use crate::rules::{Shelf, read_file};
use crate::settings::{Loaded, Origin, Settings, Stored};
use crate::wire::{App, Token};
use crate::world::gate::Gate;
use crate::world::mcp::{Servers, keeper};
use crate::world::tools::{Outside, Registry};
use crate::world::{Runtimes, Workbench, embedder, researcher};
use crate::ws;
use anyhow::Context as _;
use callboard_actors::journal::{self, Home};
use callboard_actors::processes;
use callboard_actors::supervision::Exit;
use callboard_actors::system::{Parts, Running};
use callboard_actors::tools::Toolset;
use callboard_actors::vocabulary::Clock;
use house::{House, Workshop, governing};
pub use parts::journal_settings;
use parts::{defaults, description, system_settings, tune};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// What `<home>/server.json` says of the server that runs on a home.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The process's number.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// When it started, RFC 3339.
    pub started_at: String,
    /// Whether it is embedded in a command, and ends with that.
    #[serde(default)]
    pub embedded: bool,
    /// What its `/health` says, too: whoever else listens there is not given the token.
    pub instance: String,
}

impl ServerInfo {
    /// Of this program, as it starts.
    fn of(parts: &Parts, listener: &TcpListener, embedded: bool) -> std::io::Result<Self> {
        Ok(Self {
            pid: std::process::id(),
            address: listener.local_addr()?,
            started_at: parts.journal.clock().now().rfc3339(),
            embedded,
            instance: uuid::Uuid::new_v4().simple().to_string(),
        })
    }
}

/// A running engine.
struct Engine {
    running: Running,
    journal: journal::Journal,
    info: ServerInfo,
    token: Token,
    home: Home,
}

/// What happens to attempts in processes of their own when the server is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// They go on; the next server finds them.
    GoOn,
    /// They are stopped, and the next server begins them anew.
    Stop,
}

/// Runs a server until it is told to stop, by a signal or by its own tree's end. Blocks.
pub fn serve(
    origin: impl Into<Origin>,
    children: Children,
    announce: impl FnOnce(&ServerInfo),
) -> anyhow::Result<Exit> {
    let opened = Opened::open(origin.into())?;
    let listen = opened.loaded.settings.http.listen;
    let listener =
        TcpListener::bind(listen).with_context(|| format!("failed to listen on {listen}"))?;
    on_a_system(async {
        let engine = start(opened, listener, false)?;
        announce(&engine.info);
        let exit = tokio::select! {
            exit = engine.running.ended() => exit,
            signal = signalled() => {
                tracing::info!(signal, "stopping in order");
                let exit = engine.running.shutdown().await;
                if children == Children::Stop {
                    let stopped = processes::stop_shims(&engine.journal).await?;
                    tracing::info!(stopped, "stopped the attempts in processes of their own");
                }
                exit
            }
        };
        remove_info(&engine.home);
        Ok(exit)
    })
}

/// Runs a system for as long as this work takes.
fn on_a_system<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let system = actix_rt::System::new();
    let runtime = system.block_on(async { tokio::runtime::Handle::current() });
    let result = system.block_on(work);
    // Tasks that are left over are dropped with the system. Connections that they hold close themselves on
    // a thread of the runtime, and panic where they find none.
    let _entered = runtime.enter();
    drop(system);
    result
}

/// An engine on a thread of its own, for a command that found no server.
#[derive(Debug)]
pub struct Embedded {
    /// Where it listens.
    pub address: SocketAddr,
    /// The home's token.
    pub token: String,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<anyhow::Result<()>>,
}

/// Starts an engine on a free port of loopback.
pub fn embed(origin: impl Into<Origin>) -> anyhow::Result<Embedded> {
    let opened = Opened::open(origin.into())?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("failed to listen on loopback")?;
    let (stop, stopped) = oneshot::channel();
    let (ready, started) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        on_a_system(async move {
            let engine = start(opened, listener, true)?;
            // Whoever started it waits for this.
            let _ = ready.send((engine.info.address, engine.token.as_str().to_owned()));
            // Dropping the other end is an order to stop, too.
            let _ = stopped.await;
            engine.running.shutdown().await;
            remove_info(&engine.home);
            Ok(())
        })
    });
    match started.recv() {
        Ok((address, token)) => Ok(Embedded { address, token, stop, thread }),
        Err(_) => {
            Err(join(thread).err().unwrap_or_else(|| anyhow::anyhow!("the engine ended at once")))
        }
    }
}

impl Embedded {
    /// Stops it in order.
    pub fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        join(self.thread)
    }
}

fn join(thread: JoinHandle<anyhow::Result<()>>) -> anyhow::Result<()> {
    thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the engine panicked")))
}

/// A home that is ours, and the settings with what was kept there over them.
struct Opened {
    origin: Origin,
    home: Home,
    keyring: Keyring,
    kept: Kept,
    loaded: Loaded,
    registered: BTreeMap<String, journal::DefinitionRow>,
}

impl Opened {
    fn open(origin: Origin) -> anyhow::Result<Self> {
        let first = origin.load(Stored::new())?.settings;
        let home = Home::open(&first.home, Some(first.database.clone()))?;
        // What a dead server left tells of nobody any more.
        remove_info(&home);
        let keyring = Keyring::open(&home)?;
        let mut kept = Kept::read(journal::stored_settings(home.database())?, &keyring);
        let loaded = kept.load(&origin)?;
        let registered = journal::stored_definitions(home.database())?;
        Ok(Self { origin, home, keyring, kept, loaded, registered })
    }
}

fn start(opened: Opened, listener: TcpListener, embedded: bool) -> anyhow::Result<Engine> {
    let Opened { origin, home, keyring, kept, loaded, registered } = opened;
    let settings = &loaded.settings;
    let token = Token::of(&home).context("failed to read or make the token")?;
    let workshop = Workshop::default();
    let runtimes = Runtimes::new(workshop.make(settings, false)?);
    let mut parts = Parts::open(home.clone(), system_settings(settings), Clock::system())?;
    let rules = Shelf::new(read_file(&settings.rules.file)?, governing(settings, origin.file()));
    // A command that found no server, and does this only for itself, starts nothing that it does not need.
    let servers = Servers::new(parts.journal.files().clone(), !embedded);
    servers.replace(mcp::specs(settings));
    let workbench = equip(&mut parts, settings, &runtimes, &servers, &rules);
    tune(&parts.tuner, settings);
    let info = ServerInfo::of(&parts, &listener, embedded)?;
    let described = description(settings, &home, &info);
    let defaults = defaults(settings, workshop.profiles(settings, false)?);
    let definitions = Definitions::new(read_folder(&settings.workflows.folder), registered);
    definitions.report(&parts.warnings);
    let app = App::new(parts.clone(), token.clone(), definitions, rules, defaults, described);
    let level = Arc::new(Mutex::new(settings.log.level.clone()));
    let config = origin.file();
    let house = House {
        app: app.downgrade(),
        config,
        workshop,
        runtimes: runtimes.clone(),
        servers: servers.clone(),
        level,
    };
    let timeout = Duration::from_secs(settings.http.shutdown_timeout_s);
    let live = Live::new(
        origin,
        kept,
        keyring,
        loaded,
        live::Parts {
            journal: parts.journal.clone(),
            warnings: parts.warnings.clone(),
            engine: Box::new(house),
        },
    );
    app.govern(live.clone());
    let door = http::server(app.clone(), listener, vec![ws::routes], timeout);
    let services = vec![live::watcher(live), keeper(servers, &parts)];
    let journal = parts.journal.clone();
    let starter = http::Starter::new(app.downgrade());
    let running = parts.start_with(
        move || workbench.clone(),
        move || starter.clone(),
        services,
        vec![door],
    )?;
    app.started(running.root.clone());
    if let Err(error) = write_info(&home, &info) {
        tracing::warn!(%error, "failed to write server.json: commands will not find this server by its home");
    }
    Ok(Engine { running, journal, info, token, home })
}

/// Gives the house its tools, all behind one gate; and those a bench who work with programs of their own.
fn equip(
    parts: &mut Parts,
    settings: &Settings,
    runtimes: &Runtimes,
    servers: &Servers,
    rules: &Shelf,
) -> Workbench {
    let outside = Outside {
        private_hosts: settings.web.private_hosts.clone(),
        embedder: embedder(runtimes.clone()),
        researcher: researcher(runtimes.clone()),
        ..Outside::default()
    };
    let registry = Registry::new(parts, outside);
    let gate = Gate::new(registry, servers.clone(), rules.clone(), parts);
    parts.tools = Toolset::new(gate.clone());
    let workbench = Workbench::new(runtimes.clone(), gate, parts);
    actix_rt::spawn(workbench.clone().sweep());
    workbench
}

fn write_info(home: &Home, info: &ServerInfo) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(info)?;
    journal::Files::new(home.clone()).publish(SERVER_INFO, &text)?;
    Ok(())
}

fn remove_info(home: &Home) {
    if let Err(error) = journal::Files::new(home.clone()).remove(SERVER_INFO) {
        tracing::warn!(%error, "failed to remove server.json");
    }
}

/// The file that says where the server listens.
pub const SERVER_INFO: &str = "server.json";

async fn signalled() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let [Ok(mut term), Ok(mut int), Ok(mut hangup)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = int.recv() => "SIGINT",
        // The terminal has gone.
        _ = hangup.recv() => "SIGHUP",
    }
}
