//! Files of every kind that hold pickles or tensors: as they are, in archives, compressed, one in the other.

mod kinds;
mod numpy;
mod safetensors;
mod tar;
mod torch;
mod zip;

use self::kinds::Kind;
pub(super) use self::kinds::word_of as kind_of;
use self::torch::{Owner, Torch};
use self::zip::Member;
use super::calls::{calls, unseen};
use super::duplicates::{self, HERE, Value};
use super::machine::{Stored, TORCH_MAGIC, Whole, attribute_with, overhead};
use super::opcode::begins_pickle;
use super::{Options, advice, spans, tally};
use crate::model::{Attribution, Bytes, Calls, Fault, Inspected, Part, PartKind, Tally};
use crate::unpack::{DEFLATE, Method, UnpackError};
use std::borrow::Cow;
use std::ops::Range;

/// Why a file was not looked into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// It could not be unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// It is an archive that is damaged.
    #[error("{0}")]
    Broken(Fault),
    /// It holds no pickle.
    #[error("it is not a pickle: {reason}{remedy}")]
    Other {
        /// Its likely kind, or where it stops being a pickle.
        reason: String,
        /// The advice what to do with it, with a separator before it; or nothing.
        remedy: String,
    },
}

/// Archives in archives are as deep as that.
const MOST_LEVELS: usize = 4;

/// The number of members that are named of those that cannot be unpacked.
const MOST_LEFT_PACKED: u64 = 5;

/// Looks into a file of any kind that holds pickles.
///
/// # Errors
///
/// When it cannot be unpacked within the limit, or is of another kind.
pub fn inspect(name: String, data: &[u8], options: &Options) -> Result<Inspected, InspectError> {
    let mut reader = Reader {
        options,
        left: options.most_unpacked_bytes,
        tallies: Vec::new(),
        calls: options.calls.then(Calls::default),
        above: Vec::new(),
        left_packed: 0,
        unpacked: Vec::new(),
    };
    let Found { mut attribution, format, values } = reader.look(data, 0)?;
    attribution.findings.extend(duplicates::findings(&attribution, &values, data, &reader.unpacked));
    if let more @ 1.. = reader.left_packed.saturating_sub(MOST_LEFT_PACKED) {
        attribution.notes.push(format!("{more} more members are not looked into, since they cannot be unpacked"));
    }
    attribution.findings.sort_by_key(|finding| std::cmp::Reverse(finding.saves_bytes));
    let packed_bytes = (attribution.bytes != data.len() as u64 || format.contains(" in ")).then_some(data.len() as u64);
    let tally = (reader.tallies.len() == 1).then(|| reader.tallies.remove(0));
    Ok(Inspected { name, format, packed_bytes, attribution, tally, calls: reader.calls })
}

/// The result of looking into some bytes.
struct Found {
    attribution: Attribution,
    /// `pickle`, `torch archive`, `tar archive in gzip`.
    format: String,
    /// Values that are compared with others of the file.
    values: Vec<Value>,
}

impl Found {
    fn new(attribution: Attribution) -> Found {
        Found { attribution, format: String::new(), values: Vec::new() }
    }

    /// A part below the file, whose bytes are one value.
    fn leaf(&mut self, kind: PartKind, step: &str, what: &str, bytes: Range<usize>) {
        let offset = Some(bytes.start as u64);
        self.values.push(Value { bytes: bytes.clone(), buffer: HERE, part: self.attribution.parts.len(), hash: None });
        self.attribution.parts.push(Part { offset, kind, ..overhead(step, what, bytes.len() as u64) });
    }

    /// The sum of what stands below a file, as its bytes.
    fn summed(mut self, format: &str) -> Found {
        let Attribution { bytes, parts, .. } = &mut self.attribution;
        *bytes = parts.iter().skip(1).filter(|part| part.parent == Some(0)).map(|part| part.bytes).sum();
        parts[0].bytes = *bytes;
        format.clone_into(&mut self.format);
        self
    }
}

/// Looks into bytes, and into what they hold.
struct Reader<'a> {
    options: &'a Options,
    /// The number of bytes that may still be unpacked.
    left: u64,
    tallies: Vec<Tally>,
    calls: Option<Calls>,
    /// The members that lead to what is looked at, and where each begins in what holds it.
    above: Vec<(String, usize)>,
    /// The number of members that could not be unpacked.
    left_packed: u64,
    /// Unpacked bytes that hold values which are compared with others.
    unpacked: Vec<Vec<u8>>,
}

/// An attribution of a file with nothing in it yet.
fn empty(bytes: u64) -> Attribution {
    Attribution {
        bytes,
        pickles: 0,
        protocol: 0,
        out_of_band_buffers: 0,
        parts: vec![Part { what: "file".to_owned(), bytes, count: 1, ..Part::default() }],
        fault: None,
        notes: Vec::new(),
        findings: Vec::new(),
    }
}

impl Reader<'_> {
    fn look(&mut self, data: &[u8], level: usize) -> Result<Found, InspectError> {
        if let Some(method) = Method::of_pickle(data) {
            let unpacked = self.unpack(method, data)?;
            let mut found = self.look(&unpacked, level).map_err(|error| match error {
                InspectError::Other { reason, remedy } => {
                    InspectError::Other { reason: format!("unpacked from {}, {reason}", method.name), remedy }
                }
                other => other,
            })?;
            found.format = format!("{} in {}", found.format, method.name);
            self.keep(&mut found.values, Cow::Owned(unpacked), 0);
            return Ok(found);
        }
        if data.starts_with(zip::MAGIC) {
            let members = zip::members(data).map_err(InspectError::Broken)?;
            return Ok(self.zip(data, &members, level));
        }
        if let Some(members) = tar::members(data) {
            return Ok(self.tar(data, members, level));
        }
        if let Some(array) = numpy::Array::of(data) {
            return Ok(self.array(data, &array));
        }
        if let Some(attribution) = safetensors::attribute(data) {
            let tensor = |(part, Part { offset, bytes, .. }): (usize, &Part)| {
                let start = (*offset)? as usize;
                Some(Value { bytes: start..start + *bytes as usize, buffer: HERE, part, hash: None })
            };
            let values = attribution.parts.iter().enumerate().filter_map(tensor).collect();
            return Ok(Found { attribution, format: "safetensors".to_owned(), values });
        }
        let Whole { attribution, between, values, .. } = self.pickle(data, Stored::Unknown);
        if let Some(fault) = &attribution.fault
            && attribution.pickles == 0
            && !is_likely(data, fault)
            // A pickle that breaks off may have been run up to there.
            && self.calls.as_ref().is_none_or(|calls| calls.names.is_empty())
        {
            return Err(kinds::refusal(data, fault));
        }
        let format = match between.is_empty() {
            _ if data.starts_with(TORCH_MAGIC) => "torch file before 1.6",
            true => "pickle",
            false => "joblib pickle",
        };
        Ok(Found { attribution, format: format.to_owned(), values })
    }

    /// A pickle, with its opcodes counted where they are asked for.
    fn pickle(&mut self, data: &[u8], stored: Stored) -> Whole {
        let mut whole = attribute_with(data, self.options, stored);
        let is_member = !self.above.is_empty();
        whole.values.extend(spans::values(data, &whole, is_member));
        let advice = advice::findings(data, &whole);
        whole.attribution.findings.extend(advice);
        if self.options.opcodes {
            self.tallies.push(tally::tally(data, &whole.between, whole.read, whole.shares_memo));
        }
        if let Some(called) = &mut self.calls {
            let end = if whole.attribution.fault.is_some() { data.len() } else { whole.read };
            let start: usize = self.above.iter().map(|(_, start)| start).sum();
            let names: Vec<&str> =
                self.above.iter().map(|(name, _)| name.as_str()).filter(|name| !name.is_empty()).collect();
            let member = (!names.is_empty()).then(|| names.join(":"));
            called.add(calls(data, &whole.between, end), start as u64, member.as_deref());
        }
        whole
    }

    /// Says where values lie that were found in a member, which begins at `start` of what holds it if it was not unpacked.
    fn keep(&mut self, values: &mut [Value], contents: Cow<'_, [u8]>, start: usize) {
        let here = values.iter_mut().filter(|value| value.buffer == HERE);
        match contents {
            Cow::Borrowed(_) => here.for_each(|value| {
                value.bytes = value.bytes.start + start..value.bytes.end + start;
            }),
            Cow::Owned(unpacked) => {
                let count = here.map(|value| value.buffer = self.unpacked.len()).count();
                self.unpacked.extend((count > 0).then_some(unpacked));
            }
        }
    }

    /// Says of a member that could not be looked into that its calls are unknown.
    fn blind(&mut self, member: &str, start: Option<usize>) {
        if let Some(calls) = &mut self.calls {
            calls.add(unseen(), start.unwrap_or(0) as u64, Some(member));
        }
    }

    /// Unpacks compressed bytes, as long as the limit for all of the file allows.
    fn unpack(&mut self, method: &'static Method, data: &[u8]) -> Result<Vec<u8>, UnpackError> {
        let unpacked = method.unpack(data, self.left, &mut |_, _| Ok(())).map_err(|error| match error {
            UnpackError::TooLarge { method, .. } => {
                UnpackError::TooLarge { method, most: Bytes(self.options.most_unpacked_bytes) }
            }
            other => other,
        })?;
        self.left -= unpacked.len() as u64;
        Ok(unpacked)
    }

    /// The bytes of a member of a zip file, by the number of its method: as they lie there or unpacked. Without them the
    /// reason, or none where nothing here unpacks the method.
    fn contents<'d>(&mut self, packed: &'d [u8], method: u64) -> Result<Cow<'d, [u8]>, Option<UnpackError>> {
        match method {
            0 => Ok(Cow::Borrowed(packed)),
            8 => self.unpack(&DEFLATE, packed).map(Cow::Owned).map_err(Some),
            _ => Err(None),
        }
    }

    fn zip(&mut self, data: &[u8], members: &[zip::Member], level: usize) -> Found {
        let mut torch = Torch::of(members);
        let mut whole = Found::new(empty(0));
        let mut is_read = vec![false; members.len()];
        // Those that name storages come first, so that these are theirs.
        for pickle in torch.pickles() {
            is_read[pickle] = self.torch_pickle(&mut whole, data, members, &mut torch, pickle);
        }
        for (at, member) in members.iter().enumerate().filter(|(at, _)| !is_read[*at]) {
            match torch.owner_of(at) {
                Some(Owner::Tensor) => {}
                Some(Owner::None) => {
                    let step = format!("{}:", member.name);
                    whole.leaf(PartKind::Member, &step, "storage of no tensor", member.start..member.end);
                }
                None => self.member(&mut whole, data, member, level),
            }
        }
        let held: usize = members.iter().map(|member| member.end - member.start).sum();
        let rest = (data.len() - held) as u64;
        whole.attribution.parts.push(overhead("(zip)", "headers, padding and directory", rest));
        whole.summed(match torch.format() {
            Some(format) => format,
            None if !members.is_empty() && members.iter().all(|member| member.name.ends_with(".npy")) => {
                "NumPy archive"
            }
            None => "zip archive",
        })
    }

    /// A pickle of torch's with the storages that it names. False if it is to be read as any member is.
    fn torch_pickle(
        &mut self,
        whole: &mut Found,
        data: &[u8],
        members: &[zip::Member],
        torch: &mut Torch,
        pickle: usize,
    ) -> bool {
        let member = &members[pickle];
        let packed = &data[member.start..member.end];
        let left = self.left;
        let Ok(bytes) = self.contents(packed, member.method) else { return false };
        if !begins_pickle(&bytes) {
            // It is unpacked again where it is read.
            self.left = left;
            return false;
        }
        let start = matches!(bytes, Cow::Borrowed(_)).then_some(member.start);
        let sizes = torch.sizes(pickle, |storage| {
            let Member { start, end, method, .. } = members[storage];
            self.contents(&data[start..end], method).ok().map(|bytes| bytes.len() as u64)
        });
        self.above.push((member.name.clone(), start.unwrap_or(0)));
        let Whole { attribution, mut values, stored, claimed_keys, storages, .. } =
            self.pickle(&bytes, Stored::Members(sizes));
        self.above.pop();
        self.keep(&mut values, bytes, member.start);
        values.extend(torch.values(members, pickle, &storages));
        torch.claim(pickle, stored, &claimed_keys);
        let step = format!("{}:", member.name);
        let under = (!torch.is_main(pickle)).then_some((step.as_str(), "pickle"));
        splice(whole, under, Found { values, ..Found::new(attribution) }, start);
        true
    }

    fn tar(&mut self, data: &[u8], members: tar::Members<'_>, level: usize) -> Found {
        let mut whole = Found::new(empty(0));
        let mut held = 0;
        for tar::Member { name, bytes, start } in members.list {
            held += bytes.len();
            let member = Member { name, start, end: start + bytes.len(), method: 0 };
            self.member(&mut whole, data, &member, level);
        }
        whole.attribution.parts.push(overhead("(tar)", "headers and padding", (data.len() - held) as u64));
        whole.attribution.fault = whole.attribution.fault.or(members.fault);
        whole.summed("tar archive")
    }

    /// An array: its items where they are objects, its bytes as one part otherwise.
    fn array(&mut self, data: &[u8], array: &numpy::Array) -> Found {
        let mut whole = Found::new(empty(0));
        whole.attribution.parts.push(overhead("(header)", "NumPy's header", array.start as u64));
        if array.is_object {
            self.above.push((String::new(), array.start));
            let rest = &data[array.start..];
            let Whole { attribution, mut values, .. } = self.pickle(rest, Stored::Unknown);
            self.above.pop();
            self.keep(&mut values, Cow::Borrowed(rest), array.start);
            splice(&mut whole, None, Found { values, ..Found::new(attribution) }, Some(array.start));
        } else {
            whole.leaf(PartKind::Other, "$", &array.what, array.start..data.len());
        }
        whole.summed("NumPy array")
    }

    /// A member of an archive: what it holds below its name, or a word for what it is.
    fn member(&mut self, whole: &mut Found, data: &[u8], member: &Member, level: usize) {
        let Member { name, start, end, method } = member;
        let step = format!("{name}:");
        let contents = match self.contents(&data[*start..*end], *method) {
            Ok(contents) => contents,
            Err(reason) => {
                whole.leaf(PartKind::Member, &step, "compressed member", *start..*end);
                self.blind(name, Some(*start));
                self.left_packed += u64::from(reason.is_some());
                if let Some(error) = reason.filter(|_| self.left_packed <= MOST_LEFT_PACKED) {
                    let remedy = match error {
                        UnpackError::TooLarge { .. } => self.options.larger_limit,
                        _ => "",
                    };
                    whole.attribution.notes.push(format!("{name} is not looked into: {error}{remedy}"));
                }
                return;
            }
        };
        let bytes = &*contents;
        // Unpacked bytes have no place in the archive.
        let place = matches!(contents, Cow::Borrowed(_)).then_some(*start);
        let word = kinds::of_name(name, bytes);
        let is_pickle = [".pkl", ".pickle", ".p", ".joblib"].iter().any(|ending| name.ends_with(ending));
        let is_worth = word.is_none() && (is_pickle || kinds::may_hold_pickles(bytes));
        if is_worth && level >= MOST_LEVELS {
            self.blind(name, place);
        }
        self.above.push((name.to_owned(), place.unwrap_or(0)));
        let found = (is_worth && level < MOST_LEVELS).then(|| self.look(bytes, level + 1).ok()).flatten();
        self.above.pop();
        let all = Value { bytes: 0..bytes.len(), buffer: HERE, part: 0, hash: None };
        let mut found = match found {
            Some(found) => found,
            None => {
                let what = word.unwrap_or_else(|| kinds::of_bytes(bytes).map_or("member", Kind::word));
                let mut leaf = Found { format: what.to_owned(), ..Found::new(empty(bytes.len() as u64)) };
                leaf.attribution.parts[0].own_bytes = bytes.len() as u64;
                leaf.attribution.parts[0].offset = Some(0);
                leaf
            }
        };
        found.values.push(all);
        self.keep(&mut found.values, contents, *start);
        let format = std::mem::take(&mut found.format);
        splice(whole, Some((&step, &format)), found, place);
    }
}

/// Whether bytes that are not a whole pickle are a broken one, and not something else.
fn is_likely(data: &[u8], fault: &Fault) -> bool {
    begins_pickle(data) || (kinds::of_bytes(data).is_none() && 2 * fault.offset > data.len() as u64)
}

/// Puts the parts of what was found under the archive: below a part with that step and word, or at the top.
fn splice(whole: &mut Found, under: Option<(&str, &str)>, inner: Found, start: Option<usize>) {
    let Found { attribution: inner, values, .. } = inner;
    let Found { attribution: whole, values: all, .. } = whole;
    let (skipped, base) = match under {
        Some(_) => (0, whole.parts.len()),
        None => (1, whole.parts.len() - 1),
    };
    let moved = |place: usize| if place < skipped { 0 } else { place + base };
    for (at, mut part) in inner.parts.into_iter().enumerate().skip(skipped) {
        part.parent = Some(part.parent.map_or(0, moved));
        part.offset = part.offset.and_then(|offset| start.map(|start| offset + start as u64));
        part.related.iter_mut().for_each(|other| *other = moved(*other));
        if at == 0
            && let Some((step, what)) = under
        {
            (part.step, part.what, part.kind) = (step.to_owned(), what.to_owned(), PartKind::Member);
        }
        whole.parts.push(part);
    }
    all.extend(values.into_iter().map(|value| Value { part: moved(value.part), ..value }));
    for mut finding in inner.findings {
        finding.part = finding.part.map(moved);
        whole.findings.push(finding);
    }
    for note in inner.notes {
        if !whole.notes.contains(&note) {
            whole.notes.push(note);
        }
    }
    whole.pickles += inner.pickles;
    whole.protocol = whole.protocol.max(inner.protocol);
    whole.out_of_band_buffers += inner.out_of_band_buffers;
    if let Some(Fault { offset, reason }) = inner.fault {
        let offset = offset + start.unwrap_or(0) as u64;
        let reason = match under {
            Some((step, _)) => format!("in {} {reason}", step),
            None => reason,
        };
        whole.fault.get_or_insert(Fault { offset, reason });
    }
}
