//! When which row is measured: interleaved rounds in a shuffled order, within a budget. Time is handed in, so that
//! schedules are tested with exact numbers.

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// As many rounds as fit in this many nanoseconds, warm-up included, but at least [`LEAST_ROUNDS`] and at most
    /// [`MOST_ROUNDS`].
    Time(u64),
    /// Exactly as many rounds.
    Rounds(u64),
}

/// Fewer rounds than this have no interval worth the name.
pub const LEAST_ROUNDS: u64 = 5;

/// Enough for the 99.9th percentile; more would only make the results file longer.
pub const MOST_ROUNDS: u64 = 1000;

/// The rounds of one payload.
#[derive(Debug)]
pub struct Schedule {
    random: fastrand::Rng,
    budget: Budget,
    started_at: u64,
    rounds_started_at: Option<u64>,
    rounds: u64,
}

impl Schedule {
    /// A schedule that begins now, with the warm-up.
    pub fn new(seed: u64, budget: Budget, now: u64) -> Self {
        Schedule { random: fastrand::Rng::with_seed(seed), budget, started_at: now, rounds_started_at: None, rounds: 0 }
    }

    /// The rows of the next round, in the order in which to measure them; `None` when the budget is spent.
    ///
    /// A round that would probably end beyond the budget is not begun: its length is guessed from the rounds before.
    pub fn next_round(&mut self, rows: usize, now: u64) -> Option<Vec<usize>> {
        let first = *self.rounds_started_at.get_or_insert(now);
        let another = match self.budget {
            Budget::Rounds(rounds) => self.rounds < rounds,
            Budget::Time(_) if self.rounds < LEAST_ROUNDS => true,
            Budget::Time(budget) => {
                let spent = now - self.started_at;
                let round = (now - first) / self.rounds;
                self.rounds < MOST_ROUNDS && spent + round <= budget
            }
        };
        if !another {
            return None;
        }
        self.rounds += 1;
        let mut order: Vec<usize> = (0..rows).collect();
        self.random.shuffle(&mut order);
        Some(order)
    }

    /// Rounds begun.
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// The part of the work that is done, from 0 to 1, and the nanoseconds that are probably left.
    pub fn progress(&self, now: u64) -> (f64, u64) {
        let Some(first) = self.rounds_started_at else { return (0.0, 0) };
        let round = (now - first) as f64 / self.rounds.max(1) as f64;
        let left = match self.budget {
            Budget::Rounds(rounds) => rounds.saturating_sub(self.rounds) as f64 * round,
            Budget::Time(budget) => {
                let by_time = budget.saturating_sub(now - self.started_at) as f64;
                let least = LEAST_ROUNDS.saturating_sub(self.rounds) as f64 * round;
                let most = MOST_ROUNDS.saturating_sub(self.rounds) as f64 * round;
                by_time.max(least).min(most)
            }
        };
        let spent = (now - self.started_at) as f64;
        (spent / (spent + left).max(1.0), left as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_as_many_rounds_as_asked_for() {
        let mut schedule = Schedule::new(1, Budget::Rounds(3), 0);
        let orders: Vec<_> = std::iter::from_fn(|| schedule.next_round(4, u64::MAX)).collect();
        assert_eq!(orders.len(), 3);
        for mut order in orders {
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_budget_of_time_is_kept_but_for_the_least_rounds() {
        let mut schedule = Schedule::new(1, Budget::Time(100), 0);
        // The warm-up took 40; each round takes 10: six rounds end at 100.
        let mut now = 40;
        while schedule.next_round(1, now).is_some() {
            now += 10;
        }
        assert_eq!((schedule.rounds(), now), (6, 100));

        let mut schedule = Schedule::new(1, Budget::Time(100), 0);
        let mut now = 90;
        while schedule.next_round(1, now).is_some() {
            now += 50;
        }
        assert_eq!(schedule.rounds(), LEAST_ROUNDS);
    }

    #[test]
    fn the_order_follows_the_seed_and_changes_between_rounds() {
        let orders = |seed| {
            let mut schedule = Schedule::new(seed, Budget::Rounds(5), 0);
            std::iter::from_fn(|| schedule.next_round(20, 0)).collect::<Vec<_>>()
        };
        assert_eq!(orders(7), orders(7));
        assert_ne!(orders(7), orders(8));
        assert_ne!(orders(7)[0], orders(7)[1]);
    }

    #[test]
    fn progress_goes_from_nothing_to_all() {
        let mut schedule = Schedule::new(1, Budget::Rounds(2), 0);
        assert_eq!(schedule.progress(5), (0.0, 0));
        schedule.next_round(1, 10);
        assert_eq!(schedule.progress(20), (20.0 / 30.0, 10));
        schedule.next_round(1, 20);
        assert_eq!(schedule.progress(30), (1.0, 0));
    }
}
