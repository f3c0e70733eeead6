//! `Serialize` over (schema, value): encodes a row of a column exactly as the derived struct would be.

use super::column::{ABSENT, Column, with_scalars};
use super::schema::Schema;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// One row of a column, to be encoded.
///
/// # Panics
///
/// `serialize` panics when the column was not made for the schema, or has no such row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The type of the row.
    pub schema: &'a Schema,
    /// A column of that type.
    pub column: &'a Column,
    /// Which of its rows.
    pub row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { schema, column, row } = *self;
        with_scalars!(column, vector => vector[row].serialize(serializer), other => match (schema, other) {
            (Schema::String, Column::String(strings)) => serializer.serialize_str(&strings[row]),
            (Schema::Unit, Column::Unit(_)) => serializer.serialize_unit(),
            (Schema::Bytes, Column::Bytes(strings)) => serializer.serialize_bytes(&strings[row]),
            (Schema::Option(inner), Column::Option { index, values }) => match index[row] {
                ABSENT => serializer.serialize_none(),
                at => serializer.serialize_some(&Row { schema: inner, column: values, row: at as usize }),
            },
            (Schema::List(element), Column::List { ends, items }) => {
                list(element, items, Column::span(ends, row), serializer)
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => {
                let span = Column::span(ends, row);
                let mut state = serializer.serialize_map(Some(span.len()))?;
                for at in span {
                    state.serialize_entry(
                        &Row { schema: &map.key, column: keys, row: at },
                        &Row { schema: &map.value, column: values, row: at },
                    )?;
                }
                state.end()
            }
            (Schema::Record(record), Column::Record { fields, .. }) => {
                let mut state = serializer.serialize_struct(record.name.as_static(), record.fields.len())?;
                for (field, column) in record.fields.iter().zip(fields) {
                    let name = field.name.as_static();
                    // The commonest columns are taken here and not through `Row`, so that the serializer is called
                    // with the field's own type, as a derived implementation calls it: one jump a field less.
                    with_scalars!(column, vector => state.serialize_field(name, &vector[row])?, other => match other {
                        Column::String(strings) => state.serialize_field(name, &strings[row])?,
                        _ => state.serialize_field(name, &Row { schema: &field.schema, column, row })?,
                    });
                }
                state.end()
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                let tag = tags[row] as usize;
                let variant = &choice.variants[tag];
                serializer.serialize_newtype_variant(
                    choice.name.as_static(),
                    tags[row],
                    variant.name.as_static(),
                    &Row { schema: &variant.schema, column: &variants[tag], row: index[row] as usize },
                )
            }
            _ => unreachable!("the column was made for the schema"),
        })
    }
}

/// The elements of a list; numbers as the slice that they are, as a `Vec` of them would be.
fn list<S: Serializer>(
    element: &Schema,
    items: &Column,
    span: std::ops::Range<usize>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    with_scalars!(items, vector => vector[span].serialize(serializer), other => match other {
        Column::String(strings) => strings[span].serialize(serializer),
        column => {
            let mut state = serializer.serialize_seq(Some(span.len()))?;
            for row in span {
                state.serialize_element(&Row { schema: element, column, row })?;
            }
            state.end()
        }
    })
}
