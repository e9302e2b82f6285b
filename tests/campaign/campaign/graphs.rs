//! Workflows, crashed, and crashed once more while they recover: each ends as without a crash.

use std::time::Duration;

use super::recoveries::{Share, cuts, kills};
use super::stage::{recording_of_graphs, recording_of_letters, recording_of_team, stage};

#[test]
fn workflows_end_as_without_a_crash_also_when_their_recovery_is_killed() {
    let _stage = stage();
    let Some(recording) = recording_of_graphs() else { return };
    let share = Share { time: Duration::from_secs(150), at_least: 60 };
    kills("workflows", recording, share);
}

#[test]
fn a_power_cut_while_workflows_recover_loses_nothing_that_was_built_on() {
    let _stage = stage();
    let Some(recording) = recording_of_graphs() else { return };
    cuts("workflows", recording, Duration::from_secs(15));
}

#[test]
fn workers_have_each_letter_once_whatever_crashes() {
    let _stage = stage();
    let Some(recording) = recording_of_letters() else { return };
    let share = Share { time: Duration::from_mins(1), at_least: 20 };
    kills("letters", recording, share);
}

#[test]
fn a_team_writes_the_same_files_whatever_crashes_and_all_of_it_can_be_taken_back() {
    let _stage = stage();
    let Some(recording) = recording_of_team() else { return };
    let share = Share { time: Duration::from_secs(25), at_least: 3 };
    kills("team", recording, share);
}

#[test]
#[ignore = "takes hours: cargo test --test campaign -- --ignored power_cut --nocapture"]
fn a_power_cut_while_tools_are_called_again_loses_nothing_that_was_built_on() {
    let _stage = stage();
    let (Some(letters), Some(team)) = (recording_of_letters(), recording_of_team()) else { return };
    cuts("letters", letters, Duration::from_mins(30));
    cuts("team", team, Duration::from_mins(30));
}
