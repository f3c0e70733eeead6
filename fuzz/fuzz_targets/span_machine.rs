//! The span machine: any bytes are divided among paths.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sercost_fuzz::check;
use sercost_pickle::{Options, attribute};

fuzz_target!(|data: &[u8]| {
    check(&attribute(data, &Options::default()));
    check(&attribute(data, &Options { least_bytes: 4, most_children: 3, ..Options::default() }));
});
