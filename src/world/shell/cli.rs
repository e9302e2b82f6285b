//! [`Cli`]: a program that is called by a template, and whose answer is read by rules.

use super::call::{Call, final_, find, last_words, passing, ran};
use super::past::{instructed, own_session, told_again};
use super::select::{Counted, Gathered, text};
use super::spec::CliSpec;
use super::tail::Listener;
use super::template::Arguments;
use crate::program::{Answer, Stdin};
use crate::world::snapshot::{Seat, Way, check_hosts};
use callboard_actors::processes::{ChildEnd, Desk, ExecuteError, Executed, Work, Writer};
use minijinja::context;
use serde_json::Value;

/// A program as a runtime.
#[derive(Debug)]
pub struct Cli {
    spec: CliSpec,
    args: Arguments,
}

impl Cli {
    /// Checks the templates. Nothing is run yet.
    ///
    /// # Errors
    /// The first argument that is no template, or the first of its hosts that is none.
    pub fn new(spec: CliSpec) -> Result<Self, String> {
        check_hosts(&spec.hosts)?;
        let args = Arguments::new(spec.args.clone())?;
        Ok(Self { spec, args })
    }

    pub(in crate::world) async fn execute(
        &self,
        work: Work,
        desk: &Desk,
    ) -> Result<Executed, ExecuteError> {
        let call = self.call(&work, desk)?;
        let words = match self.spec.answer {
            Answer::Plain(_) => None,
            Answer::Select(_) => Some(desk.words_beside_stdout()),
        };
        let from = std::fs::metadata(desk.stdout()).map_or(0, |metadata| metadata.len());
        let mut heard = Heard { words, ..Heard::new(&self.spec) };
        let end = call.run(desk, &mut heard).await?;
        heard.judge(end, desk, from, &work)
    }

    fn call(&self, work: &Work, desk: &Desk) -> Result<Call, ExecuteError> {
        let CliSpec { command, environment, cwd, stdin, .. } = &self.spec;
        let program = find(command, environment).ok_or_else(|| self.missing(work))?;
        let session = own_session(work);
        let prompt = match session {
            Some(_) => work.prompt.clone(),
            None if self.args.mention(&["system", "system_file"]) => told_again(work),
            None => instructed(work.system.as_deref(), told_again(work)),
        };
        let system_file = work.attempt.pinned.system.as_ref();
        let system_file =
            system_file.map(|system| desk.in_home(&system.file).display().to_string());
        let values = context! {
            prompt => prompt.as_str(),
            prompt_file => desk.in_home(&work.attempt.prompt.file).display().to_string(),
            system => work.system.as_deref().unwrap_or_default(),
            system_file => system_file.unwrap_or_default(),
            model => work.attempt.model.as_str(),
            session_id => session.unwrap_or_default(),
            process_id => work.attempt.process_id.to_string(),
            attempt => work.attempt.number,
        };
        let args = self.args.render(&values).map_err(final_)?;
        let stdin = (*stdin == Stdin::Prompt).then_some(prompt);
        let cwd = work.attempt.workdir.clone().or_else(|| cwd.clone());
        let environment = environment.clone();
        let seat = Seat::of(work)?;
        let asked = std::iter::once(&work.attempt.prompt.file);
        let named = asked.chain(work.attempt.pinned.system.iter().map(|system| &system.file));
        let reads = named.map(|file| desk.in_home(file)).collect();
        let way = Way { told: self.spec.args.clone(), hosts: self.spec.hosts.clone() };
        Ok(Call { program, args, cwd, environment, way, stdin, seat, reads })
    }

    fn missing(&self, work: &Work) -> ExecuteError {
        let (command, runtime) = (&self.spec.command, &work.attempt.runtime);
        let install = match &self.spec.install {
            Some(line) => format!("install it with `{line}`"),
            None => "install it".to_owned(),
        };
        final_(format!(
            "there is no program {command:?} on the PATH: {install}, or set runtimes.{runtime}.command to where it lies"
        ))
    }
}

/// What was heard of a program.
struct Heard<'a> {
    spec: &'a CliSpec,
    words: Option<Writer>,
    last_line: String,
    last_json: Value,
    answer: Gathered,
    session: Gathered,
    error: Gathered,
    tokens_in: Counted,
    tokens_out: Counted,
    cost_usd: Counted,
}

impl Listener for Heard<'_> {
    fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if line.trim().is_empty() {
            return;
        }
        if let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(&line) {
            self.object(&value);
            self.last_json = value;
        }
        self.last_line = line.into_owned();
    }
}

impl<'a> Heard<'a> {
    fn new(spec: &'a CliSpec) -> Self {
        Self {
            spec,
            words: None,
            last_line: String::new(),
            last_json: Value::Null,
            answer: Gathered::default(),
            session: Gathered::default(),
            error: Gathered::default(),
            tokens_in: Counted::default(),
            tokens_out: Counted::default(),
            cost_usd: Counted::default(),
        }
    }

    fn object(&mut self, line: &Value) {
        let spec = self.spec;
        if let Answer::Select(select) = &spec.answer
            && let Some(added) = self.answer.take(select, line)
            && let Some(words) = &self.words
        {
            words.write(&added);
        }
        for (gathered, select) in
            [(&mut self.session, &spec.session), (&mut self.error, &spec.error)]
        {
            if let Some(select) = select {
                gathered.take(select, line);
            }
        }
        self.tokens_in.take(spec.usage.tokens_in.as_ref(), line);
        self.tokens_out.take(spec.usage.tokens_out.as_ref(), line);
        self.cost_usd.take(spec.usage.cost_usd.as_ref(), line);
    }

    fn judge(
        self,
        end: ChildEnd,
        desk: &Desk,
        from: u64,
        work: &Work,
    ) -> Result<Executed, ExecuteError> {
        let (spec, error) = (self.spec, self.error);
        let answer = match &spec.answer {
            Answer::Plain(rule) if rule == "stdout" => Some(said(desk, from)?),
            Answer::Plain(rule) if rule == "last_line" => Some(self.last_line),
            Answer::Plain(pointer) => self.last_json.pointer(pointer).map(text),
            Answer::Select(_) => self.answer.into_text(),
        };
        match answer {
            Some(content) if end.code == Some(0) => Ok(Executed {
                content,
                model: work.attempt.model.clone(),
                tokens_in: self.tokens_in.tokens(),
                tokens_out: self.tokens_out.tokens(),
                cost_usd: self.cost_usd.dollars(),
                provider_session: self.session.into_text(),
                ..Executed::default()
            }),
            _ => Err(failure(spec, end, error.into_text(), desk)),
        }
    }
}

/// All that it has said since.
fn said(desk: &Desk, from: u64) -> Result<String, ExecuteError> {
    let bytes = std::fs::read(desk.stdout())
        .map_err(|error| ran(passing(format!("failed to read what the program said: {error}"))))?;
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[from..]).into_owned())
}

fn failure(spec: &CliSpec, end: ChildEnd, error: Option<String>, desk: &Desk) -> ExecuteError {
    let words = error.unwrap_or_else(|| last_words(desk));
    let words = if words.is_empty() { "it did not say why".to_owned() } else { words };
    let command = &spec.command;
    let error = if end.code == Some(0) {
        format!("{command} ended without an answer: {words}")
    } else {
        format!("{command} ended with {end}: {words}")
    };
    let is_final_code = end.code.is_some_and(|code| spec.retry.final_codes.contains(&code));
    let is_final_word = spec.retry.final_words.iter().any(|word| words.contains(word));
    ran(if is_final_code || is_final_word { final_(error) } else { passing(error) })
}
