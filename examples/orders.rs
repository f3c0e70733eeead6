//! Your own types in every format: `cargo run --release --example orders -- --codec json,postcard,lines`.
//!
//! In a package of your own this is a bench: `benches/orders.rs`, with `harness = false` in `Cargo.toml`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    state: State,
    items: Vec<Item>,
    labels: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    Open,
    Paid { at: u64 },
    Sent(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    article: u32,
    count: u16,
    price: f64,
}

fn order(id: u64) -> Order {
    let item =
        |at: u64| Item { article: (id * 31 + at) as u32 % 5000, count: 1 + at as u16, price: 0.5 * (id + at) as f64 };
    Order {
        id,
        customer: format!("customer {}", id % 97),
        state: match id % 3 {
            0 => State::Open,
            1 => State::Paid { at: 1_700_000_000 + id },
            _ => State::Sent(format!("parcel {id}")),
        },
        items: (0..1 + id % 5).map(item).collect(),
        labels: [("channel", "web"), ("currency", "EUR")].map(|(key, value)| (key.into(), value.into())).into(),
    }
}

/// A codec of your own: articles and counts in lines of text.
struct Lines;

impl sercost::Codec<Item> for Lines {
    fn name(&self) -> &str {
        "lines"
    }

    fn encode(&self, value: &Item, out: &mut Vec<u8>) -> Result<(), sercost::CodecError> {
        out.extend(format!("{}\n{}\n{}", value.article, value.count, value.price).bytes());
        Ok(())
    }

    fn decode(&self, bytes: &[u8]) -> Result<Item, sercost::CodecError> {
        let mut lines = std::str::from_utf8(bytes)?.lines();
        let mut next = || lines.next().ok_or("a line is missing");
        Ok(Item { article: next()?.parse()?, count: next()?.parse()?, price: next()?.parse()? })
    }
}

fn main() -> sercost::Outcome {
    let orders: Vec<Order> = (0..1000).map(order).collect();
    let items: Vec<Item> = orders.iter().flat_map(|order| order.items.clone()).collect();
    sercost::main(|study| study.value("orders", &orders).messages("items", &items).codec(Lines))
}
