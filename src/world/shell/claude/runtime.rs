//! [`Claude`]: runs Claude Code for an attempt.

use super::heard::Heard;
use super::spec::ClaudeSpec;
use super::verdict::{Verdict, verdict};
use crate::world::shell::call::{Call, final_, find, last_words};
use crate::world::shell::past::{own_session, told_again};
use crate::world::snapshot::{Seat, Way, check_hosts};
use callboard_actors::processes::{Desk, ExecuteError, Executed, Work, Writer};
use std::path::PathBuf;

/// Claude Code as a runtime.
#[derive(Debug)]
pub struct Claude {
    spec: ClaudeSpec,
}

impl Claude {
    /// A runtime that calls it so. Nothing is run yet.
    ///
    /// # Errors
    /// The first of its hosts that is none.
    pub fn new(spec: ClaudeSpec) -> Result<Self, String> {
        check_hosts(&spec.hosts)?;
        Ok(Self { spec })
    }

    /// The most US dollars that an attempt may take, where that is configured.
    pub(in crate::world) fn most_usd(&self) -> Option<f64> {
        self.spec.max_budget_usd
    }

    pub(in crate::world) async fn execute(
        &self,
        work: Work,
        desk: &Desk,
    ) -> Result<Executed, ExecuteError> {
        let program = find(&self.spec.command, &self.spec.environment);
        let program = program.ok_or_else(|| self.missing(&work))?;
        let words = desk.words_beside_stdout();
        let session = own_session(&work);
        let first = match session {
            Some(_) => self.run(&program, (&work, desk), session, words.clone()).await?,
            None => Verdict::UnknownSession,
        };
        // Its own memory of a conversation may be gone, or on another machine: ours is told instead.
        let settled = match first {
            Verdict::UnknownSession => self.run(&program, (&work, desk), None, words).await?,
            settled @ Verdict::Settled(_) => settled,
        };
        match settled {
            Verdict::Settled(result) => result,
            Verdict::UnknownSession => Err(final_("claude looks for a conversation nobody named")),
        }
    }

    async fn run(
        &self,
        program: &std::path::Path,
        (work, desk): (&Work, &Desk),
        session: Option<&str>,
        words: Writer,
    ) -> Result<Verdict, ExecuteError> {
        let prompt = if session.is_some() { work.prompt.clone() } else { told_again(work) };
        let system = work.attempt.pinned.system.as_ref().map(|system| desk.in_home(&system.file));
        let call = Call {
            program: PathBuf::from(program),
            args: self.spec.arguments(&work.attempt.model, session, system.as_deref()),
            cwd: work.attempt.workdir.clone().or_else(|| self.spec.cwd.clone()),
            environment: self.spec.environment.clone(),
            way: Way { told: self.spec.args.clone(), hosts: self.spec.hosts.clone() },
            stdin: Some(prompt),
            seat: Seat::of(work)?,
            reads: system.into_iter().chain(self.spec.mcp_config.clone()).collect(),
        };
        let mut heard = Heard::new(words);
        let end = call.run(desk, &mut heard).await?;
        let complaint = if session.is_some() || heard.result.is_none() {
            last_words(desk)
        } else {
            String::new()
        };
        Ok(verdict(&heard, end, &complaint, &work.attempt.model))
    }

    fn missing(&self, work: &Work) -> ExecuteError {
        let (command, runtime) = (&self.spec.command, &work.attempt.runtime);
        final_(format!(
            "there is no program {command:?} on the PATH: install Claude Code with \
             `npm install -g @anthropic-ai/claude-code`, or set runtimes.{runtime}.command to where it lies"
        ))
    }
}
