//! The world around a server: whoever starts, stops and kills it, its client, and the API that it
//! asks.

mod client;
mod listener;
mod mock;
mod scratch;
mod server;

pub(crate) use client::{Answer, Client, parse as parse_answer};
pub(crate) use listener::{heard, listen};
pub(crate) use mock::{Counts, Mock, answer_to, prompt_of};
pub(crate) use scratch::scratch;
pub(crate) use server::{Server, Setup};
