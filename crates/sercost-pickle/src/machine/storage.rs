//! The storages of torch's tensors: they lie outside of the pickle, which has a persistent id for each,
//! `('storage', type, key, location, elements)` (`torch/serialization.py`, `persistent_id`).
//!
//! The bytes of a storage belong to the first tensor that has it; every other one refers to that. They go through the
//! tree as bytes of the pickle do, so that a checkpoint's optimizer has the weight of its tensors wherever it is merged.

use super::Machine;
use super::entry::{Entry, Hold, Kind, NONE};
use super::node::{Child, Edge, EdgeKind};
use crate::dtypes::{self, UNTYPED};
use crate::model::{Finding, grouped};
use crate::opcode as op;
use crate::reader::{integer_at, text_at};
use std::collections::{HashMap, HashSet};

/// Where the storages lie.
#[derive(Clone, Debug, Default)]
pub(crate) enum Stored {
    /// Nowhere that is known.
    #[default]
    Unknown,
    /// In members of an archive: the size by its key of each that nothing has yet.
    Members(HashMap<String, u64>),
    /// Behind the pickles, each with its number of elements before it.
    Behind,
}

/// The bytes before each storage behind the pickles.
pub(super) const COUNT_BYTES: u64 = 8;
/// The most different views of one storage that are told apart; of more, it is taken to be used whole.
const MOST_VIEWS: usize = 1000;
/// A storage of which less than this is unused is not worth a sentence.
const LEAST_UNUSED: u64 = 1024;
/// The most findings about storages.
const MOST_FINDINGS: usize = 100;

/// The storages that were met.
#[derive(Debug, Default)]
pub(crate) struct Storages {
    pub stored: Stored,
    /// By key.
    met: HashMap<String, u32>,
    /// By the identity of the node.
    of_objects: HashMap<u32, u32>,
    owned: Vec<Owned>,
    /// The bytes outside of the pickle that its parts have.
    pub claimed: u64,
    /// Those that they should have by what the pickle says.
    pub needed: u64,
}

/// A storage and who has it.
#[derive(Debug)]
struct Owned {
    /// The identity of its node.
    object: u32,
    bytes: u64,
    elements: u64,
    /// Whether its elements are bytes, whatever those of its tensors are.
    is_untyped: bool,
    /// Offset, sizes and strides of the tensors that look at it.
    views: HashSet<View>,
    used: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct View {
    offset: i64,
    sides: Vec<(i64, i64)>,
}

/// The contents of a persistent id.
struct Id {
    key: String,
    dtype: &'static str,
    elements: u64,
}

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
        let known = self.storages.met.get(&id.key).map(|&known| self.storages.owned[known as usize].object);
        if let Some(object) = known
            && let Some(owner) = self.arena.find_node(object)
            && owner != entry.id
        {
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
        let needed = self.bytes_of(&id);
        self.storages.needed = self.storages.needed.saturating_add(needed.unwrap_or(0));
        let outside = needed.map(|bytes| if bytes > self.room() { 0 } else { bytes });
        self.arena.own(node, bytes + outside.unwrap_or(0));
        if let Some(outside) = outside {
            let object = self.arena.object_of(node);
            let storages = &mut self.storages;
            storages.claimed += outside;
            let place = storages.owned.len() as u32;
            storages.met.insert(id.key, place);
            storages.of_objects.insert(object, place);
            let (views, used) = (HashSet::new(), 0);
            let (elements, is_untyped) = (id.elements, id.dtype == UNTYPED);
            storages.owned.push(Owned { object, bytes: outside, elements, is_untyped, views, used });
        }
        self.stack.push(Entry::node(Kind::Persistent, node, at));
    }

    /// The most bytes that one more storage can have. What a pickle says of those behind it can be any number.
    fn room(&self) -> u64 {
        match self.storages.stored {
            Stored::Behind => (self.data.len() as u64).saturating_sub(self.storages.claimed),
            Stored::Unknown | Stored::Members(_) => u64::MAX,
        }
    }

    /// The bytes of a storage outside of the pickle, if it is there.
    fn bytes_of(&mut self, id: &Id) -> Option<u64> {
        match &mut self.storages.stored {
            Stored::Unknown => None,
            Stored::Members(sizes) => sizes.remove(&id.key),
            Stored::Behind => {
                let size = dtypes::bytes_of(id.dtype)?;
                id.elements.checked_mul(size)?.checked_add(COUNT_BYTES)
            }
        }
    }

    /// The contents of a persistent id, if it is that of a storage.
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
            is_text.then(|| text_at(self.data, child.at))?
        };
        let (word, key) = (text(place(0)?)?, text(place(2)?)?);
        if word != b"storage" || key.len() >= 100 {
            return None;
        }
        let elements =
            place(4).filter(|child| child.kind == Kind::Int).and_then(|child| integer_at(self.data, child.at));
        let name = place(1).filter(|child| child.kind == Kind::Global && child.id != NONE);
        let name = name.map_or(String::new(), |child| self.labels.text(child.id).into_owned());
        Some(Id {
            key: String::from_utf8_lossy(key).into_owned(),
            dtype: dtypes::of_torch(&name).unwrap_or(UNTYPED),
            elements: elements.and_then(|elements| u64::try_from(elements).ok()).unwrap_or(0),
        })
    }

    /// Notes the storage that a tensor which was just made looks at.
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
        let own_size = self.dtype_of_tensor(node).and_then(|dtype| dtypes::bytes_of(&dtype));
        let owned = &mut self.storages.owned[at as usize];
        // A storage counts elements of the tensor, or bytes where it is untyped.
        let size = if owned.is_untyped { own_size } else { Some(1) };
        let Some((view, size)) = view.zip(size).filter(|_| owned.views.len() < MOST_VIEWS) else {
            owned.used = owned.elements;
            return;
        };
        let elements = view.sides.iter().filter(|(_, stride)| *stride != 0).map(|(size, _)| (*size).max(0) as u64);
        let elements = elements.fold(size, u64::saturating_mul);
        if owned.views.insert(view) {
            owned.used = owned.used.saturating_add(elements);
        }
    }

    fn view_of(&self, node: u32) -> Option<View> {
        let number = |child: &Child| (child.kind == Kind::Int).then(|| integer_at(self.data, child.at))?;
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
        let dtype = text.strip_prefix("torch storage of ").filter(|dtype| *dtype != UNTYPED).map(str::to_owned);
        let Some(dtype) = dtype.or_else(|| self.dtype_of_tensor(node)) else { return };
        let class = self.labels.intern_own(&format!("torch.Tensor of {dtype}"));
        self.arena.get_mut(node).class = class;
    }

    /// The dtype that a tensor has of its own: `uint32` for `torch.uint32`.
    fn dtype_of_tensor(&self, node: u32) -> Option<String> {
        let dtype = self.attribute(node, "dtype").filter(|child| child.kind == Kind::Global && child.id != NONE)?;
        self.labels.text(dtype.id).strip_prefix("torch.").map(str::to_owned)
    }

    /// The parts that have the storages, by key, with their bytes, in the order in which they were met.
    pub(super) fn parts_of_storages(&mut self, part_of_node: &HashMap<u32, usize>) -> Vec<(String, usize, u64)> {
        let mut met: Vec<(u32, String)> = self.storages.met.iter().map(|(key, &at)| (at, key.clone())).collect();
        met.sort_unstable();
        let part = |(at, key): (u32, String)| {
            let Owned { object, bytes, .. } = self.storages.owned[at as usize];
            let node = self.arena.find_node(object)?;
            part_of_node.get(&node).map(|&part| (key, part, bytes))
        };
        met.into_iter().filter_map(part).collect()
    }

    /// Storages of which hardly anything is used, by the places of nodes among the parts; the heaviest first.
    pub(super) fn unused(&mut self, part_of_node: &HashMap<u32, usize>) -> Vec<Finding> {
        let mut found: Vec<(u64, u64, u64, Option<usize>, &str)> = Vec::new();
        for at in 0..self.storages.owned.len() {
            let Owned { object, bytes, elements, used, is_untyped, .. } = self.storages.owned[at];
            let unused = (elements > used).then(|| (bytes as f64 * (elements - used) as f64 / elements as f64) as u64);
            let Some(unused) = unused.filter(|unused| used > 0 && *unused >= LEAST_UNUSED && 2 * unused > bytes) else {
                continue;
            };
            let part = self.arena.find_node(object).and_then(|node| part_of_node.get(&node)).copied();
            found.push((unused, used, elements, part, if is_untyped { UNTYPED } else { "elements" }));
        }
        found.sort_unstable_by_key(|(unused, .., part, _)| (std::cmp::Reverse(*unused), *part));
        found.truncate(MOST_FINDINGS);
        let finding = |(unused, used, elements, part, word): (u64, u64, u64, Option<usize>, &str)| Finding {
            kind: "view".to_owned(),
            text: format!(
                "{} of {} {word} of the storage are used, but all are saved: save tensor.clone()",
                grouped(used),
                grouped(elements)
            ),
            part,
            saves_bytes: Some(unused),
        };
        found.into_iter().map(finding).collect()
    }
}
