//! Every codec on a million elements of every built-in shape, in both representations: whether it gives back what it was given.
//!
//! `cargo bench --bench every_codec [-- SHAPE...]` prints a line for each that does not, with its reason, and ends with 1 if there is one
//! that was not expected. It needs some ten gigabytes of memory for a million orders.

mod support;

use sercost::codec::{CODECS, Codec, Decoded, Subject};
use sercost::model::Representation;
use sercost::payload::native::NativeStore;
use sercost::payload::{Column, SHAPES, Schema, Shape, Tree, digest_rows, digest_tree};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let count = if support::in_earnest() { 1_000_000 } else { 100 };
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut failed = 0;
    for shape in SHAPES.iter().filter(|shape| asked.is_empty() || asked.iter().any(|asked| asked == shape.name)) {
        let (schema, column) = Shape::new(shape.name, count).expect("it is in the table").make(1);
        let native = NativeStore::new(&schema, &column).expect("postcard takes every shape");
        let mut passed = 0;
        for codec in CODECS.iter().filter(|codec| codec.decodes()) {
            let subject = match &native {
                Some(native) if codec.info().native => Subject::Native(native.messages(&column)),
                _ => Subject::Typed { schema: &schema, column: &column },
            };
            let expected = digest_rows(&column, 0..1);
            let result = trip(*codec, Representation::Typed, subject, &schema, expected);
            report(shape.name, codec.info().name, "typed", result, &mut passed, &mut failed);
        }
        drop(native);
        let tree = [Tree::from_row(&schema, &column, 0)];
        let expected = digest_tree(&tree[0]);
        for codec in CODECS.iter().filter(|codec| codec.decodes()) {
            if codec.refuses(Representation::Dynamic, &schema).is_none() {
                let result = trip(*codec, Representation::Dynamic, Subject::Dynamic(&tree), &schema, expected);
                report(shape.name, codec.info().name, "dynamic", result, &mut passed, &mut failed);
            }
        }
        println!("{}:{count}: {passed} trips gave back what was sent", shape.name);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Encodes and decodes; `Ok(false)` where another value came back, which a codec may do that says so in its row.
fn trip(
    codec: &dyn Codec,
    representation: Representation,
    subject: Subject<'_>,
    schema: &Arc<Schema>,
    expected: u64,
) -> Result<bool, String> {
    let attempt = || -> Result<bool, String> {
        let mut buffer = [Vec::new()];
        codec.encode(subject, &mut buffer).map_err(|error| error.to_string())?;
        let mut into = Decoded::with_capacity(codec, representation, schema, 1);
        codec.decode(&[&buffer[0]], 1, &mut into).map_err(|error| error.to_string())?;
        let of_rows = |column: &Column| digest_rows(column, 0..1);
        Ok(expected
            == match into {
                Decoded::Typed(rows) => of_rows(&rows.into_column()),
                Decoded::Native(values) => of_rows(&values.into_column(schema).map_err(|error| error.to_string())?),
                Decoded::Dynamic(trees) => trees.iter().map(digest_tree).sum(),
            })
    };
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| Err("it panicked, as printed above".to_owned()))
}

fn report(shape: &str, codec: &str, how: &str, result: Result<bool, String>, passed: &mut u32, failed: &mut u32) {
    match result {
        Ok(true) => *passed += 1,
        Ok(false) => println!("{shape} {codec} {how}: another value came back"),
        Err(reason) => {
            println!("{shape} {codec} {how}: {reason}");
            *failed += 1;
        }
    }
}
