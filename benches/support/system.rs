//! A system for as long as some work takes.

use tokio::runtime::Handle;

/// Runs a system for as long as this work takes.
pub(crate) fn on_a_system<T>(work: impl Future<Output = T>) -> T {
    let system = actix_rt::System::new();
    let runtime = system.block_on(async { Handle::current() });
    let result = system.block_on(work);
    // Connections that tasks left behind close themselves on a thread of the runtime, and panic
    // where they find none.
    let _entered = runtime.enter();
    drop(system);
    result
}
