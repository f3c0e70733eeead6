//! Payloads: the data whose cost is asked for, its schema, and the serde path over the two.

mod column;
mod decode;
mod encode;
mod infer;
pub mod read;
mod schema;
pub mod show;
mod sink;
mod tree;

pub(crate) use column::with_scalars;
pub use column::{ABSENT, Column};
pub use decode::RowSeed;
pub use encode::Row;
pub use schema::{EnumSchema, Field, MapSchema, Name, RecordSchema, Schema};
pub use sink::{Plain, Rows, Sink, SinkSeed};
pub use tree::{Tree, decimal_f64};
