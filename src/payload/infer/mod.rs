//! The first pass over a document: which types would a person have written for it?
//!
//! Everything at one path is a column, list elements and map values included (`$.rows[*].id`). Of each column it is
//! counted what it holds; the types are decided once all of it has been seen. The rules:
//!
//! - **Integers** take the narrowest width that fits the column: `u8` to `u64` if none is negative, else `i8` to
//!   `i64`. A column with a negative integer and one over `i64::MAX` is refused, since no type of 64 bits holds both.
//! - **Floats** written as decimals are `f32` where every one of them is the shortest form of an `f32`, else `f64`.
//!   Floats of binary formats say how wide they are; a column of doubles is `f32` only where that loses nothing.
//! - **Integers and floats** in one column are floats if each integer is exact as one, else an enum.
//! - **Null or absent** makes an option; a column that is nothing but null, or was never seen, is a unit.
//! - **Objects** are records, with optional fields; they are maps if there are more than 256 distinct keys, if there
//!   are more than 8 of which the average object has under 0.3, or if most of the keys are nothing that a field
//!   could be called (`2024-05-01`, `/usr/bin`); the latter two only where the values are of one type, without any
//!   enum. A table of up to 1024 columns of several types that nearly every object has stays a record. Keys that
//!   are not strings make a map.
//! - **Columns that mix types** are enums, with the variants `Bool`, `Int`, `Float`, `String`, `Bytes`, `List`,
//!   `Record` or `Map`, in this order.
//!
//! Records and enums are named after the key they are found at (`user_profile`: `UserProfile`).

mod names;
mod object;

use super::read::{
    FloatWidth, IntWidth,
    source::{Event, Fault, MAX_DEPTH, Source, Step, path_text},
};
use super::schema::{EnumSchema, Field, RecordSchema, Schema};
use super::tree::decimal_f64;
use object::{Decided, Object};

pub(super) use names::type_name;

/// What was decided about a document.
#[derive(Debug)]
pub struct Inferred {
    /// Its type.
    pub schema: Schema,
    /// What the overrides cost, by path.
    pub notes: Vec<String>,
}

/// What a column was seen to hold.
#[derive(Debug, Default)]
pub struct Node {
    nulls: u64,
    bools: u64,
    ints: Ints,
    floats: Floats,
    texts: u64,
    byte_strings: u64,
    lists: Option<Box<Node>>,
    objects: Option<Box<Object>>,
}

#[derive(Debug, Default)]
struct Ints {
    count: u64,
    /// The least, or 0.
    min: i64,
    /// The greatest, or 0.
    max: u64,
    /// One that is not exact in an `f32`, in an `f64`.
    inexact_f32: bool,
    inexact_f64: bool,
}

#[derive(Debug, Default)]
struct Floats {
    count: u64,
    /// The first that an `f32` does not stand for.
    wide: Option<f64>,
}

impl Ints {
    fn add(&mut self, value: i128) {
        self.count += 1;
        // Both fit: a source only has integers from i64::MIN to u64::MAX.
        self.min = self.min.min(value.min(0) as i64);
        self.max = self.max.max(value.max(0) as u64);
        self.inexact_f32 |= significant_bits(value) > f32::MANTISSA_DIGITS;
        self.inexact_f64 |= significant_bits(value) > f64::MANTISSA_DIGITS;
    }

    fn merge(&mut self, other: &Ints) {
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.inexact_f32 |= other.inexact_f32;
        self.inexact_f64 |= other.inexact_f64;
    }

    fn schema(&self, width: IntWidth) -> Result<Schema, Fault> {
        if let Some((schema, min, max)) = width.range() {
            let (least, greatest) = (i128::from(self.min), i128::from(self.max));
            if least >= min && greatest <= max {
                return Ok(schema);
            }
            let culprit = if least < min { least } else { greatest };
            return Err(Fault::of_column(
                format!("integer {culprit} does not fit in {}, which --ints asks for", schema.describe()),
                "leave --ints away, or ask for a wider one",
            ));
        }
        if self.min >= 0 {
            return Ok(match self.max {
                0..=0xff => Schema::U8,
                0x100..=0xffff => Schema::U16,
                0x1_0000..=0xffff_ffff => Schema::U32,
                _ => Schema::U64,
            });
        }
        let fits = |bits: u32| self.min >= -(1i64 << (bits - 1)) && self.max < 1u64 << (bits - 1);
        if self.max > i64::MAX as u64 {
            return Err(Fault::of_column(
                format!("both {} and {} occur, and no integer of 64 bits can be either", self.min, self.max),
                "quote them as strings, or write the large ones as floats if they may lose digits",
            ));
        }
        Ok(if fits(8) {
            Schema::I8
        } else if fits(16) {
            Schema::I16
        } else if fits(32) {
            Schema::I32
        } else {
            Schema::I64
        })
    }
}

/// The bits from the first to the last that is set: an integer of 64 bits is exact in any float that has as many.
pub(super) fn significant_bits(value: i128) -> u32 {
    let magnitude = value.unsigned_abs() as u64;
    64u32.saturating_sub(magnitude.leading_zeros() + magnitude.trailing_zeros())
}

/// Whether the decimal that `value` is the nearest double to is the shortest form of an `f32`.
fn is_shortest_single(value: f64) -> bool {
    // Up to six digits survive the way into an f32 and back, and no two such decimals share one: no need to print.
    // The quotient of two exact doubles is the double nearest to the decimal.
    let mut power = 1.0;
    for _ in 0..=6 {
        let digits = (value * power).round();
        if digits.abs() < 1e6 && digits / power == value {
            return true;
        }
        power *= 10.0;
    }
    decimal_f64(value as f32) == value
}

impl Floats {
    fn add(&mut self, value: f64, single: impl FnOnce() -> bool) {
        self.count += 1;
        // Once the column is known to be wide, the dear question need not be asked again.
        if self.wide.is_none() && !value.is_nan() && !single() {
            self.wide = Some(value);
        }
    }

    fn merge(&mut self, other: &Floats) {
        self.count += other.count;
        self.wide = self.wide.or(other.wide);
    }
}

impl Node {
    fn merge(&mut self, other: Node) {
        self.nulls += other.nulls;
        self.bools += other.bools;
        self.ints.merge(&other.ints);
        self.floats.merge(&other.floats);
        self.texts += other.texts;
        self.byte_strings += other.byte_strings;
        match (&mut self.lists, other.lists) {
            (Some(mine), Some(theirs)) => mine.merge(*theirs),
            (mine @ None, theirs) => *mine = theirs,
            (Some(_), None) => {}
        }
        match (&mut self.objects, other.objects) {
            (Some(mine), Some(theirs)) => mine.merge(*theirs),
            (mine @ None, theirs) => *mine = theirs,
            (Some(_), None) => {}
        }
    }

    /// Which of the kinds that make an enum's variants occur, as bits; integers and floats are one.
    fn kinds(&self) -> u8 {
        let numbers = self.ints.count + self.floats.count > 0;
        [self.bools > 0, numbers, self.texts > 0, self.byte_strings > 0, self.lists.is_some(), self.objects.is_some()]
            .into_iter()
            .enumerate()
            .map(|(bit, present)| u8::from(present) << bit)
            .sum()
    }
}

/// Reads a whole document and decides its types. Whatever the reading alone can find wrong is found here.
pub fn infer<S: Source>(source: &mut S, floats: FloatWidth, ints: IntWidth) -> Result<Inferred, Fault> {
    let node = scan(source)?;
    let mut decider = Decider { floats, ints, path: Vec::new(), notes: Vec::new() };
    let schema = decider.schema(node).map_err(|fault| fault.through(&decider.path))?;
    Ok(Inferred { schema: names::name_types(schema), notes: decider.notes })
}

/// Reads a whole document and only checks it: for documents whose types the user has given.
pub fn scan<S: Source>(source: &mut S) -> Result<Node, Fault> {
    let mut node = Node::default();
    let event = source.value()?;
    observe(source, &mut node, event, 0)?;
    source.finish()?;
    Ok(node)
}

fn observe<S: Source>(source: &mut S, node: &mut Node, event: Event, depth: usize) -> Result<(), Fault> {
    match event {
        Event::Null => node.nulls += 1,
        Event::Bool(_) => node.bools += 1,
        Event::Int(value) => node.ints.add(value.into()),
        Event::UInt(value) => node.ints.add(value.into()),
        Event::F32(value) => node.floats.add(value.into(), || true),
        Event::F64(value) => node.floats.add(value, || f64::from(value as f32) == value),
        Event::Decimal(value) => node.floats.add(value, || is_shortest_single(value)),
        Event::Text => {
            source.text()?;
            node.texts += 1;
        }
        Event::Bytes => {
            source.bytes()?;
            node.byte_strings += 1;
        }
        Event::List(_) | Event::Map(_) if depth == MAX_DEPTH => {
            return Err(Fault::at(
                source.offset(),
                format!("lists and objects are nested more than {MAX_DEPTH} levels deep"),
                "sercost cannot measure such a document: flatten it",
            ));
        }
        Event::List(mut open) => {
            let items = node.lists.get_or_insert_default();
            let mut index = 0;
            while source.next_item(&mut open).map_err(|fault| fault.inside(Step::Index(index)))? {
                source
                    .value()
                    .and_then(|event| observe(source, items, event, depth + 1))
                    .map_err(|fault| fault.inside(Step::Index(index)))?;
                index += 1;
            }
        }
        Event::Map(open) => object::observe_object(source, node.objects.get_or_insert_default(), open, depth)?,
    }
    Ok(())
}

/// Turns what was counted into types.
struct Decider {
    floats: FloatWidth,
    ints: IntWidth,
    /// The column that is decided; kept as it was where a decision fails.
    path: Vec<Step>,
    notes: Vec<String>,
}

impl Decider {
    fn below(&mut self, step: Step, node: Node) -> Result<Schema, Fault> {
        self.path.push(step);
        let schema = self.schema(node)?;
        self.path.pop();
        Ok(schema)
    }

    fn schema(&mut self, node: Node) -> Result<Schema, Fault> {
        let mut variants = Vec::new();
        if node.bools > 0 {
            variants.push(Field::new("Bool", Schema::Bool));
        }
        self.numbers(&node, &mut variants)?;
        if node.texts > 0 {
            variants.push(Field::new("String", Schema::String));
        }
        if node.byte_strings > 0 {
            variants.push(Field::new("Bytes", Schema::Bytes));
        }
        if let Some(items) = node.lists {
            variants.push(Field::new("List", Schema::list(self.below(Step::Any, *items)?)));
        }
        if let Some(objects) = node.objects {
            variants.push(self.object(*objects)?);
        }
        let schema = match variants.len() {
            0 => return Ok(Schema::Unit),
            1 => variants.remove(0).schema,
            _ => Schema::Enum(EnumSchema::new("", variants)),
        };
        Ok(if node.nulls > 0 { Schema::option(schema) } else { schema })
    }

    fn numbers(&mut self, node: &Node, variants: &mut Vec<Field>) -> Result<(), Fault> {
        let Node { ints, floats, .. } = node;
        let narrow = match self.floats {
            FloatWidth::Infer => floats.wide.is_none(),
            FloatWidth::F32 => true,
            FloatWidth::F64 => false,
        };
        if floats.count == 0 {
            if ints.count > 0 {
                variants.push(Field::new("Int", ints.schema(self.ints)?));
            }
            return Ok(());
        }
        if self.floats == FloatWidth::F32
            && let Some(value) = floats.wide
        {
            let path = path_text(self.path.iter());
            self.notes.push(format!("{path}: floats lose digits as f32: {value} becomes {}", value as f32));
        }
        let float = match (ints.count, narrow) {
            (0, true) => Schema::F32,
            (0, false) => Schema::F64,
            _ if narrow && !ints.inexact_f32 => Schema::F32,
            _ if !ints.inexact_f64 && self.floats != FloatWidth::F32 => Schema::F64,
            _ => {
                variants.push(Field::new("Int", ints.schema(self.ints)?));
                if narrow { Schema::F32 } else { Schema::F64 }
            }
        };
        variants.push(Field::new("Float", float));
        Ok(())
    }

    fn object(&mut self, object: Object) -> Result<Field, Fault> {
        match object.decide() {
            Decided::Map(key, value) => {
                let key = self.below(Step::Key("(key)".into()), key)?;
                Ok(Field::new("Map", Schema::map(key, self.below(Step::Any, value)?)))
            }
            Decided::Record(fields) => {
                // A loop, and not `map` and `collect`: this recurses, and unoptimized iterators are heavy on the stack.
                let mut types = Vec::with_capacity(fields.len());
                for (name, node, optional) in fields {
                    let schema = match self.below(Step::Key(name.clone()), node)? {
                        schema @ Schema::Option(_) => schema,
                        schema if optional => Schema::option(schema),
                        schema => schema,
                    };
                    types.push(Field::new(&name, schema));
                }
                Ok(Field::new("Record", Schema::Record(RecordSchema::new("", types))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_that_are_exact_as_floats_are_known() {
        for value in [0, 1, -1, 1 << 24, (1 << 24) + 1, i64::MIN.into(), i64::MAX.into(), u64::MAX.into(), 3 << 62] {
            assert_eq!(significant_bits(value) <= 24, value as f32 as i128 == value, "{value}");
            assert_eq!(significant_bits(value) <= 53, value as f64 as i128 == value, "{value}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_to_singles_is_the_long_way(digits in -2_000_000i32..2_000_000, places in 0u32..10, any: f64) {
            for value in [format!("{digits}e-{places}").parse().unwrap_or(any), any, any as f32 as f64] {
                let long = decimal_f64(value as f32) == value;
                prop_assert_eq!(is_shortest_single(value), long, "{}", value);
            }
        }
    }
}
