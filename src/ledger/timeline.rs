//! Stamps, intervals, and the partition of a span of time.

use sercost_record::Stamp;

/// From a stamp to one that is not before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Its first nanosecond.
    pub start: Stamp,
    /// The one after its last.
    pub end: Stamp,
}

impl Interval {
    /// From `start` to `end`; empty, at `start`, where `end` is before it.
    pub fn new(start: Stamp, end: Stamp) -> Self {
        Interval { start, end: end.max(start) }
    }

    /// How long it is, in nanoseconds.
    pub fn length(self) -> u64 {
        self.end - self.start
    }

    /// The interval that it has in common with `other`.
    pub fn intersect(self, other: Interval) -> Interval {
        Interval::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// A span of time divided into components without gaps or overlaps.
///
/// It is filled from its start on: each step takes the time from where the step before ended. Stamps that are missing or
/// out of order can therefore make a component shorter, but never make two of them overlap or leave a hole. It hands out
/// its parts and keeps none of them.
#[derive(Clone, Debug)]
pub struct Timeline {
    span: Interval,
    reached: Stamp,
}

impl Timeline {
    /// An empty timeline over `span`.
    pub fn new(span: Interval) -> Self {
        Timeline { span, reached: span.start }
    }

    /// The part up to `until`: empty where that is past, or the stamp is missing.
    pub fn advance(&mut self, until: Stamp) -> Interval {
        let interval = Interval::new(self.reached, until.min(self.span.end));
        self.reached = interval.end;
        interval
    }

    /// Ends it where it is filled up to.
    pub fn end_here(&mut self) {
        self.span.end = self.reached;
    }

    /// Up to where it is filled.
    pub fn reached(&self) -> Stamp {
        self.reached
    }

    /// The whole span.
    pub fn span(&self) -> Interval {
        self.span
    }

    /// The rest, which belongs to no known component.
    pub fn rest(&self) -> Interval {
        Interval::new(self.reached, self.span.end)
    }
}

/// The union of intervals: sorted, and none touching another.
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| interval.length() > 0);
    intervals.sort();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => merged.push(interval),
        }
    }
    merged
}

/// The nanoseconds that `interval` shares with a [`union`].
pub fn overlap(interval: Interval, union: &[Interval]) -> u64 {
    let first = union.partition_point(|other| other.end <= interval.start);
    union[first..]
        .iter()
        .take_while(|other| other.start < interval.end)
        .map(|other| interval.intersect(*other).length())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_stamps_the_parts_are_a_partition(
            start in 0u64..1000, length in 0u64..1000, stamps in prop::collection::vec(0u64..3000, 0..20),
        ) {
            let span = Interval::new(start, start + length);
            let mut timeline = Timeline::new(span);
            let mut parts: Vec<Interval> = stamps.into_iter().map(|stamp| timeline.advance(stamp)).collect();
            parts.push(timeline.rest());
            let mut reached = span.start;
            for part in &parts {
                prop_assert_eq!(part.start, reached);
                prop_assert!(part.end >= part.start);
                reached = part.end;
            }
            prop_assert_eq!(reached, span.end);
            prop_assert_eq!(parts.iter().map(|part| part.length()).sum::<u64>(), length);
        }

        #[test]
        fn an_overlap_is_what_counting_nanoseconds_gives(
            raw in prop::collection::vec((0u64..60, 0u64..20), 0..12), start in 0u64..60, length in 0u64..40,
        ) {
            let intervals: Vec<_> = raw.iter().map(|&(start, length)| Interval::new(start, start + length)).collect();
            let interval = Interval::new(start, start + length);
            let holds = |at: u64| intervals.iter().any(|other| other.start <= at && at < other.end);
            let counted = (interval.start..interval.end).filter(|&at| holds(at)).count() as u64;
            prop_assert_eq!(overlap(interval, &union(intervals.clone())), counted);
        }
    }
}
