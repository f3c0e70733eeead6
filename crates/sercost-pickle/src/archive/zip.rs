//! The directory of zip files: which member lies where.
//!
//! Only what is needed of the format is read here, with suspicion: PKWARE's APPNOTE 6.3 has it whole.

use crate::model::Fault;

/// How a zip file with members begins, and each of its members.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";

/// One member of a zip file.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    /// Where its bytes lie in the file.
    pub start: usize,
    pub end: usize,
    /// How it is packed, by the number that zip has for it; 0 for not at all.
    pub method: u64,
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
pub(super) fn members(data: &[u8]) -> Result<Vec<Member>, Fault> {
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

/// The number of members, and the place of the directory.
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
    if !data.get(local..)?.starts_with(MAGIC) {
        return None;
    }
    // The lengths here differ from those of the directory: torch pads the storages to a boundary.
    let start = local + 30 + place::<2>(data, local + 26)? + place::<2>(data, local + 28)?;
    let end = start.checked_add(usize::try_from(packed).ok()?)?;
    if end > data.len() {
        return None;
    }
    let name = String::from_utf8_lossy(text).into_owned();
    Some((Member { name, start, end, method }, at + 46 + text.len() + extra + comment))
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
