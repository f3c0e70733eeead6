//! The parts that a format lets a program leave out: absent fields, and the tags of columns that mix types.
//!
//! The same data has different structs in different formats. Where fields go by name, a person writes
//! `skip_serializing_if` and `flatten`; where values say their own kind, `untagged`. A format that needs the position of
//! every field and the variant of every enum gets an option and a tag instead. The style of a codec decides which of the
//! two a row is encoded as, at compile time.

use std::fmt::Debug;

/// How rows are encoded for a format.
pub trait Style: Copy + Debug + Send + Sync + 'static {
    /// Whether the fields of a struct go by name, so that absent ones are left out, and a map can be flattened into
    /// the struct that holds it.
    const NAMED: bool;
    /// Whether each value says of which kind it is, so that a column of mixed types needs no tags, and a number no
    /// decision between integer and float.
    const SELF_DESCRIBING: bool;
    /// Whether tuples are another type than lists, so that an array or tuple is written as what the document calls it.
    const TELLS_TUPLES: bool = false;
}

/// Structs are maps with names: JSON, CBOR, MessagePack with names, BSON, pickle.
#[derive(Clone, Copy, Debug)]
pub struct Named;

/// As [`Named`], with tuples apart from lists: Python's pickle.
#[derive(Clone, Copy, Debug)]
pub struct Pickled;

/// Structs are arrays of values that say their kind: MessagePack as arrays.
#[derive(Clone, Copy, Debug)]
pub struct Positional;

/// Only who knows the types can decode: bincode, postcard, bitcode.
#[derive(Clone, Copy, Debug)]
pub struct Compact;

impl Style for Named {
    const NAMED: bool = true;
    const SELF_DESCRIBING: bool = true;
}

impl Style for Pickled {
    const NAMED: bool = true;
    const SELF_DESCRIBING: bool = true;
    const TELLS_TUPLES: bool = true;
}

impl Style for Positional {
    const NAMED: bool = false;
    const SELF_DESCRIBING: bool = true;
}

impl Style for Compact {
    const NAMED: bool = false;
    const SELF_DESCRIBING: bool = false;
}
