//! Where decoded values go.
//!
//! A codec decodes into a [`Sink`]. A crate whose API takes a `Deserializer` or a `DeserializeSeed` hands it to
//! [`Sink::accept`]; a crate that only knows `T: Deserialize` decodes [`Sink::Plain`] inside [`Sink::through`].

use super::column::Column;
use super::decode::RowSeed;
use super::schema::Schema;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error};
use std::cell::RefCell;
use std::sync::Arc;

/// Takes decoded values one after the other.
pub trait Sink<'de> {
    /// What a crate without seeds is asked to decode. Some ask for `DeserializeOwned`.
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
    /// No rows of `schema`, with room for `capacity`.
    pub fn with_capacity(schema: Arc<Schema>, capacity: usize) -> Self {
        Rows { column: Column::with_capacity(&schema, capacity), schema }
    }
}

thread_local! {
    /// The rows that the innermost [`Rows::through`] of this thread decodes into.
    static LENT: RefCell<Option<Rows>> = const { RefCell::new(None) };
}

/// Decodes one row into the rows that [`Sink::through`] lent to this thread.
#[derive(Debug)]
pub struct Plain(());

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(mut rows) = LENT.take() else {
            return Err(D::Error::custom("a row was decoded outside of Sink::through"));
        };
        let result = rows.accept(deserializer);
        LENT.set(Some(rows));
        result.map(Plain)
    }
}

impl<'de> Sink<'de> for Rows {
    type Plain = Plain;

    fn accept<D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        RowSeed { schema: &self.schema, column: &mut self.column }.append(deserializer)
    }

    fn through<E>(&mut self, decode: impl FnOnce() -> Result<Plain, E>) -> Result<(), E> {
        let schema = Arc::clone(&self.schema);
        let column = std::mem::replace(&mut self.column, Column::Unit(0));
        LENT.set(Some(Rows { schema, column }));
        let result = decode();
        // A codec that panicked has lost the rows; the measurement has ended with it.
        if let Some(rows) = LENT.take() {
            self.column = rows.column;
        }
        result.map(|Plain(())| ())
    }
}
