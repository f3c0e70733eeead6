//! The parts of containers: items of a list, entries of a dict, places of a tuple, and what a variant holds.

use super::Serializer;
use crate::opcode::*;
use crate::write::batch::Batch;
use crate::write::{PickleOf, WriteError};
use serde::ser::{self, Serialize};

/// A list.
#[derive(Debug)]
pub struct Items<'a> {
    pub(super) serializer: &'a mut Serializer,
    pub(super) batch: Batch,
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = WriteError;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        self.batch.begin(&mut self.serializer.writer);
        value.serialize(&mut *self.serializer)?;
        self.batch.end(&mut self.serializer.writer, APPEND, APPENDS);
        Ok(())
    }

    fn end(self) -> Result<(), WriteError> {
        self.batch.finish(&mut self.serializer.writer, APPEND, APPENDS);
        Ok(())
    }
}

/// A dict.
#[derive(Debug)]
pub struct Entries<'a> {
    pub(super) serializer: &'a mut Serializer,
    pub(super) batch: Batch,
}

impl Entries<'_> {
    fn finish(mut self) -> Result<(), WriteError> {
        // CPython only finds out that there are no more when it has begun the next batch.
        let empty = self.batch.after_full && self.batch.open == 0;
        if empty && self.serializer.writer.of == PickleOf::V3_14 {
            self.batch.begin(&mut self.serializer.writer);
            self.serializer.writer.op(SETITEMS);
        }
        self.batch.finish(&mut self.serializer.writer, SETITEM, SETITEMS);
        Ok(())
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), WriteError> {
        self.batch.begin(&mut self.serializer.writer);
        self.serializer.name(name)?;
        value.serialize(&mut *self.serializer)?;
        self.batch.end(&mut self.serializer.writer, SETITEM, SETITEMS);
        Ok(())
    }
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = WriteError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), WriteError> {
        self.batch.begin(&mut self.serializer.writer);
        self.serializer.at_key = true;
        key.serialize(&mut *self.serializer)?;
        self.serializer.at_key = false;
        Ok(())
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        value.serialize(&mut *self.serializer)?;
        self.batch.end(&mut self.serializer.writer, SETITEM, SETITEMS);
        Ok(())
    }

    fn end(self) -> Result<(), WriteError> {
        self.finish()
    }
}

/// A tuple.
#[derive(Debug)]
pub struct Tuple<'a> {
    pub(super) serializer: &'a mut Serializer,
    pub(super) length: usize,
}

impl Tuple<'_> {
    fn finish(self) -> Result<(), WriteError> {
        let writer = &mut self.serializer.writer;
        if self.length == 0 {
            writer.empty_tuple();
            return Ok(());
        }
        writer.end_tuple(self.length);
        writer.memoize().map(drop)
    }
}

macro_rules! parts {
    ($($part:ident for $type:ident::$method:ident;)*) => {
        $(impl ser::$part for $type<'_> {
            type Ok = ();
            type Error = WriteError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
                value.serialize(&mut *self.serializer)
            }

            fn end(self) -> Result<(), WriteError> {
                self.finish()
            }
        })*
    };
    (named: $($part:ident)*) => {
        $(impl ser::$part for Entries<'_> {
            type Ok = ();
            type Error = WriteError;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), WriteError> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), WriteError> {
                self.finish()
            }
        })*
    };
}

parts! {
    SerializeTuple for Tuple::serialize_element;
    SerializeTupleStruct for Tuple::serialize_field;
}
parts!(named: SerializeStruct);

/// What a variant holds, in a dict of its own under the name of the variant.
#[derive(Debug)]
pub struct Tagged<P>(pub(super) P);

impl ser::SerializeTupleVariant for Tagged<Tuple<'_>> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        ser::SerializeTuple::serialize_element(&mut self.0, value)
    }

    fn end(self) -> Result<(), WriteError> {
        let Tuple { serializer, length } = self.0;
        Tuple { serializer: &mut *serializer, length }.finish()?;
        serializer.end_tag();
        Ok(())
    }
}

impl ser::SerializeStructVariant for Tagged<Entries<'_>> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), WriteError> {
        self.0.field(name, value)
    }

    fn end(self) -> Result<(), WriteError> {
        let Entries { serializer, batch } = self.0;
        Entries { serializer: &mut *serializer, batch }.finish()?;
        serializer.end_tag();
        Ok(())
    }
}
