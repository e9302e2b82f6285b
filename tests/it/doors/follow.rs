//! `/ws`: the output of a process, followed by offset.

use crate::support::{Socket, TestApp};
use serde_json::json;

const WHOLE: &str = "drop by drop the answer comes and comes and never hurries";

/// Follows from an offset to the end: the text, the number of frames, the last one.
async fn follow(app: &TestApp, id: &str, offset: usize) -> (String, usize, serde_json::Value) {
    let mut socket = Socket::open(app).await;
    socket.say(json!({ "op": "follow", "id": "o", "process_id": id, "offset": offset })).await;
    let (mut text, mut frames, mut at) = (String::new(), 0, offset);
    loop {
        let heard = socket.hear().await;
        if heard["op"] == "output_end" {
            return (text, frames, heard);
        }
        assert_eq!((&heard["op"], &heard["offset"]), (&json!("output"), &json!(at)), "{heard}");
        text.push_str(heard["data"].as_str().unwrap());
        at = usize::try_from(heard["next_offset"].as_u64().unwrap()).unwrap();
        frames += 1;
    }
}

#[tokio::test]
async fn output_is_followed_live_to_its_end_and_resumed_in_the_middle() {
    let app = TestApp::start();
    let id = app.spawn("drip").await;
    let (whole, part) = futures::join!(follow(&app, &id, 0), follow(&app, &id, 10));
    assert_eq!((whole.0.as_str(), part.0.as_str()), (WHOLE, &WHOLE[10..]));
    assert!(whole.1 > 3, "it came live: {} frames", whole.1);
    assert_eq!((&whole.2["next_offset"], &whole.2["attempt"]), (&json!(WHOLE.len()), &json!(1)));
    app.wait_for(&id, "COMPLETED").await;
    let (late, frames, end) = follow(&app, &id, 0).await;
    assert_eq!((late.as_str(), frames, &end["status"]), (WHOLE, 1, &json!("COMPLETED")));
}

#[tokio::test]
async fn nobodys_output_is_an_error_and_an_unfollowed_one_is_silent() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    let follow = |id: &str| json!({ "op": "follow", "id": 1, "process_id": id });
    socket.say(follow("nobody")).await;
    assert_eq!(socket.hear().await["status"], 404);
    let id = app.spawn("for ever").await;
    socket.say(follow(&id)).await;
    socket.say(json!({ "op": "unsubscribe", "id": 1 })).await;
    assert_eq!(socket.hear().await["op"], "unsubscribed");
    socket.say(follow(&id)).await;
    app.post(&format!("/processes/{id}/cancel"), json!({})).await;
    assert_eq!(socket.hear().await["op"], "output_end");
}
