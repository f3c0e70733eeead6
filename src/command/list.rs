//! `sercost list`: what there is, from the tables themselves.

use crate::args::{List, Listed};
use crate::codec::{CODECS, COMPRESSORS, PYTHON_PREFIX, PYTHON_ROWS};
use crate::payload::SHAPES;
use crate::payload::read::READERS;
use crate::task::{ENGINES, SCENARIOS};
use crate::transport::TRANSPORTS;
use std::fmt::Write;
use std::process::ExitCode;

pub(super) fn run(list: &List) -> anyhow::Result<ExitCode> {
    let tables: [(Listed, fn() -> String); 8] = [
        (Listed::Payloads, payloads),
        (Listed::Codecs, codecs),
        (Listed::Python, python),
        (Listed::Compressors, compressors),
        (Listed::Transports, transports),
        (Listed::Formats, formats),
        (Listed::Engines, engines),
        (Listed::Scenarios, scenarios),
    ];
    let wanted = tables.iter().filter(|(what, _)| list.what.is_none_or(|asked| asked == *what));
    let text: Vec<String> = wanted.map(|(_, table)| table()).collect();
    super::print(&text.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Aligned columns under a title; the last column is as long as it likes.
fn table(title: &str, header: &[&str], rows: Vec<Vec<String>>) -> String {
    let all = || std::iter::once(header.iter().map(|cell| (*cell).to_owned()).collect()).chain(rows.iter().cloned());
    let widths: Vec<usize> = (0..header.len())
        .map(|column| all().map(|row: Vec<String>| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = format!("{title}\n\n");
    for row in all() {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            // Writing to a String cannot fail.
            let _ = write!(line, " {cell:<width$} ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn payloads() -> String {
    let rows =
        SHAPES.iter().map(|shape| vec![shape.example.into(), shape.rust_type.into(), shape.about.into()]).collect();
    table("Payloads: a built-in shape with a count, a file, or - for standard input", &["shape", "type", "what"], rows)
}

fn codecs() -> String {
    let mark = |yes: bool| if yes { "yes" } else { "-" }.to_owned();
    let rows = CODECS
        .iter()
        .map(|codec| {
            let info = codec.info();
            vec![
                info.name.into(),
                info.package.into(),
                mark(info.self_describing),
                mark(info.zero_copy),
                if info.maintained { "yes".into() } else { "NO".into() },
                mark(info.untrusted),
                mark(info.native),
            ]
        })
        .collect();
    let mut text = table(
        "Codecs",
        &["codec", "crate", "self-describing", "zero-copy", "maintained", "untrusted input", "own derive"],
        rows,
    );
    text.push('\n');
    for codec in CODECS.iter().filter(|codec| !codec.info().note.is_empty()) {
        let unusual = if codec.by_default() { "" } else { "only with --codec; " };
        let _ = writeln!(text, "  {}: {unusual}{}", codec.info().name, codec.info().note);
    }
    text.push_str(
        "\n  untrusted input: the crate says that hostile bytes are safe to decode.\n  own derive: takes the built-in \
         shapes and lists of i64, f64 or strings, through the crate's own derive and not through serde.\n",
    );
    text
}

fn python() -> String {
    let mark = |yes: bool| if yes { "yes" } else { "-" }.to_owned();
    let rows = PYTHON_ROWS
        .iter()
        .map(|row| {
            vec![
                format!("{PYTHON_PREFIX}:{}", row.name),
                row.format.into(),
                row.package.unwrap_or("-").into(),
                mark(row.self_describing),
                mark(row.zero_copy),
                mark(row.untrusted),
            ]
        })
        .collect();
    let mut text = table(
        "Rows of Python: --python, or --codec python:json",
        &["codec", "format", "package", "self-describing", "zero-copy", "untrusted input"],
        rows,
    );
    text.push('\n');
    for row in PYTHON_ROWS.iter().filter(|row| !row.note.is_empty()) {
        let _ = writeln!(text, "  {PYTHON_PREFIX}:{}: {}", row.name, row.note);
    }
    text.push_str(
        "\n  package: what \"pip install\" brings; the others are of the standard library.\n  Measured inside CPython 3.8 \
         or later, carried by multiprocessing.connection to a second interpreter, without compressors.\n",
    );
    text
}

fn compressors() -> String {
    let rows = COMPRESSORS
        .iter()
        .map(|compressor| {
            let levels = compressor.levels.as_ref().map_or("-".to_owned(), |levels| {
                format!("{} to {}, {} by default", levels.start(), levels.end(), compressor.default_level)
            });
            vec![compressor.name.into(), compressor.package.into(), levels, compressor.note.into()]
        })
        .collect();
    table(
        "Compressors: --compress zstd, or behind a codec as in json+zstd:3",
        &["compressor", "crate", "levels", "what"],
        rows,
    )
}

fn transports() -> String {
    let rows =
        TRANSPORTS.iter().map(|transport| vec![transport.info().name.into(), transport.info().about.into()]).collect();
    table("Transports: --transport pipe,shm or --transport all", &["transport", "what"], rows)
}

fn formats() -> String {
    let rows = READERS
        .iter()
        .map(|reader| {
            let endings = reader.extensions.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" ");
            vec![reader.name.into(), endings, reader.about.into()]
        })
        .collect();
    table("Formats of files: by the ending of the name, or --input-format", &["format", "endings", "what"], rows)
}

fn engines() -> String {
    let rows = ENGINES
        .iter()
        .flat_map(|engine| {
            let info = engine.info();
            let calls: Vec<&str> = info.calls.iter().map(|call| call.name()).collect();
            let starts: Vec<&str> = info.starts.iter().map(|start| start.name()).collect();
            // Side by side they would not fit.
            [
                vec![info.name.into(), info.what.into(), starts.join(" ")],
                vec![String::new(), format!("--call {}", calls.join(" ")), String::new()],
            ]
        })
        .collect();
    table("Engines: sercost tasks --engine pool", &["engine", "what", "--start"], rows)
}

fn scenarios() -> String {
    let rows = SCENARIOS.iter().map(|scenario| vec![scenario.name.into(), scenario.what.into()]).collect();
    table("Scenarios: sercost tasks partial, or a Python file of your own", &["scenario", "where the data is"], rows)
}
