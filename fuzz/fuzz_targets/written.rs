//! The writer and its readers: objects that any bytes describe are pickled, and every reader takes what was written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sercost_fuzz::check;
use sercost_pickle::plain::Outline;
use sercost_pickle::reader::Reader;
use sercost_pickle::write::{Heap, Node, PickleOf, Ref};
use sercost_pickle::{Options, attribute};

/// The number of objects that are made of one input.
const MOST: usize = 500;

/// An object from the next bytes, of those that are there.
fn node(kind: u8, argument: u8, made: &[Ref]) -> Node {
    let last = |count: u8| made[made.len() - made.len().min(usize::from(count))..].to_vec();
    match kind % 10 {
        0 => Node::None,
        1 => Node::Bool(argument & 1 == 1),
        2 => Node::Int(i64::from(argument.cast_signed()) << (argument % 60)),
        3 => Node::BigInt(vec![argument; usize::from(argument)]),
        4 => Node::Float(f64::from(argument) / 7.0),
        5 => Node::Str("t\u{e4}xt".repeat(usize::from(argument))),
        6 => Node::Bytes(vec![argument; usize::from(argument) * 8]),
        7 => Node::List(last(argument)),
        8 => Node::Tuple(last(argument % 5)),
        _ => Node::Dict(last(argument).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&head, rest)) = data.split_first() else { return };
    let of = if head & 8 == 0 { PickleOf::V3_14 } else { PickleOf::V3_15 };
    let mut heap = Heap::default();
    let mut made: Vec<Ref> = Vec::new();
    for pair in rest.chunks_exact(2).take(MOST) {
        let node = node(pair[0], pair[1], &made);
        made.push(heap.add(node));
    }
    let Some(&root) = made.last() else { return };
    let mut pickle = Vec::new();
    if heap.write(root, head % 6, of, &mut pickle).is_err() {
        // Such as an integer of more digits than CPython prints.
        return;
    }
    assert_eq!(Reader::new(&pickle).map(|instruction| instruction.code.len()).sum::<usize>(), pickle.len());
    let attribution = attribute(&pickle, &Options::default());
    check(&attribution);
    assert_eq!((attribution.fault.as_ref(), attribution.pickles), (None, 1));
    // References may come to more than fits in memory, and values lie deeper than plain data may; they are refused then.
    match Outline::read(&pickle) {
        Ok(outline) => assert_eq!(outline.length(), pickle.len()),
        Err(fault) => assert!(fault.reason.contains("levels") || fault.reason.contains("many times"), "{fault}"),
    }
});
