//! One listing for each table.

use crate::codec::{CODECS, COMPRESSORS, PYTHON_PREFIX, PYTHON_ROWS};
use crate::engine::{ENGINES, SCENARIOS};
use crate::payload::SHAPES;
use crate::payload::read::READERS;
use crate::report::{Listing, Property};
use crate::transport::TRANSPORTS;

fn text(words: impl Into<String>) -> Property {
    Property::text(words)
}

pub(super) fn payloads() -> Listing {
    let row = |shape: &crate::payload::ShapeInfo| vec![text(shape.example), text(shape.rust_type), text(shape.about)];
    Listing {
        name: "payloads",
        title: "Payloads: a built-in shape with a count, a file, or - for standard input",
        header: &["shape", "type", "what"],
        rows: SHAPES.iter().map(row).collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}

pub(super) fn codecs() -> Listing {
    let rows = CODECS.iter().map(|codec| {
        let info = codec.info();
        vec![
            text(info.name),
            text(info.package),
            Property::Mark(info.self_describing),
            Property::Mark(info.zero_copy),
            Property::Expected(info.maintained),
            Property::Mark(info.untrusted),
            Property::Mark(info.native),
        ]
    });
    let notes = CODECS.iter().filter(|codec| !codec.info().note.is_empty()).map(|codec| {
        let unusual = if codec.by_default() { "" } else { "only with --codec; " };
        (codec.info().name.to_owned(), format!("{unusual}{}", codec.info().note))
    });
    Listing {
        name: "codecs",
        title: "Codecs: --codec json,postcard",
        header: &["codec", "crate", "self-describing", "zero-copy", "maintained", "untrusted input", "own derive"],
        rows: rows.collect(),
        notes: notes.collect(),
        remarks: &[
            "untrusted input: the crate says that hostile bytes are safe to decode.",
            "own derive: takes the built-in shapes and lists of i64, f64 or strings, through the crate's own derive and \
             not through serde.",
        ],
    }
}

pub(super) fn python() -> Listing {
    let name = |name: &str| format!("{PYTHON_PREFIX}:{name}");
    let rows = PYTHON_ROWS.iter().map(|row| {
        vec![
            text(name(row.name)),
            text(row.format),
            text(row.package.unwrap_or_default()),
            Property::Mark(row.self_describing),
            Property::Mark(row.zero_copy),
            Property::Mark(row.untrusted),
        ]
    });
    let notes = PYTHON_ROWS.iter().filter(|row| !row.note.is_empty());
    Listing {
        name: "python",
        title: "Rows of Python: --python, or --codec python:json",
        header: &["codec", "format", "package", "self-describing", "zero-copy", "untrusted input"],
        rows: rows.collect(),
        notes: notes.map(|row| (name(row.name), row.note.to_owned())).collect(),
        remarks: &[
            "package: what \"pip install\" brings; the others are of the standard library.",
            "Measured inside CPython 3.8 or later, carried by multiprocessing.connection to a second interpreter, \
             without compressors.",
        ],
    }
}

pub(super) fn compressors() -> Listing {
    let rows = COMPRESSORS.iter().map(|compressor| {
        let levels = compressor.levels.as_ref().map_or(String::new(), |levels| {
            format!("{} to {}, {} by default", levels.start(), levels.end(), compressor.default_level)
        });
        vec![text(compressor.name), text(compressor.package), text(levels), text(compressor.note)]
    });
    Listing {
        name: "compressors",
        title: "Compressors: --compress zstd, or behind a codec as in json+zstd:3",
        header: &["compressor", "crate", "levels", "what"],
        rows: rows.collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}

pub(super) fn transports() -> Listing {
    Listing {
        name: "transports",
        title: "Transports: --transport pipe,shm or --transport all",
        header: &["transport", "what"],
        rows: TRANSPORTS.iter().map(|one| vec![text(one.info().name), text(one.info().about)]).collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}

pub(super) fn formats() -> Listing {
    let rows = READERS.iter().map(|reader| {
        let endings = reader.extensions.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" ");
        vec![text(reader.name), text(endings), text(reader.about)]
    });
    Listing {
        name: "formats",
        title: "Formats of files: by the ending of the name, or --input-format",
        header: &["format", "endings", "what"],
        rows: rows.collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}

pub(super) fn engines() -> Listing {
    let rows = ENGINES.iter().map(|engine| {
        let info = engine.info();
        let calls: Vec<&str> = info.calls.iter().map(|call| call.name()).collect();
        let starts: Vec<&str> = info.starts.iter().map(|start| start.name()).collect();
        vec![text(info.name), text(starts.join(" ")), text(calls.join(" ")), text(info.what)]
    });
    Listing {
        name: "engines",
        title: "Engines: sercost tasks --engine pool",
        header: &["engine", "--start", "--call", "what"],
        rows: rows.collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}

pub(super) fn scenarios() -> Listing {
    Listing {
        name: "scenarios",
        title: "Scenarios: sercost tasks partial, or a Python file of your own",
        header: &["scenario", "where the data is"],
        rows: SCENARIOS.iter().map(|scenario| vec![text(scenario.name), text(scenario.what)]).collect(),
        notes: Vec::new(),
        remarks: &[],
    }
}
