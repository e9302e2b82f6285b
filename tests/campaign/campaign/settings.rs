//! How far a campaign goes.

use std::process::Command;
use std::time::Duration;

/// How many seeded states beside the boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum States {
    Seeded(usize),
    All,
}

/// `CALLBOARD_TEST_CAMPAIGN_STATES`: a number, or `all`.
pub(super) fn states() -> States {
    match std::env::var("CALLBOARD_TEST_CAMPAIGN_STATES").as_deref() {
        Err(_) => States::Seeded(120),
        Ok("all") => States::All,
        Ok(number) => States::Seeded(number.parse().expect("a number, or `all`")),
    }
}

/// `CALLBOARD_TEST_CUTS`: whether `all` power cuts in a recovery are tried.
pub(super) fn tries_all_cuts() -> bool {
    states() == States::All || std::env::var("CALLBOARD_TEST_CUTS").is_ok_and(|all| all == "all")
}

/// `CALLBOARD_TEST_CAMPAIGN_SECONDS`: how long seeded states are tried.
pub(super) fn time() -> Duration {
    time_or(Duration::from_mins(4))
}

/// `CALLBOARD_TEST_CAMPAIGN_SECONDS`, else so long.
pub(super) fn time_or(usual: Duration) -> Duration {
    let seconds = std::env::var("CALLBOARD_TEST_CAMPAIGN_SECONDS");
    let seconds = seconds.map(|text| text.parse().expect("a number of seconds"));
    seconds.map_or(usual, Duration::from_secs)
}

/// `CALLBOARD_TEST_CAMPAIGN_SEED`, else a number that each commit has for itself.
pub(crate) fn seed() -> u64 {
    if let Ok(text) = std::env::var("CALLBOARD_TEST_CAMPAIGN_SEED") {
        return text.parse().expect("a number");
    }
    let mut command = Command::new("git");
    command.args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let commit = command.output().map(|output| output.stdout).unwrap_or_default();
    let digits = String::from_utf8_lossy(&commit).chars().take(15).collect::<String>();
    u64::from_str_radix(&digits, 16).unwrap_or(0)
}
