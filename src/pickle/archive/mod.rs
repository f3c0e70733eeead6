//! Files of every kind that hold pickles or tensors: as they are, in archives, compressed, one in the other.

mod kinds;
mod numpy;
mod safetensors;
mod tar;
mod torch;
mod zip;

use self::kinds::Kind;
use self::torch::{Owner, Torch};
use self::zip::Member;
use super::calls::{calls, unseen};
use super::machine::{Stored, TORCH_MAGIC, Whole, attribute_with, overhead};
use super::opcode::begins_pickle;
use super::{Options, advice, tally};
use crate::model::{Attribution, Bytes, Calls, Fault, Inspected, Part, Tally};
use crate::unpack::{DEFLATE, Method, UnpackError};
use std::borrow::Cow;

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
        /// What it is like, or where it stops being one.
        reason: String,
        /// What to do with it, with a separator before it; or nothing.
        remedy: String,
    },
}

/// Archives in archives are as deep as that.
const MOST_LEVELS: usize = 4;

/// Of the members that cannot be unpacked, so many are named.
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
    };
    let Found { mut attribution, format } = reader.look(data, 0)?;
    if let more @ 1.. = reader.left_packed.saturating_sub(MOST_LEFT_PACKED) {
        attribution.notes.push(format!("{more} more members are not looked into, since they cannot be unpacked"));
    }
    attribution.findings.sort_by_key(|finding| std::cmp::Reverse(finding.saves_bytes));
    let packed_bytes = (attribution.bytes != data.len() as u64 || format.contains(" in ")).then_some(data.len() as u64);
    let tally = (reader.tallies.len() == 1).then(|| reader.tallies.remove(0));
    Ok(Inspected { name, format, packed_bytes, attribution, tally, calls: reader.calls })
}

/// What was found in some bytes.
struct Found {
    attribution: Attribution,
    /// `pickle`, `torch archive`, `tar archive in gzip`.
    format: String,
}

/// Looks into bytes, and into what they hold.
struct Reader<'a> {
    options: &'a Options,
    /// What may still be unpacked.
    left: u64,
    tallies: Vec<Tally>,
    calls: Option<Calls>,
    /// The members that lead to what is looked at, and where each begins in what holds it.
    above: Vec<(String, usize)>,
    /// How many members could not be unpacked.
    left_packed: u64,
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
        let found = |attribution: Attribution, format: &str| Found { attribution, format: format.to_owned() };
        if let Some(method) = Method::of_pickle(data) {
            let unpacked = self.unpack(method, data)?;
            let Found { attribution, format } = self.look(&unpacked, level)?;
            return Ok(Found { attribution, format: format!("{format} in {}", method.name) });
        }
        if data.starts_with(zip::MAGIC) {
            let members = zip::members(data).map_err(InspectError::Broken)?;
            return Ok(self.zip(data, &members, level));
        }
        if let Some(members) = tar::members(data) {
            return Ok(self.tar(data, members, level));
        }
        if let Some(array) = numpy::Array::of(data) {
            return Ok(found(self.array(data, &array), "NumPy array"));
        }
        if let Some(attribution) = safetensors::attribute(data) {
            return Ok(found(attribution, "safetensors"));
        }
        let mut whole = self.pickle(data, Stored::Unknown);
        whole.compare(Vec::new());
        let Whole { attribution, between, .. } = whole;
        if let Some(fault) = &attribution.fault
            && attribution.pickles == 0
            && !is_likely(data, fault)
            // What breaks off can have been run up to there.
            && self.calls.as_ref().is_none_or(|calls| calls.names.is_empty())
        {
            return Err(kinds::refusal(data, fault));
        }
        let format = match between.is_empty() {
            _ if data.starts_with(TORCH_MAGIC) => "torch file before 1.6",
            true => "pickle",
            false => "joblib pickle",
        };
        Ok(found(attribution, format))
    }

    /// A pickle, with its opcodes counted where they are asked for.
    fn pickle<'d>(&mut self, data: &'d [u8], stored: Stored) -> Whole<'d> {
        let mut whole = attribute_with(data, self.options, stored);
        let advice = advice::findings(data, &whole.between, whole.read, &whole.attribution);
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

    /// Says of a member that could not be looked into that nobody knows what it calls.
    fn blind(&mut self, member: &str, start: Option<usize>) {
        if let Some(calls) = &mut self.calls {
            calls.add(unseen(), start.unwrap_or(0) as u64, Some(member));
        }
    }

    /// What is compressed, as long as the limit for all of the file allows.
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
        let mut whole = empty(0);
        let mut is_read = vec![false; members.len()];
        // Those that name storages come first, so that these are theirs.
        for pickle in torch.pickles() {
            is_read[pickle] = self.torch_pickle(&mut whole, data, members, &mut torch, pickle);
        }
        for (at, member) in members.iter().enumerate().filter(|(at, _)| !is_read[*at]) {
            let bytes = &data[member.start..member.end];
            match torch.owner_of(at) {
                Some(Owner::Tensor) => {}
                Some(Owner::None) => {
                    let part = overhead(&format!("{}:", member.name), "storage of no tensor", bytes.len() as u64);
                    whole.parts.push(Part { offset: Some(member.start as u64), ..part });
                }
                None => self.member(&mut whole, &member.name, bytes, member.method, Some(member.start), level),
            }
        }
        let held: usize = members.iter().map(|member| member.end - member.start).sum();
        let rest = (data.len() - held) as u64;
        whole.parts.push(overhead("(zip)", "headers, padding and directory", rest));
        let format = match torch.format() {
            Some(format) => format,
            None if !members.is_empty() && members.iter().all(|member| member.name.ends_with(".npy")) => {
                "NumPy archive"
            }
            None => "zip archive",
        };
        Found { attribution: summed(whole), format: format.to_owned() }
    }

    /// A pickle of torch's with the storages that it names. False if it is to be read as any member is.
    fn torch_pickle(
        &mut self,
        whole: &mut Attribution,
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
        let mut found = self.pickle(&bytes, Stored::Members(sizes));
        self.above.pop();
        found.compare(torch.leaves(data, members, pickle, &found.storages));
        torch.claim(pickle, found.stored, &found.claimed_keys);
        let step = format!("{}:", member.name);
        let under = (!torch.is_main(pickle)).then_some((step.as_str(), "pickle"));
        splice(whole, under, found.attribution, start);
        true
    }

    fn tar(&mut self, data: &[u8], members: tar::Members<'_>, level: usize) -> Found {
        let mut whole = empty(0);
        let mut held = 0;
        for member in members.list {
            held += member.bytes.len();
            self.member(&mut whole, &member.name, member.bytes, 0, Some(member.start), level);
        }
        whole.parts.push(overhead("(tar)", "headers and padding", (data.len() - held) as u64));
        whole.fault = whole.fault.or(members.fault);
        Found { attribution: summed(whole), format: "tar archive".to_owned() }
    }

    /// An array: its items where they are objects, its bytes as one part otherwise.
    fn array(&mut self, data: &[u8], array: &numpy::Array) -> Attribution {
        let mut whole = empty(0);
        whole.parts.push(overhead("(header)", "NumPy's header", array.start as u64));
        let rest = &data[array.start..];
        if array.is_object {
            self.above.push((String::new(), array.start));
            let mut found = self.pickle(rest, Stored::Unknown);
            self.above.pop();
            found.compare(Vec::new());
            splice(&mut whole, None, found.attribution, Some(array.start));
        } else {
            let offset = Some(array.start as u64);
            whole.parts.push(Part { offset, ..overhead("$", &array.what, rest.len() as u64) });
        }
        summed(whole)
    }

    /// A member of an archive: what it holds below its name, or a word for what it is.
    fn member(
        &mut self,
        whole: &mut Attribution,
        name: &str,
        bytes: &[u8],
        method: u64,
        start: Option<usize>,
        level: usize,
    ) {
        let step = format!("{name}:");
        let mut leaf = |what: &str, bytes: usize, start: Option<usize>| {
            let offset = start.map(|start| start as u64);
            whole.parts.push(Part { offset, ..overhead(&step, what, bytes as u64) });
        };
        let contents = match self.contents(bytes, method) {
            Ok(contents) => contents,
            Err(reason) => {
                leaf("compressed member", bytes.len(), start);
                self.blind(name, start);
                self.left_packed += u64::from(reason.is_some());
                if let Some(error) = reason.filter(|_| self.left_packed <= MOST_LEFT_PACKED) {
                    whole.notes.push(format!("{name} is not looked into: {error}"));
                }
                return;
            }
        };
        let (bytes, start) = (&*contents, start.filter(|_| matches!(contents, Cow::Borrowed(_))));
        if let Some(what) = kinds::of_name(name, bytes) {
            return leaf(what, bytes.len(), start);
        }
        let is_pickle = [".pkl", ".pickle", ".p", ".joblib"].iter().any(|ending| name.ends_with(ending));
        let is_worth = is_pickle || kinds::may_hold_pickles(bytes);
        if is_worth && level >= MOST_LEVELS {
            self.blind(name, start);
        }
        self.above.push((name.to_owned(), start.unwrap_or(0)));
        let found = (is_worth && level < MOST_LEVELS).then(|| self.look(bytes, level + 1).ok()).flatten();
        self.above.pop();
        match found {
            Some(found) => splice(whole, Some((&step, &found.format)), found.attribution, start),
            None => leaf(kinds::of_bytes(bytes).map_or("member", Kind::word), bytes.len(), start),
        }
    }
}

/// Whether what is no whole pickle is a broken one, and not something else.
fn is_likely(data: &[u8], fault: &Fault) -> bool {
    begins_pickle(data) || (kinds::of_bytes(data).is_none() && 2 * fault.offset > data.len() as u64)
}

/// The sum of what stands below a file, as its bytes.
fn summed(mut whole: Attribution) -> Attribution {
    let bytes = whole.parts.iter().skip(1).filter(|part| part.parent == Some(0)).map(|part| part.bytes).sum();
    whole.bytes = bytes;
    whole.parts[0].bytes = bytes;
    whole
}

/// Puts the parts of what was found under the archive: below a part with that step and word, or at the top.
fn splice(whole: &mut Attribution, under: Option<(&str, &str)>, inner: Attribution, start: Option<usize>) {
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
            part.step = step.to_owned();
            part.what = what.to_owned();
        }
        whole.parts.push(part);
    }
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
