//! When which row is measured: interleaved rounds in a shuffled order, within a budget. Time is handed in, so that
//! schedules are tested with exact numbers.
//!
//! After the warm-up it is known about how long each row takes. A budget of time is then divided: every row gets
//! [`LEAST_ROUNDS`], the fewest with which rows can be told apart; if the time does not reach for that, the slowest rows are left
//! out. What is left goes to all rows alike, unless it is little: then the slowest rows stay with the least, spread over all
//! rounds, so that the others get more.

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// As many rounds as fit in this many nanoseconds, warm-up included, and at most 1,000.
    Time(u64),
    /// Exactly as many rounds.
    Rounds(u64),
}

use crate::stats::{LEAST_ROUNDS, MOST_ROUNDS};

/// Rounds that are worth more than the even treatment of slow rows.
const GOOD_ROUNDS: u64 = 31;

/// Samples take longer among others than alone, and a busy machine has its own mind: so much more than the warm-up says.
const SAFETY: f64 = 1.2;

/// Rows that are measured even if the time does not reach for [`LEAST_ROUNDS`] of them: the `null` row, which is short, and two
/// to compare.
const LEAST_ROWS: usize = 3;

/// By how much a budget may be exceeded for the least rounds: a part of it, and what nobody minds.
const TOLERANCE: u64 = 20;
const NOBODY_MINDS_NS: u64 = 250_000_000;

/// The part that a row has in the rounds to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It is in every round.
    Every,
    /// It is in the least rounds, spread over all.
    Few,
    /// It was in the first rounds only: it cannot win.
    GivenUp,
    /// It is in none: the time does not reach.
    LeftOut,
    /// It failed, or was never warmed up.
    Ended,
}

#[derive(Debug)]
struct Row {
    part: Part,
    /// Nanoseconds of a sample with all that belongs to it, as far as is known.
    cost: f64,
    samples: u64,
    /// Whether it may not be left out.
    needed: bool,
}

/// The rounds of one payload.
#[derive(Debug)]
pub(super) struct Schedule {
    random: fastrand::Rng,
    budget: Budget,
    quick: bool,
    started_at: u64,
    rounds_started_at: Option<u64>,
    rounds: u64,
    rows: Vec<Row>,
    /// The fewest rounds that each row shall have, and the rounds among which those of slow rows are spread.
    least: u64,
    planned: u64,
}

impl Schedule {
    /// A schedule of so many rows that begins now, with the warm-up. A quick one gives rows up that cannot win.
    pub(super) fn new(seed: u64, budget: Budget, quick: bool, rows: usize, now: u64) -> Self {
        let row = || Row { part: Part::Ended, cost: 0.0, samples: 0, needed: false };
        Schedule {
            random: fastrand::Rng::with_seed(seed),
            budget,
            quick,
            started_at: now,
            rounds_started_at: None,
            rounds: 0,
            rows: std::iter::repeat_with(row).take(rows).collect(),
            least: LEAST_ROUNDS,
            planned: 0,
        }
    }

    /// Whether the warm-up of a row still leaves the time to measure it, if it takes `warm_up_ns` and each sample `cost_ns`.
    /// The first rows are warmed up in any case.
    pub(super) fn reaches_for(&self, warm_up_ns: f64, cost_ns: f64, now: u64) -> bool {
        let Budget::Time(_) = self.budget else { return true };
        let warmed = self.rows.iter().filter(|row| row.part != Part::Ended);
        warmed.clone().count() < LEAST_ROWS
            || warm_up_ns + SAFETY * LEAST_ROUNDS as f64 * (cost_ns + warmed.map(|row| row.cost).sum::<f64>())
                <= self.left(now)
    }

    /// The nanoseconds of the budget that are left; infinite where rounds are given.
    fn left(&self, now: u64) -> f64 {
        match self.budget {
            Budget::Rounds(_) => f64::INFINITY,
            Budget::Time(budget) => budget.saturating_sub(now - self.started_at) as f64,
        }
    }

    /// A row is warm, and a sample of it takes so long.
    pub(super) fn warmed(&mut self, row: usize, cost_ns: f64) {
        self.rows[row].part = Part::Every;
        self.rows[row].cost = cost_ns;
    }

    /// A row is the reference, and so is not left out or given up.
    pub(super) fn needs(&mut self, row: usize) {
        self.rows[row].needed = true;
    }

    /// A sample of a row took so long, with all that belongs to it.
    pub(super) fn took(&mut self, row: usize, ns: u64) {
        let Row { cost, samples, .. } = &mut self.rows[row];
        // The guess of the warm-up goes with the first sample.
        *cost = (*cost * *samples as f64 + ns as f64) / (*samples + 1) as f64;
        *samples += 1;
    }

    /// A row failed, and is measured no more.
    pub(super) fn end(&mut self, row: usize) {
        self.rows[row].part = Part::Ended;
    }

    /// Whether a quick run has the rounds to say which rows cannot win.
    pub(super) fn may_give_up(&self) -> bool {
        self.quick && self.rounds == self.least
    }

    /// A row cannot win: it is measured no more, unless it is needed.
    pub(super) fn give_up(&mut self, row: usize) {
        if !self.rows[row].needed && self.rows[row].part == Part::Every {
            self.rows[row].part = Part::GivenUp;
        }
    }

    /// The part that the row has in the rounds to come.
    pub(super) fn part(&self, row: usize) -> Part {
        self.rows[row].part
    }

    /// The time that so many rounds of all warmed rows take, in nanoseconds.
    pub(super) fn length_of(&self, rounds: u64) -> f64 {
        rounds as f64 * self.rows.iter().filter(|row| row.part != Part::Ended).map(|row| row.cost).sum::<f64>()
    }

    /// The nanoseconds that were left for the rounds when they were planned; `None` where rounds are given.
    pub(super) fn planned_for(&self) -> Option<f64> {
        let left = self.left(self.rounds_started_at?);
        left.is_finite().then_some(left)
    }

    /// The rounds that are probably measured, and the fewest of a row.
    pub(super) fn planned(&self) -> (u64, u64) {
        (self.planned, self.least.min(self.planned))
    }

    /// Divides what is left of the budget. To be called once, after the warm-up.
    pub(super) fn plan(&mut self, now: u64) {
        self.rounds_started_at = Some(now);
        let Budget::Time(_) = self.budget else {
            let Budget::Rounds(rounds) = self.budget else { return };
            (self.planned, self.least) = (rounds, rounds);
            return;
        };
        let left = self.left(now);
        // The slowest first; the one that is needed goes last.
        let mut order: Vec<usize> = (0..self.rows.len()).filter(|&row| self.rows[row].part == Part::Every).collect();
        order.sort_by(|&a, &b| {
            let key = |row: usize| (self.rows[row].needed, -self.rows[row].cost);
            key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
        });
        let mut kept = order.as_slice();
        while kept.len() > LEAST_ROWS && SAFETY * LEAST_ROUNDS as f64 * self.cost(kept) > left {
            self.rows[kept[0]].part = Part::LeftOut;
            kept = &kept[1..];
        }
        let round = self.cost(kept).max(1.0);
        let fit = (left / round) as u64;
        self.least = LEAST_ROUNDS.min(fit).max(1);
        if self.quick {
            // Quick means that it ends when the best are told apart as well as they will be.
            self.planned = fit.clamp(self.least, GOOD_ROUNDS);
            return;
        }
        let few = (0..=kept.len() / 2).find(|&few| self.rounds_for_rest(kept, few, left) >= GOOD_ROUNDS);
        let few = few.unwrap_or(0);
        for &row in &kept[..few] {
            self.rows[row].part = Part::Few;
        }
        self.planned = self.rounds_for_rest(kept, few, left).clamp(self.least, MOST_ROUNDS);
    }

    fn cost(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|&row| self.rows[row].cost).sum()
    }

    /// The rounds that fit for the rest if the first `few` have the least.
    fn rounds_for_rest(&self, rows: &[usize], few: usize, left: f64) -> u64 {
        let (slow, rest) = rows.split_at(few);
        ((left - self.least as f64 * self.cost(slow)) / self.cost(rest).max(1.0)) as u64
    }

    /// The rows of the next round, in the order in which to measure them; `None` when the budget is spent.
    ///
    /// A round that would probably end beyond the budget is not begun.
    pub(super) fn next_round(&mut self, now: u64) -> Option<Vec<usize>> {
        if self.rounds_started_at.is_none() {
            self.plan(now);
        }
        self.drop_what_does_not_fit(now);
        let next = self.rounds + 1;
        let mut order: Vec<usize> = (0..self.rows.len()).filter(|&row| self.takes_part(row, next)).collect();
        if !self.may_begin(next, self.cost(&order), now) || order.is_empty() {
            return None;
        }
        self.rounds = next;
        self.random.shuffle(&mut order);
        Some(order)
    }

    /// Where rounds take longer than was thought, the slowest rows end early, so that the others get the least.
    fn drop_what_does_not_fit(&mut self, now: u64) {
        let Budget::Time(budget) = self.budget else { return };
        if self.rounds == 0 || self.rounds >= self.least {
            return;
        }
        let left = self.left(now) + (budget / TOLERANCE) as f64;
        loop {
            let active: Vec<usize> = (0..self.rows.len()).filter(|&row| self.rows[row].part == Part::Every).collect();
            if active.len() <= LEAST_ROWS || (self.least - self.rounds) as f64 * self.cost(&active) <= left {
                return;
            }
            let free = active.into_iter().filter(|&row| !self.rows[row].needed);
            let Some(slowest) = free.max_by(|&a, &b| self.rows[a].cost.total_cmp(&self.rows[b].cost)) else { return };
            self.rows[slowest].part = Part::LeftOut;
        }
    }

    fn takes_part(&self, row: usize, round: u64) -> bool {
        match self.rows[row].part {
            Part::Every => true,
            // Of `planned` rounds those at which the share of the least passes a whole number.
            Part::Few => {
                let passed = |round: u64| round * self.least / self.planned.max(1);
                passed(round) > passed(round - 1)
            }
            Part::GivenUp | Part::LeftOut | Part::Ended => false,
        }
    }

    fn may_begin(&self, round: u64, cost: f64, now: u64) -> bool {
        let budget = match self.budget {
            Budget::Rounds(rounds) => return round <= rounds,
            Budget::Time(budget) => budget,
        };
        let most = if self.quick { GOOD_ROUNDS } else { MOST_ROUNDS };
        let end = (now - self.started_at) as f64 + cost;
        let excused = (budget + (budget / TOLERANCE).max(NOBODY_MINDS_NS)) as f64;
        // The first round is measured in any case, or there would be nothing to show.
        round == 1 || (round <= most && (end <= budget as f64 || (round <= LEAST_ROUNDS && end <= excused)))
    }

    /// Rounds begun.
    pub(super) fn rounds(&self) -> u64 {
        self.rounds
    }

    /// The part of the work that is done, from 0 to 1, and the nanoseconds that are probably left.
    pub(super) fn progress(&self, now: u64) -> (f64, u64) {
        let Some(first) = self.rounds_started_at else { return (0.0, 0) };
        let round = (now - first) as f64 / self.rounds.max(1) as f64;
        let left = match self.budget {
            Budget::Rounds(rounds) => rounds.saturating_sub(self.rounds) as f64 * round,
            Budget::Time(budget) => {
                let by_time = budget.saturating_sub(now - self.started_at) as f64;
                let most = if self.quick { self.planned } else { MOST_ROUNDS };
                by_time.min(most.saturating_sub(self.rounds) as f64 * round)
            }
        };
        let spent = (now - self.started_at) as f64;
        (spent / (spent + left).max(1.0), left as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule whose rows take so long, warm at `now`, and all its rounds until it ends.
    fn run(budget: Budget, quick: bool, costs: &[u64], mut now: u64) -> (Schedule, Vec<Vec<usize>>, u64) {
        let mut schedule = Schedule::new(1, budget, quick, costs.len(), 0);
        for (row, &cost) in costs.iter().enumerate() {
            schedule.warmed(row, cost as f64);
        }
        let mut rounds = Vec::new();
        while let Some(order) = schedule.next_round(now) {
            for &row in &order {
                now += costs[row];
                schedule.took(row, costs[row]);
            }
            rounds.push(order);
        }
        (schedule, rounds, now)
    }

    fn rounds_of(row: usize, rounds: &[Vec<usize>]) -> usize {
        rounds.iter().filter(|order| order.contains(&row)).count()
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn exactly_as_many_rounds_as_asked_for() {
        let (_, rounds, _) = run(Budget::Rounds(3), false, &[SECOND; 4], 0);
        assert_eq!(rounds.len(), 3);
        for mut order in rounds {
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_budget_of_time_is_kept() {
        // The warm-up took 4 s, and each round takes 1 s.
        let (schedule, rounds, now) = run(Budget::Time(20 * SECOND), false, &[SECOND], 4 * SECOND);
        assert_eq!((rounds.len(), now), (16, 20 * SECOND));
        assert_eq!(schedule.planned(), (16, 7));
    }

    #[test]
    fn the_slowest_are_left_out_where_the_least_rounds_do_not_fit() {
        let costs = [SECOND / 10, SECOND / 5, 2 * SECOND, 9 * SECOND];
        let (schedule, rounds, now) = run(Budget::Time(20 * SECOND), false, &costs, 3 * SECOND);
        // Even if the one of 2 s had the least rounds only, the others would not have many more.
        assert_eq!((schedule.part(3), schedule.part(2)), (Part::LeftOut, Part::Every));
        assert_eq!([0, 1, 2, 3].map(|row| rounds_of(row, &rounds)), [7, 7, 7, 0]);
        assert!(now <= 20 * SECOND, "{now}");
        assert_eq!(schedule.length_of(5), 5.0 * costs.iter().sum::<u64>() as f64);
    }

    #[test]
    fn what_is_needed_stays_however_slow_it_is() {
        let mut schedule = Schedule::new(1, Budget::Time(20 * SECOND), false, 4, 0);
        for (row, cost) in [1, SECOND / 10, SECOND, 2 * SECOND].into_iter().enumerate() {
            schedule.warmed(row, cost as f64);
        }
        schedule.needs(3);
        schedule.plan(0);
        let parts = [0, 1, 2, 3].map(|row| schedule.part(row));
        assert_eq!(parts, [Part::Every, Part::Every, Part::LeftOut, Part::Every]);
    }

    #[test]
    fn slow_rows_have_fewer_rounds_in_which_the_others_are_too() {
        let costs = [SECOND / 10, SECOND / 10, SECOND / 10, SECOND / 10, SECOND];
        let (schedule, rounds, now) = run(Budget::Time(20 * SECOND), false, &costs, 0);
        assert_eq!(schedule.part(4), Part::Few);
        assert_eq!(rounds.len(), 32);
        assert_eq!(rounds_of(4, &rounds), 7);
        assert_eq!(rounds_of(0, &rounds), 32);
        // Spread, and not all at the start.
        assert!(rounds[..16].iter().filter(|order| order.contains(&4)).count() < 5);
        assert!(now <= 20 * SECOND);
    }

    #[test]
    fn a_spent_budget_still_shows_a_round() {
        let (schedule, rounds, _) = run(Budget::Time(SECOND), false, &[1, SECOND, SECOND, 3 * SECOND], 5 * SECOND);
        assert_eq!((rounds.len(), rounds[0].len()), (1, 3));
        assert_eq!(schedule.part(3), Part::LeftOut);
    }

    #[test]
    fn rows_that_take_longer_than_was_thought_end_early_for_the_others() {
        let mut schedule = Schedule::new(1, Budget::Time(20 * SECOND), false, 4, 0);
        (0..4).for_each(|row| schedule.warmed(row, 0.5e9));
        let (costs, mut now, mut rounds) = ([SECOND / 2, SECOND / 2, SECOND, 2 * SECOND], 0, Vec::new());
        while let Some(order) = schedule.next_round(now) {
            for &row in &order {
                now += costs[row];
                schedule.took(row, costs[row]);
            }
            rounds.push(order);
        }
        assert_eq!(schedule.part(3), Part::LeftOut);
        assert!(rounds_of(3, &rounds) < 7 && rounds_of(2, &rounds) >= 7, "{rounds:?}");
        assert!(now <= 21 * SECOND, "{now}");
    }

    #[test]
    fn tiny_payloads_have_their_least_rounds_whatever_the_budget() {
        let (_, rounds, _) = run(Budget::Time(1_000_000), false, &[50_000; 24], 90_000_000);
        assert_eq!(rounds.len(), 7);
    }

    #[test]
    fn a_quick_run_ends_early_and_leaves_rows_that_were_given_up() {
        let mut schedule = Schedule::new(1, Budget::Time(30 * SECOND), true, 3, 0);
        (0..3).for_each(|row| schedule.warmed(row, 1e6));
        schedule.needs(1);
        let mut sizes = Vec::new();
        while let Some(order) = schedule.next_round(0) {
            sizes.push(order.len());
            if schedule.may_give_up() {
                (0..2).for_each(|row| schedule.give_up(row));
            }
        }
        assert_eq!(sizes, [[3; 7].as_slice(), &[2; 24]].concat());
        assert_eq!((schedule.part(0), schedule.part(1)), (Part::GivenUp, Part::Every));
    }

    #[test]
    fn warming_up_stops_while_there_is_time_to_measure() {
        let mut schedule = Schedule::new(1, Budget::Time(20 * SECOND), false, 4, 0);
        assert!(schedule.reaches_for(1e12, 1e12, 0), "the first row is warmed up in any case");
        schedule.warmed(0, 1.0);
        schedule.warmed(1, 1e9);
        schedule.warmed(2, 1e9);
        assert!(schedule.reaches_for(1e9, 0.1e9, SECOND));
        assert!(!schedule.reaches_for(1e9, 0.5e9, SECOND));
        let rounds = Schedule::new(1, Budget::Rounds(3), false, 4, 0);
        assert!(rounds.reaches_for(1e12, 1e12, 0));
    }

    #[test]
    fn rows_that_fail_leave_the_rounds() {
        let mut schedule = Schedule::new(1, Budget::Rounds(3), false, 2, 0);
        assert_eq!(schedule.next_round(0), None, "nothing is warm");
        schedule.warmed(0, 1.0);
        schedule.warmed(1, 1.0);
        schedule.end(0);
        assert_eq!(schedule.next_round(0), Some(vec![1]));
    }

    #[test]
    fn the_order_follows_the_seed_and_changes_between_rounds() {
        let orders = |seed| {
            let mut schedule = Schedule::new(seed, Budget::Rounds(5), false, 20, 0);
            (0..20).for_each(|row| schedule.warmed(row, 1.0));
            std::iter::from_fn(|| schedule.next_round(0)).collect::<Vec<_>>()
        };
        assert_eq!(orders(7), orders(7));
        assert_ne!(orders(7), orders(8));
        assert_ne!(orders(7)[0], orders(7)[1]);
    }

    #[test]
    fn progress_goes_from_nothing_to_all() {
        let mut schedule = Schedule::new(1, Budget::Rounds(2), false, 1, 0);
        schedule.warmed(0, 10.0);
        assert_eq!(schedule.progress(5), (0.0, 0));
        schedule.next_round(10);
        assert_eq!(schedule.progress(20), (20.0 / 30.0, 10));
        schedule.next_round(20);
        assert_eq!(schedule.progress(30), (1.0, 0));
    }
}
