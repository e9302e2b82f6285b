//! [`held`]: which rules the kernel holds for programs that are run, and which are only checked before.

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError, Scope,
};
use serde::Serialize;
use std::path::Path;
use std::sync::OnceLock;

/// What the kernel holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which files a program sees and changes.
    pub files: Hold,
    /// That it opens no sockets.
    pub network: Hold,
    /// That it signals nobody else.
    pub signals: Hold,
    /// What calls of tools may do, which is not left to the kernel.
    pub tools: Hold,
}

impl Held {
    /// What the kernel does not hold for programs, in words; `None`: it holds all that it should.
    pub fn lacking(&self) -> Option<String> {
        let kinds = [("files", self.files), ("network", self.network), ("signals", self.signals)];
        let lacking = kinds.iter().filter(|(_, hold)| *hold == Hold::Checked);
        let lacking: Vec<_> = lacking.map(|(kind, _)| *kind).collect();
        let words = lacking.join(", ");
        (!lacking.is_empty()).then(|| {
            format!("checked, not enforced, for programs that are run: {words} (the kernel has no Landlock or seccomp for it)")
        })
    }
}

/// Who holds a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The kernel: there is no way around it.
    Enforced,
    /// It is looked at before a program is run; what the program does then is its own.
    Checked,
}

/// Which rules the kernel of this machine holds.
pub fn held() -> &'static Held {
    static HELD: OnceLock<Held> = OnceLock::new();
    HELD.get_or_init(|| {
        let of = |is_held: bool| if is_held { Hold::Enforced } else { Hold::Checked };
        Held {
            files: of(holds_files().is_ok()),
            network: of(Path::new("/proc/sys/kernel/seccomp/actions_avail").exists()),
            signals: of(holds_signals().is_ok()),
            tools: Hold::Checked,
        }
    })
}

/// Asks the kernel for a set of rules, and applies it to nobody.
fn holds_files() -> Result<(), RulesetError> {
    let hard = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    hard.handle_access(AccessFs::from_all(ABI::V1))?.create().map(drop)
}

fn holds_signals() -> Result<(), RulesetError> {
    let hard = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    hard.scope(Scope::Signal)?.create().map(drop)
}
