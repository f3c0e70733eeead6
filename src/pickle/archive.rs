//! Files that hold pickles: as they are, in a torch archive, or compressed.
//!
//! A torch archive is a zip file whose members are not compressed: one pickle that describes, and the storages of tensors
//! as bytes. Only what is needed of the zip format is read here, with suspicion: PKWARE's APPNOTE 6.3 has it whole.

use super::machine::{attribute_with, overhead};
use super::{Options, advice, tally};
use crate::model::{Attribution, Fault, Inspected, Part};
use crate::unpack::{Method, UnpackError};

/// Looks into a file of any kind that holds pickles.
pub fn inspect(name: String, data: &[u8], options: &Options) -> Result<Inspected, UnpackError> {
    if let Some(method) = Method::of_pickle(data) {
        let unpacked = method.unpack(data, options.most_unpacked_bytes, &mut |_, _| Ok(()))?;
        let mut inspected = plain(name, &unpacked, options);
        inspected.format = match method.name {
            "gzip" => "pickle in gzip",
            "zlib" => "pickle in zlib",
            "zstd" => "pickle in zstd",
            "bzip2" => "pickle in bzip2",
            "xz" => "pickle in xz",
            "lzma" => "pickle in lzma",
            "lz4" => "pickle in lz4",
            _ => "packed pickle",
        };
        inspected.packed_bytes = Some(data.len() as u64);
        return Ok(inspected);
    }
    if data.starts_with(b"PK\x03\x04")
        && let Ok(members) = members(data)
    {
        return Ok(archive(name, data, &members, options));
    }
    Ok(plain(name, data, options))
}

fn plain(name: String, data: &[u8], options: &Options) -> Inspected {
    let (mut attribution, between, read) = attribute_with(data, options);
    attribution.findings.extend(advice::findings(data, &between, read, &attribution));
    let tally = options.opcodes.then(|| tally::tally(data, &between, read));
    let format = if between.is_empty() { "pickle" } else { "joblib pickle" };
    Inspected { name, format, packed_bytes: None, attribution, tally }
}

/// One member of a zip file.
#[derive(Debug)]
struct Member {
    name: String,
    /// Where its bytes lie in the file.
    start: usize,
    end: usize,
    is_compressed: bool,
}

/// The most members that become parts of their own.
const MOST_MEMBERS: usize = 100_000;

fn fault(offset: usize, reason: impl Into<String>) -> Fault {
    Fault { offset: offset as u64, reason: reason.into() }
}

/// A little-endian number in the file.
fn number<const N: usize>(data: &[u8], at: usize) -> Option<u64> {
    let bytes = data.get(at..at.checked_add(N)?)?;
    Some(bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

fn place<const N: usize>(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(number::<N>(data, at)?).ok()
}

/// The members of a zip file, in the order of their bytes.
fn members(data: &[u8]) -> Result<Vec<Member>, Fault> {
    let end = data.len();
    let (count, directory) = directory(data).ok_or_else(|| fault(end, "the zip file has no directory at its end"))?;
    let mut members = Vec::new();
    let mut at = directory;
    for _ in 0..count {
        let broken = || fault(at, "the directory of the zip file is broken here");
        if data.get(at..at.saturating_add(4)) != Some(b"PK\x01\x02") {
            return Err(broken());
        }
        if members.len() >= MOST_MEMBERS {
            return Err(fault(at, format!("the zip file has more than {MOST_MEMBERS} members")));
        }
        let (member, next) = member(data, at).ok_or_else(broken)?;
        members.push(member);
        at = next;
    }
    members.sort_by_key(|member| (member.start, member.end));
    let overlaps = members.windows(2).find(|pair| pair[1].start < pair[0].end);
    match overlaps {
        Some(pair) => Err(fault(pair[1].start, "two members of the zip file overlap here")),
        None => Ok(members),
    }
}

/// How many members there are, and where the directory is.
fn directory(data: &[u8]) -> Option<(u64, usize)> {
    // Behind the end record there can be a comment of up to 64 KiB.
    let least = data.len().saturating_sub(22 + 0xffff);
    let end = (least..=data.len().checked_sub(22)?).rev().find(|&at| data[at..].starts_with(b"PK\x05\x06"))?;
    let (count, directory) = (number::<2>(data, end + 10)?, place::<4>(data, end + 16)?);
    if count != 0xffff && directory != 0xffff_ffff {
        return Some((count, directory));
    }
    let locator = end.checked_sub(20)?;
    if !data[locator..].starts_with(b"PK\x06\x07") {
        return Some((count, directory));
    }
    let wide = place::<8>(data, locator + 8)?;
    if !data.get(wide..)?.starts_with(b"PK\x06\x06") {
        return None;
    }
    Some((number::<8>(data, wide + 32)?, place::<8>(data, wide + 48)?))
}

/// The member whose entry of the directory is at a place, and the place of the next.
fn member(data: &[u8], at: usize) -> Option<(Member, usize)> {
    let method = number::<2>(data, at + 10)?;
    let (packed, unpacked) = (number::<4>(data, at + 20)?, number::<4>(data, at + 24)?);
    let (name, extra, comment) = (place::<2>(data, at + 28)?, place::<2>(data, at + 30)?, place::<2>(data, at + 32)?);
    let local = number::<4>(data, at + 42)?;
    let text = data.get(at + 46..at + 46 + name)?;
    let extras = data.get(at + 46 + name..at + 46 + name + extra)?;
    let [_, packed, local] = wide(extras, [unpacked, packed, local])?;
    let local = usize::try_from(local).ok()?;
    if !data.get(local..)?.starts_with(b"PK\x03\x04") {
        return None;
    }
    // The lengths here differ from those of the directory: torch pads the storages to a boundary.
    let start = local + 30 + place::<2>(data, local + 26)? + place::<2>(data, local + 28)?;
    let end = start.checked_add(usize::try_from(packed).ok()?)?;
    if end > data.len() {
        return None;
    }
    let name = String::from_utf8_lossy(text).into_owned();
    Some((Member { name, start, end, is_compressed: method != 0 }, at + 46 + text.len() + extra + comment))
}

/// The values of 32 bits that are too small, from the extra field that has them in 64.
fn wide(mut extras: &[u8], mut values: [u64; 3]) -> Option<[u64; 3]> {
    while extras.len() >= 4 {
        let (id, size) = (number::<2>(extras, 0)?, place::<2>(extras, 2)?);
        let field = extras.get(4..4 + size)?;
        if id == 1 {
            let mut at = 0;
            for value in values.iter_mut().filter(|value| **value == 0xffff_ffff) {
                *value = number::<8>(field, at)?;
                at += 8;
            }
        }
        extras = &extras[4 + size..];
    }
    Some(values)
}

/// An archive as parts: its pickles by path, its other members as bytes.
fn archive(name: String, data: &[u8], members: &[Member], options: &Options) -> Inspected {
    let mut whole = Attribution {
        bytes: data.len() as u64,
        pickles: 0,
        protocol: 0,
        out_of_band_buffers: 0,
        parts: vec![Part { what: "file".to_owned(), count: 1, ..Part::default() }],
        fault: None,
        notes: Vec::new(),
        findings: Vec::new(),
    };
    whole.parts[0].bytes = data.len() as u64;
    let mut storages = std::collections::HashMap::new();
    let mut tallied = Vec::new();
    for member in members {
        let bytes = &data[member.start..member.end];
        let is_pickle = member.name.ends_with(".pkl") && !member.is_compressed;
        if is_pickle {
            let (attribution, between, read) = attribute_with(bytes, options);
            if options.opcodes {
                tallied.push(tally::tally(bytes, &between, read));
            }
            splice(&mut whole, member, attribution);
        } else {
            let what = match member.name.rsplit_once("data/") {
                Some((_, key)) if !member.is_compressed => {
                    storages.insert(key.to_owned(), whole.parts.len());
                    "tensor storage"
                }
                _ if member.is_compressed => "compressed member",
                _ => "member",
            };
            whole.parts.push(Part {
                offset: Some(member.start as u64),
                ..overhead(&format!("{}:", member.name), what, bytes.len() as u64)
            });
        }
    }
    name_storages(&mut whole, &storages);
    let held: usize = members.iter().map(|member| member.end - member.start).sum();
    whole.parts.push(overhead("(zip)", "headers, padding and directory", (data.len() - held) as u64));
    let tally = (tallied.len() == 1).then(|| tallied.remove(0));
    Inspected { name, format: "zip archive", packed_bytes: None, attribution: whole, tally }
}

/// Puts the parts of a member's pickle under the archive.
fn splice(whole: &mut Attribution, member: &Member, inner: Attribution) {
    let base = whole.parts.len();
    for (at, part) in inner.parts.into_iter().enumerate() {
        let mut part = part;
        part.parent = Some(part.parent.map_or(0, |parent| parent + base));
        part.offset = part.offset.map(|offset| offset + member.start as u64);
        part.related.iter_mut().for_each(|other| *other += base);
        if at == 0 {
            part.step = format!("{}:", member.name);
            part.what = "pickle".to_owned();
        }
        whole.parts.push(part);
    }
    whole.pickles += inner.pickles;
    whole.protocol = whole.protocol.max(inner.protocol);
    whole.out_of_band_buffers += inner.out_of_band_buffers;
    if let Some(fault) = inner.fault {
        let offset = fault.offset + member.start as u64;
        whole.fault.get_or_insert(Fault { offset, reason: format!("in {}: {}", member.name, fault.reason) });
    }
}

/// Says of each storage which path of the pickle it is the tensor of.
fn name_storages(whole: &mut Attribution, storages: &std::collections::HashMap<String, usize>) {
    for at in 0..whole.parts.len() {
        let Some(key) = whole.parts[at].what.strip_prefix("torch storage ") else { continue };
        let Some(&storage) = storages.get(key) else { continue };
        whole.parts[at].related.push(storage);
        whole.parts[storage].references += 1;
        whole.parts[storage].related.push(at);
    }
}
