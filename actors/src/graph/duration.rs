//! [`duration`]: spans of time as definitions write them.

use std::time::Duration;

const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Whoever writes more means something else.
const LONGEST: (&str, u64) = ("36500d", 36_500 * 86_400_000);

/// Reads `90s`, `5m`, `1h30m`, `250ms`: whole numbers with units (`d`, `h`, `m`, `s`, `ms`), the greatest first.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration: write it like 90s, 5m, 1h30m or 250ms");
    let (mut rest, mut units, mut millis) = (text.trim(), &UNITS[..], 0_u64);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (number, behind) = split(rest, |c| c.is_ascii_digit());
        let (unit, behind) = split(behind, |c| c.is_ascii_alphabetic());
        let at = units.iter().position(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let part = number.parse::<u64>().ok().and_then(|n| n.checked_mul(units[at].1));
        millis = part.and_then(|part| millis.checked_add(part)).ok_or_else(wrong)?;
        (rest, units) = (behind, &units[at + 1..]);
    }
    if millis > LONGEST.1 {
        return Err(format!("`{text}` is longer than {}", LONGEST.0));
    }
    Ok(Duration::from_millis(millis))
}

fn split(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_to_the_millisecond() {
        for (text, millis) in [
            ("90s", 90_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("1m1ms", 60_001),
            ("2d", 172_800_000),
            ("0s", 0),
            ("36500d", 3_153_600_000_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_and_the_form_is_shown() {
        let bad =
            ["", " ", "5", "s", "5 m", "1.5h", "-1s", "30m1h", "1s1s", "1w", "99999999999999999d"];
        for text in bad {
            assert!(duration(text).unwrap_err().contains("1h30m"), "{text:?} was accepted");
        }
        assert_eq!(duration("36500d1ms"), Err("`36500d1ms` is longer than 36500d".into()));
    }
}
