//! The targets of decoded values.
//!
//! A codec decodes into a [`Sink`]. A crate whose API takes a `Deserializer` or a `DeserializeSeed` hands it to
//! [`Sink::accept`]; a crate that only knows `T: Deserialize` decodes [`Sink::Plain`] inside [`Sink::through`].

use super::column::Column;
use super::decode::RowSeed;
use super::schema::Schema;
use super::style::Style;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;

/// Takes decoded values one after the other.
pub trait Sink<'de> {
    /// The type that a crate without seeds is asked to decode. Some ask for `DeserializeOwned`.
    type Plain: DeserializeOwned;

    /// Decodes one value from `deserializer` and keeps it.
    fn accept<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error>;

    /// Runs `decode`, which decodes one [`Sink::Plain`], and keeps what it returned.
    fn through<E>(&mut self, decode: impl FnOnce() -> Result<Self::Plain, E>) -> Result<(), E>;
}

/// A sink as a seed.
#[derive(Debug)]
pub struct SinkSeed<'a, S>(pub &'a mut S);

impl<'de, S: Sink<'de>> DeserializeSeed<'de> for SinkSeed<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.accept(deserializer)
    }
}

/// A vector takes any type that decodes by itself: derived structs, the dynamic tree.
impl<'de, T: DeserializeOwned> Sink<'de> for Vec<T> {
    type Plain = T;

    fn accept<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.push(T::deserialize(deserializer)?);
        Ok(())
    }

    fn through<E>(&mut self, decode: impl FnOnce() -> Result<T, E>) -> Result<(), E> {
        self.push(decode()?);
        Ok(())
    }
}

/// Decoded rows of a schema.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The type of the rows.
    pub schema: Arc<Schema>,
    /// The rows.
    pub column: Column,
}

impl Rows {
    /// No rows of `schema`, with room for `capacity`, to be decoded into.
    pub fn with_capacity(schema: Arc<Schema>, capacity: usize) -> Self {
        Rows { column: Column::to_decode(&schema, capacity), schema }
    }

    /// The decoded values, as an ordinary column.
    pub fn into_column(self) -> Column {
        self.column.settled()
    }
}

thread_local! {
    /// The rows that the innermost [`Rows::through`] of this thread decodes into.
    static LENT: RefCell<Option<Rows>> = const { RefCell::new(None) };
}

/// Rows as a sink for formats of style `S`.
#[derive(Debug)]
pub struct Styled<'a, S>(&'a mut Rows, PhantomData<S>);

impl<'a, S: Style> Styled<'a, S> {
    /// The sink that keeps what it is given in `rows`.
    pub fn new(rows: &'a mut Rows) -> Self {
        Styled(rows, PhantomData)
    }
}

/// Decodes one row into the rows that [`Sink::through`] lent to this thread.
#[derive(Debug)]
pub struct Plain<S>(PhantomData<S>);

impl<'de, S: Style> Deserialize<'de> for Plain<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(mut rows) = LENT.take() else {
            return Err(D::Error::custom("a row was decoded outside of Sink::through"));
        };
        let result = Styled::<S>::new(&mut rows).accept(deserializer);
        LENT.set(Some(rows));
        result.map(|()| Plain(PhantomData))
    }
}

impl<'de, S: Style> Sink<'de> for Styled<'_, S> {
    type Plain = Plain<S>;

    fn accept<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        RowSeed::<S>::new(&self.0.schema, &mut self.0.column).append(deserializer)
    }

    fn through<E>(&mut self, decode: impl FnOnce() -> Result<Plain<S>, E>) -> Result<(), E> {
        let schema = Arc::clone(&self.0.schema);
        let column = std::mem::replace(&mut self.0.column, Column::Unit(0));
        LENT.set(Some(Rows { schema, column }));
        let result = decode();
        // A codec that panicked has lost the rows; the measurement has ended with it.
        if let Some(rows) = LENT.take() {
            self.0.column = rows.column;
        }
        result.map(|Plain(_)| ())
    }
}
