//! Pickles that CPython may load: those of which every class is one of the standard library or numpy that holds data and
//! does nothing else.
//!
//! Rows of Python encode the object that a program has, and what a schema keeps of it is not always that: not which
//! values are one object, nor that a dict is an `OrderedDict`. So they load the file itself where that is safe. The reader
//! has then taken every object for plain data ([`super::class`]), and no name is looked up that is not in [`CLASSES`]:
//! in the interpreter those names that the file has, and no others, are all that its unpickler finds.

use sercost_pickle::model::Fault;
use sercost_pickle::plain::{Kind, Memory, Outline};

/// Modules, and what of them may be looked up. All that they make is data; none calls what it is given.
const CLASSES: &[(&str, &[&str])] = &[
    ("_codecs", &["encode"]),
    ("array", &["_array_reconstructor", "array"]),
    ("builtins", BUILTINS),
    ("__builtin__", BUILTINS),
    ("collections", &["Counter", "OrderedDict", "defaultdict", "deque"]),
    ("copy_reg", &["_reconstructor"]),
    ("copyreg", &["_reconstructor"]),
    ("datetime", &["date", "datetime", "time", "timedelta", "timezone"]),
    ("decimal", &["Decimal"]),
    ("fractions", &["Fraction"]),
    ("http", &["HTTPMethod", "HTTPStatus"]),
    ("ipaddress", &["IPv4Address", "IPv4Interface", "IPv4Network", "IPv6Address", "IPv6Interface", "IPv6Network"]),
    ("numpy", &["dtype", "ndarray"]),
    ("numpy._core.multiarray", &["_reconstruct", "scalar"]),
    ("numpy._core.numeric", &["_frombuffer"]),
    ("numpy.core.multiarray", &["_reconstruct", "scalar"]),
    ("numpy.core.numeric", &["_frombuffer"]),
    ("pathlib", PATHS),
    ("pathlib._local", PATHS),
    ("time", &["struct_time"]),
    ("types", &["SimpleNamespace"]),
    ("uuid", &["SafeUUID", "UUID"]),
];

const BUILTINS: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "long",
    "object",
    "range",
    "set",
    "slice",
    "str",
    "tuple",
    "unicode",
    "xrange",
];

const PATHS: &[&str] = &["PosixPath", "PurePosixPath", "PureWindowsPath"];

/// The file of a pickle, for interpreters that load it.
#[derive(Clone, Debug)]
pub struct PickleFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// The classes and functions that it names, by module and name, each once.
    pub globals: Vec<(String, String)>,
    /// The number of pickles.
    pub pickles: usize,
    /// Whether each refers to objects of those before.
    pub shared: bool,
    /// Whether there are sets in it, of which the order means nothing.
    pub unordered: bool,
}

/// The bytes that rows of Python load of a file that was read as a pickle, or the reason why they do not, in words.
pub(in crate::payload::read) fn pickle_file(bytes: &[u8]) -> Result<Result<PickleFile, String>, Fault> {
    let outline = Outline::read_stream(bytes)?;
    let Some(names) = outline.globals()? else {
        return Ok(Err("it has objects that are not known by the name of a class alone".to_owned()));
    };
    let mut globals: Vec<(String, String)> = Vec::new();
    for (module, class) in names {
        let is_known = CLASSES.iter().any(|(known, classes)| *known == module && classes.contains(&&*class));
        if !is_known {
            return Ok(Err(format!("{module}.{class} is not looked up")));
        }
        if !globals.iter().any(|(a, b)| *a == module && *b == class) {
            globals.push((module.into_owned(), class.into_owned()));
        }
    }
    let (pickles, memory) = outline.pickles();
    let is_set = |(_, name): &(String, String)| matches!(&**name, "set" | "frozenset");
    let unordered = outline.has(&[Kind::Set, Kind::FrozenSet]) || globals.iter().any(is_set);
    Ok(Ok(PickleFile { bytes: bytes.to_vec(), globals, pickles, shared: memory == Memory::Shared, unordered }))
}
