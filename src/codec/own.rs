//! Codecs for values of the caller's own types: every format that speaks serde, and codecs that the caller brings.

use super::{
    Codec, CodecError, CodecSpec, Decoded, Format, FormatVisitor, Info, SpecError, Subject, is_called, visit_formats,
};
use crate::model::Representation;
use crate::payload::show::RustFor;
use crate::payload::{Column, Encodable, OwnMessages, PayloadError, PayloadSpec, Schema, Style, Values};
use serde::{Serialize, de::DeserializeOwned};
use std::ffi::OsStr;
use std::fmt;
use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::Arc;

/// A payload of the caller's, and the codecs that take it.
#[derive(Clone)]
pub struct OwnPayload {
    /// As the caller calls it.
    pub name: String,
    /// The messages.
    pub messages: Arc<dyn OwnMessages>,
    /// Whether each is a message of its own.
    pub many: bool,
    /// The formats that speak serde, for its type.
    pub codecs: Vec<&'static dyn Codec>,
    /// The codecs of its type that the caller brought.
    pub brought: Vec<&'static dyn Codec>,
}

impl OwnPayload {
    /// The codec of that name or alias, in any case.
    pub fn find(&self, name: &str) -> Option<&'static dyn Codec> {
        self.brought.iter().chain(&self.codecs).copied().find(|codec| is_called(*codec, name))
    }

    /// Whether the caller brought a codec of that name.
    pub fn brings(&self, name: &str) -> bool {
        self.brought.iter().any(|codec| codec.info().name == name)
    }

    /// Reads `codec`, `codec+compressor` or `codec+compressor:level`, of the codecs of its type.
    ///
    /// # Errors
    ///
    /// When there is no such codec or compressor, or none of them is for the type.
    pub fn parse(&self, text: &str) -> Result<CodecSpec, SpecError> {
        let (name, compression) = CodecSpec::split(text)?;
        match self.find(name) {
            Some(codec) => Ok(CodecSpec { codec, compression }),
            None => CodecSpec::parse(text).and_then(|spec| {
                Err(SpecError::NotOfType { codec: spec.codec.info().name, payload: self.name.clone() })
            }),
        }
    }

    /// The payload of that name among `own`; otherwise a built-in shape, a file or standard input.
    ///
    /// # Errors
    ///
    /// When it is none of these.
    pub fn parse_payload(given: &OsStr, own: &[OwnPayload]) -> Result<PayloadSpec, PayloadError> {
        match own.iter().find(|own| *own.name == *given) {
            Some(OwnPayload { name, messages, .. }) => {
                Ok(PayloadSpec::Own { name: name.clone(), messages: Arc::clone(messages) })
            }
            None => PayloadSpec::parse(given),
        }
    }
}

/// Refuses codecs that none of the payloads has, where all are of types of the caller's.
///
/// # Errors
///
/// With the first of them.
pub fn check_asked(asked: &[CodecSpec], own: &[OwnPayload], payloads: usize) -> Result<(), SpecError> {
    if own.len() < payloads {
        return Ok(());
    }
    for spec in asked {
        let mut parsed = own.iter().map(|own| own.parse(&spec.name()));
        match parsed.next() {
            Some(Err(error)) if parsed.all(|parsed| parsed.is_err()) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl fmt::Debug for OwnPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnPayload({}: {:?}, {} codecs)", self.name, self.messages, self.codecs.len())
    }
}

/// The error of a codec that is given messages of another type than it is for.
const OTHER_TYPE: &str = "the codec is for values of another type";

/// Every format that speaks serde, for values of type `T`.
pub fn serde_codecs<T: Serialize + DeserializeOwned + Send + Sync + 'static>() -> Vec<&'static dyn Codec> {
    struct Gather<T>(Vec<&'static dyn Codec>, PhantomData<fn(T)>);

    impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> FormatVisitor for Gather<T> {
        fn visit<F: Format>(&mut self, format: &'static F) {
            self.0.push(leaked::<T, _>(BySerde(format), Format::info(format), Format::decodes(format)));
        }
    }

    let mut all = Gather::<T>(Vec::new(), PhantomData);
    visit_formats(&mut all);
    all.0
}

/// Whether formats of two styles take the same types.
const fn takes_same<A: Style, B: Style>() -> bool {
    A::NAMED == B::NAMED && A::SELF_DESCRIBING == B::SELF_DESCRIBING
}

/// The formats that take the types which `S` stands for, for values of type `T`. No code is made for the others.
pub fn serde_codecs_of<T, S>() -> Vec<&'static dyn Codec>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    S: Style,
{
    struct Gather<T, S>(Vec<&'static dyn Codec>, PhantomData<fn(T, S)>);

    impl<T: Serialize + DeserializeOwned + Send + Sync + 'static, S: Style> FormatVisitor for Gather<T, S> {
        fn visit<F: Format>(&mut self, format: &'static F) {
            if const { takes_same::<S, F::Style>() } && Format::decodes(format) {
                self.0.push(leaked::<T, _>(BySerde(format), Format::info(format), true));
            }
        }
    }

    let mut all = Gather::<T, S>(Vec::new(), PhantomData);
    visit_formats(&mut all);
    all.0
}

/// The rows of a column as values of type `T`, by way of the first format that takes the types which `S` stands for.
///
/// # Errors
///
/// In the words of the format; or when this build has none.
pub fn values_by_format<T: DeserializeOwned, S: Style>(schema: &Schema, column: &Column) -> Result<Vec<T>, String> {
    struct Carry<'c, T, S> {
        encodable: Encodable<'c>,
        values: Result<Vec<T>, String>,
        is_done: bool,
        style: PhantomData<S>,
    }

    impl<T: DeserializeOwned, S: Style> FormatVisitor for Carry<'_, T, S> {
        fn visit<F: Format>(&mut self, format: &'static F) {
            if self.is_done || !const { takes_same::<S, F::Style>() } || !format.decodes() {
                return;
            }
            let carried = (0..self.encodable.len()).try_fold(Vec::new(), |mut values, row| {
                let mut bytes = Vec::new();
                format.encode(&self.encodable.row::<S>(row), &mut bytes)?;
                format.decode(&bytes, &mut values)?;
                Ok(values)
            });
            self.values = carried.map_err(|error: CodecError| error.to_string());
            self.is_done = true;
        }
    }

    let mut carry = Carry::<T, S> {
        encodable: Encodable::new(schema, column),
        values: Err("no format of this build takes the type".to_owned()),
        is_done: false,
        style: PhantomData,
    };
    visit_formats(&mut carry);
    carry.values
}

/// The types that a codec takes; `None` for one that takes no types of its own.
pub fn rust_for(codec: &str) -> Option<RustFor> {
    struct Find<'n>(&'n str, Option<RustFor>);

    impl FormatVisitor for Find<'_> {
        fn visit<F: Format>(&mut self, format: &'static F) {
            if Format::info(format).name == self.0 && format.decodes() {
                self.1 = Some(match (F::Style::NAMED, F::Style::SELF_DESCRIBING) {
                    (true, _) => RustFor::Named,
                    (false, true) => RustFor::Positional,
                    (false, false) => RustFor::Compact,
                });
            }
        }
    }

    match codec {
        "rkyv" => return Some(RustFor::Rkyv),
        "borsh" => return Some(RustFor::Borsh),
        "wincode" => return Some(RustFor::Wincode),
        "bitcode-derive" => return Some(RustFor::Bitcode),
        _ => {}
    }
    let mut found = Find(codec, None);
    visit_formats(&mut found);
    found.1
}

/// What a codec does with one value of type `T`.
pub trait OwnFormat<T>: Send + Sync + 'static {
    /// Appends the encoding of `value` to `out`.
    ///
    /// # Errors
    ///
    /// The codec's own.
    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Decodes exactly one value, which takes all of `bytes`, and appends it to `values`.
    ///
    /// # Errors
    ///
    /// The codec's own.
    fn decode(&self, bytes: &[u8], values: &mut Vec<T>) -> Result<(), CodecError>;
}

/// A format that speaks serde, for any type that does.
struct BySerde<F: 'static>(&'static F);

impl<T: Serialize + DeserializeOwned, F: Format> OwnFormat<T> for BySerde<F> {
    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Format::encode(self.0, value, out)
    }

    fn decode(&self, bytes: &[u8], values: &mut Vec<T>) -> Result<(), CodecError> {
        Format::decode(self.0, bytes, values)
    }
}

/// The caller's codec as one of the table.
pub fn own_codec<T: Send + Sync + 'static>(format: impl OwnFormat<T>, info: &'static Info) -> &'static dyn Codec {
    leaked(format, info, true)
}

/// A handful of bytes for each type that a program measures, kept as the table of codecs is.
fn leaked<T: Send + Sync + 'static, F: OwnFormat<T>>(
    format: F,
    info: &'static Info,
    decodes: bool,
) -> &'static dyn Codec {
    Box::leak(Box::new(OwnCodec { format, info, decodes, of: PhantomData::<fn(T)> }))
}

/// A codec for values of type `T`.
struct OwnCodec<T, F> {
    format: F,
    info: &'static Info,
    decodes: bool,
    of: PhantomData<fn(T)>,
}

impl<T: Send + Sync + 'static, F: OwnFormat<T>> Codec for OwnCodec<T, F> {
    fn info(&self) -> &'static Info {
        self.info
    }

    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError> {
        let values = values_of::<T>(subject)?;
        for (out, value) in buffers.iter_mut().zip(values.iter().cycle()) {
            self.format.encode(black_box(value), out)?;
            black_box(&*out);
        }
        Ok(())
    }

    fn decode(&self, messages: &[&[u8]], repeats: usize, into: &mut Decoded) -> Result<(), CodecError> {
        let values = target_of::<T>(into)?;
        for message in (0..repeats).flat_map(|_| messages) {
            self.format.decode(black_box(message), values)?;
        }
        black_box(values);
        Ok(())
    }

    fn refuses(&self, representation: Representation, _: &Schema) -> Option<String> {
        let is_typed = matches!(representation, Representation::Typed | Representation::Derived);
        (!is_typed).then(|| "a value of a Rust type is encoded as that type".to_owned())
    }

    fn decodes(&self) -> bool {
        self.decodes
    }
}

fn values_of<T: 'static>(subject: Subject<'_>) -> Result<&[T], CodecError> {
    match subject {
        Subject::Own(messages) => match messages.as_any().downcast_ref::<Values<T>>() {
            Some(Values { values, .. }) => Ok(values),
            None => Err(OTHER_TYPE.into()),
        },
        _ => Err(OTHER_TYPE.into()),
    }
}

fn target_of<T: 'static>(into: &mut Decoded) -> Result<&mut Vec<T>, CodecError> {
    match into {
        Decoded::Own(target) => target.as_any_mut().downcast_mut::<Vec<T>>().ok_or_else(|| OTHER_TYPE.into()),
        _ => Err(OTHER_TYPE.into()),
    }
}
