//! `callboard chat`: typed at a terminal, piped in, broken off, and gone on with.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::house::{Ended, House, Running};
use super::terminal::Terminal;

const TALK: &str = r#"name: talk
input: { type: object, required: [topic], properties: { topic: { type: string }, place: { type: string, default: here } } }
state: { said: {}, verdict: {} }
output: { verdict: state.verdict, said: state.said, place: input.place }
start: speak
nodes:
  speak: { agent: { prompt: "{{ input.topic }}" }, write: { said: output } }
  ask: { interrupt: { question: "Was it good?", answer: { enum: [yes please, no thanks] } }, write: { verdict: output } }
edges: [ { from: speak, to: ask } ]
"#;

fn house() -> House {
    let house = House::new();
    let folder = house.beside("config/workflows");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("talk.yaml"), TALK).unwrap();
    house
}

/// A chat that these lines are piped into.
fn piped(house: &House, arguments: &[&str], lines: &str) -> Ended {
    let mut command = house.command(&[&["chat"], arguments].concat());
    let file = house.beside("lines");
    fs::write(&file, lines).unwrap();
    command.stdin(fs::File::open(file).unwrap());
    Running::start(command).end()
}

fn is_in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let found = rest.split_once(word);
        rest = found.unwrap_or_else(|| panic!("{word:?} is missing in {rest:?} of {text}")).1;
    }
}

#[test]
fn lines_that_are_piped_in_are_messages_and_answers_each_in_its_turn() {
    let house = house();
    let lines = "say hello\nyes please\nstumble\nno thanks\n";
    let ended = piped(&house, &["talk", "--param", "place=there"], lines);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let first =
        ["run 1\n", "speak ▸\n", "speak ›\nHello!\n", "? Was it good? (yes please, no thanks)\n"];
    let second = ["run 2\n", "All of it\n", "! chat: \"no thanks\"\n", "verdict\nno thanks\n"];
    is_in_order(&ended.stdout, &first);
    is_in_order(&ended.stdout, &["! chat: \"yes please\"\n", "completed: ", "place\nthere\n"]);
    is_in_order(&ended.stdout, &second);
    assert!(!ended.stdout.contains('\u{1b}'), "no colours where nobody sees them");
    assert!(ended.stderr.contains("talk, thread "), "{}", ended.stderr);
}

#[test]
fn for_scripts_it_prints_what_it_heard_and_ends_with_what_came_of_it() {
    let house = house();
    let ended = piped(&house, &["talk", "--json"], "be refused\n");
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let frames: Vec<Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(frames[0]["op"], "opened");
    assert_eq!(frames.last().unwrap()["op"], "run_ended");
    assert_eq!(frames.last().unwrap()["status"], "failed");
    let thread = frames[0]["workflow_id"].as_str().unwrap();
    let again = piped(&house, &["--thread", thread, "--json"], "say hello\n");
    assert_eq!(again.code, Some(1), "something is asked, and nobody answers: {again:#?}");
    assert!(again.stderr.contains("nobody is there to answer"), "{}", again.stderr);
    let third = piped(&house, &["--thread", thread], "no thanks\n");
    is_in_order(
        &third.stdout,
        &["run 1", "failed", "run 2", "? Was it good?", "verdict\nno thanks"],
    );
    assert_eq!(third.code, Some(0), "{third:#?}");
}

#[test]
fn what_cannot_be_is_told_with_what_to_do() {
    let house = house();
    let ended = piped(&house, &["tlak"], "x\n");
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stderr.contains("did you mean \"talk\"?"), "{}", ended.stderr);
    let ended = piped(&house, &["--thread", "nobody"], "x\n");
    assert_eq!(ended.code, Some(4), "{ended:#?}");
    let ended =
        piped(&house, &["talk", "--param", "place="], "/dance\nsay hello\nno\nyes please\n");
    assert_eq!(ended.code, Some(0), "the next line is tried: {ended:#?}");
    for word in ["/cancel, /undo", "does not fit the question"] {
        assert!(ended.stderr.contains(word), "{word:?} is missing in {}", ended.stderr);
    }
    assert!(ended.stdout.contains("verdict\nyes please\n"), "{}", ended.stdout);
    let schema: Value = serde_json::from_str(&house.text(&["chat", "schema"])).unwrap();
    assert!(schema["$defs"]["server_opened"].is_object());
}

#[test]
fn who_types_at_a_terminal_is_asked_in_place_and_cancels_with_ctrl_c() {
    let house = house();
    let mut terminal = Terminal::start(&house, &["chat", "talk"]);
    terminal.wait_for("talk, thread ");
    terminal.wait_for("› ");
    terminal.type_line("say hello");
    terminal.wait_for("Hello!");
    terminal.wait_for("answer › ");
    terminal.type_line("perhaps");
    terminal.wait_for("does not fit the question");
    terminal.wait_for("answer › ");
    terminal.type_line("yes please");
    terminal.wait_for("verdict\r\nyes please");
    terminal.wait_for("› ");
    terminal.type_line("take for ever");
    terminal.wait_for("speak ▸");
    let pid = Pid::from_child(&terminal.child);
    kill_process(pid, Signal::INT).unwrap();
    terminal.wait_for("cancelling the run");
    terminal.wait_for("cancelled by chat");
    terminal.wait_for("› ");
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(terminal.child.wait().unwrap().code(), Some(130));
}

#[test]
fn pressed_twice_it_leaves_and_the_run_goes_on() {
    let house = house();
    let server = house.serve();
    let mut terminal = Terminal::start(&house, &["chat", "talk"]);
    terminal.wait_for("talk, thread ");
    terminal.type_line("take a moment");
    terminal.wait_for("speak ▸");
    let pid = Pid::from_child(&terminal.child);
    kill_process(pid, Signal::TERM).unwrap();
    terminal.wait_for("goes on without us");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(130));
    house.wait_to_read(&["workflows", "--status", "interrupted"], "talk");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_server_that_is_killed_is_come_back_to_and_nothing_is_missed() {
    let house = house();
    let server = house.serve();
    let mut command = house.command(&["chat", "talk", "--json"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    writeln!(typed, "take a moment").unwrap();
    house.wait_for_any("running");
    server.kill();
    let server = house.serve();
    writeln!(typed, "yes please").unwrap();
    drop(typed);
    let ended = child.wait_with_output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert_eq!(ended.status.code(), Some(0), "{stdout}\n{stderr}");
    assert!(stderr.contains("connecting again"), "{stderr}");
    let frames: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let positions: Vec<u64> =
        frames.iter().filter_map(|frame| frame["position"].as_u64()).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let opened: Vec<_> = frames.iter().filter(|frame| frame["op"] == "opened").collect();
    assert_eq!(opened.len(), 2, "{stdout}");
    // That the second message was taken may be heard after all that came of it.
    let last = frames.iter().rfind(|frame| frame["op"] != "accepted").unwrap();
    assert_eq!(
        (&last["op"], &last["output"]["said"]),
        (&"run_ended".into(), &"That was a moment.".into())
    );
    drop(server);
}

#[test]
fn the_coding_team_is_heard_with_its_differences() {
    let house = house();
    let mut command = house.command(&["chat", "--workspace", "calc"]);
    let lines = house.beside("lines");
    fs::write(&lines, "Create a calculator app\n").unwrap();
    command.env("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "/nowhere/at/all");
    command.env("CALLBOARD_WORKFLOWS__FOLDER", "/nowhere/at/all");
    command.stdin(fs::File::open(lines).unwrap());
    let ended = Running::start(command).end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    is_in_order(
        &ended.stdout,
        &[
            "plan ▸",
            "⚒ list_files",
            "codesmith/",
            "+++ b/src/parse.rs\n",
            "reviewfix/",
            "completed: ",
            "final_result\n",
        ],
    );
    assert!(house.beside("calc/src/parse.rs").exists());
}

const SNEAKY: &str = "name: sneaky
input: { type: object, properties: { text: { type: string } } }
state: { said: {} }
start: ask
nodes:
  ask: { interrupt: { question: \"\\e]0;mine\\aAre you\\e[2J\\rthere?\" }, write: { said: output } }
";

#[test]
fn nothing_that_is_heard_orders_the_terminal_about() {
    let house = house();
    fs::write(house.beside("config/workflows/sneaky.yaml"), SNEAKY).unwrap();
    let server = house.serve();
    let mut terminal = Terminal::start(&house, &["chat", "sneaky"]);
    terminal.wait_for("› ");
    terminal.type_line("hello");
    terminal.wait_for("␛]0;mine␇Are you␛[2J␍there?");
    terminal.wait_for("answer › ");
    terminal.type_line("/quit");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(130));
    let thread = house.text(&["workflows", "--status", "interrupted", "--json"]);
    let thread: Value = serde_json::from_str(&thread).unwrap();
    let id = thread[0]["id"].as_str().unwrap();
    let told = piped(&house, &["--thread", id], "here\n");
    assert!(told.stdout.contains("\u{1b}]0;mine\u{7}Are you"), "others get what was said");
    assert_eq!(server.stop(), Some(0));
}
