//! The writer against every CPython that is found: what sercost writes, CPython reads, and would have written itself.

use crate::numbers::Numbers;
use crate::pythons::{Python, pythons};
use sercost::codec::{self, Subject};
use sercost::payload::{Encodable, Shape, Tree};
use sercost_pickle::write::{Heap, Identity, Node, PickleOf, Ref, WriteError, to_vec};
use serde::Serialize;
use std::collections::HashMap;

/// From here on all versions write the same bytes.
const FROM_MINOR: u32 = 8;

const PROTOCOLS: std::ops::RangeInclusive<u8> = 0..=5;

/// Every kind of pickler.
const EVERY: [PickleOf; 2] = [PickleOf::V3_14, PickleOf::V3_15];

/// Checks that CPython takes a pickle, and pickles what it took in the same bytes; for each interpreter the pickle is
/// made as its version would.
fn check(pythons: &mut [Python], protocol: u8, mut pickle_of: impl FnMut(PickleOf) -> Vec<u8>, what: &str) {
    for of in EVERY {
        let pickle = &pickle_of(of);
        let same = |python: &&mut Python| python.highest_protocol >= protocol && python.pickle_of() == of;
        for python in pythons.iter_mut().filter(same) {
            let version = &python.version.clone();
            match python.again(protocol, pickle) {
                Err(error) => {
                    panic!("{what}: CPython {version} refuses protocol {protocol}: {error}\n{}", show(pickle))
                }
                Ok(theirs) if &theirs != pickle => {
                    let at = theirs.iter().zip(pickle).take_while(|(a, b)| a == b).count();
                    panic!(
                        "{what}: protocol {protocol} differs from CPython {version} at byte {at}\nours   {}\ntheirs {}\n{}",
                        show(&pickle[at.saturating_sub(20)..]),
                        show(&theirs[at.saturating_sub(20)..]),
                        python.repr(pickle).chars().take(300).collect::<String>(),
                    );
                }
                Ok(_) => {}
            }
        }
    }
}

fn show(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(80)].escape_ascii().to_string()
}

fn written(heap: &mut Heap, object: Ref, protocol: u8, of: PickleOf) -> Vec<u8> {
    let mut out = Vec::new();
    heap.write(object, protocol, of, &mut out).unwrap();
    out
}

fn check_object(pythons: &mut [Python], heap: &mut Heap, object: Ref, what: &str) {
    for protocol in PROTOCOLS {
        check(pythons, protocol, |of| written(heap, object, protocol, of), what);
    }
}

/// Random objects from a seed.
struct Random {
    numbers: Numbers,
    heap: Heap,
    /// Objects that may be used again, those that can be keys among them.
    pool: Vec<(Ref, bool)>,
    /// The number of objects that may still be made.
    left: usize,
    /// The one object that each bytes of a single byte is.
    single_bytes: HashMap<u8, Ref>,
    keys: i64,
}

/// Functions and classes that every version has, no two of a module of which one is a class and the other is not: the
/// names of their modules are two objects then.
const FUNCTIONS: &[(&str, &str)] = &[
    ("math", "sin"),
    ("math", "cos"),
    ("json", "loads"),
    ("json", "dumps"),
    ("builtins", "int"),
    ("builtins", "range"),
    ("builtins", "KeyError"),
    ("collections", "UserDict"),
    ("itertools", "zip_longest"),
    ("urllib.parse", "quote"),
    ("xmlrpc.client", "ServerProxy"),
];

impl Random {
    fn text(&mut self) -> String {
        const CHARS: [char; 14] = ['a', 'z', '0', ' ', '\\', '\n', '\r', '\0', '\x1a', 'é', 'ÿ', 'Ā', '√', '🦀'];
        let longest = [1, 3, 12, 300][self.numbers.below(4) as usize];
        (0..self.numbers.below(longest + 1)).map(|_| CHARS[self.numbers.below(14) as usize]).collect()
    }

    /// An integer near a power of two, or of some length.
    fn int(&mut self) -> Node {
        let near = |bits: u32, offset: i64| (1i128 << bits) + i128::from(offset);
        let offset = self.numbers.below(5) as i64 - 2;
        let bits = [0, 7, 8, 15, 16, 31, 32, 39, 47, 63, 64, 65, 100][self.numbers.below(13) as usize];
        let value = near(bits, offset) * if self.numbers.below(2) == 0 { 1 } else { -1 };
        match i64::try_from(value) {
            Ok(value) => Node::Int(value),
            Err(_) => Node::BigInt(value.to_le_bytes().to_vec()),
        }
    }

    fn big_int(&mut self) -> Node {
        // Across the end of LONG1, which is at 255 bytes.
        let length = [17, 100, 254, 255, 256, 600][self.numbers.below(6) as usize];
        let mut bytes: Vec<u8> = (0..length).map(|_| self.numbers.next() as u8).collect();
        let last = [0, 1, 0x7f, 0x80, 0xff][self.numbers.below(5) as usize];
        bytes.extend([last]);
        Node::BigInt(bytes)
    }

    /// An object without parts that can be a key, too.
    fn leaf(&mut self) -> Ref {
        let node = match self.numbers.below(12) {
            0 => Node::None,
            1 => Node::Bool(self.numbers.below(2) == 0),
            2..=4 => self.int(),
            5 => self.big_int(),
            6 => Node::Float(f64::from_bits(self.numbers.next() & !(1 << 62))),
            7 => Node::Float(self.numbers.below(1000) as f64 * [1e-9, 0.1, 1.0, 1e14][self.numbers.below(4) as usize]),
            8 => Node::Bytes(self.text().into_bytes()),
            _ => Node::Str(self.text()),
        };
        match node {
            // Below protocol 3 loading makes each of them by a call, which returns the one that CPython keeps: two that
            // are equal could not be told to stay two.
            Node::Bytes(bytes) if bytes.len() == 1 => {
                let heap = &mut self.heap;
                *self.single_bytes.entry(bytes[0]).or_insert_with(|| heap.add(Node::Bytes(bytes)))
            }
            node => self.heap.add(node),
        }
    }

    /// Keys that no other key of this heap equals (1 is True and 1.0).
    fn key(&mut self) -> Ref {
        self.keys += 1;
        let number = self.keys + 1000;
        let node = match self.numbers.below(5) {
            0 => Node::Int(number),
            1 => Node::Float(number as f64 + 0.5),
            2 => Node::Bytes(number.to_string().into_bytes()),
            3 => Node::Tuple(vec![self.heap.add(Node::Int(number)), self.leaf()]),
            _ => Node::Str(format!("key {number}")),
        };
        self.heap.add(node)
    }

    fn object(&mut self, depth: u64) -> Ref {
        if !self.pool.is_empty() && self.numbers.below(4) == 0 {
            let at = self.numbers.below(self.pool.len() as u64) as usize;
            return self.pool[at].0;
        }
        self.left = self.left.saturating_sub(1);
        let object = if depth == 0 || self.left == 0 || self.numbers.below(3) == 0 {
            self.leaf()
        } else {
            self.compound(depth - 1)
        };
        self.pool.push((object, false));
        object
    }

    fn compound(&mut self, depth: u64) -> Ref {
        let count = [0, 1, 2, 3, 4, 5][self.numbers.below(6) as usize];
        let node = match self.numbers.below(12) {
            0..=2 => {
                // A list may contain itself, or what contains it.
                let list = self.heap.add(Node::List(Vec::new()));
                self.pool.push((list, false));
                let items = (0..count).map(|_| self.object(depth)).collect();
                *self.heap.get_mut(list) = Node::List(items);
                return list;
            }
            3 | 4 => Node::Tuple((0..count).map(|_| self.object(depth)).collect()),
            5 | 6 => {
                let dict = self.heap.add(Node::Dict(Vec::new()));
                self.pool.push((dict, false));
                let entries = (0..count).map(|_| (self.key(), self.object(depth))).collect();
                *self.heap.get_mut(dict) = Node::Dict(entries);
                return dict;
            }
            // Ascending integers below its length, and a single element, are all whose order every version agrees on.
            7 => Node::Set(self.ascending()),
            8 => Node::FrozenSet(vec![self.key()]),
            9 => Node::ByteArray(self.text().into_bytes()),
            10 => return self.function(),
            _ => Node::Partial {
                func: self.function(),
                args: {
                    let args = (0..count).map(|_| self.object(depth)).collect();
                    self.heap.add(Node::Tuple(args))
                },
                keywords: {
                    let entries =
                        (0..count).map(|at| (self.heap.add(Node::Str(format!("keyword{at}"))), self.object(depth)));
                    let entries = entries.collect();
                    self.heap.add(Node::Dict(entries))
                },
                attributes: self.heap.add(Node::None),
            },
        };
        self.heap.add(node)
    }

    fn ascending(&mut self) -> Vec<Ref> {
        let count = self.numbers.below(30) as i64;
        (0..count).map(|value| self.heap.add(Node::Int(value))).collect()
    }

    fn function(&mut self) -> Ref {
        let (module, name) = FUNCTIONS[self.numbers.below(FUNCTIONS.len() as u64) as usize];
        self.heap.global(module, name)
    }
}

#[test]
fn random_objects_are_written_as_cpython_writes_them() {
    let mut pythons = pythons(FROM_MINOR);
    for seed in 0..400 {
        let (heap, pool, single_bytes) = Default::default();
        let mut random = Random { numbers: Numbers(seed), heap, pool, single_bytes, left: 60, keys: 0 };
        let mut object = random.object(5);
        // Single values teach little.
        if !matches!(random.heap.get(object), Node::List(_) | Node::Dict(_) | Node::Tuple(_)) {
            let more = random.object(5);
            object = random.heap.add(Node::List(vec![object, more, object]));
        }
        check_object(&mut pythons, &mut random.heap, object, &format!("seed {seed}"));
    }
}

#[test]
fn lengths_at_which_something_changes_are_written_as_cpython_writes_them() {
    let mut pythons = pythons(FROM_MINOR);
    let mut heap = Heap::default();
    let mut check = |heap: &mut Heap, object, what: &str| check_object(&mut pythons, heap, object, what);
    for count in [0, 1, 2, 999, 1000, 1001, 1999, 2000, 2001] {
        let items: Vec<Ref> = (0..count).map(|value| heap.add(Node::Int(value))).collect();
        let list = heap.add(Node::List(items.clone()));
        let entries = items.iter().map(|&item| (item, list)).collect();
        let dict = heap.add(Node::Dict(entries));
        let (tuple, set) = (heap.add(Node::Tuple(items.clone())), heap.add(Node::Set(items.clone())));
        let frozen = heap.add(Node::FrozenSet(items));
        for object in [list, dict, tuple, set, frozen] {
            check(&mut heap, object, &format!("{count} elements"));
        }
    }
    // More objects than BINPUT can number, each referred to again.
    let texts: Vec<Ref> = (0..600).map(|at| heap.add(Node::Str(format!("text {at}")))).collect();
    let twice = heap.add(Node::List([texts.clone(), texts].concat()));
    check(&mut heap, twice, "600 strings, twice");
    // Around the ends of frames and of lengths, with what follows in the same frame or the next.
    for length in [255, 256, 65_517, 65_518, 65_526, 65_527, 65_528, 65_530, 65_534, 65_535, 65_536, 65_537, 200_000] {
        for node in [Node::Str("s".repeat(length)), Node::Bytes(vec![b'b'; length]), Node::ByteArray(vec![7; length])] {
            let [before, large, after] = [Node::Int(1), node, Node::Str("after".into())].map(|node| heap.add(node));
            let list = heap.add(Node::List(vec![before, large, after, large]));
            check(&mut heap, list, &format!("a string of {length} bytes"));
            check(&mut heap, large, &format!("only a string of {length} bytes"));
        }
    }
    // Frames that end in the middle of batches.
    let floats: Vec<Ref> = (0..30_000).map(|value| heap.add(Node::Float(value.into()))).collect();
    let pairs = floats.chunks(2).map(|pair| heap.add(Node::Tuple(pair.to_vec()))).collect();
    let list = heap.add(Node::List(pairs));
    check(&mut heap, list, "frames");
}

/// Objects built by Python code, which knows nothing of our heap.
#[test]
fn objects_are_those_that_python_code_makes() {
    let mut heap = Heap::default();
    let [one, two, text] = [Node::Int(1), Node::Int(2), Node::Str("text".into())].map(|node| heap.add(node));
    let shared = heap.add(Node::List(vec![one]));
    let twice = heap.add(Node::List(vec![shared, shared]));
    let endless = heap.add(Node::List(Vec::new()));
    let tuple = heap.add(Node::Tuple(vec![endless, one, two, text]));
    *heap.get_mut(endless) = Node::List(vec![endless, tuple]);
    let short = heap.add(Node::Tuple(vec![endless]));
    let longer = heap.add(Node::List(vec![short]));
    *heap.get_mut(endless) = Node::List(vec![short, tuple]);
    let function = heap.global("math", "sin");
    let data = heap.interned("data");
    let keywords = heap.add(Node::Dict(vec![(data, shared)]));
    let [args, attributes] = [Node::Tuple(vec![]), Node::None].map(|node| heap.add(node));
    let partial = heap.add(Node::Partial { func: function, args, keywords, attributes });
    let cases = [
        ("x = [1]\nvalue = [x, x]", twice),
        ("x = []\nt = (x, 1, 2, 'text')\ns = (x,)\nx += [s, t]\nvalue = t", tuple),
        ("x = []\nt = (x, 1, 2, 'text')\ns = (x,)\nx += [s, t]\nvalue = [s]", longer),
        ("import functools, math\nvalue = functools.partial(math.sin, data=[1])", partial),
        ("import math\nvalue = math.sin", function),
    ];
    for mut python in pythons(FROM_MINOR) {
        for (code, object) in &cases {
            for protocol in 0..=python.highest_protocol {
                let theirs = python.dumps(protocol, code).unwrap();
                let ours = written(&mut heap, *object, protocol, python.pickle_of());
                assert_eq!(show(&ours), show(&theirs), "{code}, protocol {protocol}, CPython {}", python.version);
            }
        }
    }
}

/// The codec of that name's bytes of a built-in shape.
fn encoded(codec: &str, of: PickleOf, shape: &str, count: u64) -> Vec<u8> {
    let (schema, column) = Shape::new(shape, count).unwrap().make(1);
    let mut buffer = [Vec::new()];
    let codec = codec::pickled_as(codec::find(codec).unwrap(), of);
    codec.encode(Subject::Typed(&Encodable::new(&schema, &column)), &mut buffer).unwrap();
    let [bytes] = buffer;
    bytes
}

#[test]
fn shapes_are_written_as_cpython_writes_them() {
    let mut pythons = pythons(FROM_MINOR);
    for shape in ["zeros", "ints", "range", "floats", "strings", "bytes", "records", "dicts", "nested"] {
        for count in [0, 1, 2, 1000, 1001, 2500] {
            let codecs = [
                ("pickle:2", 2),
                ("pickle:3", 3),
                ("pickle:4", 4),
                ("pickle:5", 5),
                ("pickle:5-unshared", 5),
                ("pickle:5-interned", 5),
            ];
            for (codec, protocol) in codecs {
                let what = format!("{codec} of {shape}:{count}");
                check(&mut pythons, protocol, |of| encoded(codec, of, shape, count), &what);
            }
        }
    }
}

/// The pickles that the newest interpreters wrote, also where none of them is there.
#[test]
fn last_batches_are_those_of_the_version_asked_for() {
    let sizes = |of| {
        [1000u32, 1001, 2001].map(|count| {
            let list: Vec<u32> = (0..count).collect();
            let dict: std::collections::BTreeMap<u32, u32> = (0..count).map(|at| (at, at)).collect();
            (pickled(&list, 4, Identity::Keys, of).len(), pickled(&dict, 4, Identity::Keys, of).len())
        })
    };
    assert_eq!(sizes(PickleOf::V3_14), [(2760, 5506), (2765, 5512), (5767, 11514)]);
    assert_eq!(sizes(PickleOf::V3_15), [(2760, 5504), (2764, 5511), (5766, 11513)]);
    for (text, of) in [("3.8", PickleOf::V3_14), ("3.14.1", PickleOf::V3_14), ("3.15", PickleOf::V3_15)] {
        assert_eq!(text.parse(), Ok(of));
    }
    for text in ["3", "3.7", "3.16", "2.7", "3.15.0.1", "three", ""] {
        assert!(text.parse::<PickleOf>().unwrap_err().contains("from 3.8 to 3.15"), "{text}");
    }
}

#[test]
fn ten_million_integers_have_the_size_that_cpython_gives_them() {
    assert_eq!(encoded("pickle:4", PickleOf::V3_14, "zeros", 10_000_000).len(), 20_022_759);
    assert_eq!(encoded("pickle:4", PickleOf::V3_14, "range", 10_000_000).len(), 49_895_535);
}

#[test]
fn trees_are_written_as_cpython_writes_them() {
    let text = |text: &str| Tree::String(text.into());
    let row = |id| {
        Tree::Map(vec![
            (text("id"), Tree::Int(id)),
            (text("name"), text("name")),
            (text("e"), text("é")),
            (Tree::Int(id + 2), Tree::Bytes((id as u16).to_le_bytes().to_vec())),
            (Tree::Bool(true), Tree::Bytes(vec![])),
            (text(""), Tree::List(vec![Tree::Null, Tree::UInt(u64::MAX), Tree::Float32(0.1), text("")])),
        ])
    };
    let rows = Tree::List((0..300).map(row).collect());
    let mut pythons = pythons(FROM_MINOR);
    for (identity, name) in Identity::ALL {
        for protocol in PROTOCOLS {
            check(&mut pythons, protocol, |of| pickled(&rows, protocol, identity, of), name);
        }
    }
}

fn pickled<T: Serialize>(value: &T, protocol: u8, identity: Identity, of: PickleOf) -> Vec<u8> {
    let mut out = Vec::new();
    to_vec(value, protocol, identity, of, &mut out).unwrap();
    out
}

/// Serializes without saying how many there are.
struct Unsized<T>(Vec<T>);

impl<T: Serialize> Serialize for Unsized<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter(|_| true))
    }
}

struct UnsizedMap(Vec<(String, String)>);

impl Serialize for UnsizedMap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)).filter(|_| true))
    }
}

/// An enum of each kind of variant.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
enum State {
    Open,
    Paid(u32),
    Moved(String, f64),
    Sent { to: String, parts: Vec<State> },
}

#[test]
fn variants_are_dicts_under_their_names_and_come_back() {
    let sent =
        State::Sent { to: "a".into(), parts: vec![State::Open, State::Paid(300), State::Moved("b".into(), 0.5)] };
    let values = vec![
        State::Open,
        State::Paid(1),
        State::Moved("c".into(), 1.5),
        sent,
        State::Sent { to: "".into(), parts: vec![] },
    ];
    let mut pythons = pythons(FROM_MINOR);
    for protocol in PROTOCOLS {
        let pickle = |of| {
            let mut out = Vec::new();
            to_vec(&values, protocol, Identity::Keys, of, &mut out).unwrap();
            out
        };
        check(&mut pythons, protocol, pickle, "variants");
        let pickle = pickle(PickleOf::V3_14);
        if protocol == 4 {
            let text = pythons[0].repr(&pickle);
            assert!(text.starts_with("['Open', {'Paid': 1}, {'Moved': ('c', 1.5)}, {'Sent': {'to': 'a'"), "{text}");
        }
        let outline = sercost_pickle::plain::Outline::read(&pickle).unwrap();
        let deserializer = sercost_pickle::plain::deserializer::Deserializer::new(&outline).unwrap();
        let again: Vec<State> = serde::Deserialize::deserialize(deserializer).unwrap();
        assert_eq!(again, values, "protocol {protocol}");
    }
}

#[test]
fn sequences_that_do_not_say_their_length_are_written_as_those_that_do() {
    let mut pythons = pythons(FROM_MINOR);
    for count in [0, 1, 2, 1000, 1001, 2001] {
        let strings: Vec<String> = (0..count).map(|at| format!("string {at}")).collect();
        let pairs: Vec<_> = strings.iter().map(|text| (format!("key {text}"), text.clone())).collect();
        let nested = Unsized(vec![Unsized(strings), Unsized(vec!["x".repeat(1000)])]);
        for protocol in PROTOCOLS {
            let (keys, map) = (Identity::Keys, UnsizedMap(pairs.clone()));
            check(&mut pythons, protocol, |of| pickled(&nested, protocol, keys, of), &format!("{count} strings"));
            check(&mut pythons, protocol, |of| pickled(&map, protocol, keys, of), &format!("{count} entries"));
        }
    }
    // The only element is longer than a frame: its batch of one stays, and the pickle is a good one all the same.
    let pickle = pickled(&Unsized(vec![vec![0.5; 20_000]]), 5, Identity::Keys, PickleOf::V3_14);
    let sized = pickled(&vec![vec![0.5; 20_000]], 5, Identity::Keys, PickleOf::V3_14);
    assert_eq!(pickle.len(), sized.len() + 1);
    for python in &mut pythons {
        assert!(python.again(5, &pickle).unwrap_or_else(|_| sized.clone()) == sized, "CPython {}", python.version);
    }
}

#[test]
fn what_a_protocol_cannot_hold_is_refused() {
    let mut out = vec![b'x'];
    assert_eq!(to_vec(&1, 6, Identity::Keys, PickleOf::V3_14, &mut out), Err(WriteError::NoProtocol(6)));
    assert_eq!(out, b"x", "what was there before stays");
    let mut heap = Heap::default();
    let huge = heap.add(Node::BigInt(vec![1; 2000]));
    let nested = heap.global("json.decoder", "JSONDecoder.decode");
    let foreign = heap.global("módulo", "f");
    let write = |heap: &mut Heap, object, protocol| heap.write(object, protocol, PickleOf::V3_14, &mut Vec::new());
    assert_eq!(write(&mut heap, huge, 1), Err(WriteError::TooManyDigits));
    assert_eq!(write(&mut heap, huge, 2), Ok(()));
    assert_eq!(write(&mut heap, nested, 3), Err(WriteError::NestedName("JSONDecoder.decode".into())));
    assert_eq!(write(&mut heap, nested, 4), Ok(()));
    assert_eq!(write(&mut heap, foreign, 2), Err(WriteError::NotAscii("módulo".into())));
    assert_eq!(write(&mut heap, foreign, 3), Ok(()));
}

#[test]
fn a_million_nested_lists_are_written_without_recursion() {
    let mut heap = Heap::default();
    let mut object = heap.add(Node::List(Vec::new()));
    for _ in 0..1_000_000 {
        object = heap.add(Node::List(vec![object]));
    }
    let pickle = written(&mut heap, object, 4, PickleOf::V3_14);
    assert_eq!(pickle.iter().filter(|&&byte| byte == b']').count(), 1_000_001);
}
