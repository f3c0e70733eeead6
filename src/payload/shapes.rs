//! The built-in shapes: payloads made by a seeded generator, in the type that one would write.

use super::column::Column;
use super::decode::RowSeed;
use super::native::{Address, Customer, Dict, HasSchema, Line, Order, Record};
use super::schema::Schema;
use super::style::Compact;
use super::tree::Tree;
use fastrand::Rng;
use serde::Serialize;
use serde::de::DeserializeSeed;
use std::sync::Arc;

/// The facts about a shape.
#[derive(Clone, Copy, Debug)]
pub struct ShapeInfo {
    /// The name on the command line, before the colon.
    pub name: &'static str,
    /// The Rust type of the payload.
    pub rust_type: &'static str,
    /// Its contents, in one sentence.
    pub about: &'static str,
    /// An example for the command line.
    pub example: &'static str,
    /// About how many bytes of memory an element takes, allocator included; measured.
    bytes_per_element: u64,
    make: fn(u64, Rng) -> Column,
    schema: fn() -> Schema,
}

/// Every built-in shape, in the order of the documentation.
pub const SHAPES: &[ShapeInfo] = &[
    ShapeInfo {
        name: "zeros",
        rust_type: "Vec<i64>",
        about: "zeros: the smallest value of every variable-length format",
        example: "zeros:10M",
        bytes_per_element: 8,
        make: |count, _| integers((0..count).map(|_| 0)),
        schema: Vec::<i64>::schema,
    },
    ShapeInfo {
        name: "ints",
        rust_type: "Vec<i64>",
        about: "random integers of both signs, every length from 1 to 63 bits as likely as any other",
        example: "ints:1M",
        bytes_per_element: 8,
        make: |count, mut random| {
            integers((0..count).map(|_| {
                let magnitude = (random.u64(..) >> 1) >> random.u32(0..63);
                if random.bool() { magnitude as i64 } else { -(magnitude as i64) }
            }))
        },
        schema: Vec::<i64>::schema,
    },
    ShapeInfo {
        name: "range",
        rust_type: "Vec<i64>",
        about: "0, 1, 2, ...: `list(range(n))`, the payload of the founding question",
        example: "range:10M",
        bytes_per_element: 8,
        make: |count, _| integers((0..count).map(|at| at as i64)),
        schema: Vec::<i64>::schema,
    },
    ShapeInfo {
        name: "floats",
        rust_type: "Vec<f64>",
        about: "random doubles from 0 to 1 with all their digits",
        example: "floats:1M",
        bytes_per_element: 8,
        make: |count, mut random| one_list(count, Column::F64((0..count).map(|_| random.f64()).collect())),
        schema: Vec::<f64>::schema,
    },
    ShapeInfo {
        name: "strings",
        rust_type: "Vec<String>",
        about: "short distinct strings of 5 to 20 letters and digits",
        example: "strings:1M",
        bytes_per_element: 60,
        make: |count, mut random| {
            one_list(count, Column::String((0..count).map(|at| distinct(at, &mut random)).collect()))
        },
        schema: Vec::<String>::schema,
    },
    ShapeInfo {
        name: "bytes",
        rust_type: "serde_bytes::ByteBuf",
        about: "one string of random bytes; the count is its size",
        example: "bytes:50MB",
        bytes_per_element: 1,
        make: |count, mut random| {
            let mut bytes = vec![0; count as usize];
            random.fill(&mut bytes);
            Column::Bytes(vec![bytes])
        },
        schema: || Schema::Bytes,
    },
    ShapeInfo {
        name: "records",
        rust_type: "Vec<Record>",
        about: "flat rows of eight fields: an id, names, a score, a flag, tags, an optional note",
        example: "records:100k",
        bytes_per_element: 420,
        make: |count, mut random| list_of(count, |at| record(at, &mut random)),
        schema: Vec::<Record>::schema,
    },
    ShapeInfo {
        name: "dicts",
        rust_type: "Vec<BTreeMap<String, i64>>",
        about: "small maps of five entries from words to integers",
        example: "dicts:100k",
        bytes_per_element: 360,
        make: |count, mut random| list_of(count, |at| dict(at, &mut random)),
        schema: Vec::<Dict>::schema,
    },
    ShapeInfo {
        name: "nested",
        rust_type: "Vec<Order>",
        about: "orders: records in records, with lists of records that hold lists of f32",
        example: "nested:10k",
        bytes_per_element: 900,
        make: |count, mut random| list_of(count, |at| order(at, &mut random)),
        schema: Vec::<Order>::schema,
    },
];

/// A built-in shape with its count.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    info: &'static ShapeInfo,
    count: u64,
}

impl Shape {
    /// The shape of that name with `count` elements; `None` for an unknown name.
    pub fn new(name: &str, count: u64) -> Option<Shape> {
        SHAPES.iter().find(|info| info.name == name).map(|info| Shape { info, count })
    }

    /// The facts about it.
    pub fn info(&self) -> &'static ShapeInfo {
        self.info
    }

    /// The number of its elements.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// About how many bytes of memory it will take.
    pub fn memory_bytes(&self) -> u64 {
        self.count.saturating_mul(self.info.bytes_per_element)
    }

    /// About how many bytes of memory it will take as a tree, from what a few elements take.
    pub fn tree_bytes(&self) -> u64 {
        const FEW: u64 = 256;
        let few = self.count.clamp(1, FEW);
        let (schema, column) = Shape { count: few, ..*self }.make(1);
        let bytes = Tree::from_row(&schema, &column, 0).resident_bytes();
        (u128::from(bytes) * u128::from(self.count) / u128::from(few)).try_into().unwrap_or(u64::MAX)
    }

    /// Makes it: a column of one row and its schema. The same seed gives the same payload.
    pub fn make(&self, seed: u64) -> (Arc<Schema>, Column) {
        (Arc::new((self.info.schema)()), (self.info.make)(self.count, Rng::with_seed(seed)))
    }
}

/// A list of `count` items as a column of one row.
fn one_list(count: u64, items: Column) -> Column {
    Column::List { ends: vec![count as usize], items: Box::new(items) }
}

fn integers(values: impl Iterator<Item = i64>) -> Column {
    let values: Vec<i64> = values.collect();
    one_list(values.len() as u64, Column::I64(values))
}

/// A list of derived values, each made into a row by way of postcard, so that only one is there twice.
fn list_of<T: Serialize + HasSchema>(count: u64, mut make: impl FnMut(u64) -> T) -> Column {
    let schema = T::schema();
    let mut column = Column::with_capacity(&schema, count as usize);
    let mut bytes = Vec::new();
    for at in 0..count {
        bytes.clear();
        bytes = postcard::to_extend(&make(at), bytes).expect("postcard takes every type of the shapes");
        let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
        let seed = RowSeed::<Compact>::new(&schema, &mut column);
        seed.deserialize(&mut deserializer).expect("the schema is that of the type");
    }
    one_list(count, column)
}

const FIRST_NAMES: [&str; 12] =
    ["Ada", "Bruno", "Chiara", "Dmitri", "Eun-ji", "Fatima", "Göran", "Hana", "Ines", "João", "Kwame", "Łucja"];
const LAST_NAMES: [&str; 12] = [
    "Almeida", "Brandt", "Chen", "Dubois", "Eriksson", "Fischer", "García", "Haddad", "Ivanova", "Jensen", "Kowalski",
    "Okafor",
];
const WORDS: [&str; 24] = [
    "amber", "basalt", "cedar", "delta", "ember", "fjord", "granite", "harbor", "indigo", "jasper", "kelp", "lagoon",
    "maple", "nectar", "opal", "prairie", "quartz", "reef", "saffron", "tundra", "umber", "velvet", "willow", "zephyr",
];
const CITIES: [&str; 8] = ["Lisboa", "Porto", "Kraków", "Malmö", "Nantes", "Graz", "Bergen", "Utrecht"];
const COUNTRIES: [&str; 8] = ["PT", "PT", "PL", "SE", "FR", "AT", "NO", "NL"];

/// A string that no other index has: the index in base 36, a hyphen, random letters.
fn distinct(at: u64, random: &mut Rng) -> String {
    let mut text = String::with_capacity(20);
    let mut left = at;
    loop {
        text.push(char::from_digit((left % 36) as u32, 36).expect("below the radix"));
        left /= 36;
        if left == 0 {
            break;
        }
    }
    text.push('-');
    for _ in text.len()..random.usize(5..=20) {
        text.push(random.lowercase());
    }
    text
}

fn pick<'a>(from: &[&'a str], random: &mut Rng) -> &'a str {
    from[random.usize(..from.len())]
}

fn words(count: usize, random: &mut Rng) -> String {
    (0..count).map(|_| pick(&WORDS, random)).collect::<Vec<_>>().join(" ")
}

fn full_name(random: &mut Rng) -> String {
    format!("{} {}", pick(&FIRST_NAMES, random), pick(&LAST_NAMES, random))
}

fn record(at: u64, random: &mut Rng) -> Record {
    let length = random.usize(4..10);
    Record {
        id: at as u32,
        name: full_name(random),
        email: format!("{}.{at}@example.com", pick(&WORDS, random)),
        score: random.f64() * 1000.0,
        active: random.bool(),
        tags: (0..random.usize(0..5)).map(|_| pick(&WORDS, random).to_owned()).collect(),
        note: random.bool().then(|| words(length, random)),
        age: random.u8(18..90),
    }
}

fn dict(at: u64, random: &mut Rng) -> Dict {
    // Sorted order and distinct keys by taking every fourth or fifth word.
    let start = random.usize(..4);
    (0..5)
        .map(|entry| {
            (WORDS[start + entry * 4 + random.usize(..4)].to_owned(), (at as i64) * 31 + random.i64(..1_000_000))
        })
        .collect()
}

fn order(at: u64, random: &mut Rng) -> Order {
    let city = random.usize(..CITIES.len());
    let length = random.usize(3..12);
    Order {
        id: 1_000_000_000 + at,
        customer: Customer {
            name: full_name(random),
            address: Address {
                street: format!("{} {}", pick(&WORDS, random), random.u16(1..200)),
                city: CITIES[city].to_owned(),
                zip: format!("{:05}", random.u32(1000..99_999)),
                country: COUNTRIES[city].to_owned(),
            },
        },
        lines: (0..random.usize(1..6))
            .map(|_| Line {
                sku: format!("{}-{:04}", pick(&WORDS, random), random.u16(..10_000)),
                quantity: random.u16(1..50),
                price: f64::from(random.u32(50..100_000)) / 100.0,
                discounts: (0..random.usize(0..3)).map(|_| f32::from(random.u8(1..40)) / 100.0).collect(),
            })
            .collect(),
        comment: (random.u8(..4) == 0).then(|| words(length, random)),
        paid: random.bool(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::digest_rows;

    #[test]
    fn a_shape_is_the_same_for_the_same_seed_and_has_its_count() {
        for info in SHAPES {
            let shape = Shape::new(info.name, 100).expect("it is in the table");
            let (schema, column) = shape.make(7);
            assert_eq!(column.len(), 1);
            match (&*schema, &column) {
                (Schema::List(_), Column::List { ends, items }) => {
                    assert_eq!((ends.as_slice(), items.len()), ([100].as_slice(), 100));
                }
                (Schema::Bytes, Column::Bytes(bytes)) => assert_eq!(bytes[0].len(), 100),
                other => panic!("{}: {other:?}", info.name),
            }
            let again = Shape::new(info.name, 100).expect("it is in the table").make(7).1;
            assert_eq!(digest_rows(&column, 0..1), digest_rows(&again, 0..1), "{}", info.name);
        }
        assert!(Shape::new("rnage", 1).is_none());
    }

    #[test]
    fn strings_are_distinct() {
        let mut random = Rng::with_seed(1);
        let all: std::collections::HashSet<_> = (0..10_000).map(|at| distinct(at, &mut random)).collect();
        assert_eq!(all.len(), 10_000);
    }

    #[test]
    fn dicts_have_five_entries() {
        let mut random = Rng::with_seed(1);
        assert!((0..100).all(|at| dict(at, &mut random).len() == 5));
    }
}
