//! Measures one payload in three formats, and chooses the smallest of those that lose nothing.
//!
//! `cargo run --release --example choose -- fixtures/orders.json`

use std::error::Error;

/// Counts what each format allocates.
#[global_allocator]
static ALLOCATOR: sercost::CountingAllocator = sercost::CountingAllocator::new();

fn main() -> Result<(), Box<dyn Error>> {
    sercost::answer();
    let payload = std::env::args().nth(1).unwrap_or_else(|| "records:1k".to_owned());
    let run = sercost::Study::new().payload(&payload).formats(["json", "msgpack", "postcard"]).quick().run()?;
    let mut rows = run.rows();
    rows.retain(|row| row.losses().is_some_and(|losses| losses.is_empty()));
    rows.sort_by_key(|row| row.bytes());
    for row in &rows {
        println!(
            "{:<9} {:>9} bytes, total {:?}, {} allocations to decode",
            row.format(),
            row.bytes(),
            row.total().unwrap_or_default(),
            row.decode_allocations().unwrap_or_default()
        );
    }
    let smallest = rows.first().ok_or("every format loses something")?;
    println!("{payload}: {} is the smallest without a loss", smallest.format());
    Ok(())
}
