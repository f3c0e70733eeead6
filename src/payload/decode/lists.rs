//! Sequences: lists of plain values, lists in blocks, arrays and tuples.

use super::RowSeed;
use super::records::each_in_turn;
use crate::payload::column::owned::{Block, Blocks, SortedMaps};
use crate::payload::column::{Column, with_scalars};
use crate::payload::schema::{ArraySchema, Schema};
use crate::payload::style::Style;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

pub(super) fn list<'de, D: Deserializer<'de>, S: Style>(
    element: &Schema,
    ends: &mut Vec<usize>,
    items: &mut Column,
    style: PhantomData<S>,
    deserializer: D,
) -> Result<(), D::Error> {
    with_scalars!(&mut *items, vector => extend(vector, deserializer)?, other => match other {
        Column::String(strings) => extend(strings, deserializer)?,
        items => deserializer.deserialize_seq(ItemsVisitor { element, items, style })?,
    });
    ends.push(items.len());
    Ok(())
}

/// Appends a sequence to `vector`; the first one is decoded as `Vec<T>` itself, by the same code.
fn extend<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    vector: &mut Vec<T>,
    deserializer: D,
) -> Result<(), D::Error> {
    if vector.capacity() == 0 {
        *vector = Vec::deserialize(deserializer)?;
        return Ok(());
    }
    deserializer.deserialize_seq(ExtendVisitor { vector, element: PhantomData })
}

struct ExtendVisitor<'a, T> {
    vector: &'a mut Vec<T>,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ExtendVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            self.vector.push(item);
        }
        Ok(())
    }
}

pub(super) struct ItemsVisitor<'a, S> {
    pub element: &'a Schema,
    pub items: &'a mut Column,
    pub style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for ItemsVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(RowSeed::<S>::new(self.element, self.items))?.is_some() {}
        Ok(())
    }
}

/// As [`ItemsVisitor`], with the memory that a program's own list takes.
pub(super) struct BlockVisitor<'a, S> {
    pub element: &'a Schema,
    pub items: &'a mut Column,
    pub blocks: &'a mut Blocks,
    pub style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for BlockVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let BlockVisitor { element, items, blocks, .. } = self;
        if items.is_empty() {
            items.reserve_first(blocks, seq.size_hint());
            while seq.next_element_seed(RowSeed::<S>::new(element, items))?.is_some() {}
            blocks.close(Block::default());
            return Ok(());
        }
        let mut block = blocks.open(seq.size_hint());
        while seq.next_element_seed(RowSeed::<S>::new(element, items))?.is_some() {
            block.push();
        }
        blocks.close(block);
        Ok(())
    }
}

/// Decodes a map into a sorted one, as derived code does.
pub(super) struct SortedVisitor<'a, S> {
    pub value: &'a Schema,
    pub maps: &'a mut SortedMaps,
    pub values: &'a mut Column,
    pub style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for SortedVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let SortedVisitor { value, maps, values, .. } = self;
        let mut map = BTreeMap::new();
        let mut at = values.len();
        while let Some(key) = access.next_key::<String>()? {
            access.next_value_seed(RowSeed::<S>::new(value, values))?;
            if let Some(before) = map.insert(key, at) {
                maps.repeated.push((before, at));
            }
            at += 1;
        }
        maps.maps.push(map);
        maps.ends.push(at);
        Ok(())
    }
}

pub(super) struct SlotsVisitor<'a, S> {
    pub array: &'a ArraySchema,
    pub items: &'a mut Column,
    pub style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for SlotsVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of length {}", self.array.length)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let SlotsVisitor { array, items, .. } = self;
        let missing = |at: usize| A::Error::invalid_length(at, &"more elements");
        with_scalars!(items, vector => {
            for at in 0..array.length {
                vector.push(seq.next_element()?.ok_or_else(|| missing(at))?);
            }
        }, items => {
            for at in 0..array.length {
                let seed = RowSeed::<S>::new(&array.element, items);
                seq.next_element_seed(seed)?.ok_or_else(|| missing(at))?;
            }
        });
        Ok(())
    }
}

pub(super) struct PlacesVisitor<'a, S> {
    pub schema: &'a [Schema],
    pub places: &'a mut [Column],
    pub style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for PlacesVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a tuple of size {}", self.schema.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        each_in_turn::<A, S>(seq, self.schema.iter().zip(self.places))
    }
}
