//! The kinds of files that are not pickles, by their first bytes.

use super::{InspectError, numpy, tar, zip};
use crate::arrow;
use crate::model::Fault;
use crate::opcode::begins_pickle;
use crate::packed;
use crate::unpack::Method;

/// A kind of file.
pub(super) struct Kind {
    magic: &'static [u8],
    /// With its article, if it has one.
    what: &'static str,
    /// The advice what to do with it.
    remedy: &'static str,
}

impl Kind {
    /// The word for a member of an archive.
    pub(super) fn word(&self) -> &'static str {
        ["a ", "an "].iter().find_map(|article| self.what.strip_prefix(article)).unwrap_or(self.what)
    }
}

const PROFILE: &str = "; `sercost profile` takes it";
const NOTHING: &str = "";

const fn kind(magic: &'static [u8], what: &'static str, remedy: &'static str) -> Kind {
    Kind { magic, what, remedy }
}

const KINDS: &[Kind] = &[
    kind(zip::MAGIC, "a zip archive", NOTHING),
    kind(b"PK\x05\x06", "an empty zip archive", NOTHING),
    kind(numpy::MAGIC, "a NumPy array", "; its header is broken"),
    kind(b"\x89HDF\r\n\x1a\n", "an HDF5 file", "; h5ls -v shows what it holds"),
    kind(b"PAR1", "a Parquet file", "; pyarrow.parquet.read_metadata shows the sizes of its columns"),
    kind(b"ARROW1", "an Arrow file", "; pyarrow.ipc.open_file reads it"),
    kind(b"FEA1", "a Feather file", NOTHING),
    kind(b"ORC", "an ORC file", NOTHING),
    kind(b"Obj\x01", "an Avro file", NOTHING),
    kind(b"GGUF", "a GGUF file", NOTHING),
    kind(b"\x7fELF", "an ELF program or library", NOTHING),
    kind(b"MZ", "a Windows program or library", NOTHING),
    kind(b"\xcf\xfa\xed\xfe", "a Mach-O program or library", NOTHING),
    kind(b"%PDF", "a PDF document", NOTHING),
    kind(b"\x89PNG\r\n\x1a\n", "a PNG image", NOTHING),
    kind(b"\xff\xd8\xff", "a JPEG image", NOTHING),
    kind(b"GIF8", "a GIF image", NOTHING),
    kind(b"RIFF", "a RIFF file", NOTHING),
    kind(b"SQLite format 3\0", "an SQLite database", "; sqlite3_analyzer shows the sizes of its tables"),
    kind(b"7z\xbc\xaf\x27\x1c", "a 7z archive", "; unpack it first: 7z x FILE"),
    kind(b"Rar!\x1a\x07", "a RAR archive", "; unpack it first"),
    kind(b"CDF\x01", "a NetCDF file", NOTHING),
    kind(b"CDF\x02", "a NetCDF file", NOTHING),
    kind(b"MATLAB 5.0", "a MATLAB file", NOTHING),
    kind(b"#!", "a script", NOTHING),
];

const JSON: Kind = kind(b"", "JSON", PROFILE);
const STREAM: Kind = kind(arrow::MAGIC, "an Arrow stream", "; pyarrow.ipc.open_stream reads it");
const MESSAGE_PACK: Kind = kind(b"", "MessagePack", PROFILE);
const CBOR: Kind = kind(b"", "CBOR", PROFILE);
const EITHER: Kind = kind(b"", "MessagePack or CBOR", "; `sercost profile --input-format` msgpack or cbor takes it");
const XML: Kind = kind(b"", "XML or HTML", NOTHING);
const TEXT: Kind = kind(b"", "text", "; `sercost profile` takes CSV and lines of JSON");

/// Names the format of bytes that can be anything: short magic bytes that are text tell nothing.
pub(crate) fn word_of(data: &[u8]) -> Option<&'static str> {
    let is_it = |kind: &&Kind| (kind.magic.len() > 3 || kind.magic[0] > 0x7f) && data.starts_with(kind.magic);
    KINDS.iter().find(is_it).map(Kind::word)
}

/// The kind, where the first bytes tell it.
pub(super) fn of_bytes(data: &[u8]) -> Option<&'static Kind> {
    if let Some(kind) = KINDS.iter().find(|kind| data.starts_with(kind.magic)) {
        return Some(kind);
    }
    let head = &data[..data.len().min(512)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last letter may be cut.
        Err(error) if error.valid_up_to() + 4 > head.len() && head.len() > 8 => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let begins = text.trim_start();
    if begins.is_empty() || text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()) {
        return None;
    }
    Some(match begins.as_bytes()[0] {
        b'{' | b'[' => &JSON,
        b'<' => &XML,
        _ => &TEXT,
    })
}

/// The words for members of torch's archives, by their names.
pub(super) fn of_name(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let last = name.rsplit('/').next().unwrap_or(name);
    match last {
        "version" | ".format_version" if bytes.len() < 32 => Some("version of the layout"),
        "byteorder" if bytes.len() < 32 => Some("byte order"),
        ".storage_alignment" if bytes.len() < 32 => Some("alignment of storages"),
        "serialization_id" if name.ends_with(".data/serialization_id") => Some("id of the writing"),
        _ => None,
    }
}

/// Whether a member begins like a file that can hold pickles.
pub(super) fn may_hold_pickles(data: &[u8]) -> bool {
    begins_pickle(data)
        || Method::of_any_file(data).is_some()
        || data.starts_with(zip::MAGIC)
        || tar::begins(data)
        || data.starts_with(numpy::MAGIC)
}

/// Why a file is not looked into.
pub(super) fn refusal(data: &[u8], fault: &Fault) -> InspectError {
    let other = |word: &str, kind: &Kind| InspectError::Other {
        reason: format!("{word} {}", kind.what),
        remedy: kind.remedy.to_owned(),
    };
    if let Some(kind) = of_bytes(data) {
        return other("it begins like", kind);
    }
    if arrow::columns(data).is_some() {
        return other("it is", &STREAM);
    }
    match (packed::is_message_pack(data), packed::is_cbor(data)) {
        (true, false) => other("it is", &MESSAGE_PACK),
        (false, true) => other("it is", &CBOR),
        (true, true) => other("it is", &EITHER),
        (false, false) => InspectError::Other {
            reason: fault.to_string(),
            remedy: "; if it is a document, `sercost profile` takes it".to_owned(),
        },
    }
}
