//! Many programs, many kills, and nobody left.

use super::house::{House, until};
use std::time::Duration;

const CHILDREN: usize = 50;

#[tokio::test]
async fn fifty_programs_live_through_ten_kills_of_the_server_and_none_outlives_its_cancel() {
    let house = House::new();
    let mut server = house.serve().await;
    let mut processes = Vec::new();
    for _ in 0..CHILDREN {
        processes.push(server.spawn("quiet").await);
    }
    for kill in 0..10 {
        // The first ones hit while they are still being started.
        tokio::time::sleep(Duration::from_millis(100 * kill)).await;
        server.kill();
        server = house.serve().await;
    }
    for process in &processes {
        server.wait_for(process, "RUNNING").await;
    }
    until("all programs", || async { (house.programs().len() == 2 * CHILDREN).then_some(()) })
        .await;
    assert_eq!(house.runs(), CHILDREN, "each was begun once");
    for process in &processes {
        assert_eq!(server.post(&format!("/processes/{process}/cancel")).await, 202);
    }
    for process in &processes {
        server.wait_for(process, "CANCELLED").await;
    }
    assert_eq!(house.programs(), []);
    assert_eq!(house.living().len(), 1, "only the server is left: {:?}", house.living());
    server.terminate().await;
}
