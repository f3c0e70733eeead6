//! Objects: what a pickle would have made by a call, by the name of what it would have called.

use super::machine::{NOTHING, Outline, Segment};
use super::value::{Item, Items};
use super::{Kind, Place};
use crate::model::Fault;
use crate::opcode::*;
use std::borrow::Cow;

/// A module, and a name within it.
pub type QualifiedName<'b> = (Cow<'b, str>, Cow<'b, str>);

/// An object that a pickle would have made.
#[derive(Clone, Debug)]
pub struct Object<'o, 'b> {
    /// The module of the function or class that is called.
    pub module: Cow<'b, str>,
    /// Its name.
    pub name: Cow<'b, str>,
    /// The arguments of the call.
    pub arguments: Items<'o, 'b>,
    /// The state that BUILD sets; `None` without a BUILD.
    pub state: Option<Items<'o, 'b>>,
    /// The items that are added to the object: those of a subclass of list or dict.
    pub added: Added<'o, 'b>,
    /// Whether the class is not called, but a new object of it made: then nothing of what its `__init__` or a function
    /// would do with the arguments is left open.
    pub is_new: bool,
}

/// Additions to an object after it was made.
#[derive(Clone, Debug)]
pub enum Added<'o, 'b> {
    /// Nothing.
    Nothing,
    /// Elements.
    Elements(Items<'o, 'b>),
    /// Keys and values in turn.
    Entries(Items<'o, 'b>),
    /// Both, which no class takes.
    Both,
}

/// Module names in Python 3 are those of Python 2 in protocols 0 to 2.
fn is_builtins(module: &str) -> bool {
    matches!(module, "builtins" | "__builtin__")
}

impl<'b> Outline<'b> {
    /// The name and the arguments that a container of the kind [`Kind::Object`] would be made by; `None` where that is
    /// not a name.
    pub fn object(&self, place: Place) -> Result<Option<Object<'_, 'b>>, Fault> {
        let container = &self.containers[place.index()];
        if container.kind != Kind::Object || container.first == NOTHING {
            return Ok(None);
        }
        let call = self.segments[container.first as usize];
        let (mut state, mut added) = (None, Added::Nothing);
        let mut next = call.next;
        while next != NOTHING {
            let segment = self.segments[next as usize];
            added = match (self.bytes[segment.end], added) {
                (BUILD, before) => {
                    state = Some(Items::of(self, Segment { next: NOTHING, ..segment }));
                    before
                }
                (SETITEM | SETITEMS, Added::Nothing) => Added::Entries(Items::added(self, segment)),
                (SETITEM | SETITEMS, entries @ Added::Entries(_)) => entries,
                (APPEND | APPENDS | ADDITEMS, Added::Nothing) => Added::Elements(Items::added(self, segment)),
                (APPEND | APPENDS | ADDITEMS, elements @ Added::Elements(_)) => elements,
                _ => Added::Both,
            };
            next = segment.next;
        }
        let mut parts = Items::of(self, Segment { next: NOTHING, ..call });
        if self.bytes[call.end] == INST {
            let (module, name) = self.lines(call.end)?;
            return Ok(Some(Object { module, name, arguments: parts, state, added, is_new: false }));
        }
        let Some(Item::Container(class, Kind::Global)) = parts.raw()? else { return Ok(None) };
        let Some((module, name)) = self.global(class)? else { return Ok(None) };
        let arguments = match self.bytes[call.end] {
            OBJ => parts,
            _ => match parts.raw()? {
                Some(Item::Container(arguments, Kind::Tuple)) => {
                    // Arguments by name, which NEWOBJ_EX has besides.
                    if matches!(parts.raw()?, Some(Item::Container(names, _)) if self.items(names).raw()?.is_some()) {
                        return Ok(None);
                    }
                    self.items(arguments)
                }
                Some(Item::EmptyTuple) => {
                    Items::of(self, Segment { start: 0, end: 0, children: (0, 0), next: NOTHING })
                }
                _ => return Ok(None),
            },
        };
        let is_new = matches!(self.bytes[call.end], NEWOBJ | NEWOBJ_EX);
        Ok(Some(Object { module, name, arguments, state, added, is_new }))
    }

    /// Whether there is a container of one of the kinds anywhere in the pickle.
    pub fn has(&self, kinds: &[Kind]) -> bool {
        self.containers.iter().any(|container| kinds.contains(&container.kind))
    }

    /// The classes and functions that are named anywhere in the pickle; none where one of them, or anything else, is not
    /// known by a name alone.
    pub fn globals(&self) -> Result<Option<Vec<QualifiedName<'b>>>, Fault> {
        let mut names = Vec::new();
        for (at, container) in self.containers.iter().enumerate() {
            let first = self.segments.get(container.first as usize);
            match container.kind {
                Kind::Foreign => return Ok(None),
                Kind::Object if first.is_some_and(|call| self.bytes[call.end] == INST) => return Ok(None),
                Kind::Global => match self.global(Place::new(at as u32))? {
                    Some(name) => names.push(name),
                    None => return Ok(None),
                },
                _ => {}
            }
        }
        Ok(Some(names))
    }

    /// Module and name of a container of the kind [`Kind::Global`]; none where they are not strings.
    pub fn global(&self, place: Place) -> Result<Option<QualifiedName<'b>>, Fault> {
        let container = &self.containers[place.index()];
        if container.first == NOTHING {
            return self.lines(container.start).map(Some);
        }
        let mut names = self.items(place);
        match (names.raw()?, names.raw()?) {
            (Some(Item::Text(module)), Some(Item::Text(name))) => Ok(Some((module, name))),
            _ => Ok(None),
        }
    }

    /// The two lines behind a GLOBAL or INST.
    fn lines(&self, at: usize) -> Result<QualifiedName<'b>, Fault> {
        let mut lines = self.bytes[at + 1..].split(|&byte| byte == b'\n');
        let mut line = || lines.next().and_then(|line| std::str::from_utf8(line).ok());
        match (line(), line()) {
            (Some(module), Some(name)) => Ok((module.into(), name.into())),
            _ => Err(Fault::new(at, "a name that is not UTF-8")),
        }
    }

    /// The description of a container in words: `a datetime.datetime`.
    pub fn describe(&self, place: Place) -> String {
        let kind = self.containers[place.index()].kind;
        let named = |module: &str, name: &str| match is_builtins(module) {
            true => name.to_owned(),
            false => format!("{module}.{name}"),
        };
        match kind {
            Kind::List => "a list".into(),
            Kind::Tuple => "a tuple".into(),
            Kind::Dict => "a dict".into(),
            Kind::Set => "a set".into(),
            Kind::FrozenSet => "a frozenset".into(),
            Kind::Foreign => self.describe_foreign(place).into(),
            Kind::Global => match self.global(place) {
                Ok(Some((module, name))) => format!("the function or class {}", named(&module, &name)),
                _ => "something by name".into(),
            },
            Kind::Object => match self.object(place) {
                Ok(Some(object)) => {
                    let (module, name) = self.class_of(&object);
                    format!("a {}", named(&module, &name))
                }
                _ => "what a call would make".into(),
            },
        }
    }

    fn describe_foreign(&self, place: Place) -> &'static str {
        match self.bytes[self.containers[place.index()].start] {
            NEXT_BUFFER => "a buffer that was sent beside the pickle",
            EXT1 | EXT2 | EXT4 => "an object of a registered extension",
            _ => "an object that is kept outside of the pickle",
        }
    }

    /// The class of an object: not `copyreg._reconstructor`, but what it would construct.
    fn class_of(&self, object: &Object<'_, 'b>) -> QualifiedName<'b> {
        let constructors = ["_reconstructor", "__newobj__", "__newobj_ex__"];
        if matches!(&*object.module, "copyreg" | "copy_reg")
            && constructors.contains(&&*object.name)
            && let Ok(Some(Item::Container(class, Kind::Global))) = object.arguments.clone().raw()
            && let Ok(Some(name)) = self.global(class)
        {
            return name;
        }
        (object.module.clone(), object.name.clone())
    }

    /// The plain value that an object is: bytes and sets, for which not every protocol has opcodes.
    pub(super) fn simple(&self, place: Place) -> Result<Option<Item<'b>>, Fault> {
        let Some(mut object) = self.object(place)? else { return Ok(None) };
        if object.state.is_some() || !object.added.is_nothing() {
            return Ok(None);
        }
        let first = object.arguments.raw()?;
        let second = object.arguments.raw()?;
        if is_encode(&object) {
            return Ok(latin1(first, second));
        }
        if !is_builtins(&object.module) {
            return Ok(None);
        }
        if second.is_some() {
            // As Python 3.7 and older wrote a bytearray below protocol 3.
            return Ok(if &*object.name == "bytearray" { latin1(first, second) } else { None });
        }
        Ok(match (&*object.name, first) {
            ("bytes" | "bytearray", None) => Some(Item::Bytes(Cow::Borrowed(b""))),
            ("bytearray", Some(Item::Bytes(bytes))) => Some(Item::Bytes(bytes)),
            // Below protocol 3 its bytes are made by a call of their own. One more level is all there can be.
            ("bytearray", Some(Item::Container(bytes, Kind::Object))) => match self.object(bytes)? {
                Some(mut call) if is_encode(&call) => latin1(call.arguments.raw()?, call.arguments.raw()?),
                _ => None,
            },
            ("set", Some(Item::Container(items, Kind::List))) => Some(Item::Container(items, Kind::Set)),
            ("frozenset", Some(Item::Container(items, Kind::List))) => Some(Item::Container(items, Kind::FrozenSet)),
            _ => None,
        })
    }
}

impl Added<'_, '_> {
    fn is_nothing(&self) -> bool {
        matches!(self, Added::Nothing)
    }
}

/// Whether the call is that by which protocols 0 to 2 make bytes.
fn is_encode(object: &Object<'_, '_>) -> bool {
    &*object.module == "_codecs" && &*object.name == "encode" && object.state.is_none() && object.added.is_nothing()
}

/// The bytes that `_codecs.encode(text, 'latin1')` makes.
fn latin1<'b>(text: Option<Item<'b>>, encoding: Option<Item<'b>>) -> Option<Item<'b>> {
    let (Some(Item::Text(text)), Some(Item::Text(encoding))) = (text, encoding) else { return None };
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.ok().filter(|_| matches!(&*encoding, "latin1" | "latin-1")).map(|bytes| Item::Bytes(Cow::Owned(bytes)))
}
