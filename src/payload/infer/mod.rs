//! The first pass over a document: which types would a person have written for it?
//!
//! Everything at one path is a column, list elements and map values included (`$.rows[*].id`). Of each column it is
//! counted what it holds; the types are decided once all of it has been seen. The rules:
//!
//! - **Integers** of text take the narrowest width that fits the column: `u8` to `u64` if none is negative, else `i8`
//!   to `i64`. Where the document states a width (the elements of a numpy array), it is kept. A column with a negative
//!   integer and one over `i64::MAX` is an enum of `i64` and `u64`, since no type of 64 bits holds both.
//! - **Floats** are what the document states; those of text, which states nothing, are `f64`.
//! - **Integers and floats** in one column are a number, which stays what it is where the format can tell, and is an
//!   `f64` elsewhere; in tables they are floats. An integer that is not exact as a float makes an enum.
//! - **Null** makes an option; a field that is **absent** from some objects is an optional one, which is left out where
//!   fields go by name. A column that is nothing but null, or was never seen, is a unit.
//! - **Objects** are records or maps, or records with a map of further entries: module `looks`. All places of a key are
//!   read alike where their contents are of one kind: module `joint`.
//! - **Lists** of one length whose places differ in kind are tuples, and those of two to four numbers are arrays:
//!   module `list`.
//! - **Columns that mix types** are enums, with the variants `Bool`, `Int`, `UInt`, `Float`, `String`, `Bytes`, `List`,
//!   `Record` or `Map`, in this order.
//!
//! Records that differ only in the width of a field, and records that hold their own like, are one type: modules `unify`
//! and, for those that a tag tells apart, `tags`.
//! Records and enums are named after the key they are found at (`user_profile`: `UserProfile`). Where a person might have
//! decided otherwise, a note says what was chosen, what the other choice is worth, and how to say it: module `choices`.

mod choices;
mod columns;
mod forced;
mod joint;
mod keys;
mod likeness;
mod list;
mod looks;
mod marks;
mod merge;
mod names;
mod object;
mod overrides;
mod scalar;
mod tags;
mod unify;

use super::schema::{EnumSchema, Field, Presence, RecordSchema, Schema, SymbolSchema};
use super::source::{Event, Fault, MAX_DEPTH, Source, Step, too_deep};
use choices::Choices;
use joint::{Common, Joint};
use list::Lists;
use looks::Looks;
use object::{MapParts, Object};
use scalar::{Floats, Ints, Texts};
use tags::Trees;

pub(super) use names::type_name;
pub use overrides::{Override, OverrideKind, Overrides};
pub(super) use scalar::significant_bits;

/// The decisions about a document.
#[derive(Debug)]
pub(super) struct Inferred {
    /// Its type.
    pub schema: Schema,
    /// The choices that could have been made otherwise, and the cost of overrides, by path.
    pub notes: Vec<String>,
}

/// The contents of a column, as far as they were seen.
#[derive(Debug, Default)]
pub(super) struct Node {
    nulls: u64,
    bools: u64,
    ints: Ints,
    floats: Floats,
    texts: Texts,
    byte_strings: u64,
    lists: Option<Box<Lists>>,
    objects: Option<Box<Object>>,
}

impl Node {
    fn merge(&mut self, other: Node) {
        self.nulls += other.nulls;
        self.bools += other.bools;
        self.ints.merge(&other.ints);
        self.floats.merge(&other.floats);
        self.texts.merge(other.texts);
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
        let numbers = self.ints.count + self.floats.count() > 0;
        let texts = self.texts.count > 0;
        [self.bools > 0, numbers, texts, self.byte_strings > 0, self.lists.is_some(), self.objects.is_some()]
            .into_iter()
            .enumerate()
            .map(|(bit, present)| u8::from(present) << bit)
            .sum()
    }

    /// Whether there are strings, and nothing else.
    fn is_text(&self) -> bool {
        self.nulls == 0 && self.kinds() == 1 << 2
    }

    /// Whether there are objects, and nothing else but nulls.
    fn is_object(&self) -> bool {
        self.kinds() == 1 << 5
    }

    /// Whether there are numbers, and nothing else.
    fn is_numeric(&self) -> bool {
        self.nulls == 0 && self.kinds() == 1 << 1
    }
}

/// Reads a whole document and decides its types. Whatever the reading alone can find wrong is found here. Where `apart`,
/// records that could be of one type stay as they are found.
pub(super) fn infer<S: Source>(source: &mut S, overrides: &Overrides, apart: bool) -> Result<Inferred, Fault> {
    overrides.check()?;
    let node = Box::new(scan(source)?);
    let (joint, trees) = (Joint::of(&node), Trees::of(&node));
    let choices = Choices::new(overrides);
    let mut decider = Decider { overrides, choices, joint, trees, path: Vec::new(), in_table: false };
    let schema = decider.schema(node).map_err(|fault| fault.through(&decider.path))?;
    let (schema, are_one) = match apart {
        true => (unify::settled(schema), false),
        false => unify::unify(schema, &decider.trees.records()),
    };
    if !are_one {
        decider.choices.unlike_nodes(decider.trees.worth());
    }
    let notes = decider.choices.into_notes(&schema)?;
    Ok(Inferred { schema: names::name_types(schema), notes })
}

/// Reads a whole document and only checks it: for documents whose types the user has given.
pub(super) fn scan<S: Source>(source: &mut S) -> Result<Node, Fault> {
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
        Event::Int(value) => node.ints.add(value.into(), source.stated_int()),
        Event::UInt(value) => node.ints.add(value.into(), source.stated_int()),
        Event::F32(_) => node.floats.add_single(),
        Event::F64(value) => node.floats.add_double(value),
        Event::Decimal(value) => node.floats.add_decimal(value),
        Event::Text => node.texts.add(source.text()?),
        Event::Bytes => {
            source.bytes()?;
            node.byte_strings += 1;
        }
        Event::List(_) | Event::Map(_) if depth == MAX_DEPTH => {
            return Err(too_deep(source.offset()));
        }
        Event::List(open) => list::observe_list(source, node.lists.get_or_insert_default(), open, depth)?,
        Event::Map(open) => object::observe_object(source, node.objects.get_or_insert_default(), open, depth)?,
    }
    Ok(())
}

/// Turns what was counted into types.
struct Decider<'a> {
    overrides: &'a Overrides,
    choices: Choices<'a>,
    joint: Joint,
    trees: Trees,
    /// The column that is decided; kept as it was where a decision fails.
    path: Vec<Step>,
    /// Whether it is the column of a table, whose cells are all text.
    in_table: bool,
}

impl Decider<'_> {
    // Boxes, and small functions for what does not recurse: documents are nested deeply, and unoptimized code keeps a place
    // on the stack for everything that passes through a function.
    fn below(&mut self, step: Step, node: Box<Node>) -> Result<Schema, Fault> {
        self.path.push(step);
        let schema = self.schema(node)?;
        self.path.pop();
        Ok(schema)
    }

    fn schema(&mut self, mut node: Box<Node>) -> Result<Schema, Fault> {
        let mut variants = Vec::new();
        let (is_tuple, looks) = self.scalars(&mut node, &mut variants)?;
        let (lists, objects, is_null) = (node.lists.take(), node.objects.take(), node.nulls > 0);
        drop(node);
        if let Some(lists) = lists {
            let schema = self.lists(lists, is_tuple)?;
            variants.push(Field::new("List", schema));
        }
        if let Some(objects) = objects {
            self.object(objects, looks, &mut variants)?;
        }
        Ok(self.joined(variants, is_null))
    }

    /// Adds the variants of values that hold no others; returns what is settled about those that do.
    #[inline(never)]
    fn scalars(&mut self, node: &mut Node, variants: &mut Vec<Field>) -> Result<(Option<bool>, Option<Looks>), Fault> {
        let forced = self.choices.forced(&self.path, node);
        if let Some(schema) = &forced.scalar {
            let fits = forced::force(schema, node)?;
            variants.push(Field::new(fits, schema.clone()));
            *node = Node { nulls: node.nulls, ..Node::default() };
        }
        if node.bools > 0 {
            variants.push(Field::new("Bool", Schema::Bool));
        }
        self.numbers(node, variants)?;
        if node.texts.count > 0 {
            variants.push(Field::new("String", self.texts(&node.texts, forced.is_enum)?));
        }
        if node.byte_strings > 0 {
            variants.push(Field::new("Bytes", Schema::Bytes));
        }
        Ok((forced.is_tuple, forced.looks))
    }

    /// The type of a column of these variants.
    #[inline(never)]
    fn joined(&self, mut variants: Vec<Field>, is_null: bool) -> Schema {
        let schema = match variants.len() {
            // The cells of a table are text, also where all of them are empty.
            0 if self.in_table && is_null => return Schema::option(Schema::String),
            0 if is_null => return Schema::Unit,
            0 => return merge::never(),
            1 => variants.remove(0).schema,
            _ => Schema::Enum(EnumSchema::new("", variants)),
        };
        if is_null { Schema::option(schema) } else { schema }
    }

    #[inline(never)]
    fn numbers(&mut self, node: &Node, variants: &mut Vec<Field>) -> Result<(), Fault> {
        let Node { ints, floats, .. } = node;
        if ints.count + floats.count() == 0 {
            return Ok(());
        }
        let are_all = node.kinds() == 1 << 1;
        self.choices.floats(&self.path, floats, are_all);
        let numbers = scalar::numbers(ints, floats, self.overrides, self.in_table)?;
        if numbers.iter().any(|(name, _)| *name == "UInt") {
            self.choices.both_signs(&self.path);
        }
        variants.extend(numbers.into_iter().map(|(name, schema)| Field::new(name, schema)));
        Ok(())
    }

    fn texts(&mut self, texts: &Texts, is_enum: bool) -> Result<Schema, Fault> {
        if !is_enum {
            self.choices.texts(&self.path, texts);
            return Ok(Schema::String);
        }
        match texts.symbols() {
            Some(symbols) => Ok(Schema::Symbol(SymbolSchema::new("", symbols.iter().map(|text| &**text)))),
            None => Err(Fault::of_column(
                format!(
                    "more than {} different strings, or one of more than 64 bytes, make no enum",
                    scalar::MOST_SYMBOLS
                ),
                "leave --enum away",
            )),
        }
    }

    #[allow(clippy::boxed_local, reason = "this recurses, and has no room for it on the stack")]
    fn lists(&mut self, lists: Box<Lists>, is_tuple: Option<bool>) -> Result<Schema, Fault> {
        let is_tuple = is_tuple.or_else(|| self.is_list_elsewhere(&lists).then_some(false));
        let (places, is_tuple) = match lists.decide(is_tuple)? {
            list::Decided::List(items, of_one_length) => {
                if let Some(count) = of_one_length {
                    self.choices.lists(&self.path, count);
                }
                return Ok(Schema::list(self.below(Step::Any, items)?));
            }
            list::Decided::Array(items, length, fixed) => {
                self.choices.fixed_length(&self.path, fixed);
                return Ok(Schema::array(self.below(Step::Any, items)?, length, fixed.is_tuple));
            }
            list::Decided::Tuple(places, fixed) => {
                self.choices.fixed_length(&self.path, fixed);
                (places, fixed.is_tuple)
            }
        };
        let mut types = Vec::with_capacity(places.len());
        for (index, place) in places.into_iter().enumerate() {
            types.push(self.below(Step::Index(index), Box::new(place))?);
        }
        Ok(Schema::tuple(types, is_tuple))
    }

    /// The key that leads to the column; `None` within lists and maps.
    fn key(&self) -> Option<&str> {
        if let Some(Step::Key(key)) = self.path.last() { Some(key) } else { None }
    }

    /// Whether lists that could be tuples are none, since the same key leads to lists of other lengths elsewhere.
    #[inline(never)]
    fn is_list_elsewhere(&self, lists: &Lists) -> bool {
        self.key().is_some_and(|key| self.joint.are_lists(key)) && lists.are_mixed()
    }

    fn object(&mut self, object: Box<Object>, forced: Option<Looks>, variants: &mut Vec<Field>) -> Result<(), Fault> {
        let was_in_table = self.in_table;
        self.in_table |= object.is_table();
        match self.decided(object, forced) {
            object::Decided::Map(parts) => {
                let schema = self.map(parts)?;
                variants.push(Field::new("Map", schema));
            }
            object::Decided::Record(fields, rest) => {
                let schema = self.record(fields, rest)?;
                variants.push(Field::new("Record", schema));
            }
        }
        self.in_table = was_in_table;
        Ok(())
    }

    /// The type of the objects, with a note where it could be another.
    #[inline(never)]
    fn decided(&mut self, object: Box<Object>, forced: Option<Looks>) -> object::Decided {
        let looks = forced.unwrap_or_else(|| {
            let common = self.key().and_then(|key| self.joint.looks(key)).filter(|_| !object.is_table());
            let looks = match common {
                Some(Common::Map) if !looks::is_header(&object) => Looks::Map,
                Some(Common::Record) if object.further().is_none() => Looks::Record,
                _ => looks::looks(&object, self.key().is_some()),
            };
            if let Some(doubt) = looks::doubt(&object, &looks, self.key()) {
                self.choices.keys(&self.path, &looks, doubt);
            }
            looks
        });
        self.choices.absent(object.absent(&looks));
        object.decide(looks)
    }

    fn record(&mut self, fields: Vec<(String, Box<Node>, Presence)>, rest: Option<MapParts>) -> Result<Schema, Fault> {
        // A loop, and not `map` and `collect`: this recurses, and unoptimized iterators are heavy on the stack.
        let mut types = Vec::with_capacity(fields.len() + 1);
        let (mut tag, mut entries) = (None, 0);
        for (name, node, presence) in fields {
            tag = tag.or(self.trees.tag(&name, &node).map(|tag| (tag, node.values())));
            entries += node.values() + node.nulls;
            let schema = self.below(Step::Key(name.clone()), node)?;
            types.push(field(&name, schema, presence));
        }
        if let Some(parts) = rest {
            let mut name = "others".to_owned();
            while types.iter().any(|field: &Field| *field.name == *name) {
                name.push('_');
            }
            let schema = self.map(parts)?;
            types.push(Field::with_presence(&name, schema, Presence::Flattened));
        }
        let record = RecordSchema::new("", types);
        if let Some((tag, rows)) = tag {
            self.trees.add(tag, &record, rows, entries);
        }
        Ok(Schema::Record(record))
    }

    fn map(&mut self, parts: MapParts) -> Result<Schema, Fault> {
        let key = self.below(Step::Key("(key)".into()), parts.key)?;
        Ok(Schema::map(key, self.below(Step::Any, parts.value)?))
    }
}

/// A field, an option where it may be absent.
fn field(name: &str, schema: Schema, presence: Presence) -> Field {
    let schema = match schema {
        schema @ Schema::Option(_) => schema,
        schema if presence.may_be_absent() => Schema::option(schema),
        schema => schema,
    };
    Field::with_presence(name, schema, presence)
}
