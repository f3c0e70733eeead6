//! Values of at most nine bytes: integers of 32 bits and floats, encoded before it is known where they go.
//!
//! Lists of numbers are the largest payloads there are. Asked to serialize itself into [`Short`], a number becomes its
//! bytes in two registers, and anything else refuses. The compiler knows which of the two a type does, so that the
//! loop over a slice of numbers becomes one without calls, and that over a slice of anything else forgets the question.

use crate::opcode::*;
use serde::ser::{self, Impossible, Serialize};
use std::fmt;

/// The most bytes that a short value has.
pub(super) const SHORT_MAX: usize = 9;

/// The bytes of a short value, for the binary protocols.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoded {
    /// In the order of the bytes of memory; those past the length mean nothing.
    pub bytes: [u8; 16],
    /// At most [`SHORT_MAX`].
    pub length: usize,
}

impl Encoded {
    #[inline]
    pub(super) fn int(value: i32) -> Encoded {
        // Without branches or tables: the lengths of neighbours often differ at random.
        let bits = value as u32;
        let (over_1, over_2) = (u8::from(bits > 0xff), u8::from(bits > 0xffff));
        let opcode = BININT1 + (BININT2 - BININT1) * over_1 - (BININT2 - BININT) * over_2;
        Encoded {
            bytes: (u128::from(bits) << 8 | u128::from(opcode)).to_le_bytes(),
            length: usize::from(2 + over_1 + 2 * over_2),
        }
    }

    #[inline]
    fn float(value: f64) -> Encoded {
        Encoded {
            bytes: (u128::from(value.to_bits().swap_bytes()) << 8 | u128::from(BINFLOAT)).to_le_bytes(),
            length: SHORT_MAX,
        }
    }
}

/// Takes numbers that are short, and nothing else.
#[derive(Debug)]
pub(super) struct Short;

/// The value is not a short number.
#[derive(Debug)]
pub(super) struct NotShort;

impl fmt::Display for NotShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a short number")
    }
}

impl std::error::Error for NotShort {}

impl ser::Error for NotShort {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        NotShort
    }
}

type Never = Impossible<Encoded, NotShort>;

macro_rules! integers {
    ($($method:ident($type:ty))*) => {
        $(#[inline]
        fn $method(self, value: $type) -> Result<Encoded, NotShort> {
            i32::try_from(value).map(Encoded::int).map_err(|_| NotShort)
        })*
    };
}

macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {
        $(#[inline]
        fn $method(self, $(_: $argument),*) -> Result<$ok, NotShort> {
            Err(NotShort)
        })*
    };
}

impl ser::Serializer for Short {
    type Ok = Encoded;
    type Error = NotShort;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<Encoded, NotShort> {
        Ok(Encoded::float(value.into()))
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<Encoded, NotShort> {
        Ok(Encoded::float(value))
    }

    refused! {
        serialize_bool(bool) -> Encoded;
        serialize_char(char) -> Encoded;
        serialize_str(&str) -> Encoded;
        serialize_bytes(&[u8]) -> Encoded;
        serialize_none() -> Encoded;
        serialize_unit() -> Encoded;
        serialize_unit_struct(&'static str) -> Encoded;
        serialize_unit_variant(&'static str, u32, &'static str) -> Encoded;
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, _value: &T) -> Result<Encoded, NotShort> {
        Err(NotShort)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _value: &T) -> Result<Encoded, NotShort> {
        Err(NotShort)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _value: &T,
    ) -> Result<Encoded, NotShort> {
        Err(NotShort)
    }

    #[inline]
    fn collect_seq<I: IntoIterator<Item: Serialize>>(self, _items: I) -> Result<Encoded, NotShort> {
        Err(NotShort)
    }

    #[inline]
    fn collect_str<T: fmt::Display + ?Sized>(self, _value: &T) -> Result<Encoded, NotShort> {
        Err(NotShort)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
