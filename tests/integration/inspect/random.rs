//! Bytes that no interpreter wrote: opcodes in any order, and pickles with a few bytes changed.

use super::check;
use proptest::prelude::*;
use sercost_pickle::opcode::{Argument, OPCODES};
use sercost_pickle::{Options, attribute, inspect};

/// One opcode with a fitting argument, the numbers small enough to meet each other.
fn opcode() -> impl Strategy<Value = Vec<u8>> {
    (0..OPCODES.len(), any::<[u8; 8]>(), prop::collection::vec(any::<u8>(), 0..6), 0u8..6).prop_map(
        |(place, numbers, text, small)| {
            let opcode = &OPCODES[place];
            let mut bytes = vec![opcode.byte];
            let is_index = opcode.name.contains("GET") || opcode.name.contains("PUT");
            match opcode.argument {
                Argument::Line if is_index => bytes.extend(format!("{small}\n").bytes()),
                Argument::Line => bytes.extend(format!("{small}\n").bytes()),
                Argument::TwoLines => bytes.extend(b"functools\npartial\n"),
                argument if argument.is_fixed() => {
                    let mut field = numbers[..argument.fixed_bytes()].to_vec();
                    if is_index || opcode.name == "PROTO" {
                        field.fill(0);
                        field[0] = small;
                    }
                    bytes.extend(field);
                }
                argument => {
                    let mut length = vec![0; argument.fixed_bytes()];
                    length[0] = text.len() as u8;
                    bytes.extend(length);
                    bytes.extend(text);
                }
            }
            bytes
        },
    )
}

/// Opcodes with enough leaves and containers among them that the others find something to work on.
fn pickle() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => opcode(),
        1 => Just(b"(".to_vec()),
        1 => Just(b"]\x94".to_vec()),
        1 => Just(b"}\x94".to_vec()),
        1 => Just(b"\x8c\x01a\x94".to_vec()),
        1 => Just(b"K\x01K\x02K\x03".to_vec()),
        1 => Just(b"N".to_vec()),
        1 => Just(b"h\x00".to_vec()),
        1 => Just(b"0h\x01".to_vec()),
        1 => Just(b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b".to_vec()),
        1 => Just(b"(e".to_vec()),
        1 => Just(b"R0".to_vec()),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn opcodes_in_any_order_are_attributed(data in pickle()) {
        check(&attribute(&data, &Options::default()));
        check(&attribute(&data, &Options { least_bytes: 3, most_children: 2, ..Options::default() }));
    }

    #[test]
    fn any_bytes_are_attributed(data in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&attribute(&data, &Options::default()));
        if let Ok(inspected) = inspect(String::new(), &data, &Options { opcodes: true, ..Options::default() }) {
            check(&inspected.attribution);
        }
    }

    #[test]
    fn changed_archives_are_attributed(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        for name in ["torch-1.12.1-state.pt", "joblib-1.6.0-plain.joblib", "numpy-2.2.6-arrays-4.pkl"] {
            let path = format!("{}/fixtures/pickles/{name}", env!("CARGO_MANIFEST_DIR"));
            let mut data = std::fs::read(path).unwrap();
            for (place, byte) in &changes {
                let place = place.index(data.len());
                data[place] = *byte;
            }
            if let Ok(inspected) = inspect(String::new(), &data, &Options { opcodes: true, ..Options::default() }) {
                check(&inspected.attribution);
            }
        }
    }
}
