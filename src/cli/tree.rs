//! `tree`: the actors, drawn.

use serde_json::Value;

use super::api::{Actor, Exited};
use super::args::Tree;
use super::client::Client;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::{cut, span};
use super::{Exit, place, read};

/// The longest reason that is drawn.
const WHY: usize = 80;

pub(super) async fn run(context: &Context, tree: &Tree, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let answer: Value = client.get(&place::actor(&tree.path), &[]).await?;
    if context.is_json {
        out.json(&answer)?;
    } else {
        let depth = tree.depth.and_then(|depth| usize::try_from(depth).ok());
        let kernel = answer["kernel"].clone();
        out.line(drawn(&read(answer)?, depth.unwrap_or(usize::MAX)))?;
        if let Some(words) = held(&kernel) {
            out.line(words)?;
        }
    }
    Ok(Exit::Done)
}

/// One actor with all that is known of it and what is directly below it.
pub(super) async fn show_one(
    context: &Context,
    client: &Client,
    path: &str,
    out: &mut Out,
) -> Outcome {
    let answer: Value = client.get(&place::actor(path), &[]).await?;
    if context.is_json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let detail = answer["detail"].clone();
    out.line(drawn(&read(answer)?, 1))?;
    if !detail.is_null() {
        out.json(&detail)?;
    }
    Ok(Exit::Done)
}

/// By thing, whether the kernel holds programs that are run, or they are only checked before.
fn held(kernel: &Value) -> Option<String> {
    let things = ["files", "attributes", "network", "ports", "hosts", "processes"];
    let of = |hold: &str| {
        let held = things.into_iter().filter(|thing| kernel[*thing] == hold);
        held.collect::<Vec<_>>().join(", ")
    };
    kernel.as_object()?;
    let (enforced, checked) = (of("enforced"), of("checked"));
    let mut parts = Vec::new();
    parts.extend((!enforced.is_empty()).then(|| format!("enforced by the kernel: {enforced}")));
    parts.extend((!checked.is_empty()).then(|| format!("checked, not enforced: {checked}")));
    Some(format!("programs that are run: {}", parts.join("; ")))
}

/// The tree, down to `depth` levels below its top.
fn drawn(actor: &Actor, depth: usize) -> String {
    let mut lines = vec![described(actor, &actor.path, depth)];
    draw_children(actor, "", depth, &mut lines);
    lines.join("\n")
}

fn draw_children(actor: &Actor, indent: &str, depth: usize, lines: &mut Vec<String>) {
    let hidden = actor.child_count.saturating_sub(actor.children.len());
    if depth == 0 {
        return;
    }
    for (index, child) in actor.children.iter().enumerate() {
        let is_last = index + 1 == actor.children.len() && hidden == 0;
        let (branch, below) =
            if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let name = child.path.rsplit('/').next().unwrap_or_default();
        lines.push(format!("{indent}{branch}{}", described(child, name, depth - 1)));
        draw_children(child, &format!("{indent}{below}"), depth - 1, lines);
    }
    if hidden > 0 {
        lines.push(format!("{indent}└── … {hidden} more"));
    }
}

/// `journal  (service)  running, 2 restarts, last panicked: …`; with how many are below it where those are not drawn.
fn described(actor: &Actor, name: &str, depth: usize) -> String {
    let kind = actor.strategy.as_deref().unwrap_or(&actor.kind);
    let mut words = vec![actor.status.clone()];
    words.extend(actor.running_for_ms.map(|time| format!("for {}", span(time))));
    match actor.restarts {
        0 => {}
        1 => words.push("1 restart".to_owned()),
        many => words.push(format!("{many} restarts")),
    }
    if depth == 0 && actor.child_count > 0 {
        words.push(format!("{} below", actor.child_count));
    }
    words.extend(actor.last_exit.as_ref().map(|exit| format!("last {}", ended(exit))));
    words.extend(actor.parked_why().map(|why| cut(why, WHY)));
    format!("{name}  ({kind})  {}", words.join(", "))
}

fn ended(Exited { reason, why }: &Exited) -> String {
    let why = why.as_ref().map(|why| format!(": {}", cut(why, WHY)));
    format!("{reason}{}", why.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree() -> Actor {
        let entity = json!({
            "path": "/processes/p1", "kind": "entity", "status": "parked",
            "detail": { "parked": { "by": "panic", "why": "index out of\nbounds", "since": "now" } },
        });
        let journal = json!({
            "path": "/journal", "kind": "actor", "status": "running", "restarts": 2, "running_for_ms": 65_000,
            "last_exit": { "reason": "panicked", "why": "disk" },
        });
        let processes = json!({
            "path": "/processes", "kind": "entities", "status": "running",
            "children": [entity], "child_count": 3,
        });
        let edge = json!({
            "path": "/edge", "kind": "supervisor", "strategy": "one_for_one", "status": "running",
            "children": [{ "path": "/edge/http", "kind": "service", "status": "running" }], "child_count": 1,
        });
        let root = json!({
            "path": "/", "kind": "supervisor", "strategy": "rest_for_one", "status": "running",
            "children": [journal, processes, edge], "child_count": 3,
        });
        read(root).unwrap()
    }

    #[test]
    fn every_actor_hangs_on_its_branch_with_what_is_wrong_with_it() {
        insta::assert_snapshot!(drawn(&tree(), usize::MAX), @r"
        /  (rest_for_one)  running
        ├── journal  (actor)  running, for 1 m 5 s, 2 restarts, last panicked: disk
        ├── processes  (entities)  running
        │   ├── p1  (entity)  parked, index out of bounds
        │   └── … 2 more
        └── edge  (one_for_one)  running
            └── http  (service)  running
        ");
    }

    #[test]
    fn depth_ends_the_drawing() {
        insta::assert_snapshot!(drawn(&tree(), 1), @r"
        /  (rest_for_one)  running
        ├── journal  (actor)  running, for 1 m 5 s, 2 restarts, last panicked: disk
        ├── processes  (entities)  running, 3 below
        └── edge  (one_for_one)  running, 1 below
        ");
    }
}
