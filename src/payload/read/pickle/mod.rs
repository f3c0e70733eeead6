//! Pickles: plain data, and the arrays of numpy and of `array.array` as lists.
//!
//! What is read is the outline of a pickle (`pickle::plain`). No class is looked up, nothing is imported and nothing is
//! called; an object that is not plain data is refused by its path and its class.

mod array;

use super::IntWidth;
use super::json::over_64_bits;
use super::source::{Event, Fault, Key, Open, Source};
use crate::pickle::plain::{self, Item, Items, Kind, Number, Outline, Place};
use array::{Array, Element, Scalar};
use std::borrow::Cow;
use std::rc::Rc;

/// What helps with a pickle that cannot be read at all.
const BROKEN: &str = "\"sercost inspect\" shows which of its bytes are what";

/// The beginning of a tuple.
const TUPLE: Open = Open { started: false, left: None, top: false, row: false, tuple: true };

/// A pickle.
#[derive(Debug)]
pub struct PickleSource<'o, 'b> {
    outline: &'o Outline<'b>,
    /// How many bytes the file has.
    length: usize,
    /// The containers that were begun and are not done, from the outside in.
    open: Vec<Frame<'o, 'b>>,
    /// The value that comes next, where it is known that there is one.
    next: Option<Next<'b>>,
    text: Cow<'b, str>,
    bytes: Cow<'b, [u8]>,
    at: usize,
    /// The type of the array whose element was the value last returned.
    stated: Option<IntWidth>,
    tuples: u64,
    sets: u64,
}

/// A container that was begun.
#[derive(Debug)]
enum Frame<'o, 'b> {
    Empty,
    Items {
        place: Option<Place>,
        items: Items<'o, 'b>,
    },
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
    /// What lies at an offset of an array: so many of its dimensions are done.
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
    /// The pickle whose outline was read from the beginning of a file of that length.
    pub fn new(outline: &'o Outline<'b>, length: usize) -> Self {
        PickleSource {
            outline,
            length,
            open: vec![Frame::Items { place: None, items: outline.root() }],
            next: None,
            text: Cow::Borrowed(""),
            bytes: Cow::Borrowed(b""),
            at: 0,
            stated: None,
            tuples: 0,
            sets: 0,
        }
    }

    /// The next value of the innermost container; none at its end, and then it is done.
    fn advance(&mut self) -> Result<Option<Next<'b>>, Fault> {
        let next = match self.open.last_mut() {
            None => None,
            Some(Frame::Items { items, .. }) => {
                let item = items.next_item().map_err(fault)?;
                self.at = items.offset();
                item.map(Next::Item)
            }
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
            Item::Int(Number::Big(negative)) => return Err(over_64_bits(self.at, big(negative))),
            Item::Float(value) => Event::F64(value),
            Item::Text(text) => {
                self.text = text;
                Event::Text
            }
            Item::Bytes(bytes) => {
                self.bytes = bytes;
                Event::Bytes
            }
            Item::EmptyTuple => {
                self.tuples += 1;
                self.open.push(Frame::Empty);
                Event::List(TUPLE)
            }
            Item::Container(place, kind) => self.container(place, kind)?,
        })
    }

    fn container(&mut self, place: Place, kind: Kind) -> Result<Event, Fault> {
        match kind {
            Kind::Tuple => self.tuples += 1,
            Kind::Set | Kind::FrozenSet => self.sets += 1,
            Kind::List | Kind::Dict => {}
            Kind::Object | Kind::Global | Kind::Foreign => {
                let array = match kind {
                    Kind::Object => array::read(self.outline, place)?,
                    _ => None,
                };
                return match array {
                    Some(array::Read::Array(array)) => {
                        self.value_of(Next::Part { array: Rc::new(array), axis: 0, offset: 0 })
                    }
                    Some(array::Read::Items(items)) => {
                        self.enter(items)?;
                        Ok(Event::List(Open::default()))
                    }
                    None => Err(self.refuse(place)),
                };
            }
        }
        self.enter(place)?;
        Ok(match kind {
            Kind::Dict => Event::Map(Open::default()),
            Kind::Tuple => Event::List(TUPLE),
            _ => Event::List(Open::default()),
        })
    }

    /// Begins a container.
    fn enter(&mut self, place: Place) -> Result<(), Fault> {
        let is_open = |frame: &Frame<'_, '_>| matches!(frame, Frame::Items { place: Some(open), .. } if *open == place);
        if self.open.iter().any(is_open) {
            return Err(Fault::at(
                self.at,
                format!("{} contains itself", self.outline.describe(place)),
                "sercost cannot measure data without an end: break the cycle",
            ));
        }
        self.open.push(Frame::Items { place: Some(place), items: self.outline.items(place) });
        Ok(())
    }

    fn refuse(&self, place: Place) -> Fault {
        let what = self.outline.describe(place);
        let remedy = remedy(&what);
        Fault::at(self.at, format!("is {what}, not plain data"), remedy)
    }

    fn value_of(&mut self, next: Next<'b>) -> Result<Event, Fault> {
        let (array, element, offset) = match next {
            Next::Item(item) => return self.item(item),
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
                return Err(Fault::at(self.at, "an array of text has something that is no character", BROKEN));
            }
        })
    }
}

impl Source for PickleSource<'_, '_> {
    fn value(&mut self) -> Result<Event, Fault> {
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
        Ok(Some(match key {
            Item::Text(text) => {
                self.text = text;
                Key::Text(&self.text)
            }
            Item::Bytes(bytes) => {
                self.bytes = bytes;
                Key::Bytes(&self.bytes)
            }
            Item::Int(Number::Int(value)) => Key::Int(value),
            Item::Int(Number::UInt(value)) => Key::UInt(value),
            Item::Bool(value) => Key::Bool(value),
            other => {
                let what = match other {
                    Item::None => "None".to_owned(),
                    Item::Float(value) => format!("float {value:?}"),
                    Item::Int(_) => "an integer over 64 bits".to_owned(),
                    Item::Container(place, _) => self.outline.describe(place),
                    _ => "a tuple".to_owned(),
                };
                return Err(Fault::at(
                    self.at,
                    format!("a key is {what}"),
                    "sercost takes strings, integers, booleans and bytes as keys: pickle a list of pairs",
                ));
            }
        }))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        match self.length - self.outline.length() {
            0 => Ok(()),
            left => Err(Fault::at(
                self.outline.length(),
                format!("{left} bytes are left over after the pickle"),
                "a file of several pickles is several payloads: put them into one list",
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
        let say = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one} was read as a list")),
            count => Some(format!("{count} {many} were read as lists")),
        };
        [say(self.tuples, "tuple", "tuples"), say(self.sets, "set", "sets")].into_iter().flatten().collect()
    }
}

/// A fault of the first pass, or of one opcode.
pub fn fault(fault: plain::Fault) -> Fault {
    Fault::at(fault.offset, fault.reason, BROKEN)
}

fn big(negative: bool) -> &'static str {
    if negative { "-(over 64 bits)" } else { "(over 64 bits)" }
}

/// What to do about an object of a class.
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
        "pickle what it holds, as dicts, lists, strings and numbers: no class is ever looked up",
        |(_, remedy)| remedy,
    )
}
