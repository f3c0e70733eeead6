//! Plain data in a pickle: what its values are and where they lie, without running it.
//!
//! A pickle is written from the inside out: whether a value that follows a list is the list's first element or its
//! neighbour, only an opcode behind the value says. So it is read in two passes. The first ([`Outline::read`]) follows
//! the stack machine, and keeps of each container where its elements lie, which works because the elements that one
//! opcode takes from the stack are one run of bytes. The second walks the containers from the outside in
//! ([`Outline::items`]) and reads numbers and strings straight from the bytes.
//!
//! No class is looked up and nothing is called: what a pickle would make by a call is an object of this outline, of
//! which its class and its arguments are known. No pass recurses. Hostile bytes end in an error with an offset; what
//! objects that are referred to many times would come to is known before anything is built of them ([`MOST_EXPANDED`]).

mod machine;
mod memo;
mod object;
mod value;

pub mod deserializer;

pub use machine::{MOST_EXPANDED, Memory, Outline};
pub use object::{Added, Object, QualifiedName};
pub use value::{Item, Items, Number};

/// The kind of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `list`.
    List,
    /// A `tuple`.
    Tuple,
    /// A `dict`: its items are keys and values in turn.
    Dict,
    /// A `set`.
    Set,
    /// A `frozenset`.
    FrozenSet,
    /// A class or function by name.
    Global,
    /// Anything that is made by a call: its items are what is called and the arguments.
    Object,
    /// Something that only the program which wrote it could make sense of: a persistent id, an extension's code, a
    /// buffer that was sent beside the pickle.
    Foreign,
}

/// The place of a container in its outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(u32);
