//! How values hang on each other: the steps of paths, in eight bytes.

/// How a value hangs on the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Edge(u64);

/// The kinds of edges. Most have a label, an index or a small integer beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum EdgeKind {
    /// An item of a list, a set, or a long tuple.
    Item,
    /// One of them that is heavy, by its place.
    Place,
    /// The value under a string key.
    Key,
    /// The value under an integer key.
    KeyInt,
    /// The value under a key that is shown as its label says.
    KeyText,
    /// The values under other keys.
    AnyKey,
    /// The parts of keys that have parts.
    KeyParts,
    /// An attribute.
    Attribute,
    /// Other attributes.
    AnyAttribute,
    /// A place of a tuple.
    Index,
    /// An argument of a call.
    Argument,
    /// The argument of `__setstate__`.
    State,
    /// The called value, where that is more than a name.
    Callable,
    /// One of several pickles.
    Pickle,
    /// Values that were made and thrown away.
    Discarded,
    /// Values that lie too deep.
    Deeper,
    /// The value of a pickle that is bytes itself.
    Unpickled,
}

const EDGE_KINDS: [EdgeKind; 17] = [
    EdgeKind::Item,
    EdgeKind::Place,
    EdgeKind::Key,
    EdgeKind::KeyInt,
    EdgeKind::KeyText,
    EdgeKind::AnyKey,
    EdgeKind::KeyParts,
    EdgeKind::Attribute,
    EdgeKind::AnyAttribute,
    EdgeKind::Index,
    EdgeKind::Argument,
    EdgeKind::State,
    EdgeKind::Callable,
    EdgeKind::Pickle,
    EdgeKind::Discarded,
    EdgeKind::Deeper,
    EdgeKind::Unpickled,
];

impl Edge {
    pub(super) const ITEM: Edge = Edge::new(EdgeKind::Item, 0);
    pub(super) const ANY_KEY: Edge = Edge::new(EdgeKind::AnyKey, 0);
    pub(super) const ANY_ATTRIBUTE: Edge = Edge::new(EdgeKind::AnyAttribute, 0);
    pub(super) const KEY_PARTS: Edge = Edge::new(EdgeKind::KeyParts, 0);
    pub(super) const STATE: Edge = Edge::new(EdgeKind::State, 0);
    pub(super) const CALLABLE: Edge = Edge::new(EdgeKind::Callable, 0);
    pub(super) const DISCARDED: Edge = Edge::new(EdgeKind::Discarded, 0);
    pub(super) const DEEPER: Edge = Edge::new(EdgeKind::Deeper, 0);

    pub(super) const fn new(kind: EdgeKind, id: u32) -> Edge {
        Edge((kind as u64) << 32 | id as u64)
    }

    pub(super) fn kind(self) -> EdgeKind {
        EDGE_KINDS[(self.0 >> 32) as usize % EDGE_KINDS.len()]
    }

    /// The label, the index, or the integer's bits.
    pub(super) fn id(self) -> u32 {
        self.0 as u32
    }

    /// The label, if its name is one.
    pub(super) fn label(self) -> Option<usize> {
        matches!(self.kind(), EdgeKind::Key | EdgeKind::Attribute).then_some(self.id() as usize)
    }

    /// The edge that takes the rest when there are too many like this one.
    pub(super) fn crowd(self) -> Edge {
        match self.kind() {
            EdgeKind::Key | EdgeKind::KeyInt | EdgeKind::KeyText => Edge::ANY_KEY,
            EdgeKind::Attribute => Edge::ANY_ATTRIBUTE,
            EdgeKind::Place | EdgeKind::Index | EdgeKind::Argument | EdgeKind::Pickle => Edge::ITEM,
            _ => self,
        }
    }
}
