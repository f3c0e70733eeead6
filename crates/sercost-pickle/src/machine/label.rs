//! Names by number: keys, attributes and classes. A name that stands in the pickle is kept as its place there.

use super::entry::NONE;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The number of names that are kept before only those of heavy values are.
const FEW: usize = 1 << 16;
/// The number of names that are kept at all.
const MOST: usize = 1 << 18;

/// The names of one pickle.
#[derive(Debug)]
pub(super) struct Labels<'a> {
    names: Vec<Name<'a>>,
    /// By hash. Where two names have one hash, the second is under the next free number.
    by_hash: HashMap<u64, u32, BuildHasherDefault<Given>>,
}

#[derive(Clone, Debug)]
enum Name<'a> {
    Input(&'a [u8]),
    Own(Box<str>),
}

impl Name<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Name::Input(bytes) => bytes,
            Name::Own(text) => text.as_bytes(),
        }
    }
}

impl<'a> Labels<'a> {
    pub(super) fn new() -> Self {
        Labels { names: Vec::new(), by_hash: HashMap::default() }
    }

    /// The number of a name, if it has one.
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        self.place(name).ok()
    }

    /// The number of a name that stands in the pickle. A light one gets none when there are many.
    pub(super) fn intern(&mut self, name: &'a [u8], heavy: bool) -> Option<u32> {
        self.insert(name, if heavy { MOST } else { FEW }, Name::Input(name))
    }

    /// The number of a name that we made.
    pub(super) fn intern_own(&mut self, name: &str) -> u32 {
        match self.place(name.as_bytes()) {
            Ok(id) => id,
            Err(_) => self.insert(name.as_bytes(), MOST, Name::Own(name.into())).unwrap_or(NONE),
        }
    }

    /// The number of a name that we made. A light one gets none when there are many.
    pub(super) fn intern_made(&mut self, name: &str, heavy: bool) -> Option<u32> {
        self.insert(name.as_bytes(), if heavy { MOST } else { FEW }, Name::Own(name.into()))
    }

    fn insert(&mut self, name: &[u8], most: usize, kept: Name<'a>) -> Option<u32> {
        match self.place(name) {
            Ok(id) => Some(id),
            Err(_) if self.names.len() >= most => None,
            Err(hash) => {
                let id = self.names.len() as u32;
                self.names.push(kept);
                self.by_hash.insert(hash, id);
                Some(id)
            }
        }
    }

    fn place(&self, name: &[u8]) -> Result<u32, u64> {
        let mut hash = hash(name);
        loop {
            match self.by_hash.get(&hash) {
                Some(&id) if self.names[id as usize].bytes() == name => return Ok(id),
                Some(_) => hash = hash.wrapping_add(1),
                None => return Err(hash),
            }
        }
    }

    /// The name, if it stands in the pickle.
    pub(super) fn input(&self, id: u32) -> Option<&'a [u8]> {
        match self.names.get(id as usize)? {
            Name::Input(bytes) => Some(bytes),
            Name::Own(_) => None,
        }
    }

    pub(super) fn bytes(&self, id: u32) -> &[u8] {
        self.names.get(id as usize).map_or(b"", |name| name.bytes())
    }

    pub(super) fn text(&self, id: u32) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(id))
    }
}

/// Keys are short and their hash is taken once for each.
fn hash(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("the keys are u64")
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
