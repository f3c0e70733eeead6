//! Which codec is the fastest at which bandwidth: the lower envelope of `cpu + 8 * bytes / bandwidth`.
//!
//! The pairs worth choosing between are the neighbours on that envelope; a codec that is not on it is beaten at every
//! bandwidth by one that is. Latency is the same for all and moves no crossing, so it does not enter.

/// The time of a codec without a transport, and the bytes that it gives the transport to carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Nanoseconds for all the stages but the transfer.
    pub cpu_ns: f64,
    /// Bytes to be transferred.
    pub bytes: f64,
}

/// A piece of the envelope: one candidate, and the bandwidth below which it is the fastest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// The index of the candidate.
    pub candidate: usize,
    /// In bits per second; infinite for the first piece. It ends where the next piece begins.
    pub below: f64,
}

/// The envelope from infinite bandwidth down to none, by candidate. Of equal candidates the first one stands.
///
/// Candidates with a cost that is not a number are left out; no candidates give no pieces.
pub fn envelope(candidates: &[Candidate]) -> Vec<Piece> {
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|&i| candidates[i].cpu_ns.is_finite() && candidates[i].bytes.is_finite())
        .collect();
    // The sort is stable: equal candidates keep their order.
    order.sort_by(|&a, &b| {
        let (a, b) = (&candidates[a], &candidates[b]);
        a.cpu_ns.total_cmp(&b.cpu_ns).then(a.bytes.total_cmp(&b.bytes))
    });
    let mut pieces: Vec<Piece> = Vec::new();
    for next in order {
        let mut below = f64::INFINITY;
        while let Some(last) = pieces.last() {
            let Some(crossing) = crossing(&candidates[last.candidate], &candidates[next]) else {
                // Not smaller than one that needs no more cpu: beaten everywhere.
                below = f64::NAN;
                break;
            };
            if crossing < last.below {
                below = crossing;
                break;
            }
            // The last piece is overtaken before it begins: it is the fastest nowhere.
            pieces.pop();
        }
        if !below.is_nan() {
            pieces.push(Piece { candidate: next, below });
        }
    }
    pieces
}

/// The bandwidth in bits per second below which `slim`, which needs at least as much cpu, beats `quick`;
/// `None` when it never does.
fn crossing(quick: &Candidate, slim: &Candidate) -> Option<f64> {
    let saved_bits = 8.0 * (quick.bytes - slim.bytes);
    (saved_bits > 0.0).then(|| saved_bits / ((slim.cpu_ns - quick.cpu_ns) / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(candidates: &[(f64, f64)]) -> Vec<(usize, f64)> {
        let candidates: Vec<_> = candidates.iter().map(|&(cpu_ns, bytes)| Candidate { cpu_ns, bytes }).collect();
        envelope(&candidates).iter().map(|piece| (piece.candidate, piece.below)).collect()
    }

    const ALL: f64 = f64::INFINITY;

    #[test]
    fn none_and_one() {
        assert_eq!(run(&[]), []);
        assert_eq!(run(&[(5.0, 5.0)]), [(0, ALL)]);
    }

    #[test]
    fn two_cross_where_the_cpu_lost_equals_the_bits_saved() {
        // 1 s of cpu more against 125 MB less: 1 Gbit/s.
        assert_eq!(run(&[(2e9, 125e6), (1e9, 250e6)]), [(1, ALL), (0, 1e9)]);
    }

    #[test]
    fn a_dominated_candidate_is_on_no_piece() {
        assert_eq!(run(&[(1.0, 1.0), (2.0, 2.0)]), [(0, ALL)]);
        assert_eq!(run(&[(2.0, 2.0), (1.0, 1.0)]), [(1, ALL)]);
    }

    #[test]
    fn of_equal_sizes_the_quicker_and_of_equal_times_the_smaller() {
        assert_eq!(run(&[(2.0, 7.0), (1.0, 7.0)]), [(1, ALL)]);
        assert_eq!(run(&[(1.0, 9.0), (1.0, 7.0)]), [(1, ALL)]);
    }

    #[test]
    fn of_equal_candidates_the_first() {
        assert_eq!(run(&[(1.0, 7.0), (1.0, 7.0)]), [(0, ALL)]);
    }

    #[test]
    fn the_one_between_two_that_cross_below_it_is_left_out() {
        // 0 to 2 cross at 8e9 * 100 / 10; 1 saves too little for its cpu to ever be the fastest.
        assert_eq!(run(&[(0.0, 100.0), (9.0, 50.0), (10.0, 0.0)]), [(0, ALL), (2, 80e9)]);
    }

    #[test]
    fn three_that_meet_in_one_point_leave_two() {
        assert_eq!(run(&[(0.0, 100.0), (5.0, 50.0), (10.0, 0.0)]), [(0, ALL), (2, 80e9)]);
    }

    #[test]
    fn every_piece_begins_below_the_one_before() {
        let pieces = run(&[(0.0, 100.0), (1.0, 50.0), (10.0, 20.0), (100.0, 19.0), (50.0, 90.0)]);
        assert_eq!(pieces, [(0, ALL), (1, 400e9), (2, 8e9 * 30.0 / 9.0), (3, 8e9 / 90.0)]);
    }

    #[test]
    fn what_is_not_a_number_takes_no_part() {
        assert_eq!(run(&[(f64::NAN, 1.0), (1.0, 1.0), (0.0, f64::INFINITY)]), [(1, ALL)]);
    }
}
