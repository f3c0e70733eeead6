//! The names that well-known classes have for the arguments and the states that they are pickled with.
//!
//! Names only: nothing here is looked up or called. A class that is not in the table is shown by places instead:
//! `(0)` for its first argument.

/// How a reduction is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// By the name of what is called.
    Callable,
    /// Under this name.
    As(&'static str),
    /// By the class that is its first argument.
    FirstArgument,
    /// By the name and the first argument, which is a word: a dtype, a builtin type.
    Word(&'static str),
    /// As an array, with the dtype among its children.
    Array,
    /// As a tensor, with the type of its storage.
    Tensor,
    /// By the attribute that is fetched: `Class.name`.
    Attribute,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Reduction {
    /// Module and name.
    pub names: &'static [&'static str],
    pub shown: Shown,
    /// The arguments of the call, in order. A `*` spreads what is there over the object itself.
    pub arguments: &'static [&'static str],
    /// The members of a state that is a tuple, in order.
    pub state: &'static [&'static str],
}

impl Reduction {
    /// Whether it makes what Python has literals for, or would have: no text among its arguments is a name.
    pub(super) fn is_of_values(&self) -> bool {
        matches!(
            self.shown,
            Shown::As("bytes, as text" | "bytearray" | "complex" | "set" | "frozenset" | "numpy scalar")
        )
    }
}

const fn row(
    names: &'static [&'static str],
    shown: Shown,
    arguments: &'static [&'static str],
    state: &'static [&'static str],
) -> Reduction {
    Reduction { names, shown, arguments, state }
}

/// `names` is what the class or function is called in each version of its package.
pub(super) const REDUCTIONS: &[Reduction] = &[
    row(&["functools.partial"], Shown::Callable, &["func"], &["func", "args", "keywords", "__dict__"]),
    row(&["builtins.getattr", "__builtin__.getattr"], Shown::Attribute, &["__self__", "__name__"], &[]),
    row(
        &["copyreg._reconstructor", "copy_reg._reconstructor"],
        Shown::FirstArgument,
        &["__class__", "__base__", "*"],
        &[],
    ),
    row(
        &["copyreg.__newobj__", "copy_reg.__newobj__", "copyreg.__newobj_ex__"],
        Shown::FirstArgument,
        &["__class__"],
        &[],
    ),
    row(&["collections.OrderedDict"], Shown::Callable, &["*"], &[]),
    row(&["collections.Counter"], Shown::Callable, &["*"], &[]),
    row(&["collections.defaultdict"], Shown::Callable, &["default_factory"], &[]),
    row(&["collections.deque"], Shown::Callable, &["*", "maxlen"], &[]),
    row(&["builtins.set", "__builtin__.set"], Shown::As("set"), &["*"], &[]),
    row(&["builtins.frozenset", "__builtin__.frozenset"], Shown::As("frozenset"), &["*"], &[]),
    row(&["builtins.bytearray", "__builtin__.bytearray"], Shown::As("bytearray"), &["data", "encoding"], &[]),
    row(&["builtins.complex", "__builtin__.complex"], Shown::As("complex"), &["real", "imag"], &[]),
    row(
        &["builtins.range", "__builtin__.xrange", "builtins.slice", "__builtin__.slice"],
        Shown::Callable,
        &["start", "stop", "step"],
        &[],
    ),
    row(&["_codecs.encode"], Shown::As("bytes, as text"), &["text", "encoding"], &[]),
    row(&["array._array_reconstructor"], Shown::As("array.array"), &["__class__", "typecode", "format", "data"], &[]),
    row(&["array.array"], Shown::Callable, &["typecode", "data"], &[]),
    row(&["datetime.datetime", "datetime.date", "datetime.time"], Shown::Callable, &["state", "tzinfo"], &[]),
    row(&["datetime.timedelta"], Shown::Callable, &["days", "seconds", "microseconds"], &[]),
    row(&["datetime.timezone"], Shown::Callable, &["offset", "name"], &[]),
    row(&["decimal.Decimal"], Shown::Callable, &["value"], &[]),
    row(
        &["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"],
        Shown::Array,
        &["__class__", "__new_shape__", "__new_kind__"],
        &["version", "shape", "dtype", "fortran_order", "data"],
    ),
    row(
        &["numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"],
        Shown::Array,
        &["data", "dtype", "shape", "order"],
        &[],
    ),
    row(
        &["numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"],
        Shown::As("numpy scalar"),
        &["dtype", "data"],
        &[],
    ),
    row(
        &["numpy.dtype"],
        Shown::Word("numpy.dtype"),
        &["name", "align", "copy"],
        &["version", "byteorder", "subdtype", "names", "fields", "itemsize", "alignment", "flags", "metadata"],
    ),
    row(&["pandas.core.indexes.base._new_Index"], Shown::FirstArgument, &["__class__", "*"], &[]),
    row(&["pandas.core.indexes.datetimes._new_DatetimeIndex"], Shown::FirstArgument, &["__class__", "*"], &[]),
    row(&["pandas.core.indexes.period._new_PeriodIndex"], Shown::FirstArgument, &["__class__", "*"], &[]),
    row(
        &["pandas._libs.internals._unpickle_block", "pandas.core.internals.blocks.new_block"],
        Shown::As("pandas block"),
        &["values", "placement", "ndim"],
        &[],
    ),
    row(
        &["pandas.core.internals.managers.BlockManager", "pandas.core.internals.managers.SingleBlockManager"],
        Shown::Callable,
        &["blocks", "axes"],
        &["axes", "blocks", "items"],
    ),
    row(&["pyarrow.lib._reconstruct_table"], Shown::As("pyarrow.Table"), &["arrays", "schema"], &[]),
    row(&["pyarrow.lib._reconstruct_record_batch"], Shown::As("pyarrow.RecordBatch"), &["arrays", "schema"], &[]),
    row(&["pyarrow.lib.schema"], Shown::As("pyarrow.Schema"), &["fields", "metadata"], &[]),
    row(&["pyarrow.lib.field"], Shown::As("pyarrow.Field"), &["name", "type", "nullable", "metadata"], &[]),
    row(&["pyarrow.lib.chunked_array"], Shown::As("pyarrow.ChunkedArray"), &["chunks", "type"], &[]),
    row(
        &["pyarrow.lib._restore_array"],
        Shown::As("pyarrow.Array"),
        &["*"],
        &["type", "length", "null_count", "offset", "buffers", "children", "dictionary"],
    ),
    row(&["pyarrow.lib.py_buffer"], Shown::As("pyarrow.Buffer"), &["data"], &[]),
    row(&["pyarrow.lib.type_for_alias"], Shown::Word("pyarrow"), &["name"], &[]),
    row(
        &["pandas._libs.arrays.__pyx_unpickle_NDArrayBacked", "pandas._libs.interval.__pyx_unpickle_IntervalMixin"],
        Shown::FirstArgument,
        &["__class__", "checksum", "state"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"],
        Shown::Tensor,
        &["storage", "storage_offset", "size", "stride", "requires_grad", "backward_hooks", "metadata"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_tensor_v3"],
        Shown::Tensor,
        &["storage", "storage_offset", "size", "stride", "requires_grad", "backward_hooks", "dtype", "metadata"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_qtensor"],
        Shown::Tensor,
        &["storage", "storage_offset", "size", "stride", "quantizer_params", "requires_grad", "backward_hooks"],
        &[],
    ),
    row(
        &["numpy.ma.core._mareconstruct"],
        Shown::As("numpy.ma.MaskedArray"),
        &["__class__", "__base__", "__new_shape__", "__new_kind__"],
        &[],
    ),
    row(
        &["numpy.ma.MaskedArray"],
        Shown::Callable,
        &[],
        &["version", "shape", "dtype", "fortran_order", "data", "mask", "fill_value"],
    ),
    row(&["numpy.random._pickle.__bit_generator_ctor"], Shown::FirstArgument, &["bit_generator"], &[]),
    row(&["numpy.random._pickle.__generator_ctor"], Shown::As("numpy.random.Generator"), &["bit_generator"], &[]),
    row(&["numpy.random._pickle.__randomstate_ctor"], Shown::As("numpy.random.RandomState"), &["bit_generator"], &[]),
    row(
        &["torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor"],
        Shown::As("sparse torch.Tensor"),
        &["layout", "data"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_device_tensor_from_numpy", "torch._utils._rebuild_device_tensor_from_cpu_tensor"],
        Shown::As("torch.Tensor"),
        &["data", "dtype", "device", "requires_grad"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_meta_tensor_no_storage"],
        Shown::As("torch.Tensor without storage"),
        &["dtype", "size", "stride", "requires_grad"],
        &[],
    ),
    row(
        &["torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"],
        Shown::As("torch.nn.Parameter"),
        &["data", "requires_grad", "backward_hooks", "state"],
        &[],
    ),
    row(
        &["torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"],
        Shown::As("torch.Tensor subclass"),
        &["func", "type", "args", "state"],
        &[],
    ),
    row(&["torch.storage._load_from_bytes"], Shown::As("torch storage"), &["data"], &[]),
    row(
        &[
            "cloudpickle.cloudpickle._make_function",
            "cloudpickle.cloudpickle_fast._make_function",
            "cloudpickle.cloudpickle._make_skel_func",
            "types LambdaType",
            "types FunctionType",
        ],
        Shown::As("function by value"),
        &["__code__", "__globals__", "__name__", "__defaults__", "__closure__"],
        &[],
    ),
    row(
        &["dill._dill._create_function", "dill.dill._create_function"],
        Shown::As("function by value"),
        &["__code__", "__globals__", "__name__", "__defaults__", "__closure__", "__dict__", "__kwdefaults__"],
        &[],
    ),
    row(
        &["dill._dill._create_type", "dill.dill._create_type"],
        Shown::As("class by value"),
        &["metaclass", "__name__", "__bases__", "__dict__"],
        &[],
    ),
    row(&["dill._dill._load_type", "dill.dill._load_type"], Shown::Word("types"), &["name"], &[]),
    row(&["dill._dill._import_module", "dill.dill._import_module"], Shown::As("module by name"), &["name"], &[]),
    row(&["dill._dill._get_attr", "dill.dill._get_attr"], Shown::Attribute, &["__self__", "__name__"], &[]),
    row(
        &["dill._dill._create_array", "dill.dill._create_array"],
        Shown::As("numpy.ndarray, by dill"),
        &["func", "args", "state", "__dict__"],
        &[],
    ),
    row(
        &["cloudpickle.cloudpickle._builtin_type", "cloudpickle.cloudpickle_fast._builtin_type"],
        Shown::Word("types"),
        &["name"],
        &[],
    ),
    row(
        &[
            "cloudpickle.cloudpickle._make_cell",
            "cloudpickle.cloudpickle._make_empty_cell",
            "builtins.cell",
            "dill._dill._create_cell",
            "dill.dill._create_cell",
        ],
        Shown::As("cell"),
        &["cell_contents"],
        &[],
    ),
    row(
        &["cloudpickle.cloudpickle._make_skeleton_class", "cloudpickle.cloudpickle._make_skeleton_enum"],
        Shown::As("class by value"),
        &["metaclass", "__name__", "__bases__", "type_kwargs", "class_tracker_id", "extra"],
        &[],
    ),
    row(&["types MethodType"], Shown::As("bound method"), &["__func__", "__self__"], &[]),
    row(&["cloudpickle.cloudpickle.subimport"], Shown::As("module by name"), &["name"], &[]),
];

/// Up to CPython 3.7.
const CODE_OF_3_7: [&str; 15] = [
    "co_argcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_firstlineno",
    "co_lnotab",
    "co_freevars",
    "co_cellvars",
];

/// From CPython 3.8 on, with arguments that are only given by position.
const CODE_OF_3_8: [&str; 16] = [
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_firstlineno",
    "co_linetable",
    "co_freevars",
    "co_cellvars",
];

/// From CPython 3.11 on.
const CODE_OF_3_11: [&str; 18] = [
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_qualname",
    "co_firstlineno",
    "co_linetable",
    "co_exceptiontable",
    "co_freevars",
    "co_cellvars",
];

/// Of dill: lines that may be missing come first.
const CODE_OF_DILL: [&str; 19] = [
    "co_lnotab",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_qualname",
    "co_firstlineno",
    "co_linetable",
    "co_exceptiontable",
    "co_freevars",
    "co_cellvars",
];

/// The arguments of `types.CodeType`, which has grown twice. By their number.
pub(super) fn code_arguments(count: usize) -> &'static [&'static str] {
    match count {
        15 => &CODE_OF_3_7,
        16 => &CODE_OF_3_8,
        18 => &CODE_OF_3_11,
        19 => &CODE_OF_DILL,
        _ => &[],
    }
}

/// The members of an array's state, and of a dtype's.
pub(super) fn array_state() -> &'static [&'static str] {
    find(b"numpy.core.multiarray._reconstruct").map_or(&[], |row| row.state)
}

/// The members of a dtype's state.
pub(super) fn dtype_state() -> &'static [&'static str] {
    find(b"numpy.dtype").map_or(&[], |row| row.state)
}

/// The row of a class or function.
pub(super) fn find(name: &[u8]) -> Option<&'static Reduction> {
    REDUCTIONS.iter().find(|row| row.names.iter().any(|known| known.as_bytes() == name))
}
