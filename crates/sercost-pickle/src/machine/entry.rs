//! The entries of the machine's stack: who owns how many bytes, and never the value itself.

/// No label, no node, no object.
pub(super) const NONE: u32 = u32::MAX;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    ByteArray,
    /// A class or function by name; which one is its label.
    Global,
    Extension,
    /// The name of something that is kept elsewhere.
    Persistent,
    /// A buffer that travels beside the pickle.
    Buffer,
    List,
    Tuple,
    Dict,
    Set,
    FrozenSet,
    /// An object that a call or a class made.
    Object,
    /// A memo entry fetched again.
    Reference,
    /// Bytes between opcodes, as joblib puts them.
    Raw,
    /// Values that were folded together because they were too many or too deep.
    Rest,
}

/// Every kind, at the place of its number.
const KINDS: [Kind; 20] = [
    Kind::Null,
    Kind::Bool,
    Kind::Int,
    Kind::Float,
    Kind::Str,
    Kind::Bytes,
    Kind::ByteArray,
    Kind::Global,
    Kind::Extension,
    Kind::Persistent,
    Kind::Buffer,
    Kind::List,
    Kind::Tuple,
    Kind::Dict,
    Kind::Set,
    Kind::FrozenSet,
    Kind::Object,
    Kind::Reference,
    Kind::Raw,
    Kind::Rest,
];

impl Kind {
    /// The kind of a number.
    pub(super) fn from_number(number: u8) -> Kind {
        KINDS.get(usize::from(number)).copied().unwrap_or(Kind::Rest)
    }

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Null => "None",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Str => "str",
            Kind::Bytes => "bytes",
            Kind::ByteArray => "bytearray",
            Kind::Global => "name",
            Kind::Extension => "extension code",
            Kind::Persistent => "persistent id",
            Kind::Buffer => "out-of-band buffer",
            Kind::List => "list",
            Kind::Tuple => "tuple",
            Kind::Dict => "dict",
            Kind::Set => "set",
            Kind::FrozenSet => "frozenset",
            Kind::Object => "object",
            Kind::Reference => "reference",
            Kind::Raw => "raw bytes",
            Kind::Rest => "other values",
        }
    }

    /// Whether a value of this kind can have a node of its own.
    pub(super) fn has_parts(self) -> bool {
        matches!(
            self,
            Kind::List | Kind::Tuple | Kind::Dict | Kind::Set | Kind::FrozenSet | Kind::Object | Kind::Persistent
        )
    }
}

/// How an entry holds what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Hold {
    /// One leaf, or one empty container that nothing refers to. `id` is a label for names.
    Single,
    /// Adjacent leaves, `id` of them, side by side in the stream from `at` on. Of one opcode if they are of fixed size.
    Run,
    /// Leaves that can no longer be told apart, `id` of them.
    Bag,
    /// An empty container with an identity: `id` is its object.
    Object,
    /// A value with a node: `id`.
    Node,
    /// Values merged into the node `id`; `bytes` says how many of them are still on the stack.
    BagNode,
    /// A memo entry fetched again. `at` is the memo's slot, `id` the memo's index.
    Reference,
}

/// One entry of the stack. Small, since a hostile pickle can make millions of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The bytes that belong to it, as far as they are not counted in its node.
    pub bytes: u64,
    /// Where it begins.
    pub at: u64,
    pub id: u32,
    pub kind: Kind,
    pub hold: Hold,
    /// The opcode that made it.
    pub op: u8,
}

impl Entry {
    pub(super) fn single(kind: Kind, op: u8, at: usize, bytes: usize) -> Entry {
        Entry { bytes: bytes as u64, at: at as u64, id: NONE, kind, hold: Hold::Single, op }
    }

    pub(super) fn node(kind: Kind, node: u32, at: u64) -> Entry {
        Entry { bytes: 0, at, id: node, kind, hold: Hold::Node, op: 0 }
    }

    /// The number of values of the stack that it stands for.
    pub(super) fn values(&self) -> u64 {
        match self.hold {
            Hold::Run | Hold::Bag => u64::from(self.id),
            Hold::BagNode => self.bytes,
            _ => 1,
        }
    }
}
