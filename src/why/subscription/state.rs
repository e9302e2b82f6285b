//! [`State`]: how a subscription stands: its cursor, what is behind it, and who takes that.

use super::super::house::{House, Look};
use super::super::words::{count, moment};
use super::redelivered::waits_until;
use callboard_actors::agents::{Agent, Event, mailbox_id};
use callboard_actors::bus::{Manner, Sitter, Standing, Terms};
use callboard_actors::journal::{Backlog, SubscriptionRow, Trouble};
use callboard_actors::machine::Machine;
use callboard_actors::vocabulary::{AgentId, Name, Position, Timestamp, Topic, span};
use std::time::Duration;

/// How many deliveries that went wrong are named.
const NAMED: usize = 5;

/// How a subscription stands.
pub(in crate::why) struct State {
    pub(in crate::why) row: SubscriptionRow,
    pub(super) head: Position,
    pub(super) backlog: Backlog,
    /// Deliveries that went wrong: first those that come again.
    pub(in crate::why) troubles: Vec<Trouble>,
    /// How many of all are dead.
    pub(in crate::why) dead: u64,
    seat: Option<Standing>,
    /// Its cursor belongs to another journal.
    pub(super) is_gone: bool,
    /// It has a row: somebody has opened it.
    pub(in crate::why) is_open: bool,
}

impl State {
    /// How the subscription of this name stands; `None`: there is none.
    pub(super) async fn of(house: &House, name: &Name) -> Look<Option<Self>> {
        match house.reader.subscription(name.clone()).await? {
            Some(row) => Ok(Some(Self::load(house, row, true).await?)),
            None => Ok(None),
        }
    }

    /// How an agent's mailbox stands. One that nobody has opened yet is as it will be then.
    pub(in crate::why) async fn of_mailbox(house: &House, agent: &Name) -> Look<Self> {
        let name = mailbox_id(&AgentId(agent.clone()));
        match house.reader.subscription(name.clone()).await? {
            Some(row) => Self::load(house, row, true).await,
            None => Self::load(house, unopened(house, name, agent), false).await,
        }
    }

    async fn load(house: &House, row: SubscriptionRow, is_open: bool) -> Look<Self> {
        let (troubles, dead) = house.reader.troubles(row.name.clone(), NAMED).await?;
        let backlog = house.reader.backlog(&row).await?;
        let (head, seat) = (house.reader.head().await?, house.seat(&row.name));
        // A mailbox was restored together with its stream: it goes on when it is next opened.
        let is_gone = row.stream.is_none() && row.epoch != house.reader.epoch().await?;
        Ok(Self { row, head, backlog, troubles, dead, seat, is_gone, is_open })
    }

    /// The agent whose mailbox it is.
    pub(super) fn agent(&self) -> Option<&str> {
        let (kind, name) = self.row.stream.as_deref()?.split_once('/')?;
        (kind == Agent::KIND).then_some(name)
    }

    /// How many messages are still to be handled: behind the cursor, and before it those that were redriven.
    pub(in crate::why) fn waiting(&self) -> u64 {
        self.backlog.count + self.redriven().count() as u64
    }

    fn redriven(&self) -> impl Iterator<Item = &Trouble> {
        let cursor = self.row.position;
        self.troubles.iter().filter(move |one| !one.is_dead && one.position <= cursor)
    }

    /// The oldest message that is still to be handled, and since when it waits.
    pub(in crate::why) fn oldest(&self) -> Option<(Position, Timestamp)> {
        let redriven = self.redriven().find_map(|one| Some((one.position, one.at?)));
        redriven.or(self.backlog.oldest)
    }

    /// Whether the oldest was refused, and nothing comes before it does.
    pub(super) fn is_held(&self, house: &House) -> bool {
        let Some((oldest, _)) = self.oldest() else { return false };
        let mut troubles = self.troubles.iter().filter(|one| one.position == oldest);
        troubles.any(|one| waits_until(one, house.now).is_some())
    }

    /// `3 messages`, or `at least 3 messages` where not all were looked at.
    pub(in crate::why) fn how_many(&self) -> String {
        let number = count(self.waiting(), "message");
        if self.backlog.looked_up_to < self.head { format!("at least {number}") } else { number }
    }

    /// Whether somebody is there who takes its messages.
    pub(in crate::why) fn is_consumed(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.consumer.left.is_none())
    }

    /// Whether somebody has them in his hands: he is there, or took them in a call and has time left.
    pub(super) fn is_in_hands(&self) -> bool {
        let calling = self.seat.as_ref().filter(|seat| seat.consumer.manner == Manner::Calling);
        let open = calling.and_then(|seat| seat.open);
        self.is_consumed() || open.is_some_and(|open| !open.left.is_zero())
    }

    /// Who takes its messages, or took them last; `None`: only a server knows.
    pub(in crate::why) fn consumer(&self, house: &House) -> Option<String> {
        if !house.is_served() {
            return None;
        }
        let Some(Standing { consumer: Sitter { manner, since, left }, .. }) = &self.seat else {
            return Some("nobody has taken its messages since this server started".to_owned());
        };
        Some(match (manner, left) {
            (Manner::Staying, None) => {
                format!("a connection takes its messages: it came {}", moment(*since, house.now))
            }
            (Manner::Staying, Some(left)) => format!(
                "nobody takes its messages: the last was a connection, which went {}",
                moment(*left, house.now)
            ),
            (Manner::Calling, _) => {
                format!("the last that took messages was a request, {}", moment(*since, house.now))
            }
        })
    }

    /// What becomes of the delivery that is under way.
    pub(in crate::why) fn delivery(&self) -> Option<String> {
        let seat = self.seat.as_ref()?;
        // A connection that broke uses up no delivery: it gets the same again.
        if !self.is_consumed() && seat.consumer.manner == Manner::Staying {
            return None;
        }
        let open = seat.open?;
        let most = self.row.max_deliveries;
        let then = if open.delivery >= most { "is dead" } else { "counts as delivered in vain" };
        let when = if open.left.is_zero() {
            "when it is next to be taken".to_owned()
        } else {
            format!("in {}", span(open.left))
        };
        Some(format!(
            "message #{}, delivery {} of at most {most}, is not acknowledged: it {then} {when}",
            open.position, open.delivery
        ))
    }

    /// What it takes to be handled.
    pub(super) fn terms(&self) -> String {
        let wait = span(Duration::from_millis(self.row.ack_wait_ms));
        let times = count(self.row.max_deliveries, "time");
        format!(
            "a message is delivered at most {times}, each time with {wait} to be acknowledged; then it is dead, and the cursor passes it"
        )
    }

    /// What it is about, and where it stands.
    pub(super) fn place(&self) -> String {
        let SubscriptionRow { topics, stream, position, .. } = &self.row;
        let of = stream.as_ref().map(|stream| format!(" of {stream}")).unwrap_or_default();
        format!(
            "it is about {}{of}; its cursor stands at #{position}, the journal ends at #{}",
            topics.join(", "),
            self.head
        )
    }
}

fn unopened(house: &House, name: Name, agent: &Name) -> SubscriptionRow {
    SubscriptionRow {
        name,
        subscriber: agent.to_string(),
        topics: vec![Topic::of(Event::MESSAGE).under(&house.topic_root)],
        stream: Some(format!("{}/{agent}", Agent::KIND)),
        position: 0,
        epoch: String::new(),
        ack_wait_ms: u64::try_from(Terms::ACK_WAIT.as_millis()).unwrap_or(u64::MAX),
        max_deliveries: Terms::MAX_DELIVERIES,
        created_at: house.now,
        acknowledged_at: None,
        active: true,
        paused_at: None,
    }
}
