//! Payloads: the data whose cost is asked for, its schema, and the serde path over the two.

mod column;
mod decode;
mod difference;
mod digest;
mod encode;
pub mod native;
mod schema;
mod sink;
mod tree;

pub use column::{ABSENT, Column};

pub use decode::RowSeed;
pub use difference::{Differences, compare_rows, compare_trees};
pub use digest::{digest_rows, digest_tree};
pub use encode::Row;
pub use schema::{EnumSchema, Field, MapSchema, Name, RecordSchema, Schema};
pub use sink::{Plain, Rows, Sink, SinkSeed};
pub use tree::{Tree, decimal_f64};
