//! Payloads that are one list of numbers or strings, encoded and decoded as the Rust slice and `Vec` that they are.
//!
//! Which kind of list it is, is asked outside of the format's code, which then is what a program that calls the crate
//! with its own `Vec<i64>` has, down to what the compiler makes of it. That last matters: whether a crate's loop over
//! the elements is inlined into the call or not is up to a quarter of its time, and compilers inline what has one
//! caller. [`Slice`] and [`List`] are types of their own for that reason: nothing else of sercost encodes them.

use super::{CodecError, Format};
use crate::payload::column::owned::with_vectors;
use crate::payload::encodable::with_lists;
use crate::payload::{Column, Encodable, Rows, Styled};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::hint::black_box;
use std::marker::PhantomData;

/// Encodes as many rows as there are buffers, from the first again after the last.
pub(super) fn encode<F: Format>(
    format: &F,
    encodable: &Encodable<'_>,
    buffers: &mut [Vec<u8>],
) -> Result<(), CodecError> {
    with_lists!(
        encodable.root(),
        lists => encode_each(format, encodable.len(), |row| Slice(lists.get(row)), buffers),
        _ => encode_each(format, encodable.len(), |row| encodable.row::<F::Style>(row), buffers)
    )
}

fn encode_each<F: Format, T: Serialize>(
    format: &F,
    rows: usize,
    message: impl Fn(usize) -> T,
    buffers: &mut [Vec<u8>],
) -> Result<(), CodecError> {
    let mut row = 0;
    for out in buffers {
        Format::encode(format, black_box(&message(row)), out)?;
        black_box(&*out);
        row = if row + 1 == rows { 0 } else { row + 1 };
    }
    Ok(())
}

/// Decodes a single message and moves it to where the rows are: several lists would have to be copied there.
pub(super) fn decode<F: Format>(format: &F, message: &[u8], rows: &mut Rows) -> Result<(), CodecError> {
    if let Column::Vectors(vectors) = &mut rows.column {
        with_vectors!(vectors, rows => {
            let mut lists = Vec::with_capacity(1);
            Format::decode(format, black_box(message), &mut lists)?;
            rows.extend(lists.into_iter().map(|List(values)| values));
            return Ok(());
        }, _ => {});
    }
    Format::decode(format, black_box(message), &mut Styled::<F::Style>::new(rows))
}

/// To serde what `[T]` is.
struct Slice<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Slice<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The closure makes an iterator, and with it an instance of the crate's loop, that nothing else shares.
        #[allow(clippy::map_identity, reason = "for its type")]
        serializer.collect_seq(self.0.iter().map(|item| item))
    }
}

/// To serde what `Vec<T>` is.
struct List<T>(Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for List<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData)).map(List)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        /// What a length that was only announced may reserve, as in serde's own visitor of `Vec`.
        const MOST_BYTES: usize = 1 << 20;
        let announced = seq.size_hint().unwrap_or(0);
        let mut values = Vec::with_capacity(announced.min(MOST_BYTES / size_of::<T>()));
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(values)
    }
}
