//! MessagePack and CBOR, whose files have no first bytes of their own: a file is one of them if it is values of that format from
//! the first byte to the last, and the first has parts.

/// Values in values are as deep as that.
const MOST_LEVELS: usize = 1024;

/// One item, without those in it.
enum Item {
    /// A leaf of so many bytes, text if that is said.
    Leaf {
        bytes: u64,
        is_text: bool,
    },
    /// A number of items follow.
    Parts(u64),
    /// Items follow until a break.
    Open,
    Break,
}

/// The item at the start of `data`, and the bytes of its head.
type Read = fn(&[u8]) -> Option<(Item, usize)>;

/// Whether all of the data is MessagePack: one list or map that is not empty, or more values behind it.
pub fn is_message_pack(data: &[u8]) -> bool {
    is_whole(data, message_pack)
}

/// The same for CBOR.
pub fn is_cbor(data: &[u8]) -> bool {
    // The tag that says so may come first.
    is_whole(data.strip_prefix(b"\xd9\xd9\xf7").unwrap_or(data), cbor)
}

/// Whether all of it is items. Nothing recurses.
fn is_whole(data: &[u8], read: Read) -> bool {
    let mut left: Vec<Option<u64>> = Vec::new();
    let mut at = 0;
    let mut has_parts = false;
    while at < data.len() {
        let Some((item, head)) = read(&data[at..]) else { return false };
        has_parts |= at == 0 && matches!(item, Item::Parts(1..) | Item::Open);
        if !has_parts {
            return false;
        }
        at += head;
        // One item fewer is left of what this one is in.
        if let (Some(Some(count)), false) = (left.last_mut(), matches!(item, Item::Break)) {
            *count -= 1;
        }
        match item {
            Item::Leaf { bytes, is_text } => {
                let end = usize::try_from(bytes).ok().and_then(|bytes| at.checked_add(bytes));
                let Some(content) = end.and_then(|end| data.get(at..end)) else { return false };
                if is_text && std::str::from_utf8(content).is_err() {
                    return false;
                }
                at += content.len();
            }
            Item::Parts(count) => left.push(Some(count)),
            Item::Open => left.push(None),
            Item::Break if left.last() == Some(&None) => {
                left.pop();
            }
            Item::Break => return false,
        }
        while left.last() == Some(&Some(0)) {
            left.pop();
        }
        if left.len() > MOST_LEVELS {
            return false;
        }
    }
    left.is_empty() && has_parts
}

/// A number of up to eight bytes, the highest first.
fn number(data: &[u8], bytes: usize) -> Option<u64> {
    Some(data.get(1..1 + bytes)?.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

fn message_pack(data: &[u8]) -> Option<(Item, usize)> {
    let leaf = |bytes| (Item::Leaf { bytes, is_text: false }, 1);
    let counted = |width: usize, more: u64, is_text| {
        Some((Item::Leaf { bytes: number(data, width)? + more, is_text }, 1 + width))
    };
    let parts = |width: usize, each: u64| Some((Item::Parts(number(data, width)? * each), 1 + width));
    let first = *data.first()?;
    Some(match first {
        0x80..=0x8f => (Item::Parts(2 * u64::from(first & 0x0f)), 1),
        0x90..=0x9f => (Item::Parts(u64::from(first & 0x0f)), 1),
        0xa0..=0xbf => (Item::Leaf { bytes: u64::from(first & 0x1f), is_text: true }, 1),
        0xc1 => return None,
        0xc4..=0xc6 => counted(1 << (first - 0xc4), 0, false)?,
        0xc7..=0xc9 => counted(1 << (first - 0xc7), 1, false)?,
        0xca | 0xce | 0xd2 => leaf(4),
        0xcb | 0xcf | 0xd3 => leaf(8),
        0xcc | 0xd0 => leaf(1),
        0xcd | 0xd1 => leaf(2),
        0xd4..=0xd8 => leaf(1 + (1 << (first - 0xd4))),
        0xd9..=0xdb => counted(1 << (first - 0xd9), 0, true)?,
        0xdc => parts(2, 1)?,
        0xdd => parts(4, 1)?,
        0xde => parts(2, 2)?,
        0xdf => parts(4, 2)?,
        _ => leaf(0),
    })
}

fn cbor(data: &[u8]) -> Option<(Item, usize)> {
    let first = *data.first()?;
    let (kind, short) = (first >> 5, first & 0x1f);
    let width = match short {
        24..=27 => 1 << (short - 24),
        28..=30 => return None,
        _ => 0,
    };
    let value = if width == 0 { u64::from(short) } else { number(data, width)? };
    let item = match (kind, short) {
        (7, 31) => Item::Break,
        (2..=5, 31) => Item::Open,
        (_, 31) => return None,
        (0 | 1 | 7, _) => Item::Leaf { bytes: 0, is_text: false },
        (2 | 3, _) => Item::Leaf { bytes: value, is_text: kind == 3 },
        (4, _) => Item::Parts(value),
        (5, _) => Item::Parts(value.checked_mul(2)?),
        // A tag has one item.
        _ => Item::Parts(1),
    };
    Some((item, 1 + width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_the_file_does() {
        let packed = b"\x82\xa1a\x93\x01\xc0\xcb\x3f\xf8\0\0\0\0\0\0\xa1b\xc7\x02\x05xy";
        assert!(is_message_pack(packed) && !is_cbor(packed));
        assert!(!is_message_pack(&packed[..packed.len() - 1]));
        assert!(!is_message_pack(b"\x01\x02") && !is_message_pack(b"") && !is_message_pack(b"\x90"));
        let cbor = b"\xa2\x61a\x9f\x01\xf9\x3c\0\xff\x61b\xc1\x1a\x51\x4b\x67\xb0";
        assert!(is_cbor(cbor) && !is_message_pack(cbor));
        assert!(!is_cbor(&cbor[..cbor.len() - 1]) && !is_cbor(b"\x82\x01\xff"));
        assert!(is_cbor(b"\xd9\xd9\xf7\x82\x01\x02"));
        assert!(!is_cbor(&[0x81; 5000]) && !is_message_pack(&[0x91; 5000]));
        assert!(!is_message_pack(b"\xdf\xff\xff\xff\xff"));
    }
}
