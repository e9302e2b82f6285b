//! Being told to stop: by the terminal, or by whoever manages this program.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Comes back when Ctrl-C was pressed.
pub(super) async fn pressed() {
    told(signal(SignalKind::interrupt())).await;
}

/// Comes back when the program was told to stop otherwise: by whoever manages it, or because its terminal went.
pub(super) async fn dismissed() {
    tokio::select! {
        () = told(signal(SignalKind::terminate())) => {}
        () = told(signal(SignalKind::hangup())) => {}
    }
}

/// Comes back when the program was told to stop.
pub(super) async fn interrupted() {
    tokio::select! {
        () = told(signal(SignalKind::interrupt())) => {}
        () = told(signal(SignalKind::terminate())) => {}
        () = told(signal(SignalKind::hangup())) => {}
    }
}

/// A signal that cannot be listened to does what it does by itself.
async fn told(signal: std::io::Result<Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}
