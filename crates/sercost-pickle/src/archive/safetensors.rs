//! safetensors: eight bytes of length, a JSON header with the name, type, shape and place of each tensor, and the bytes.

use super::empty;
use crate::dtypes;
use crate::machine::{key, key_step, overhead, shape as shape_of};
use crate::model::{Attribution, Fault, Part, PartKind};
use serde::Deserialize;
use serde_json::Value;

/// The most that the format allows a header to be.
const MOST_HEADER: usize = 100_000_000;

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// The tensors by name, if it is such a file.
pub(super) fn attribute(data: &[u8]) -> Option<Attribution> {
    let length = usize::try_from(u64::from_le_bytes(data.get(..8)?.try_into().ok()?)).ok()?;
    let header = data.get(8..8usize.checked_add(length)?)?;
    if length > MOST_HEADER || header.first() != Some(&b'{') {
        return None;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(header) else { return None };
    let (start, bytes) = (8 + length, data.len() as u64);
    let mut whole = empty(bytes);
    let mut tensors = Vec::new();
    for (name, value) in members {
        if name == "__metadata__" {
            let count = value.as_object().map_or(0, serde_json::Map::len);
            let entries = if count == 1 { "entry" } else { "entries" };
            whole.notes.push(format!("{count} {entries} of metadata in the header"));
            continue;
        }
        let tensor: Tensor = serde_json::from_value(value).ok()?;
        tensors.push((name, tensor));
    }
    tensors.sort_by_key(|(_, tensor)| tensor.data_offsets);
    let (mut end, mut parts) = (0, Vec::new());
    for (name, Tensor { dtype, shape, data_offsets: [from, to] }) in tensors {
        let is_sound = from >= end && to >= from && to <= bytes - start as u64;
        if !is_sound {
            let reason = format!("the header says that {} lies where it cannot", key(name.as_bytes()));
            whole.fault.get_or_insert(Fault { offset: 8, reason });
            continue;
        }
        end = to;
        let sides: Vec<String> = shape.iter().take(64).map(u64::to_string).collect();
        let dtype = dtypes::of_safetensors(&dtype).map_or_else(|| dtype.chars().take(20).collect(), str::to_owned);
        let what = format!("tensor of {dtype}{}", shape_of(&sides));
        let part = overhead(&format!("${}", key_step(name.as_bytes())), &what, to - from);
        parts.push(Part { offset: Some(start as u64 + from), kind: PartKind::Other, ..part });
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    let held: u64 = parts.iter().map(|part| part.bytes).sum();
    whole.parts.extend(parts);
    whole.parts.push(overhead("(header)", "names, types, shapes and metadata", start as u64));
    let rest = bytes - start as u64 - held;
    if rest > 0 {
        whole.parts.push(overhead("(trailing)", "bytes of no tensor", rest));
    }
    Some(whole)
}
