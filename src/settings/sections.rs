//! The plain sections of the settings: every field with its meaning, its unit and its default.
//!
//! Each section deserialises alone, so that a file may leave out any part of it. What must not be zero says so in
//! its type; what depends on another setting is checked in `validation`.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[http]`: the door for API clients, WebSocket subscribers and operators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on; port 0 takes any free one. Default `127.0.0.1:8000`.
    pub listen: SocketAddr,
    /// Whether an address that other machines can reach is accepted. Default `false`.
    pub allow_non_loopback: bool,
    /// Origins, beside our own, from which browsers may connect. Default none.
    pub allowed_origins: Vec<String>,
    /// The longest request body taken, in bytes. Default 2 MiB.
    pub max_body_bytes: NonZeroUsize,
    /// How long open connections may finish when the server stops, in seconds. Default 5.
    pub shutdown_timeout_s: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            allow_non_loopback: false,
            allowed_origins: Vec::new(),
            max_body_bytes: count(2_097_152),
            shutdown_timeout_s: 5,
        }
    }
}

/// `[log]`: what the program says on stderr.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A level, or directives by target as in `info,callboard_actors=debug`. Default `info`.
    pub level: String,
    /// How lines look. Default `auto`.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// For machines: one object a line.
    Json,
}

/// The longest time an attempt may be given, in seconds, by a setting or a request.
pub const LONGEST_TIMEOUT_S: u32 = 86_400;
/// The most retries that may be set or asked for.
pub const MOST_RETRIES: u32 = 100;

/// `[processes]`: what a spawned process gets where its spawner does not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Processes {
    /// The runtime; one of `[runtimes]`. Default `replay`.
    pub default_runtime: String,
    /// The model. Default `sonnet`.
    pub default_model: String,
    /// The longest an attempt may take, in seconds, at most a day. Default 300.
    pub timeout_s: NonZeroU64,
    /// Retries after a failed first attempt, at most 100. Default 2, which makes three attempts.
    pub max_retries: u32,
    /// The pause before the first retry, in milliseconds; it doubles with each further one. Default 4,000.
    pub retry_first_ms: u64,
    /// The longest pause between retries, in milliseconds. Default 60,000.
    pub retry_max_ms: u64,
    /// How many attempts may be lost to crashes before the process is dead; retries do not count. Default 20.
    pub max_lost: u32,
}

impl Default for Processes {
    fn default() -> Self {
        Self {
            default_runtime: "replay".into(),
            default_model: "sonnet".into(),
            timeout_s: seconds(300),
            max_retries: 2,
            retry_first_ms: 4_000,
            retry_max_ms: 60_000,
            max_lost: 20,
        }
    }
}

/// `[entities]`: the actors that host processes, agents, sessions and workflows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entities {
    /// Commands that may wait at one entity; past that its callers get 503. Default 1,024.
    pub inbox: NonZeroUsize,
    /// After how many idle seconds an entity is put to sleep, its open work done. Default 2.
    pub idle_s: NonZeroU64,
    /// After how many restarts within `park_within_s` an entity is parked. Default 5.
    pub park_after_restarts: NonZeroU32,
    /// The span in which those restarts are counted, in seconds. Default 60.
    pub park_within_s: NonZeroU64,
}

impl Default for Entities {
    fn default() -> Self {
        Self {
            inbox: count(1_024),
            idle_s: seconds(2),
            park_after_restarts: small(5),
            park_within_s: seconds(60),
        }
    }
}

/// `[journal]`: the one writer, its queue and its readers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Journal {
    /// Bytes of messages that may wait for the writer; past that callers get 503. Default 64 MiB.
    pub queue_bytes: NonZeroUsize,
    /// Read connections kept open. Default 3.
    pub readers: NonZeroUsize,
    /// The newest messages kept in memory for live subscribers. Default 2,048.
    pub feed_messages: NonZeroUsize,
    /// Pages in the write-ahead log before it is folded back into the database. Default 10,000.
    pub checkpoint_pages: NonZeroU32,
    /// Whether a commit waits for the disk. Default `full`.
    pub synchronous: Synchronous,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            queue_bytes: count(67_108_864),
            readers: count(3),
            feed_messages: count(2_048),
            checkpoint_pages: small(10_000),
            synchronous: Synchronous::Full,
        }
    }
}

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Every answer is durable.
    Full,
    /// UNSAFE, for tests only: a power loss loses answered work and may corrupt the database.
    Off,
}

/// `[supervision]`: how the tree guards itself against crash loops of the whole program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Supervision {
    /// After how many starts in a row that did not settle entities start parked; 0 means never. Default 3.
    pub unsettled_starts: u32,
    /// How long the program has to live for its start to count as settled, in seconds. Default 10.
    pub settle_s: NonZeroU64,
}

impl Default for Supervision {
    fn default() -> Self {
        Self { unsettled_starts: 3, settle_s: seconds(10) }
    }
}

/// `[cleanup]`: what is removed in the background, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cleanup {
    /// Days for which archived prompts are kept. Default 7.
    pub archive_days: u32,
    /// Days for which the audit keeps decisions; those of workflows that are at work stay. Default 365.
    pub audit_days: NonZeroU32,
    /// How old a file without a row has to be before it is swept, in seconds. Default 3,600.
    pub grace_s: u64,
    /// The pause between two sweeps, in seconds. Default 600.
    pub interval_s: NonZeroU64,
}

impl Default for Cleanup {
    fn default() -> Self {
        let audit_days = small(365);
        Self { archive_days: 7, audit_days, grace_s: 3_600, interval_s: seconds(600) }
    }
}

/// `[metrics]`: what became of the work, hour by hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Days for which points are kept; totals are kept for ever. Default 90.
    pub keep_days: NonZeroU32,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { keep_days: small(90) }
    }
}

/// `[monitor]`: what looks for work that is stuck.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Monitor {
    /// How long something may be late before it counts as stuck, in seconds. Default 60.
    pub margin_s: NonZeroU64,
    /// How long a message may lie untaken in an agent's mailbox before it is told, in seconds. Default 3,600.
    pub letters_s: NonZeroU64,
    /// The pause between two looks, in seconds. Default 30.
    pub look_every_s: NonZeroU64,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { margin_s: seconds(60), letters_s: seconds(3_600), look_every_s: seconds(30) }
    }
}

/// `[templates]`: reusable prompts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// Their folder, relative to the home. Default `prompts/templates`.
    pub folder: PathBuf,
}

impl Default for Templates {
    fn default() -> Self {
        Self { folder: "prompts/templates".into() }
    }
}

/// `[agents]`: what agents are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agents {
    /// The folder of the profiles. Default `config/agents`; where it is missing, the shipped ones count.
    pub folder: PathBuf,
}

impl Default for Agents {
    fn default() -> Self {
        Self { folder: "config/agents".into() }
    }
}

/// `[workflows]`: what workflows are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workflows {
    /// The folder of the definitions. Default `config/workflows`; where it is missing, the shipped ones count.
    pub folder: PathBuf,
}

impl Default for Workflows {
    fn default() -> Self {
        Self { folder: "config/workflows".into() }
    }
}

/// `[web]`: what tools may fetch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Hosts (`name` or `name:port`) that tools may fetch from although their addresses are not public. Default none.
    pub private_hosts: Vec<String>,
}

/// `[rules]`: who may do what, where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The file of the rules. Default `config/rules.yaml`; where it is missing, the shipped ones count.
    pub file: PathBuf,
}

impl Default for Rules {
    fn default() -> Self {
        Self { file: "config/rules.yaml".into() }
    }
}

/// `[workspaces]`: the folders in which agents read and write files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workspaces {
    /// What workspaces have to be, or lie below; `workspaces` in the home always is among them. Default `.`, the working
    /// directory.
    pub roots: Vec<PathBuf>,
}

impl Default for Workspaces {
    fn default() -> Self {
        Self { roots: vec![".".into()] }
    }
}

/// A default that is not zero.
pub(super) const fn count(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).expect("defaults are not zero")
}

/// A default in seconds that is not zero.
pub(super) const fn seconds(value: u64) -> NonZeroU64 {
    NonZeroU64::new(value).expect("defaults are not zero")
}

/// A small default that is not zero.
pub(super) const fn small(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).expect("defaults are not zero")
}
