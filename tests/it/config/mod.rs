//! Settings that change while the server runs: by request, by file, and the secret ones; and what watches over the
//! work: its metrics and its monitor.

mod changes;
mod files;
mod metrics;
mod monitor;
mod secrets;
