//! The Rust types that the built-in shapes stand for, for codecs that know only types with their own derive.
//!
//! rkyv, borsh, wincode and speedy do not speak serde, so they cannot go by a schema: they take the shapes below and lists
//! of `i64`, `f64` and strings, whose columns are lent to them as the vectors that they are. Anything else of a
//! native kind is made into its Rust type once, before the measuring ([`NativeStore`]), and is made into a column
//! again after it, for the comparison ([`NativeValues::into_column`]).

mod derives;

use super::column::Column;
use super::decode::RowSeed;
use super::encodable::Encodable;
use super::schema::{Field, RecordSchema, Schema};
use super::style::Compact;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use derives::*;

/// Derives what every codec asks of a type of the built-in shapes, and its [`NativeType`] from its fields.
macro_rules! native_records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "rkyv", derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize))]
        #[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
        #[cfg_attr(feature = "wincode", derive(wincode::SchemaWrite, wincode::SchemaRead))]
        #[cfg_attr(feature = "speedy", derive(speedy::Readable, speedy::Writable))]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl HasSchema for $name {
            fn schema() -> Schema {
                let fields = vec![$(Field::new(stringify!($field), <$type>::schema())),*];
                Schema::Record(RecordSchema::new(stringify!($name), fields))
            }
        })*
    };
}

native_records! {
    /// One row of `records`.
    Record {
        /// Counts up.
        id: u32,
        /// A first and a last name.
        name: String,
        /// An address.
        email: String,
        /// Any double.
        score: f64,
        /// Yes or no.
        active: bool,
        /// A few words.
        tags: Vec<String>,
        /// A sentence, in some rows.
        note: Option<String>,
        /// In years.
        age: u8,
    }

    /// One row of `nested`.
    Order {
        /// Counts up.
        id: u64,
        /// Who ordered.
        customer: Customer,
        /// What was ordered.
        lines: Vec<Line>,
        /// A sentence, in some orders.
        comment: Option<String>,
        /// Yes or no.
        paid: bool,
    }

    /// Who ordered.
    Customer {
        /// A first and a last name.
        name: String,
        /// Where to.
        address: Address,
    }

    /// Where to.
    Address {
        /// With the number.
        street: String,
        /// The town.
        city: String,
        /// Digits, kept as text.
        zip: String,
        /// Two letters.
        country: String,
    }

    /// One position of an order.
    Line {
        /// The article.
        sku: String,
        /// How many.
        quantity: u16,
        /// Of one.
        price: f64,
        /// Fractions of the price.
        discounts: Vec<f32>,
    }
}

/// One row of `dicts`. Their keys are made in sorted order, so that the order of the document is kept.
pub type Dict = BTreeMap<String, i64>;

/// A Rust type with the schema that stands for it.
pub trait HasSchema {
    /// The schema, with the names of the Rust type.
    fn schema() -> Schema;
}

macro_rules! scalar_schemas {
    ($($type:ty: $schema:ident)*) => {
        $(impl HasSchema for $type {
            fn schema() -> Schema {
                Schema::$schema
            }
        })*
    };
}

scalar_schemas! { bool: Bool u8: U8 u16: U16 u32: U32 u64: U64 i64: I64 f32: F32 f64: F64 String: String }

/// A type that may be the element of a list: not `u8`, since `Vec<u8>` is a byte string.
trait Element: HasSchema {}

macro_rules! elements {
    ($($type:ty)*) => {
        $(impl Element for $type {})*
    };
}

elements! { i64 f32 f64 String Record Order Line Dict }

impl<T: Element> HasSchema for Vec<T> {
    fn schema() -> Schema {
        Schema::list(T::schema())
    }
}

impl HasSchema for Vec<u8> {
    fn schema() -> Schema {
        Schema::Bytes
    }
}

impl<T: HasSchema> HasSchema for Option<T> {
    fn schema() -> Schema {
        Schema::option(T::schema())
    }
}

impl HasSchema for Dict {
    fn schema() -> Schema {
        Schema::map(Schema::String, Schema::I64)
    }
}

/// A type that every native codec can encode and decode: one for each [`NativeKind`].
pub trait NativeType:
    HasSchema + serde::Serialize + DeserializeOwned + BorshType + RkyvType + SpeedyType + WincodeType
{
    /// The rows of a column of this type, where it holds them as they are; `None` where they have to be made.
    fn lend(_column: &Column) -> Option<&[Self]> {
        None
    }

    /// The reverse of [`NativeType::lend`]; gives the values back where a column does not hold them as they are.
    fn keep(values: Vec<Self>) -> Result<Column, Vec<Self>> {
        Err(values)
    }
}

/// Types that a column holds as they are, and lists of them, of which it does so if there is only one.
macro_rules! lent {
    ($($type:ty: $variant:ident)*) => {
        $(impl NativeType for $type {
            fn lend(column: &Column) -> Option<&[Self]> {
                match column {
                    Column::$variant(values) => Some(values),
                    _ => None,
                }
            }

            fn keep(values: Vec<Self>) -> Result<Column, Vec<Self>> {
                Ok(Column::$variant(values))
            }
        })*
    };
}

macro_rules! lent_lists {
    ($($element:ty: $variant:ident)*) => {
        $(impl NativeType for Vec<$element> {
            fn lend(column: &Column) -> Option<&[Self]> {
                match column {
                    Column::List { ends, items } if ends.len() == 1 => match &**items {
                        Column::$variant(values) => Some(std::slice::from_ref(values)),
                        _ => None,
                    },
                    _ => None,
                }
            }

            fn keep(values: Vec<Self>) -> Result<Column, Vec<Self>> {
                let [values]: [Self; 1] = values.try_into()?;
                Ok(Column::List { ends: vec![values.len()], items: Box::new(Column::$variant(values)) })
            }
        })*
    };
}

lent! { i64: I64 f64: F64 String: String Vec<u8>: Bytes }
lent_lists! { i64: I64 f64: F64 String: String }
impl NativeType for Record {}
impl NativeType for Order {}
impl NativeType for Dict {}
impl NativeType for Vec<Record> {}
impl NativeType for Vec<Order> {}
impl NativeType for Vec<Dict> {}

/// Does something with messages of whatever native type they are.
pub trait MessagesVisitor {
    /// The result.
    type Output;

    /// Takes the messages.
    fn visit<T: NativeType>(self, messages: &[T]) -> Self::Output;
}

/// Does something with decoded values of whatever native type they are.
pub trait ValuesVisitor {
    /// The result.
    type Output;

    /// Takes the values.
    fn visit<T: NativeType>(self, values: &mut Vec<T>) -> Self::Output;
}

macro_rules! native_kinds {
    ($($kind:ident: $type:ty,)*) => {
        /// The types that native codecs take: a payload measured whole is one of the first seven, its records
        /// measured one by one are of the others.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum NativeKind {
            $(#[doc = concat!("`", stringify!($type), "`")] $kind,)*
        }

        /// Messages of a native type.
        #[derive(Clone, Copy, Debug)]
        pub enum NativeMessages<'a> {
            $(#[doc = concat!("`", stringify!($type), "`")] $kind(&'a [$type]),)*
        }

        /// The rows of a column in their native type, where the column does not hold them as they are.
        #[derive(Clone, Debug)]
        pub struct NativeStore(Store);

        #[derive(Clone, Debug)]
        enum Store {
            $($kind(Option<Vec<$type>>),)*
        }

        /// Decoded values of a native type.
        #[derive(Clone, Debug)]
        pub enum NativeValues {
            $(#[doc = concat!("`", stringify!($type), "`")] $kind(Vec<$type>),)*
        }

        static SCHEMAS: LazyLock<Vec<(NativeKind, Schema)>> =
            LazyLock::new(|| vec![$((NativeKind::$kind, <$type>::schema())),*]);

        impl NativeKind {
            /// Every kind.
            #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
            pub const ALL: &[NativeKind] = &[$(NativeKind::$kind),*];
        }

        impl<'a> NativeMessages<'a> {
            /// Hands the messages to `visitor`.
            pub fn visit<V: MessagesVisitor>(self, visitor: V) -> V::Output {
                match self {
                    $(NativeMessages::$kind(messages) => visitor.visit(messages),)*
                }
            }

            /// Their kind.
            #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
            pub fn kind(&self) -> NativeKind {
                match self {
                    $(NativeMessages::$kind(_) => NativeKind::$kind,)*
                }
            }

            /// The number of values.
            #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
            pub fn len(&self) -> usize {
                match self {
                    $(NativeMessages::$kind(messages) => messages.len(),)*
                }
            }
        }

        impl NativeStore {
            /// Makes the rows of `column`, which is of `schema`, unless the column can lend them; `None` where the
            /// schema is of no native kind.
            ///
            /// # Errors
            ///
            /// When postcard, through which the rows are made, refuses one.
            pub fn new(schema: &Schema, column: &Column) -> Result<Option<NativeStore>, postcard::Error> {
                let Some(kind) = NativeKind::of(schema) else { return Ok(None) };
                Ok(Some(NativeStore(match kind {
                    $(NativeKind::$kind => Store::$kind(made(schema, column)?),)*
                })))
            }

            /// The messages, one for each row of the same column.
            pub fn messages<'a>(&'a self, column: &'a Column) -> NativeMessages<'a> {
                match &self.0 {
                    $(Store::$kind(Some(made)) => NativeMessages::$kind(made),
                    // Nothing was made because the column could lend all.
                    Store::$kind(None) => NativeMessages::$kind(<$type>::lend(column).unwrap_or_default()),)*
                }
            }
        }

        impl NativeValues {
            /// No values of that kind, with room for `rows`.
            pub fn with_capacity(kind: NativeKind, rows: usize) -> NativeValues {
                match kind {
                    $(NativeKind::$kind => NativeValues::$kind(Vec::with_capacity(rows)),)*
                }
            }

            /// Hands the values to `visitor`.
            pub fn visit<V: ValuesVisitor>(&mut self, visitor: V) -> V::Output {
                match self {
                    $(NativeValues::$kind(values) => visitor.visit(values),)*
                }
            }

            /// The number of values.
            #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
            pub fn len(&self) -> usize {
                match self {
                    $(NativeValues::$kind(values) => values.len(),)*
                }
            }

            /// The values as a column of `schema`, whose kind they are of. Vectors that a column holds as they are
            /// become its own.
            ///
            /// # Errors
            ///
            /// When postcard, through which the others are made, refuses one.
            pub fn into_column(self, schema: &Schema) -> Result<Column, postcard::Error> {
                match self {
                    $(NativeValues::$kind(values) => into_column(values, schema),)*
                }
            }
        }
    };
}

native_kinds! {
    I64s: Vec<i64>,
    F64s: Vec<f64>,
    Strings: Vec<String>,
    Bytes: Vec<u8>,
    Records: Vec<Record>,
    Dicts: Vec<Dict>,
    Orders: Vec<Order>,
    I64: i64,
    F64: f64,
    String: String,
    Record: Record,
    Dict: Dict,
    Order: Order,
}

impl NativeKind {
    /// The kind whose schema is exactly `schema`, names included.
    pub fn of(schema: &Schema) -> Option<NativeKind> {
        SCHEMAS.iter().find(|(_, known)| known == schema).map(|(kind, _)| *kind)
    }

    /// The schema of the kind.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn schema(self) -> &'static Schema {
        // `SCHEMAS` has every kind, in the order of declaration.
        &SCHEMAS[self as usize].1
    }
}

impl NativeMessages<'_> {
    /// Whether there are none.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl NativeValues {
    /// Whether there are none.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The rows of a column by way of postcard, whose bytes are those of the derived type; `None` where they can be lent.
fn made<T: NativeType>(schema: &Schema, column: &Column) -> Result<Option<Vec<T>>, postcard::Error> {
    if T::lend(column).is_some() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut values = Vec::with_capacity(column.len());
    let encodable = Encodable::new(schema, column);
    for row in 0..column.len() {
        bytes.clear();
        bytes = postcard::to_extend(&encodable.row::<Compact>(row), bytes)?;
        values.push(postcard::from_bytes(&bytes)?);
    }
    Ok(Some(values))
}

fn into_column<T: NativeType>(values: Vec<T>, schema: &Schema) -> Result<Column, postcard::Error> {
    let values = match T::keep(values) {
        Ok(column) => return Ok(column),
        Err(values) => values,
    };
    let mut column = Column::with_capacity(schema, values.len());
    let mut bytes = Vec::new();
    for value in values {
        bytes.clear();
        bytes = postcard::to_extend(&value, bytes)?;
        RowSeed::<Compact>::new(schema, &mut column).append(&mut postcard::Deserializer::from_bytes(&bytes))?;
    }
    Ok(column)
}
