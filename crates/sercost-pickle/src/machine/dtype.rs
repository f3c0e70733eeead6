//! Element types of arrays: the fields of structured ones, and the sizes that follow from them.

use super::Machine;
use super::entry::{Kind, NONE};
use super::node::{Child, Edge, EdgeKind};
use super::raw::item_bytes;
use crate::reader::text_at;
use std::fmt::Write;

/// The number of fields that are named.
const MOST_FIELDS: usize = 8;

impl Machine<'_> {
    /// The bytes of one item of a dtype, by the word that it is shown by.
    pub(super) fn size_of(&self, dtype: &str) -> Option<u64> {
        if !dtype.starts_with('[') {
            return item_bytes(dtype);
        }
        let label = self.labels.find(format!("numpy.dtype {dtype}").as_bytes())?;
        self.item_sizes.get(&label).copied()
    }

    /// A buffer beside the pickle is as large as the array that it is of.
    pub(super) fn size_buffer(&mut self, node: u32, dtype: &str) {
        let Some(data) = self.attribute(node, "data") else { return };
        if data.kind != Kind::Buffer || data.node().is_some() || data.count != 1 {
            return;
        }
        let shape = self.attribute(node, "shape").and_then(|shape| match shape.node() {
            Some(tuple) => self.numbers(tuple),
            None => (shape.kind == Kind::Tuple).then(Vec::new),
        });
        let bytes =
            shape.zip(self.size_of(dtype)).and_then(|(shape, size)| shape.into_iter().try_fold(size, u64::checked_mul));
        let Some(bytes) = bytes else { return };
        let buffer = self.arena.make(Kind::Buffer, NONE, data.at, data.bytes);
        self.arena.get_mut(buffer).length = bytes;
        self.arena.get_mut(buffer).parent = node;
        let children = &mut self.arena.get_mut(node).children;
        if let Some(child) = children.iter_mut().find(|child| child.edge == data.edge) {
            *child = Child { id: buffer, bytes: 0, ..data };
        }
        let (count, sum) = self.sized_buffers;
        self.sized_buffers = (count + 1, sum.saturating_add(bytes));
    }

    /// A structured dtype is shown by its fields, once these are known.
    pub(super) fn name_fields_of(&mut self, node: u32) {
        let class = self.labels.text(self.arena.get(node).class).into_owned();
        let Some(size) = class.strip_prefix("numpy.dtype V").and_then(|size| size.parse::<u64>().ok()) else { return };
        let Some(text) = self.fields_of(node) else { return };
        let mut label = self.labels.intern_own(&format!("numpy.dtype {text}"));
        // The same fields at other places.
        if self.item_sizes.get(&label).is_some_and(|&other| other != size) {
            label = self.labels.intern_own(&format!("numpy.dtype {text} in {size} B"));
        }
        if label != NONE {
            self.item_sizes.insert(label, size);
            self.arena.get_mut(node).class = label;
        }
    }

    /// `[('a', '<f4'), ('b', '<i8')]`.
    fn fields_of(&mut self, node: u32) -> Option<String> {
        let names = self.attribute(node, "names")?.node()?;
        let fields = self.attribute(node, "fields")?.node()?;
        let names: Vec<Child> = self.arena.get(names).children.clone();
        let mut text = String::from("[");
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            if at == MOST_FIELDS {
                let _ = write!(text, "… {} more", names.len() - at);
                break;
            }
            let name = String::from_utf8_lossy(self.text_at_child(name)?).into_owned();
            let field = self.find(fields, &[self.keyed(&name), Edge::new(EdgeKind::Index, 0)])?.child;
            let word = self.dtype_of(&field)?;
            let name: String = name.chars().take(40).collect();
            if word.starts_with('[') {
                // Writing to a String cannot fail.
                let _ = write!(text, "('{name}', {word})");
            } else {
                let order = self.order_of(&field);
                let _ = write!(text, "('{name}', '{order}{word}')");
            }
        }
        text.push(']');
        (text.len() <= 400).then_some(text)
    }

    /// How the bytes of a dtype are ordered: `<`.
    fn order_of(&mut self, dtype: &Child) -> &'static str {
        let node = match dtype.node() {
            Some(node) => Some(node),
            None if dtype.kind == Kind::Reference => self.arena.find_node(dtype.id),
            None => None,
        };
        let order = node.and_then(|node| self.attribute(node, "byteorder"));
        let text = order.and_then(|order| {
            let is_text = matches!(order.kind, Kind::Str | Kind::Bytes | Kind::Reference);
            is_text.then(|| text_at(self.data, order.at))?
        });
        match text {
            Some(b"<") => "<",
            Some(b">") => ">",
            _ => "",
        }
    }
}
