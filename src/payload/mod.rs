//! Payloads: the data whose cost is asked for, its schema, and the serde path over the two.

pub(crate) mod column;
mod decode;
mod difference;
mod digest;
pub(crate) mod encodable;
mod encode;
mod error;
mod handed;
mod infer;
mod input;
mod mapped;
pub mod native;
mod own;
pub mod read;
mod schema;
mod shapes;
pub mod show;
mod sink;
pub mod source;
mod spec;
mod style;
mod tree;
mod watch;
mod width;

pub use column::owned::{Blocks, SortedMaps, Vectors};
pub use column::{ABSENT, Column, NULL, Number, is_present};
pub use decode::{Appended, RowSeed};
pub use difference::{Differences, compare_rows, compare_trees};
pub use digest::{digest_at, digest_rows, digest_tree, fold_digests};
pub use encodable::Encodable;
pub use encode::{NodeRow, Row};
pub use error::PayloadError;
pub use handed::{compact_values, named_values};
pub use mapped::Mapped;
pub use native::NativeStore;
pub use own::{OwnMessages, OwnTarget, Values};
pub use schema::{
    ArraySchema, EnumSchema, Field, MapSchema, Name, Presence, RecordSchema, Schema, SymbolSchema, TupleSchema,
};
pub use shapes::{SHAPES, Shape, ShapeInfo};
pub use sink::{Plain, Rows, Sink, SinkSeed, Styled};
pub use spec::{Load, Messages, Payload, PayloadSpec};
pub use style::{Compact, Named, Pickled, Positional, Style};
pub use tree::Tree;
pub use watch::{ReadProgress, Tell, Watch};
