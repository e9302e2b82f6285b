//! When the server wants to hear from us again.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// A finer `Retry-After`, in milliseconds, that Anthropic's own clients honour too.
const RETRY_AFTER_MS: &str = "retry-after-ms";

/// What is limited, by the ends of headers' names.
const LIMITS: [&str; 2] = ["requests", "tokens"];

/// The units of a span, in seconds.
const UNITS: [(&str, f64); 5] =
    [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// The wait a response asks for: `retry-after-ms`, else `Retry-After` (RFC 9110, 10.2.3) as
/// seconds or as an HTTP date. A date is counted from the response's own `Date`, so a clock that
/// is wrong on our side does no harm; a date in the past means at once.
///
/// Where there is neither, and a limit was met, that is when the limit begins anew.
pub(super) fn retry_after(headers: &HeaderMap, is_limited: bool) -> Option<Duration> {
    let millis = number(headers, RETRY_AFTER_MS).map(|millis| millis / 1000.0);
    let seconds = millis.or_else(|| number(headers, RETRY_AFTER.as_str()));
    let asked = match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => until_date(headers),
    };
    asked.or_else(|| is_limited.then(|| until_reset(headers)).flatten())
}

/// When the limits begin anew of which nothing remains, by `x-ratelimit-reset-*` as `OpenAI` has it
/// (<https://platform.openai.com/docs/guides/rate-limits>). If something remains of each, the call was too large for
/// what did, and the nearest counts.
fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    let resets = LIMITS.iter().filter_map(|limit| {
        let reset = span(text(headers, &format!("x-ratelimit-reset-{limit}"))?)?;
        let remaining = number(headers, &format!("x-ratelimit-remaining-{limit}"));
        Some((remaining.is_none_or(|left| left <= 0.0), reset))
    });
    let resets: Vec<_> = resets.collect();
    let used_up = resets.iter().filter(|(is_used_up, _)| *is_used_up).map(|(_, reset)| *reset);
    used_up.max().or_else(|| resets.iter().map(|(_, reset)| *reset).min())
}

/// `1s`, `6m0s`, `120ms`, `1h2m3.5s`; a number alone counts seconds.
fn span(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(end);
        let unit_end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let in_seconds = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        seconds += number.parse::<f64>().ok()? * in_seconds;
        rest = behind;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    text(headers, name)?.parse().ok()
}

fn date(headers: &HeaderMap, name: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc2822(text(headers, name)?).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn until_date(headers: &HeaderMap) -> Option<Duration> {
    let then = date(headers, RETRY_AFTER.as_str())?;
    let now = date(headers, DATE.as_str())?;
    Some((then - now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        asked_by(headers, false)
    }

    fn asked_by(headers: &[(&'static str, &'static str)], is_limited: bool) -> Option<Duration> {
        let pairs = headers.iter().map(|(name, value)| {
            (name.parse().unwrap(), value.parse::<reqwest::header::HeaderValue>().unwrap())
        });
        retry_after(&pairs.collect::<HeaderMap>(), is_limited)
    }

    #[test]
    fn seconds_are_read_and_milliseconds_go_before_them() {
        assert_eq!(asked(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        let both = [("retry-after", "1"), ("retry-after-ms", "250")];
        assert_eq!(asked(&both), Some(Duration::from_millis(250)));
    }

    #[test]
    fn a_date_is_counted_from_the_response_itself() {
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let later = ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT");
        let earlier = ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT");
        assert_eq!(asked(&[now, later]), Some(Duration::from_secs(30)));
        assert_eq!(asked(&[now, earlier]), Some(Duration::ZERO));
        assert_eq!(asked(&[later]), None);
    }

    #[test]
    fn nonsense_is_no_wish() {
        for value in ["-3", "soon", "NaN", "inf", ""] {
            assert_eq!(asked(&[("retry-after", value)]), None, "{value}");
        }
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn a_limit_that_was_met_says_when_it_begins_anew() {
        let met = |headers: &[(&'static str, &'static str)]| asked_by(headers, true);
        let requests = ("x-ratelimit-reset-requests", "1s");
        let tokens = ("x-ratelimit-reset-tokens", "6m0s");
        let none = |name: &'static str| (name, "0");
        let some = |name: &'static str| (name, "5");
        let (left, right) = ("x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens");
        let secs = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(met(&[requests, tokens, none(left), some(right)]), secs(1));
        assert_eq!(met(&[requests, tokens, some(left), none(right)]), secs(360));
        assert_eq!(met(&[requests, tokens, none(left), none(right)]), secs(360));
        assert_eq!(met(&[requests, tokens, some(left), some(right)]), secs(1));
        assert_eq!(met(&[requests, ("retry-after", "9")]), secs(9));
        assert_eq!(asked(&[requests]), None, "nothing was met");
    }

    #[test]
    fn spans_are_read_in_their_units() {
        assert_eq!(span("120ms"), Some(Duration::from_millis(120)));
        assert_eq!(span("1h2m3.5s"), Some(Duration::from_millis(3_723_500)));
        assert_eq!(span("1.25"), Some(Duration::from_millis(1_250)));
        for nonsense in ["soon", "1x", "-3s", "s", "1m2", "9e999"] {
            assert_eq!(span(nonsense), None, "{nonsense}");
        }
    }
}
