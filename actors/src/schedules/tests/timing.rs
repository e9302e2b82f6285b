//! Times are a pure function of the timing and a moment, also when the clocks change.

use crate::schedules::Timing;
use crate::vocabulary::Timestamp;
use proptest::prelude::*;

fn cron(cron: &str, zone: &str) -> Timing {
    Timing::Cron { cron: cron.into(), zone: zone.into() }
}

fn moment(text: &str) -> Timestamp {
    serde_json::from_value(text.into()).unwrap()
}

/// The next times after a moment, in UTC.
fn next(timing: &Timing, after: &str, many: usize) -> Vec<String> {
    let times = timing.some_after(moment(after), many).unwrap();
    times.iter().map(|time| time.rfc3339().replace(".000Z", "Z")).collect()
}

#[test]
fn five_fields_six_fields_names_and_nicknames_are_read() {
    let after = "2026-11-21T10:07:30Z";
    for (text, first) in [
        ("*/15 * * * *", "2026-11-21T10:15:00Z"),
        ("0 3 * * *", "2026-11-22T03:00:00Z"),
        ("0 9 * * MON-FRI", "2026-11-23T09:00:00Z"),
        ("0 0 1 JAN *", "2027-01-01T00:00:00Z"),
        ("*/10 * * * * *", "2026-11-21T10:07:40Z"),
        ("@hourly", "2026-11-21T11:00:00Z"),
        ("@daily", "2026-11-22T00:00:00Z"),
        ("@weekly", "2026-11-22T00:00:00Z"),
        ("0 12 L * *", "2026-11-30T12:00:00Z"),
        ("0 12 * * 5#2", "2026-12-11T12:00:00Z"),
    ] {
        assert_eq!(next(&cron(text, "UTC"), after, 1), [first], "{text}");
    }
}

#[test]
fn times_are_those_of_the_zone() {
    let nightly = cron("0 3 * * *", "Europe/Berlin");
    assert_eq!(next(&nightly, "2026-11-21T10:00:00Z", 1), ["2026-11-22T02:00:00Z"]);
    assert_eq!(next(&nightly, "2026-07-21T10:00:00Z", 1), ["2026-07-22T01:00:00Z"]);
    let tokyo = cron("0 3 * * *", "Asia/Tokyo");
    assert_eq!(next(&tokyo, "2026-11-21T10:00:00Z", 1), ["2026-11-21T18:00:00Z"]);
}

/// Berlin, 2026-03-29: 02:00 is 03:00 at once.
#[test]
fn a_time_of_day_that_does_not_exist_comes_behind_the_gap_and_a_rhythm_leaves_it_out() {
    let before = "2026-03-28T12:00:00Z";
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        next(&daily, before, 3),
        ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"]
    );
    let rhythm = cron("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        next(&rhythm, "2026-03-29T00:15:00Z", 3),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"],
        "01:30, 03:00 and 03:30 by its clocks"
    );
}

/// Berlin, 2026-10-25: 03:00 is 02:00 once more.
#[test]
fn a_time_of_day_that_exists_twice_comes_once_and_a_rhythm_goes_through_both_passes() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        next(&daily, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        "the first pass"
    );
    let rhythm = cron("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        next(&rhythm, "2026-10-25T00:00:00Z", 4),
        [
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z"
        ],
        "02:30 twice, 02:00 once more, 03:00"
    );
}

#[test]
fn several_times_of_day_are_each_what_one_alone_is() {
    let skipped = "2026-03-28T12:00:00Z";
    let doubled = "2026-10-24T12:00:00Z";
    for (text, before, times) in [
        (
            "30 2,14 * * *",
            skipped,
            ["2026-03-28T13:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T12:30:00Z"],
        ),
        (
            "0 1-3 * * *",
            skipped,
            ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T23:00:00Z"],
        ),
        (
            "15,30 2 29 3 *",
            skipped,
            ["2026-03-29T01:00:00Z", "2027-03-29T00:15:00Z", "2027-03-29T00:30:00Z"],
        ),
        (
            "30 2,14 * * *",
            doubled,
            ["2026-10-24T12:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T13:30:00Z"],
        ),
        (
            "0 15,45 2 * * *",
            doubled,
            ["2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", "2026-10-26T01:15:00Z"],
        ),
    ] {
        assert_eq!(next(&cron(text, "Europe/Berlin"), before, 3), times, "{text}");
    }
}

#[test]
fn once_is_once() {
    let once = Timing::Once { at: moment("2026-12-01T09:00:00Z") };
    assert_eq!(next(&once, "2026-11-21T10:00:00Z", 5), ["2026-12-01T09:00:00Z"]);
    assert_eq!(next(&once, "2026-12-01T09:00:00Z", 5), [""; 0]);
}

#[test]
fn what_makes_no_sense_is_told_with_what_to_do() {
    let told =
        |text: &str, zone: &str| cron(text, zone).after(Timestamp(0)).unwrap_err().to_string();
    for bad in ["", "* * *", "0 25 * * *", "61 * * * *", "often", "@fortnightly", "* * * * * * * *"]
    {
        let text = told(bad, "UTC");
        assert!(text.starts_with("cron: failed to read") && text.contains("@daily"), "{text}");
    }
    for (zone, hint) in [
        ("Europe/Berln", "did you mean \"Europe/Berlin\"?"),
        ("europe/berlin", "did you mean \"Europe/Berlin\"?"),
        ("berlin", "did you mean \"Europe/Berlin\"?"),
        ("MESZ!", "write its IANA name"),
    ] {
        let text = told("@daily", zone);
        assert!(text.contains(hint), "{text}");
    }
}

#[test]
fn what_never_comes_has_no_time() {
    let never = cron("0 0 30 2 *", "UTC");
    assert_eq!(never.after(moment("2026-11-21T10:00:00Z")), Ok(None));
    let past = cron("0 0 0 1 1 * 2020", "UTC");
    assert_eq!(past.after(moment("2026-11-21T10:00:00Z")), Ok(None));
}

#[test]
fn times_are_counted_up_to_a_bound_and_the_last_few_are_found() {
    let minutely = cron("* * * * *", "UTC");
    let first = moment("2026-11-21T10:00:00Z");
    let noon = moment("2026-11-21T12:00:00Z");
    assert_eq!(minutely.count(first, noon, 1_000), Ok(120));
    assert_eq!(minutely.count(first, noon, 7), Ok(7));
    let few = |many| minutely.last_few(first, Timestamp(noon.0 + 500), many).unwrap().rfc3339();
    assert_eq!(few(1), "2026-11-21T12:00:00.000Z");
    assert_eq!(few(3), "2026-11-21T11:58:00.000Z");
    assert_eq!(few(121), "2026-11-21T10:00:00.000Z");
    assert_eq!(few(500), "2026-11-21T10:00:00.000Z");
}

const EXPRESSIONS: [&str; 12] = [
    "30 2,14 * * *",
    "0,20,40 0-3 * * *",
    "15,45 1,2 * * SUN",
    "30 2 * * *",
    "*/20 * * * *",
    "0 * * * *",
    "15 1-3 * * SUN",
    "0 0 * * *",
    "*/7 2 * * *",
    "59 23 L * *",
    "0 0 1 * MON",
    "30 */5 * * * *",
];
const ZONES: [&str; 5] =
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];

proptest! {
    /// Forwards and backwards the same times are found, gaps and overlaps included: what was missed is counted
    /// forwards and its last ones are looked for backwards.
    #[test]
    fn backwards_the_same_times_are_found_as_forwards(
        text in prop::sample::select(&EXPRESSIONS[..]),
        zone in prop::sample::select(&ZONES[..]),
        change in prop::sample::select(&["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z",
            "2026-03-08T06:00:00Z", "2026-11-01T05:00:00Z", "2026-04-04T14:00:00Z", "2026-10-03T14:00:00Z"][..]),
        shift in -100_000_i64..100_000,
    ) {
        let timing = cron(text, zone);
        let start = Timestamp(moment(change).0 + shift * 1_000);
        let times = timing.some_after(start, 12).unwrap();
        prop_assert!(times.is_sorted_by(|a, b| a < b));
        for pair in times.windows(2) {
            prop_assert_eq!(timing.until(Timestamp(pair[1].0 - 1)).unwrap(), Some(pair[0]));
            prop_assert_eq!(timing.until(pair[0]).unwrap(), Some(pair[0]));
            prop_assert_eq!(timing.after(pair[0]).unwrap(), Some(pair[1]));
        }
    }
}
