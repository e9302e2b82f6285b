//! [`ServerSpec`]: how a server is reached, and what holds for its tools, as data.

use callboard_actors::tools::{Permission, Repeat};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// A server, as it is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerSpec {
    /// Its name: its tools are called `NAME__tool`.
    pub name: String,
    /// How it is reached.
    pub reach: Reach,
    /// The longest that a call may take, in seconds.
    pub timeout_s: u32,
    /// What follows a lost call.
    pub repeat: Repeat,
    /// The same for single tools, by the server's names of them.
    pub repeat_of: BTreeMap<String, Repeat>,
    /// What one has to be allowed to call its tools.
    pub needs: Permission,
    /// Whether its hints are believed.
    pub trust_hints: bool,
    /// Patterns of the tools that are offered.
    pub tools: Vec<String>,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// It is run.
    Program(Program),
    /// It is somewhere.
    Address {
        /// Where.
        url: String,
        /// What every request says.
        headers: Hidden,
    },
}

/// A program.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// A name that is looked for in the `PATH` of its variables, or a path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// In which folder.
    pub folder: PathBuf,
    /// All of its environment.
    pub variables: Hidden,
}

/// Texts by name, of which nothing is shown.
#[derive(Clone, PartialEq, Default)]
pub struct Hidden(pub BTreeMap<String, String>);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl ServerSpec {
    /// Whether a tool is offered.
    pub(super) fn offers(&self, tool: &str) -> bool {
        self.tools.iter().any(|pattern| fits(pattern, tool))
    }

    /// What follows a lost call of a tool, of which the server says that it does no harm, or does not.
    pub(super) fn repeat_of(&self, tool: &str, is_harmless: bool) -> Repeat {
        match self.repeat_of.get(tool) {
            Some(repeat) => *repeat,
            None if self.trust_hints && is_harmless => Repeat::Safe,
            None => self.repeat,
        }
    }

    /// Where it is, without what might be secret.
    pub(super) fn place(&self) -> String {
        match &self.reach {
            Reach::Program(program) => program.command.clone(),
            Reach::Address { url, .. } => url.split(['?', '#']).next().unwrap_or_default().into(),
        }
    }
}

/// Whether a name is one that the pattern describes; `*` stands for any letters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(first) else { return false };
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.into_iter().any(|at| fits(rest, &name[at..]))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::world::mcp) fn spec() -> ServerSpec {
        ServerSpec {
            name: "s".into(),
            reach: Reach::Address {
                url: "http://127.0.0.1:1/mcp?key=hush".into(),
                headers: Hidden([("Authorization".into(), "hush".into())].into()),
            },
            timeout_s: 60,
            repeat: Repeat::Ask,
            repeat_of: BTreeMap::new(),
            needs: Permission::UseMcp,
            trust_hints: false,
            tools: vec!["*".into()],
        }
    }

    #[test]
    fn patterns_describe_names() {
        for (pattern, name, is_it) in [
            ("*", "anything", true),
            ("echo", "echo", true),
            ("echo", "echoes", false),
            ("get-*", "get-sum", true),
            ("get-*", "forget-sum", false),
            ("*-sum", "get-sum", true),
            ("g*-*m", "get-sum", true),
            ("g*x*m", "get-sum", false),
        ] {
            assert_eq!(fits(pattern, name), is_it, "{pattern} {name}");
        }
    }

    #[test]
    fn hints_count_only_if_they_are_trusted_and_what_is_said_of_a_tool_goes_before() {
        let mut spec = spec();
        assert_eq!(spec.repeat_of("read", true), Repeat::Ask);
        spec.trust_hints = true;
        assert_eq!(spec.repeat_of("read", true), Repeat::Safe);
        assert_eq!(spec.repeat_of("write", false), Repeat::Ask);
        spec.repeat_of.insert("read".into(), Repeat::Ask);
        assert_eq!(spec.repeat_of("read", true), Repeat::Ask);
        spec.repeat = Repeat::Safe;
        assert_eq!(spec.repeat_of("write", false), Repeat::Safe);
    }

    #[test]
    fn nothing_shows_what_is_secret() {
        let spec = spec();
        assert_eq!(spec.place(), "http://127.0.0.1:1/mcp");
        assert!(!format!("{:?}", Hidden([("A".into(), "hush".into())].into())).contains("hush"));
    }
}
