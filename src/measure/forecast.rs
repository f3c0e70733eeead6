//! The forecast of the rounds after the warm-up, and its sentence.

use crate::model::Nanos;
use crate::stats::LEAST_ROUNDS;

/// The rounds to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Forecast {
    /// The duration of a round of all rows that were warmed up, in nanoseconds.
    pub round_ns: f64,
    /// The least rounds of a row.
    pub least: u64,
    /// Whether all rows were warmed up: the time may not have reached to try the slowest.
    pub all_tried: bool,
    /// The rounds of most rows, about.
    pub rounds: u64,
    /// Rows that are measured in the least rounds only.
    pub few: Vec<String>,
    /// Rows that are left out.
    pub left_out: Vec<String>,
    /// The time left for the rounds of this payload, in nanoseconds; `None` where rounds were given.
    pub left_ns: Option<f64>,
}

impl Forecast {
    /// The sentence for a person before the rounds; `None` where nothing is left out and the wait is short.
    pub(super) fn sentence(&self) -> Option<String> {
        /// A wait that nobody is surprised by.
        const SHORT_NS: u64 = 10_000_000_000;
        let rows = |names: &[String]| match names {
            [only] => only.clone(),
            names if names.len() <= 4 => names.join(", "),
            names => format!("{} rows", names.len()),
        };
        let Some(left) = self.left_ns else {
            let all = Nanos(self.round_ns * self.rounds as f64);
            let (rounds, take) = if self.rounds == 1 { ("round", "takes") } else { ("rounds", "take") };
            return (all.0 > SHORT_NS as f64).then(|| format!("{} {rounds} {take} about {all}", self.rounds));
        };
        if self.left_out.is_empty() {
            return None;
        }
        let mut said = vec![format!("left out: {}", rows(&self.left_out))];
        if !self.few.is_empty() {
            said.push(format!("in {} rounds only: {}", self.least, rows(&self.few)));
        }
        Some(format!(
            "{} rounds of {} take about {}, and {} of the time are left for them; {}",
            LEAST_ROUNDS,
            if self.all_tried { "all rows" } else { "the rows that were tried" },
            Nanos(self.round_ns * LEAST_ROUNDS as f64),
            Nanos(left),
            said.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast() -> Forecast {
        Forecast {
            round_ns: 12.2e9,
            least: 7,
            all_tried: true,
            rounds: 12,
            few: Vec::new(),
            left_out: Vec::new(),
            left_ns: Some(18.5e9),
        }
    }

    #[test]
    fn what_comes_is_said_where_it_is_less_than_was_asked_for() {
        assert_eq!(forecast().sentence(), None);
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        // Slow rows with fewer rounds than others are nothing that went wrong.
        let few = Forecast { few: names(&["json"]), ..forecast() };
        assert_eq!(few.sentence(), None);
        let less = Forecast { left_out: names(&["bson", "smile"]), ..few };
        assert_eq!(
            less.sentence().as_deref(),
            Some(
                "7 rounds of all rows take about 85.4 s, and 18.5 s of the time are left for them; left out: bson, smile; \
                 in 7 rounds only: json"
            )
        );
        // The slowest may not even have been tried; rounds of the others say nothing of them.
        let said = Forecast { all_tried: false, ..less }.sentence();
        assert!(said.is_some_and(|said| said.starts_with("7 rounds of the rows that were tried take about 85.4 s")));
        let rounds = Forecast { left_ns: None, ..forecast() };
        assert_eq!(rounds.sentence().as_deref(), Some("12 rounds take about 146 s"));
        assert_eq!(Forecast { round_ns: 200.0, ..rounds.clone() }.sentence(), None);
        assert_eq!(Forecast { rounds: 1, ..rounds }.sentence().as_deref(), Some("1 round takes about 12.2 s"));
    }
}
