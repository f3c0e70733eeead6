//! The second pass over a document: decodes it straight into the columns of a schema.
//!
//! Documents hold less than a schema says: enums have no tags, integers stand in columns of floats, fields are
//! absent, keys of numbers may be text. So a value goes where its kind fits, and one that fits nowhere is refused with
//! its path; with a schema that was inferred from the same document this does not happen. Of an enum's variants the
//! first that can take the value does.

use crate::payload::column::{ABSENT, Column, NULL, Number as MixedNumber};
use crate::payload::infer::significant_bits;
use crate::payload::schema::{MapSchema, RecordSchema, Schema};
use crate::payload::source::{Event, Fault, Key, Open, Source, Step, quoted};

/// Decodes the document into a column of one row.
pub(super) fn fill<S: Source>(source: &mut S, schema: &Schema) -> Result<Column, Fault> {
    let mut column = Column::new(schema);
    let event = source.value()?;
    put(source, schema, &mut column, event)?;
    source.finish()?;
    shrink(&mut column);
    Ok(column)
}

/// Appends one value.
fn put<S: Source>(source: &mut S, schema: &Schema, column: &mut Column, event: Event) -> Result<(), Fault> {
    match (schema, &mut *column, event) {
        (Schema::Option(_), Column::Option { index, .. }, Event::Null) => index.push(NULL),
        (Schema::Option(inner), Column::Option { index, values }, event) => {
            index.push(next_index(values, source.offset())?);
            put(source, inner, values, event)?;
        }
        (Schema::Unit, Column::Unit(rows), Event::Null) => *rows += 1,
        (Schema::Bool, Column::Bool(values), Event::Bool(value)) => values.push(value),
        (Schema::String, Column::String(strings), Event::Text) => strings.push(source.text()?.to_owned()),
        (Schema::Symbol(symbol), Column::Symbol(values), Event::Text) => {
            let text = source.text()?;
            let Some(at) = symbol.values.iter().position(|&value| value == text) else {
                let reason = format!("{} is none of the strings of {}", quoted(text), symbol.name);
                return Err(Fault::at(source.offset(), reason, "add it to the schema, or say string there"));
            };
            values.push(at as u32);
        }
        (Schema::Bytes, Column::Bytes(strings), Event::Bytes) => strings.push(source.bytes()?.to_owned()),
        (Schema::List(element), Column::List { ends, items }, Event::List(mut open)) => {
            let start = items.len();
            while source.next_item(&mut open)? {
                let event = source.value()?;
                if !put_number(items, event) {
                    let index = items.len() - start;
                    put(source, element, items, event).map_err(|fault| fault.inside(Step::Index(index)))?;
                }
            }
            ends.push(items.len());
        }
        (Schema::Array(array), Column::Array { items, .. }, Event::List(open)) => {
            put_places(source, open, array.length, schema, |source, at, event| {
                // The items of a row follow one another, so the place is only needed for the path of a fault.
                let _ = at;
                if put_number(items, event) { Ok(()) } else { put(source, &array.element, items, event) }
            })?;
        }
        (Schema::Tuple(types), Column::Tuple { rows, places }, Event::List(open)) => {
            put_places(source, open, types.len(), schema, |source, at, event| {
                put(source, &types[at], &mut places[at], event)
            })?;
            *rows += 1;
        }
        (Schema::Map(map), Column::Map { ends, keys, values }, Event::Map(open)) => {
            put_entries(source, map, keys, values, open)?;
            ends.push(keys.len());
        }
        (Schema::Record(record), Column::Record { rows, fields }, Event::Map(open)) => {
            put_fields(source, record, fields, *rows, open)?;
            *rows += 1;
        }
        (Schema::Enum(choice), Column::Enum { tags, index, variants }, event) => {
            let tag = choice.variants.iter().zip(&*variants).position(|(variant, _)| takes(&variant.schema, event));
            let Some(tag) = tag else { return Err(misfit(source.offset(), schema, event)) };
            tags.push(tag as u32);
            index.push(next_index(&variants[tag], source.offset())?);
            put(source, &choice.variants[tag].schema, &mut variants[tag], event)?;
        }
        (_, column, event) => {
            if !put_number(column, event) {
                return Err(misfit(source.offset(), schema, event));
            }
        }
    }
    Ok(())
}

/// Puts the items of a list into so many places, neither more nor fewer.
fn put_places<S: Source>(
    source: &mut S,
    mut open: Open,
    length: usize,
    schema: &Schema,
    mut put_item: impl FnMut(&mut S, usize, Event) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let start = source.offset();
    let mut found = 0;
    while source.next_item(&mut open)? {
        if found == length {
            return Err(wrong_length(start, schema, "more"));
        }
        let event = source.value()?;
        put_item(source, found, event).map_err(|fault| fault.inside(Step::Index(found)))?;
        found += 1;
    }
    if found < length { Err(wrong_length(start, schema, &found.to_string())) } else { Ok(()) }
}

fn wrong_length(offset: usize, schema: &Schema, found: &str) -> Fault {
    let reason = format!("expected {}, found {found} elements", schema.describe());
    Fault::at(offset, reason, "give this place the type list")
}

/// The next free index of a column that `index` vectors point into.
fn next_index(column: &Column, offset: usize) -> Result<u32, Fault> {
    u32::try_from(column.len()).ok().filter(|&index| index < NULL).ok_or_else(|| {
        Fault::at(offset, "more than 4,294,967,293 optional or mixed values in one column", "split the file")
    })
}

/// An event that is a number.
enum Number {
    Int(i128),
    Float(f64),
}

fn number(event: Event) -> Option<Number> {
    Some(match event {
        Event::Int(value) => Number::Int(value.into()),
        Event::UInt(value) => Number::Int(value.into()),
        Event::F32(value) => Number::Float(value.into()),
        Event::F64(value) | Event::Decimal(value) => Number::Float(value),
        _ => return None,
    })
}

/// Appends a number to a column of numbers, if it is the one and fits the other.
fn put_number(column: &mut Column, event: Event) -> bool {
    /// Whether the integer was taken.
    fn int<T: TryFrom<i128>>(values: &mut Vec<T>, value: i128) -> bool {
        let fitting = T::try_from(value);
        let fits = fitting.is_ok();
        values.extend(fitting);
        fits
    }
    // The two commonest pairs do without the detour.
    match (&mut *column, event) {
        (Column::I64(values), Event::Int(value)) => {
            values.push(value);
            return true;
        }
        (Column::F64(values), Event::Decimal(value)) => {
            values.push(value);
            return true;
        }
        _ => {}
    }
    match (number(event), column) {
        (Some(Number::Int(value)), Column::I8(values)) => int(values, value),
        (Some(Number::Int(value)), Column::I16(values)) => int(values, value),
        (Some(Number::Int(value)), Column::I32(values)) => int(values, value),
        (Some(Number::Int(value)), Column::I64(values)) => int(values, value),
        (Some(Number::Int(value)), Column::U8(values)) => int(values, value),
        (Some(Number::Int(value)), Column::U16(values)) => int(values, value),
        (Some(Number::Int(value)), Column::U32(values)) => int(values, value),
        (Some(Number::Int(value)), Column::U64(values)) => int(values, value),
        (Some(Number::Int(value)), Column::F32(values)) => {
            let exact = significant_bits(value) <= f32::MANTISSA_DIGITS;
            values.extend(exact.then_some(value as f32));
            exact
        }
        (Some(Number::Int(value)), Column::F64(values)) => {
            let exact = significant_bits(value) <= f64::MANTISSA_DIGITS;
            values.extend(exact.then_some(value as f64));
            exact
        }
        (Some(Number::Float(value)), Column::F32(values)) => {
            // Digits may be lost, since the user asked for it, but not the magnitude.
            let fits = (value as f32).is_finite() || !value.is_finite();
            values.extend(fits.then_some(value as f32));
            fits
        }
        (Some(Number::Float(value)), Column::F64(values)) => {
            values.push(value);
            true
        }
        (Some(Number::Float(value)), Column::Number(values)) => {
            values.push(MixedNumber::Float(value));
            true
        }
        (Some(Number::Int(value)), Column::Number(values)) => {
            let exact = significant_bits(value) <= f64::MANTISSA_DIGITS;
            let value = i64::try_from(value).ok().filter(|_| exact);
            values.extend(value.map(MixedNumber::Int));
            value.is_some()
        }
        _ => false,
    }
}

/// Whether a value of `schema` can be what `event` begins.
fn takes(schema: &Schema, event: Event) -> bool {
    match (schema, event) {
        (Schema::Option(_), Event::Null) | (Schema::Unit, Event::Null) => true,
        (Schema::Option(inner), event) => takes(inner, event),
        (Schema::Enum(choice), event) => choice.variants.iter().any(|variant| takes(&variant.schema, event)),
        (Schema::Bool, Event::Bool(_))
        | (Schema::String, Event::Text)
        | (Schema::Symbol(_), Event::Text)
        | (Schema::Bytes, Event::Bytes)
        | (Schema::List(_) | Schema::Array(_) | Schema::Tuple(_), Event::List(_))
        | (Schema::Map(_) | Schema::Record(_), Event::Map(_)) => true,
        (schema, event) => {
            number(event).is_some()
                && !matches!(schema, Schema::List(_) | Schema::Array(_) | Schema::Tuple(_))
                && !matches!(schema, Schema::Map(_) | Schema::Record(_))
                && put_number(&mut Column::new(schema), event)
        }
    }
}

fn misfit(offset: usize, schema: &Schema, event: Event) -> Fault {
    if let (Schema::F32, Event::Decimal(value) | Event::F64(value)) = (schema, event) {
        let reason = format!("float {value:?} is beyond the range of f32");
        return Fault::at(offset, reason, "leave --floats f32 away, or say f64 in the schema");
    }
    let found = match event {
        Event::Bool(value) => value.to_string(),
        Event::Int(value) => format!("integer {value}"),
        Event::UInt(value) => format!("integer {value}"),
        Event::F32(value) => format!("float {value:?}"),
        Event::F64(value) | Event::Decimal(value) => format!("float {value:?}"),
        other => other.kind().to_owned(),
    };
    Fault::at(
        offset,
        format!("expected {}, found {found}", schema.describe()),
        "correct the schema or leave it away; --show-schema json prints the one that fits",
    )
}

fn put_entries<S: Source>(
    source: &mut S,
    map: &MapSchema,
    keys: &mut Column,
    values: &mut Column,
    mut open: Open,
) -> Result<(), Fault> {
    let offset = source.offset();
    while let Some(key) = source.next_key(&mut open)? {
        if !put_key(&map.key, keys, key) {
            let reason = format!("expected {} as a key, found {key}", map.key.describe());
            return Err(Fault::at(offset, reason, "correct the schema"));
        }
        source
            .value()
            .and_then(|event| put(source, &map.value, values, event))
            .map_err(|fault| fault.inside(last_key(&map.key, keys)))?;
    }
    Ok(())
}

/// The step that the key last appended is.
fn last_key(schema: &Schema, keys: &Column) -> Step {
    match crate::payload::tree::Tree::from_row(schema, keys, keys.len().saturating_sub(1)) {
        crate::payload::tree::Tree::String(text) => Step::Key(text),
        crate::payload::tree::Tree::Int(value) => Step::Key(value.to_string()),
        crate::payload::tree::Tree::UInt(value) => Step::Key(value.to_string()),
        _ => Step::Any,
    }
}

/// Appends a key; a number that is written as text is taken as a number where the schema says so.
fn put_key(schema: &Schema, column: &mut Column, key: Key<'_>) -> bool {
    match (schema, column, key) {
        (Schema::String, Column::String(keys), Key::Text(text)) => keys.push(text.to_owned()),
        (Schema::Bytes, Column::Bytes(keys), Key::Bytes(bytes)) => keys.push(bytes.to_owned()),
        (Schema::Bool, Column::Bool(keys), Key::Bool(value)) => keys.push(value),
        (Schema::Enum(choice), Column::Enum { tags, index, variants }, key) => {
            for (tag, (variant, column)) in choice.variants.iter().zip(variants).enumerate() {
                let at = column.len() as u32;
                if at < NULL && put_key(&variant.schema, column, key) {
                    tags.push(tag as u32);
                    index.push(at);
                    return true;
                }
            }
            return false;
        }
        (_, column, Key::Int(value)) => return put_number(column, Event::Int(value)),
        (_, column, Key::UInt(value)) => return put_number(column, Event::UInt(value)),
        (_, column, Key::Text(text)) => {
            return match (text.parse::<i64>(), text.parse::<u64>()) {
                (Ok(value), _) if value.to_string() == text => put_number(column, Event::Int(value)),
                (_, Ok(value)) if value.to_string() == text => put_number(column, Event::UInt(value)),
                _ => false,
            };
        }
        _ => return false,
    }
    true
}

fn put_fields<S: Source>(
    source: &mut S,
    record: &RecordSchema,
    fields: &mut [Column],
    row: usize,
    mut open: Open,
) -> Result<(), Fault> {
    let start = source.offset();
    let mut next = 0;
    // Entries whose keys are not fields go where the record has a place for them.
    let named = record.fields.len() - usize::from(record.flattened().is_some());
    let (fields, rest) = fields.split_at_mut(named);
    let names = &record.names[..named];
    while let Some(key) = source.next_key(&mut open)? {
        if let (Key::Text(name), Some((_, map)), [Column::Map { keys, values, .. }]) =
            (key, record.flattened(), &mut *rest)
            && !names.contains(&name)
        {
            let step = key.step();
            put_key(&map.key, keys, key);
            source
                .value()
                .and_then(|event| put(source, &map.value, values, event))
                .map_err(|fault| fault.inside(step))?;
            continue;
        }
        let Key::Text(name) = key else {
            let reason = format!("expected the name of a field, found {key}");
            return Err(Fault::at(start, reason, "give this object the type map"));
        };
        let at = match names.get(next) {
            Some(&following) if following == name => Some(next),
            _ => names.iter().position(|&field| field == name),
        };
        let Some(at) = at else {
            let step = key.step();
            let reason = format!("the schema has no field {} in record {}", quoted(name), record.name);
            return Err(Fault::at(source.offset(), reason, "add it to the schema").inside(step));
        };
        next = at + 1;
        let field = &record.fields[at];
        let column = &mut fields[at];
        if column.len() != row {
            return Err(Fault::repeated_key(source.offset()).inside(Step::Key(field.name.to_string())));
        }
        let result = source.value().and_then(|event| match put_number(column, event) {
            true => Ok(()),
            false => put(source, &field.schema, column, event),
        });
        result.map_err(|fault| fault.inside(Step::Key(field.name.to_string())))?;
    }
    if let [Column::Map { ends, keys, .. }] = rest {
        ends.push(keys.len());
    }
    for (field, column) in record.fields.iter().zip(fields) {
        if column.len() == row {
            let Column::Option { index, .. } = column else {
                let reason = format!("field {} of record {} is absent", quoted(&field.name), record.name);
                return Err(Fault::at(start, reason, "make it optional in the schema"));
            };
            index.push(ABSENT);
        }
    }
    Ok(())
}

/// Gives back the room that vectors grew beyond their values.
fn shrink(column: &mut Column) {
    crate::payload::column::with_scalars!(column, vector => vector.shrink_to_fit(), other => match other {
        Column::String(strings) => strings.shrink_to_fit(),
        Column::Bytes(strings) => strings.shrink_to_fit(),
        Column::Number(values) => values.shrink_to_fit(),
        Column::Symbol(values) => values.shrink_to_fit(),
        Column::Array { items, .. } => shrink(items),
        Column::Tuple { places, .. } => places.iter_mut().for_each(shrink),
        Column::Option { index, values } => {
            index.shrink_to_fit();
            shrink(values);
        }
        Column::List { ends, items } => {
            ends.shrink_to_fit();
            shrink(items);
        }
        Column::Map { ends, keys, values } => {
            ends.shrink_to_fit();
            shrink(keys);
            shrink(values);
        }
        Column::Record { fields, .. } => fields.iter_mut().for_each(shrink),
        Column::Enum { tags, index, variants } => {
            tags.shrink_to_fit();
            index.shrink_to_fit();
            variants.iter_mut().for_each(shrink);
        }
        _ => {}
    });
}
