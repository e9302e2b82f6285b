//! `why`, for every situation it names: provoked on the real app, asked over HTTP and on the command line,
//! and compared whole.

mod commands;
mod kit;
mod plain;

mod actors;
mod agents;
mod ends;
mod homes;
mod messages;
mod parked;
mod queues;
mod runs;
mod sessions;
mod subscriptions;
mod unknown;
