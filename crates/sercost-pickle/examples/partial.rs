//! The cost of `functools.partial(print, data=list(range(1000)))` as a pickle, and the path that pays for it.
//!
//! The objects are made here as CPython would have them and pickled as CPython would pickle them; the pickle is then
//! inspected.

use sercost_pickle::plain::{Item, Outline};
use sercost_pickle::write::{Heap, Node, PickleOf, WriteError};
use sercost_pickle::{Options, attribute};

fn main() -> Result<(), WriteError> {
    let mut heap = Heap::default();
    let items = (0..1000).map(|value| heap.add(Node::Int(value))).collect();
    let list = heap.add(Node::List(items));
    let name = heap.interned("data");
    let func = heap.global("builtins", "print");
    let args = heap.add(Node::Tuple(Vec::new()));
    let keywords = heap.add(Node::Dict(vec![(name, list)]));
    let attributes = heap.add(Node::None);
    let partial = heap.add(Node::Partial { func, args, keywords, attributes });
    let mut pickle = Vec::new();
    heap.write(partial, 4, PickleOf::V3_14, &mut pickle)?;

    let attribution = attribute(&pickle, &Options::default());
    println!("{} bytes for one task", pickle.len());
    for (at, part) in attribution.parts.iter().enumerate().skip(1) {
        println!("{:>6}  {}  {}", part.bytes, attribution.path(at), part.what);
    }
    let data = attribution.find("$.keywords[\"data\"]").expect("the list is under its keyword");
    assert!(attribution.parts[data].bytes * 100 > attribution.bytes * 95, "nearly all of it is the list");

    // The list alone, once.
    let mut alone = Vec::new();
    heap.write(list, 4, PickleOf::V3_14, &mut alone)?;
    let outline = Outline::read(&alone).expect("it was written just now");
    let mut root = outline.root();
    let Ok(Some(Item::Container(list, _))) = root.next_item() else { unreachable!("a list was written") };
    let mut items = outline.items(list);
    let mut count = 0;
    while let Ok(Some(Item::Int(_))) = items.next_item() {
        count += 1;
    }
    println!("{count} integers by themselves: {} bytes", alone.len());
    assert_eq!(count, 1000);
    Ok(())
}
