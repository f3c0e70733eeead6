//! A payload's rounds: what is measured, in which order, and what becomes of it.

use super::attempt::{Attempt, Interrupted, WarmUp};
use super::fidelity::Subjects;
use super::forecast::Forecast;
use super::order::warm_up_order;
use super::results::Results;
use super::rig::Rig;
use super::row::Row;
use super::runner::Runner;
use super::sample::{Phase, StageTimes};
use super::schedule::{Part, Schedule};
use super::settings::Settings;
use crate::clock::{self, reset_peak_resident};
use crate::codec::prepare_guard;
use crate::host::available_memory;
use crate::model::{Bytes, Nanos, Stage};
use crate::stats::LEAST_ROUNDS;
use std::sync::atomic::AtomicBool;

/// Is told how the measuring goes.
pub(super) trait Observer<'a> {
    /// Something is about to be measured: the part of the work that is done, the nanoseconds left, what it is.
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str);

    /// A sample of a row was taken, or it was found out that none will be.
    fn sampled(&mut self, results: &Results<'a>, row: usize);

    /// The warm-up is over, and this is what comes.
    fn planned(&mut self, forecast: &Forecast);

    /// A round ended.
    fn round(&mut self, results: &Results<'a>);
}

/// How the measuring ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The budget was spent.
    Finished,
    /// The user stopped it; what was measured is there.
    Interrupted,
}

/// The measuring of one payload.
pub(super) struct Session<'a> {
    rig: Rig<'a>,
    /// In the order of the rows of the results.
    runners: Vec<Box<dyn Runner>>,
    results: Results<'a>,
    schedule: Schedule,
    started_at: u64,
    /// The nanoseconds that other processes had their turns in, and when the own one began.
    waited_ns: u64,
    turn_began_at: u64,
}

/// The least time that a turn among several processes takes, so that what it costs to change them is little; and the turns that
/// the rounds are spread over in any case, as far as they are as many, so that a busy moment of the machine does not hit one process
/// alone.
const TURN_NS: f64 = 20e6;
const LEAST_TURNS: f64 = 20.0;

impl<'a> Session<'a> {
    /// A session in which each of the runners measures the messages in `subjects`, until the budget is spent or
    /// `interrupted` is set.
    pub(super) fn new(
        settings: &'a Settings,
        subjects: Subjects<'a>,
        runners: Vec<Box<dyn Runner>>,
        interrupted: &'a AtomicBool,
    ) -> Self {
        prepare_guard();
        // The resident peak of an earlier payload is not this one's.
        reset_peak_resident();
        let now = clock::now();
        let mut rig = Rig::new(settings, subjects, interrupted);
        runners.iter().for_each(|runner| runner.prepare(&mut rig));
        let rows: Vec<Row> = runners.iter().map(|runner| Row::new(runner.case(), subjects.messages)).collect();
        Session {
            rig,
            schedule: Schedule::new(settings.seed, settings.budget, settings.quick, rows.len(), now),
            runners,
            results: Results::new(settings, rows),
            started_at: now,
            waited_ns: 0,
            turn_began_at: now,
        }
    }

    /// The time without that in which others had their turns.
    fn now(&self) -> u64 {
        clock::now() - self.waited_ns
    }

    /// Lets other processes have their turns, where there are any.
    fn end_turn(&mut self) {
        if let Some(turns) = &self.rig.settings.turns {
            let ended_at = clock::now();
            turns.wait();
            self.turn_began_at = clock::now();
            self.waited_ns += self.turn_began_at - ended_at;
        }
    }

    /// The results so far.
    pub(super) fn results(&self) -> &Results<'a> {
        &self.results
    }

    /// Measures.
    pub(super) fn run(&mut self, observer: &mut dyn Observer<'a>) -> Outcome {
        self.end_turn();
        let outcome = match self.warm_up(observer).and_then(|()| self.rounds(observer)) {
            Ok(()) => Outcome::Finished,
            Err(Interrupted) => Outcome::Interrupted,
        };
        self.rig.end_all();
        self.results.wall_ns = self.now() - self.started_at;
        // Where all rows were measured by other processes, this one has sent nothing.
        if self.results.rows.iter().any(|row| !row.case.apart) {
            self.rig.note_resident();
        }
        self.results.tally = self.rig.tally;
        self.rig.watch.end(&mut self.results.noise);
        self.say_who_was_given_up();
        outcome
    }

    fn attempt(&mut self, at: usize) -> Attempt<'_, 'a> {
        Attempt { rig: &mut self.rig, runner: &mut *self.runners[at], row: &mut self.results.rows[at] }
    }

    /// Samples of a row were taken, or it was found out that none will be.
    fn sampled(&mut self, at: usize, observer: &mut dyn Observer<'a>) {
        self.results.wall_ns = self.now() - self.started_at;
        self.results.tally = self.rig.tally;
        observer.sampled(&self.results, at);
    }

    /// Takes the samples before the rounds. Rows that are usually fast come first, and where the time does not reach for
    /// more, the others are left out.
    fn warm_up(&mut self, observer: &mut dyn Observer<'a>) -> Result<(), Interrupted> {
        let rows = self.results.rows.len();
        let mut last: Option<WarmUp> = None;
        for (done, at) in warm_up_order(&self.results.rows, self.rig.settings).into_iter().enumerate() {
            let label = self.results.rows[at].case.label();
            observer.progress(0.0, 0, &format!("warm-up {}/{rows}: {label}", done + 1));
            let is_null = self.results.rows[at].case.is_null;
            if let Some(reason) = self.runners[at].refuses(self.rig.subjects.schema) {
                self.results.rows[at].error = Some((Stage::Encode, reason));
            } else if let Some(reason) = self.has_no_room(at) {
                self.results.rows[at].left_out = Some(reason);
            } else {
                let guess = last.filter(|_| !is_null);
                let reaches = guess.is_none_or(|warm| self.schedule.reaches_for(warm.ns, warm.cost_ns, self.now()));
                if !reaches {
                    self.find_out_size(at, guess)?;
                } else if let Some(warm) = self.attempt(at).warm_up()? {
                    self.schedule.warmed(at, warm.cost_ns);
                    if !is_null {
                        last = Some(warm);
                    }
                }
            }
            self.sampled(at, observer);
        }
        self.results.warmup_ns = self.rig.tally.measured_ns;
        self.results.choose_reference();
        if let Some(reference) = self.results.reference {
            self.schedule.needs(reference);
        }
        self.schedule.plan(self.now());
        let forecast = self.forecast();
        observer.planned(&forecast);
        Ok(())
    }

    /// Why there is no memory for a row that takes more than others.
    fn has_no_room(&self, at: usize) -> Option<String> {
        let needs = self.runners[at].memory_bytes(self.rig.subjects.column);
        let available = available_memory().filter(|_| needs > 0)?;
        (needs > available).then(|| {
            let (needs, available) = (Bytes(needs), Bytes(available));
            format!("its crate may take {needs} of memory beside the payload, and {available} are available")
        })
    }

    /// For a row that there is no time to measure: encodes once for the size, if there is time for that.
    fn find_out_size(&mut self, at: usize, guess: Option<WarmUp>) -> Result<(), Interrupted> {
        let budget = Nanos(self.rig.settings.asked_ns.unwrap_or_default() as f64);
        // Encoding is usually less than half of the whole; more of it would be taken from the rounds.
        let encoding = guess.map_or(0.0, |warm| warm.ns / 2.0);
        let spare = self.schedule.reaches_for(encoding, 0.0, self.now());
        let found = spare && self.attempt(at).find_size()?;
        let row = &mut self.results.rows[at];
        if found {
            row.left_out =
                Some(format!("only its size was measured: {budget} is too short to time it; take a longer --time"));
        } else if row.error.is_none() {
            row.left_out =
                Some(format!("{budget} is too short to try it; take a longer --time, or name fewer with --codec"));
        }
        Ok(())
    }

    /// The decisions of the schedule, in words: for the rows that are left out, and for the observer.
    fn forecast(&mut self) -> Forecast {
        let (rounds, least) = self.schedule.planned();
        self.results.five_rounds_ns = Some(self.schedule.length_of(5) as u64);
        let needs = Nanos(self.schedule.length_of(LEAST_ROUNDS));
        // A row that was left out before the schedule decides was not tried.
        let all_tried = self.results.rows.iter().all(|row| row.left_out.is_none());
        let of = if all_tried { "all rows" } else { "the rows that were tried" };
        for at in 0..self.results.rows.len() {
            if self.schedule.part(at) == Part::LeftOut {
                self.results.rows[at].left_out = Some(format!(
                    "the time does not reach: {LEAST_ROUNDS} rounds of {of} take about {needs} after the warm-up; a longer --time does"
                ));
            }
        }
        let labels = |wanted: &dyn Fn(usize, &Row) -> bool| {
            let rows = self.results.rows.iter().enumerate();
            rows.filter(|(at, row)| wanted(*at, row)).map(|(_, row)| row.case.label()).collect()
        };
        Forecast {
            round_ns: self.schedule.length_of(1),
            least,
            all_tried,
            rounds,
            few: labels(&|at, _| self.schedule.part(at) == Part::Few),
            left_out: labels(&|_, row| row.left_out.is_some()),
            left_ns: self.schedule.planned_for(),
        }
    }

    /// Gives up the rows that are well behind the third of those measured so far.
    fn give_up(&mut self) {
        /// The number of best rows that a quick run looks for, and the distance behind them from which on a row cannot
        /// be one.
        const BEST: usize = 3;
        const FAR_BEHIND: f64 = 1.3;
        let medians: Vec<Option<f64>> = self.results.rows.iter().map(Row::median_total).collect();
        let mut sorted: Vec<f64> = medians.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let Some(third) = sorted.get(BEST - 1) else { return };
        for (at, median) in medians.iter().enumerate() {
            if median.is_some_and(|median| median > FAR_BEHIND * third) {
                self.schedule.give_up(at);
            }
        }
    }

    fn say_who_was_given_up(&mut self) {
        for at in 0..self.results.rows.len() {
            let rounds = self.results.rows[at].samples(Stage::Total).iter().flatten().count();
            if self.schedule.part(at) == Part::LeftOut && rounds > 0 {
                self.results.rows[at].left_out = Some(format!(
                    "measured in {} only, since rounds took longer than the warm-up had it; a longer --time does",
                    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
                ));
            }
            if self.schedule.part(at) == Part::GivenUp && rounds > 0 {
                self.results.rows[at].left_out = Some(format!(
                    "given up after {rounds} rounds, since it cannot be among the three fastest (--quick)"
                ));
            }
        }
    }

    fn rounds(&mut self, observer: &mut dyn Observer<'a>) -> Result<(), Interrupted> {
        let turn_ns = TURN_NS.min(self.schedule.length_of(self.schedule.planned().0) / LEAST_TURNS);
        self.end_turn();
        while let Some(order) = self.schedule.next_round(self.now()) {
            let round = self.schedule.rounds() as usize;
            self.results.rounds = round as u64;
            for row in &mut self.results.rows {
                row.rounds.resize(round, StageTimes::default());
            }
            for at in order {
                let start = clock::now();
                let (fraction, left) = self.schedule.progress(self.now());
                observer.progress(fraction, left, &format!("round {round}: {}", self.results.rows[at].case.label()));
                match self.attempt(at).sample(Phase::Measure)? {
                    Some(taken) => {
                        self.results.rows[at].rounds[round - 1] = taken;
                        self.schedule.took(at, clock::now() - start);
                    }
                    None => self.schedule.end(at),
                }
                self.sampled(at, observer);
            }
            if self.schedule.may_give_up() {
                self.give_up();
            }
            observer.round(&self.results);
            if (clock::now() - self.turn_began_at) as f64 >= turn_ns {
                self.end_turn();
            }
        }
        Ok(())
    }
}
