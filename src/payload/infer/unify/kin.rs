//! What tells that a record and one that it holds are nodes of one tree.

use crate::payload::infer::merge::{Places, is_never, shared};
use crate::payload::schema::{Field, RecordSchema, Schema};
use std::mem::{Discriminant, discriminant};

/// Whether a record has the field by which it is held by its like, and that leads to more of them, or to nothing. A scalar in
/// its place makes another record of the same names.
pub(super) fn leads_on(record: &RecordSchema, by: &Field) -> bool {
    fn holds_records(schema: &Schema) -> bool {
        match schema {
            Schema::Unit | Schema::Record(_) => true,
            Schema::Option(inner) | Schema::List(inner) => holds_records(inner),
            Schema::Map(map) => holds_records(&map.value),
            Schema::Enum(choice) => {
                choice.variants.is_empty() || choice.variants.iter().any(|variant| holds_records(&variant.schema))
            }
            _ => false,
        }
    }

    record.fields.iter().any(|field| field.name == by.name && holds_records(&field.schema))
}

/// Whether a record that another one holds has so much in common with it that both are nodes of a tree.
pub(super) fn is_like(outer: &RecordSchema, inner: &RecordSchema) -> bool {
    let shared = shared(inner, outer);
    shared >= 2 && shared * 5 >= inner.names.len() * 3 && shared * 2 >= outer.names.len()
}

/// Whether a record has all fields of the one around it but that by which it is held among others, which some of those lack:
/// nodes without children have no list of them.
pub(super) fn is_leaf(outer: &RecordSchema, inner: &RecordSchema, by: &Field) -> bool {
    let is_list = matches!(&by.schema, Schema::Option(inner) if matches!(**inner, Schema::List(_)));
    is_list && by.presence.may_be_absent() && inner.names.len() + 1 == outer.names.len() && is_within(outer, inner, by)
}

/// Whether a record has little that the one around it has not, and of the same kinds: a leaf of a tree whose nodes are of many
/// kinds.
pub(super) fn is_within(outer: &RecordSchema, inner: &RecordSchema, by: &Field) -> bool {
    fn kind(schema: &Schema) -> Discriminant<Schema> {
        match schema {
            Schema::Option(inner) => kind(inner),
            integer if integer.is_integer() => discriminant(&Schema::I64),
            schema => discriminant(schema),
        }
    }

    let places = Places::of_fields(outer);
    let is_shared =
        |field: &&Field| places.of(&field.name).is_some_and(|at| kind(&outer.fields[at].schema) == kind(&field.schema));
    let shared = inner.fields.iter().filter(is_shared).count();
    let is_chain = *inner.names == [&*by.name];
    (shared == inner.names.len() && !is_chain) || (shared >= 2 && shared * 5 >= inner.names.len() * 3)
}

/// Whether a record holds another by the field by which that one holds more of them, and has something in common with it
/// beside: a root has fewer fields than the nodes below it.
pub(super) fn goes_on(outer: &RecordSchema, inner: &RecordSchema, by: &Field) -> bool {
    let shared = shared(inner, outer);
    let holds = |field: &Field| field.name == by.name && field.schema != Schema::Unit && !is_never(&field.schema);
    shared >= 2 && 3 * shared >= inner.names.len() && 2 * shared >= outer.names.len() && inner.fields.iter().any(holds)
}
