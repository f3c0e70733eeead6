//! Which rows of a table are told apart from one of them, with the error controlled for the whole table.
//!
//! A row's own 95 % interval is wrong in up to one of twenty comparisons, and a table has up to twenty-three of them. Here a table
//! of rows that are in truth equal shows any difference at all in at most [`ERROR`] of all tables.
//!
//! With few rounds the error comes from a permutation test: if rows are equal, which of the samples of a round belongs to which row
//! is chance, so shuffling the samples within each round makes tables that might as well have been seen. A row's statistic is how far
//! the interval of its ratio stays away from 1, in units of the scatter of ratios; what counts is the largest statistic of a table (P.
//! H. Westfall and S. S. Young, "Resampling-Based Multiple Testing", Wiley 1993). Rows beyond what shuffled tables reach are told
//! apart, leave the table, and the rest is tested again, since the rows that differ widen what shuffling can make.
//!
//! With many rounds, intervals wide enough for all comparisons together (Bonferroni) still tell small differences, and
//! assume less. Nothing is random: the generator starts from the same seed each time.

use super::interval::interval_rank;
use fastrand::Rng;

/// The fewest rounds in which a row can be told apart from another: with six, chance alone makes two equal rows differ in
/// the same direction in all of them in one of 32 cases, which is more than [`ERROR`].
pub const LEAST_ROUNDS: u64 = 7;

/// The most rounds of a budget of time: enough for the 99.9th percentile, and more would only make the results file longer.
pub const MOST_ROUNDS: u64 = 1000;

/// The largest share of tables of equal rows in which any row is told apart.
pub const ERROR: f64 = 0.02;

/// The same for shuffling, which takes rows for equally noisy: where half of them are ten times as noisy as the others, it errs four
/// times as often.
const SHUFFLING_ERROR: f64 = 0.01;

/// Shuffled tables, of which one may reach what was seen.
const SHUFFLES: usize = 199;

/// With so many rounds that intervals for all comparisons together still let three rounds of a row deviate, they tell what
/// there is to tell.
const MANY_ROUNDS_RANK: usize = 4;

/// The row that the others are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pivot {
    /// A row that was chosen without looking at these samples.
    Row(usize),
    /// The row with the smallest median. That it was chosen for these samples is a part of the error.
    Fastest,
}

/// On which side of the pivot a row lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It takes less.
    Below,
    /// It takes more.
    Above,
}

/// The result of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The row that the others were compared with; `None` where no row has a sample.
    pub pivot: Option<usize>,
    /// For each row the side that it was told apart on.
    pub sides: Vec<Option<Side>>,
    /// For each row whether it shares enough rounds with the pivot for any such thing to be found.
    pub comparable: Vec<bool>,
}

/// A row's samples: nanoseconds by round, `None` where it did not run.
pub type RowSamples = Vec<Option<f64>>;

/// Compares all rows with the pivot.
pub fn told_apart(rows: &[RowSamples], pivot: Pivot) -> Apart {
    let logs: Vec<RowSamples> = rows
        .iter()
        // Below the clock's precision everything is equal; and zero has no logarithm.
        .map(|row| row.iter().map(|sample| sample.map(|ns| ns.max(0.01).ln())).collect())
        .collect();
    let mut apart = Apart { pivot: None, sides: vec![None; rows.len()], comparable: vec![false; rows.len()] };
    let all: Vec<usize> = (0..rows.len()).filter(|&row| logs[row].iter().any(Option::is_some)).collect();
    let lead = match pivot {
        Pivot::Row(row) => all.contains(&row).then_some(row),
        Pivot::Fastest => all.iter().copied().min_by(|&a, &b| median_of(&logs[a]).total_cmp(&median_of(&logs[b]))),
    };
    apart.pivot = lead;
    let Some(lead) = lead else { return apart };
    let comparisons = match pivot {
        Pivot::Row(_) => all.len().saturating_sub(1),
        // The lead could have been any of them.
        Pivot::Fastest => all.len() * all.len().saturating_sub(1) / 2,
    };
    let mut few = Vec::new();
    for &row in all.iter().filter(|&&row| row != lead) {
        let shared = differences(&logs[row], &logs[lead]);
        apart.comparable[row] = shared.len() as u64 >= LEAST_ROUNDS;
        let missed = ERROR / comparisons.max(1) as f64;
        if interval_rank(shared.len(), missed) >= Some(MANY_ROUNDS_RANK) {
            apart.sides[row] = side(&shared, missed);
        } else if apart.comparable[row] {
            few.push(row);
        }
    }
    few.push(lead);
    if few.len() > 1 {
        Shuffling { logs: &logs, lead, pivot, rng: Rng::with_seed(0x7e57) }.tell_apart(few, &mut apart.sides);
    }
    apart
}

/// The differences of the rounds that both have, sorted.
fn differences(row: &RowSamples, pivot: &RowSamples) -> Vec<f64> {
    let mut found: Vec<f64> = row.iter().zip(pivot).filter_map(|(a, b)| Some((*a)? - (*b)?)).collect();
    found.sort_by(f64::total_cmp);
    found
}

/// The side on which all of the interval lies that misses the median with a probability of at most `missed`.
fn side(sorted: &[f64], missed: f64) -> Option<Side> {
    let rank = interval_rank(sorted.len(), missed)?;
    if sorted[rank - 1] > 0.0 {
        Some(Side::Above)
    } else if sorted[sorted.len() - rank] < 0.0 {
        Some(Side::Below)
    } else {
        None
    }
}

fn median_of(row: &RowSamples) -> f64 {
    super::median(&row.iter().flatten().copied().collect::<Vec<_>>()).unwrap_or(f64::INFINITY)
}

struct Shuffling<'a> {
    logs: &'a [RowSamples],
    lead: usize,
    pivot: Pivot,
    rng: Rng,
}

impl Shuffling<'_> {
    /// Sets the sides of those of `rows`, the lead among them, that are told apart.
    fn tell_apart(&mut self, mut rows: Vec<usize>, sides: &mut [Option<Side>]) {
        while rows.len() > 1 {
            let Some(rounds) = self.shared_rounds(&mut rows) else { return };
            let others: Vec<usize> = rows.iter().copied().filter(|&row| row != self.lead).collect();
            // The lead comes first in the matrix.
            let order = std::iter::once(self.lead).chain(others.iter().copied());
            let matrix: Vec<Vec<f64>> = order
                .map(|row| rounds.iter().map(|&round| self.logs[row][round].unwrap_or_default()).collect())
                .collect();
            let found = match others.len() {
                // Of two rows, what shuffling can make is known.
                1 => {
                    let mut only = pairs(&matrix[1], &matrix[0]);
                    only.sort_by(f64::total_cmp);
                    vec![side(&only, ERROR)]
                }
                _ => self.one_step(&matrix),
            };
            if found.iter().all(Option::is_none) {
                return;
            }
            for (&row, found) in others.iter().zip(found) {
                if found.is_some() {
                    sides[row] = found;
                    rows.retain(|&kept| kept != row);
                }
            }
        }
    }

    /// The rounds in which all of `rows` ran; rows that leave too few are dropped.
    fn shared_rounds(&self, rows: &mut Vec<usize>) -> Option<Vec<usize>> {
        loop {
            let count = self.logs[self.lead].len();
            let ran = |row: usize, round: usize| self.logs[row].get(round).is_some_and(Option::is_some);
            let shared: Vec<usize> = (0..count).filter(|&round| rows.iter().all(|&row| ran(row, round))).collect();
            if shared.len() as u64 >= LEAST_ROUNDS {
                return Some(shared);
            }
            let fewest = rows.iter().copied().filter(|&row| row != self.lead);
            let fewest = fewest.min_by_key(|&row| (0..count).filter(|&round| ran(row, round)).count())?;
            rows.retain(|&row| row != fewest);
        }
    }

    /// The sides of all rows but the first that are beyond what shuffled tables reach.
    fn one_step(&mut self, matrix: &[Vec<f64>]) -> Vec<Option<Side>> {
        let rounds = matrix[0].len();
        let mut scratch = Scratch::new(rounds, matrix.len());
        let observed = scratch.statistics(matrix, 0).to_vec();
        let sides = scratch.sides.clone();
        let most = (SHUFFLING_ERROR * (SHUFFLES + 1) as f64) as usize;
        let largest = observed.iter().copied().fold(0.0, f64::max);
        let mut beyond = vec![1usize; observed.len()];
        let mut shuffled = matrix.to_vec();
        for _ in 0..SHUFFLES {
            for round in 0..rounds {
                for at in (1..shuffled.len()).rev() {
                    let other = self.rng.usize(..=at);
                    if other != at {
                        let (low, high) = shuffled.split_at_mut(at);
                        std::mem::swap(&mut low[other][round], &mut high[0][round]);
                    }
                }
            }
            let lead = match self.pivot {
                Pivot::Row(_) => 0,
                Pivot::Fastest => scratch.fastest(&shuffled),
            };
            let reached = scratch.statistics(&shuffled, lead).iter().copied().fold(0.0, f64::max);
            for (beyond, &statistic) in beyond.iter_mut().zip(&observed) {
                *beyond += usize::from(reached >= statistic);
            }
            if reached >= largest && beyond.iter().all(|&beyond| beyond > most) {
                break;
            }
        }
        let found = sides.iter().zip(&beyond).zip(&observed);
        found.map(|((&side, &beyond), &statistic)| side.filter(|_| statistic > 0.0 && beyond <= most)).collect()
    }
}

fn pairs(row: &[f64], pivot: &[f64]) -> Vec<f64> {
    row.iter().zip(pivot).map(|(a, b)| a - b).collect()
}

/// Room for the statistics of one table, which are taken hundreds of times.
struct Scratch {
    /// The rank whose order statistics are the ends of the intervals.
    rank: usize,
    values: Vec<f64>,
    ends: Vec<f64>,
    scatter: Vec<f64>,
    sides: Vec<Option<Side>>,
}

impl Scratch {
    fn new(rounds: usize, rows: usize) -> Self {
        // Intervals for all comparisons together, as far as so few rounds have them: then rows of unequal scatter, which shuffling
        // takes for equal, are rarely told apart by chance.
        let rank = interval_rank(rounds, 0.05 / (rows - 1) as f64).unwrap_or(1);
        Scratch { rank, values: Vec::new(), ends: Vec::new(), scatter: Vec::new(), sides: Vec::new() }
    }

    /// For each row but `lead`: how far its interval stays away from 0, by its scatter or by that which is usual in the table,
    /// whichever is larger.
    fn statistics(&mut self, matrix: &[Vec<f64>], lead: usize) -> &[f64] {
        self.ends.clear();
        self.scatter.clear();
        self.sides.clear();
        for (at, row) in matrix.iter().enumerate() {
            if at == lead {
                continue;
            }
            self.values.clear();
            self.values.extend(row.iter().zip(&matrix[lead]).map(|(a, b)| a - b));
            let (end, side, center) = self.end();
            self.ends.push(end);
            self.sides.push(side);
            for value in &mut self.values {
                *value = (*value - center).abs();
            }
            let middle = self.values.len() / 2;
            let scatter = *self.values.select_nth_unstable_by(middle, f64::total_cmp).1;
            self.scatter.push(scatter);
        }
        self.values.clear();
        self.values.extend(&self.scatter);
        let middle = self.values.len() / 2;
        let usual = *self.values.select_nth_unstable_by(middle, f64::total_cmp).1;
        for (end, scatter) in self.ends.iter_mut().zip(&self.scatter) {
            *end /= scatter.max(usual).max(1e-12);
        }
        &self.ends
    }

    /// The distance from 0 of the interval of `values`, its side, and the median.
    fn end(&mut self) -> (f64, Option<Side>, f64) {
        let (count, rank) = (self.values.len(), self.rank);
        self.values.sort_unstable_by(f64::total_cmp);
        let center = self.values[count / 2];
        let (low, high) = (self.values[rank - 1], self.values[count - rank]);
        if low > 0.0 {
            (low, Some(Side::Above), center)
        } else if high < 0.0 {
            (-high, Some(Side::Below), center)
        } else {
            (0.0, None, center)
        }
    }

    fn fastest(&mut self, matrix: &[Vec<f64>]) -> usize {
        let mut best = (f64::INFINITY, 0);
        for (at, row) in matrix.iter().enumerate() {
            self.values.clear();
            self.values.extend(row);
            let middle = row.len() / 2;
            let median = *self.values.select_nth_unstable_by(middle, f64::total_cmp).1;
            if median < best.0 {
                best = (median, at);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of `rows` rows over `rounds` rounds with a drift that all share; row `at` takes `time(at)` times noise.
    fn table(rows: usize, rounds: usize, rng: &mut Rng, time: impl Fn(usize) -> f64) -> Vec<RowSamples> {
        let drift: Vec<f64> = (0..rounds).map(|_| 1.0 + 0.2 * rng.f64()).collect();
        (0..rows)
            .map(|row| {
                drift.iter().map(|drift| Some(1e6 * time(row) * drift * (1.0 - 0.05 * rng.f64().ln()))).collect()
            })
            .collect()
    }

    /// The number of `tables` tables of equal rows that show any difference.
    fn wrong(rows: usize, rounds: usize, tables: usize, pivot: Pivot) -> usize {
        let mut rng = Rng::with_seed(rows as u64 * 1000 + rounds as u64);
        let any =
            |_: &usize| told_apart(&table(rows, rounds, &mut rng, |_| 1.0), pivot).sides.iter().any(Option::is_some);
        (0..tables).filter(any).count()
    }

    #[test]
    fn of_200_tables_of_equal_rows_at_most_10_show_a_difference() {
        // The bench `verdicts` does the same for more sizes and kinds of noise.
        for (rows, rounds) in [(2, 7), (8, 7), (8, 13), (24, 7), (4, 45)] {
            for pivot in [Pivot::Row(0), Pivot::Fastest] {
                let wrong = wrong(rows, rounds, 200, pivot);
                assert!(wrong <= 10, "{rows} rows, {rounds} rounds, {pivot:?}: {wrong}");
            }
        }
    }

    #[test]
    fn one_row_of_24_that_takes_half_as_long_again_is_told_apart_in_7_rounds() {
        let mut rng = Rng::with_seed(3);
        let rows = table(24, 7, &mut rng, |row| if row == 17 { 1.5 } else { 1.0 });
        let apart = told_apart(&rows, Pivot::Row(0));
        assert_eq!(apart.sides[17], Some(Side::Above));
        assert_eq!(apart.sides.iter().flatten().count(), 1);
        let apart = told_apart(&rows, Pivot::Row(17));
        assert!(apart.sides.iter().enumerate().all(|(at, side)| (at == 17) == side.is_none()), "{apart:?}");
    }

    #[test]
    fn rows_of_many_speeds_are_all_told_apart() {
        let mut rng = Rng::with_seed(4);
        let rows = table(24, 7, &mut rng, |row| 1.5f64.powi(row as i32));
        for pivot in [Pivot::Row(0), Pivot::Fastest] {
            let apart = told_apart(&rows, pivot);
            assert_eq!(apart.pivot, Some(0));
            assert_eq!(apart.sides.iter().flatten().filter(|&&side| side == Side::Above).count(), 23);
        }
    }

    #[test]
    fn rows_with_fewer_rounds_are_compared_on_those_that_are_shared() {
        let mut rng = Rng::with_seed(5);
        let mut rows = table(4, 60, &mut rng, |row| if row == 3 { 2.0 } else { 1.0 });
        for (round, sample) in rows[3].iter_mut().enumerate() {
            *sample = sample.filter(|_| round % 8 == 0);
        }
        rows.push(vec![Some(9e6), None, None]);
        rows.push(Vec::new());
        let apart = told_apart(&rows, Pivot::Row(0));
        assert_eq!(apart.sides, [None, None, None, Some(Side::Above), None, None]);
        assert_eq!(apart.comparable, [false, true, true, true, false, false]);
    }

    #[test]
    fn the_least_rounds_are_the_fewest_that_keep_the_error() {
        let least = LEAST_ROUNDS as usize;
        assert_eq!((interval_rank(least - 1, ERROR), interval_rank(least, ERROR)), (None, Some(1)));
        let mut rng = Rng::with_seed(9);
        for (rounds, comparable) in [(least - 1, false), (least, true)] {
            let rows = table(2, rounds, &mut rng, |row| [1.0, 10.0][row]);
            let apart = told_apart(&rows, Pivot::Row(0));
            assert_eq!(apart.comparable[1], comparable, "{rounds}");
            assert_eq!(apart.sides[1], comparable.then_some(Side::Above), "{rounds}");
        }
    }

    #[test]
    fn five_rounds_say_nothing_and_nobody_panics_on_empty_tables() {
        let mut rng = Rng::with_seed(6);
        let rows = table(3, 5, &mut rng, |row| [1.0, 10.0, 100.0][row]);
        let apart = told_apart(&rows, Pivot::Fastest);
        assert_eq!((apart.pivot, apart.sides, apart.comparable), (Some(0), vec![None; 3], vec![false; 3]));
        assert_eq!(told_apart(&[], Pivot::Fastest).pivot, None);
        assert_eq!(told_apart(&[vec![None; 9]], Pivot::Row(0)).pivot, None);
        let zeros = vec![vec![Some(0.0); 9], vec![Some(0.0); 9]];
        assert_eq!(told_apart(&zeros, Pivot::Fastest).sides, [None, None]);
    }

    #[test]
    fn the_same_table_gives_the_same_answer() {
        let rows = table(12, 9, &mut Rng::with_seed(8), |row| 1.0 + row as f64 / 40.0);
        assert_eq!(told_apart(&rows, Pivot::Fastest), told_apart(&rows, Pivot::Fastest));
    }
}
