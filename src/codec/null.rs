//! The `null` codec: walks the payload through the same serde path and writes nothing.
//!
//! Its encode time is the harness's own share of every typed row. There is nothing to decode.

use super::{CodecError, Format, Info};
use crate::payload::{Compact, Sink};
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use std::fmt;
use std::hint::black_box;

/// The codec `null`.
#[derive(Debug)]
pub(super) struct Null;

impl Format for Null {
    type Style = Compact;

    fn info(&self) -> &'static Info {
        &Info {
            name: "null",
            aliases: &["none", "walk"],
            format: "nothing",
            package: concat!("sercost ", env!("CARGO_PKG_VERSION")),
            native: false,
            self_describing: false,
            zero_copy: false,
            maintained: true,
            untrusted: false,
            note: "walks the payload and writes nothing: the share of walking in every typed row",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, _out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(value.serialize(Walk)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, _bytes: &'de [u8], _sink: &mut S) -> Result<(), CodecError> {
        Err("the null codec writes nothing that could be decoded".into())
    }

    fn decodes(&self) -> bool {
        false
    }
}

/// Looks at every scalar and every string, and writes nothing.
///
/// Everything passes `black_box`, or the optimizer would see that nobody reads it and drop the walk. The bytes of a
/// string are not read, only pointed at: copying them is the codec's work and not the harness's.
#[derive(Clone, Copy)]
struct Walk;

/// The error of a value that cannot be serialized, in its own words; the walk has none of its own.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refused(message.to_string())
    }
}

macro_rules! look {
    ($($method:ident($value:ty);)*) => {
        $(#[inline]
        fn $method(self, value: $value) -> Result<(), Refused> {
            black_box(value);
            Ok(())
        })*
    };
}

impl Serializer for Walk {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Walk;
    type SerializeTuple = Walk;
    type SerializeTupleStruct = Walk;
    type SerializeTupleVariant = Walk;
    type SerializeMap = Walk;
    type SerializeStruct = Walk;
    type SerializeStructVariant = Walk;

    look! {
        serialize_bool(bool); serialize_char(char); serialize_str(&str); serialize_bytes(&[u8]);
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64); serialize_i128(i128);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64); serialize_u128(u128);
        serialize_f32(f32); serialize_f64(f64); serialize_unit_struct(&'static str);
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Refused> {
        Ok(())
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Refused> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_variant(self, _name: &'static str, index: u32, _variant: &'static str) -> Result<(), Refused> {
        black_box(index);
        Ok(())
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        black_box(index);
        value.serialize(self)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Walk, Refused> {
        black_box(len);
        Ok(self)
    }

    #[inline]
    fn serialize_tuple(self, _len: usize) -> Result<Walk, Refused> {
        Ok(self)
    }

    #[inline]
    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Walk, Refused> {
        Ok(self)
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Walk, Refused> {
        black_box(index);
        Ok(self)
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Walk, Refused> {
        black_box(len);
        Ok(self)
    }

    #[inline]
    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Walk, Refused> {
        Ok(self)
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Walk, Refused> {
        black_box(index);
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! walk_elements {
    ($($part:ident::$method:ident($($key:ty)?);)*) => {
        $(impl $part for Walk {
            type Ok = ();
            type Error = Refused;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $(_key: $key,)? value: &T) -> Result<(), Refused> {
                value.serialize(*self)
            }

            #[inline]
            fn end(self) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

walk_elements! {
    SerializeSeq::serialize_element();
    SerializeTuple::serialize_element();
    SerializeTupleStruct::serialize_field();
    SerializeTupleVariant::serialize_field();
    SerializeStruct::serialize_field(&'static str);
    SerializeStructVariant::serialize_field(&'static str);
}

impl SerializeMap for Walk {
    type Ok = ();
    type Error = Refused;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        key.serialize(*self)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(*self)
    }

    #[inline]
    fn end(self) -> Result<(), Refused> {
        Ok(())
    }
}
