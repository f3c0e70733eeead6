//! Codecs: one way each to turn a value into bytes and back, one file each, and one table of them.
//!
//! A format with a serde crate implements [`Format`], generic over what is encoded; the blanket implementation makes
//! a [`Codec`] of it, the object-safe form that the measuring works with. The loop over the operations of a sample
//! lies *inside* [`Codec::encode`] and [`Codec::decode`], where the types are known, so that a sample pays for one
//! virtual call however many operations it covers.
//!
//! A crate with a derive of its own and no serde implements [`NativeFormat`] instead, over the types of the built-in
//! shapes, and stands in the second part of the table.
//!
//! To add a codec: one file, and one line in the table that makes [`CODECS`].

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "bitcode")]
mod bitcode;
#[cfg(feature = "borsh")]
mod borsh;
#[cfg(feature = "bson")]
mod bson;
#[cfg(feature = "cbor")]
mod cbor;
#[cfg(feature = "ciborium")]
mod ciborium;
mod compress;
#[cfg(feature = "flexbuffers")]
mod flexbuffers;
mod guard;
#[cfg(feature = "json")]
mod json;
mod lists;
#[cfg(feature = "msgpack")]
mod msgpack;
mod native;
mod null;
mod own;
#[cfg(feature = "pickle")]
mod pickle;
#[cfg(feature = "postcard")]
mod postcard;
#[cfg(feature = "python")]
mod python;
#[cfg(feature = "rkyv")]
mod rkyv;
#[cfg(feature = "serde-pickle")]
mod serde_pickle;
#[cfg(feature = "smile")]
mod smile;
mod spec;
#[cfg(feature = "speedy")]
mod speedy;
#[cfg(feature = "wincode")]
mod wincode;

use crate::model::Representation;
use crate::payload::native::{NativeKind, NativeMessages, NativeValues};
use crate::payload::{Encodable, OwnMessages, OwnTarget, Rows, Schema, Sink, Style, Styled, Tree};
use serde::Serialize;
use std::hint::black_box;
use std::sync::Arc;

#[cfg(feature = "bitcode")]
pub use bitcode::Derived as BitcodeDerive;
#[cfg(feature = "borsh")]
pub use borsh::Borsh;
pub use compress::{COMPRESSORS, Compression, Compressor};
pub(crate) use guard::{flatten, guard, prepare as prepare_guard};
pub use native::{Native, NativeFormat};
pub use own::{
    OwnFormat, OwnPayload, check_asked, own_codec, rust_for, serde_codecs, serde_codecs_of, values_by_format,
};
#[cfg(feature = "pickle")]
pub use pickle::pickled_as;
#[cfg(feature = "python")]
pub use python::{PYTHON_PREFIX, PYTHON_ROWS, PythonRow, Takes};
#[cfg(feature = "rkyv")]
pub use rkyv::Rkyv;
pub use spec::{CodecSpec, SpecError};
#[cfg(feature = "speedy")]
pub use speedy::Speedy;
#[cfg(feature = "wincode")]
pub use wincode::Wincode;

/// Why a codec could not take or give back a value, in its own words.
pub type CodecError = Box<dyn std::error::Error + Send + Sync>;

/// The facts about a codec, for `sercost list`, the results file and the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name on the command line: `json`, `bincode-fixed`.
    pub name: &'static str,
    /// Other names that [`find`] knows it by.
    pub aliases: &'static [&'static str],
    /// The format's own name: `JSON`.
    pub format: &'static str,
    /// The crate behind it and its version: `serde_json 1.0.154`.
    pub package: &'static str,
    /// Whether it takes only the built-in shapes, through the crate's own derive and not through serde.
    pub native: bool,
    /// Whether the bytes can be decoded without a schema.
    pub self_describing: bool,
    /// Whether the crate can hand out borrowed views into the bytes (sercost decodes into owned values all the same).
    pub zero_copy: bool,
    /// Whether the crate is maintained.
    pub maintained: bool,
    /// Whether the crate's authors claim, of the way in which it is used here, that hostile bytes can do no worse to
    /// a decoder than make it return an error or a wrong value.
    pub untrusted: bool,
    /// A note for readers of its row, in one sentence; empty for nothing.
    pub note: &'static str,
}

/// A format whose crate speaks serde.
pub trait Format: Send + Sync {
    /// The parts of derived structs that this format leaves to attributes: absent fields, columns of mixed types.
    type Style: Style;

    /// The facts about it.
    fn info(&self) -> &'static Info;

    /// Appends the encoding of `value` to `out`, by the call that the crate recommends for a growable buffer.
    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Appends the encoding of a tree to `out`: as any other value, unless those who write trees in this format choose
    /// the type of a number by its value.
    fn encode_tree(&self, tree: &Tree, out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.encode(tree, out)
    }

    /// Decodes exactly one value, which takes all of `bytes`, into `sink`.
    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError>;

    /// See [`Codec::decodes`].
    fn decodes(&self) -> bool {
        true
    }

    /// See [`Codec::by_default`].
    fn by_default(&self) -> bool {
        true
    }

    /// See [`Codec::copies`].
    fn copies(&self) -> u64 {
        0
    }
}

/// The messages to encode, of which a sample takes as many as it needs, from the first again after the last.
/// A payload that is measured whole is one message.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Each row of a column is a message.
    Typed(&'a Encodable<'a>),
    /// Each tree is a message.
    Dynamic(&'a [Tree]),
    /// Each value is a message; for native codecs, and for no others.
    Native(NativeMessages<'a>),
    /// Each value of a type of the caller's is a message; for codecs of that type, and for no others.
    Own(&'a dyn OwnMessages),
}

/// The values that the messages of a sample were decoded into.
#[derive(Debug)]
pub enum Decoded {
    /// Rows of the schema.
    Typed(Rows),
    /// Trees.
    Dynamic(Vec<Tree>),
    /// Values of the Rust types that native codecs take.
    Native(NativeValues),
    /// Values of a type of the caller's.
    Own(Box<dyn OwnTarget>),
}

impl Decoded {
    /// An empty target for `codec` to decode messages of `schema` into, with room for `rows` of them.
    pub fn with_capacity(
        codec: &dyn Codec,
        representation: Representation,
        schema: &Arc<Schema>,
        rows: usize,
    ) -> Decoded {
        match (representation, NativeKind::of(schema)) {
            (Representation::Dynamic, _) => Decoded::Dynamic(Vec::with_capacity(rows)),
            (Representation::Typed, Some(kind)) if codec.info().native => {
                Decoded::Native(NativeValues::with_capacity(kind, rows))
            }
            // A native codec without a kind for the schema says so when it is asked to decode.
            (Representation::Typed | Representation::Derived | Representation::Python, _) => {
                Decoded::Typed(Rows::with_capacity(Arc::clone(schema), rows))
            }
        }
    }

    /// The number of messages that were decoded.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn len(&self) -> usize {
        match self {
            Decoded::Typed(rows) => rows.column.len(),
            Decoded::Dynamic(trees) => trees.len(),
            Decoded::Native(values) => values.len(),
            Decoded::Own(values) => values.count(),
        }
    }

    /// Whether nothing was decoded.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A codec as the measuring sees it.
pub trait Codec: Send + Sync {
    /// The facts about it.
    fn info(&self) -> &'static Info;

    /// Encodes as many messages as there are buffers, each appended to its buffer.
    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError>;

    /// Decodes each message, all of them `repeats` times over, and appends what they hold to `into`, which the caller
    /// made with room for them.
    fn decode(&self, messages: &[&[u8]], repeats: usize, into: &mut Decoded) -> Result<(), CodecError>;

    /// Why it cannot take messages of `schema` in that representation; `None` where it can, as far as can be told
    /// without trying.
    fn refuses(&self, representation: Representation, schema: &Schema) -> Option<String> {
        let Info { native, self_describing, .. } = *self.info();
        match representation {
            Representation::Dynamic if native => Some("natively derived: has no dynamic values".into()),
            Representation::Dynamic if !self_describing && self.decodes() => {
                Some("not self-describing: cannot decode a value without knowing its type".into())
            }
            Representation::Python => Some("a row of Python is measured in an interpreter".into()),
            Representation::Derived => Some("derived code is measured in a program of its own".into()),
            Representation::Typed if native && NativeKind::of(schema).is_none() => Some(NATIVE_ONLY.into()),
            _ => None,
        }
    }

    /// Whether there is something to decode: not for the `null` codec, whose trip ends with encoding.
    fn decodes(&self) -> bool {
        true
    }

    /// How many times the payload as columns its crate holds at most beside the encoding and the decoded value: 0 where
    /// it holds little.
    fn copies(&self) -> u64 {
        0
    }

    /// Whether it is measured when no codec is asked for: not if it differs little from one that is.
    fn by_default(&self) -> bool {
        true
    }
}

/// The error of a native codec that was given something else than the types it was derived for.
const NATIVE_ONLY: &str = "natively derived: takes the built-in shapes and lists of i64, f64 or strings; it needs Rust types that \
                           are compiled in, and this payload's are known only when it is read";

/// The error of a serde codec that was given native messages.
const NOT_NATIVE: &str = "a codec that speaks serde takes typed and dynamic messages, not native ones";

impl<F: Format> Codec for F {
    fn info(&self) -> &'static Info {
        Format::info(self)
    }

    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError> {
        match subject {
            Subject::Typed(messages) => lists::encode(self, messages, buffers)?,
            Subject::Dynamic(trees) => {
                for (out, tree) in buffers.iter_mut().zip(trees.iter().cycle()) {
                    self.encode_tree(black_box(tree), out)?;
                    black_box(&*out);
                }
            }
            Subject::Native(_) | Subject::Own(_) => return Err(NOT_NATIVE.into()),
        }
        Ok(())
    }

    fn decode(&self, messages: &[&[u8]], repeats: usize, into: &mut Decoded) -> Result<(), CodecError> {
        let all = || (0..repeats).flat_map(|_| messages);
        match into {
            Decoded::Typed(rows) => {
                match messages {
                    [message] if repeats == 1 => lists::decode(self, message, rows)?,
                    _ => {
                        let mut sink = Styled::<F::Style>::new(rows);
                        all().try_for_each(|message| Format::decode(self, black_box(message), &mut sink))?;
                    }
                }
                black_box(&rows.column);
            }
            Decoded::Dynamic(trees) => {
                for message in all() {
                    Format::decode(self, black_box(message), trees)?;
                }
                black_box(trees);
            }
            Decoded::Native(_) | Decoded::Own(_) => return Err(NOT_NATIVE.into()),
        }
        Ok(())
    }

    fn decodes(&self) -> bool {
        Format::decodes(self)
    }

    fn by_default(&self) -> bool {
        Format::by_default(self)
    }

    fn copies(&self) -> u64 {
        Format::copies(self)
    }
}

/// Makes the table, and with it the ways to come at the formats themselves. Behind a feature of the crate stands what it
/// adds.
macro_rules! codecs {
    (
        always { $($always:expr,)* }
        serde { $($feature:literal => $format:expr,)* }
        native { $($native_feature:literal => $native:expr,)* }
    ) => {
        /// Every codec that this build has, in the order of the documentation.
        pub const CODECS: &[&dyn Codec] = &[
            $(&$always,)*
            $(#[cfg(feature = $feature)] &$format,)*
            $(#[cfg(feature = $native_feature)] &Native($native),)*
        ];

        /// The features of the crate that would add a codec to this build.
        const LEFT_OUT: &[&str] = &[
            $(#[cfg(not(feature = $feature))] $feature,)*
            $(#[cfg(not(feature = $native_feature))] $native_feature,)*
        ];

        /// The feature of the crate behind a codec of this build; `None` for one that every build has.
        #[cfg_attr(not(feature = "cli"), allow(dead_code, unused_variables, reason = "who generates programs asks for it"))]
        pub fn feature_of(codec: &str) -> Option<&'static str> {
            $(#[cfg(feature = $feature)]
            if Format::info(&$format).name == codec {
                return Some($feature);
            })*
            $(#[cfg(feature = $native_feature)]
            if NativeFormat::info(&$native).name == codec {
                return Some($native_feature);
            })*
            None
        }

        /// Hands every format that speaks serde to `visitor`, for what a [`Codec`] cannot do: encode and decode types
        /// of the caller's own.
        pub fn visit_formats(visitor: &mut impl FormatVisitor) {
            $(visitor.visit(&$always);)*
            $(#[cfg(feature = $feature)] visitor.visit(&$format);)*
        }
    };
}

codecs! {
    always {
        null::Null,
    }
    serde {
        "json" => json::Json,
        "bincode" => bincode::VARINT,
        "bincode" => bincode::FIXED,
        "postcard" => postcard::Postcard,
        "msgpack" => msgpack::MsgPack,
        "msgpack" => msgpack::MsgPackNamed,
        "cbor" => cbor::Cbor,
        "ciborium" => ciborium::Ciborium,
        "pickle" => pickle::PROTOCOL_2,
        "pickle" => pickle::PROTOCOL_3,
        "pickle" => pickle::PROTOCOL_4,
        "pickle" => pickle::PROTOCOL_5,
        "pickle" => pickle::UNSHARED,
        "pickle" => pickle::INTERNED,
        "serde-pickle" => serde_pickle::PROTOCOL_2,
        "serde-pickle" => serde_pickle::PROTOCOL_3,
        "bitcode" => bitcode::Bitcode,
        "bson" => bson::Bson,
        "flexbuffers" => flexbuffers::FlexBuffers,
        "smile" => smile::Smile,
    }
    native {
        "rkyv" => rkyv::Rkyv,
        "borsh" => borsh::Borsh,
        "wincode" => wincode::Wincode,
        "speedy" => speedy::Speedy,
    }
}

/// Does something with every format that speaks serde.
pub trait FormatVisitor {
    /// Takes one format.
    fn visit<F: Format>(&mut self, format: &'static F);
}

/// The codec of that name or alias, in any case.
pub fn find(name: &str) -> Option<&'static dyn Codec> {
    CODECS.iter().copied().find(|codec| is_called(*codec, name))
}

/// Whether the codec has that name or alias, in any case.
fn is_called(codec: &dyn Codec, name: &str) -> bool {
    let Info { name: known, aliases, .. } = codec.info();
    known.eq_ignore_ascii_case(name) || aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
}

/// The names of all codecs, in the order of [`CODECS`], without aliases.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn names() -> impl Iterator<Item = &'static str> {
    CODECS.iter().map(|codec| codec.info().name)
}

/// The last check of every decoder: a value that left bytes over was not the value that was sent.
fn no_bytes_left(left: usize) -> Result<(), CodecError> {
    match left {
        0 => Ok(()),
        1 => Err("bytes left over after the value".into()),
        left => Err(format!("{left} bytes left over after the value").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Holds `package version` against the versions that were really built.
    fn is_locked(package: &str) -> bool {
        let Some((name, version)) = package.split_once(' ') else { return false };
        include_str!("../../Cargo.lock").contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n"))
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        for codec in CODECS {
            assert!(is_locked(codec.info().package), "{} is not in Cargo.lock", codec.info().package);
        }
        for compressor in COMPRESSORS {
            assert!(is_locked(compressor.package), "{} is not in Cargo.lock", compressor.package);
        }
    }

    #[test]
    fn every_name_and_alias_finds_its_codec_and_no_other() {
        let mut seen = HashSet::new();
        for codec in CODECS {
            let Info { name, aliases, .. } = codec.info();
            for name in [name].into_iter().chain(*aliases) {
                assert!(seen.insert(name.to_lowercase()), "{name} is taken twice");
                assert!(!name.contains('+'), "{name} would be read as a codec and a compressor");
                let found = find(&name.to_uppercase()).map(|found| found.info().name);
                assert_eq!(found, Some(codec.info().name));
            }
        }
    }

    /// Values that are measured may be handed to another thread.
    #[test]
    fn subjects_and_what_they_decode_to_can_be_sent() {
        fn is_send<T: Send>() {}
        is_send::<Subject<'_>>();
        is_send::<Decoded>();
        is_send::<CodecSpec>();
    }

    #[test]
    fn notes_are_single_sentences() {
        for codec in CODECS {
            let note = codec.info().note;
            assert!(!note.ends_with('.') && !note.contains('\n'), "{note:?}");
        }
    }
}
