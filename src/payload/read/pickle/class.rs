//! Objects of classes as plain data: what a pickle says of them, and nothing that a class would have to be looked up for.
//!
//! The classes of the standard library that stand for a value are known (dates, decimals, paths, the kinds of dict),
//! and of any other class the objects that pickle makes without calling it: these consist of their state, their
//! elements or their arguments alone. A user's own class that is called with a single value is taken for an enum.
//! Everything else is refused.

use super::stdlib::is_of_standard_library;
use super::time;
use crate::payload::source::Fault;
use sercost_pickle::plain::{Added, Item, Items, Kind, Number, Object, Outline, Place, QualifiedName};

/// Arguments of a call that are looked at; no class of the standard library that is known takes more.
const MOST_ARGUMENTS: usize = 8;

/// The meaning of an object as plain data.
pub(super) enum Meaning<'o, 'b> {
    /// Text that is in no such form in the pickle.
    Text(String),
    /// A value of the pickle that is plain by itself.
    Item(Item<'b>),
    /// A tuple of plain values.
    Tuple(Vec<Item<'b>>),
    /// Elements, if there are any; whether they are a tuple's.
    Elements(Option<Items<'o, 'b>>, bool),
    /// Keys and values in turn, and then more of them.
    Entries(Option<Items<'o, 'b>>, Option<Items<'o, 'b>>),
}

/// An object that was found to be plain data.
pub(super) struct Plain<'o, 'b> {
    /// Its class.
    pub class: QualifiedName<'b>,
    /// How it is represented, for a note.
    pub how: &'static str,
    pub meaning: Meaning<'o, 'b>,
}

const ISO: &str = "as ISO 8601 text, as isoformat() makes it";
const TEXT: &str = "as text";
const MAP: &str = "as a map";
const ATTRIBUTES: &str = "as a map of its attributes";
const PLACES: &str = "as a tuple: the names of its fields are not in the pickle";
const VALUE: &str = "as the value that it is made of";
const ENUM: &str = "as the value that its class is called with, as if it were an enum";

/// Enums of the standard library that data is likely to hold.
const ENUMS: &[(&str, &str)] = &[
    ("http", "HTTPStatus"),
    ("http", "HTTPMethod"),
    ("signal", "Signals"),
    ("socket", "AddressFamily"),
    ("socket", "SocketKind"),
    ("re", "RegexFlag"),
    ("uuid", "SafeUUID"),
];

/// Packages whose objects are more than their attributes, so that these would not be what a program sends: they are
/// better refused whole than for a part that is not known.
const OPAQUE: &[&str] = &[
    "builtins",
    "__builtin__",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "torch",
    "tensorflow",
    "jax",
    "polars",
    "pyarrow",
];

/// The plain data of an object; `None` where it is not plain data.
pub(super) fn read<'o, 'b>(outline: &'o Outline<'b>, place: Place) -> Result<Option<Plain<'o, 'b>>, Fault> {
    let Some(object) = outline.object(place).map_err(super::fault)? else { return Ok(None) };
    let reader = Reader { outline };
    if let Some(plain) = reader.of_standard_library(&object)? {
        return Ok(Some(plain));
    }
    if object.is_new {
        let class = (object.module.clone(), object.name.clone());
        return reader.new_object(class, object.arguments.clone(), &object);
    }
    if matches!(&*object.module, "copyreg" | "copy_reg") {
        return reader.reconstructed(&object);
    }
    reader.called(&object)
}

struct Reader<'o, 'b> {
    outline: &'o Outline<'b>,
}

impl<'o, 'b> Reader<'o, 'b> {
    /// The arguments of a call, if they are not too many to be any that is known.
    fn arguments(&self, object: &Object<'o, 'b>) -> Result<Option<Vec<Item<'b>>>, Fault> {
        let (mut items, mut found) = (object.arguments.clone(), Vec::new());
        while let Some(item) = items.next_item().map_err(super::fault)? {
            if found.len() == MOST_ARGUMENTS {
                return Ok(None);
            }
            // As protocol 0 writes an empty tuple.
            let is_empty = match item {
                Item::Container(tuple, Kind::Tuple) => self.is_empty(tuple)?,
                _ => false,
            };
            found.push(if is_empty { Item::EmptyTuple } else { item });
        }
        Ok(Some(found))
    }

    fn of_standard_library(&self, object: &Object<'o, 'b>) -> Result<Option<Plain<'o, 'b>>, Fault> {
        let module = match &*object.module {
            "pathlib._local" => "pathlib",
            "__builtin__" => "builtins",
            module => module,
        };
        let is_known = matches!(
            module,
            "datetime"
                | "decimal"
                | "fractions"
                | "uuid"
                | "pathlib"
                | "ipaddress"
                | "builtins"
                | "collections"
                | "types"
                | "time"
        ) || ENUMS.contains(&(module, &object.name));
        if !is_known {
            return Ok(None);
        }
        let Some(arguments) = self.arguments(object)? else { return Ok(None) };
        let found = match module {
            "collections" => self.collection(object, &arguments)?,
            _ if !matches!(object.added, Added::Nothing) => None,
            "types" => self.namespace(object, &arguments)?,
            "uuid" if &*object.name == "UUID" => self.uuid(object)?.map(|text| (Meaning::Text(text), TEXT)),
            _ if object.state.is_some() => None,
            "datetime" => self.moment(object)?,
            _ => self.single(module, &object.name, &arguments, object)?,
        };
        Ok(found.map(|(meaning, how)| Plain { class: (object.module.clone(), object.name.clone()), how, meaning }))
    }

    /// A value that its arguments are all of.
    fn single(
        &self,
        module: &str,
        name: &str,
        arguments: &[Item<'b>],
        object: &Object<'o, 'b>,
    ) -> Result<Option<(Meaning<'o, 'b>, &'static str)>, Fault> {
        let text = |text: String| Some((Meaning::Text(text), TEXT));
        Ok(match (module, name, arguments) {
            ("decimal", "Decimal", [Item::Text(digits)]) => text(digits.clone().into_owned()),
            ("fractions", "Fraction", [Item::Text(ratio)]) => text(ratio.clone().into_owned()),
            ("fractions", "Fraction", [Item::Int(_), Item::Int(_)]) => {
                let mut items = object.arguments.clone();
                let mut digits = || -> Result<Option<String>, Fault> {
                    items.next_item().map_err(super::fault)?;
                    Ok(self.outline.digits(items.offset()))
                };
                match (digits()?, digits()?) {
                    (Some(above), Some(below)) if below == "1" => text(above),
                    (Some(above), Some(below)) => text(format!("{above}/{below}")),
                    _ => None,
                }
            }
            ("ipaddress", _, [Item::Text(address)]) => text(address.clone().into_owned()),
            ("ipaddress", "IPv4Address" | "IPv6Address", [Item::Int(_)]) => self.address(name, object)?.and_then(text),
            ("pathlib", _, parts) => path(name, parts).and_then(text),
            ("builtins", "complex", [Item::Float(_), Item::Float(_)]) => {
                Some((Meaning::Tuple(arguments.to_vec()), "as a tuple of its two floats"))
            }
            ("builtins", "range" | "xrange" | "slice", [_, _, _]) => {
                let plain = |part: &Item<'b>| matches!(part, Item::None | Item::Int(Number::Int(_) | Number::UInt(_)));
                let is_plain = arguments.iter().all(plain);
                is_plain.then(|| (Meaning::Tuple(arguments.to_vec()), "as a tuple of start, stop and step"))
            }
            ("builtins", "getattr", [Item::Container(class, Kind::Global), Item::Text(member)]) => {
                // A member of an enum that is pickled by its name.
                let class = self.outline.global(*class).map_err(super::fault)?;
                let own = class.is_some_and(|(module, name)| is_class(&module, &name));
                own.then(|| (Meaning::Text(member.clone().into_owned()), "as its name"))
            }
            ("time", "struct_time", [parts @ Item::Container(_, Kind::Tuple), ..]) => {
                Some((Meaning::Item(parts.clone()), "as a tuple"))
            }
            _ if ENUMS.contains(&(module, name)) => match arguments {
                [value] if is_scalar(value) => Some((Meaning::Item(value.clone()), "as its value")),
                _ => None,
            },
            _ => None,
        })
    }

    fn collection(
        &self,
        object: &Object<'o, 'b>,
        arguments: &[Item<'b>],
    ) -> Result<Option<(Meaning<'o, 'b>, &'static str)>, Fault> {
        if object.is_new {
            // UserDict and its kin are objects like others.
            return Ok(None);
        }
        if !self.is_empty_state(object)? {
            return Ok(None);
        }
        Ok(match (&*object.name, arguments, &object.added) {
            ("OrderedDict", [], Added::Entries(entries)) => {
                Some((Meaning::Entries(Some(entries.clone()), None), "as a map, in its order"))
            }
            ("OrderedDict", [], Added::Nothing) => Some((Meaning::Entries(None, None), "as a map, in its order")),
            ("defaultdict", [] | [Item::None | Item::Container(_, Kind::Global)], added) => {
                let entries = match added {
                    Added::Entries(entries) => Some(entries.clone()),
                    Added::Nothing => None,
                    _ => return Ok(None),
                };
                Some((Meaning::Entries(entries, None), "as a map, without its default"))
            }
            ("Counter", [], Added::Nothing) => Some((Meaning::Entries(None, None), MAP)),
            ("Counter", [Item::Container(dict, Kind::Dict)], Added::Nothing) => {
                Some((Meaning::Entries(Some(self.outline.items(*dict)), None), MAP))
            }
            ("deque", [] | [Item::EmptyTuple] | [Item::EmptyTuple, _], added) => {
                let how = if arguments.len() == 2 { "as a list, without its maximal length" } else { "as a list" };
                let elements = match added {
                    Added::Elements(elements) => Some(elements.clone()),
                    Added::Nothing => None,
                    _ => return Ok(None),
                };
                Some((Meaning::Elements(elements, false), how))
            }
            // As Python 2 and 3.4 wrote it.
            ("deque", [Item::Container(list, Kind::List), ..], Added::Nothing) => {
                Some((Meaning::Elements(Some(self.outline.items(*list)), false), "as a list"))
            }
            _ => None,
        })
    }

    fn namespace(
        &self,
        object: &Object<'o, 'b>,
        arguments: &[Item<'b>],
    ) -> Result<Option<(Meaning<'o, 'b>, &'static str)>, Fault> {
        if &*object.name != "SimpleNamespace" || !arguments.is_empty() {
            return Ok(None);
        }
        Ok(match self.state(object)? {
            Some(Item::Container(dict, Kind::Dict)) => {
                Some((Meaning::Entries(Some(self.outline.items(dict)), None), ATTRIBUTES))
            }
            None => Some((Meaning::Entries(None, None), ATTRIBUTES)),
            _ => None,
        })
    }

    /// The kinds of date and time.
    fn moment(&self, object: &Object<'o, 'b>) -> Result<Option<(Meaning<'o, 'b>, &'static str)>, Fault> {
        let mut arguments = object.arguments.clone();
        let first = arguments.next_item().map_err(super::fault)?;
        let second = arguments.next_item().map_err(super::fault)?;
        let text = match (&*object.name, first, second) {
            ("date", Some(packed), None) => packed_bytes(&packed).and_then(|bytes| time::date(&bytes)),
            ("time" | "datetime", Some(packed), zone) => {
                let offset = match zone {
                    None => Some(String::new()),
                    Some(zone) => self.zone(&zone)?,
                };
                let make = if &*object.name == "time" { time::time } else { time::datetime };
                packed_bytes(&packed)
                    .and_then(|bytes| make(&bytes))
                    .and_then(|text| offset.map(|offset| format!("{text}{offset}")))
            }
            ("timedelta", Some(_), _) => {
                return Ok(self
                    .microseconds(object)?
                    .map(|length| (Meaning::Text(time::duration(length)), "as ISO 8601 text, such as P1DT2H30M")));
            }
            ("timezone", Some(offset), _) => {
                return Ok(self.offset(&offset)?.map(|text| (Meaning::Text(text), "as the text of its offset")));
            }
            _ => None,
        };
        Ok(text.map(|text| (Meaning::Text(text), ISO)))
    }

    /// A timedelta's length.
    fn microseconds(&self, object: &Object<'o, 'b>) -> Result<Option<i128>, Fault> {
        let arguments = self.arguments(object)?;
        Ok(match arguments.as_deref() {
            Some(
                [Item::Int(Number::Int(days)), Item::Int(Number::Int(seconds)), Item::Int(Number::Int(microseconds))],
            ) => time::microseconds(*days, *seconds, *microseconds),
            _ => None,
        })
    }

    /// A timedelta as an offset from UTC.
    fn offset(&self, item: &Item<'b>) -> Result<Option<String>, Fault> {
        let Item::Container(place, Kind::Object) = item else { return Ok(None) };
        let object = self.outline.object(*place).map_err(super::fault)?;
        let delta = object.filter(|object| &*object.module == "datetime" && &*object.name == "timedelta");
        match delta {
            Some(delta) => Ok(self.microseconds(&delta)?.and_then(time::offset)),
            None => Ok(None),
        }
    }

    /// The text that a time zone adds to a time: its offset where the pickle has it, or else its name as RFC 9557
    /// writes it.
    fn zone(&self, item: &Item<'b>) -> Result<Option<String>, Fault> {
        let Item::Container(place, Kind::Object) = item else {
            return Ok((*item == Item::None).then(String::new));
        };
        let Some(object) = self.outline.object(*place).map_err(super::fault)? else { return self.named_zone(*place) };
        let arguments = self.arguments(&object)?.unwrap_or_default();
        match (&*object.module, &*object.name, arguments.as_slice()) {
            ("datetime", "timezone", [offset, ..]) => self.offset(offset),
            ("pytz", "_UTC", []) => Ok(Some("+00:00".into())),
            ("pytz", "_p", [Item::Text(_), Item::Int(Number::Int(seconds)), ..]) => {
                Ok(time::offset(i128::from(*seconds) * 1_000_000))
            }
            _ => Ok(None),
        }
    }

    /// `getattr(zoneinfo.ZoneInfo, '_unpickle')(key, ...)`, or the same by one name.
    fn named_zone(&self, place: Place) -> Result<Option<String>, Fault> {
        let mut parts = self.outline.items(place);
        let (callable, arguments) =
            (parts.next_item().map_err(super::fault)?, parts.next_item().map_err(super::fault)?);
        let (Some(Item::Container(callable, Kind::Object)), Some(Item::Container(arguments, Kind::Tuple))) =
            (callable, arguments)
        else {
            return Ok(None);
        };
        let Some(getter) = self.outline.object(callable).map_err(super::fault)? else { return Ok(None) };
        let parts = self.arguments(&getter)?.unwrap_or_default();
        let [Item::Container(class, Kind::Global), Item::Text(method)] = parts.as_slice() else { return Ok(None) };
        let class = self.outline.global(*class).map_err(super::fault)?;
        let is_zone = &*getter.name == "getattr"
            && &**method == "_unpickle"
            && class.is_some_and(|(module, name)| module == "zoneinfo" && name == "ZoneInfo");
        let key = self.outline.items(arguments).next_item().map_err(super::fault)?;
        Ok(match key {
            Some(Item::Text(key)) if is_zone => Some(format!("[{key}]")),
            _ => None,
        })
    }

    /// A UUID is a new object whose state has its integer.
    fn uuid(&self, object: &Object<'o, 'b>) -> Result<Option<String>, Fault> {
        let Some(Item::Container(state, Kind::Dict)) = self.state(object)? else { return Ok(None) };
        self.uuid_of(state)
    }

    fn uuid_of(&self, state: Place) -> Result<Option<String>, Fault> {
        let mut entries = self.outline.items(state);
        while let Some(key) = entries.next_item().map_err(super::fault)? {
            let value = entries.next_item().map_err(super::fault)?;
            if let (Item::Text(key), Some(Item::Int(_))) = (key, value)
                && key == "int"
            {
                let digits = self.outline.digits(entries.offset());
                let number = digits.and_then(|digits| digits.parse::<u128>().ok());
                return Ok(number.map(|number| {
                    let hex = format!("{number:032x}");
                    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
                }));
            }
        }
        Ok(None)
    }

    fn address(&self, name: &str, object: &Object<'o, 'b>) -> Result<Option<String>, Fault> {
        let mut items = object.arguments.clone();
        items.next_item().map_err(super::fault)?;
        let digits = self.outline.digits(items.offset());
        Ok(digits.and_then(|digits| match name {
            "IPv4Address" => digits.parse().ok().map(|bits: u32| std::net::Ipv4Addr::from(bits).to_string()),
            _ => digits.parse().ok().map(|bits: u128| std::net::Ipv6Addr::from(bits).to_string()),
        }))
    }

    /// The value that BUILD sets.
    fn state(&self, object: &Object<'o, 'b>) -> Result<Option<Item<'b>>, Fault> {
        match &object.state {
            Some(state) => state.clone().next_item().map_err(super::fault),
            None => Ok(None),
        }
    }

    fn is_empty_state(&self, object: &Object<'o, 'b>) -> Result<bool, Fault> {
        Ok(match self.state(object)? {
            None | Some(Item::None) => true,
            Some(Item::Container(dict, Kind::Dict)) => self.is_empty(dict)?,
            Some(_) => false,
        })
    }

    fn is_empty(&self, container: Place) -> Result<bool, Fault> {
        Ok(self.outline.items(container).next_item().map_err(super::fault)?.is_none())
    }

    /// The objects that `copyreg` makes below protocol 2: `_reconstructor(class, base, value of the base)`; or as from
    /// protocol 2 on.
    fn reconstructed(&self, object: &Object<'o, 'b>) -> Result<Option<Plain<'o, 'b>>, Fault> {
        let mut arguments = object.arguments.clone();
        let Some(Item::Container(class, Kind::Global)) = arguments.next_item().map_err(super::fault)? else {
            return Ok(None);
        };
        let Some(class) = self.outline.global(class).map_err(super::fault)? else { return Ok(None) };
        if &*object.name == "__newobj__" {
            return self.new_object(class, arguments, object);
        }
        if &*object.name != "_reconstructor" {
            return Ok(None);
        }
        let (base, value) =
            (arguments.next_item().map_err(super::fault)?, arguments.next_item().map_err(super::fault)?);
        let (Some(Item::Container(base, Kind::Global)), Some(value)) = (base, value) else { return Ok(None) };
        let base = self.outline.global(base).map_err(super::fault)?;
        let Some((_, base)) = base.filter(|(module, _)| matches!(&**module, "builtins" | "__builtin__")) else {
            return Ok(None);
        };
        if base == "object" {
            if class.0 == "uuid" && class.1 == "UUID" {
                let text = match self.state(object)? {
                    Some(Item::Container(state, Kind::Dict)) => self.uuid_of(state)?,
                    _ => None,
                };
                return Ok(text.map(|text| Plain { class, how: TEXT, meaning: Meaning::Text(text) }));
            }
            return self.by_state(class, object);
        }
        if !self.is_empty_state(object)? || !matches!(object.added, Added::Nothing) {
            return Ok(None);
        }
        let (meaning, how) = match value {
            Item::Container(items, Kind::Dict) => (Meaning::Entries(Some(self.outline.items(items)), None), MAP),
            Item::Container(items, Kind::List) => {
                (Meaning::Elements(Some(self.outline.items(items)), false), "as a list")
            }
            Item::Container(items, Kind::Tuple) => (Meaning::Elements(Some(self.outline.items(items)), true), PLACES),
            Item::EmptyTuple => (Meaning::Elements(None, true), PLACES),
            value if is_scalar(&value) => (Meaning::Item(value), VALUE),
            _ => return Ok(None),
        };
        Ok(Some(Plain { class, how, meaning }))
    }

    /// An object that was made new, without a call of its class.
    fn new_object(
        &self,
        class: QualifiedName<'b>,
        arguments: Items<'o, 'b>,
        object: &Object<'o, 'b>,
    ) -> Result<Option<Plain<'o, 'b>>, Fault> {
        let top = class.0.split('.').next().unwrap_or_default();
        if OPAQUE.contains(&top) {
            return Ok(None);
        }
        let mut rest = arguments.clone();
        let first = rest.next_item().map_err(super::fault)?;
        let is_single = first.is_some() && rest.next_item().map_err(super::fault)?.is_none();
        let (meaning, how) = match (first, &object.added) {
            (None, Added::Nothing) => return self.by_state(class, object),
            _ if !self.is_empty_state(object)? => return Ok(None),
            (None, Added::Entries(entries)) => (Meaning::Entries(Some(entries.clone()), None), MAP),
            (None, Added::Elements(elements)) => (Meaning::Elements(Some(elements.clone()), false), "as a list"),
            // Of a str, an int: that it is a tuple of one field cannot be told.
            (Some(value), Added::Nothing) if is_single && is_scalar(&value) => (Meaning::Item(value), VALUE),
            (Some(_), Added::Nothing) => (Meaning::Elements(Some(arguments), true), PLACES),
            _ => return Ok(None),
        };
        Ok(Some(Plain { class, how, meaning }))
    }

    /// An object that is all in its state: a dict of attributes, slots beside it, or a list of a dataclass's fields.
    fn by_state(&self, class: QualifiedName<'b>, object: &Object<'o, 'b>) -> Result<Option<Plain<'o, 'b>>, Fault> {
        let entries = |place: Place| self.outline.items(place);
        // The list or tuple of a class of the standard library is internal, and seldom data.
        let is_own = !is_of_standard_library(&class.0);
        let (meaning, how) = match self.state(object)? {
            None => (Meaning::Entries(None, None), ATTRIBUTES),
            Some(Item::Container(dict, Kind::Dict)) => {
                (Meaning::Entries(Some(entries(self.fields_of_model(dict)?.unwrap_or(dict))), None), ATTRIBUTES)
            }
            Some(Item::Container(fields, Kind::List)) if is_own => {
                (Meaning::Elements(Some(entries(fields)), true), PLACES)
            }
            Some(Item::Container(pair, Kind::Tuple)) => {
                let mut parts = self.outline.items(pair);
                let mut next = || parts.next_item().map_err(super::fault);
                match (next()?, next()?, next()?) {
                    (Some(Item::None), Some(Item::Container(slots, Kind::Dict)), None) => {
                        (Meaning::Entries(Some(entries(slots)), None), ATTRIBUTES)
                    }
                    (Some(Item::Container(dict, Kind::Dict)), Some(Item::Container(slots, Kind::Dict)), None) => {
                        (Meaning::Entries(Some(entries(dict)), Some(entries(slots))), ATTRIBUTES)
                    }
                    _ if is_own => (Meaning::Elements(Some(entries(pair)), true), PLACES),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Plain { class, how, meaning }))
    }

    /// The attributes of a pydantic model, which has them within its state and more besides.
    fn fields_of_model(&self, state: Place) -> Result<Option<Place>, Fault> {
        let mut entries = self.outline.items(state);
        let mut next = || entries.next_item().map_err(super::fault);
        let (Some(Item::Text(first)), Some(Item::Container(fields, Kind::Dict)), Some(Item::Text(second))) =
            (next()?, next()?, next()?)
        else {
            return Ok(None);
        };
        Ok((first == "__dict__" && second.starts_with("__pydantic")).then_some(fields))
    }

    /// A user's own class that is called.
    fn called(&self, object: &Object<'o, 'b>) -> Result<Option<Plain<'o, 'b>>, Fault> {
        if !is_class(&object.module, &object.name) {
            return Ok(None);
        }
        let class = (object.module.clone(), object.name.clone());
        let Some(arguments) = self.arguments(object)? else { return Ok(None) };
        let (meaning, how) = match (arguments.as_slice(), &object.added) {
            ([], Added::Nothing) => return self.by_state(class, object),
            _ if !self.is_empty_state(object)? => return Ok(None),
            // Subclasses of OrderedDict, and of defaultdict with what makes its defaults.
            ([] | [Item::Container(_, Kind::Global)], Added::Entries(entries)) => {
                (Meaning::Entries(Some(entries.clone()), None), MAP)
            }
            ([] | [Item::EmptyTuple], Added::Elements(elements)) => {
                (Meaning::Elements(Some(elements.clone()), false), "as a list")
            }
            ([value], Added::Nothing) if is_scalar(value) => (Meaning::Item(value.clone()), ENUM),
            // Subclasses of Counter and of set.
            ([Item::Container(dict, Kind::Dict)], Added::Nothing) => {
                (Meaning::Entries(Some(self.outline.items(*dict)), None), MAP)
            }
            ([Item::Container(list, Kind::List)], Added::Nothing) => {
                (Meaning::Elements(Some(self.outline.items(*list)), false), "as a list")
            }
            ([Item::Container(tuple, Kind::Tuple)], Added::Nothing) => {
                (Meaning::Elements(Some(self.outline.items(*tuple)), true), ENUM)
            }
            _ => return Ok(None),
        };
        Ok(Some(Plain { class, how, meaning }))
    }
}

/// Whether a name can be taken for a class that is not of the standard library: functions have no capital letter.
fn is_class(module: &str, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).trim_start_matches('_');
    last.starts_with(char::is_uppercase) && !is_of_standard_library(module)
}

fn is_scalar(item: &Item<'_>) -> bool {
    !matches!(item, Item::Container(..) | Item::EmptyTuple)
}

/// The bytes that a date is packed into. Python 2 pickled them as text.
fn packed_bytes<'a>(item: &'a Item<'_>) -> Option<std::borrow::Cow<'a, [u8]>> {
    match item {
        Item::Bytes(bytes) => Some(bytes.as_ref().into()),
        Item::Text(text) => Some(text.as_bytes().into()),
        _ => None,
    }
}

/// A path of its parts, of which the first may be a root.
fn path(class: &str, parts: &[Item<'_>]) -> Option<String> {
    let separator = match class {
        "PosixPath" | "PurePosixPath" | "Path" => '/',
        "WindowsPath" | "PureWindowsPath" => '\\',
        _ => return None,
    };
    let mut path = String::new();
    for part in parts {
        let Item::Text(part) = part else { return None };
        if !path.is_empty() && !path.ends_with(separator) {
            path.push(separator);
        }
        path.push_str(part);
    }
    Some(if path.is_empty() { ".".to_owned() } else { path })
}
