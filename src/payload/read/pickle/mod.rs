//! Pickles: plain data, the arrays of numpy and of `array.array` as lists, and objects of classes that are plain data by
//! what the pickle itself says of them (module `class`). A file of several pickles is a list of them.
//!
//! The reader works on the outline of a pickle (`pickle::plain`). No class is looked up, nothing is imported and
//! nothing is called; an object that is not plain data is refused by its path and its class. Whatever is represented by
//! something else is counted, and said in the notes.

mod array;
mod class;
mod file;
mod stdlib;
mod tally;
mod time;

use super::IntWidth;
use super::json::over_64_bits;
use crate::payload::source::{Event, Fault, Key, Open, Source};
use array::{Array, Element, Scalar};
use class::Meaning;
pub use file::PickleFile;
pub(super) use file::pickle_file;
use sercost_pickle::plain::{Item, Items, Kind, Number, Outline, Place};
use sercost_pickle::write::float_repr;
use std::borrow::Cow;
use std::rc::Rc;
use tally::Tally;

/// The remedy for a pickle that cannot be read at all.
const BROKEN: &str = "\"sercost inspect\" shows which of its bytes are what";

/// The start of a tuple.
const TUPLE: Open = Open { started: false, left: None, top: false, row: false, tuple: true };

/// A pickle.
#[derive(Debug)]
pub(super) struct PickleSource<'o, 'b> {
    outline: &'o Outline<'b>,
    /// The number of bytes of the file.
    length: usize,
    /// Whether there is anything that could be a key that a map cannot have.
    has_odd_keys: bool,
    /// The containers that were begun and are not done, from the outside in.
    open: Vec<Frame<'o, 'b>>,
    /// The value that comes next, where it is known that there is one.
    next: Option<Next<'b>>,
    text: Cow<'b, str>,
    bytes: Cow<'b, [u8]>,
    at: usize,
    /// The type of the array whose element was the value last returned.
    stated: Option<IntWidth>,
    /// Whether the file is a stream of pickles whose list was not begun yet.
    is_stream: bool,
    /// The bytes that the value last found would add if it were written where it is only referred to.
    repeated: Option<u64>,
    tally: Tally,
}

/// A container that was begun.
#[derive(Debug)]
enum Frame<'o, 'b> {
    Empty,
    Items {
        place: Option<Place>,
        items: Items<'o, 'b>,
        /// The items that come after them.
        then: Option<Box<Items<'o, 'b>>>,
    },
    /// The entries of a dict as pairs.
    Pairs {
        place: Place,
        items: Items<'o, 'b>,
    },
    /// Values with the offsets that they are from.
    Made(std::vec::IntoIter<(Item<'b>, usize)>),
    /// A dimension of an array, from an offset into its bytes on; which of its elements comes next.
    Axis {
        array: Rc<Array<'b>>,
        axis: usize,
        offset: usize,
        element: usize,
    },
    /// A record of an array; which of its fields comes next.
    Record {
        array: Rc<Array<'b>>,
        record: Rc<Element>,
        offset: usize,
        field: usize,
    },
}

/// A value that was found.
#[derive(Debug)]
enum Next<'b> {
    Item(Item<'b>),
    /// A key and its value, with their offsets.
    Pair(Box<[(Item<'b>, usize); 2]>),
    /// The part at an offset of an array: so many of its dimensions are done.
    Part {
        array: Rc<Array<'b>>,
        axis: usize,
        offset: usize,
    },
    Field {
        array: Rc<Array<'b>>,
        element: Rc<Element>,
        offset: usize,
    },
}

impl<'o, 'b> PickleSource<'o, 'b> {
    /// The pickle whose outline was read from the start of a file of that length.
    pub(super) fn new(outline: &'o Outline<'b>, length: usize) -> Self {
        PickleSource {
            outline,
            length,
            has_odd_keys: outline.has(&[Kind::Tuple, Kind::FrozenSet, Kind::Object]),
            open: vec![Frame::Items { place: None, items: outline.root(), then: None }],
            next: None,
            text: Cow::Borrowed(""),
            bytes: Cow::Borrowed(b""),
            at: 0,
            stated: None,
            is_stream: outline.pickles().0 > 1,
            repeated: None,
            tally: Tally::default(),
        }
    }

    /// The next value of the innermost container; none at its end, and then it is done.
    fn advance(&mut self) -> Result<Option<Next<'b>>, Fault> {
        let next = match self.open.last_mut() {
            None => None,
            Some(Frame::Items { items, then, .. }) => {
                let mut item = items.next_item().map_err(fault)?;
                if item.is_none()
                    && let Some(more) = then.take()
                {
                    *items = *more;
                    item = items.next_item().map_err(fault)?;
                }
                self.at = items.offset();
                self.repeated = items.repeated_bytes();
                item.map(Next::Item)
            }
            Some(Frame::Pairs { items, .. }) => match items.next_item().map_err(fault)? {
                None => None,
                Some(key) => {
                    self.at = items.offset();
                    let value = items.next_item().map_err(fault)?;
                    let value = value.ok_or_else(|| Fault::at(self.at, "a dict has a key without a value", BROKEN))?;
                    Some(Next::Pair(Box::new([(key, self.at), (value, items.offset())])))
                }
            },
            Some(Frame::Made(values)) => values.next().map(|(item, at)| {
                self.at = at;
                self.repeated = None;
                Next::Item(item)
            }),
            Some(Frame::Axis { array, axis, offset, element }) => (*element < array.shape[*axis]).then(|| {
                let offset = *offset + *element * array.strides[*axis];
                *element += 1;
                Next::Part { array: Rc::clone(array), axis: *axis + 1, offset }
            }),
            Some(Frame::Empty | Frame::Record { .. }) => None,
        };
        if next.is_none() {
            self.open.pop();
        }
        Ok(next)
    }

    fn item(&mut self, item: Item<'b>) -> Result<Event, Fault> {
        Ok(match item {
            Item::None => Event::Null,
            Item::Bool(value) => Event::Bool(value),
            Item::Int(Number::Int(value)) => Event::Int(value),
            Item::Int(Number::UInt(value)) => Event::UInt(value),
            Item::Int(Number::Big(negative)) => {
                let digits = self.outline.digits(self.at).ok_or_else(|| over_64_bits(self.at, big(negative)))?;
                self.tally.wide_ints += 1;
                self.text = Cow::Owned(digits);
                Event::Text
            }
            Item::Float(value) => Event::F64(value),
            Item::Text(text) => {
                self.tally.repeat(self.repeated.take());
                self.text = text;
                Event::Text
            }
            Item::Bytes(bytes) => {
                self.tally.repeat(self.repeated.take());
                self.bytes = bytes;
                Event::Bytes
            }
            Item::EmptyTuple => {
                self.open.push(Frame::Empty);
                Event::List(TUPLE)
            }
            Item::Container(place, kind) => self.container(place, kind)?,
        })
    }

    fn container(&mut self, place: Place, kind: Kind) -> Result<Event, Fault> {
        let repeated = self.repeated.take();
        match kind {
            Kind::Set | Kind::FrozenSet => self.tally.sets += 1,
            Kind::Dict => {
                self.tally.repeat(repeated);
                return self.entries(place, Some(self.outline.items(place)), None);
            }
            Kind::List | Kind::Tuple => {}
            Kind::Object | Kind::Global | Kind::Foreign => return self.object(place, kind, repeated),
        }
        self.tally.repeat(repeated);
        self.enter(place, Some(self.outline.items(place)), None)?;
        Ok(Event::List(if kind == Kind::Tuple { TUPLE } else { Open::default() }))
    }

    /// Begins keys and values, as pairs where one of the keys is such that a map cannot have it.
    fn entries(
        &mut self,
        place: Place,
        items: Option<Items<'o, 'b>>,
        then: Option<Items<'o, 'b>>,
    ) -> Result<Event, Fault> {
        let mut as_pairs = false;
        if let Some(mut keys) = items.clone() {
            while let Some(key) = keys.next_item().map_err(fault)? {
                as_pairs = self.is_odd(&key)?;
                if as_pairs || !self.has_odd_keys || keys.next_item().map_err(fault)?.is_none() {
                    break;
                }
            }
        }
        match items {
            Some(items) if as_pairs => {
                self.refuse_cycle(place)?;
                self.tally.pairs += 1;
                self.open.push(Frame::Pairs { place, items });
                Ok(Event::List(Open::default()))
            }
            items => {
                self.enter(place, items, then)?;
                Ok(Event::Map(Open::default()))
            }
        }
    }

    /// Whether a map cannot have the key.
    fn is_odd(&self, key: &Item<'b>) -> Result<bool, Fault> {
        Ok(match *key {
            Item::EmptyTuple | Item::Container(_, Kind::Tuple | Kind::FrozenSet) => true,
            Item::Container(key, Kind::Object) => matches!(
                class::read(self.outline, key)?,
                Some(class::Plain { meaning: Meaning::Tuple(_) | Meaning::Elements(..) | Meaning::Entries(..), .. })
            ),
            _ => false,
        })
    }

    fn object(&mut self, place: Place, kind: Kind, repeated: Option<u64>) -> Result<Event, Fault> {
        if kind != Kind::Object {
            return Err(self.refuse(place));
        }
        match array::read(self.outline, place)? {
            Some(array::Read::Array(array)) => {
                self.tally.repeat(repeated);
                return self.value_of(Next::Part { array: Rc::new(array), axis: 0, offset: 0 });
            }
            Some(array::Read::Items(items)) => {
                self.tally.repeat(repeated);
                self.enter(items, Some(self.outline.items(items)), None)?;
                return Ok(Event::List(Open::default()));
            }
            None => {}
        }
        let plain = class::read(self.outline, place)?.ok_or_else(|| self.refuse(place))?;
        self.tally.object(&plain.class, plain.how);
        Ok(match plain.meaning {
            Meaning::Text(text) => {
                self.text = Cow::Owned(text);
                Event::Text
            }
            // Never an object again, so that this goes no deeper.
            Meaning::Item(item) => self.item(item)?,
            Meaning::Tuple(items) => {
                let at = self.at;
                let items: Vec<_> = items.into_iter().map(|item| (item, at)).collect();
                self.open.push(Frame::Made(items.into_iter()));
                Event::List(TUPLE)
            }
            Meaning::Elements(items, tuple) => {
                self.tally.repeat(repeated);
                self.enter(place, items, None)?;
                Event::List(if tuple { TUPLE } else { Open::default() })
            }
            Meaning::Entries(items, then) => {
                self.tally.repeat(repeated);
                self.entries(place, items, then)?
            }
        })
    }

    /// Begins a container.
    fn enter(&mut self, place: Place, items: Option<Items<'o, 'b>>, then: Option<Items<'o, 'b>>) -> Result<(), Fault> {
        self.refuse_cycle(place)?;
        self.open.push(match items {
            Some(items) => Frame::Items { place: Some(place), items, then: then.map(Box::new) },
            None => Frame::Empty,
        });
        Ok(())
    }

    fn refuse_cycle(&self, place: Place) -> Result<(), Fault> {
        let is_open = |frame: &Frame<'_, '_>| match frame {
            Frame::Items { place: Some(open), .. } | Frame::Pairs { place: open, .. } => *open == place,
            _ => false,
        };
        if self.open.iter().any(is_open) {
            return Err(Fault::at(
                self.at,
                format!("{} contains itself", self.outline.describe(place)),
                "sercost cannot measure data without an end: break the cycle",
            ));
        }
        Ok(())
    }

    /// A key, which an object may stand for.
    fn key(&mut self, key: Item<'b>, may_be_object: bool) -> Result<Key<'_>, Fault> {
        let (text, kind) = match key {
            Item::Text(text) => {
                self.text = text;
                return Ok(Key::Text(&self.text));
            }
            Item::Bytes(bytes) => {
                self.bytes = bytes;
                return Ok(Key::Bytes(&self.bytes));
            }
            Item::Int(Number::Int(value)) => return Ok(Key::Int(value)),
            Item::Int(Number::UInt(value)) => return Ok(Key::UInt(value)),
            Item::Bool(value) => return Ok(Key::Bool(value)),
            // As json.dumps writes them.
            Item::None => ("null".to_owned(), "None"),
            Item::Float(value) => (float_repr(value), "a float"),
            Item::Int(Number::Big(negative)) => {
                let digits = self.outline.digits(self.at);
                (digits.ok_or_else(|| over_64_bits(self.at, big(negative)))?, "an integer over 64 bits")
            }
            Item::Container(place, Kind::Object) if may_be_object => return self.object_as_key(place),
            other => {
                let what = match other {
                    Item::Container(place, _) => self.outline.describe(place),
                    _ => "a tuple".to_owned(),
                };
                return Err(Fault::at(
                    self.at,
                    format!("a key is {what}"),
                    "sercost takes tuples, strings, numbers, booleans, None, bytes and what is text: pickle a list of pairs",
                ));
            }
        };
        self.tally.key(kind);
        self.text = Cow::Owned(text);
        Ok(Key::Text(&self.text))
    }

    fn object_as_key(&mut self, place: Place) -> Result<Key<'_>, Fault> {
        if let Some(array::Read::Array(array)) = array::read(self.outline, place)?
            && array.shape.is_empty()
        {
            let (element, at) = (Rc::clone(&array.element), self.at);
            let item = match array.scalar(&element, 0) {
                Scalar::Bool(value) => Item::Bool(value),
                Scalar::Int(value) => Item::Int(Number::Int(value)),
                Scalar::UInt(value) => Item::Int(i64::try_from(value).map_or(Number::UInt(value), Number::Int)),
                Scalar::Single(value) => Item::Float(value.into()),
                Scalar::Double(value) => Item::Float(value),
                Scalar::Bytes(bytes) => Item::Bytes(Cow::Owned(bytes)),
                Scalar::Text(text) => {
                    let text = text.ok_or_else(|| Fault::at(at, "a key has a code that is not a character", BROKEN))?;
                    Item::Text(Cow::Owned(text))
                }
            };
            return self.key(item, false);
        }
        match class::read(self.outline, place)? {
            Some(class::Plain { class, how, meaning: Meaning::Text(text) }) => {
                self.tally.object(&class, how);
                self.text = Cow::Owned(text);
                Ok(Key::Text(&self.text))
            }
            Some(class::Plain { class, how, meaning: Meaning::Item(item) }) => {
                self.tally.object(&class, how);
                self.key(item, false)
            }
            _ => self.key(Item::Container(place, Kind::Object), false),
        }
    }

    fn refuse(&self, place: Place) -> Fault {
        let what = self.outline.describe(place);
        let remedy = remedy(&what);
        Fault::at(self.at, format!("is {what}, not plain data"), remedy)
    }

    fn value_of(&mut self, next: Next<'b>) -> Result<Event, Fault> {
        let (array, element, offset) = match next {
            Next::Item(item) => return self.item(item),
            Next::Pair(pair) => {
                self.open.push(Frame::Made(Vec::from(*pair as [_; 2]).into_iter()));
                return Ok(Event::List(TUPLE));
            }
            Next::Part { array, axis, offset } if axis < array.shape.len() => {
                self.open.push(Frame::Axis { array, axis, offset, element: 0 });
                return Ok(Event::List(Open::default()));
            }
            Next::Part { array, offset, .. } => {
                let element = Rc::clone(&array.element);
                (array, element, offset)
            }
            Next::Field { array, element, offset } => (array, element, offset),
        };
        if matches!(&*element, Element::Record(_)) {
            self.open.push(Frame::Record { array, record: element, offset, field: 0 });
            return Ok(Event::Map(Open::default()));
        }
        self.stated = element.stated_int();
        Ok(match array.scalar(&element, offset) {
            Scalar::Bool(value) => Event::Bool(value),
            Scalar::Int(value) => Event::Int(value),
            Scalar::UInt(value) => i64::try_from(value).map_or(Event::UInt(value), Event::Int),
            Scalar::Single(value) => Event::F32(value),
            Scalar::Double(value) => Event::F64(value),
            Scalar::Bytes(bytes) => {
                self.bytes = Cow::Owned(bytes);
                Event::Bytes
            }
            Scalar::Text(Some(text)) => {
                self.text = Cow::Owned(text);
                Event::Text
            }
            Scalar::Text(None) => {
                return Err(Fault::at(self.at, "an array of text has a code that is not a character", BROKEN));
            }
        })
    }
}

impl Source for PickleSource<'_, '_> {
    fn value(&mut self) -> Result<Event, Fault> {
        if std::mem::take(&mut self.is_stream) {
            return Ok(Event::List(Open { top: true, ..Open::default() }));
        }
        let next = match self.next.take() {
            Some(next) => Some(next),
            None => self.advance()?,
        };
        let next = next.ok_or_else(|| Fault::at(self.at, "a value is missing", BROKEN))?;
        self.stated = None;
        self.value_of(next)
    }

    fn text(&mut self) -> Result<&str, Fault> {
        Ok(&self.text)
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        Ok(&self.bytes)
    }

    fn next_item(&mut self, _list: &mut Open) -> Result<bool, Fault> {
        self.next = self.advance()?;
        Ok(self.next.is_some())
    }

    fn next_key(&mut self, _map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        if let Some(Frame::Record { array, record, offset, field }) = self.open.last_mut() {
            let Element::Record(fields) = &**record else { return Ok(None) };
            let Some((name, within, element)) = fields.get(*field) else {
                self.open.pop();
                return Ok(None);
            };
            let offset = *offset + within;
            *field += 1;
            self.text = Cow::Owned(name.clone());
            self.next = Some(Next::Field { array: Rc::clone(array), element: Rc::clone(element), offset });
            return Ok(Some(Key::Text(&self.text)));
        }
        let Some(Next::Item(key)) = self.advance()? else { return Ok(None) };
        self.repeated = None;
        self.key(key, true).map(Some)
    }

    fn finish(&mut self) -> Result<(), Fault> {
        match self.length - self.outline.length() {
            0 => Ok(()),
            left => Err(Fault::at(
                self.outline.length(),
                format!("{left} bytes are left over after the pickle"),
                "they are not a pickle; a file is one pickle, or several one after the other",
            )),
        }
    }

    fn offset(&self) -> usize {
        self.at
    }

    fn stated_int(&self) -> Option<IntWidth> {
        self.stated
    }

    fn notes(&self) -> Vec<String> {
        self.tally.notes(self.outline)
    }
}

/// A fault of the first pass, or of one opcode.
pub(super) fn fault(fault: sercost_pickle::model::Fault) -> Fault {
    Fault::at(fault.offset as usize, fault.reason, BROKEN)
}

fn big(negative: bool) -> &'static str {
    if negative { "-(over 64 bits)" } else { "(over 64 bits)" }
}

/// The remedy for an object of a class.
fn remedy(what: &str) -> &'static str {
    const REMEDIES: &[(&str, &str)] = &[
        ("a datetime.", "pickle its isoformat() or its timestamp()"),
        ("a decimal.Decimal", "pickle it as str or float"),
        ("a fractions.Fraction", "pickle it as str or float"),
        ("a uuid.UUID", "pickle its str or its bytes"),
        ("a pathlib", "pickle its str"),
        ("a complex", "pickle its real and imag"),
        ("a collections.deque", "pickle list(it)"),
        ("a collections.", "pickle dict(it)"),
        ("a pandas.", "pickle its to_dict(), or the to_numpy() of its columns"),
        ("a numpy.", "pickle its tolist()"),
        ("a torch.", "pickle its numpy() or its tolist()"),
        ("a functools.partial", "profile its arguments alone; \"sercost inspect\" says how many bytes each has"),
        ("the function or class", "profile the data without it; no name is ever looked up"),
        ("a buffer that was sent", "pickle it in band"),
    ];
    let found = REMEDIES.iter().find(|(class, _)| what.starts_with(class));
    found.map_or(
        "pickle its contents as dicts, lists, strings and numbers: no class is ever looked up",
        |(_, remedy)| remedy,
    )
}
