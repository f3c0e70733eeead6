//! The storages of torch's tensors: they lie outside of the pickle, which has a persistent id for each,
//! `('storage', type, key, location, elements)` (`torch/serialization.py`, `persistent_id`).
//!
//! The bytes of a storage belong to the first tensor that has it; every other one refers to that. They go through the
//! tree as bytes of the pickle do, so that a checkpoint's optimizer has the weight of its tensors wherever it is merged.

use super::entry::{Entry, Hold, Kind, NONE};
use super::node::{Child, Edge, EdgeKind};
use super::{Machine, read};
use crate::model::Finding;
use crate::pickle::opcode as op;
use std::collections::{HashMap, HashSet};

/// Where the storages lie.
#[derive(Debug, Default)]
pub(in crate::pickle) enum Stored {
    /// Nowhere that is known.
    #[default]
    Unknown,
    /// In members of an archive: the size of each by its key.
    Members(HashMap<String, u64>),
    /// Behind the pickles, each with its number of elements before it.
    Behind,
}

/// The bytes before each storage behind the pickles.
const COUNT_BYTES: u64 = 8;
/// The most different views of one storage that are told apart; of more, it is taken to be used whole.
const MOST_VIEWS: usize = 1000;
/// A storage of which less than this is unused is not worth a sentence.
const LEAST_UNUSED: u64 = 1024;
/// The most findings about storages.
const MOST_FINDINGS: usize = 100;

/// The storages that were met.
#[derive(Debug, Default)]
pub(in crate::pickle) struct Storages {
    pub stored: Stored,
    /// By key.
    met: HashMap<String, u32>,
    /// By the identity of the node.
    of_objects: HashMap<u32, u32>,
    owned: Vec<Owned>,
    /// The bytes outside of the pickle that its parts have.
    pub claimed: u64,
}

/// A storage and who has it.
#[derive(Debug)]
struct Owned {
    /// The identity of its node.
    object: u32,
    bytes: u64,
    elements: u64,
    /// Offset, sizes and strides of the tensors that look at it.
    views: HashSet<View>,
    used: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct View {
    offset: i64,
    sides: Vec<(i64, i64)>,
}

/// What a persistent id says.
struct Id {
    key: String,
    dtype: &'static str,
    elements: u64,
}

/// The names of torch's types, and the bytes of an element.
const DTYPES: [(&str, &str, u64); 16] = [
    ("FloatStorage", "float32", 4),
    ("DoubleStorage", "float64", 8),
    ("HalfStorage", "float16", 2),
    ("BFloat16Storage", "bfloat16", 2),
    ("LongStorage", "int64", 8),
    ("IntStorage", "int32", 4),
    ("ShortStorage", "int16", 2),
    ("CharStorage", "int8", 1),
    ("ByteStorage", "uint8", 1),
    ("BoolStorage", "bool", 1),
    ("ComplexFloatStorage", "complex64", 8),
    ("ComplexDoubleStorage", "complex128", 16),
    ("QInt8Storage", "qint8", 1),
    ("QUInt8Storage", "quint8", 1),
    ("QInt32Storage", "qint32", 4),
    ("UntypedStorage", "bytes", 1),
];

impl Storages {
    /// The keys of all that tensors have.
    pub(super) fn keys(&mut self) -> HashSet<String> {
        std::mem::take(&mut self.met).into_keys().collect()
    }
}

impl Machine<'_> {
    /// Makes what a persistent id stands for: `start` is its place on the stack, `self.at` behind its opcode.
    pub(super) fn persistent(&mut self, start: usize, at: u64) {
        let entry = self.stack[start];
        let Some(id) = self.storage_id(&entry) else {
            let node = self.arena.make(Kind::Persistent, NONE, at, 1);
            self.take_into(node, start, |_| Edge::ITEM);
            self.stack.push(Entry::node(Kind::Persistent, node, at));
            return;
        };
        self.stack.truncate(start);
        if let Some(&known) = self.storages.met.get(&id.key)
            && let Some(owner) = self.arena.find_node(self.storages.owned[known as usize].object)
            && owner != entry.id
        {
            let object = self.storages.owned[known as usize].object;
            let bytes = 1 + entry.bytes + self.arena.collapse(owner, entry.id);
            self.arena.get_mut(owner).references += 1;
            let slot = super::memo::Slot::Object(object).pack();
            let (kind, hold) = (Kind::Reference, Hold::Reference);
            self.stack.push(Entry { bytes, at: slot, id: NONE, kind, hold, op: op::BINPERSID });
            return;
        }
        let class = self.labels.intern_own(&format!("torch storage of {}", id.dtype));
        let node = self.arena.make(Kind::Persistent, class, at, 1);
        let bytes = entry.bytes + self.arena.collapse(node, entry.id);
        let outside = self.bytes_of(&id);
        self.arena.own(node, bytes + outside.unwrap_or(0));
        if let Some(outside) = outside {
            let object = self.arena.object_of(node);
            let storages = &mut self.storages;
            storages.claimed += outside;
            let place = storages.owned.len() as u32;
            storages.met.insert(id.key, place);
            storages.of_objects.insert(object, place);
            let (views, used) = (HashSet::new(), 0);
            storages.owned.push(Owned { object, bytes: outside, elements: id.elements, views, used });
        }
        self.stack.push(Entry::node(Kind::Persistent, node, at));
    }

    /// The bytes of a storage outside of the pickle, if it is there.
    fn bytes_of(&self, id: &Id) -> Option<u64> {
        match &self.storages.stored {
            Stored::Unknown => None,
            Stored::Members(sizes) => sizes.get(&id.key).copied(),
            Stored::Behind => {
                let size = DTYPES.iter().find(|(_, dtype, _)| *dtype == id.dtype)?.2;
                id.elements.checked_mul(size)?.checked_add(COUNT_BYTES)
            }
        }
    }

    /// What a persistent id says, if it is that of a storage.
    fn storage_id(&mut self, id: &Entry) -> Option<Id> {
        if id.hold != Hold::Node || id.kind != Kind::Tuple {
            return None;
        }
        let place = |index: u32| {
            let edge = Edge::new(EdgeKind::Index, index);
            self.arena.get(id.id).children.iter().find(|child| child.edge == edge).copied()
        };
        let text = |child: Child| {
            let is_text = matches!(child.kind, Kind::Str | Kind::Reference);
            is_text.then(|| read::text_at(self.data, child.at))?
        };
        let (word, key) = (text(place(0)?)?, text(place(2)?)?);
        if word != b"storage" || key.len() >= 100 {
            return None;
        }
        let elements =
            place(4).filter(|child| child.kind == Kind::Int).and_then(|child| read::int_at(self.data, child.at));
        let name = place(1).filter(|child| child.kind == Kind::Global && child.id != NONE);
        let name = name.map_or(String::new(), |child| self.labels.text(child.id).into_owned());
        let known = DTYPES.iter().find(|(class, ..)| name.ends_with(&format!(".{class}")));
        Some(Id {
            key: String::from_utf8_lossy(key).into_owned(),
            dtype: known.map_or("bytes", |(_, dtype, _)| dtype),
            elements: elements.and_then(|elements| u64::try_from(elements).ok()).unwrap_or(0),
        })
    }

    /// What a tensor that was just made looks at.
    pub(super) fn note_view(&mut self, node: u32) {
        let Some(storage) = self.attribute(node, "storage") else { return };
        self.name_tensor(node, &storage);
        let object = match storage.node() {
            Some(below) => self.arena.object_of(below),
            None if storage.kind == Kind::Reference => storage.id,
            None => return,
        };
        let Some(&at) = self.storages.of_objects.get(&object) else { return };
        let view = self.view_of(node);
        let owned = &mut self.storages.owned[at as usize];
        let Some(view) = view.filter(|_| owned.views.len() < MOST_VIEWS) else {
            owned.used = owned.elements;
            return;
        };
        let elements = view.sides.iter().filter(|(_, stride)| *stride != 0).map(|(size, _)| (*size).max(0) as u64);
        let elements = elements.fold(1u64, u64::saturating_mul);
        if owned.views.insert(view) {
            owned.used = owned.used.saturating_add(elements);
        }
    }

    fn view_of(&self, node: u32) -> Option<View> {
        let number = |child: &Child| (child.kind == Kind::Int).then(|| read::int_at(self.data, child.at))?;
        let numbers = |name: &str| -> Option<Vec<i64>> {
            let tuple = self.attribute(node, name)?;
            match tuple.node() {
                Some(tuple) => self.arena.get(tuple).children.iter().map(number).collect(),
                None => (tuple.kind == Kind::Tuple).then(Vec::new),
            }
        };
        let offset = number(&self.attribute(node, "storage_offset")?)?;
        let (sizes, strides) = (numbers("size")?, numbers("stride")?);
        (sizes.len() == strides.len()).then(|| View { offset, sides: sizes.into_iter().zip(strides).collect() })
    }

    /// A tensor is shown with the type of its elements.
    fn name_tensor(&mut self, node: u32, storage: &Child) {
        let below = match storage.node() {
            Some(below) => Some(below),
            None if storage.kind == Kind::Reference && storage.id != NONE => self.arena.find_node(storage.id),
            None => None,
        };
        let Some(below) = below else { return };
        let text = self.labels.text(self.arena.get(below).class).into_owned();
        let Some(dtype) = text.strip_prefix("torch storage of ").filter(|dtype| *dtype != "bytes") else { return };
        let class = self.labels.intern_own(&format!("torch.Tensor of {dtype}"));
        self.arena.get_mut(node).class = class;
    }

    /// The parts that have the storages, by key, in the order in which they were met.
    pub(super) fn parts_of_storages(&mut self, part_of_node: &HashMap<u32, usize>) -> Vec<(String, usize)> {
        let mut met: Vec<(u32, String)> = self.storages.met.iter().map(|(key, &at)| (at, key.clone())).collect();
        met.sort_unstable();
        let part = |(at, key): (u32, String)| {
            let node = self.arena.find_node(self.storages.owned[at as usize].object)?;
            part_of_node.get(&node).map(|&part| (key, part))
        };
        met.into_iter().filter_map(part).collect()
    }

    /// Storages of which hardly anything is used, by the places of nodes among the parts; the heaviest first.
    pub(super) fn unused(&mut self, part_of_node: &HashMap<u32, usize>) -> Vec<Finding> {
        let mut found: Vec<(u64, u64, u64, Option<usize>)> = Vec::new();
        for at in 0..self.storages.owned.len() {
            let Owned { object, bytes, elements, used, .. } = self.storages.owned[at];
            let unused = (elements > used).then(|| (bytes as f64 * (elements - used) as f64 / elements as f64) as u64);
            let Some(unused) = unused.filter(|unused| used > 0 && *unused >= LEAST_UNUSED && 2 * unused > bytes) else {
                continue;
            };
            let part = self.arena.find_node(object).and_then(|node| part_of_node.get(&node)).copied();
            found.push((unused, used, elements, part));
        }
        found.sort_unstable_by_key(|(unused, .., part)| (std::cmp::Reverse(*unused), *part));
        found.truncate(MOST_FINDINGS);
        let finding = |(unused, used, elements, part): (u64, u64, u64, Option<usize>)| Finding {
            kind: "view".to_owned(),
            text: format!(
                "{} of {} elements of the storage are used, and all are saved; save a clone()",
                super::parts::grouped(used),
                super::parts::grouped(elements)
            ),
            part,
            saves_bytes: Some(unused),
        };
        found.into_iter().map(finding).collect()
    }
}
