//! Values counted in a row, against the same values built one by one.

use super::super::entry::{Kind, NONE};
use super::super::node::Arena;
use super::*;
use crate::Options;
use crate::model::Part;
use proptest::prelude::*;

/// A form of values, as Python writes them.
#[derive(Clone, Debug)]
enum Form {
    Leaf,
    Tuple(Vec<Form>),
    Leaves(bool),
    Dict(Vec<Form>),
    Object(Vec<Form>, Option<Box<Form>>),
}

fn form() -> impl Strategy<Value = Form> {
    let leaf = prop_oneof![3 => Just(Form::Leaf), 1 => any::<bool>().prop_map(Form::Leaves)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..5);
        prop_oneof![
            some().prop_map(Form::Tuple),
            some().prop_map(Form::Dict),
            (prop::collection::vec(inner.clone(), 0..4), prop::option::of(some()), any::<bool>()).prop_map(
                |(arguments, state, is_dict)| {
                    let state = state.map(|parts| if is_dict { Form::Dict(parts) } else { Form::Tuple(parts) });
                    Form::Object(arguments, state.map(Box::new))
                }
            ),
        ]
    })
}

/// A pickle that grows, with choices from a seed.
struct Pickle {
    bytes: Vec<u8>,
    memo: u64,
    state: u64,
    protocol: u8,
    /// Whether some lists are empty.
    has_empty: bool,
}

impl Pickle {
    fn choose(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.protocol >= 4 && self.choose(200) == 0 {
            self.bytes.extend(b"\x95\x01\0\0\0\0\0\0\0");
        }
        self.bytes.extend(bytes);
    }

    fn put(&mut self) {
        let index = self.memo;
        self.memo += 1;
        match (self.protocol, u8::try_from(index)) {
            (4.., _) => self.push(b"\x94"),
            (_, Ok(index)) => self.push(&[op::BINPUT, index]),
            _ => self.push(&[&[op::LONG_BINPUT][..], &(index as u32).to_le_bytes()].concat()),
        }
    }

    fn get(&mut self, index: u64) {
        match u8::try_from(index) {
            Ok(index) => self.push(&[op::BINGET, index]),
            _ => self.push(&[&[op::LONG_BINGET][..], &(index as u32).to_le_bytes()].concat()),
        }
    }

    fn leaf(&mut self) {
        match self.choose(24) {
            0 => self.push(b"N"),
            1 => self.push(b"\x88"),
            2 => self.push(b"M\0\x01"),
            3 => self.push(b"J\0\0\x01\0"),
            4 => self.push(b"\x8a\x01\x07"),
            5..8 => self.push(b"G\0\0\0\0\0\0\0\0"),
            8..12 => {
                let length = self.choose(12) as usize;
                self.push(&[&[op::BINUNICODE, length as u8, 0, 0, 0], &b"abcdefghijkl"[..length]].concat());
                self.put();
            }
            12 => {
                self.push(b"C\x02ab");
                self.put();
            }
            13 => {
                let index = self.choose(self.memo);
                self.get(index);
            }
            14 => self.push(b"X\x01\0\0\0z"),
            _ => self.push(b"K\x05"),
        }
    }

    fn value(&mut self, form: &Form) {
        match form {
            Form::Leaf => self.leaf(),
            Form::Tuple(parts) => self.tuple(parts),
            Form::Leaves(is_set) => {
                let (empty, closing) =
                    if *is_set { (op::EMPTY_SET, op::ADDITEMS) } else { (op::EMPTY_LIST, op::APPENDS) };
                self.push(&[empty]);
                self.put();
                match self.choose(4) {
                    0 if self.has_empty => {}
                    1 if !is_set => {
                        self.leaf();
                        self.push(&[op::APPEND]);
                    }
                    count => {
                        self.push(b"(");
                        (0..=count).for_each(|_| self.leaf());
                        self.push(&[closing]);
                    }
                }
            }
            Form::Dict(parts) => {
                self.push(b"}");
                self.put();
                self.push(b"(");
                for (index, part) in parts.iter().enumerate() {
                    self.get(index as u64);
                    self.value(part);
                }
                self.push(b"u");
            }
            Form::Object(arguments, state) => {
                let class = 5 + self.choose(40) / 39;
                self.get(class);
                self.tuple(arguments);
                self.push(if self.protocol == 2 { b"\x81" } else { b"R" });
                self.put();
                if let Some(state) = state {
                    self.value(state);
                    self.push(b"b");
                }
            }
        }
    }

    fn tuple(&mut self, parts: &[Form]) {
        if parts.is_empty() {
            return self.push(b")");
        }
        if parts.len() > 3 {
            self.push(b"(");
        }
        parts.iter().for_each(|part| self.value(part));
        self.push(&[[op::TUPLE1, op::TUPLE2, op::TUPLE3, op::TUPLE][parts.len().min(4) - 1]]);
        self.put();
    }
}

/// Values of a form in a row, with some of another among them, in a container or in none.
fn pickle(form: &Form, other: &Form, count: u64, odd: u64, seed: u64) -> Vec<u8> {
    pickle_with(form, other, count, odd, seed, true)
}

fn pickle_with(form: &Form, other: &Form, count: u64, odd: u64, seed: u64, has_empty: bool) -> Vec<u8> {
    let mut pickle = Pickle { bytes: Vec::new(), memo: 0, state: seed, protocol: [2, 4][seed as usize % 2], has_empty };
    pickle.bytes.extend([op::PROTO, pickle.protocol]);
    // Names of keys, and classes: those with names of their own in the table too.
    pickle.push(b"(");
    for key in [b'a', b'b', b'c', b'd', b'e'] {
        pickle.push(&[op::BINUNICODE, 1, 0, 0, 0, key]);
        pickle.put();
    }
    let class: &[u8] =
        [&b"cm\nC\n"[..], b"cdatetime\ndate\n", b"cnumpy\ndtype\n", b"c__builtin__\nset\n"][seed as usize / 2 % 4];
    pickle.push(class);
    pickle.put();
    pickle.push(b"cm\nD\n");
    pickle.put();
    let closing = [op::APPENDS, op::SETITEMS, op::TUPLE, op::ADDITEMS, op::POP, op::FROZENSET][seed as usize / 8 % 6];
    let is_dict = closing == op::SETITEMS;
    match closing {
        op::APPENDS => pickle.push(b"]"),
        op::SETITEMS => {
            pickle.push(b"}");
            pickle.put();
            pickle.push(b"(");
            for key in 0..300u32 {
                pickle.push(&[&[op::BINUNICODE, 4, 0, 0, 0], &format!("k{key:03}").into_bytes()[..]].concat());
                pickle.value(form);
            }
            pickle.push(b"u");
        }
        op::ADDITEMS => pickle.push(b"\x8f"),
        _ => {}
    }
    pickle.push(b"(");
    for item in 0..count {
        if is_dict {
            pickle.push(&[&[op::BINUNICODE, 5, 0, 0, 0], &format!("n{item:04}").into_bytes()[..]].concat());
            pickle.put();
        }
        let is_odd = odd > 0 && pickle.choose(odd) == 0;
        pickle.value(if is_odd { other } else { form });
    }
    match closing {
        // Opcodes that take the last values from the stack one by one.
        op::POP => pickle.push(b"\x87t"),
        _ => pickle.push(&[closing]),
    }
    pickle.push(b"t.");
    pickle.bytes
}

/// The parts of a pickle, and how many values were not built.
fn parts(data: &[u8], is_watched: bool) -> (String, u64) {
    parts_of(data, is_watched, true)
        .or_else(|| parts_of(data, is_watched, false))
        .expect("nothing was merged too early")
}

/// None if an opcode takes dicts that were merged as rows.
fn parts_of(data: &[u8], is_watched: bool, merges_rows: bool) -> Option<(String, u64)> {
    let mut machine = Machine { merges_rows, ..Machine::new(data) };
    // As if the file were large, so that no value is heavy.
    machine.arena = Arena::new(1 << 20);
    machine.file = machine.arena.make(Kind::Object, NONE, 0, 0);
    if !is_watched {
        machine.watch.patience = u32::MAX;
    }
    let fault = machine.pickle().err();
    if merges_rows && machine.took_merged {
        return None;
    }
    if fault.is_some() {
        machine.close();
    }
    let counted = machine.watch.counted;
    let parts = machine.parts(&Options::default());
    // Bytes that an opcode with a fault has stepped over are unread.
    assert!(
        machine.attributed() as usize <= machine.at && (fault.is_some() || machine.attributed() as usize == machine.at)
    );
    // Where the first of several leaves lies is not kept where some were counted before others; nor is, then, their
    // order, if they have as many bytes.
    let mut lines: Vec<String> = Vec::new();
    let mut paths: Vec<String> = Vec::new();
    for part in &parts {
        let above = part.parent.map_or("", |parent| paths[parent].as_str());
        paths.push(format!("{above}{} {};", part.step, part.what));
        let Part { bytes, own_bytes, count, references, .. } = part;
        lines.push(format!("{} {bytes} {own_bytes} {count} {references}", paths[paths.len() - 1]));
    }
    lines.sort();
    Some((format!("{}\n{fault:?}", lines.join("\n")), counted))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_counted_in_a_row_is_what_would_be_built(
        form in form(), other in form(), count in 30u64..150, odd in 0u64..40, seed in any::<u64>()
    ) {
        let data = pickle(&form, &other, count, odd, seed);
        let (built, _) = parts(&data, false);
        let (counted, _) = parts(&data, true);
        let differ = counted.lines().zip(built.lines()).enumerate().find(|(_, (one, other))| one != other);
        prop_assert!(counted == built, "{:?} of {}", differ, data.escape_ascii());
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Without empty lists: in a pickle that breaks off, each of those may be meant to hold what is behind it, which is
    /// guessed only of those that are not counted.
    #[test]
    fn so_it_is_where_the_pickle_breaks_off(
        form in form(), other in form(), count in 30u64..100, odd in 0u64..40, seed in any::<u64>(),
        cut in any::<prop::sample::Index>()
    ) {
        let mut data = pickle_with(&form, &other, count, odd, seed, false);
        data.truncate(cut.index(data.len()) + 1);
        let (built, _) = parts(&data, false);
        let (counted, _) = parts(&data, true);
        let differ = counted.lines().zip(built.lines()).enumerate().find(|(_, (one, other))| one != other);
        prop_assert!(counted == built, "{:?} of {}", differ, data.escape_ascii());
    }

    /// The contents of a damaged pickle may be guessed in two ways, but both must end in the same fault, and the bytes
    /// must add up.
    #[test]
    fn damaged_pickles_end_in_the_same_fault(
        form in form(), other in form(), count in 30u64..100, odd in 0u64..40, seed in any::<u64>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let mut data = pickle(&form, &other, count, odd, seed);
        for (place, byte) in damage {
            let place = place.index(data.len());
            data[place] = byte;
        }
        let fault = |is_watched: bool| parts(&data, is_watched).0.split('\n').next_back().map(str::to_owned);
        prop_assert_eq!(fault(true), fault(false));
    }
}

/// The number of values that are counted in pickles of every other seed, which are those of protocol 4.
fn counted(form: &Form, other: &Form, odd: u64) -> u64 {
    (1..48).step_by(2).map(|seed| parts(&pickle(form, other, 600, odd, seed), true).1).sum()
}

#[test]
fn rows_are_counted_at_all() {
    let tuple = Form::Tuple(vec![Form::Leaf, Form::Tuple(vec![Form::Leaf]), Form::Leaves(false)]);
    let nested = Form::Tuple(vec![Form::Tuple(vec![Form::Leaf, Form::Leaf]), Form::Tuple(vec![Form::Leaf])]);
    let dict = Form::Dict(vec![Form::Leaf, tuple.clone(), Form::Leaf]);
    let object = Form::Object(vec![Form::Leaf], Some(Box::new(dict.clone())));
    // Dicts in a row are merged as they come, which needs no template.
    for form in [&tuple, &nested, &Form::Tuple(vec![dict]), &object] {
        // Where a leaf names its object, few rows are long: for every seed only some of each form are certain.
        let counted = counted(form, &Form::Leaf, 0);
        assert!(counted > 1000, "{counted} of {form:?}");
    }
    // Every other value is of the other form.
    let counted = counted(&nested, &Form::Tuple(vec![Form::Leaf; 3]), 2);
    assert!(counted > 5000, "{counted}");
}
