//! The forecast of the rounds after the warm-up, and its sentence.

use crate::model::Nanos;

/// The rounds to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Forecast {
    /// The duration of five rounds of all rows that were warmed up, in nanoseconds.
    pub five_rounds_ns: u64,
    /// Whether all rows were warmed up: the time may not have reached to try the slowest.
    pub all_tried: bool,
    /// The rounds of most rows, about.
    pub rounds: u64,
    /// Rows that are measured in fewer rounds, and in how many.
    pub few: (Vec<String>, u64),
    /// Rows that are left out.
    pub left_out: Vec<String>,
    /// The time for all, in nanoseconds; `None` where rounds were given.
    pub budget_ns: Option<u64>,
}

impl Forecast {
    /// The sentence for a person before the rounds; `None` where nothing is left out and the wait is short.
    pub fn sentence(&self) -> Option<String> {
        /// A wait that nobody is surprised by.
        const SHORT_NS: u64 = 10_000_000_000;
        let five = Nanos(self.five_rounds_ns as f64);
        let rows = |names: &[String]| match names {
            [only] => only.clone(),
            names if names.len() <= 4 => names.join(", "),
            names => format!("{} rows", names.len()),
        };
        let Some(budget) = self.budget_ns else {
            let all = Nanos(self.five_rounds_ns as f64 / 5.0 * self.rounds as f64);
            return (all.0 > SHORT_NS as f64).then(|| format!("{} rounds take about {all}", self.rounds));
        };
        let mut said = Vec::new();
        if !self.left_out.is_empty() {
            said.push(format!("left out: {}", rows(&self.left_out)));
        }
        if !self.few.0.is_empty() {
            said.push(format!("in {} rounds only: {}", self.few.1, rows(&self.few.0)));
        }
        (!said.is_empty()).then(|| {
            format!(
                "five rounds of {} take about {five}, and --time is {}; {}",
                if self.all_tried { "all rows" } else { "the rows that were tried" },
                Nanos(budget as f64),
                said.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast() -> Forecast {
        Forecast {
            five_rounds_ns: 61_000_000_000,
            all_tried: true,
            rounds: 12,
            few: (Vec::new(), 7),
            left_out: Vec::new(),
            budget_ns: Some(20_000_000_000),
        }
    }

    #[test]
    fn what_comes_is_said_where_it_is_less_than_was_asked_for() {
        assert_eq!(forecast().sentence(), None);
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let less = Forecast { left_out: names(&["bson", "smile"]), few: (names(&["json"]), 7), ..forecast() };
        assert_eq!(
            less.sentence().as_deref(),
            Some(
                "five rounds of all rows take about 61.0 s, and --time is 20.0 s; left out: bson, smile; in 7 rounds only: json"
            )
        );
        // The slowest may not even have been tried; five rounds of the others say nothing of them.
        let said = Forecast { all_tried: false, ..less }.sentence();
        assert!(said.is_some_and(|said| said.starts_with("five rounds of the rows that were tried take about 61.0 s")));
        let rounds = Forecast { budget_ns: None, ..forecast() };
        assert_eq!(rounds.sentence().as_deref(), Some("12 rounds take about 146 s"));
        assert_eq!(Forecast { five_rounds_ns: 1000, ..rounds }.sentence(), None);
    }
}
