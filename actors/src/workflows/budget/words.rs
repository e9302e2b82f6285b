//! A reached limit in words: whose limit of what, what is spent, reserved and lost, what is wanted, and what to do.

use super::account::{Measured, Unit};
use super::ledger::{Excess, Ledger};
use crate::graph::Limits;
use crate::nodes::Reservation;

/// What to do where nobody is asked. What a person has granted beside a limit is not granted again.
pub(super) fn what_to_do(anew: &str) -> String {
    format!("retry the run to grant {anew} anew, or start it with a higher limit")
}

impl Ledger {
    /// What to do about a limit that is in the way of a reservation.
    pub(super) fn remedy(excess: &Excess, reservation: &Reservation) -> String {
        let bound = reservation.bounds.iter().find(|bound| bound.id == excess.bound);
        let of = excess.measured.map(|measured| measured.unit);
        let anew = bound.and_then(|bound| in_full(&bound.limits, of));
        what_to_do(anew.as_deref().unwrap_or("its limits"))
    }

    /// What is in the way of a reservation, in words.
    pub(super) fn in_words(&self, excess: &Excess, reservation: &Reservation) -> String {
        let bound = reservation.bounds.iter().find(|bound| bound.id == excess.bound);
        let of = bound.map_or("", |bound| &bound.of);
        let path = &reservation.path;
        let Some(measured) = &excess.measured else {
            let account = self.accounts.get(&excess.bound);
            let seconds = account.and_then(super::account::Account::seconds);
            let seconds = seconds.or_else(|| Some(bound?.limits.seconds?.into())).unwrap_or(0);
            return format!(
                "the limit of {seconds} seconds for {of} is reached: {path} is still at work"
            );
        };
        let Measured { unit, limit, spent, lost, reserved, wanted } = measured;
        let lost =
            if *lost > 0.0 { format!(", {} lost", unit.number(*lost)) } else { String::new() };
        let wanted = match (unit, wanted) {
            (Unit::Turns, _) => "may not be made".to_owned(),
            (_, Some(wanted)) => format!("may take {} more", unit.number(*wanted)),
            (_, None) => "may take nobody knows how much more".to_owned(),
        };
        format!(
            "the limit of {} for {of} is reached: {} spent{lost}, {} reserved, and the next call of {path} {wanted}",
            unit.with_name(*limit),
            unit.number(*spent),
            unit.number(*reserved),
        )
    }
}

/// A limit as it was written; of time, where it is of nothing else.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn in_full(limits: &Limits, of: Option<Unit>) -> Option<String> {
    Some(match of {
        Some(Unit::Usd) => Unit::Usd.with_name(limits.usd?),
        Some(Unit::Tokens) => Unit::Tokens.with_name(limits.tokens? as f64),
        Some(Unit::Turns) => Unit::Turns.with_name(limits.turns?.into()),
        None => format!("{} seconds", limits.seconds?),
    })
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Usd => "US dollars",
            Self::Tokens => "tokens",
            Self::Turns => "turns",
        }
    }

    fn with_name(self, number: f64) -> String {
        format!("{} {}", self.number(number), self.name())
    }

    /// Dollars with cents at least, and with as much more as is needed to see them.
    fn number(self, number: f64) -> String {
        match self {
            Self::Tokens | Self::Turns => format!("{number:.0}"),
            Self::Usd => {
                let text = format!("{number:.6}");
                let whole = text.trim_end_matches('0');
                let cents = text.find('.').map_or(text.len(), |dot| dot + 3);
                text[..whole.len().max(cents)].to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_have_cents_and_more_digits_only_where_they_are_needed() {
        let usd = |number| Unit::Usd.number(number);
        assert_eq!(
            [usd(0.5), usd(2.0), usd(0.1234), usd(0.000_04)],
            ["0.50", "2.00", "0.1234", "0.00004"]
        );
        assert_eq!(Unit::Tokens.with_name(1_000.0), "1000 tokens");
    }
}
