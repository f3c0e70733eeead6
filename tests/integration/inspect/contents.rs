//! The contents of strings and byte strings, and files that hold no pickle: named, so that a reader knows what to do
//! next.

use super::paths::{of, part};
use super::pythons;
use sercost_pickle::{Options, inspect};
use std::process::Command;

#[test]
fn strings_and_bytes_are_shown_with_what_they_hold() {
    let expression = |protocol: u8| {
        format!(
            "(lambda text, inner: pickle.dumps({{
                'gzip': __import__('gzip').compress(text.encode()), 'zlib': __import__('zlib').compress(inner),
                'bz2': __import__('bz2').compress(text.encode()), 'xz': __import__('lzma').compress(inner),
                'json': text, 'json bytes': text.encode(), 'image': b'\\x89PNG\\r\\n\\x1a\\n' + bytes(99),
                'base64': __import__('base64').b64encode(inner).decode(), 'packed': __import__('base64').b64encode(__import__('zlib').compress(repr([i * i * 7919 % 10007 for i in range(4000)]).encode())).decode(), 'latin': inner.decode('latin-1'),
                'hex': inner.hex(), 'text': 'It is said: [1, 2] ' * 9, 'zeros': bytes(200),
                'looks': b'\\x78\\x9c' * 99, 'base': 'gASVisnopickle' * 20}}, {protocol}))(
                str(list(range(300))), pickle.dumps(list(range(999)), 4))"
        )
    };
    for protocol in [0, 2, 5] {
        let attribution = of(&expression(protocol));
        let base = if protocol < 3 { "bytes, as text" } else { "bytes" };
        for (key, what) in [
            ("gzip", ": gzip of JSON, 1.39 kB unpacked"),
            ("zlib", ": zlib of a pickle, 2.76 kB unpacked"),
            ("bz2", ": bzip2 of JSON, 1.39 kB unpacked"),
            ("xz", ": xz of a pickle, 2.76 kB unpacked"),
            ("json bytes", ": JSON"),
            ("image", ": PNG image"),
            ("zeros", ""),
            ("looks", ""),
        ] {
            assert_eq!(part(&attribution, &format!("$[\"{key}\"]")).what, format!("{base}{what}"), "{protocol}");
        }
        for (key, what) in [
            ("json", "str: JSON"),
            ("base64", "str: a pickle as base64"),
            ("packed", "str: zlib as base64"),
            ("latin", "str: a pickle as Latin-1"),
            ("hex", "str: a pickle as hex"),
            ("text", "str"),
            ("base", "str"),
        ] {
            assert_eq!(part(&attribution, &format!("$[\"{key}\"]")).what, what, "{protocol}");
        }
    }
}

#[test]
fn of_several_the_first_is_said() {
    let attribution =
        of("pickle.dumps([__import__('zlib').compress(pickle.dumps(list(range(i, 999)))) for i in range(20)])");
    assert_eq!(part(&attribution, "$[*]").what, "20 bytes, the first zlib of a pickle, 2.76 kB unpacked");
}

#[test]
fn what_is_no_pickle_is_called_by_its_name() {
    let file = |name: &str| std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/").to_owned() + name).unwrap();
    let python = |expression: &str| {
        let script = format!("import gzip, io, json, sys, zipfile\nsys.stdout.buffer.write({expression})");
        Command::new(pythons::python3()).args(["-c", &script]).output().unwrap().stdout
    };
    let frame = file("pickles/polars-2.1.0-frame.pkl");
    let begin = frame.windows(4).position(|four| four == b"\xff\xff\xff\xff").unwrap();
    let end = frame.windows(8).position(|eight| eight == b"\xff\xff\xff\xff\0\0\0\0").unwrap();
    let empty = "(lambda out: (zipfile.ZipFile(out, 'w').close(), out.getvalue())[1])(io.BytesIO())";
    for (data, words) in [
        (file("telemetry.msgpack"), "it is MessagePack; `sercost profile` takes it"),
        (file("mesh.cbor"), "it is CBOR; `sercost profile` takes it"),
        (file("orders.json"), "it begins like JSON; `sercost profile` takes it"),
        (
            python("gzip.compress(json.dumps({'a': [1] * 99}).encode())"),
            "unpacked from gzip, it begins like JSON; `sercost profile` takes it",
        ),
        (python(empty), "it begins like an empty zip archive"),
        (
            python("b'SQLite format 3\\0' + bytes(100)"),
            "it begins like an SQLite database; sqlite3_analyzer shows the sizes of its tables",
        ),
        (frame[begin..end + 8].to_vec(), "it is an Arrow stream; pyarrow.ipc.open_stream reads it"),
    ] {
        let error = inspect("it".to_owned(), &data, &Options::default()).unwrap_err();
        assert_eq!(error.to_string(), format!("it is not a pickle: {words}"));
    }
}
