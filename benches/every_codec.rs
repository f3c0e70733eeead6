//! Every codec on a million elements of every built-in shape, in both representations: whether it gives back what it was given.
//!
//! `cargo bench --bench every_codec [-- SHAPE...]` prints a line for each that does not, with its reason, and ends with 1 if there is one
//! that was not expected. It needs some nine gigabytes of memory and six minutes for a million orders.

mod support;

use sercost::clock;
use sercost::codec::{CODECS, Codec, Decoded, Subject};
use sercost::model::Representation;
use sercost::payload::native::NativeStore;
use sercost::payload::{Column, Encodable, SHAPES, Schema, Shape, Tree, digest_rows, digest_tree};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode};
use std::sync::Arc;

/// Asks this program for one representation of one shape.
const ONE: &str = "--one=";

fn main() -> ExitCode {
    let count = if support::in_earnest() { 1_000_000 } else { 100 };
    if let Some(one) = std::env::args().find_map(|argument| argument.strip_prefix(ONE).map(str::to_owned)) {
        let (shape, how) = one.split_once(',').expect("a shape and a representation");
        return trips(shape, how == "typed", count);
    }
    let asked = support::asked();
    let mut passed = true;
    for shape in SHAPES.iter().filter(|shape| asked.is_empty() || asked.iter().any(|asked| asked == shape.name)) {
        for how in ["typed", "dynamic"] {
            // In a process of its own, which gives back all memory.
            let program = std::env::current_exe().expect("it runs");
            let mut child = Command::new(program);
            child.arg(format!("{ONE}{},{how}", shape.name)).args(support::in_earnest().then_some("--bench"));
            let status = child.status().expect("it can run once more");
            if status.code().is_none() {
                println!("{} {how}: ended with {status}", shape.name);
            }
            passed &= status.success();
        }
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The trips of all codecs that take the representation.
fn trips(name: &str, is_typed: bool, count: u64) -> ExitCode {
    let start = clock::now();
    let (schema, column) = Shape::new(name, count).expect("it is in the table").make(1);
    let (mut passed, mut failed) = (0, 0);
    let codecs = CODECS.iter().filter(|codec| codec.decodes());
    let how = if is_typed {
        let native = NativeStore::new(&schema, &column).expect("postcard takes every shape");
        let expected = digest_rows(&column, 0..1);
        let encodable = Encodable::new(&schema, &column);
        for codec in codecs {
            let subject = match &native {
                Some(native) if codec.info().native => Subject::Native(native.messages(&column)),
                _ => Subject::Typed(&encodable),
            };
            let result = trip(*codec, Representation::Typed, subject, &schema, expected);
            report(name, codec.info().name, "typed", result, &mut passed, &mut failed);
        }
        "typed"
    } else {
        let tree = [Tree::from_row(&schema, &column, 0)];
        drop(column);
        let expected = digest_tree(&tree[0]);
        for codec in codecs.filter(|codec| codec.refuses(Representation::Dynamic, &schema).is_none()) {
            let result = trip(*codec, Representation::Dynamic, Subject::Dynamic(&tree), &schema, expected);
            report(name, codec.info().name, "dynamic", result, &mut passed, &mut failed);
        }
        "dynamic"
    };
    let seconds = (clock::now() - start) as f64 / 1e9;
    let gigabytes = clock::peak_resident_bytes().unwrap_or(0) as f64 / 1e9;
    println!("{name}:{count} {how}: {passed} trips gave back what was sent; {seconds:.0} s, at most {gigabytes:.1} GB");
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
                Decoded::Own(_) => return Err("the bench has no type of its own".to_owned()),
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
