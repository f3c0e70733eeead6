//! The archive reader: any bytes as a zip file, as something compressed, as a pickle; with the count of opcodes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sercost_fuzz::check;
use sercost_pickle::{Options, inspect};

fuzz_target!(|data: &[u8]| {
    let options = Options { opcodes: true, most_unpacked_bytes: 1 << 20, ..Options::default() };
    if let Ok(inspected) = inspect(String::new(), data, &options) {
        check(&inspected.attribution);
        if let Some(tally) = inspected.tally {
            assert!(tally.bytes <= inspected.attribution.bytes);
        }
    }
});
