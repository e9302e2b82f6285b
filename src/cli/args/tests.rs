//! The command line as users write it.

use clap::{CommandFactory as _, Parser as _, ValueEnum as _};

use super::*;
use crate::cli::Exit;
use crate::settings::Sources;

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(line.split_whitespace())
}

fn command(line: &str) -> Command {
    parse(line).unwrap_or_else(|error| panic!("{error}")).command
}

fn spawn(line: &str) -> Spawn {
    match command(line) {
        Command::Spawn(spawn) => spawn,
        other => panic!("{other:?} is no spawn"),
    }
}

#[test]
fn the_definition_holds_together() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_is_understood() {
    for line in [
        "serve --listen 127.0.0.1:0 --stop-children",
        "spawn hello",
        "ps --all",
        "tools",
        "show 1",
        "why 1",
        "why /services/admission",
        "cancel 1",
        "retry 1",
        "fail 1",
        "tree",
        "tree /processes --depth 2",
        "restart /journal",
        "operate skip /sessions/1",
        "messages --topic a.* --stream process/1 --after 5 --limit 9 --follow",
        "sessions",
        "sessions 1",
        "agents list --capability coding --status busy --limit 3",
        "agents show a",
        "agents register coder --id a --name A --capability x --capability y",
        "agents remove a",
        "agents message a text --from b --idempotency-key k",
        "health",
        "run debate topic=tea rounds=2 --limit usd=1 --detach",
        "run --id w --on-running rollback topic=milk --priority -1",
        "chat",
        "chat debate --workspace w --param rounds=2",
        "chat --thread w",
        "chat schema",
        "workflows",
        "workflows --type debate --status failed --param topic=tea --limit 3",
        "workflows show w",
        "workflows history w",
        "workflows answer w yes",
        "workflows answer w interrupt yes",
        "workflows pause w",
        "workflows resume w",
        "workflows cancel w",
        "workflows retry w",
        "workflows graph w --format dot",
        "workflows definitions",
        "workflows register a.yaml b.yaml",
        "workflows unregister a",
        "workflows check a.yaml b.yaml",
        "workflows schema",
        "schedule create s --cron @daily --zone Europe/Berlin --missed skip run debate topic=tea",
        "schedule create s --at 2026-12-01T09:00:00Z --overlap skip --tolerance 9 spawn hello --model m",
        "schedule change s --in 90s --schedule-key k run --id w topic=milk",
        "schedule list --status failed --limit 3",
        "schedule show s",
        "schedule pause s",
        "schedule resume s",
        "schedule run s",
        "schedule delete s",
        "config list",
        "config get a.b",
        "config set a.b -1 --description why",
        "config set a.b -",
        "config unset a.b",
        "config rotate-key",
        "metrics",
        "metrics --by agent --from 2026-11-01 --to 2026-11-21",
        "metrics --name process.performance --tags model:a --limit 9",
        "info",
        "journal verify",
        "journal rebuild",
        "step",
        "step process/1 --db f --from 2 --all",
    ] {
        command(&format!("callboard {line}"));
    }
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    for line in ["callboard --json --home h ps", "callboard ps --home h --json"] {
        let global = parse(line).unwrap().global;
        assert!(global.json && global.home.as_deref() == Some("h".as_ref()));
    }
}

#[test]
fn a_spawn_takes_all_its_options() {
    let spawn = spawn(
        "callboard spawn hello --runtime anthropic --model opus --session s --agent a --timeout 9 --max-retries 0 \
         --priority -3 --idempotency-key k --detach",
    );
    assert_eq!(spawn.prompt.as_deref(), Some("hello"));
    assert_eq!(
        (spawn.timeout.map(std::num::NonZero::get), spawn.max_retries, spawn.priority),
        (Some(9), Some(0), Some(-3))
    );
    assert!(spawn.detach && !spawn.reads_stdin());
}

#[test]
fn a_dash_as_prompt_means_stdin() {
    assert!(spawn("callboard spawn -").reads_stdin());
}

#[test]
fn a_template_stands_in_place_of_the_prompt_and_takes_parameters() {
    let spawn = spawn("callboard spawn --template review --param file=a.rs --param query=a=b");
    let params: Vec<(&str, &str)> =
        spawn.params.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    assert_eq!((spawn.prompt, params), (None, vec![("file", "a.rs"), ("query", "a=b")]));
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for line in [
        "",
        "spawn",
        "spawn hello --template t",
        "spawn hello --param a=b",
        "spawn --template t --param a",
        "spawn x --timeout 0",
        "serve --listen 8000",
        "operate unpark /a",
        "ps --status asleep",
        "step --from 2",
        "journal",
        "agents",
        "workflows register",
        "workflows check",
        "workflows answer w",
        "workflows graph w --format svg",
        "run debate --on-running perhaps",
        "restart",
    ] {
        let error = parse(&format!("callboard {line}")).expect_err(line);
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()), "{line}");
    }
}

#[test]
fn a_status_is_written_in_any_case_and_sent_in_capitals() {
    let Command::Ps(ps) = command("callboard ps --status DEAD") else { panic!("this is ps") };
    assert_eq!(ps.status.map(Status::word).as_deref(), Some("DEAD"));
}

#[test]
fn the_word_of_a_verb_is_the_one_that_is_written() {
    for verb in Verb::value_variants() {
        let Command::Operate(operate) = command(&format!("callboard operate {} /a", verb.word()))
        else {
            panic!("this is operate")
        };
        assert_eq!(operate.verb, *verb);
    }
}

#[test]
fn the_help_of_the_program_lists_every_exit_code() {
    let help = Arguments::command().render_help().to_string();
    for exit in [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::Unreachable,
        Exit::NotFound,
        Exit::Refused,
        Exit::TryAgain,
        Exit::Interrupted,
    ] {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(&format!("{} ", exit.code()))),
            "{exit:?}"
        );
    }
}

#[test]
fn every_example_in_the_help_can_be_parsed() {
    let root = Arguments::command();
    let commands = std::iter::once(&root).chain(root.get_subcommands());
    let texts: Vec<String> =
        commands.filter_map(|command| command.get_after_help().map(ToString::to_string)).collect();
    assert!(texts.len() > 7);
    let examples = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.split_once("  callboard "));
    for (_, example) in examples {
        let words = example.split("   ").next().unwrap_or_default();
        parse(&format!("callboard {}", joined(words)))
            .unwrap_or_else(|error| panic!("{words}: {error}"));
    }
}

/// Quoted texts as one word each.
fn joined(line: &str) -> String {
    let parts = line.split(['"', '\'']).enumerate();
    parts
        .map(|(index, part)| if index % 2 == 1 { part.replace(' ', "_") } else { part.to_owned() })
        .collect()
}

#[test]
fn the_token_is_not_shown() {
    let arguments = parse("callboard --token hush ps").unwrap();
    assert!(!format!("{arguments:?}").contains("hush"));
}

#[test]
fn flags_reach_the_settings() {
    let arguments = parse("callboard serve --home h --listen 127.0.0.1:7").unwrap();
    let mut sources = Sources::default();
    arguments.global.tell(&mut sources);
    let Command::Serve(serve) = &arguments.command else { panic!("this is serve") };
    serve.tell(&mut sources);
    assert_eq!(
        (sources.env["--home"].as_str(), sources.env["--listen"].as_str()),
        ("h", "127.0.0.1:7")
    );
}
