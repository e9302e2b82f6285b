//! What the benchmarks share: how much they do, how they count, and the houses they do it in.

mod bare;
mod client;
mod drive;
mod history;
mod home;
mod ledger;
mod scale;
mod server;
mod socket;
mod stats;
mod system;
mod table;
mod workflows;

pub(crate) use bare::{Bare, Row};
pub(crate) use client::Client;
pub(crate) use drive::{Driven, drive};
pub(crate) use history::{History, PROMPT, write_script};
pub(crate) use home::{folder, open_files};
pub(crate) use ledger::{Ledger, append as ledger_append};
pub(crate) use scale::Scale;
pub(crate) use server::{Server, bytes_in_memory};
pub(crate) use socket::{contains, frame, masked};
pub(crate) use stats::{Sample, median};
pub(crate) use system::on_a_system;
pub(crate) use table::{Table, millis, number, ratio};
pub(crate) use workflows::Workflows;
