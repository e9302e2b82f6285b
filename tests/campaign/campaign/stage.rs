//! The stage is small: two processors, so one production at a time.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::scenario::{End, Evening, Recording, graphs, letters, processes, props, record, team};
use crate::trace::is_permitted;
use crate::trial::Bench;
use crate::world::{Mock, Setup, scratch};

/// Keeps the other productions off the stage until it is dropped.
pub(crate) fn stage() -> MutexGuard<'static, ()> {
    static STAGE: Mutex<()> = Mutex::new(());
    STAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The scenario, recorded once for all tests; `None` where that is not possible, which it says.
pub(super) fn recording() -> Option<&'static Recording> {
    static RECORDING: LazyLock<Recording> = LazyLock::new(|| record_with(&[], End::Stopped));
    is_permitted().then(|| &*RECORDING)
}

/// The evening of workflows, recorded once for all tests.
pub(super) fn recording_of_graphs() -> Option<&'static Recording> {
    static RECORDING: LazyLock<Recording> = LazyLock::new(|| recorded(&[], graphs, End::Stopped));
    is_permitted().then(|| &*RECORDING)
}

/// The evening of letters, recorded once for all tests.
pub(super) fn recording_of_letters() -> Option<&'static Recording> {
    static RECORDING: LazyLock<Recording> = LazyLock::new(|| recorded(&[], letters, End::Stopped));
    is_permitted().then(|| &*RECORDING)
}

/// The evening of the team, recorded once for all tests. Its workspace is on record by its path, so its crashes are
/// tried where it was recorded.
pub(super) fn recording_of_team() -> Option<&'static Recording> {
    static RECORDING: LazyLock<Recording> = LazyLock::new(|| Bench::new().record(&props(), team));
    is_permitted().then(|| &*RECORDING)
}

/// The scenario, recorded with these settings.
pub(super) fn record_with(settings: &[(&str, &str)], end: End) -> Recording {
    recorded(settings, processes, end)
}

fn recorded(settings: &[(&str, &str)], evening: Evening, end: End) -> Recording {
    let (folder, mock) = (scratch(), Mock::start());
    let setup = Setup::new(folder.path(), mock.address);
    let setup = settings.iter().fold(setup, |setup, (name, value)| setup.with(name, value));
    record(&setup, &mock, folder.path(), evening, end)
}
