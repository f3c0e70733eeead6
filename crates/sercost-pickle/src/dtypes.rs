//! The types of elements of arrays and tensors, by all the names that they have.

/// One type of elements.
struct Dtype {
    /// As NumPy and torch call it.
    name: &'static str,
    bytes: u64,
    /// The word that NumPy pickles it by, without its byte order.
    numpy: &'static str,
    /// The class of torch's storages.
    torch: &'static str,
    safetensors: &'static str,
}

const fn row(
    name: &'static str,
    bytes: u64,
    numpy: &'static str,
    torch: &'static str,
    safetensors: &'static str,
) -> Dtype {
    Dtype { name, bytes, numpy, torch, safetensors }
}

/// The name of elements that are not known to be more than bytes.
pub(crate) const UNTYPED: &str = "bytes";

const DTYPES: &[Dtype] = &[
    row("float64", 8, "f8", "DoubleStorage", "F64"),
    row("float32", 4, "f4", "FloatStorage", "F32"),
    row("float16", 2, "f2", "HalfStorage", "F16"),
    row("bfloat16", 2, "", "BFloat16Storage", "BF16"),
    row("float96", 12, "f12", "", ""),
    row("float128", 16, "f16", "", ""),
    row("int64", 8, "i8", "LongStorage", "I64"),
    row("int32", 4, "i4", "IntStorage", "I32"),
    row("int16", 2, "i2", "ShortStorage", "I16"),
    row("int8", 1, "i1", "CharStorage", "I8"),
    row("uint64", 8, "u8", "", "U64"),
    row("uint32", 4, "u4", "", "U32"),
    row("uint16", 2, "u2", "", "U16"),
    row("uint8", 1, "u1", "ByteStorage", "U8"),
    row("bool", 1, "b1", "BoolStorage", "BOOL"),
    row("complex32", 4, "", "", ""),
    row("complex64", 8, "c8", "ComplexFloatStorage", "C64"),
    row("complex128", 16, "c16", "ComplexDoubleStorage", ""),
    row("complex192", 24, "c24", "", ""),
    row("complex256", 32, "c32", "", ""),
    row("datetime64", 8, "M8", "", ""),
    row("timedelta64", 8, "m8", "", ""),
    row("qint8", 1, "", "QInt8Storage", ""),
    row("quint8", 1, "", "QUInt8Storage", ""),
    row("qint32", 4, "", "QInt32Storage", ""),
    row(UNTYPED, 1, "", "UntypedStorage", ""),
];

/// The name of a type by NumPy's word for it: `f8` is `float64`. Another word stays as it is.
pub(crate) fn of_numpy(word: &str) -> &str {
    if word.starts_with('O') {
        return "object";
    }
    DTYPES.iter().find(|dtype| !word.is_empty() && dtype.numpy == word).map_or(word, |dtype| dtype.name)
}

/// The name of a type by the dotted name of a class of torch's storages.
pub(crate) fn of_torch(class: &str) -> Option<&'static str> {
    let (_, class) = class.rsplit_once('.')?;
    DTYPES.iter().find(|dtype| !class.is_empty() && dtype.torch == class).map(|dtype| dtype.name)
}

/// The name of a type by safetensors' word for it: `F32` is `float32`.
pub(crate) fn of_safetensors(word: &str) -> Option<&'static str> {
    DTYPES.iter().find(|dtype| !word.is_empty() && dtype.safetensors == word).map(|dtype| dtype.name)
}

/// The bytes of an element, where it is whole bytes.
pub(crate) fn bytes_of(name: &str) -> Option<u64> {
    if name.starts_with("float8_") {
        return Some(1);
    }
    DTYPES.iter().find(|dtype| dtype.name == name).map(|dtype| dtype.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_one_name_whoever_wrote_it() {
        for (numpy, torch, safetensors, name) in [
            ("f8", "torch.DoubleStorage", "F64", "float64"),
            ("i2", "torch.ShortStorage", "I16", "int16"),
            ("b1", "torch.BoolStorage", "BOOL", "bool"),
        ] {
            assert_eq!(of_numpy(numpy), name);
            assert_eq!(of_torch(torch), Some(name));
            assert_eq!(of_safetensors(safetensors), Some(name));
        }
        assert_eq!((of_numpy("O8"), of_numpy("V12"), of_numpy("")), ("object", "V12", ""));
        assert_eq!((of_torch("torch."), of_torch("mine"), of_safetensors("")), (None, None, None));
        assert_eq!((bytes_of("float8_e5m2"), bytes_of("complex128"), bytes_of("")), (Some(1), Some(16), None));
    }
}
