//! Random values of random schemas, and random trees.

use super::{decode_dynamic, decode_typed, encodable, encode_one, fingerprint};
use crate::numbers::Numbers;
use proptest::prelude::*;
use sercost::codec::{CODECS, Subject};
use sercost::model::Representation;
use sercost::payload::{
    ABSENT, Column, EnumSchema, Field, NULL, Number, Presence, RecordSchema, Rows, Schema, SymbolSchema, Tree,
};
use std::sync::Arc;

/// The values that a codec can represent without loss, as far as it concerns the random values below.
#[derive(Clone, Copy)]
struct Limits {
    /// Floats of any value, and not only a few binary digits.
    any_float: bool,
    /// Integers of 2^63 and more.
    over_i64: bool,
    /// Keys of maps that are numbers.
    numeric_keys: bool,
    /// Enums with several variants of one kind: a bare value does not say which it is.
    any_enum: bool,
    /// Byte strings that a dynamic value tells from lists and strings.
    dynamic_bytes: bool,
}

fn limits(codec: &str) -> Limits {
    let info = sercost::codec::find(codec).expect("it is one of the table").info();
    // Where values say their kind, a column of mixed types is written without tags.
    let any_enum = !info.self_describing;
    let all = Limits { any_float: true, over_i64: true, numeric_keys: true, any_enum, dynamic_bytes: true };
    match codec {
        // Its default parser of floats may be off in the last place.
        "json" => Limits { any_float: false, dynamic_bytes: false, ..all },
        "serde-pickle:2" | "serde-pickle:3" => Limits { over_i64: false, ..all },
        "bson" => Limits { over_i64: false, numeric_keys: false, ..all },
        "flexbuffers" => Limits { numeric_keys: false, ..all },
        _ => all,
    }
}

/// A generator of values from a seed that proptest picks and prints.
struct Random {
    numbers: Numbers,
    limits: Limits,
}

impl Random {
    /// An integer of any magnitude: every number of bits is as likely.
    fn bits(&mut self) -> u64 {
        let shift = self.numbers.below(64);
        self.numbers.next() >> shift
    }

    fn float(&mut self) -> f64 {
        if self.limits.any_float && self.numbers.below(2) == 0 {
            let float = f64::from_bits(self.numbers.next());
            return if float.is_nan() { f64::INFINITY } else { float };
        }
        (self.numbers.below(20_000) as f64 - 10_000.0) / 8.0
    }

    fn text(&mut self) -> String {
        let len = self.numbers.below(12);
        (0..len)
            .map(|_| ['a', 'z', '0', ' ', '"', '\\', 'ß', '√', '🦀', '\n'][self.numbers.below(10) as usize])
            .collect()
    }

    /// Appends a random row.
    fn fill(&mut self, schema: &Schema, column: &mut Column) {
        match (schema, column) {
            (_, Column::Unit(rows)) => *rows += 1,
            (_, Column::Bool(values)) => values.push(self.numbers.below(2) == 0),
            (_, Column::I8(values)) => values.push(self.bits() as i8),
            (_, Column::I16(values)) => values.push(self.bits() as i16),
            (_, Column::I32(values)) => values.push(self.bits() as i32),
            (_, Column::I64(values)) => values.push(self.bits() as i64),
            (_, Column::U8(values)) => values.push(self.bits() as u8),
            (_, Column::U16(values)) => values.push(self.bits() as u16),
            (_, Column::U32(values)) => values.push(self.bits() as u32),
            (_, Column::U64(values)) => {
                let value = self.bits();
                values.push(if self.limits.over_i64 { value } else { value >> 1 });
            }
            (_, Column::F32(values)) => values.push(self.float() as f32),
            (_, Column::F64(values)) => values.push(self.float()),
            (_, Column::Number(values)) => {
                let int = (self.bits() >> 11) as i64 - (1 << 52);
                let float = self.float();
                values.push(if self.numbers.below(2) == 0 { Number::Int(int) } else { Number::Float(float) });
            }
            (Schema::Symbol(symbol), Column::Symbol(values)) => {
                values.push(self.numbers.below(symbol.values.len() as u64) as u32);
            }
            (_, Column::String(values)) => values.push(self.text()),
            (_, Column::Bytes(values)) => values.push(self.text().into_bytes()),
            (Schema::Array(array), Column::Array { length, items }) => {
                (0..*length).for_each(|_| self.fill(&array.element, items));
            }
            (Schema::Tuple(types), Column::Tuple { rows, places }) => {
                types.iter().zip(places).for_each(|(schema, place)| self.fill(schema, place));
                *rows += 1;
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                if self.numbers.below(3) == 0 {
                    index.push(if self.numbers.below(2) == 0 { ABSENT } else { NULL });
                } else {
                    index.push(values.len() as u32);
                    self.fill(inner, values);
                }
            }
            (Schema::List(element), Column::List { ends, items }) => {
                for _ in 0..self.numbers.below(5) {
                    self.fill(element, items);
                }
                ends.push(items.len());
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => {
                self.fill_keys(keys);
                while values.len() < keys.len() {
                    self.fill(&map.value, values);
                }
                ends.push(keys.len());
            }
            (Schema::Record(record), Column::Record { rows, fields }) => {
                for (field, column) in record.fields.iter().zip(fields) {
                    self.fill(&field.schema, column);
                }
                *rows += 1;
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                let tag = self.numbers.below(variants.len() as u64) as usize;
                tags.push(tag as u32);
                index.push(variants[tag].len() as u32);
                self.fill(&choice.variants[tag].schema, &mut variants[tag]);
            }
            _ => unreachable!("the column was made for the schema"),
        }
    }

    /// Distinct keys in order, since FlexBuffers sorts them.
    fn fill_keys(&mut self, keys: &mut Column) {
        let count = self.numbers.below(4);
        match keys {
            Column::String(keys) => {
                let mut new: Vec<_> = (0..count).map(|_| self.text()).collect();
                new.sort_unstable();
                new.dedup();
                keys.append(&mut new);
            }
            Column::I32(keys) => {
                let mut new: Vec<_> = (0..count).map(|_| self.bits() as i32).collect();
                new.sort_unstable();
                new.dedup();
                keys.append(&mut new);
            }
            _ => unreachable!("the schemas below have keys of these types"),
        }
    }
}

fn random_rows(schema: &Schema, seed: u64, limits: Limits) -> Rows {
    let mut rows = Rows { schema: Arc::new(schema.clone()), column: Column::new(schema) };
    Random { numbers: Numbers(seed), limits }.fill(schema, &mut rows.column);
    rows
}

fn schemas() -> impl Strategy<Value = Schema> {
    use Schema::*;
    let symbol = Symbol(SymbolSchema::new("Symbol", ["one", "two words", "trois"]));
    let leaves = [Unit, Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, Number, symbol, String, Bytes];
    let leaf = prop::sample::select(leaves.to_vec());
    leaf.prop_recursive(4, 24, 4, |inner| {
        let fields = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(Schema::list),
            (inner.clone(), 1usize..4, any::<bool>())
                .prop_map(|(element, length, is_tuple)| Schema::array(element, length, is_tuple)),
            (prop::collection::vec(inner.clone(), 1..4), any::<bool>())
                .prop_map(|(places, is_tuple)| Schema::tuple(places, is_tuple)),
            // An absent value cannot be told from one that is null itself.
            inner.clone().prop_map(|inner| if matches!(inner, Unit | Option(_)) {
                inner
            } else {
                Schema::option(inner)
            }),
            (any::<bool>(), inner).prop_map(|(text, value)| Schema::map(if text { String } else { I32 }, value)),
            fields.clone().prop_map(|fields| Record(RecordSchema::new("Record", named(fields)))),
            fields.prop_filter_map("an enum has a variant", |fields| {
                (!fields.is_empty()).then(|| Enum(EnumSchema::new("Enum", named(fields))))
            }),
        ]
    })
}

fn named(schemas: Vec<Schema>) -> Vec<Field> {
    let names = ["second", "first", "third", "a b"];
    let field = |name: &str, schema| match schema {
        schema @ Schema::Option(_) => Field::with_presence(name, schema, Presence::OptionalOrNull),
        schema => Field::new(name, schema),
    };
    names.into_iter().zip(schemas).map(|(name, schema)| field(name, schema)).collect()
}

fn has_numeric_keys(schema: &Schema) -> bool {
    match schema {
        Schema::Map(map) => map.key != Schema::String || has_numeric_keys(&map.value),
        Schema::Option(inner) | Schema::List(inner) => has_numeric_keys(inner),
        Schema::Array(array) => has_numeric_keys(&array.element),
        Schema::Tuple(places) => places.iter().any(has_numeric_keys),
        Schema::Record(record) => record.fields.iter().any(|field| has_numeric_keys(&field.schema)),
        Schema::Enum(choice) => choice.variants.iter().any(|variant| has_numeric_keys(&variant.schema)),
        _ => false,
    }
}

/// The kind that a bare value of a type shows; none for one that may show several.
fn kind(schema: &Schema) -> Option<&'static str> {
    Some(match schema {
        Schema::Bool => "bool",
        Schema::F32 | Schema::F64 => "float",
        Schema::String | Schema::Symbol(_) => "string",
        // Some formats have no bytes, and write them as lists.
        Schema::Bytes | Schema::List(_) | Schema::Array(_) | Schema::Tuple(_) => "list",
        Schema::Map(_) | Schema::Record(_) => "map",
        // Some formats write a unit as an empty list.
        Schema::Unit | Schema::Option(_) | Schema::Enum(_) | Schema::Number => return None,
        _ => "integer",
    })
}

/// Whether some enum has variants that a bare value cannot tell apart.
fn has_ambiguous_enum(schema: &Schema) -> bool {
    match schema {
        Schema::Map(map) => has_ambiguous_enum(&map.value),
        // A null that is the enum's own cannot be told from an absent value.
        Schema::Option(inner) => {
            let nullable = |field: &Field| field.schema == Schema::Unit;
            matches!(&**inner, Schema::Enum(choice) if choice.variants.iter().any(nullable))
                || has_ambiguous_enum(inner)
        }
        Schema::List(inner) => has_ambiguous_enum(inner),
        Schema::Array(array) => has_ambiguous_enum(&array.element),
        Schema::Tuple(places) => places.iter().any(has_ambiguous_enum),
        Schema::Record(record) => record.fields.iter().any(|field| has_ambiguous_enum(&field.schema)),
        Schema::Enum(choice) => {
            let kinds: Vec<_> = choice.variants.iter().map(|variant| kind(&variant.schema)).collect();
            let distinct = kinds.iter().enumerate().all(|(at, kind)| kind.is_some() && !kinds[..at].contains(kind));
            !distinct || choice.variants.iter().any(|variant| has_ambiguous_enum(&variant.schema))
        }
        _ => false,
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Int),
        (-40i64..40).prop_map(Tree::Int),
        (1u64 << 63..).prop_map(Tree::UInt),
        // Exact in a JSON parser that may be off in the last place.
        (-9999..9999).prop_map(|eighths| Tree::Float(f64::from(eighths) / 8.0)),
        ".{0,8}".prop_map(Tree::String),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Tree::Bytes),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Tree::List),
            prop::collection::btree_map("[^\\x00]{0,6}", inner, 0..5).prop_map(|entries| {
                Tree::Map(entries.into_iter().map(|(key, value)| (Tree::String(key), value)).collect())
            }),
        ]
    })
}

/// Whether a tree is within the limits.
fn representable(tree: &Tree, limits: Limits) -> bool {
    match tree {
        Tree::UInt(_) => limits.over_i64,
        Tree::Bytes(_) => limits.dynamic_bytes,
        Tree::List(items) => items.iter().all(|item| representable(item, limits)),
        Tree::Map(entries) => entries.iter().all(|(_, value)| representable(value, limits)),
        _ => true,
    }
}

/// Some formats keep a double that is a single as such; the number is the same.
fn widened(tree: Tree) -> Tree {
    match tree {
        Tree::Float32(value) => Tree::Float(value.into()),
        Tree::List(items) => Tree::List(items.into_iter().map(widened).collect()),
        Tree::Map(entries) => Tree::Map(entries.into_iter().map(|(key, value)| (key, widened(value))).collect()),
        tree => tree,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_typed_values_come_back(schema in schemas(), seed in any::<u64>()) {
        for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
            let (name, limits) = (codec.info().name, limits(codec.info().name));
            if has_numeric_keys(&schema) && !limits.numeric_keys || has_ambiguous_enum(&schema) && !limits.any_enum {
                continue;
            }
            let rows = random_rows(&schema, seed, limits);
            let bytes = encode_one(*codec, Subject::Typed(&encodable(&rows))).map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
            let column = decode_typed(*codec, &rows.schema, &bytes)
                .map_err(|error| TestCaseError::fail(format!("{name} decoding: {error}; {:?}", rows.column)))?;
            let same = fingerprint(&schema, &rows.column) == fingerprint(&schema, &column);
            prop_assert!(same, "{name}: {:?} became {column:?}", rows.column);
        }
    }

    #[test]
    fn random_trees_come_back(tree in trees()) {
        for codec in CODECS.iter().filter(|codec| codec.refuses(Representation::Dynamic, &Schema::Unit).is_none()) {
            let name = codec.info().name;
            if !codec.decodes() || !representable(&tree, limits(name)) {
                continue;
            }
            let bytes = encode_one(*codec, Subject::Dynamic(std::slice::from_ref(&tree)))
                .map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
            let back = decode_dynamic(*codec, &bytes)
                .map_err(|error| TestCaseError::fail(format!("{name} decoding: {error}")))?;
            prop_assert_eq!(&widened(back), &tree, "{}", name);
        }
    }
}

#[test]
fn maps_keep_the_order_of_the_document_but_in_flexbuffers() {
    let schema = Arc::new(Schema::map(Schema::String, Schema::I64));
    let keys = ["b", "a", "c"].map(str::to_owned).to_vec();
    let column = Column::Map {
        ends: vec![3],
        keys: Box::new(Column::String(keys)),
        values: Box::new(Column::I64(vec![1, 2, 3])),
    };
    let rows = Rows { schema, column };
    for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
        let bytes = encode_one(*codec, Subject::Typed(&encodable(&rows))).expect("maps are taken");
        let column = decode_typed(*codec, &rows.schema, &bytes).expect("what was encoded decodes");
        let kept = fingerprint(&rows.schema, &column) == fingerprint(&rows.schema, &rows.column);
        assert_eq!(kept, codec.info().name != "flexbuffers", "{}", codec.info().name);
    }
}

#[test]
fn a_codec_that_limits_nesting_says_so() {
    let nested = |levels: usize| (0..levels).fold(Tree::Int(1), |tree, _| Tree::List(vec![tree]));
    for codec in CODECS.iter().filter(|codec| codec.decodes() && codec.info().self_describing) {
        let name = codec.info().name;
        for levels in [100, 200, 300] {
            let tree = nested(levels);
            let bytes =
                encode_one(*codec, Subject::Dynamic(std::slice::from_ref(&tree))).expect("any depth is written");
            let expected = match (name, levels) {
                ("json" | "smile", 200..) => "recursion limit exceeded",
                ("ciborium", 300..) => "RecursionLimitExceeded",
                _ => "",
            };
            match decode_dynamic(*codec, &bytes) {
                Ok(back) => assert!(expected.is_empty() && back == tree, "{name}: {levels} levels"),
                Err(error) => assert!(
                    !expected.is_empty() && error.to_string().contains(expected),
                    "{name}: {levels} levels: {error}"
                ),
            }
        }
    }
}
