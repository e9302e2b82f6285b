//! The tree as an operator sees it, and the orders an operator can give.

use std::sync::Arc;

use futures::FutureExt;
use serde_json::json;

use super::super::{
    ActorInfo, Branch, BranchFuture, ChildSpec, Exit, NoRecord, OperateError, RootHandle,
    SpecError, Status, Strategy, Verb, What, start_root,
};
use super::kit::{Board, Do, few, probes, tree};

fn path(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

async fn order(root: &RootHandle, at: &str, verb: Verb) -> Result<(), OperateError> {
    root.operate(path(at), verb, "ann".into()).await
}

/// `path status restarts`, one line an actor.
fn outline(info: &ActorInfo) -> Vec<String> {
    let own = format!("{} {} {:?} {}", info.path, info.kind, info.status, info.restarts);
    std::iter::once(own).chain(info.children.iter().flat_map(outline)).collect()
}

async fn nested(board: &Board) -> RootHandle {
    let inner =
        ChildSpec::supervisor("inner", Strategy::RestForOne, few(9), probes(board, &["x", "y"]));
    let mut children = probes(board, &["a"]);
    children.push(inner);
    let root = tree(board, Strategy::OneForOne, 9, children).await;
    board.until("ready y", 1).await;
    root
}

#[actix_rt::test]
async fn the_tree_shows_who_runs_under_whom_and_what_became_of_them() {
    let board = Board::new();
    let root = nested(&board).await;
    board.tell("x", Do::Panic("ouch".into()));
    board.until("ready y", 2).await;
    let info = root.show(Vec::new(), 10).await.unwrap();
    assert_eq!(
        outline(&info),
        [
            "/ supervisor Running 0",
            "/a service Running 0",
            "/inner supervisor Running 0",
            "/inner/x service Running 1",
            "/inner/y service Running 1",
        ]
    );
    let x = root.show(path("inner/x"), 10).await.unwrap();
    assert_eq!(x.last_exit, Some(Exit::Panicked("ouch".into())));
    assert_eq!(x.restart.as_deref(), Some("permanent"));
    let inner = root.show(path("inner"), 1).await.unwrap();
    assert_eq!((inner.children.len(), inner.child_count), (1, 2));
    assert_eq!(inner.strategy.as_deref(), Some("rest_for_one"));
    for missing in ["b", "a/b", "inner/z"] {
        assert_eq!(root.show(path(missing), 10).await, None, "{missing}");
    }
}

#[actix_rt::test]
async fn a_stopped_child_stays_down_through_its_groups_restart_until_it_is_resumed() {
    let board = Board::new();
    let root = nested(&board).await;
    order(&root, "inner/y", Verb::Stop).await.unwrap();
    board.until("down y", 1).await;
    board.tell("x", Do::PanicStatic);
    board.until("ready x", 2).await;
    let y = root.show(path("inner/y"), 1).await.unwrap();
    assert_eq!((y.status, y.running_for_ms), (Status::Stopped, None));
    order(&root, "inner/y", Verb::Resume).await.unwrap();
    board.until("ready y", 2).await;
    let refused = order(&root, "inner/y", Verb::Resume).await.unwrap_err();
    assert!(matches!(refused, OperateError::NotNow(_)), "{refused}");
}

#[actix_rt::test]
async fn a_restart_by_an_operator_stops_then_starts_and_is_recorded_with_their_name() {
    let board = Board::new();
    let root = nested(&board).await;
    order(&root, "a", Verb::Restart).await.unwrap();
    board.until("ready a", 2).await;
    let about_a: Vec<(What, String)> = board
        .decisions()
        .into_iter()
        .filter(|decision| decision.path == "/a")
        .map(|decision| (decision.what, decision.why))
        .collect();
    let said = |what, why: &str| (what, why.to_owned());
    assert_eq!(
        about_a,
        [
            said(What::Started, "first start"),
            said(What::Operated, "restart by ann"),
            said(What::Stopping, ""),
            said(What::Stopped, "ended normally"),
            said(What::Started, "restart"),
        ]
    );
}

#[actix_rt::test]
async fn orders_that_make_no_sense_say_what_to_do_instead() {
    let root = nested(&Board::new()).await;
    assert_eq!(order(&root, "nobody", Verb::Stop).await, Err(OperateError::NotFound));
    assert_eq!(order(&root, "a/b", Verb::Stop).await, Err(OperateError::NotFound));
    let here = order(&root, "a", Verb::Skip).await.unwrap_err().to_string();
    assert_eq!(
        here,
        "not here: this actor has no failed message to skip; use restart, stop or resume"
    );
    assert!(matches!(order(&root, "", Verb::Stop).await, Err(OperateError::NotHere(_))));
    root.shutdown().await;
    assert!(matches!(order(&root, "a", Verb::Stop).await, Err(OperateError::NotNow(_))));
}

/// A branch that shows one parked entity and writes down its orders.
struct Entities(Board);

impl Branch for Entities {
    fn show(&self, path: Vec<String>, _limit: usize) -> BranchFuture<Option<ActorInfo>> {
        let mut info =
            ActorInfo::new(format!("/entities/{}", path.join("/")), "entity", Status::Parked);
        info.detail = json!({ "parked_by": "a panic" });
        async { Some(info) }.boxed()
    }

    fn operate(
        &self,
        path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>> {
        self.0.say(format!("{} {path:?} by {by}", verb.as_str()));
        async { Err(OperateError::NotNow("it is not parked".into())) }.boxed()
    }
}

#[actix_rt::test]
async fn what_is_below_a_branch_is_shown_and_operated_by_the_branch() {
    let board = Board::new();
    let child =
        probes(&board, &["entities"]).remove(0).with_branch(Arc::new(Entities(board.clone())));
    let root = tree(&board, Strategy::OneForOne, 1, vec![child]).await;
    let info = root.show(path("entities/p1"), 10).await.unwrap();
    assert_eq!((info.path.as_str(), info.status), ("/entities/p1", Status::Parked));
    let own = root.show(path("entities"), 10).await.unwrap();
    assert_eq!(
        (own.restart.as_deref(), own.detail),
        (Some("permanent"), json!({ "parked_by": "a panic" }))
    );
    let answer = order(&root, "entities/p1", Verb::Retry).await;
    assert_eq!(answer, Err(OperateError::NotNow("it is not parked".into())));
    board.until("retry [\"p1\"] by ann", 1).await;
}

#[test]
fn verbs_have_one_word_in_text_and_in_json() {
    for (word, verb) in Verb::WORDS {
        assert_eq!((word.parse(), verb.as_str()), (Ok(verb), word));
        assert_eq!(serde_json::to_value(verb).unwrap(), json!(word));
    }
    assert!("explode".parse::<Verb>().unwrap_err().to_string().contains("use restart"));
}

#[actix_rt::test]
async fn a_tree_that_cannot_be_addressed_by_path_is_refused() {
    let board = Board::new();
    let refuse = |children| {
        let root = ChildSpec::supervisor("root", Strategy::OneForOne, few(1), children);
        start_root(&root, Arc::new(NoRecord)).err()
    };
    let same = SpecError::SameId { supervisor: "root".into(), child: "a".into() };
    assert_eq!(refuse(probes(&board, &["a", "a"])), Some(same));
    assert_eq!(refuse(probes(&board, &["a/b"])), Some(SpecError::BadId("a/b".into())));
    let plain = probes(&board, &["a"]).remove(0);
    assert_eq!(
        start_root(&plain, Arc::new(NoRecord)).err(),
        Some(SpecError::NoSupervisor("a".into()))
    );
}
