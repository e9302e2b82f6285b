//! [`Follow`]: what is published of a workflow and of its subgraphs, line by line, until its run has ended.

use std::time::Duration;

use serde_json::Value;

use super::person::Person;
use super::view::View;
use super::workflow;
use crate::cli::Exit;
use crate::cli::api::{Message, Messages};
use crate::cli::failure::Failure;
use crate::cli::out::Out;
use crate::cli::spawn::{Host, Progress};

/// How long the server may hold back its answer.
const WAIT: Duration = Duration::from_secs(25);

/// What is published of workflows.
const TOPICS: &str = "*.workflow.>";

/// How many messages are asked for at once.
const PAGE: &str = "1000";

/// Follows one workflow.
pub(super) struct Follow<'a, 'b> {
    host: &'a mut Host<'b>,
    id: &'a str,
    is_silent: bool,
    view: View,
    progress: Progress,
    after: i64,
}

impl<'a, 'b> Follow<'a, 'b> {
    /// From the beginning of its newest run. `is_silent`: nothing is printed.
    pub(super) fn new(host: &'a mut Host<'b>, id: &'a str, is_silent: bool) -> Self {
        let (view, progress) = (View::new(id), Progress::on_stderr());
        Self { host, id, is_silent, view, progress, after: 0 }
    }

    /// Until its run has ended; the workflow then.
    ///
    /// # Errors
    /// [`Exit::Failed`] if it is parked: then somebody has to decide first.
    pub(super) async fn until_the_end(mut self, out: &mut Out) -> Result<Value, Failure> {
        self.after = self.beginning().await?;
        let mut person = if self.is_silent { Person::Nobody } else { Person::at(out) };
        loop {
            let page = tokio::select! {
                page = self.news(out) => page?,
                line = person.line() => {
                    out.line_was_ended();
                    Person::answer(self.host, self.id, &line).await?;
                    person.ask(self.host, self.id, out).await?;
                    continue;
                }
            };
            self.after = page.next.unwrap_or(self.after).max(self.after);
            let lines = self.view.take(&page.items);
            if !self.is_silent {
                lines.into_iter().try_for_each(|line| out.line(line))?;
            }
            if self.view.is_asking() && out.is_at_line_start() {
                person.ask(self.host, self.id, out).await?;
            }
            // Whatever was heard, the workflow itself says where it stands; and silence may mean that it is parked.
            if self.view.has_ended() || page.items.is_empty() {
                let now = self.standing().await?;
                if is_over(&now) {
                    return Ok(now);
                }
            }
        }
    }

    /// The position before its newest run began.
    async fn beginning(&mut self) -> Result<i64, Failure> {
        let query = [("stream", format!("workflow/{}", self.id)), ("limit", PAGE.to_owned())];
        let (mut begun, mut after) = (0, 0);
        loop {
            let after_now = after.to_string();
            let page: Messages<Message> = self
                .host
                .ask(async |client| {
                    let query: Vec<_> =
                        query.iter().cloned().chain([("after", after_now.clone())]).collect();
                    client.get("/messages", &query).await
                })
                .await?;
            let Some(last) = page.items.last() else { return Ok(begun) };
            after = last.position;
            let is_run = |message: &&Message| {
                matches!(message.event_type.as_str(), "WORKFLOW_RUN_STARTED" | "WORKFLOW_FORKED")
            };
            begun = page.items.iter().rfind(is_run).map_or(begun, |message| message.position - 1);
        }
    }

    async fn news(&mut self, out: &Out) -> Result<Messages<Message>, Failure> {
        let query = [
            ("topic", format!("{TOPICS},*.node.>,*.tool.>")),
            ("after", self.after.to_string()),
            ("limit", PAGE.to_owned()),
            ("wait_s", WAIT.as_secs().to_string()),
        ];
        let work = self.host.ask(async |client| client.get_within("/messages", &query, WAIT).await);
        let is_line_free = out.is_at_line_start() || !out.is_terminal();
        self.progress.during(&self.view.status_line(), is_line_free, work).await
    }

    async fn standing(&mut self) -> Result<Value, Failure> {
        let id = self.id;
        let now = self.host.ask(async |client| workflow(&client, id).await).await?;
        let Some(parked) = now.get("parked") else { return Ok(now) };
        let why = parked["why"].as_str().unwrap_or_default();
        let text = format!(
            "{id} is parked: {why}; decide with `callboard operate retry|skip|fail /workflows/{id}` while a server runs"
        );
        Err(Failure::new(Exit::Failed, text))
    }
}

fn is_over(workflow: &Value) -> bool {
    matches!(workflow["status"].as_str(), Some("completed" | "failed" | "cancelled"))
}
