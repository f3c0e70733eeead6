//! `sercost list`: what there is, from the tables themselves.

mod tables;

use crate::args::{Format, List, Listed};
use crate::report::{Listing, listing_csv, listing_json, listing_markdown, listing_text};
use anyhow::bail;
use std::process::ExitCode;

pub(super) fn run(list: &List) -> anyhow::Result<ExitCode> {
    let tables: [(Listed, fn() -> Listing); 8] = [
        (Listed::Payloads, tables::payloads),
        (Listed::Codecs, tables::codecs),
        (Listed::Python, tables::python),
        (Listed::Compressors, tables::compressors),
        (Listed::Transports, tables::transports),
        (Listed::Formats, tables::formats),
        (Listed::Engines, tables::engines),
        (Listed::Scenarios, tables::scenarios),
    ];
    let wanted = tables.iter().filter(|(what, _)| list.what.is_none_or(|asked| asked == *what));
    let listings: Vec<Listing> = wanted.map(|(_, table)| table()).collect();
    let text = match (list.format, listings.as_slice()) {
        (Format::Text, _) => listing_text(&listings, super::terminal().1),
        (Format::Markdown, _) => listing_markdown(&listings),
        (Format::Json, _) => listing_json(&listings),
        (Format::Csv, [one]) => listing_csv(one),
        (Format::Csv, _) => {
            bail!("--format csv: a file of CSV holds one table; say which, as in \"sercost list codecs --format csv\"")
        }
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
