//! Messages that are cut short, or longer than they should be.

use super::native::native_rows;
use super::{decode_typed, encodable, encode_one, everything, fingerprint, quietly, rows_of, some_of_everything};
use sercost::codec::{CODECS, Codec, CodecError, Subject};
use sercost::payload::native::NativeStore;
use sercost::payload::{Rows, Schema};
use std::sync::Arc;

/// Codecs that take some prefix of a message for a whole one, and why that is not ours to mend.
const TAKES_A_PREFIX: &[(&str, &str)] =
    &[("rkyv", "the root is found from the end: zeros that end a shorter message are an empty list")];

/// Codecs that take some bytes after a message for a part of it, and why that is not ours to mend.
const TAKES_TRAILING_BYTES: &[(&str, &str)] = &[
    ("flexbuffers", "the root is found from the end"),
    ("smile", "a byte 0xff is the format's own mark of the end, and what follows it is not part of the message"),
    ("rkyv", "the root is found from the end"),
];

/// Codecs whose crates panic on some prefixes.
const PANICS: &[(&str, &str)] = &[];

/// One message, how to decode it, and what the whole of it comes to.
struct Message<'a> {
    codec: &'a dyn Codec,
    bytes: Vec<u8>,
    schema: Arc<Schema>,
    whole: Vec<u8>,
}

impl Message<'_> {
    /// The result of decoding `bytes`; `None` for a panic.
    fn decoded(&self, bytes: &[u8]) -> Option<Result<Vec<u8>, CodecError>> {
        quietly(|| decode_typed(self.codec, &self.schema, bytes).map(|column| fingerprint(&self.schema, &column)))
    }
}

fn small_messages(codec: &dyn Codec) -> Vec<Message<'_>> {
    let mut rows: Vec<Rows> = Vec::new();
    if codec.info().native {
        rows.extend(native_rows().into_iter().map(|(_, rows)| rows));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::I64)), &[vec![0i64; 4]]));
    } else {
        let everything = Arc::new(everything());
        rows.extend(some_of_everything().iter().map(|value| rows_of(&everything, &[value])));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::I64)), &[vec![0i64, 0, -1, i64::MAX]]));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::String)), &[["", "a", "word"].map(str::to_owned).to_vec()]));
    }
    rows.into_iter()
        .map(|rows| {
            let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it");
            let encodable = encodable(&rows);
            let subject = match &store {
                Some(store) if codec.info().native => Subject::Native(store.messages(&rows.column)),
                _ => Subject::Typed(&encodable),
            };
            let bytes = encode_one(codec, subject).expect("these values are taken");
            let whole = fingerprint(&rows.schema, &decode_typed(codec, &rows.schema, &bytes).expect("is whole"));
            Message { codec, bytes, schema: rows.schema, whole }
        })
        .collect()
}

#[test]
fn a_message_cut_short_is_an_error_or_the_same_value() {
    let (mut prefixes, mut panics) = (Vec::new(), Vec::new());
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        let name = codec.info().name;
        for message in small_messages(*codec) {
            for len in 0..message.bytes.len() {
                match message.decoded(&message.bytes[..len]) {
                    None => panics.push(name),
                    Some(Ok(value)) if value != message.whole => prefixes.push(name),
                    Some(_) => {}
                }
            }
        }
    }
    prefixes.dedup();
    panics.dedup();
    assert_eq!(prefixes, TAKES_A_PREFIX.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    assert_eq!(panics, PANICS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn bytes_after_a_message_are_an_error() {
    let mut taken = Vec::new();
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        for message in small_messages(*codec) {
            for trailing in [&[0][..], &[1], &[0xff, 0xff], &message.bytes] {
                let bytes = [&message.bytes, trailing].concat();
                if let Some(Ok(_)) = message.decoded(&bytes) {
                    taken.push(codec.info().name);
                }
            }
        }
    }
    taken.dedup();
    assert_eq!(taken, TAKES_TRAILING_BYTES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
