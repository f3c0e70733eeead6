//! Python's pickle by sercost's own writer: byte for byte what CPython would send.
//!
//! A row is encoded as the Python object that a program would have in its place: a record is a `dict`, a list a `list`,
//! a column of mixed types its bare values. Decoding reads plain data, and never calls or imports what a pickle names.

use super::{Codec, CodecError, Format, Info, no_bytes_left};
use crate::payload::{Pickled, Sink, SinkSeed};
use sercost_pickle::plain::Outline;
use sercost_pickle::plain::deserializer::Deserializer;
use sercost_pickle::write::{self, Identity, PickleOf};
use serde::Serialize;
use serde::de::DeserializeSeed;

/// The codecs `pickle:2` to `pickle:5`.
#[derive(Debug)]
pub(super) struct Pickle {
    info: &'static Info,
    protocol: u8,
    identity: Identity,
    of: PickleOf,
    by_default: bool,
}

const INFO: Info = Info {
    name: "pickle:5",
    aliases: &["pickle", "pickle-5"],
    format: "pickle 5",
    package: concat!("sercost ", env!("CARGO_PKG_VERSION")),
    native: false,
    self_describing: true,
    zero_copy: true,
    maintained: true,
    untrusted: true,
    note: "the bytes of pickle.dumps of CPython 3.8 to 3.14 with protocol 5 (--pickle-of 3.15: those of 3.15); equal keys are one object, equal strings are not; at most 500 levels",
};

/// The codec `pickle:2`.
pub(super) const PROTOCOL_2: Pickle = Pickle {
    info: &Info {
        name: "pickle:2",
        aliases: &["pickle-2"],
        format: "pickle 2",
        note: "as pickle:5 with protocol 2, the last that Python 2 reads; bytes are text that a call encodes back",
        ..INFO
    },
    protocol: 2,
    identity: Identity::Keys,
    of: PickleOf::V3_14,
    by_default: false,
};

/// The codec `pickle:3`.
pub(super) const PROTOCOL_3: Pickle = Pickle {
    info: &Info {
        name: "pickle:3",
        aliases: &["pickle-3"],
        format: "pickle 3",
        note: "as pickle:5 with protocol 3, the default of Python 3.0 to 3.7; no frames",
        ..INFO
    },
    protocol: 3,
    identity: Identity::Keys,
    of: PickleOf::V3_14,
    by_default: false,
};

/// The codec `pickle:4`.
pub(super) const PROTOCOL_4: Pickle = Pickle {
    info: &Info {
        name: "pickle:4",
        aliases: &["pickle-4"],
        format: "pickle 4",
        note: "as pickle:5 with protocol 4, the default of Python 3.8 to 3.13; for plain data the same bytes except the one that says the protocol",
        ..INFO
    },
    protocol: 4,
    identity: Identity::Keys,
    of: PickleOf::V3_14,
    by_default: true,
};

/// The codec `pickle:5`.
pub(super) const PROTOCOL_5: Pickle =
    Pickle { info: &INFO, protocol: 5, identity: Identity::Keys, of: PickleOf::V3_14, by_default: true };

/// The codec `pickle:5-unshared`.
pub(super) const UNSHARED: Pickle = Pickle {
    info: &Info {
        name: "pickle:5-unshared",
        aliases: &["pickle-unshared"],
        note: "as pickle:5, but no two keys or strings are one object: dicts whose keys were read anew for each row",
        ..INFO
    },
    protocol: 5,
    identity: Identity::None,
    of: PickleOf::V3_14,
    by_default: false,
};

/// The codec `pickle:5-interned`.
pub(super) const INTERNED: Pickle = Pickle {
    info: &Info {
        name: "pickle:5-interned",
        aliases: &["pickle-interned"],
        note: "as pickle:5, but all equal strings are one object, and all equal bytes: values that went through sys.intern",
        ..INFO
    },
    protocol: 5,
    identity: Identity::Equal,
    of: PickleOf::V3_14,
    by_default: false,
};

/// The package of the codecs in results when they write as CPython 3.15 does.
const PACKAGE_3_15: &str = concat!("sercost ", env!("CARGO_PKG_VERSION"), ", as CPython 3.15");

/// The same codecs, by the same names, that write as CPython 3.15 does.
macro_rules! of_3_15 {
    ($($codec:ident),*) => {
        const OF_3_15: &[&Pickle] = &[$(&Pickle {
            info: &Info { package: PACKAGE_3_15, ..*$codec.info },
            of: PickleOf::V3_15,
            ..$codec
        }),*];
    };
}

of_3_15!(PROTOCOL_2, PROTOCOL_3, PROTOCOL_4, PROTOCOL_5, UNSHARED, INTERNED);

/// The codec that writes as that CPython does; any other codec itself.
///
/// Decoding does not depend on the version, so a receiver that goes by the name decodes either.
pub fn pickled_as(codec: &'static dyn Codec, of: PickleOf) -> &'static dyn Codec {
    let named = |known: &&&'static Pickle| known.info.name == codec.info().name;
    match (of, OF_3_15.iter().find(named)) {
        (PickleOf::V3_15, Some(&found)) => found,
        _ => codec,
    }
}

impl Format for Pickle {
    type Style = Pickled;

    fn info(&self) -> &'static Info {
        self.info
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(write::to_vec(value, self.protocol, self.identity, self.of, out)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let outline = Outline::read(bytes)?;
        no_bytes_left(bytes.len() - outline.length())?;
        Ok(SinkSeed(sink).deserialize(Deserializer::new(&outline)?)?)
    }

    fn by_default(&self) -> bool {
        self.by_default
    }
}
