//! From the words of the command line to the command that they name.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::attend;
use crate::confine;
use crate::startup;

use super::args::{Arguments, Chat, ChatCommand, Command, Rules, Workflows, WorkflowsCommand};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::{Out, remark};
use super::{
    Exit, agents, audit, change, chat, config, journal, memory, messages, metrics, output, ps,
    rules, schedules, serve, server, sessions, show, spawn, step, tools, tree, why, workflows,
};

/// Does what the arguments of this program say, and says how that ended.
pub fn run() -> ExitCode {
    // A wrong word ends the program here, with the number of `Exit::Usage`.
    let arguments = Arguments::parse();
    if let Command::Shim { .. } = arguments.command {
        // It has no settings but those it is given, and nobody to talk to but its server.
        return if startup::shim().is_ok() { Exit::Done } else { Exit::Failed }.into();
    }
    match &arguments.command {
        Command::Command => return hold().into(),
        Command::Confine { job, arguments, probe } => {
            return confined(job.as_deref().unwrap_or_default(), arguments, *probe);
        }
        Command::Attend { held_by, program, arguments } => {
            return attended(*held_by, program, arguments);
        }
        _ => {}
    }
    let mut out = Out::stdout();
    let outcome = Context::load(&arguments)
        .and_then(|context| dispatch(&context, &arguments.command, &mut out));
    let exit = outcome.unwrap_or_else(|failure| {
        if !failure.message.is_empty() {
            // A closed stdout is no reason to keep silent here.
            let _ = out.end_line();
            remark(format!("callboard: {}", failure.message));
        }
        failure.exit
    });
    exit.into()
}

/// Holds a program; what came of it goes to stdout.
fn hold() -> Exit {
    let ended = confine::hold(std::io::BufReader::new(std::io::stdin()));
    let text = ended.and_then(|ended| Ok(serde_json::to_string(&ended)?));
    match text.and_then(|text| writeln!(std::io::stdout(), "{text}")) {
        Ok(()) => Exit::Done,
        Err(error) => {
            remark(format!("callboard: {error}"));
            Exit::Failed
        }
    }
}

/// As shells say that a program could not be run.
const NOT_RUN: u8 = 126;

/// Becomes a program, or has it run. Whoever reads its output reads why it could not.
fn confined(line: &str, arguments: &[String], probe: bool) -> ExitCode {
    // As the first process of new namespaces it says in a file how the program has ended.
    let inside = std::env::var(confine::STATUS).ok().and_then(|number| number.parse().ok());
    let run = || {
        let job = confine::Job::called(line, arguments)?;
        match inside {
            Some(status) => confine::confine_inside(&job, status),
            None => confine::confine(&job),
        }
    };
    let ended = if probe && inside.is_none() { confine::probe() } else { run() };
    ended.unwrap_or_else(|error| {
        remark(format!("callboard: failed to run it: {error}"));
        ExitCode::from(NOT_RUN)
    })
}

/// Stays with a program. Whoever reads its stderr reads why it could not be run.
fn attended(held_by: Option<u32>, program: &str, arguments: &[String]) -> ExitCode {
    let code = match held_by {
        Some(attendant) => Err(attend::become_held(attendant, program, arguments)),
        None => attend::attend(program, arguments),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            remark(format!("callboard: failed to run {program}: {error}"));
            ExitCode::from(NOT_RUN)
        }
    }
}

/// Commands with a runtime of their own, or none; all others ask the server.
fn dispatch(context: &Context, command: &Command, out: &mut Out) -> Outcome {
    match command {
        Command::Serve(serve) => serve::run(context, serve, out),
        Command::Journal(command) => journal::run(context, *command, out),
        Command::Step(step) => step::run(context, step, out),
        Command::Rules(Rules::Check { file }) => rules::check(context, file, out),
        Command::Rules(Rules::Schema) => rules::schema(out),
        Command::Workflows(Workflows {
            command: Some(WorkflowsCommand::Check(wanted)), ..
        }) => workflows::check(context, wanted, out),
        Command::Chat(Chat { command: Some(ChatCommand::Schema), .. }) => chat::schema(out),
        Command::Workflows(Workflows { command: Some(WorkflowsCommand::Schema), .. }) => {
            workflows::schema(out)
        }
        command => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| {
                Failure::new(Exit::Failed, format!("failed to start a runtime: {error}"))
            })?;
            runtime.block_on(ask(context, command, out))
        }
    }
}

async fn ask(context: &Context, command: &Command, out: &mut Out) -> Outcome {
    use super::args::Verb;
    match command {
        Command::Serve(_)
        | Command::Journal(_)
        | Command::Step(_)
        | Command::Shim { .. }
        | Command::Command
        | Command::Attend { .. }
        | Command::Confine { .. } => {
            unreachable!("these ask nobody")
        }
        Command::Spawn(spawn) => spawn::run(context, spawn, out).await,
        Command::Run(run) => workflows::start(context, run, out).await,
        Command::Chat(wanted) => chat::run(context, wanted, out).await,
        Command::Fork(fork) => workflows::fork(context, fork, out).await,
        Command::Replay(replay) => workflows::replay(context, replay, out).await,
        Command::Files(wanted) => workflows::files(context, wanted, out).await,
        Command::Undo(wanted) => workflows::undo(context, wanted, out).await,
        Command::Compare(pair) => workflows::compare(context, pair, out).await,
        Command::Workflows(wanted) => workflows::run(context, wanted, out).await,
        Command::Schedule(wanted) => schedules::run(context, wanted, out).await,
        Command::Ps(ps) => ps::run(context, ps, out).await,
        Command::Show { id } => show::run(context, id, out).await,
        Command::Why { id } => why::run(context, id, out).await,
        Command::Cancel { id } => change::process(context, id, "cancel", out).await,
        Command::Retry { id } => change::process(context, id, "retry", out).await,
        Command::Fail { id } => change::process(context, id, "fail", out).await,
        Command::Tree(tree) => tree::run(context, tree, out).await,
        Command::Restart { path } => change::actor(context, path, Verb::Restart, out).await,
        Command::Operate(operate) => change::actor(context, &operate.path, operate.verb, out).await,
        Command::Messages(messages) => messages::run(context, messages, out).await,
        Command::Sessions(sessions) => sessions::run(context, sessions, out).await,
        Command::Agents(wanted) => agents::run(context, wanted, out).await,
        Command::Memory(memory) => memory::run(context, memory, out).await,
        Command::Tools => tools::run(context, out).await,
        Command::Rules(wanted) => rules::run(context, wanted, out).await,
        Command::Audit(wanted) => audit::run(context, wanted, out).await,
        Command::Output(wanted) => output::run(context, wanted, out).await,
        Command::Config(command) => config::run(context, command, out).await,
        Command::Metrics(metrics) => metrics::run(context, metrics, out).await,
        Command::Health => server::health(context, out).await,
        Command::Info => server::info(context, out).await,
    }
}

/// Reads what the server answered.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| {
        let text = format!("the server answered what this callboard does not understand: {error}");
        Failure::new(Exit::Unreachable, text)
    })
}
