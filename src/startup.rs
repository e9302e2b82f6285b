//! Where everything is joined: settings become parts, parts become a tree, the tree gets its doors.
//! The only module that knows both what comes in and what goes out.

mod runtimes;
mod shim;

pub use shim::shim;

use crate::http;
use crate::settings::{
    AgentProfile, LONGEST_TIMEOUT_S, MOST_RETRIES, OnLost, Settings, Synchronous, read_profiles,
};
use crate::wire::{App, Defaults, Description, RuntimeDefaults, Token};
use crate::ws;
use anyhow::Context as _;
use callboard_actors::agents::{Profile, Profiles};
use callboard_actors::entity::HostSettings;
use callboard_actors::journal::{self, Home, JournalSettings, SweepSettings};
use callboard_actors::processes::{self, RetryPolicy};
use callboard_actors::supervision::Exit;
use callboard_actors::system::{Parts, Running, SystemSettings};
use callboard_actors::vocabulary::Clock;
use serde::{Deserialize, Serialize};
use std::net::{SocketAddr, TcpListener};
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
    settings: &Settings,
    children: Children,
    announce: impl FnOnce(&ServerInfo),
) -> anyhow::Result<Exit> {
    let listener = TcpListener::bind(settings.http.listen)
        .with_context(|| format!("failed to listen on {}", settings.http.listen))?;
    on_a_system(async {
        let engine = start(settings, listener, false)?;
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
pub fn embed(settings: &Settings) -> anyhow::Result<Embedded> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("failed to listen on loopback")?;
    let (stop, stopped) = oneshot::channel();
    let (ready, started) = std::sync::mpsc::channel();
    let settings = settings.clone();
    let thread = std::thread::spawn(move || {
        on_a_system(async move {
            let engine = start(&settings, listener, true)?;
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

fn start(settings: &Settings, listener: TcpListener, embedded: bool) -> anyhow::Result<Engine> {
    let home = Home::open(&settings.home, Some(settings.database.clone()))?;
    // What a dead server left tells of nobody any more.
    remove_info(&home);
    let token = Token::of(&home).context("failed to read or make the token")?;
    let runtimes = runtimes::of(settings)?;
    let parts = Parts::open(home.clone(), system_settings(settings), Clock::system())?;
    let started_at = parts.journal.clock().now().rfc3339();
    let (pid, address) = (std::process::id(), listener.local_addr()?);
    let instance = uuid::Uuid::new_v4().simple().to_string();
    let info = ServerInfo { pid, address, started_at, embedded, instance };
    let app = App::new(
        parts.clone(),
        token.clone(),
        defaults(settings, profiles(settings)?),
        description(settings, &home, &info),
    );
    let timeout = Duration::from_secs(settings.http.shutdown_timeout_s);
    let door = http::server(app.clone(), listener, vec![ws::routes], timeout);
    let journal = parts.journal.clone();
    let running = parts.start(move || runtimes.clone(), vec![door])?;
    app.started(running.root.clone());
    if let Err(error) = write_info(&home, &info) {
        tracing::warn!(%error, "failed to write server.json: commands will not find this server by its home");
    }
    Ok(Engine { running, journal, info, token, home })
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

fn system_settings(settings: &Settings) -> SystemSettings {
    let limits =
        settings.runtimes.iter().map(|(name, runtime)| (name.clone(), runtime.concurrency.get()));
    let cleanup = &settings.cleanup;
    SystemSettings {
        journal: journal_settings(settings),
        host: host_settings(settings),
        limits: limits.collect(),
        sweep: SweepSettings {
            grace: Duration::from_secs(cleanup.grace_s),
            keep: Duration::from_hours(u64::from(cleanup.archive_days) * 24),
        },
        sweep_every: Duration::from_secs(cleanup.interval_s.get()),
        settle: Duration::from_secs(settings.supervision.settle_s.get()),
        unsettled_starts: settings.supervision.unsettled_starts,
    }
}

fn host_settings(settings: &Settings) -> HostSettings {
    let entities = &settings.entities;
    HostSettings {
        inbox: entities.inbox.get(),
        idle: Duration::from_secs(entities.idle_s.get()),
        park_after: entities.park_after_restarts.get(),
        park_within: Duration::from_secs(entities.park_within_s.get()),
        ..HostSettings::default()
    }
}

/// How the journal of these settings works; also for commands that open it without a server.
pub fn journal_settings(settings: &Settings) -> JournalSettings {
    let journal = &settings.journal;
    JournalSettings {
        queue_bytes: journal.queue_bytes.get(),
        readers: journal.readers.get(),
        feed_messages: journal.feed_messages.get(),
        checkpoint_pages: journal.checkpoint_pages.get(),
        synchronous: match journal.synchronous {
            Synchronous::Full => journal::Synchronous::Full,
            Synchronous::Off => journal::Synchronous::Off,
        },
        topic_root: settings.topic_root.clone(),
    }
}

/// The profiles of agents, as the core knows them. One that names a runtime which does not exist is refused.
fn profiles(settings: &Settings) -> anyhow::Result<Profiles> {
    let mut profiles = Profiles::new();
    for (name, written) in read_profiles(&settings.agents.folder)? {
        let AgentProfile { role, model, runtime, system_prompt, capabilities, permissions, .. } =
            written;
        if let Some(runtime) =
            runtime.as_ref().filter(|name| !settings.runtimes.contains_key(*name))
        {
            let known: Vec<&str> = settings.runtimes.keys().map(String::as_str).collect();
            anyhow::bail!(
                "the profile {name} in {} names the runtime {runtime:?}, which does not exist: choose one of {}",
                settings.agents.folder.display(),
                known.join(", ")
            );
        }
        let profile = Profile {
            name: name.clone(),
            role,
            model,
            runtime,
            system_prompt,
            capabilities,
            permissions,
        };
        profiles.insert(name, profile);
    }
    Ok(profiles)
}

fn defaults(settings: &Settings, profiles: Profiles) -> Defaults {
    let processes = &settings.processes;
    Defaults {
        runtime: processes.default_runtime.clone(),
        model: processes.default_model.clone(),
        timeout_s: u32::try_from(processes.timeout_s.get()).unwrap_or(LONGEST_TIMEOUT_S),
        longest_timeout_s: LONGEST_TIMEOUT_S,
        most_retries: MOST_RETRIES,
        retry: RetryPolicy {
            max_retries: processes.max_retries,
            max_lost: processes.max_lost,
            first_ms: processes.retry_first_ms,
            max_ms: processes.retry_max_ms,
        },
        runtimes: settings.runtimes.iter().map(runtime_defaults).collect(),
        templates: settings.home.join(&settings.templates.folder),
        profiles,
        max_body_bytes: settings.http.max_body_bytes.get(),
        allowed_origins: settings.http.allowed_origins.clone(),
    }
}

fn runtime_defaults(
    (name, runtime): (&String, &crate::settings::Runtime),
) -> (String, RuntimeDefaults) {
    let on_lost = match runtime.on_lost {
        OnLost::Retry => processes::OnLost::Retry,
        OnLost::Ask => processes::OnLost::Ask,
    };
    (name.clone(), RuntimeDefaults { model: runtime.default_model.clone(), on_lost })
}

fn description(settings: &Settings, home: &Home, info: &ServerInfo) -> Description {
    Description {
        name: "callboard",
        version: env!("CARGO_PKG_VERSION"),
        pid: info.pid,
        instance: info.instance.clone(),
        started_at: info.started_at.clone(),
        home: home.root().to_owned(),
        runtimes: settings.runtimes.keys().cloned().collect(),
        default_runtime: settings.processes.default_runtime.clone(),
    }
}
