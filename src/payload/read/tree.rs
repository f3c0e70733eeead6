//! The dynamic representation: the document as it is, absent keys absent and without any types of ours.

use crate::payload::source::{Event, Fault, Key, MAX_DEPTH, Open, OwnedKey, Source, Step, too_deep};
use crate::payload::tree::Tree;
use std::collections::HashSet;

/// Up to so many entries a new key is compared with each of those before.
const FEW_ENTRIES: usize = 16;

/// Decodes the document into a tree, and refuses whatever is wrong with it.
pub(super) fn plant<S: Source>(source: &mut S) -> Result<Tree, Fault> {
    let event = source.value()?;
    let tree = grow(source, event, 0)?;
    source.finish()?;
    Ok(tree)
}

fn grow<S: Source>(source: &mut S, event: Event, depth: usize) -> Result<Tree, Fault> {
    Ok(match event {
        Event::Null => Tree::Null,
        Event::Bool(value) => Tree::Bool(value),
        Event::Int(value) => Tree::Int(value),
        Event::UInt(value) => Tree::UInt(value),
        Event::F32(value) => Tree::Float32(value),
        Event::F64(value) | Event::Decimal(value) => Tree::Float(value),
        Event::Text => Tree::String(source.text()?.to_owned()),
        Event::Bytes => Tree::Bytes(source.bytes()?.to_owned()),
        Event::List(_) | Event::Map(_) if depth == MAX_DEPTH => return Err(too_deep(source.offset())),
        Event::List(mut open) => {
            let mut items = Vec::new();
            loop {
                let inside = |fault: Fault| fault.inside(Step::Index(items.len()));
                if !source.next_item(&mut open).map_err(inside)? {
                    break;
                }
                let event = source.value().map_err(inside)?;
                let item = grow(source, event, depth + 1).map_err(inside)?;
                items.push(item);
            }
            Tree::List(items)
        }
        Event::Map(open) => Tree::Map(entries(source, open, depth)?),
    })
}

fn entries<S: Source>(source: &mut S, mut open: Open, depth: usize) -> Result<Vec<(Tree, Tree)>, Fault> {
    let mut entries: Vec<(Tree, Tree)> = Vec::new();
    let mut many: HashSet<OwnedKey> = HashSet::new();
    while let Some(key) = source.next_key(&mut open)? {
        if entries.len() == FEW_ENTRIES {
            many.extend(entries.iter().filter_map(|(key, _)| owned(key)));
        }
        // Before the key is lent out, so that the source can be asked where it is.
        let again = entries.len() >= FEW_ENTRIES && !many.insert(OwnedKey::from(key));
        let key = planted(key);
        if again || entries.len() < FEW_ENTRIES && entries.iter().any(|(before, _)| *before == key) {
            return Err(Fault::repeated_key(source.offset()).inside(step(&key)));
        }
        let value = source.value().and_then(|event| grow(source, event, depth + 1));
        let value = value.map_err(|fault| fault.inside(step(&key)))?;
        entries.push((key, value));
    }
    Ok(entries)
}

fn planted(key: Key<'_>) -> Tree {
    match key {
        Key::Text(text) => Tree::String(text.to_owned()),
        Key::Int(value) => Tree::Int(value),
        Key::UInt(value) => Tree::UInt(value),
        Key::Bool(value) => Tree::Bool(value),
        Key::Bytes(bytes) => Tree::Bytes(bytes.to_owned()),
    }
}

/// The key that a tree was made of.
fn as_key(tree: &Tree) -> Option<Key<'_>> {
    Some(match tree {
        Tree::String(text) => Key::Text(text),
        Tree::Int(value) => Key::Int(*value),
        Tree::UInt(value) => Key::UInt(*value),
        Tree::Bool(value) => Key::Bool(*value),
        Tree::Bytes(bytes) => Key::Bytes(bytes),
        _ => return None,
    })
}

fn owned(tree: &Tree) -> Option<OwnedKey> {
    as_key(tree).map(OwnedKey::from)
}

fn step(tree: &Tree) -> Step {
    as_key(tree).map_or(Step::Any, |key| key.step())
}
