//! The dynamic representation: the document as it is, absent keys absent and without any types of ours.

use super::source::{Event, Fault, Key, Source, Step};
use crate::payload::Tree;

/// Decodes the document into a tree. It has been scanned before: nesting and keys are known to be in order.
pub fn plant<S: Source>(source: &mut S) -> Result<Tree, Fault> {
    let event = source.value()?;
    let tree = grow(source, event)?;
    source.finish()?;
    Ok(tree)
}

fn grow<S: Source>(source: &mut S, event: Event) -> Result<Tree, Fault> {
    Ok(match event {
        Event::Null => Tree::Null,
        Event::Bool(value) => Tree::Bool(value),
        Event::Int(value) => Tree::Int(value),
        Event::UInt(value) => Tree::UInt(value),
        Event::F32(value) => Tree::Float32(value),
        Event::F64(value) | Event::Decimal(value) => Tree::Float(value),
        Event::Text => Tree::String(source.text()?.to_owned()),
        Event::Bytes => Tree::Bytes(source.bytes()?.to_owned()),
        Event::List(mut open) => {
            let mut items = Vec::new();
            while source.next_item(&mut open)? {
                let event = source.value()?;
                items.push(grow(source, event).map_err(|fault| fault.inside(Step::Index(items.len())))?);
            }
            Tree::List(items)
        }
        Event::Map(mut open) => {
            let mut entries = Vec::new();
            while let Some(key) = source.next_key(&mut open)? {
                let key = match key {
                    Key::Text(text) => Tree::String(text.to_owned()),
                    Key::Int(value) => Tree::Int(value),
                    Key::UInt(value) => Tree::UInt(value),
                    Key::Bool(value) => Tree::Bool(value),
                    Key::Bytes(bytes) => Tree::Bytes(bytes.to_owned()),
                };
                let event = source.value()?;
                entries.push((key, grow(source, event)?));
            }
            Tree::Map(entries)
        }
    })
}
