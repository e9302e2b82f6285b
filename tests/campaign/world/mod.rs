//! The world around a server: whoever starts, stops and kills it, its client, and the API that it
//! asks.

mod asked;
mod client;
mod listener;
mod mock;
mod replies;
mod scratch;
mod server;
mod sse;

pub(crate) use asked::{Asked, key_of};
pub(crate) use client::{Answer, Client, parse as parse_answer};
pub(crate) use listener::{heard, listen};
pub(crate) use mock::{Counts, Mock};
pub(crate) use replies::answer_to;
pub(crate) use scratch::scratch;
pub(crate) use server::{Server, Setup};
