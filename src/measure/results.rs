//! What the measuring of one payload has come to so far, and the rows of the results file that follow from it.
//!
//! The session works on one of these and copies it into another after each sample ([`Results::copy_from`]), so that what is
//! known can be shown while an operation still runs that nobody can stop.

use super::lane::Lane;
use super::settings::Settings;
use crate::model::{Glimpse, Measurement, Noise, Stage};
use crate::stats::{Samples, summarize};

/// The results of one payload so far.
pub struct Results<'a> {
    pub(super) settings: &'a Settings,
    pub(super) lanes: Vec<Lane>,
    /// The lane that ratios refer to, chosen before the first round.
    pub(super) reference: Option<usize>,
    pub(super) rounds: u64,
    pub(super) wall_ns: u64,
    pub(super) measured_ns: u64,
    pub(super) warmup_ns: u64,
    pub(super) five_rounds_ns: Option<u64>,
    pub(super) sender_peak: Option<u64>,
    pub(super) receiver_peak: Option<u64>,
    pub(super) noise: Noise,
}

impl<'a> Results<'a> {
    pub(super) fn new(settings: &'a Settings, lanes: Vec<Lane>) -> Self {
        Results {
            settings,
            lanes,
            reference: None,
            rounds: 0,
            wall_ns: 0,
            measured_ns: 0,
            warmup_ns: 0,
            five_rounds_ns: None,
            sender_peak: None,
            receiver_peak: None,
            noise: Noise::default(),
        }
    }

    /// The same, before anything was measured.
    pub fn blank(&self) -> Self {
        Results::new(self.settings, self.lanes.iter().map(Lane::blank).collect())
    }

    /// Takes over what changed with the last sample of lane `at`.
    pub fn copy_from(&mut self, other: &Results<'a>, at: Option<usize>) {
        let Results {
            reference,
            rounds,
            wall_ns,
            measured_ns,
            warmup_ns,
            five_rounds_ns,
            sender_peak,
            receiver_peak,
            noise,
            ..
        } = other;
        self.reference = *reference;
        self.rounds = *rounds;
        self.wall_ns = *wall_ns;
        self.measured_ns = *measured_ns;
        self.warmup_ns = *warmup_ns;
        self.five_rounds_ns = *five_rounds_ns;
        self.sender_peak = *sender_peak;
        self.receiver_peak = *receiver_peak;
        self.noise = *noise;
        match at {
            Some(at) => self.lanes[at].copy_from(&other.lanes[at]),
            None => self.lanes.iter_mut().zip(&other.lanes).for_each(|(own, lane)| own.copy_from(lane)),
        }
    }

    /// The rows of the results file, as far as there are any.
    pub fn measurements(&self, payload: &str) -> Vec<Measurement> {
        let reference = self.reference();
        let on = |lane: &Lane| {
            let reference = reference?;
            // Rows of Python have a transport of their own, and so stand against what was measured on the first one.
            let apart = lane.python().is_some() || reference.python().is_some();
            let same = |other: &&Lane| other.same_but_transport(reference) && other.transport() == lane.transport();
            if apart { Some(reference) } else { self.lanes.iter().find(same) }
        };
        let measured = self.lanes.iter().flat_map(|lane| lane.measurements(payload, on(lane)));
        let first = self.first_transport();
        let modelled = self.settings.links.iter().flat_map(|link| {
            let of_first =
                self.lanes.iter().filter(move |lane| lane.python().is_some() || Some(lane.transport()) == first);
            of_first.flat_map(move |lane| lane.modelled(payload, link, reference))
        });
        measured.chain(modelled).collect()
    }

    /// Chooses what ratios refer to, from what is known before the first round, so that the choice does not depend on the samples
    /// that are compared with it: the codec asked for, else that of the payload's own format, else the fastest of the warm-up.
    pub(super) fn choose_reference(&mut self) {
        let first = self.first_transport();
        let candidates = |lane: &Lane| {
            lane.warm_total.is_some()
                && lane.error.is_none()
                && (lane.python().is_some() || Some(lane.transport()) == first)
        };
        let find = |name: &String| self.lanes.iter().position(|lane| candidates(lane) && lane.name() == *name);
        self.reference = match &self.settings.reference {
            Some(name) => find(name),
            None => self.settings.own_format.iter().find_map(find).or_else(|| {
                let warm = self.lanes.iter().enumerate().filter(|(_, lane)| candidates(lane));
                warm.min_by(|(_, a), (_, b)| {
                    let key = |lane: &Lane| lane.warm_total.unwrap_or(f64::INFINITY);
                    key(a).total_cmp(&key(b))
                })
                .map(|(at, _)| at)
            }),
        };
    }

    /// The lane that ratios refer to, if it has samples.
    fn reference(&self) -> Option<&Lane> {
        self.reference.map(|at| &self.lanes[at]).filter(|lane| lane.median_total().is_some())
    }

    /// The first transport on which anything arrived: where one cannot be opened, the others still have a reference.
    /// That of Python only where there is no other.
    fn first_transport(&self) -> Option<&'static str> {
        let mut arrived = self.lanes.iter().filter(|lane| lane.warm_total.is_some());
        let first = arrived.clone().find(|lane| lane.python().is_none()).or_else(|| arrived.next());
        first.map(Lane::transport)
    }

    /// The name of the codec that ratios refer to.
    pub fn reference_name(&self) -> Option<String> {
        self.reference().map(Lane::label)
    }

    /// Rounds begun.
    pub fn rounds_begun(&self) -> u64 {
        self.rounds
    }

    /// Nanoseconds of wall time, of measured operations, and of those of the warm-up.
    pub fn times(&self) -> (u64, u64, u64) {
        (self.wall_ns, self.measured_ns, self.warmup_ns)
    }

    /// What five rounds of all rows would take, by the warm-up.
    pub fn five_rounds_ns(&self) -> Option<u64> {
        self.five_rounds_ns
    }

    /// The most memory that the sending and the receiving process had resident, where they measured anything.
    pub fn peaks(&self) -> (Option<u64>, Option<u64>) {
        (self.sender_peak, self.receiver_peak)
    }

    /// How quiet the machine was.
    pub fn noise(&self) -> Noise {
        Noise { spread: self.spread(), ..self.noise }
    }

    /// The middle one of the rows' scatter of totals.
    fn spread(&self) -> Option<f64> {
        let scatter = |lane: &Lane| {
            let rounds = lane.samples(Stage::Total);
            let summary = summarize(Samples { rounds: &rounds, operations: 1 }, None)?;
            (summary.count > 2 && summary.p50_ns > 0.0).then(|| summary.mad_ns / summary.p50_ns)
        };
        crate::stats::median(&self.lanes.iter().filter_map(scatter).collect::<Vec<_>>())
    }

    /// The rows as far as they are known, the fastest first, then by size.
    pub fn glimpses(&self) -> Vec<Glimpse> {
        let several = |lane: &Lane| {
            self.lanes.iter().any(|other| other.transport() != lane.transport() && other.python().is_none())
        };
        let glimpse = |lane: &Lane| Glimpse {
            name: match several(lane) {
                true => format!("{} over {}", lane.label(), lane.transport()),
                false => lane.label(),
            },
            bytes: lane.bytes(Stage::Transfer),
            total_ns: lane.median_total(),
            rounds: lane.rounds.iter().filter(|round| round.total.is_some()).count() as u64,
            failed: lane.error.is_some(),
        };
        let known = |lane: &&Lane| !lane.is_null() && (lane.encoded_bytes.is_some() || lane.error.is_some());
        let mut all: Vec<Glimpse> = self.lanes.iter().filter(known).map(glimpse).collect();
        all.sort_by(|a, b| {
            let key = |glimpse: &Glimpse| glimpse.total_ns.unwrap_or(f64::INFINITY);
            key(a).total_cmp(&key(b)).then(a.bytes.unwrap_or(u64::MAX).cmp(&b.bytes.unwrap_or(u64::MAX)))
        });
        all
    }
}
