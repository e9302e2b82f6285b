//! The long texts of the help: examples, and what the exit codes mean.

/// After the help of the whole program.
pub(super) const ROOT: &str = "\
Examples:
  callboard spawn \"Say hello\"            run a process to its end, without a server if none runs
  callboard serve                        serve HTTP and WebSocket on 127.0.0.1:8000
  callboard run debate topic=\"tea\"       run a workflow to its end, and look on
  callboard chat                         talk with the coding team, in this folder
  callboard ps                           what runs and waits
  callboard why 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e
  callboard messages --follow            every message, live

Exit codes:
  0   done
  1   the work failed: a process is DEAD or CANCELLED, or a check found faults
  2   the command line or a setting is wrong
  3   the server cannot be reached, or does not accept the token
  4   not found
  5   refused: it does not fit the state of things, or is not valid (HTTP 409, 422)
  75  temporary, try again later (HTTP 503)
  130 interrupted before the end: what was ordered is kept

Settings come from config/callboard.toml, .env and CALLBOARD_* variables; the file explains each.";

/// After the help of `spawn`.
pub(super) const SPAWN: &str = "\
Examples:
  callboard spawn \"Say hello\"
  git diff | callboard spawn - --runtime anthropic --model sonnet
  callboard spawn --template review --param file=src/main.rs --param depth=2
  callboard spawn \"Summarise the logs\" --detach --idempotency-key nightly-2026-11-21
  callboard spawn \"And then?\" --session 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e

Without --detach the command follows the process and prints its answer; its exit code is 0 when the process is
COMPLETED and 1 when it is DEAD or CANCELLED. Words are printed as they come, those of an attempt that fails too:
with --json there is only the final answer. Interrupting it cancels nothing: on a server the process goes on at once,
without one it goes on with the next.";

/// After the help of `ps`.
pub(super) const PS: &str = "\
Examples:
  callboard ps                           what is not at its end
  callboard ps --all --limit 20          the newest 20, ended ones too
  callboard ps --status dead --json      the dead, for a script";

/// After the help of `why`.
pub(super) const WHY: &str = "\
Examples:
  callboard why 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e    a process, a session, or a subscription
  callboard why ada                                     an agent, and its mailbox
  callboard why /services/admission                     an actor, as `callboard tree` shows it
  callboard why 1234                                    a message, by its position

The first line is the answer; below it stand the reasons, what the journal says, and the commands that help. Where no
server runs, the journal of the home is read and left as it is.";

/// After the help of `tree`.
pub(super) const TREE: &str = "\
Examples:
  callboard tree
  callboard tree /processes --depth 1";

/// After the help of `operate`.
pub(super) const OPERATE: &str = "\
Examples:
  callboard operate suspend /processes/0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e
  callboard operate skip /sessions/0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e

retry, skip and fail are for parked actors: `callboard tree` shows which are, and why.";

/// After the help of `messages`.
pub(super) const MESSAGES: &str = "\
Examples:
  callboard messages --topic 'claude.spawn.*' --follow
  callboard messages --stream process/0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e
  callboard messages --after 1200 --limit 50 --json

In a topic `*` stands for one word and `>` for the rest.";

/// After the help of `agents`.
pub(super) const AGENTS: &str = "\
Examples:
  callboard agents register coder --id ada --name Ada
  callboard agents list --capability coding
  callboard agents message ada 'the tests are red' --from ci
  callboard agents show ada";

/// After the help of `config`.
pub(super) const CONFIG: &str = "\
Examples:
  callboard config list
  callboard config get processes.default_model
  callboard config set processes.default_model opus --description \"sonnet is down\"
  callboard config set runtimes.anthropic.api_key -
  callboard config set models.prices.my-model '{ input = 3.0, output = 15.0 }'
  callboard config unset processes.default_model

What is set here goes over the file and under the environment, is kept in the home, and is taken up at once where that
is possible; `takes_effect` says where it is not. Secrets are sealed with the key in secret.key in the home: back both up.";

/// After the help of `metrics`.
pub(super) const METRICS: &str = "\
Examples:
  callboard metrics
  callboard metrics --by day --from 2026-11-01
  callboard metrics --name process.performance --tags model:sonnet --json";

/// After the help of `journal`.
pub(super) const JOURNAL: &str = "\
Examples:
  callboard journal verify               also beside a server; exit code 1 if anything is found
  callboard journal rebuild              the server has to be stopped";

/// After the help of `memory`.
pub(super) const MEMORY: &str = "\
Examples:
  callboard memory search 'how do we log in?' -k 3
  callboard memory store 'sessions are kept in redis' --type design --tag login
  callboard memory export backup.jsonl           the server has to be stopped, or to have nobody who remembers
  callboard memory import-old ~/app/.ki_autoagent_ws --workspace ~/app";

/// After the help of `step`.
pub(super) const STEP: &str = "\
Examples:
  callboard step process/0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e
  callboard step process/0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e --from 12 --all
  callboard step --db crashed/callboard.db

Nothing is changed: the file is opened read-only, so it may be of a dead server or of a running one.";

/// After the help of `run`.
pub(super) const RUN: &str = "\
Examples:
  callboard run debate topic=\"tea or coffee\" rounds=2
  callboard run debate topic=tea --detach --idempotency-key nightly-2026-11-21
  callboard run --id 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e topic=milk        another run on the same state
  callboard run debate topic=tea --limit usd=0.50 --limit seconds=600

A parameter that its definition wants as text is taken as it stands; others are read as JSON where they are. The command
follows the run and prints what it answers; its exit code is 0 when the run has completed. Interrupting it cancels
nothing: on a server the workflow goes on at once, without one it goes on with the next.";

/// After the help of `chat`.
pub(super) const CHAT: &str = "\
Examples:
  callboard chat                                         the coding team, in the current folder
  callboard chat autoagent --workspace ./calc
  callboard chat debate --param rounds=2
  callboard chat --thread 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e        go on with one that is there
  echo \"Create a calculator app\" | callboard chat --workspace ./calc
  callboard chat schema                                  for whoever writes a client of /ws/chat

A line is a message, which begins a run; while something is asked it is the answer. Lines that begin with `/` are orders:
/cancel, /undo, /pause, /resume, /retry, /quit. Ctrl-C cancels the run, and pressed again leaves it alone and leaves. Lines that are
piped in are said one after the other, each when the run before it has ended; the exit code is that of the last run: 0 when it
has completed. With --json what is heard is printed as it came, a line each. The last message's run goes on if we go.";

/// After the help of `schedule`.
pub(super) const SCHEDULE: &str = "\
Examples:
  callboard schedule create nightly --cron \"0 3 * * *\" --zone Europe/Berlin --missed once run debate topic=tea
  callboard schedule create standup --cron \"0 9 * * MON-FRI\" --overlap skip spawn \"What is new?\"
  callboard schedule create once --at 2026-12-01T09:00:00Z spawn \"Happy birthday\"
  callboard schedule create soon --in 90s run --id 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e topic=milk
  callboard schedule show nightly
  callboard why nightly

A server has to run when the time comes; what is missed until one does, --missed says. Options of the schedule stand before
`run` or `spawn`, those of what is started behind.";

/// After the help of `undo`.
pub(super) const UNDO: &str = "\
The files are as they were before, bit by bit. An undo is changes on the record, too, as `callboard files` shows them:
`--to-change N`, with the number of the last change before it, brings back what was undone. What nodes did elsewhere is not undone: that is `workflows rollback`.";

/// After the help of `fork`.
pub(super) const FORK: &str = "\
Examples:
  callboard fork 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e                                where it stands now
  callboard fork 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e --checkpoint 3 --model opus    the same steps, another model
  callboard fork 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e --checkpoint 3 --set approved=true --set 'notes=[]'
  callboard fork 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e --checkpoint 3 --next judge

`callboard workflows history` lists checkpoints. The workflow itself is left as it is. Of a subgraph the whole lineage is
forked: what its parents had done by then is taken over, and not paid again.";

/// After the help of `workflows`.
pub(super) const WORKFLOWS: &str = "\
Examples:
  callboard workflows                            the newest
  callboard workflows --status interrupted       those that wait for a person
  callboard workflows show 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e
  callboard workflows answer 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e yes
  callboard workflows graph 0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e --format dot
  callboard workflows register draft.yaml        and then: callboard run NAME
  callboard workflows check config/workflows/*.yaml
  callboard workflows check draft.yaml --json
  callboard workflows schema                     for editors: keep it as workflow.schema.json

A check needs no server, and ends with 1 if anything is wrong. An editor with a YAML language server checks while you write, where the first
line of a definition is `# yaml-language-server: $schema=workflow.schema.json`.";
