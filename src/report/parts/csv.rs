//! Parts as lines of CSV.

use super::{PartsView, chosen};
use crate::model::Inspected;

/// A line for each part, in bytes.
pub fn parts_csv(files: &[Inspected], view: &PartsView) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let header = ["file", "path", "what", "bytes", "own_bytes", "count", "offset", "references"];
    // Writing to memory cannot fail, and the rows have one length.
    let _ = out.write_record(header);
    for file in files {
        for (at, part) in chosen(&file.attribution, view) {
            let _ = out.write_record([
                file.name.clone(),
                file.attribution.path(at),
                part.what.clone(),
                part.bytes.to_string(),
                part.own_bytes.to_string(),
                part.count.to_string(),
                part.offset.map_or(String::new(), |offset| offset.to_string()),
                part.references.to_string(),
            ]);
        }
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}
