//! The reader of plain data, which payloads and the codec `pickle` are read by: any bytes as a pickle that is decoded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sercost_pickle::plain::Outline;
use sercost_pickle::plain::deserializer::Deserializer;
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Takes any value, and all of it.
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: de::Error>(self, _: $type) -> Result<Self, E> {
            Ok(self)
        })*
    };
}

impl<'de> Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    scalars! { visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str) visit_bytes(&[u8]) }

    fn visit_unit<E: de::Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Anything>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while entries.next_entry::<Anything, Anything>()?.is_some() {}
        Ok(self)
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(outline) = Outline::read(data) else { return };
    assert!(outline.length() <= data.len());
    if let Ok(deserializer) = Deserializer::new(&outline) {
        let _ = Anything::deserialize(deserializer);
    }
    // The same as the first pickle of a stream.
    let Ok(stream) = Outline::read_stream(data) else { return };
    assert!(stream.length() >= outline.length() && stream.length() <= data.len());
    let _ = stream.globals();
    let mut items = stream.root();
    let mut count = 0;
    while let Ok(Some(_)) = items.next_item() {
        count += 1;
        let _ = items.repeated_bytes();
        let _ = stream.digits(items.offset());
    }
    assert!(count <= stream.pickles().0);
});
