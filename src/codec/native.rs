//! The blanket implementation for codecs that know only the Rust types of the built-in shapes.

use super::{Codec, CodecError, Decoded, Info, NATIVE_ONLY, Subject};
use crate::payload::native::{MessagesVisitor, NativeType, ValuesVisitor};
use std::hint::black_box;

/// A format whose crate has a derive of its own and does not speak serde.
pub trait NativeFormat: Send + Sync {
    /// The facts about it.
    fn info(&self) -> &'static Info;

    /// Appends the encoding of `value` to `out`, by the call that the crate recommends for a growable buffer.
    fn encode<T: NativeType>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Decodes one owned value, which takes all of `bytes`.
    fn decode<T: NativeType>(&self, bytes: &[u8]) -> Result<T, CodecError>;
}

/// Makes a codec of the functions `encode` and `decode` of a module, which take types with the derives of a crate: for the
/// built-in shapes, and for types of the caller's.
#[cfg(any(feature = "borsh", feature = "rkyv", feature = "speedy", feature = "wincode"))]
macro_rules! derived {
    ($format:ident: $bound:path, $info:expr) => {
        impl $crate::codec::NativeFormat for $format {
            fn info(&self) -> &'static Info {
                &$info
            }

            fn encode<T: $crate::payload::native::NativeType>(
                &self,
                value: &T,
                out: &mut Vec<u8>,
            ) -> Result<(), CodecError> {
                encode(value, out)
            }

            fn decode<T: $crate::payload::native::NativeType>(&self, bytes: &[u8]) -> Result<T, CodecError> {
                decode(bytes)
            }
        }

        impl<T: $bound + 'static> $crate::codec::OwnFormat<T> for $format {
            fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
                encode(value, out)
            }

            fn decode(&self, bytes: &[u8], values: &mut Vec<T>) -> Result<(), CodecError> {
                values.push(decode(bytes)?);
                Ok(())
            }
        }
    };
}
#[cfg(any(feature = "borsh", feature = "rkyv", feature = "speedy", feature = "wincode"))]
pub(super) use derived;

/// A native format as a codec.
#[derive(Debug)]
pub struct Native<F>(pub F);

impl<F: NativeFormat> Codec for Native<F> {
    fn info(&self) -> &'static Info {
        self.0.info()
    }

    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError> {
        match subject {
            Subject::Native(messages) => messages.visit(Encoding { format: &self.0, buffers }),
            Subject::Typed(_) | Subject::Dynamic(_) | Subject::Own(_) => Err(NATIVE_ONLY.into()),
        }
    }

    fn decode(&self, messages: &[&[u8]], repeats: usize, into: &mut Decoded) -> Result<(), CodecError> {
        match into {
            Decoded::Native(values) => values.visit(Decoding { format: &self.0, messages, repeats }),
            Decoded::Typed(_) | Decoded::Dynamic(_) | Decoded::Own(_) => Err(NATIVE_ONLY.into()),
        }
    }
}

struct Encoding<'a, F> {
    format: &'a F,
    buffers: &'a mut [Vec<u8>],
}

impl<F: NativeFormat> MessagesVisitor for Encoding<'_, F> {
    type Output = Result<(), CodecError>;

    fn visit<T: NativeType>(self, messages: &[T]) -> Self::Output {
        for (out, message) in self.buffers.iter_mut().zip(messages.iter().cycle()) {
            self.format.encode(black_box(message), out)?;
            black_box(&*out);
        }
        Ok(())
    }
}

struct Decoding<'a, F> {
    format: &'a F,
    messages: &'a [&'a [u8]],
    repeats: usize,
}

impl<F: NativeFormat> ValuesVisitor for Decoding<'_, F> {
    type Output = Result<(), CodecError>;

    fn visit<T: NativeType>(self, values: &mut Vec<T>) -> Self::Output {
        for message in (0..self.repeats).flat_map(|_| self.messages) {
            values.push(self.format.decode(black_box(message))?);
        }
        black_box(values);
        Ok(())
    }
}
