//! The headers of tar files: which member lies where (POSIX.1-2001, `pax`; GNU's long names).

use crate::model::Fault;

/// The bytes of a header, and what contents are padded to.
const BLOCK: usize = 512;
/// The most members that become parts of their own.
const MOST_MEMBERS: usize = 100_000;

/// A member with contents.
pub(super) struct Member<'a> {
    pub name: String,
    pub start: usize,
    pub bytes: &'a [u8],
}

/// The members in order, and where the file stops being a tar file.
pub(super) struct Members<'a> {
    pub list: Vec<Member<'a>>,
    pub fault: Option<Fault>,
}

/// Whether it may be a tar file.
pub(super) fn begins(data: &[u8]) -> bool {
    data.get(257..262) == Some(b"ustar")
}

/// The members, if it is a tar file.
pub(super) fn members(data: &[u8]) -> Option<Members<'_>> {
    if !begins(data) || !is_sound(data.get(..BLOCK)?) {
        return None;
    }
    let (mut list, mut fault, mut long) = (Vec::new(), None, None);
    let mut at = 0;
    while let Some(header) = data.get(at..at + BLOCK) {
        // Two blocks of nothing are the end.
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        let start = at + BLOCK;
        let size = is_sound(header).then(|| number(&header[124..136])).flatten();
        let end = size.and_then(|size| start.checked_add(size)).filter(|&end| end <= data.len());
        let Some(end) = end.filter(|_| list.len() < MOST_MEMBERS) else {
            let reason = "the tar file is broken or cut short here".to_owned();
            fault = Some(Fault { offset: at as u64, reason });
            break;
        };
        let bytes = &data[start..end];
        match header[156] {
            b'L' => long = Some(text(bytes)),
            b'x' => long = path(bytes).or(long),
            b'0' | 0 | b'7' => {
                let name = long.take().unwrap_or_else(|| name(header));
                list.push(Member { name, start, bytes });
            }
            b'g' | b'K' => {}
            _ => long = None,
        }
        at = end.next_multiple_of(BLOCK);
    }
    Some(Members { list, fault })
}

/// Whether the sum of the header's bytes is the one that it has.
fn is_sound(header: &[u8]) -> bool {
    let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    let field: u64 = header[148..156].iter().map(|&byte| u64::from(byte)).sum();
    number(&header[148..156]).is_some_and(|stated| stated as u64 == sum - field + 8 * u64::from(b' '))
}

/// A number in octal digits, or in GNU's binary form.
fn number(field: &[u8]) -> Option<usize> {
    if field[0] & 0x80 != 0 {
        return field[1..].iter().try_fold(0usize, |sum, &byte| sum.checked_mul(256)?.checked_add(usize::from(byte)));
    }
    let digits = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    usize::from_str_radix(digits, 8).ok()
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end.min(4096)]).into_owned()
}

fn name(header: &[u8]) -> String {
    let (prefix, name) = (text(&header[345..500]), text(&header[..100]));
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// The path among the records of an extended header: `27 path=a/b/c\n`.
fn path(mut records: &[u8]) -> Option<String> {
    while let Some(blank) = records.iter().position(|&byte| byte == b' ') {
        let length: usize = std::str::from_utf8(&records[..blank]).ok()?.parse().ok()?;
        let record = records.get(blank + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(text(path.trim_ascii_end()));
        }
        records = records.get(length..)?;
    }
    None
}
