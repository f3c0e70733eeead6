//! How wide numbers are held.

use super::schema::Schema;

/// `--floats`: how wide floats are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FloatWidth {
    /// As the document states; those of text are `f64`.
    #[default]
    Infer,
    /// `f32` where every one of a column is the shortest form of one, else `f64`.
    Narrow,
    /// All as `f32`, whatever they lose.
    F32,
    /// All as `f64`.
    F64,
}

/// `--ints`: how wide integers are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the widths speak for themselves")]
pub enum IntWidth {
    /// As narrow as the column allows.
    #[default]
    Infer,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl IntWidth {
    /// The width that an integer type has; [`IntWidth::Infer`] for other types.
    pub(crate) fn of(schema: &Schema) -> IntWidth {
        match schema {
            Schema::I8 => IntWidth::I8,
            Schema::I16 => IntWidth::I16,
            Schema::I32 => IntWidth::I32,
            Schema::I64 => IntWidth::I64,
            Schema::U8 => IntWidth::U8,
            Schema::U16 => IntWidth::U16,
            Schema::U32 => IntWidth::U32,
            Schema::U64 => IntWidth::U64,
            _ => IntWidth::Infer,
        }
    }

    /// The type asked for, its least and its greatest value; none if it is to be inferred.
    pub(crate) fn range(self) -> Option<(Schema, i128, i128)> {
        Some(match self {
            IntWidth::Infer => return None,
            IntWidth::I8 => (Schema::I8, i8::MIN.into(), i8::MAX.into()),
            IntWidth::I16 => (Schema::I16, i16::MIN.into(), i16::MAX.into()),
            IntWidth::I32 => (Schema::I32, i32::MIN.into(), i32::MAX.into()),
            IntWidth::I64 => (Schema::I64, i64::MIN.into(), i64::MAX.into()),
            IntWidth::U8 => (Schema::U8, 0, u8::MAX.into()),
            IntWidth::U16 => (Schema::U16, 0, u16::MAX.into()),
            IntWidth::U32 => (Schema::U32, 0, u32::MAX.into()),
            IntWidth::U64 => (Schema::U64, 0, u64::MAX.into()),
        })
    }
}
