//! Cases: the trip of a payload through one codec, in one representation, over one transport.

use crate::codec::CodecSpec;
#[cfg(feature = "python")]
use crate::codec::PythonRow;
use crate::model::{NO_TRANSPORT, Representation};
#[cfg(feature = "python")]
use crate::python::Interpreter;
use crate::transport::Transport;
#[cfg(feature = "python")]
use std::sync::Arc;

/// The transport of all rows of Python, which is not among those that can be chosen.
#[cfg(feature = "python")]
pub(super) const PYTHON_TRANSPORT: &str = "multiprocessing";

/// Codecs from fast to slow, as they are on most payloads; JSON stands before its place, since it is what most compare with.
const USUALLY: [&str; 22] = [
    "null",
    "postcard",
    "bincode-fixed",
    "wincode",
    "speedy",
    "borsh",
    "rkyv",
    "bitcode",
    "json",
    "bincode",
    "msgpack",
    "pickle:4",
    "cbor",
    "msgpack-named",
    "pickle:5",
    "smile",
    "flexbuffers",
    "ciborium",
    "bson",
    "serde-pickle:3",
    "pickle:2",
    "serde-pickle:2",
];

/// The rank of rows of Python: behind the fast ones and JSON.
#[cfg(feature = "python")]
const USUAL_PLACE_OF_PYTHON: usize = 8;

/// The case of a row, independent of its runner.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The codec, with a number if it is not the first row of it: `json#2`.
    pub(super) codec: String,
    pub(super) compressor: Option<String>,
    pub(super) representation: Representation,
    pub(super) transport: &'static str,
    /// The version of the crate or module. A Python module's is known once it was imported.
    pub(super) version: String,
    /// Whether it is the null codec, which writes nothing, so that nothing is sent.
    pub(super) is_null: bool,
    /// Whether it has processes and a transport of its own, so that it is compared across transports.
    pub(super) apart: bool,
    /// Its usual place among others, from fast to slow.
    pub(super) usual_place: usize,
}

impl Case {
    /// The codec, with its compressor.
    pub(super) fn name(&self) -> String {
        match &self.compressor {
            Some(compressor) => format!("{}+{compressor}", self.codec),
            None => self.codec.clone(),
        }
    }

    /// The name in the progress line.
    pub(super) fn label(&self) -> String {
        match self.representation {
            Representation::Typed | Representation::Python => self.name(),
            Representation::Dynamic | Representation::Derived => format!("{} ({})", self.name(), self.representation),
        }
    }

    /// Whether the two are the same but for the transport.
    pub(super) fn same_but_transport(&self, other: &Case) -> bool {
        self.representation == other.representation && self.name() == other.name()
    }
}

/// A case that this program measures: encoded, sent and decoded by its own codecs.
#[derive(Clone, Copy)]
pub(super) struct RustCase {
    /// How the payload is held.
    pub representation: Representation,
    /// Codec and compressor.
    pub spec: CodecSpec,
    /// How the bytes cross.
    pub transport: &'static dyn Transport,
    /// Whether nothing crosses, since all is done in one process.
    pub here: bool,
    /// Which of several rows of the same codec it is, from 0: the null test for everybody.
    pub copy: usize,
}

impl RustCase {
    /// Whether this is the `null` codec, which only walks.
    pub(super) fn is_null(&self) -> bool {
        self.spec.codec.info().name == "null"
    }

    pub(super) fn case(&self) -> Case {
        let info = self.spec.codec.info();
        let place = USUALLY.iter().position(|&name| name == info.name).unwrap_or(USUALLY.len());
        Case {
            codec: if self.copy == 0 { info.name.to_owned() } else { format!("{}#{}", info.name, self.copy + 1) },
            compressor: self.spec.compression.as_ref().map(|compression| compression.name()),
            representation: self.representation,
            transport: if self.here { NO_TRANSPORT } else { self.transport.info().name },
            version: info.package.to_owned(),
            is_null: self.is_null(),
            apart: false,
            // Compressing takes longer than most codecs.
            usual_place: place + self.spec.compression.map_or(0, |_| USUALLY.len() / 2),
        }
    }
}

/// A case that interpreters measure: encoded in one, decoded in another.
#[cfg(feature = "python")]
#[derive(Clone, Debug)]
pub struct PythonCase {
    /// The row.
    pub row: &'static PythonRow,
    /// The interpreter that it runs in.
    pub interpreter: Arc<Interpreter>,
}

#[cfg(feature = "python")]
impl PythonCase {
    /// The name in tables and results: `python:pickle5`, or `python3.8:pickle5` where there are several interpreters.
    pub fn name(&self) -> String {
        format!("{}:{}", self.interpreter.about.name, self.row.name)
    }

    /// The interpreter's version, and before it that of the module where it is known and not the interpreter's own.
    pub(super) fn version(&self, module: Option<&str>) -> String {
        let interpreter = format!("CPython {}", self.interpreter.about.version);
        module.map_or(interpreter.clone(), |module| format!("{module}, {interpreter}"))
    }

    pub(super) fn case(&self) -> Case {
        Case {
            codec: self.name(),
            compressor: None,
            representation: Representation::Python,
            transport: PYTHON_TRANSPORT,
            version: self.version(None),
            is_null: false,
            apart: true,
            usual_place: USUAL_PLACE_OF_PYTHON,
        }
    }
}

// The list has every codec.
#[cfg(all(test, feature = "default"))]
mod tests {
    use super::*;
    use crate::codec;

    #[test]
    fn every_name_is_a_codec() {
        for name in USUALLY {
            assert!(codec::find(name).is_some(), "{name}");
        }
    }
}
