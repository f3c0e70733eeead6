//! Parts as JSON.

use super::{PartsView, chosen};
use crate::model::{Calls, Growth, Inspected, Tally};
use crate::report::growth::GrowthDocument;
use serde::Serialize;

/// The identifier of the layout of `sercost inspect --format json`, found in its `schema` member.
const INSPECTION_SCHEMA: &str = "sercost.inspection/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: Vec<FileDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<GrowthDocument<'a>>,
}

#[derive(Serialize)]
struct FileDocument<'a> {
    file: &'a str,
    format: &'a str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_bytes: Option<u64>,
    pickles: u64,
    protocol: u8,
    out_of_band_buffers: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a crate::model::Fault>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDocument<'a>>,
    parts: Vec<PartDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opcodes: Option<&'a Tally>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<&'a Calls>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    kind: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saves_bytes: Option<u64>,
}

#[derive(Serialize)]
struct PartDocument<'a> {
    path: String,
    depth: usize,
    what: &'a str,
    bytes: u64,
    own_bytes: u64,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "is_zero")]
    references: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    referenced_from: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refers_to: Option<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The files for programs. `schema/sercost.inspection-1.json` describes the layout.
pub fn parts_json(files: &[Inspected], growth: Option<&Growth>, view: &PartsView) -> String {
    let files = files
        .iter()
        .map(|file| {
            let attribution = &file.attribution;
            let parts = chosen(attribution, view).map(|(at, part)| {
                let mut related: Vec<String> = part.related.iter().map(|&other| attribution.path(other)).collect();
                let refers_to = if part.references == 0 { related.pop() } else { None };
                PartDocument {
                    path: attribution.path(at),
                    depth: attribution.depth(at),
                    what: &part.what,
                    bytes: part.bytes,
                    own_bytes: part.own_bytes,
                    count: part.count,
                    offset: part.offset,
                    references: part.references,
                    referenced_from: related,
                    refers_to,
                }
            });
            let findings = attribution.findings.iter().map(|finding| FindingDocument {
                kind: &finding.kind,
                text: &finding.text,
                path: finding.part.map(|part| attribution.path(part)),
                saves_bytes: finding.saves_bytes,
            });
            FileDocument {
                file: &file.name,
                format: &file.format,
                bytes: attribution.bytes,
                packed_bytes: file.packed_bytes,
                pickles: attribution.pickles,
                protocol: attribution.protocol,
                out_of_band_buffers: attribution.out_of_band_buffers,
                fault: attribution.fault.as_ref(),
                notes: &attribution.notes,
                findings: findings.collect(),
                parts: parts.collect(),
                opcodes: file.tally.as_ref(),
                calls: file.calls.as_ref(),
            }
        })
        .collect();
    let growth = growth.map(|growth| GrowthDocument::new(growth, view));
    let document = Document { schema: INSPECTION_SCHEMA, files, growth };
    // Strings and integers, which JSON always has a form for.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}
