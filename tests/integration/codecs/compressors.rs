//! Compressors: round trips, and bytes that are cut short or corrupt.

use super::quietly;
use sercost::codec::{COMPRESSORS, Compression};

fn compressions() -> Vec<Compression> {
    COMPRESSORS
        .iter()
        .flat_map(|compressor| {
            let levels = compressor.levels.iter().flat_map(|levels| [*levels.start(), 9]);
            levels.filter_map(|level| compressor.at_level(level)).chain([compressor.at_default_level()])
        })
        .collect()
}

fn compressed(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compression.compress(bytes, &mut out).expect("anything can be compressed");
    out
}

fn messages() -> Vec<Vec<u8>> {
    // Scrambled squares: nothing that a compressor finds a pattern in.
    let noise = (1..2000u64).map(|at| (at.wrapping_mul(at).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 29) as u8).collect();
    vec![vec![], vec![7], b"the same words, the same words, the same words".to_vec(), vec![0; 300_000], noise]
}

#[test]
fn what_is_compressed_decompresses_whatever_the_buffers() {
    for compression in compressions() {
        for bytes in messages() {
            for capacity in [0, 1, bytes.len() + 1000] {
                let (mut small, mut back) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
                compression.compress(&bytes, &mut small).expect("anything can be compressed");
                compression.decompress(&small, bytes.len(), &mut back).expect("what was compressed decompresses");
                assert!(back == bytes, "{compression}: {} bytes", bytes.len());
                assert!(small.len() < 300_000 / 10 || bytes.len() < 300_000 || compression.name() == "gzip:0");
            }
        }
    }
}

#[test]
fn compressed_bytes_cut_short_or_of_the_wrong_length_are_errors() {
    for compression in compressions() {
        for bytes in messages() {
            let small = compressed(compression, &bytes);
            let step = (small.len() / 100).max(1);
            for len in (0..small.len()).step_by(step) {
                for capacity in [0, bytes.len() + 64] {
                    let mut out = Vec::with_capacity(capacity);
                    let result = quietly(|| compression.decompress(&small[..len], bytes.len(), &mut out));
                    assert!(matches!(result, Some(Err(_))), "{compression}: {len} of {} bytes", small.len());
                }
            }
            for wrong in [bytes.len() + 1, bytes.len().wrapping_sub(1)] {
                if wrong == usize::MAX {
                    continue;
                }
                for capacity in [0, bytes.len() + 64] {
                    let mut out = Vec::with_capacity(capacity);
                    assert!(compression.decompress(&small, wrong, &mut out).is_err(), "{compression} of {wrong}");
                }
            }
            let trailing = [small.as_slice(), &[0]].concat();
            assert!(compression.decompress(&trailing, bytes.len(), &mut Vec::new()).is_err(), "{compression}");
        }
    }
}

#[test]
fn corrupt_compressed_bytes_make_no_panic_and_no_room_beyond_what_is_expected() {
    for compression in compressions() {
        for bytes in messages() {
            let small = compressed(compression, &bytes);
            for at in 0..small.len().min(60) {
                for flip in [1, 0x80, 0xFF] {
                    let mut corrupt = small.clone();
                    corrupt[at] ^= flip;
                    let mut out = Vec::new();
                    let result = quietly(|| compression.decompress(&corrupt, bytes.len(), &mut out));
                    assert!(result.is_some(), "{compression} panicked on byte {at}");
                    // Twice: a `Vec` that had to grow doubles.
                    assert!(out.capacity() <= 2 * bytes.len() + 64, "{compression} made room for {}", out.capacity());
                }
            }
        }
    }
}
