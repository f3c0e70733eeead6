//! The names that make a value of their arguments and do nothing else, and those of the program that loads a pickle.
//!
//! A list of what is known to be harmless is safer than one of what is known to be dangerous: a name that was not
//! thought of is not on it. A name is here if no arguments make it import, run, open or send anything, nor call an
//! argument that is not itself imported by name. That is why `functools.partial`, `operator.attrgetter`,
//! `builtins.getattr`, `builtins.type`, `builtins.map`, `numpy.memmap` (opens files), `numpy.core._ufunc_reconstruct`
//! (imports), `torch.storage._load_from_bytes` (unpickles) and cloudpickle's functions are not.

use crate::model::Trust;

/// How far a name can be relied on by itself.
pub(super) fn trust(module: &str, name: &str) -> Trust {
    let is_harmless = HARMLESS.iter().any(|(modules, names)| {
        modules.split(' ').any(|known| known == module) && names.split_whitespace().any(|known| known == name)
    });
    // A path with points leads anywhere: `__main__` has what it has imported.
    let is_plain = !name.contains('.') && !name.starts_with("__");
    match module {
        _ if is_harmless => Trust::Harmless,
        "__main__" | "__mp_main__" if is_plain => Trust::Own,
        _ => Trust::Other,
    }
}

/// Modules that have the same names, and these names, divided by blanks.
const HARMLESS: &[(&str, &str)] = &[
    (
        "builtins __builtin__",
        "bool bytearray bytes complex dict enumerate float frozenset int list long object range reversed set slice str tuple
         unicode xrange zip Ellipsis NotImplemented",
    ),
    (
        "builtins exceptions",
        "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
         BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
         ConnectionResetError DeprecationWarning EOFError EncodingWarning EnvironmentError Exception ExceptionGroup
         FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning
         IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
         ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PendingDeprecationWarning
         PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
         StandardError StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError
         TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning
         UserWarning ValueError Warning ZeroDivisionError",
    ),
    ("collections", "ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque"),
    ("datetime", "date datetime time timedelta timezone"),
    ("zoneinfo", "ZoneInfo ZoneInfo._unpickle"),
    ("pytz", "_UTC _p"),
    ("decimal _decimal", "Context Decimal"),
    ("fractions", "Fraction"),
    ("uuid", "SafeUUID UUID"),
    ("ipaddress", "IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network"),
    (
        "pathlib pathlib._local",
        "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    ),
    ("types", "SimpleNamespace"),
    ("argparse", "Namespace"),
    ("array", "_array_reconstructor array"),
    ("copyreg copy_reg", "__newobj__ __newobj_ex__ _reconstructor"),
    ("_codecs", "encode"),
    ("random", "Random"),
    ("numpy.core.multiarray numpy._core.multiarray", "_reconstruct scalar"),
    ("numpy.core.numeric numpy._core.numeric", "_frombuffer"),
    ("numpy.ma.core numpy.ma", "MaskedArray _mareconstruct"),
    ("numpy.core.records numpy._core.records numpy.rec", "recarray record"),
    ("numpy.matrixlib.defmatrix numpy", "matrix"),
    (
        "numpy.random._pickle",
        "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    ),
    ("numpy.random._mt19937", "MT19937"),
    ("numpy.random._pcg64", "PCG64 PCG64DXSM"),
    ("numpy.random._philox", "Philox"),
    ("numpy.random._sfc64", "SFC64"),
    (
        "numpy",
        "bool bool_ bytes_ clongdouble complex128 complex256 complex64 datetime64 dtype float128 float16 float32 float64 int16
         int32 int64 int8 longdouble longlong ndarray object_ recarray record str_ timedelta64 uint16 uint32 uint64 uint8
         ulonglong void",
    ),
    (
        "numpy.dtypes",
        "BoolDType BytesDType Complex128DType Complex64DType DateTime64DType Float16DType Float32DType Float64DType Int16DType
         Int32DType Int64DType Int8DType ObjectDType StrDType StringDType TimeDelta64DType UInt16DType UInt32DType UInt64DType
         UInt8DType VoidDType",
    ),
    (
        "torch",
        "BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage ComplexFloatStorage DoubleStorage FloatStorage
         HalfStorage IntStorage LongStorage QInt32Storage QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage
         Size Tensor bfloat16 bool complex128 complex32 complex64 device float16 float32 float64 float8_e4m3fn float8_e5m2 int16
         int32 int64 int8 qint32 qint8 quint8 strided uint16 uint32 uint64 uint8",
    ),
    ("torch.storage", "TypedStorage UntypedStorage _TypedStorage _UntypedStorage"),
    (
        "torch._utils",
        "_rebuild_device_tensor_from_numpy _rebuild_meta_tensor_no_storage _rebuild_nested_tensor _rebuild_parameter
         _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_csr_tensor _rebuild_sparse_tensor _rebuild_tensor
         _rebuild_tensor_v2 _rebuild_tensor_v3",
    ),
    ("torch._tensor", "_rebuild_from_type_v2"),
    ("torch.serialization", "_get_layout"),
    ("torch.nn.parameter", "Buffer Parameter"),
    ("torch.nn.modules.activation", "CELU ELU GELU GLU Hardsigmoid Hardswish Hardtanh LeakyReLU LogSoftmax Mish MultiheadAttention
         PReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softplus Tanh"),
    ("torch.nn.modules.batchnorm", "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm"),
    ("torch.nn.modules.container", "ModuleDict ModuleList ParameterDict ParameterList Sequential"),
    ("torch.nn.modules.conv", "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d"),
    ("torch.nn.modules.dropout", "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d"),
    ("torch.nn.modules.flatten", "Flatten Unflatten"),
    ("torch.nn.modules.instancenorm", "InstanceNorm1d InstanceNorm2d InstanceNorm3d"),
    ("torch.nn.modules.linear", "Bilinear Identity Linear NonDynamicallyQuantizableLinear"),
    ("torch.nn.modules.loss", "BCELoss BCEWithLogitsLoss CrossEntropyLoss HuberLoss KLDivLoss L1Loss MSELoss NLLLoss SmoothL1Loss"),
    ("torch.nn.modules.normalization", "GroupNorm LayerNorm LocalResponseNorm RMSNorm"),
    ("torch.nn.modules.padding", "ConstantPad2d ReflectionPad2d ReplicationPad2d ZeroPad2d"),
    (
        "torch.nn.modules.pooling",
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool2d AvgPool1d AvgPool2d AvgPool3d MaxPool1d
         MaxPool2d MaxPool3d",
    ),
    ("torch.nn.modules.rnn", "GRU GRUCell LSTM LSTMCell RNN RNNCell"),
    ("torch.nn.modules.sparse", "Embedding EmbeddingBag"),
    (
        "torch.nn.modules.transformer",
        "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
    ),
    ("torch.nn.modules.upsampling", "Upsample UpsamplingBilinear2d UpsamplingNearest2d"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.series", "Series"),
    ("pandas", "BooleanDtype Categorical CategoricalDtype CategoricalIndex DataFrame DatetimeIndex DatetimeTZDtype Float32Dtype
         Float64Dtype Index Int16Dtype Int32Dtype Int64Dtype Int8Dtype Interval IntervalDtype IntervalIndex MultiIndex Period
         PeriodDtype PeriodIndex RangeIndex Series StringDtype Timedelta TimedeltaIndex Timestamp UInt16Dtype UInt32Dtype
         UInt64Dtype UInt8Dtype"),
    ("pyarrow.lib", "_reconstruct_record_batch _reconstruct_table _restore_array chunked_array field py_buffer schema type_for_alias"),
    ("pandas.arrays", "ArrowExtensionArray ArrowStringArray BooleanArray Categorical DatetimeArray FloatingArray IntegerArray
         IntervalArray NumpyExtensionArray PeriodArray StringArray TimedeltaArray"),
    ("pandas.core.internals.managers", "BlockManager SingleBlockManager"),
    ("pandas._libs.internals", "BlockPlacement _unpickle_block"),
    ("pandas.core.indexes.base pandas.indexes.base", "Index _new_Index"),
    ("pandas.core.indexes.category", "CategoricalIndex"),
    ("pandas.core.indexes.datetimes", "DatetimeIndex _new_DatetimeIndex"),
    ("pandas.core.indexes.frozen", "FrozenList"),
    ("pandas.core.indexes.interval", "IntervalIndex"),
    ("pandas.core.indexes.multi", "MultiIndex"),
    ("pandas.core.indexes.numeric", "Float64Index Int64Index UInt64Index"),
    ("pandas.core.indexes.period", "PeriodIndex _new_PeriodIndex"),
    ("pandas.core.indexes.range", "RangeIndex"),
    ("pandas.core.indexes.timedeltas", "TimedeltaIndex"),
    ("pandas.core.arrays.boolean", "BooleanArray BooleanDtype"),
    ("pandas.core.arrays.categorical", "Categorical"),
    ("pandas.core.arrays.datetimes", "DatetimeArray"),
    ("pandas.core.arrays.floating", "Float32Dtype Float64Dtype FloatingArray"),
    (
        "pandas.core.arrays.integer",
        "Int16Dtype Int32Dtype Int64Dtype Int8Dtype IntegerArray UInt16Dtype UInt32Dtype UInt64Dtype UInt8Dtype",
    ),
    ("pandas.core.arrays.interval", "IntervalArray"),
    ("pandas.core.arrays.period", "PeriodArray"),
    ("pandas.core.arrays.string_", "StringArray StringDtype"),
    ("pandas.core.arrays.string_arrow", "ArrowStringArray ArrowStringArrayNumpySemantics"),
    ("pandas.core.arrays.timedeltas", "TimedeltaArray"),
    ("pandas.core.dtypes.dtypes", "CategoricalDtype DatetimeTZDtype IntervalDtype PeriodDtype"),
    ("pandas.core.flags", "Flags"),
    ("pandas._libs.arrays", "NDArrayBacked __pyx_unpickle_NDArrayBacked"),
    ("pandas._libs.missing", "NAType _NA C_NA NA"),
    ("pandas._libs.tslibs.nattype", "_nat_unpickle"),
    ("pandas._libs.tslibs.timestamps", "Timestamp _unpickle_timestamp"),
    ("pandas._libs.tslibs.timedeltas", "Timedelta _timedelta_unpickle"),
    ("pandas._libs.tslibs.period", "Period"),
    ("pandas._libs.interval", "Interval"),
    ("joblib.numpy_pickle", "NumpyArrayWrapper"),
];

/// Whether a module is one that Python comes with, or one that many have installed. Where it cannot be told which of two
/// words names a module, the one that does is meant.
pub(super) fn is_library(module: &str) -> bool {
    let first = module.split('.').next().unwrap_or_default();
    LIBRARIES.split_whitespace().any(|known| known == first)
}

/// The modules of Python 3.8 to 3.14 and some of 2.7, and packages that can be expected.
const LIBRARIES: &str =
    "__builtin__ _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess _bz2 _codecs _codecs_cn
     _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _compat_pickle
     _compression _contextvars _crypt _csv _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree
     _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof
     _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing _opcode _operator _osx_support _overlapped
     _pickle _posixshmem _posixsubprocess _py_abc _pydecimal _pyio _queue _random _scproxy _sha1 _sha256 _sha3
     _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct
     _symtable _thread _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings _weakref
     _weakrefset _winapi _zoneinfo abc aifc aiohttp antigravity argparse array ast asynchat asyncio asyncore
     atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cloudpickle cmath
     cmd code codecs codeop collections colorsys commands compileall concurrent configparser contextlib
     contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dill dis distutils
     doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib
     functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http httplib
     idlelib imaplib imghdr imp importlib inspect io ipaddress itertools joblib json keras keyword lib2to3
     linecache locale logging lzma mailbox mailcap marshal math matplotlib mimetypes mmap modulefinder msilib
     msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers numpy opcode operator optparse os
     ossaudiodev pandas pathlib pdb pickle pickletools pip pipes pkg_resources pkgutil platform plistlib poplib
     posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random
     re readline reprlib requests resource rlcompleter runpy sched scipy secrets select selectors setuptools
     shelve shlex shutil signal site sklearn smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile
     sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig
     syslog tabnanny tarfile telnetlib tempfile tensorflow termios textwrap this threading time timeit tkinter
     token tokenize tomllib torch trace traceback tracemalloc tty turtle turtledemo types typing unicodedata
     unittest urllib urllib2 urllib3 uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib
     xml xmlrpc yaml zipapp zipfile zipimport zlib zoneinfo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_harmless_by_its_module_only() {
        assert_eq!(trust("collections", "OrderedDict"), Trust::Harmless);
        assert_eq!(trust("evil", "OrderedDict"), Trust::Other);
        assert_eq!(trust("collections", "abc.sys"), Trust::Other);
        assert_eq!(trust("builtins", "eval"), Trust::Other);
        assert_eq!(trust("numpy", ""), Trust::Other);
        assert_eq!(trust("builtins __builtin__", "set"), Trust::Other);
    }

    #[test]
    fn own_names_lead_nowhere_else() {
        assert_eq!(trust("__main__", "Point"), Trust::Own);
        assert_eq!(trust("__main__", "os.system"), Trust::Other);
        assert_eq!(trust("__main__", "__builtins__"), Trust::Other);
    }
}
