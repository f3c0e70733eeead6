//! Documents of earlier versions, as those of today.

use crate::model::{RESULTS_SCHEMA, Run};
use crate::stats::{Distribution, KEPT};

/// A document of `sercost.results/1`, which has all samples of every component and no histograms. Its summaries stay: they
/// were made of all samples, and the median and the deviation exactly.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub(super) fn from_1(mut run: Run) -> Run {
    RESULTS_SCHEMA.clone_into(&mut run.schema);
    for row in &mut run.components {
        // A member that its version does not have.
        row.histogram = None;
        if row.samples_ns.len() > KEPT {
            let mut samples = Distribution::new(run.environment.seed);
            row.samples_ns.iter().for_each(|&ns| samples.record(ns));
            (row.samples_ns, row.histogram) = (samples.samples(), samples.buckets());
        }
    }
    run
}
