//! The results of one payload so far, and the rows of the results file that follow from them.
//!
//! The session works on one of these and copies it into another after each sample ([`Results::copy_from`]), so that
//! what is known can be shown while an operation that cannot be stopped still runs.

use super::rig::Tally;
use super::row::Row;
use super::settings::Settings;
use crate::model::{DerivedRatio, Glimpse, Measurement, Noise, Representation, Stage};
use crate::stats::{Samples, summarize};

/// The results of one payload so far.
pub(super) struct Results<'a> {
    pub(super) settings: &'a Settings,
    pub(super) rows: Vec<Row>,
    /// The row that ratios refer to, chosen before the first round.
    pub(super) reference: Option<usize>,
    pub(super) rounds: u64,
    pub(super) wall_ns: u64,
    pub(super) tally: Tally,
    pub(super) warmup_ns: u64,
    pub(super) five_rounds_ns: Option<u64>,
    pub(super) noise: Noise,
}

impl<'a> Results<'a> {
    pub(super) fn new(settings: &'a Settings, rows: Vec<Row>) -> Self {
        Results {
            settings,
            rows,
            reference: None,
            rounds: 0,
            wall_ns: 0,
            tally: Tally::default(),
            warmup_ns: 0,
            five_rounds_ns: None,
            noise: Noise::default(),
        }
    }

    /// The same, before anything was measured.
    pub(super) fn blank(&self) -> Self {
        Results::new(self.settings, self.rows.iter().map(Row::blank).collect())
    }

    /// Takes over what changed with the last sample of row `at`.
    pub(super) fn copy_from(&mut self, other: &Results<'a>, at: Option<usize>) {
        let Results { reference, rounds, wall_ns, tally, warmup_ns, five_rounds_ns, noise, .. } = other;
        (self.reference, self.rounds, self.tally, self.noise) = (*reference, *rounds, *tally, *noise);
        (self.wall_ns, self.warmup_ns, self.five_rounds_ns) = (*wall_ns, *warmup_ns, *five_rounds_ns);
        match at {
            Some(at) => self.rows[at].copy_from(&other.rows[at]),
            None => self.rows.iter_mut().zip(&other.rows).for_each(|(own, row)| own.copy_from(row)),
        }
    }

    /// The rows of the results file, as far as there are any.
    pub(super) fn measurements(&self, payload: &str) -> Vec<Measurement> {
        let reference = self.reference();
        let on = |row: &Row| {
            let reference = reference?;
            // Rows of Python have a transport of their own, and so stand against what was measured on the first one.
            let apart = row.case.apart || reference.case.apart;
            let same = |other: &&Row| {
                other.case.same_but_transport(&reference.case) && other.case.transport == row.case.transport
            };
            if apart { Some(reference) } else { self.rows.iter().find(same) }
        };
        let measured = self.rows.iter().flat_map(|row| row.measurements(payload, on(row)));
        let first = self.first_transport();
        let modelled = self.settings.links.iter().flat_map(|link| {
            let of_first = self.rows.iter().filter(move |row| row.case.apart || Some(row.case.transport) == first);
            of_first.flat_map(move |row| row.modelled(payload, link, reference))
        });
        measured.chain(modelled).collect()
    }

    /// The times of derived code in parts of those of the schema's rows: one for each codec that was measured both ways
    /// over the first transport.
    pub(super) fn derived_ratios(&self) -> Vec<DerivedRatio> {
        let first = self.first_transport();
        let derived =
            |row: &&Row| row.case.representation == Representation::Derived && Some(row.case.transport) == first;
        let ratio = |row: &Row| {
            let is_twin = |other: &&Row| {
                other.case.representation == Representation::Typed
                    && other.case.name() == row.case.name()
                    && other.case.transport == row.case.transport
            };
            let twin = self.rows.iter().find(is_twin)?;
            let of = |stage| row.ratio_to(twin, stage);
            let (encode, decode) = (of(Stage::Encode), of(Stage::Decode));
            (encode.is_some() || decode.is_some()).then(|| DerivedRatio {
                codec: row.case.codec.clone(),
                compressor: row.case.compressor.clone(),
                encode,
                decode,
            })
        };
        self.rows.iter().filter(derived).filter_map(ratio).collect()
    }

    /// Chooses what ratios refer to, from what is known before the first round, so that the choice does not depend on the samples
    /// that are compared with it: the codec asked for, else that of the payload's own format, else the fastest of the warm-up.
    pub(super) fn choose_reference(&mut self) {
        let first = self.first_transport();
        let candidates = |row: &Row| {
            row.warm_total.is_some() && row.error.is_none() && (row.case.apart || Some(row.case.transport) == first)
        };
        // Derived code stands for a codec where there is some.
        let find = |name: &String| {
            let is_it = |row: &Row| candidates(row) && row.case.name() == *name;
            let is_derived = |row: &Row| is_it(row) && row.case.representation == Representation::Derived;
            self.rows.iter().position(is_derived).or_else(|| self.rows.iter().position(is_it))
        };
        self.reference = match &self.settings.reference {
            Some(name) => find(name),
            None => self.settings.own_format.iter().find_map(find).or_else(|| {
                let warm = self.rows.iter().enumerate().filter(|(_, row)| candidates(row));
                warm.min_by(|(_, a), (_, b)| {
                    let key = |row: &Row| row.warm_total.unwrap_or(f64::INFINITY);
                    key(a).total_cmp(&key(b))
                })
                .map(|(at, _)| at)
            }),
        };
    }

    /// The row that ratios refer to, if it has samples.
    fn reference(&self) -> Option<&Row> {
        self.reference.map(|at| &self.rows[at]).filter(|row| row.median_total().is_some())
    }

    /// The first transport on which anything arrived: where one cannot be opened, the others still have a reference.
    /// That of Python only where there is no other.
    fn first_transport(&self) -> Option<&'static str> {
        let mut arrived = self.rows.iter().filter(|row| row.warm_total.is_some());
        let first = arrived.clone().find(|row| !row.case.apart).or_else(|| arrived.next());
        first.map(|row| row.case.transport)
    }

    /// The name of the codec that ratios refer to.
    pub(super) fn reference_name(&self) -> Option<String> {
        self.reference().map(|row| row.case.label())
    }

    /// Rounds begun.
    pub(super) fn rounds_begun(&self) -> u64 {
        self.rounds
    }

    /// Nanoseconds of wall time, of measured operations, and of those of the warm-up.
    pub(super) fn times(&self) -> (u64, u64, u64) {
        (self.wall_ns, self.tally.measured_ns, self.warmup_ns)
    }

    /// The time that five rounds of all rows would take, by the warm-up.
    pub(super) fn five_rounds_ns(&self) -> Option<u64> {
        self.five_rounds_ns
    }

    /// The most memory that the sending and the receiving process had resident, where they measured anything.
    pub(super) fn peaks(&self) -> (Option<u64>, Option<u64>) {
        (self.tally.sender_peak, self.tally.receiver_peak)
    }

    /// How quiet the machine was.
    pub(super) fn noise(&self) -> Noise {
        Noise { spread: self.spread(), ..self.noise }
    }

    /// The middle one of the rows' scatter of totals.
    fn spread(&self) -> Option<f64> {
        let scatter = |row: &Row| {
            let rounds = row.samples(Stage::Total);
            let summary = summarize(Samples { rounds: &rounds, operations: 1 }, None)?;
            (summary.count > 2 && summary.p50_ns > 0.0).then(|| summary.mad_ns / summary.p50_ns)
        };
        crate::stats::median(&self.rows.iter().filter_map(scatter).collect::<Vec<_>>())
    }

    /// The rows as far as they are known, the fastest first, then by size.
    pub(super) fn glimpses(&self) -> Vec<Glimpse> {
        let several =
            |row: &Row| self.rows.iter().any(|other| other.case.transport != row.case.transport && !other.case.apart);
        let glimpse = |row: &Row| Glimpse {
            name: match several(row) {
                true => format!("{} over {}", row.case.label(), row.case.transport),
                false => row.case.label(),
            },
            bytes: row.bytes(Stage::Transfer),
            total_ns: row.median_total(),
            rounds: row.rounds.iter().filter(|round| round.total.is_some()).count() as u64,
            failed: row.error.is_some(),
        };
        let known = |row: &&Row| !row.case.is_null && (row.encoded_bytes.is_some() || row.error.is_some());
        let mut all: Vec<Glimpse> = self.rows.iter().filter(known).map(glimpse).collect();
        all.sort_by(|a, b| {
            let key = |glimpse: &Glimpse| glimpse.total_ns.unwrap_or(f64::INFINITY);
            key(a).total_cmp(&key(b)).then(a.bytes.unwrap_or(u64::MAX).cmp(&b.bytes.unwrap_or(u64::MAX)))
        });
        all
    }
}
