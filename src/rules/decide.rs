//! [`Standing::decide`]: the one function that says whether a call is allowed. Pure.

use super::command::Line;
use super::grant::{Denials, Grant};
use super::hosts::host_of;
use super::paths::Path;
use super::standing::{Standing, Voice};
use callboard_actors::journal::Used;
use callboard_actors::tools::{Permission, Tool};
use serde_json::Value;
use std::fmt;

/// A call, as the rules look at it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Which tool.
    pub tool: &'a Tool,
    /// With what.
    pub arguments: &'a Value,
    /// The folder below the workspace's in which the caller works; empty: the workspace's own.
    pub within: &'a str,
    /// What the caller has done in this run.
    pub used: Used,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be made.
    Allowed {
        /// By which rule.
        rule: String,
    },
    /// It may not.
    Refused(Refused),
}

/// Why a call may not be made: for whoever made it, to learn from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused by the rule {rule}: {why}; {instead}")]
pub struct Refused {
    /// By which rule.
    pub rule: String,
    /// Why.
    pub why: String,
    /// What would be allowed.
    pub instead: String,
}

/// A place that a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A path that is looked at.
    Read(String),
    /// A path that is changed.
    Write(String),
    /// A host that is asked.
    Host(String),
    /// A program that is run.
    Run(Line),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path) | Self::Write(path) => f.write_str(path),
            Self::Host(host) => f.write_str(host),
            Self::Run(line) => line.fmt(f),
        }
    }
}

/// What a call is about, by what its tool needs and how its arguments are called.
pub fn targets(tool: &Tool, arguments: &Value) -> Vec<Place> {
    let texts = |names: &'static [&'static str]| {
        names.iter().flat_map(|name| texts(&arguments[*name])).collect::<Vec<_>>()
    };
    match tool.needs {
        Permission::ReadFiles | Permission::AnalyzeCodebase => {
            texts(&["path", "paths", "file", "files"]).into_iter().map(Place::Read).collect()
        }
        Permission::WriteFiles => {
            let written = texts(&["path", "paths", "file", "files", "from", "to"]);
            written.into_iter().map(Place::Write).collect()
        }
        Permission::Fetch | Permission::WebSearch => {
            let asked = texts(&["url", "urls", "host", "hosts", "domains"]);
            asked.iter().map(|text| Place::Host(host_of(text))).collect()
        }
        Permission::RunCommands => vec![Place::Run(line(arguments))],
        _ => Vec::new(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn line(arguments: &Value) -> Line {
    let program = arguments["program"].as_str().unwrap_or_default().to_owned();
    Line { program, arguments: texts(&arguments["arguments"]) }
}

impl Standing {
    /// Whether a call is allowed: every voice has to allow it; the first that does not gives the reason.
    pub fn decide(&self, asked: &Asked<'_>) -> Decision {
        let targets = targets(asked.tool, asked.arguments);
        for voice in self.voices() {
            let refused = voice.grant.keeps_from(asked, &targets).err();
            if let Some((which, why, instead)) = refused {
                let rule = which.within(&voice.rule);
                return Decision::Refused(Refused { rule, why, instead });
            }
        }
        let own = self.voices().first().map_or("", |voice| voice.rule.as_str());
        Decision::Allowed { rule: format!("{own}.{}", asked.tool.needs.key()) }
    }

    /// By which rule a permission is granted; every voice has to grant it.
    ///
    /// # Errors
    /// Why it is not.
    pub fn grants(&self, needs: Permission) -> Result<String, Refused> {
        let refused = |voice: &Voice| {
            let may: Vec<_> = voice.grant.permissions.iter().map(|may| may.key()).collect();
            let may = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
            let why = format!("it needs {needs}, which is not granted");
            let instead = format!("what is granted: {may}");
            Refused { rule: format!("{}.{}", voice.rule, needs.key()), why, instead }
        };
        let mut voices = self.voices().iter();
        if let Some(voice) = voices.find(|voice| !voice.grant.permissions.contains(&needs)) {
            return Err(refused(voice));
        }
        let own = self.voices().first().map_or("", |voice| voice.rule.as_str());
        Ok(format!("{own}.{}", needs.key()))
    }

    /// How long commands may still run, where so long they have, in milliseconds; `None`: as long as they like.
    pub fn command_ms_left(&self, used: u64) -> Option<u64> {
        let budgets = self.voices().iter().filter_map(|voice| voice.grant.budgets.command_seconds);
        budgets.map(|most| most.saturating_mul(1_000).saturating_sub(used)).min()
    }

    /// Why so many more bytes may not be written, where so many were already.
    pub fn keeps_bytes(&self, used: u64, more: u64) -> Option<Refused> {
        let bytes = used.saturating_add(more);
        self.voices().iter().find_map(|voice| {
            let most = voice.grant.budgets.bytes_written.filter(|most| bytes > *most)?;
            Some(Refused {
                rule: format!("{}.budgets.bytes_written", voice.rule),
                why: format!("this would make {bytes} bytes, and {most} may be written in a run"),
                instead: "write less, or finish with what you have".to_owned(),
            })
        })
    }

    /// Why a path that was come to otherwise than by its name is nobody's to have: a link led there, say.
    pub fn keeps_from(&self, path: &str, is_written: bool) -> Option<Refused> {
        let path = match Path::read(path) {
            Ok(path) => path,
            Err(error) => {
                let instead = "leave it alone, and go on without it".to_owned();
                return Some(Refused { rule: "paths".into(), why: error.to_string(), instead });
            }
        };
        self.voices().iter().find_map(|voice| {
            let Voice { rule, grant } = voice;
            let why = if is_written {
                grant.keeps_from_writing(&path)
            } else {
                grant.keeps_from_reading(&path)
            };
            let (which, why, instead) = why?;
            Some(Refused { rule: which.within(rule), why, instead })
        })
    }
}

/// Which rule, why, and what instead.
type No = (Which, String, String);

/// A rule, by its place in the file.
pub(super) enum Which {
    /// Below what is said of somebody.
    Below(String),
    /// It holds for all, and stands at the top.
    Top(&'static str),
}

impl From<&str> for Which {
    fn from(below: &str) -> Self {
        Self::Below(below.to_owned())
    }
}

impl Which {
    /// Its whole name, where `of` is said of somebody.
    fn within(self, of: &str) -> String {
        match self {
            Self::Below(below) => format!("{of}.{below}"),
            Self::Top(rule) => rule.to_owned(),
        }
    }
}

impl Grant {
    fn keeps_from(&self, asked: &Asked<'_>, targets: &[Place]) -> Result<(), No> {
        self.keeps_permission(asked.tool)?;
        for target in targets {
            match target {
                Place::Read(path) => self.placed(path, asked, Self::keeps_from_reading)?,
                Place::Write(path) => self.placed(path, asked, Self::keeps_from_writing)?,
                Place::Host(host) => self.keeps_host(host)?,
                Place::Run(line) => self.keeps_line(line)?,
            }
        }
        self.keeps_budgets(asked)
    }

    fn keeps_permission(&self, tool: &Tool) -> Result<(), No> {
        let Tool { needs, name, .. } = tool;
        if *needs != Permission::Nothing && !self.permissions.contains(needs) {
            let may: Vec<_> = self.permissions.iter().map(|may| may.key()).collect();
            let may = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
            let why = format!("{name} needs {needs}, which is not granted");
            return Err((needs.key().into(), why, format!("what is granted: {may}")));
        }
        let is_other = matches!(needs, Permission::CallOtherTools | Permission::UseMcp);
        match self.tools.as_ref().filter(|tools| is_other && !tools.fit(name)) {
            None => Ok(()),
            Some(tools) => {
                let instead = listed("tools of this kind that may be called", tools.written());
                Err(("tools".into(), format!("{name} is not among the tools"), instead))
            }
        }
    }

    fn placed(
        &self,
        path: &str,
        asked: &Asked<'_>,
        keeps: impl Fn(&Self, &Path) -> Option<No>,
    ) -> Result<(), No> {
        let path = Path::read(path).map_err(|error| {
            let instead = "write it from the workspace's folder on, as src/main.py".to_owned();
            ("paths".into(), error.to_string(), instead)
        })?;
        keeps(self, &path.below(asked.within)).map_or(Ok(()), Err)
    }

    /// Why a path may not be read.
    pub(super) fn keeps_from_reading(&self, path: &Path) -> Option<No> {
        self.keeps_path(path, self.read.as_ref(), "read", "files that may be read")
    }

    /// Why a path may not be written.
    pub(super) fn keeps_from_writing(&self, path: &Path) -> Option<No> {
        let is_kept = |kept: &String| {
            kept.is_empty()
                || path.as_str() == kept
                || path
                    .as_str()
                    .strip_prefix(kept.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        if self.kept.iter().any(is_kept) {
            let why = format!("{path} is what Callboard itself is governed by");
            return Some(("paths".into(), why, "leave it alone: only people change it".into()));
        }
        self.keeps_path(path, self.write.as_ref(), "write", "files that may be written")
    }

    fn keeps_path(
        &self,
        path: &Path,
        open: Option<&super::globs::Globs>,
        way: &str,
        what: &str,
    ) -> Option<No> {
        if let Some((place, pattern)) = self.deny.which(path.as_str()) {
            let (which, whom) = self.who_denies(place);
            let why = format!("{path} is denied{whom} by `{pattern}`");
            return Some((which, why, "leave it alone, and go on without it".into()));
        }
        let open = open.filter(|open| !open.fit(path.as_str()))?;
        // The workspace itself is a way to what is in it.
        if way == "read" && path.as_str().is_empty() {
            return None;
        }
        let why = format!("{path} is not among the {what}");
        Some((Which::Below(format!("paths.{way}")), why, listed(what, open.written())))
    }

    /// Which rule a pattern among those that deny belongs to, and to whom it denies.
    fn who_denies(&self, place: usize) -> (Which, &'static str) {
        let Denials { house, top } = self.denials;
        if place < house {
            (Which::Top("house"), " to all")
        } else if place < house + top {
            (Which::Top("deny"), " to all")
        } else {
            ("paths.deny".into(), "")
        }
    }

    fn keeps_host(&self, host: &str) -> Result<(), No> {
        match self.hosts.as_ref().filter(|hosts| !hosts.fit(host)) {
            None => Ok(()),
            Some(hosts) => {
                let why = format!("{host} is not among the hosts that may be asked");
                Err(("hosts".into(), why, listed("hosts that may be asked", hosts.written())))
            }
        }
    }

    fn keeps_line(&self, line: &Line) -> Result<(), No> {
        let Some(commands) = &self.commands else { return Ok(()) };
        if commands.iter().any(|allowed| allowed.fits(line)) {
            return Ok(());
        }
        let written: Vec<_> = commands.iter().map(|one| one.written().to_owned()).collect();
        let why = format!("`{line}` is not among the commands that may be run");
        Err(("commands".into(), why, listed("commands that may be run", &written)))
    }

    fn keeps_budgets(&self, asked: &Asked<'_>) -> Result<(), No> {
        let (name, used) = (&asked.tool.name, asked.used);
        let spent = |below: &str, most: u64, what: &str| {
            let why = format!("{most} {what} are all there are in a run, and they are used up");
            Err((
                Which::Below(format!("budgets.{below}")),
                why,
                "finish with what you have".to_owned(),
            ))
        };
        if let Some(most) = self.budgets.calls.get(name).filter(|most| used.calls >= **most) {
            return spent(&format!("calls.{name}"), *most, &format!("calls of {name}"));
        }
        let bytes = used.bytes.saturating_add(bytes_of(asked.tool, asked.arguments));
        if let Some(most) = self.budgets.bytes_written.filter(|most| bytes > *most) {
            let why = format!("this would make {bytes} bytes, and {most} may be written in a run");
            let instead = "write less, or finish with what you have".to_owned();
            return Err(("budgets.bytes_written".into(), why, instead));
        }
        let is_run = asked.tool.needs == Permission::RunCommands;
        let seconds = self.budgets.command_seconds.filter(|_| is_run);
        match seconds.filter(|most| used.millis >= most.saturating_mul(1_000)) {
            None => Ok(()),
            Some(most) => spent("command_seconds", most, "seconds of commands"),
        }
    }
}

/// How many bytes a call is to write.
pub(super) fn bytes_of(tool: &Tool, arguments: &Value) -> u64 {
    if tool.needs != Permission::WriteFiles {
        return 0;
    }
    let texts = ["content", "new"].iter().filter_map(|name| arguments[*name].as_str());
    texts.map(|text| text.len() as u64).sum()
}

impl Asked<'_> {
    /// How many bytes the call is to write.
    pub fn bytes(&self) -> u64 {
        bytes_of(self.tool, self.arguments)
    }
}

fn listed(what: &str, written: &[String]) -> String {
    if written.is_empty() {
        return format!("{what}: none");
    }
    format!("{what}: {}", written.join(", "))
}
