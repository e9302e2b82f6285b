//! Who may import whom. A new module has to be given its place here before it can import anything.

use super::source::Import;

/// The modules of the core from the ground up. Two on the same floor do not know each other.
const FLOORS: [&[&str]; 12] = [
    &["vocabulary"],
    &["machine", "graph"],
    &["journal", "supervision"],
    &["entity", "bus", "shared"],
    &["tools"],
    &["sessions", "workspaces"],
    &["processes"],
    &["agents"],
    &["nodes"],
    &["workflows"],
    &["schedules"],
    &["system"],
];

/// The core, as the edges write it.
const CORE: &str = "callboard_actors";

/// What source code says of itself: a crate that knows none of the others.
const CODE: &str = "callboard_code";

/// What agents remember: likewise.
const MEMORY: &str = "callboard_memory";

/// The modules of the binary crate, and what each may import beside itself.
///
/// Inbound (`http`, `ws`, `cli`, `dashboard`) and outbound (`world`) do not know each other: `startup` joins them.
const EDGES: [(&str, &[&str]); 19] = [
    ("program", &[]),
    ("rules", &[CORE]),
    ("attend", &[CORE]),
    ("confine", &["rules"]),
    ("settings", &["program"]),
    ("telemetry", &["settings"]),
    ("live", &[CORE, "settings"]),
    ("definitions", &[CORE]),
    ("wire", &[CORE, "live", "definitions", "rules"]),
    ("threads", &[CORE, "wire", "definitions"]),
    ("why", &[CORE]),
    ("memories", &[MEMORY]),
    ("world", &[CORE, CODE, MEMORY, "memories", "program", "rules", "confine"]),
    ("dashboard", &[CORE]),
    (
        "http",
        &[CORE, "wire", "threads", "live", "why", "settings", "definitions", "rules", "confine"],
    ),
    ("ws", &[CORE, "wire", "threads"]),
    (
        "startup",
        &[
            CORE,
            "live",
            "definitions",
            "rules",
            "wire",
            "http",
            "ws",
            "dashboard",
            "memories",
            "world",
            "settings",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            CORE,
            MEMORY,
            "memories",
            "startup",
            "wire",
            "why",
            "settings",
            "telemetry",
            "rules",
            "attend",
            "confine",
        ],
    ),
    ("main", &["cli", "startup", "settings", "telemetry"]),
];

/// The two crates, each with rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum House {
    /// `callboard-actors`: floors.
    Core,
    /// `callboard`: a list for each module.
    Edges,
}

impl House {
    /// The rule that an import breaks, if it breaks one. `module` is the path of the module it stands in.
    pub(super) fn broken_rule(self, module: &[String], import: &Import) -> Option<String> {
        let from = module.first()?;
        if from == "lib" {
            return None;
        }
        match (self, import.root.as_str()) {
            (Self::Core, "callboard") => Some("the core does not know its edges".to_owned()),
            (Self::Core, CODE | MEMORY) => Some(format!("the core does not know {}", import.root)),
            (Self::Core, _) => broken_floor(from, &import.target),
            (Self::Edges, root @ (CORE | CODE | MEMORY)) => broken_edge(from, root),
            (Self::Edges, _) => broken_edge(from, &import.target),
        }
    }
}

fn broken_floor(from: &str, to: &str) -> Option<String> {
    if from == to {
        return None;
    }
    let (Some(lower), Some(upper)) = (floor(to), floor(from)) else {
        let stranger = if floor(from).is_none() { from } else { to };
        return Some(format!(
            "`{stranger}` is no module with a floor; import from the module it lives in, or give it a floor in tests/it/floors/rules.rs"
        ));
    };
    (lower >= upper)
        .then(|| format!("{from} (floor {upper}) may not import {to} (floor {lower}), because imports only go down"))
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn broken_edge(from: &str, to: &str) -> Option<String> {
    if from == to {
        return None;
    }
    let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == from) else {
        return Some(format!("`{from}` has no place yet; give it one in tests/it/floors/rules.rs"));
    };
    (!allowed.contains(&to)).then(|| {
        let list = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        format!("{from} may not import {to}, only {list}")
    })
}
