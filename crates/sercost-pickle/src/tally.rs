//! The opcodes of pickles: how many bytes go to which, and what other ways of writing the same would take.

use super::batches::Batches;
use super::opcode::{self as op, OPCODES};
use super::reader::{Instruction, Met, Reader};
use super::write::PickleOf;
use crate::model::{OpcodeCount, Saving, Tally};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The size from which on a frame is ended.
const FRAME_TARGET: u64 = 64 * 1024;
/// A frame smaller than this has no header.
const FRAME_LEAST: u64 = 4;
const FRAME_HEADER: u64 = 9;

/// Counts the opcodes of the pickles in a file. `between` are the places, in order, where bytes lie between opcodes that
/// are none; `read` is how far the file was understood. Pickles that share a memo cannot be written in other ways one by
/// one: for them there are no savings.
pub(crate) fn tally(data: &[u8], between: &[Range<usize>], read: usize, shares_memo: bool) -> Tally {
    let data = &data[..read.min(data.len())];
    let mut counts = [(0u64, 0u64); OPCODES.len()];
    let mut tally = Tally::default();
    let mut sizes = Sizes { is_known: !shares_memo, ..Sizes::default() };
    let mut reader = Reader::over(data, between);
    let mut has_gaps = false;
    let mut pickle = Pickle::default();
    while reader.position() < data.len() {
        let begin = reader.position();
        if !shares_memo {
            pickle = Pickle::default();
        }
        let is_whole = loop {
            let instruction = match reader.meet() {
                Some(Met::Instruction(instruction)) => instruction,
                Some(Met::Between(_)) => {
                    has_gaps = true;
                    continue;
                }
                None => break false,
            };
            if let Some(place) = op::place(instruction.byte()) {
                counts[place].0 += 1;
                counts[place].1 += instruction.code.len() as u64;
            }
            pickle.see(instruction);
            if instruction.byte() == op::STOP {
                break true;
            }
        };
        if !shares_memo || reader.position() == data.len() || !is_whole {
            pickle.finish(&mut tally);
        }
        if !is_whole {
            sizes.is_known = false;
            break;
        }
        sizes.is_known &= !has_gaps;
        if sizes.is_known {
            sizes.add(&data[begin..reader.position()], &pickle);
        }
    }
    for (known, (count, bytes)) in OPCODES.iter().zip(counts) {
        if count > 0 {
            tally.opcodes.push(OpcodeCount { name: known.name.to_owned(), count, bytes });
            tally.bytes += bytes;
        }
    }
    tally.opcodes.sort_by_key(|row| std::cmp::Reverse(row.bytes));
    tally.frame_bytes = counts[op::place(op::FRAME).unwrap_or(0)].1;
    if sizes.is_known && sizes.count > 0 {
        tally.savings = sizes.savings(tally.bytes);
    }
    tally
}

/// The facts of one pickle from which its size in another protocol follows.
#[derive(Debug, Default)]
struct Pickle {
    fetched: HashSet<u64>,
    puts: HashSet<u64>,
    put_bytes: u64,
    get_bytes: u64,
    protocol: u8,
    /// The protocol that `pickletools.optimize` writes: without a PROTO, that of the opcodes that fetch.
    optimized_protocol: u8,
    /// Whether all of it has one form in every protocol from 2 on.
    is_plain: bool,
    has_bytes: bool,
    /// Whether it has bytes in the form that they have before protocol 3: as text that a call encodes.
    encodes: bool,
    is_seen: bool,
    batches: Batches,
    /// Whether the batches cannot be followed.
    is_lost: bool,
}

impl Pickle {
    fn see(&mut self, instruction: Instruction<'_>) {
        if !self.is_seen {
            (self.is_seen, self.is_plain) = (true, true);
        }
        let bytes = instruction.code.len() as u64;
        self.is_lost = self.is_lost || self.batches.see(instruction.byte()).is_none();
        match instruction.byte() {
            op::PROTO => {
                self.protocol = self.protocol.max(instruction.code[1]);
                self.optimized_protocol = self.optimized_protocol.max(self.protocol);
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT => {
                self.put_bytes += bytes;
                self.puts.insert(index(instruction));
            }
            op::MEMOIZE => {
                self.put_bytes += bytes;
                self.puts.insert(self.puts.len() as u64);
            }
            op::GET | op::BINGET | op::LONG_BINGET => {
                self.get_bytes += bytes;
                self.optimized_protocol = self.optimized_protocol.max(instruction.opcode().protocol);
                self.fetched.insert(index(instruction));
            }
            op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 => self.has_bytes = true,
            op::GLOBAL if instruction.code == b"c_codecs\nencode\n" => {
                (self.is_plain, self.encodes) = (false, true);
            }
            op::FRAME | op::STOP | op::MARK | op::NONE | op::NEWTRUE | op::NEWFALSE | op::BINFLOAT => {}
            op::BININT | op::BININT1 | op::BININT2 | op::LONG1 | op::LONG4 => {}
            op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => {}
            op::EMPTY_LIST | op::APPEND | op::APPENDS | op::EMPTY_DICT | op::SETITEM | op::SETITEMS => {}
            op::EMPTY_TUPLE | op::TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 | op::POP | op::POP_MARK => {}
            _ => self.is_plain = false,
        }
    }

    fn finish(&self, tally: &mut Tally) {
        tally.memo_put_bytes += self.put_bytes;
        tally.memo_get_bytes += self.get_bytes;
        tally.memo_puts += self.puts.len() as u64;
        tally.memo_fetched += self.fetched.len() as u64;
    }
}

/// The memo index that an opcode names. Text that is not a number gives an index that nothing has.
fn index(instruction: Instruction<'_>) -> u64 {
    instruction.memo_index().unwrap_or(u64::MAX)
}

/// The protocols that a pickle could be of instead.
const PROTOCOLS: [u8; 4] = [2, 3, 4, 5];

/// The sizes of all pickles together, written in other ways.
#[derive(Debug)]
struct Sizes {
    is_known: bool,
    count: u64,
    optimized: u64,
    protocols: [(u64, bool); 4],
    own: u8,
    /// Whether what they would be from protocol 3 on cannot be told.
    encodes: bool,
    /// The bytes that CPython 3.15 saves and 3.14 adds by the batches that it writes; `None` if that cannot be told.
    batches: Option<(u64, u64)>,
    /// Whether more than one frame is written, which a byte more or less may end elsewhere.
    has_frames: bool,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            is_known: true,
            count: 0,
            optimized: 0,
            protocols: [(0, true); 4],
            own: 0,
            encodes: false,
            batches: Some((0, 0)),
            has_frames: false,
        }
    }
}

impl Sizes {
    fn add(&mut self, data: &[u8], pickle: &Pickle) {
        self.count += 1;
        self.own = self.own.max(pickle.protocol);
        self.encodes |= pickle.encodes;
        self.has_frames |= pickle.protocol >= 4 && data.len() as u64 >= FRAME_TARGET;
        self.batches = self
            .batches
            .filter(|_| !pickle.is_lost)
            .map(|(older, newer)| (older + pickle.batches.older, newer + pickle.batches.newer()));
        self.optimized += optimized(data, pickle);
        for (place, protocol) in self.protocols.iter_mut().zip(PROTOCOLS) {
            let (bytes, exact) = rewritten(data, pickle, protocol);
            place.0 += bytes;
            place.1 &= exact;
        }
    }

    /// `bytes` are those of all pickles as they are.
    fn savings(&self, bytes: u64) -> Vec<Saving> {
        let optimized = Saving { action: "pickletools.optimize".to_owned(), bytes: self.optimized, exact: true };
        let is_told = |protocol: u8| protocol != self.own && !(self.encodes && protocol >= 3);
        let others = PROTOCOLS.iter().zip(self.protocols).filter(|(protocol, _)| is_told(**protocol));
        let others =
            others.map(|(protocol, (bytes, exact))| Saving { action: format!("protocol {protocol}"), bytes, exact });
        let exact = !self.has_frames;
        let (older, newer) = self.batches.unwrap_or_default();
        let pickled_as = |of: PickleOf, bytes| Saving { action: format!("as CPython {}", of.versions()), bytes, exact };
        let newest = (older > 0).then(|| pickled_as(PickleOf::V3_15, bytes - older));
        let earlier = (newer > 0).then(|| pickled_as(PickleOf::V3_14, bytes + newer));
        std::iter::once(optimized).chain(others).chain(newest).chain(earlier).collect()
    }
}

/// Frames as they fill.
#[derive(Debug, Default)]
struct Frames {
    are_written: bool,
    bytes: u64,
    open: u64,
}

impl Frames {
    fn commit(&mut self, forced: bool) {
        if self.are_written && (self.open >= FRAME_TARGET || forced) {
            self.bytes += self.open + if self.open >= FRAME_LEAST { FRAME_HEADER } else { 0 };
            self.open = 0;
        }
    }

    fn write(&mut self, bytes: u64) {
        if self.are_written { self.open += bytes } else { self.bytes += bytes }
    }

    fn end(mut self) -> u64 {
        self.commit(self.open > 0);
        self.bytes
    }
}

/// The size that `pickletools.optimize` makes of a pickle, by the same steps (CPython 3.8 and later).
fn optimized(data: &[u8], pickle: &Pickle) -> u64 {
    let mut frames = Frames { are_written: pickle.optimized_protocol >= 4, ..Frames::default() };
    let (mut header, mut count) = (0, 0u64);
    let (mut old, mut new) = (HashSet::new(), HashMap::new());
    let decimal = |index: u64| index.to_string().len() as u64 + 2;
    for instruction in Reader::new(data) {
        let bytes = instruction.code.len() as u64;
        let put = match instruction.byte() {
            op::FRAME => continue,
            op::PROTO if instruction.start == 0 => {
                header = bytes;
                continue;
            }
            op::MEMOIZE => Some(old.len() as u64),
            op::PUT | op::BINPUT | op::LONG_BINPUT => Some(index(instruction)),
            _ => None,
        };
        let written = match put {
            Some(index) => {
                old.insert(index);
                if !pickle.fetched.contains(&index) {
                    continue;
                }
                let place = count;
                new.insert(index, place);
                count += 1;
                match pickle.optimized_protocol {
                    4.. => 1,
                    0 => decimal(place),
                    _ if place < 256 => 2,
                    _ => 5,
                }
            }
            None => match instruction.byte() {
                op::GET | op::BINGET | op::LONG_BINGET => match new.get(&index(instruction)) {
                    Some(&place) if pickle.optimized_protocol == 0 => decimal(place),
                    Some(&place) if place < 256 => 2,
                    _ => 5,
                },
                _ => bytes,
            },
        };
        let is_frameless = put.is_none() && written > FRAME_TARGET;
        frames.commit(is_frameless);
        if is_frameless {
            frames.bytes += written;
        } else {
            frames.write(written);
        }
    }
    header + frames.end()
}

/// The size of a pickle in another protocol, and whether that is exact: it is where nothing has another form there than
/// in its own, and frames need not be guessed.
fn rewritten(data: &[u8], pickle: &Pickle, protocol: u8) -> (u64, bool) {
    let mut frames = Frames { are_written: protocol >= 4, ..Frames::default() };
    let mut puts = 0u64;
    let mut encoder = Encoder::default();
    let keeps_frames = protocol >= 4 && pickle.protocol >= 4;
    frames.are_written &= !keeps_frames;
    for instruction in Reader::new(data) {
        let bytes = instruction.code.len() as u64;
        let text = |length: u64| match (protocol, length) {
            (4.., ..=255) => 2 + length,
            (_, ..=0xffff_ffff) => 5 + length,
            _ => 9 + length,
        };
        let written = match instruction.byte() {
            op::FRAME if !keeps_frames => continue,
            op::PROTO => continue,
            op::MEMOIZE | op::BINPUT | op::LONG_BINPUT | op::PUT => {
                puts += 1;
                if protocol >= 4 { 1 } else { binput(puts) }
            }
            op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 if protocol < 3 => {
                encoder.bytes(instruction.content(), &mut puts)
            }
            op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 | op::UNICODE => {
                text(instruction.content().len() as u64)
            }
            op::GET if bytes <= 5 => 2,
            op::GET => 5,
            op::FLOAT => 9,
            // Protocol 0 has no batches.
            op::APPEND | op::SETITEM if pickle.protocol == 0 => 0,
            op::LIST | op::DICT if pickle.protocol == 0 => 2,
            op::INT | op::LONG => match std::str::from_utf8(instruction.content()).unwrap_or("") {
                "00" | "01" => 1,
                digits => int_bytes(digits),
            },
            _ => bytes,
        };
        let is_frameless = written > FRAME_TARGET;
        frames.commit(is_frameless);
        if is_frameless {
            frames.bytes += written;
        } else {
            frames.write(written);
        }
    }
    let bytes_differ = pickle.has_bytes && (protocol < 3 || pickle.protocol < 3);
    let is_exact = pickle.is_plain && !bytes_differ && pickle.protocol >= 2 && (protocol < 4 || keeps_frames);
    (2 + frames.end(), is_exact)
}

/// The bytes of an opcode that puts the `puts`-th value of a pickle into the memo, before protocol 4.
fn binput(puts: u64) -> u64 {
    if puts <= 256 { 2 } else { 5 }
}

/// How CPython writes bytes before protocol 3, which has none: `_codecs.encode(text, 'latin1')`, and `bytes()` for none
/// (`save_bytes` of `pickle.py`). Each holds what fetching it from the memo takes, once it is there.
#[derive(Debug, Default)]
struct Encoder {
    encode: Option<u64>,
    latin1: Option<u64>,
    empty: Option<u64>,
}

impl Encoder {
    fn bytes(&mut self, content: &[u8], puts: &mut u64) -> u64 {
        let mut put = || {
            *puts += 1;
            binput(*puts)
        };
        let mut once = |fetched: &mut Option<u64>, bytes: u64| match *fetched {
            Some(fetching) => fetching,
            None => {
                // An index takes the same room in both opcodes.
                let putting = put();
                *fetched = Some(putting);
                bytes + putting
            }
        };
        if content.is_empty() {
            return once(&mut self.empty, b"c__builtin__\nbytes\n".len() as u64) + b")R".len() as u64;
        }
        let high = content.iter().filter(|byte| !byte.is_ascii()).count();
        let encode = once(&mut self.encode, b"c_codecs\nencode\n".len() as u64);
        let latin1 = once(&mut self.latin1, b"X\0\0\0\0latin1".len() as u64);
        let text = 5 + (content.len() + high) as u64 + put();
        encode + text + latin1 + b"\x86".len() as u64 + put() + b"R".len() as u64
    }
}

/// The bytes of an integer written in decimal, in protocols from 2 on.
fn int_bytes(digits: &str) -> u64 {
    let digits = digits.trim_end_matches(['L', '\r']);
    match digits.parse::<i64>() {
        Ok(0..=0xff) => 2,
        Ok(0x100..=0xffff) => 3,
        Ok(value) if i32::try_from(value).is_ok() => 5,
        // A digit is a little less than 3.33 bits.
        _ => 2 + (digits.len() as u64 * 3322 / 8000) + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_are_counted_with_their_bytes() {
        let data = b"\x80\x04\x95\x0a\0\0\0\0\0\0\0]\x94(K\x01K\x02e.";
        let tally = tally(data, &[], data.len(), false);
        assert_eq!(tally.bytes, data.len() as u64);
        assert_eq!(tally.opcodes[0], OpcodeCount { name: "FRAME".to_owned(), count: 1, bytes: 9 });
        assert_eq!((tally.memo_puts, tally.memo_fetched), (1, 0));
        assert_eq!(tally.savings[0].bytes, data.len() as u64 - 1);
    }

    #[test]
    fn what_breaks_off_is_counted_up_to_there() {
        let tally = tally(b"\x80\x04K", &[], 3, false);
        assert_eq!(tally.bytes, 2);
        assert_eq!(tally.savings, []);
    }
}
