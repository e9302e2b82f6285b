//! When the server wants to hear from us again.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// A finer `Retry-After`, in milliseconds, that Anthropic's own clients honour too.
const RETRY_AFTER_MS: &str = "retry-after-ms";

/// The wait a response asks for: `retry-after-ms`, else `Retry-After` (RFC 9110, 10.2.3) as
/// seconds or as an HTTP date. A date is counted from the response's own `Date`, so a clock that
/// is wrong on our side does no harm; a date in the past means at once.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let millis = number(headers, RETRY_AFTER_MS).map(|millis| millis / 1000.0);
    let seconds = millis.or_else(|| number(headers, RETRY_AFTER.as_str()));
    match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => until_date(headers),
    }
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
        let pairs = headers.iter().map(|(name, value)| {
            (name.parse().unwrap(), value.parse::<reqwest::header::HeaderValue>().unwrap())
        });
        retry_after(&pairs.collect::<HeaderMap>())
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
}
