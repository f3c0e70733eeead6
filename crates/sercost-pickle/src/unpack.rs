//! Compressed files: which method a file is compressed by, and its bytes unpacked, never more of them than is allowed.

use crate::model::Bytes;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Why a file was not unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Nothing here unpacks the method, or the feature that does is off.
    #[error("it is compressed by {method}, which is not unpacked here; unpack it first: {remedy}")]
    Unknown {
        /// The name of the method.
        method: &'static str,
        /// A command.
        remedy: &'static str,
    },
    /// This build does not unpack the method.
    #[error(
        "it is compressed by {method}, which this build of sercost leaves out (feature \"{feature}\" of the crate); unpack it first: {remedy}"
    )]
    LeftOut {
        /// The name of the method.
        method: &'static str,
        /// The feature of the crate that adds it.
        feature: &'static str,
        /// A command.
        remedy: &'static str,
    },
    /// The bytes are not what the method makes.
    #[error("it cannot be unpacked as {method}: {reason}")]
    Broken {
        /// The name of the method.
        method: &'static str,
        /// In the library's words.
        reason: String,
    },
    /// It becomes larger than it may.
    #[error("unpacked from {method} it is more than {most}")]
    TooLarge {
        /// The name of the method.
        method: &'static str,
        /// The most bytes that it may become.
        most: Bytes,
    },
    /// The caller wants no more of it.
    #[error("{0}")]
    Stopped(String),
}

/// A method of compression.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The endings of file names, without the dot.
    pub endings: &'static [&'static str],
    /// The first bytes of such files, any of these.
    magic: &'static [&'static [u8]],
    /// Whether what begins so is beyond doubt such a file, also where any kind of file is expected.
    certain: bool,
    open: Result<Open, Absent>,
    /// A command that unpacks it.
    remedy: &'static str,
}

/// The reason that there is no [`Open`].
#[derive(Clone, Copy, Debug)]
enum Absent {
    /// Nothing unpacks the method.
    Unknown,
    /// The feature of the crate that would is not part of this build.
    #[cfg_attr(
        all(feature = "bzip2", feature = "gzip", feature = "lz4", feature = "xz", feature = "zstd"),
        allow(dead_code, reason = "a build with all features leaves out nothing")
    )]
    LeftOut(&'static str),
}

/// The way to open by the crate behind a feature, if this build has it.
macro_rules! opened_by {
    ($feature:literal, $open:expr) => {{
        #[cfg(feature = $feature)]
        let open: Result<Open, Absent> = Ok($open);
        #[cfg(not(feature = $feature))]
        let open: Result<Open, Absent> = Err(Absent::LeftOut($feature));
        open
    }};
}

/// With the KiB of memory that a dictionary or window may take.
type Open = for<'a> fn(Tracked<'a>, u32) -> io::Result<Box<dyn Read + 'a>>;

/// The dictionary of an xz file and the window of a zstd file may take this much, in KiB: more than the highest level of xz
/// asks for, and what `zstd --long=31` makes.
const MOST_DICTIONARY_KIB: u32 = 2 << 20;
/// The same where only the start is looked at.
const FEW_DICTIONARY_KIB: u32 = 16 << 10;

/// Every method, the commonest first.
///
/// No magic of a certain method is the start of a document in any input format: not of text, not of a pickle, and in
/// MessagePack and CBOR its first byte is a whole value or none.
pub const METHODS: &[Method] = &[
    Method {
        name: "gzip",
        endings: &["gz"],
        magic: &[b"\x1f\x8b"],
        certain: true,
        open: opened_by!("gzip", |data, _| Ok(Box::new(flate2::read::MultiGzDecoder::new(data)))),
        remedy: "gunzip FILE",
    },
    Method {
        name: "zstd",
        endings: &["zst", "zstd"],
        magic: &[b"\x28\xb5\x2f\xfd"],
        certain: true,
        open: opened_by!("zstd", |data, memory| {
            let mut decoder = zstd::stream::read::Decoder::new(data)?;
            decoder.window_log_max(memory.ilog2() + 10)?;
            Ok(Box::new(decoder))
        }),
        remedy: "unzstd FILE",
    },
    Method {
        name: "bzip2",
        endings: &["bz2"],
        magic: &[
            b"BZh11AY&SY",
            b"BZh21AY&SY",
            b"BZh31AY&SY",
            b"BZh41AY&SY",
            b"BZh51AY&SY",
            b"BZh61AY&SY",
            b"BZh71AY&SY",
            b"BZh81AY&SY",
            b"BZh91AY&SY",
        ],
        certain: true,
        open: opened_by!("bzip2", |data, _| Ok(Box::new(bzip2::read::MultiBzDecoder::new(data)))),
        remedy: "bunzip2 --keep FILE",
    },
    Method {
        name: "xz",
        endings: &["xz"],
        magic: &[b"\xfd7zXZ\0"],
        certain: true,
        open: opened_by!("xz", |data, memory| Ok(Box::new(lzma_rust2::XzReader::new_mem_limit(data, true, memory)))),
        remedy: "xz --decompress --keep FILE",
    },
    Method {
        name: "lz4",
        endings: &["lz4"],
        magic: &[b"\x04\x22\x4d\x18"],
        certain: true,
        open: opened_by!("lz4", |data, _| Ok(Box::new(lz4_flex::frame::FrameDecoder::new(data)))),
        remedy: "lz4 -d FILE",
    },
    Method {
        name: "zlib",
        endings: &["z", "zlib"],
        magic: &[b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"],
        // In CBOR, this begins a string.
        certain: false,
        open: opened_by!("gzip", |data, _| Ok(Box::new(flate2::read::ZlibDecoder::new(data)))),
        remedy: "joblib.load and joblib.dump without compress",
    },
    Method {
        name: "lzma",
        endings: &["lzma"],
        magic: &[b"\x5d\0\0"],
        certain: false,
        open: opened_by!("xz", |data, memory| Ok(Box::new(lzma_rust2::LzmaReader::new_mem_limit(data, memory, None)?))),
        remedy: "xz --format=lzma --decompress --keep FILE",
    },
    Method {
        name: "joblib before 0.10",
        endings: &[],
        magic: &[b"ZF0x"],
        certain: false,
        open: Err(Absent::Unknown),
        remedy: "joblib.load and joblib.dump without compress",
    },
];

/// The method of members of zip files, which have no first bytes to know it by.
pub static DEFLATE: Method = Method {
    name: "deflate",
    endings: &[],
    magic: &[],
    certain: false,
    open: opened_by!("gzip", |data, _| Ok(Box::new(flate2::read::DeflateDecoder::new(data)))),
    remedy: "unzip FILE",
};

/// Compressed bytes, with a count of those that were taken.
struct Tracked<'a> {
    data: &'a [u8],
    taken: Rc<Cell<usize>>,
}

impl Read for Tracked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.data.read(into)?;
        self.taken.set(self.taken.get() + read);
        Ok(read)
    }
}

impl Method {
    /// The method that a file is compressed by, whose bytes can be nothing else.
    pub fn of_any_file(data: &[u8]) -> Option<&'static Method> {
        METHODS.iter().find(|method| method.certain && method.begins(data))
    }

    /// The method that a pickle is compressed by: none of these is the start of a pickle, since their second or third
    /// byte is not an opcode where the first is one, and no argument of it ends there.
    pub fn of_pickle(data: &[u8]) -> Option<&'static Method> {
        METHODS.iter().find(|method| method.begins(data))
    }

    /// The method that the ending of a file's name stands for, and the name without it.
    pub fn of_name(name: &str) -> Option<(&'static Method, &str)> {
        let (stem, ending) = name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let method = METHODS.iter().find(|method| method.endings.contains(&&*ending))?;
        Some((method, stem))
    }

    /// Whether a file begins as this method's do.
    pub fn begins(&self, data: &[u8]) -> bool {
        self.magic.iter().any(|magic| data.starts_with(magic))
    }

    /// The unpacked bytes of the whole of `data`. `watch` is told now and then how many bytes were taken and given, and
    /// says why there should be no more.
    ///
    /// # Errors
    ///
    /// When it cannot be unpacked, would be more than `most` bytes, or `watch` says so.
    pub fn unpack(
        &'static self,
        data: &[u8],
        most: u64,
        watch: &mut dyn FnMut(u64, u64) -> Result<(), String>,
    ) -> Result<Vec<u8>, UnpackError> {
        /// Bytes that take some milliseconds.
        const STEP: u64 = 1 << 20;
        let method = self.name;
        let remedy = self.remedy;
        let open = self.open.map_err(|absent| match absent {
            Absent::Unknown => UnpackError::Unknown { method, remedy },
            Absent::LeftOut(feature) => UnpackError::LeftOut { method, feature, remedy },
        })?;
        let broken = |error: io::Error| UnpackError::Broken { method, reason: reason(&error) };
        let taken = Rc::new(Cell::new(0));
        let tracked = Tracked { data, taken: Rc::clone(&taken) };
        let mut reader = open(tracked, MOST_DICTIONARY_KIB).map_err(broken)?;
        let mut unpacked = Vec::new();
        loop {
            let left = most.saturating_sub(unpacked.len() as u64);
            let read =
                (&mut reader).take(STEP.min(left.saturating_add(1))).read_to_end(&mut unpacked).map_err(broken)?;
            if unpacked.len() as u64 > most {
                return Err(UnpackError::TooLarge { method, most: Bytes(most) });
            }
            if read == 0 {
                unpacked.shrink_to_fit();
                return Ok(unpacked);
            }
            watch(taken.get() as u64, unpacked.len() as u64).map_err(UnpackError::Stopped)?;
        }
    }

    /// The first bytes of what `data` unpacks to, at most `most`, and whether those are all. None if it is not what the method makes, is
    /// nothing, or needs much memory.
    pub fn head(&self, data: &[u8], most: u64) -> Option<(Vec<u8>, bool)> {
        let tracked = Tracked { data, taken: Rc::default() };
        let mut unpacked = Vec::new();
        let mut reader = (self.open.ok()?)(tracked, FEW_DICTIONARY_KIB).ok()?.take(most.saturating_add(1));
        reader.read_to_end(&mut unpacked).ok()?;
        let is_all = unpacked.len() as u64 <= most;
        unpacked.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        (!unpacked.is_empty()).then_some((unpacked, is_all))
    }
}

/// The library's words, or ours where those are for programs.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(all(test, feature = "bzip2", feature = "gzip", feature = "lz4", feature = "zstd"))]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(name: &str, data: &[u8]) -> Vec<u8> {
        match name {
            "gzip" => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(data).and_then(|()| encoder.finish()).expect("memory takes it")
            }
            "zlib" => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(data).and_then(|()| encoder.finish()).expect("memory takes it")
            }
            "zstd" => zstd::encode_all(data, 3).expect("memory takes it"),
            "bzip2" => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
                encoder.write_all(data).and_then(|()| encoder.finish()).expect("memory takes it")
            }
            "lz4" => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(data).expect("memory takes it");
                encoder.finish().expect("memory takes it")
            }
            other => panic!("{other} is written by nothing here"),
        }
    }

    #[test]
    fn what_was_packed_is_unpacked_and_its_limit_is_kept() {
        let data: Vec<u8> = (0..3_000_000u32).flat_map(|at| (at / 7).to_le_bytes()).collect();
        for name in ["gzip", "zlib", "zstd", "bzip2", "lz4"] {
            let packed = packed(name, &data);
            let method = Method::of_pickle(&packed).expect("it begins so");
            assert_eq!(method.name, name);
            let mut steps = 0;
            let mut watch = |taken: u64, given: u64| {
                steps += 1;
                assert!(taken <= packed.len() as u64 && given <= data.len() as u64);
                Ok(())
            };
            assert!(method.unpack(&packed, u64::MAX, &mut watch).as_ref() == Ok(&data), "{name}");
            assert!(steps > 5, "{name}: {steps}");
            assert!(method.unpack(&packed, data.len() as u64, &mut |_, _| Ok(())).is_ok(), "{name}");
            let error = method.unpack(&packed, data.len() as u64 - 1, &mut |_, _| Ok(())).expect_err("one too many");
            assert!(matches!(error, UnpackError::TooLarge { .. }), "{name}: {error}");
            let error = method.unpack(&packed, u64::MAX, &mut |_, _| Err("enough".into())).expect_err("stopped");
            assert_eq!(error.to_string(), "enough");
            let error = method.unpack(&packed[..packed.len() / 2], u64::MAX, &mut |_, _| Ok(())).expect_err("cut");
            assert!(matches!(error, UnpackError::Broken { .. }), "{name}: {error}");
            assert_eq!(method.head(&packed, 1000), Some((data[..1000].to_vec(), false)), "{name}");
            assert!(method.head(&packed, data.len() as u64) == Some((data.clone(), true)), "{name}");
            assert_eq!(method.head(&packed[..8], 1000), None, "{name}");
        }
    }

    #[test]
    fn several_members_behind_each_other_are_one_file() {
        for name in ["gzip", "zstd", "bzip2"] {
            let both = [packed(name, b"[1, "), packed(name, b"2]")].concat();
            let method = Method::of_any_file(&both).expect("it begins so");
            assert_eq!(method.unpack(&both, 100, &mut |_, _| Ok(())).as_deref(), Ok(&b"[1, 2]"[..]), "{name}");
        }
    }

    #[test]
    fn endings_are_found_in_any_case_and_stripped() {
        for (name, method, stem) in
            [("a.json.gz", "gzip", "a.json"), ("x.PKL.BZ2", "bzip2", "x.PKL"), ("b/c.d.zst", "zstd", "b/c.d")]
        {
            let (found, left) = Method::of_name(name).expect("it is known");
            assert_eq!((found.name, left), (method, stem));
        }
        assert!(Method::of_name("a.json").is_none() && Method::of_name("gz").is_none());
    }
}
