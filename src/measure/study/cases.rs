//! Which rows a study has.

use super::{NULL, Study};
use crate::codec::{self, CODECS, CodecSpec, Compression, OwnPayload};
use crate::measure::case::RustCase;
#[cfg(feature = "python")]
use crate::measure::runner::PythonRunner;
use crate::measure::runner::{Runner, RustRunner};
use crate::model::{Interpreter, Representation};

/// The codecs that are asked for, or the usual ones where `asked` is `None`; each also with every compressor, and with its
/// number among the rows of the same codec. The `null` codec is a row of every typed table, so that everybody sees how
/// much of a row is the walking.
pub fn with_compressors(
    asked: Option<&[CodecSpec]>,
    compressions: &[Compression],
    representations: &[Representation],
) -> Vec<(CodecSpec, usize)> {
    let plain = |codec| CodecSpec { codec, compression: None };
    let usual = || CODECS.iter().filter(|codec| codec.by_default()).map(|&codec| plain(codec)).collect();
    let wanted: Vec<CodecSpec> = asked.map_or_else(usual, <[_]>::to_vec);
    if wanted.is_empty() {
        // Rows of Python alone do not walk anything of ours.
        return Vec::new();
    }
    let null = codec::find(NULL).map(plain).filter(|_| representations.contains(&Representation::Typed));
    let mut specs: Vec<(CodecSpec, usize)> = Vec::new();
    for spec in null.into_iter().chain(wanted) {
        let is_null = spec.codec.info().name == NULL;
        let squeezes_nothing = is_null && spec.compression.is_some();
        let before = specs.iter().filter(|(known, _)| known.name() == spec.name()).count();
        // A codec that was named twice has two rows, to see how far two rows of the same codec lie apart.
        let is_second_null = is_null && before > 0;
        if !squeezes_nothing && !is_second_null {
            specs.push((spec, before));
        }
        if spec.compression.is_some() || is_null {
            continue;
        }
        for &compression in compressions {
            let spec = CodecSpec { codec: spec.codec, compression: Some(compression) };
            let named = asked.unwrap_or_default().iter().any(|named| named.name() == spec.name());
            if !named && !specs.iter().any(|(known, _)| known.name() == spec.name()) {
                specs.push((spec, 0));
            }
        }
    }
    specs
}

impl Study {
    /// Every combination, transports outermost, so that a report can take them table by table. The null codec has no
    /// transport and one representation, so it is there once. Rows of Python, which have their own of both, come last.
    /// A payload of the program's own has the codecs of its type.
    pub(super) fn runners(&self, own: Option<&OwnPayload>) -> Vec<Box<dyn Runner>> {
        let rust = self.rust_cases(own).into_iter().map(|case| Box::new(RustRunner::new(case)) as Box<dyn Runner>);
        rust.chain(self.python_runners()).collect()
    }

    #[cfg(feature = "python")]
    pub(super) fn python_runners(&self) -> Vec<Box<dyn Runner>> {
        self.python.iter().map(|case| Box::new(PythonRunner(case.clone())) as Box<dyn Runner>).collect()
    }

    #[cfg(not(feature = "python"))]
    pub(super) fn python_runners(&self) -> Vec<Box<dyn Runner>> {
        Vec::new()
    }

    /// The interpreters of the rows of Python, each once.
    pub(super) fn interpreters(&self) -> Vec<Interpreter> {
        #[cfg_attr(not(feature = "python"), allow(unused_mut, reason = "without rows of Python it stays empty"))]
        let mut found: Vec<Interpreter> = Vec::new();
        #[cfg(feature = "python")]
        for case in &self.python {
            if !found.contains(&case.interpreter.about) {
                found.push(case.interpreter.about.clone());
            }
        }
        found
    }

    fn codecs_of(&self, own: Option<&OwnPayload>) -> Vec<(CodecSpec, usize)> {
        let Some(own) = own else { return self.codecs.clone() };
        let of_type = |&(spec, copy): &(CodecSpec, usize)| {
            let codec = own.find(spec.codec.info().name);
            codec.map(|codec| (CodecSpec { codec, ..spec }, copy))
        };
        let mut codecs: Vec<_> = self.codecs.iter().filter_map(of_type).collect();
        for &codec in &own.brought {
            let name = codec.info().name;
            if !codecs.iter().any(|(spec, _)| spec.codec.info().name == name) {
                codecs.push((CodecSpec { codec, compression: None }, 0));
            }
        }
        codecs
    }

    /// The cases of the first transport, each codec once, without compressors.
    pub(in crate::measure) fn counted_cases(&self) -> Vec<RustCase> {
        let mut cases: Vec<RustCase> = Vec::new();
        for mut case in self.rust_cases(None) {
            case.spec.compression = None;
            let is_it =
                |known: &RustCase| known.spec.name() == case.spec.name() && known.representation == case.representation;
            if !cases.iter().any(is_it) {
                cases.push(case);
            }
        }
        cases
    }

    fn rust_cases(&self, own: Option<&OwnPayload>) -> Vec<RustCase> {
        let mut cases: Vec<RustCase> = Vec::new();
        for &transport in &self.transports {
            for &representation in &self.representations {
                let codecs = match representation {
                    Representation::Derived => self.derived_codecs.clone(),
                    _ => self.codecs_of(own),
                };
                for (spec, copy) in codecs {
                    let case = RustCase { representation, spec, transport, copy, here: self.settings.here };
                    let again = case.is_null() && cases.iter().any(RustCase::is_null);
                    if !(again || case.is_null() && representation != Representation::Typed) {
                        cases.push(case);
                    }
                }
            }
        }
        cases
    }
}
