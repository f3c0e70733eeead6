//! Codecs with a derive of their own, and what codecs refuse.

use super::some_of_everything;
use super::{decode_dynamic, decode_typed, encodable, encode_one, everything, fingerprint, map, quietly, rows_of};
use sercost::codec::{CODECS, Decoded, Subject, find};
use sercost::model::Representation;
use sercost::payload::native::{Line, NativeKind, NativeStore, NativeValues, Order, Record};
use sercost::payload::{Rows, Schema, Tree};
use serde::Serialize;
use std::sync::Arc;

fn orders() -> Vec<Order> {
    use sercost::payload::native::{Address, Customer};
    let address = Address {
        street: "High Street 1".to_owned(),
        city: "Oxford".to_owned(),
        zip: "00123".to_owned(),
        country: "GB".to_owned(),
    };
    let order = Order {
        id: u64::MAX,
        customer: Customer { name: "Ada".to_owned(), address },
        lines: vec![
            Line { sku: "a-1".to_owned(), quantity: 65535, price: 0.1, discounts: vec![0.5, 0.1] },
            Line { sku: String::new(), quantity: 0, price: -1e300, discounts: vec![] },
        ],
        comment: None,
        paid: true,
    };
    vec![order.clone(), Order { id: 0, lines: vec![], comment: Some("leave at the door".to_owned()), ..order }]
}

fn records() -> Vec<Record> {
    let record = Record {
        id: 7,
        name: "Grace Hopper".to_owned(),
        email: "grace@example.org".to_owned(),
        score: 0.1,
        active: true,
        tags: vec!["navy".to_owned(), String::new()],
        note: Some("nanoseconds".to_owned()),
        age: 85,
    };
    vec![record.clone(), Record { id: u32::MAX, tags: vec![], note: None, ..record }]
}

/// Rows of every native kind: lists first, then their elements one by one.
pub fn native_rows() -> Vec<(NativeKind, Rows)> {
    fn rows<T: Serialize>(kind: NativeKind, values: &[T]) -> (NativeKind, Rows) {
        (kind, rows_of(&Arc::new(kind.schema().clone()), values))
    }
    let (ints, floats) = (vec![i64::MIN, -1, 0, i64::MAX], vec![0.1, -0.0, f64::INFINITY, f64::MIN_POSITIVE]);
    let strings = vec![String::new(), "naïve \u{1F980}".to_owned()];
    let dicts = vec![map(&[("a", 1), ("b", i64::MIN)]), map(&[])];
    let bytes = serde_bytes::ByteBuf::from(vec![0, 1, 255]);
    vec![
        rows(NativeKind::I64s, std::slice::from_ref(&ints)),
        // Of more than one list a column cannot lend the vectors.
        rows(NativeKind::I64s, &[ints.clone(), vec![]]),
        rows(NativeKind::F64s, std::slice::from_ref(&floats)),
        rows(NativeKind::Strings, std::slice::from_ref(&strings)),
        rows(NativeKind::Bytes, &[bytes]),
        rows(NativeKind::Records, &[records()]),
        rows(NativeKind::Dicts, std::slice::from_ref(&dicts)),
        rows(NativeKind::Orders, &[orders()]),
        rows(NativeKind::I64, &ints),
        rows(NativeKind::F64, &floats),
        rows(NativeKind::String, &strings),
        rows(NativeKind::Record, &records()),
        rows(NativeKind::Dict, &dicts),
        rows(NativeKind::Order, &orders()),
    ]
}

#[test]
fn native_codecs_take_every_native_kind_and_give_it_back() {
    let rows = native_rows();
    for kind in NativeKind::ALL {
        assert!(rows.iter().any(|(known, _)| known == kind), "{kind:?} is not tested");
    }
    for (kind, rows) in rows {
        assert_eq!(NativeKind::of(&rows.schema), Some(kind));
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let messages = store.messages(&rows.column);
        assert_eq!((messages.kind(), messages.len()), (kind, rows.column.len()));
        for codec in CODECS.iter().filter(|codec| codec.info().native) {
            let name = codec.info().name;
            assert_eq!(codec.refuses(Representation::Typed, &rows.schema), None);
            // With and without capacity: the buffer policies.
            for capacity in [0, 4096] {
                let mut buffers = vec![Vec::with_capacity(capacity); messages.len()];
                codec.encode(Subject::Native(messages), &mut buffers).expect("native kinds are taken");
                let slices: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
                let mut into = Decoded::with_capacity(*codec, Representation::Typed, &rows.schema, slices.len());
                codec.decode(&slices, 1, &mut into).expect("what was encoded decodes");
                let Decoded::Native(values) = into else { panic!("{name} decodes native values") };
                let column = values.into_column(&rows.schema).expect("values become a column");
                let (before, after) = (fingerprint(&rows.schema, &rows.column), fingerprint(&rows.schema, &column));
                assert!(before == after, "{name} on {kind:?}");
            }
        }
    }
}

#[test]
fn wincode_writes_the_bytes_of_fixed_width_bincode() {
    let (wincode, bincode) =
        (find("wincode").expect("is in the table"), find("bincode-fixed").expect("is in the table"));
    for (kind, rows) in native_rows() {
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let by_wincode = encode_one(wincode, Subject::Native(store.messages(&rows.column))).expect("is taken");
        assert_eq!(by_wincode, encode_one(bincode, Subject::Typed(&encodable(&rows))).expect("is taken"), "{kind:?}");
    }
}

#[test]
fn rkyv_decodes_bytes_that_are_not_aligned() {
    let rkyv = find("rkyv").expect("is in the table");
    for (kind, rows) in native_rows() {
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let bytes = encode_one(rkyv, Subject::Native(store.messages(&rows.column))).expect("is taken");
        for shift in 1..8 {
            let shifted = [vec![0; shift], bytes.clone()].concat();
            assert!(decode_typed(rkyv, &rows.schema, &shifted[shift..]).is_ok(), "{kind:?} off by {shift}");
        }
    }
}

#[test]
fn borsh_refuses_not_a_number() {
    let rows = rows_of(&Arc::new(Schema::list(Schema::F64)), &[vec![f64::NAN]]);
    let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
    let borsh = find("borsh").expect("is in the table");
    let error = encode_one(borsh, Subject::Native(store.messages(&rows.column))).expect_err("NaN is refused");
    assert!(error.to_string().contains("NaN"), "{error}");
}

#[test]
fn what_a_codec_refuses_it_says_before_and_when_it_is_tried() {
    let schema = Arc::new(everything());
    let rows = rows_of(&schema, &some_of_everything());
    let tree = [Tree::from_row(&schema, &rows.column, 0)];
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        let info = codec.info();
        let (dynamic, typed_reason) =
            (codec.refuses(Representation::Dynamic, &schema), codec.refuses(Representation::Typed, &schema));
        assert_eq!(dynamic.is_some(), info.native || !info.self_describing, "{}", info.name);
        assert_eq!(typed_reason.is_some(), info.native, "{}", info.name);
        for reason in dynamic.iter().chain(&typed_reason) {
            // The same words for all, without the name: a report says them once.
            assert!(
                reason.starts_with("natively derived: ") || reason.starts_with("not self-describing: "),
                "{reason}"
            );
        }
        if info.native {
            assert!(encode_one(*codec, Subject::Typed(&encodable(&rows))).is_err());
            assert!(encode_one(*codec, Subject::Dynamic(&tree)).is_err());
        } else {
            let mut values = Decoded::Native(NativeValues::with_capacity(NativeKind::I64, 1));
            assert!(codec.decode(&[&[0]], 1, &mut values).is_err());
        }
        if dynamic.is_some() {
            // bitcode panics where the elements of a list are of different types, as those of a tree are.
            let tried = quietly(|| {
                encode_one(*codec, Subject::Dynamic(&tree)).and_then(|bytes| decode_dynamic(*codec, &bytes))
            });
            assert!(!matches!(tried, Some(Ok(_))), "{}", info.name);
        }
    }
}
