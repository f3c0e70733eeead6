//! Arrays of numpy and of `array.array`: their shape, their element type, and their bytes.
//!
//! The layouts are those of numpy's `ndarray.__reduce_ex__` and `dtype.__reduce__` (the same from numpy 1.0 to 2.x, but for
//! the names of modules) and of CPython's `array.__reduce_ex__`.

use super::super::IntWidth;
use super::super::binary::half;
use crate::payload::source::Fault;
use sercost_pickle::plain::{Item, Items, Kind, Number, Object, Outline, Place};
use std::borrow::Cow;
use std::rc::Rc;

/// Records may lie in records this deep.
const MOST_NESTED: usize = 8;
/// More elements than bytes, as there are in arrays of nothing, are refused from here on.
const MOST_OF_NOTHING: usize = 1 << 20;

/// An array.
#[derive(Debug)]
pub(super) struct Array<'b> {
    bytes: Cow<'b, [u8]>,
    pub shape: Vec<usize>,
    /// The bytes from one element of a dimension to the next.
    pub strides: Vec<usize>,
    pub element: Rc<Element>,
}

/// The type of an array's elements.
#[derive(Debug)]
pub(super) enum Element {
    Bool,
    /// Of so many bytes, 1 to 8.
    Int {
        size: usize,
        signed: bool,
        big_endian: bool,
    },
    /// Of 2, 4 or 8 bytes.
    Float {
        size: usize,
        big_endian: bool,
    },
    /// Bytes of that length, without the zeros at their end.
    Bytes(usize),
    /// So many UTF-32 characters, likewise.
    Text {
        chars: usize,
        big_endian: bool,
    },
    /// Fields: name, offset, type.
    Record(Vec<(String, usize, Rc<Element>)>),
}

/// One element that is not a record.
#[derive(Debug)]
pub(super) enum Scalar {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Single(f32),
    Double(f64),
    Bytes(Vec<u8>),
    /// `None` where it is not text.
    Text(Option<String>),
}

/// The contents that an array was found to have.
pub(super) enum Read<'b> {
    Array(Array<'b>),
    /// A list that holds its elements as Python objects.
    Items(Place),
}

/// The array that an object is; none if it is something else.
pub(super) fn read<'b>(outline: &Outline<'b>, place: Place) -> Result<Option<Read<'b>>, Fault> {
    let Some(object) = outline.object(place).map_err(super::fault)? else { return Ok(None) };
    let reader = Reader { outline, at: outline.offset(place) };
    match (&*object.module, &*object.name) {
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => reader.reconstructed(&object),
        ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => reader.of_buffer(&object).map(Some),
        ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => reader.scalar(&object).map(Some),
        ("array", "_array_reconstructor") => reader.of_machine_format(&object).map(Some),
        ("array", "array") => match reader.arguments(&object.arguments)?.as_slice() {
            [Item::Text(_), Item::Container(items, Kind::List)] => Ok(Some(Read::Items(*items))),
            _ => Err(reader.odd("an array.array is not made of a type code and a list")),
        },
        _ => Ok(None),
    }
}

struct Reader<'o, 'b> {
    outline: &'o Outline<'b>,
    at: usize,
}

impl<'b> Reader<'_, 'b> {
    fn odd(&self, reason: &str) -> Fault {
        Fault::at(self.at, reason, "pickle its tolist()")
    }

    /// The first few items: no array is made of more than eight.
    fn arguments(&self, items: &Items<'_, 'b>) -> Result<Vec<Item<'b>>, Fault> {
        let (mut items, mut found) = (items.clone(), Vec::new());
        while let Some(item) = items.next_item().map_err(super::fault)? {
            found.push(item);
            if found.len() > 8 {
                return Err(self.odd("an array is made of more parts than arrays have"));
            }
        }
        Ok(found)
    }

    /// `_reconstruct(ndarray, (0,), b'b')` and a state: version, shape, dtype, whether in Fortran's order, bytes.
    fn reconstructed(&self, object: &Object<'_, 'b>) -> Result<Option<Read<'b>>, Fault> {
        let class = object.arguments.clone().next_item().map_err(super::fault)?;
        let Some(Item::Container(class, Kind::Global)) = class else { return Ok(None) };
        match self.outline.global(class).map_err(super::fault)? {
            Some((module, name)) if module == "numpy" && name == "ndarray" => {}
            // A subclass: a matrix, a masked array.
            _ => return Ok(None),
        }
        let state = match &object.state {
            Some(state) => state.clone().next_item().map_err(super::fault)?,
            None => None,
        };
        let Some(Item::Container(state, Kind::Tuple)) = state else {
            return Err(self.odd("a numpy array has no state"));
        };
        match self.arguments(&self.outline.items(state))?.as_slice() {
            [Item::Int(_), shape, Item::Container(dtype, Kind::Object), Item::Bool(fortran), data] => {
                let shape = self.shape(shape)?;
                if let Item::Container(items, Kind::List) = data {
                    // Of Python objects; in one dimension that is a list.
                    return match shape.len() {
                        1 => Ok(Some(Read::Items(*items))),
                        _ => Err(self.odd("a numpy array of objects has several dimensions")),
                    };
                }
                self.array(shape, *dtype, *fortran, data).map(Some)
            }
            _ => Err(self.odd("the state of a numpy array is none that numpy writes")),
        }
    }

    /// `_frombuffer(bytes, dtype, shape, order)`
    fn of_buffer(&self, object: &Object<'_, 'b>) -> Result<Read<'b>, Fault> {
        match self.arguments(&object.arguments)?.as_slice() {
            [data, Item::Container(dtype, Kind::Object), shape, Item::Text(order)] => {
                self.array(self.shape(shape)?, *dtype, order == "F", data)
            }
            _ => Err(self.odd("a numpy array is not made of bytes, type, shape and order")),
        }
    }

    /// `scalar(dtype, bytes)`
    fn scalar(&self, object: &Object<'_, 'b>) -> Result<Read<'b>, Fault> {
        match self.arguments(&object.arguments)?.as_slice() {
            [Item::Container(dtype, Kind::Object), data] => self.array(Vec::new(), *dtype, false, data),
            _ => Err(self.odd("a numpy scalar is not made of a type and bytes")),
        }
    }

    /// `_array_reconstructor(array, type code, format, bytes)`
    fn of_machine_format(&self, object: &Object<'_, 'b>) -> Result<Read<'b>, Fault> {
        let arguments = self.arguments(&object.arguments)?;
        let [_, Item::Text(_), Item::Int(Number::Int(format)), Item::Bytes(bytes)] = arguments.as_slice() else {
            return Err(self.odd("an array.array is not made of a type code, a format and bytes"));
        };
        let int = |size, signed| Element::Int { size, signed, big_endian: format % 2 == 1 };
        // The formats of Modules/arraymodule.c: from the third on, each in both byte orders.
        let (element, size) = match format {
            0 => (int(1, false), 1),
            1 => (int(1, true), 1),
            2 | 3 => (int(2, false), 2),
            4 | 5 => (int(2, true), 2),
            6 | 7 => (int(4, false), 4),
            8 | 9 => (int(4, true), 4),
            10 | 11 => (int(8, false), 8),
            12 | 13 => (int(8, true), 8),
            14 | 15 => (Element::Float { size: 4, big_endian: format % 2 == 1 }, 4),
            16 | 17 => (Element::Float { size: 8, big_endian: format % 2 == 1 }, 8),
            20 | 21 => (Element::Text { chars: 1, big_endian: format % 2 == 1 }, 4),
            _ => return Err(self.odd("an array.array has a format that this machine's Python would not write")),
        };
        if bytes.len() % size != 0 {
            return Err(self.odd("the bytes of an array.array end within an element"));
        }
        let shape = vec![bytes.len() / size];
        Ok(Read::Array(Array { bytes: bytes.clone(), shape, strides: vec![size], element: Rc::new(element) }))
    }

    fn shape(&self, shape: &Item<'b>) -> Result<Vec<usize>, Fault> {
        let sizes = match shape {
            Item::EmptyTuple => return Ok(Vec::new()),
            Item::Int(_) => vec![shape.clone()],
            // numpy has at most 64 dimensions.
            Item::Container(tuple, Kind::Tuple) => {
                let mut items = self.outline.items(*tuple);
                let mut sizes = Vec::new();
                while let Some(size) = items.next_item().map_err(super::fault)? {
                    sizes.push(size);
                    if sizes.len() > 64 {
                        return Err(self.odd("a numpy array has more than 64 dimensions"));
                    }
                }
                sizes
            }
            _ => return Err(self.odd("the shape of a numpy array is not a tuple")),
        };
        let size = |item: &Item<'b>| match item {
            Item::Int(Number::Int(size)) => usize::try_from(*size).ok(),
            _ => None,
        };
        sizes
            .iter()
            .map(size)
            .collect::<Option<_>>()
            .ok_or_else(|| self.odd("a dimension of a numpy array is not a valid size"))
    }

    fn array(&self, shape: Vec<usize>, dtype: Place, fortran: bool, data: &Item<'b>) -> Result<Read<'b>, Fault> {
        let Item::Bytes(bytes) = data else {
            let what = match data {
                Item::Container(place, _) => self.outline.describe(*place),
                _ => "something else".to_owned(),
            };
            return Err(Fault::at(self.at, format!("the data of a numpy array is {what}"), "pickle it in band"));
        };
        let (element, size) = self.element(dtype, 0)?;
        let product = |sizes: &[usize]| sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        let expected = product(&shape).and_then(|count| count.checked_mul(size));
        if expected != Some(bytes.len()) {
            return Err(self.odd("a numpy array has not as many bytes as its shape needs"));
        }
        // A dimension of 0, or elements of no bytes, would let the others be as large as they like.
        let filled = shape.iter().position(|&size| size == 0).unwrap_or(shape.len());
        if product(&shape[..filled]).is_none_or(|count| count > bytes.len().max(MOST_OF_NOTHING)) {
            return Err(self.odd("a numpy array has a shape of more elements than it has bytes"));
        }
        let mut strides = vec![size; shape.len()];
        let mut stride = size;
        let order: Box<dyn Iterator<Item = usize>> =
            if fortran { Box::new(0..shape.len()) } else { Box::new((0..shape.len()).rev()) };
        for axis in order {
            strides[axis] = stride;
            // Cannot overflow: the product of all was taken above, unless a size is 0, and then no stride is used.
            stride = stride.saturating_mul(shape[axis]);
        }
        Ok(Read::Array(Array { bytes: bytes.clone(), shape, strides, element: Rc::new(element) }))
    }

    /// The type that a `numpy.dtype` is, and the bytes that an element takes.
    fn element(&self, dtype: Place, depth: usize) -> Result<(Element, usize), Fault> {
        let object = self.outline.object(dtype).map_err(super::fault)?;
        let Some(object) = object.filter(|object| &*object.module == "numpy" && &*object.name == "dtype") else {
            return Err(self.odd("the type of a numpy array is not a numpy.dtype"));
        };
        let Some(Item::Text(code)) = object.arguments.clone().next_item().map_err(super::fault)? else {
            return Err(self.odd("a numpy.dtype has no code"));
        };
        // Version, byte order, sub-array, names, fields, item size, alignment, flags, and the unit of dates.
        let state = match &object.state {
            Some(state) => state.clone().next_item().map_err(super::fault)?,
            None => None,
        };
        let parts = match state {
            Some(Item::Container(state, Kind::Tuple)) => {
                let mut items = self.outline.items(state);
                let mut parts = Vec::new();
                while let Some(part) = items.next_item().map_err(super::fault)?.filter(|_| parts.len() < 10) {
                    parts.push(part);
                }
                parts
            }
            _ => Vec::new(),
        };
        let big_endian = matches!(parts.get(1), Some(Item::Text(order)) if order == ">");
        let unknown = || {
            let reason = format!("a numpy array of type {code:?} has no counterpart among sercost's types");
            Fault::at(self.at, reason, "pickle its tolist(), or its astype() of a number")
        };
        if let (Some(Item::Container(names, Kind::Tuple)), Some(Item::Container(fields, Kind::Dict))) =
            (parts.get(3), parts.get(4))
        {
            let Some(Item::Int(Number::Int(size))) = parts.get(5) else { return Err(unknown()) };
            let size = usize::try_from(*size).map_err(|_| unknown())?;
            return Ok((self.record(*names, *fields, size, depth)?, size));
        }
        let size = code.get(1..).and_then(|size| size.parse::<usize>().ok());
        let element = match (code.chars().next(), size) {
            (Some('b'), Some(1)) => Element::Bool,
            (Some('i'), Some(size @ (1 | 2 | 4 | 8))) => Element::Int { size, signed: true, big_endian },
            (Some('u'), Some(size @ (1 | 2 | 4 | 8))) => Element::Int { size, signed: false, big_endian },
            (Some('f'), Some(size @ (2 | 4 | 8))) => Element::Float { size, big_endian },
            (Some('S'), Some(size)) => Element::Bytes(size),
            (Some('U'), Some(chars)) if chars < usize::MAX / 4 => {
                return Ok((Element::Text { chars, big_endian }, chars * 4));
            }
            _ => return Err(unknown()),
        };
        Ok((element, size.unwrap_or(0)))
    }

    fn record(&self, names: Place, fields: Place, size: usize, depth: usize) -> Result<Element, Fault> {
        if depth == MOST_NESTED {
            return Err(self.odd("the records of a numpy array are nested too deep"));
        }
        let (mut names, mut record) = (self.outline.items(names), Vec::new());
        let mut known = std::collections::HashMap::new();
        let mut entries = self.outline.items(fields);
        while let (Some(name), Some(field)) =
            (entries.next_item().map_err(super::fault)?, entries.next_item().map_err(super::fault)?)
        {
            if let (Item::Text(name), Item::Container(field, Kind::Tuple)) = (name, field) {
                known.insert(name, field);
            }
        }
        while let Some(Item::Text(name)) = names.next_item().map_err(super::fault)? {
            let field =
                known.get(&name).ok_or_else(|| self.odd("a record of a numpy array lacks one of its fields"))?;
            let parts = self.arguments(&self.outline.items(*field))?;
            let [Item::Container(dtype, Kind::Object), Item::Int(Number::Int(offset)), ..] = parts.as_slice() else {
                return Err(self.odd("a field of a numpy array has no type and offset"));
            };
            let (element, length) = self.element(*dtype, depth + 1)?;
            let offset = usize::try_from(*offset).ok();
            let offset = offset.filter(|offset| offset.checked_add(length).is_some_and(|end| end <= size));
            let offset = offset.ok_or_else(|| self.odd("a field of a numpy array lies outside of its record"))?;
            record.push((name.into_owned(), offset, Rc::new(element)));
        }
        Ok(Element::Record(record))
    }
}

impl Element {
    /// The width of its integers; none for anything else.
    pub(super) fn stated_int(&self) -> Option<IntWidth> {
        let Element::Int { size, signed, .. } = *self else { return None };
        Some(match (size, signed) {
            (1, true) => IntWidth::I8,
            (2, true) => IntWidth::I16,
            (4, true) => IntWidth::I32,
            (1, false) => IntWidth::U8,
            (2, false) => IntWidth::U16,
            (4, false) => IntWidth::U32,
            (_, true) => IntWidth::I64,
            (_, false) => IntWidth::U64,
        })
    }
}

impl Array<'_> {
    /// The element of a type that begins at an offset; the shape was held against the number of bytes.
    pub(super) fn scalar(&self, element: &Element, offset: usize) -> Scalar {
        match *element {
            Element::Bool => Scalar::Bool(self.bytes[offset] != 0),
            Element::Int { size, signed: false, big_endian } => Scalar::UInt(self.bits(offset, size, big_endian)),
            Element::Int { size, signed: true, big_endian } => {
                let unused = 64 - 8 * size as u32;
                Scalar::Int((self.bits(offset, size, big_endian) << unused) as i64 >> unused)
            }
            Element::Float { size, big_endian } => {
                let bits = self.bits(offset, size, big_endian);
                match size {
                    2 => Scalar::Single(half(bits as u16)),
                    4 => Scalar::Single(f32::from_bits(bits as u32)),
                    _ => Scalar::Double(f64::from_bits(bits)),
                }
            }
            Element::Bytes(length) => {
                let bytes = &self.bytes[offset..offset + length];
                let used = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                Scalar::Bytes(bytes[..used].to_vec())
            }
            Element::Text { chars, big_endian } => {
                let codes: Vec<u32> = (0..chars).map(|at| self.bits(offset + at * 4, 4, big_endian) as u32).collect();
                let used = codes.iter().rposition(|&code| code != 0).map_or(0, |last| last + 1);
                Scalar::Text(codes[..used].iter().map(|&code| char::from_u32(code)).collect())
            }
            Element::Record(_) => Scalar::Bytes(Vec::new()),
        }
    }

    fn bits(&self, offset: usize, size: usize, big_endian: bool) -> u64 {
        let bytes = &self.bytes[offset..offset + size];
        let join = |value, &byte: &u8| value << 8 | u64::from(byte);
        if big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }
}
