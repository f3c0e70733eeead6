//! BSON, the format of MongoDB's documents.
//!
//! The top level of BSON is a document. A record or a map is one; anything else is wrapped in a document with the
//! one key [`VALUE`], as its users do by hand. So is a record or a map whose own first key is that one, so that
//! decoding is sure to know a wrapped value by the first key.
//!
//! Integers of derived structs have the type that the `bson` crate gives their width: int32 up to 32 bits, but int64 for
//! `u32`. A tree has no widths, and its integers are int32 where they fit, as those of pymongo, of the MongoDB shell
//! and of JSON that other drivers read are.

use super::{CodecError, Format, Info};
use crate::payload::{Named, Sink, Tree};
use serde::ser::{Error, Impossible, SerializeMap, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// The codec `bson`.
#[derive(Debug)]
pub(super) struct Bson;

/// The key of a wrapped value.
const VALUE: &str = "$value";

#[derive(Serialize)]
struct Wrapped<'a, T: ?Sized> {
    #[serde(rename = "$value")]
    value: &'a T,
}

#[derive(Deserialize)]
struct Unwrapped<T> {
    #[serde(rename = "$value")]
    value: T,
}

impl Format for Bson {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "bson",
            aliases: &["mongodb"],
            format: "BSON",
            package: "bson 3.1.0",
            native: false,
            self_describing: true,
            zero_copy: true,
            maintained: true,
            untrusted: false,
            note: "a list or scalar at the top level is wrapped in a document with the key \"$value\"; list elements carry decimal keys; integers are int32 or int64 by their width, those of dynamic values int32 where they fit; floats are doubles, no integers over 2^63, at most 2 GiB",
        }
    }

    // The crate encodes into a document of its own, with a text for the place of each element.
    fn copies(&self) -> u64 {
        6
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        if is_document(value) {
            bson::serialize_to_buffer(&value, out)?;
        } else {
            bson::serialize_to_buffer(&Wrapped { value }, out)?;
        }
        Ok(())
    }

    fn encode_tree(&self, tree: &Tree, out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.encode(&Narrow(tree), out)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        if is_wrapped(bytes) {
            sink.through(|| bson::deserialize_from_slice(bytes).map(|Unwrapped { value }| value))?;
        } else {
            sink.through(|| bson::deserialize_from_slice(bytes))?;
        }
        Ok(())
    }
}

/// A tree whose integers are int32 where they fit.
struct Narrow<'t>(&'t Tree);

impl Serialize for Narrow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Tree::Int(value) => match i32::try_from(*value) {
                Ok(value) => serializer.serialize_i32(value),
                Err(_) => serializer.serialize_i64(*value),
            },
            Tree::List(items) => serializer.collect_seq(items.iter().map(Narrow)),
            Tree::Map(entries) => {
                let mut state = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    state.serialize_entry(key, &Narrow(value))?;
                }
                state.end()
            }
            other => other.serialize(serializer),
        }
    }
}

/// Whether the document's first key is [`VALUE`]: four bytes of length, one of type, the key, a zero.
fn is_wrapped(bytes: &[u8]) -> bool {
    bytes.get(5..).is_some_and(|rest| rest.starts_with(b"$value\0"))
}

/// Whether `value` is a document that needs no wrapping. Asks it to serialize itself and stops it at its first call,
/// or for a record or map at its first key; costs some nanoseconds.
fn is_document<T: Serialize + ?Sized>(value: &T) -> bool {
    matches!(value.serialize(Probe::Value), Err(Shape::Document) | Ok(()))
}

/// The kind of a value by its first call. Every value but the empty map, which comes to its end, ends in this error.
#[derive(Debug)]
enum Shape {
    Document,
    Other,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Document => "a document",
            Shape::Other => "not a document",
        })
    }
}

impl std::error::Error for Shape {}

impl Error for Shape {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        // The value's own error: it will come again, and be reported, when it is encoded in earnest.
        Shape::Other
    }
}

fn shape_of_key(key: &str) -> Result<(), Shape> {
    Err(if key == VALUE { Shape::Other } else { Shape::Document })
}

/// Answers the first call made of it. A string that is the first key of a map is looked at; nothing else is.
#[derive(Clone, Copy)]
enum Probe {
    Value,
    Key,
}

impl Probe {
    /// For anything but a record, a map or a variant. A key that is not a string cannot be [`VALUE`]; the encoder
    /// decides about it.
    fn other<T>(self) -> Result<T, Shape> {
        Err(match self {
            Probe::Value => Shape::Other,
            Probe::Key => Shape::Document,
        })
    }
}

/// Takes the first key of a record or map.
struct KeyProbe;

impl SerializeMap for KeyProbe {
    type Ok = ();
    type Error = Shape;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Shape> {
        key.serialize(Probe::Key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _value: &T) -> Result<(), Shape> {
        Ok(())
    }

    fn end(self) -> Result<(), Shape> {
        Ok(())
    }
}

impl SerializeStruct for KeyProbe {
    type Ok = ();
    type Error = Shape;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, _value: &T) -> Result<(), Shape> {
        shape_of_key(key)
    }

    fn end(self) -> Result<(), Shape> {
        Ok(())
    }
}

macro_rules! others {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, Shape> {
            self.other()
        })*
    };
}

impl Serializer for Probe {
    type Ok = ();
    type Error = Shape;
    type SerializeSeq = Impossible<(), Shape>;
    type SerializeTuple = Impossible<(), Shape>;
    type SerializeTupleStruct = Impossible<(), Shape>;
    type SerializeTupleVariant = Impossible<(), Shape>;
    type SerializeMap = KeyProbe;
    type SerializeStruct = KeyProbe;
    type SerializeStructVariant = Impossible<(), Shape>;

    others! {
        serialize_bool(bool) -> (); serialize_i8(i8) -> (); serialize_i16(i16) -> (); serialize_i32(i32) -> ();
        serialize_i64(i64) -> (); serialize_u8(u8) -> (); serialize_u16(u16) -> (); serialize_u32(u32) -> ();
        serialize_u64(u64) -> (); serialize_f32(f32) -> (); serialize_f64(f64) -> (); serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> (); serialize_none() -> (); serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> (); serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq; serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
    }

    fn serialize_str(self, text: &str) -> Result<(), Shape> {
        match self {
            Probe::Value => Err(Shape::Other),
            Probe::Key => shape_of_key(text),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Shape> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Shape> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _value: &T,
    ) -> Result<(), Shape> {
        shape_of_key(variant)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, Shape> {
        shape_of_key(variant).and(Err(Shape::Document))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, Shape> {
        shape_of_key(variant).and(Err(Shape::Document))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<KeyProbe, Shape> {
        Ok(KeyProbe)
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<KeyProbe, Shape> {
        Ok(KeyProbe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    struct Document {
        id: i32,
    }

    #[derive(Serialize)]
    struct Ambiguous {
        #[serde(rename = "$value")]
        value: i32,
    }

    fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        Bson.encode(value, &mut out).expect("bson takes it");
        out
    }

    #[test]
    fn documents_are_written_as_they_are_and_the_rest_is_wrapped() {
        let plain = |bytes: Vec<u8>| !is_wrapped(&bytes);
        assert_eq!(encoded(&Document { id: 1 }), bson::serialize_to_vec(&Document { id: 1 }).expect("bson takes it"));
        assert!(plain(encoded(&Some(Document { id: 1 }))));
        assert!(plain(encoded(&BTreeMap::from([("key", 1)]))));
        assert!(plain(encoded(&BTreeMap::<String, i32>::new())));
        assert!(!plain(encoded(&vec![1, 2])));
        assert!(!plain(encoded(&"text")));
        assert!(!plain(encoded(&None::<i32>)));
    }

    #[test]
    fn integers_of_trees_are_int32_where_they_fit() {
        let tree = |value| Tree::Map(vec![(Tree::String("n".into()), Tree::List(vec![Tree::Int(value)]))]);
        let bytes = |value| {
            let mut out = Vec::new();
            Bson.encode_tree(&tree(value), &mut out).expect("bson takes it");
            out
        };
        // The integers of a derived struct of that width, and of a driver of MongoDB.
        for value in [0, -1, i32::MIN, i32::MAX] {
            let document = BTreeMap::from([("n", [value])]);
            assert_eq!(bytes(value.into()), bson::serialize_to_vec(&document).expect("bson takes it"));
        }
        for value in [i64::from(i32::MAX) + 1, i64::from(i32::MIN) - 1, i64::MIN, i64::MAX] {
            let document = BTreeMap::from([("n", [value])]);
            assert_eq!(bytes(value), bson::serialize_to_vec(&document).expect("bson takes it"));
        }
    }

    #[test]
    fn a_document_that_looks_wrapped_is_wrapped_once_more() {
        let value = Ambiguous { value: 1 };
        assert_eq!(encoded(&value), bson::serialize_to_vec(&Wrapped { value: &value }).expect("bson takes it"));
        let map = BTreeMap::from([("$value", 1)]);
        assert_eq!(encoded(&map), bson::serialize_to_vec(&Wrapped { value: &map }).expect("bson takes it"));
    }
}
