//! [`Host`]: who runs the process: a server that was found, or an engine of our own.
//!
//! Several `spawn`s at once share the engine of the first. When that ends in order, one of the others starts its own
//! and everything goes on; who followed a server of its own standing waits for it to come back instead.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::engine::Engine;
use super::source::{Cursor, Source, Wait};
use crate::cli::api::{Chunk, Message, Messages, Spawned};
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::patience::Patience;
use crate::cli::{locate, place};

/// How long the server may hold back its answer.
const WAIT: Duration = Duration::from_secs(25);

/// How many messages are asked for at once.
const PAGE: &str = "1000";

/// Who runs the process.
pub(in crate::cli) struct Host<'a> {
    context: &'a Context,
    client: Client,
    engine: Option<Engine>,
    /// Whether it will go away by itself, so that we may take its place.
    is_passing: bool,
}

impl<'a> Host<'a> {
    /// The server that runs.
    pub(in crate::cli) async fn running(context: &'a Context) -> Result<Self, Failure> {
        Ok(Self::of_client(context, context.client().await?))
    }

    /// The server that runs, else an engine of our own.
    pub(in crate::cli) async fn running_or_started(context: &'a Context) -> Result<Self, Failure> {
        let mut patience = Patience::default();
        loop {
            if let Some(client) = context.find_server().await? {
                return Ok(Self::of_client(context, client));
            }
            match Engine::start(context) {
                Ok(engine) => {
                    let client = engine.client()?;
                    return Ok(Self { context, client, engine: Some(engine), is_passing: true });
                }
                // Somebody else is starting, or stopping, in this home.
                Err(failure) => patience.bear(failure).await?,
            }
        }
    }

    fn of_client(context: &'a Context, client: Client) -> Self {
        let is_passing = context.named.url.is_none() && locate::is_embedded(&context.settings.home);
        Self { context, client, engine: None, is_passing }
    }

    /// A client of it.
    pub(in crate::cli) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether it ends with us.
    pub(in crate::cli) fn is_ours(&self) -> bool {
        self.engine.is_some()
    }

    /// Ends our own engine in order; a server stays.
    pub(in crate::cli) async fn leave(self) -> Result<(), Failure> {
        let Self { engine, client, .. } = self;
        // Its connections would keep the engine waiting.
        drop(client);
        match engine {
            Some(engine) => engine.stop().await,
            None => Ok(()),
        }
    }

    /// Orders a process; its id. With its key an order that is sent twice is still one process.
    pub(super) async fn order(&mut self, body: &Value, key: &str) -> Result<String, Failure> {
        let Spawned { process_id } = self.order_at("/spawn", body, key).await?;
        Ok(process_id)
    }

    /// Orders something at a path. With its key an order that is sent twice is still one.
    pub(in crate::cli) async fn order_at<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Result<T, Failure> {
        let post = async |client: Client| client.post(path, Some(body), Some(key)).await;
        match self.context.named.url {
            // Nobody has seen that server yet: perhaps it is only misspelt.
            Some(_) => post(self.client.clone()).await,
            None => self.ask(post).await,
        }
    }

    /// Asks until there is an answer: the server may be restarted meanwhile, and even move.
    pub(in crate::cli) async fn ask<T>(
        &mut self,
        question: impl AsyncFn(Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut patience = Patience::default();
        loop {
            match question(self.client.clone()).await {
                Err(failure) if self.engine.is_none() => patience.bear(failure).await?,
                result => return result,
            }
            self.find_again().await?;
        }
    }

    async fn find_again(&mut self) -> Result<(), Failure> {
        if self.is_passing {
            *self = Self::running_or_started(self.context).await?;
        } else if let Some(client) = self.context.find_server().await? {
            self.client = client;
        }
        Ok(())
    }
}

impl Source for &mut Host<'_> {
    async fn output(&mut self, id: &str, cursor: Cursor) -> Result<Chunk, Failure> {
        let path = format!("{}/output", place::process(id)?);
        let mut query =
            vec![("offset", cursor.offset.to_string()), ("wait_s", WAIT.as_secs().to_string())];
        query.extend(cursor.attempt.map(|attempt| ("attempt", attempt.to_string())));
        self.ask(async |client| client.get_within(&path, &query, WAIT).await).await
    }

    async fn news(
        &mut self,
        id: &str,
        after: i64,
        wait: Wait,
    ) -> Result<Messages<Message>, Failure> {
        let wait = if wait == Wait::Yes { WAIT } else { Duration::ZERO };
        let query = [
            ("stream", format!("process/{id}")),
            ("after", after.to_string()),
            ("limit", PAGE.to_owned()),
            ("wait_s", wait.as_secs().to_string()),
        ];
        self.ask(async |client| client.get_within("/messages", &query, wait).await).await
    }
}
