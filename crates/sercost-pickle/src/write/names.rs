//! Names of Python 3 as Python 2 had them: what protocols 0 to 2 call functions and classes by.
//!
//! CPython renames what it pickles in these protocols, so that a Python 2 could load it (`fix_imports`). The tables are
//! those of `Lib/_compat_pickle.py`, turned around as `REVERSE_NAME_MAPPING` and `REVERSE_IMPORT_MAPPING` are; they are
//! the same from Python 3.6 to 3.12, and 3.13 only dropped `tkinter.tix`.

/// The module and name that protocols below 3 write for `name` of `module`.
pub(super) fn python2_name<'a>(module: &'a str, name: &'a str) -> (&'a str, &'a str) {
    if let Ok(at) = NAMES.binary_search_by_key(&(module, name), |&(from, _)| from) {
        return NAMES[at].1;
    }
    if module == "builtins" && EXCEPTIONS.binary_search(&name).is_ok() {
        return ("exceptions", name);
    }
    match MODULES.binary_search_by_key(&module, |&(from, _)| from) {
        Ok(at) => (MODULES[at].1, name),
        Err(_) => (module, name),
    }
}

/// Exceptions that kept their names, in order.
#[rustfmt::skip]
const EXCEPTIONS: &[&str] = &[
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BufferError", "BytesWarning",
    "DeprecationWarning", "EOFError", "EnvironmentError", "Exception", "FloatingPointError", "FutureWarning",
    "GeneratorExit", "IOError", "ImportError", "ImportWarning", "IndentationError", "IndexError", "KeyError",
    "KeyboardInterrupt", "LookupError", "MemoryError", "NameError", "NotImplementedError", "OSError",
    "OverflowError", "PendingDeprecationWarning", "ReferenceError", "RuntimeError", "RuntimeWarning",
    "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError", "SystemExit", "TabError", "TypeError",
    "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError",
    "UnicodeWarning", "UserWarning", "ValueError", "Warning", "ZeroDivisionError",
];

/// A module, and a name within it.
type Qualified = (&'static str, &'static str);

/// Names that Python 2 had otherwise or in another module, in order.
#[rustfmt::skip]
const NAMES: &[(Qualified, Qualified)] = &[
    (("_functools", "reduce"), ("__builtin__", "reduce")),
    (("_socket", "socket"), ("socket", "_socketobject")),
    (("builtins", "BrokenPipeError"), ("exceptions", "OSError")),
    (("builtins", "ChildProcessError"), ("exceptions", "OSError")),
    (("builtins", "ConnectionAbortedError"), ("exceptions", "OSError")),
    (("builtins", "ConnectionError"), ("exceptions", "OSError")),
    (("builtins", "ConnectionRefusedError"), ("exceptions", "OSError")),
    (("builtins", "ConnectionResetError"), ("exceptions", "OSError")),
    (("builtins", "FileExistsError"), ("exceptions", "OSError")),
    (("builtins", "FileNotFoundError"), ("exceptions", "OSError")),
    (("builtins", "InterruptedError"), ("exceptions", "OSError")),
    (("builtins", "IsADirectoryError"), ("exceptions", "OSError")),
    (("builtins", "ModuleNotFoundError"), ("exceptions", "ImportError")),
    (("builtins", "NotADirectoryError"), ("exceptions", "OSError")),
    (("builtins", "PermissionError"), ("exceptions", "OSError")),
    (("builtins", "ProcessLookupError"), ("exceptions", "OSError")),
    (("builtins", "TimeoutError"), ("exceptions", "OSError")),
    (("builtins", "chr"), ("__builtin__", "unichr")),
    (("builtins", "filter"), ("itertools", "ifilter")),
    (("builtins", "int"), ("__builtin__", "long")),
    (("builtins", "map"), ("itertools", "imap")),
    (("builtins", "range"), ("__builtin__", "xrange")),
    (("builtins", "str"), ("__builtin__", "unicode")),
    (("builtins", "zip"), ("itertools", "izip")),
    (("collections", "UserDict"), ("UserDict", "IterableUserDict")),
    (("collections", "UserList"), ("UserList", "UserList")),
    (("collections", "UserString"), ("UserString", "UserString")),
    (("dbm", "whichdb"), ("whichdb", "whichdb")),
    (("functools", "reduce"), ("__builtin__", "reduce")),
    (("http.server", "CGIHTTPRequestHandler"), ("CGIHTTPServer", "CGIHTTPRequestHandler")),
    (("http.server", "SimpleHTTPRequestHandler"), ("SimpleHTTPServer", "SimpleHTTPRequestHandler")),
    (("itertools", "filterfalse"), ("itertools", "ifilterfalse")),
    (("itertools", "zip_longest"), ("itertools", "izip_longest")),
    (("multiprocessing.connection", "Connection"), ("_multiprocessing", "Connection")),
    (("multiprocessing.context", "AuthenticationError"), ("multiprocessing", "AuthenticationError")),
    (("multiprocessing.context", "BufferTooShort"), ("multiprocessing", "BufferTooShort")),
    (("multiprocessing.context", "Process"), ("multiprocessing.process", "Process")),
    (("multiprocessing.context", "ProcessError"), ("multiprocessing", "ProcessError")),
    (("multiprocessing.context", "TimeoutError"), ("multiprocessing", "TimeoutError")),
    (("multiprocessing.popen_fork", "Popen"), ("multiprocessing.forking", "Popen")),
    (("socket", "fromfd"), ("_socket", "fromfd")),
    (("sys", "intern"), ("__builtin__", "intern")),
    (("tkinter.filedialog", "FileDialog"), ("FileDialog", "FileDialog")),
    (("tkinter.filedialog", "LoadFileDialog"), ("FileDialog", "LoadFileDialog")),
    (("tkinter.filedialog", "SaveFileDialog"), ("FileDialog", "SaveFileDialog")),
    (("tkinter.simpledialog", "SimpleDialog"), ("SimpleDialog", "SimpleDialog")),
    (("urllib.error", "ContentTooShortError"), ("urllib", "ContentTooShortError")),
    (("urllib.error", "HTTPError"), ("urllib2", "HTTPError")),
    (("urllib.error", "URLError"), ("urllib2", "URLError")),
    (("urllib.parse", "quote"), ("urllib", "quote")),
    (("urllib.parse", "quote_plus"), ("urllib", "quote_plus")),
    (("urllib.parse", "unquote"), ("urllib", "unquote")),
    (("urllib.parse", "unquote_plus"), ("urllib", "unquote_plus")),
    (("urllib.parse", "urlencode"), ("urllib", "urlencode")),
    (("urllib.request", "getproxies"), ("urllib", "getproxies")),
    (("urllib.request", "pathname2url"), ("urllib", "pathname2url")),
    (("urllib.request", "url2pathname"), ("urllib", "url2pathname")),
    (("urllib.request", "urlcleanup"), ("urllib", "urlcleanup")),
    (("urllib.request", "urlopen"), ("urllib", "urlopen")),
    (("urllib.request", "urlretrieve"), ("urllib", "urlretrieve")),
    (("xmlrpc.server", "DocCGIXMLRPCRequestHandler"), ("DocXMLRPCServer", "DocCGIXMLRPCRequestHandler")),
    (("xmlrpc.server", "DocXMLRPCRequestHandler"), ("DocXMLRPCServer", "DocXMLRPCRequestHandler")),
    (("xmlrpc.server", "DocXMLRPCServer"), ("DocXMLRPCServer", "DocXMLRPCServer")),
    (("xmlrpc.server", "ServerHTMLDoc"), ("DocXMLRPCServer", "ServerHTMLDoc")),
    (("xmlrpc.server", "XMLRPCDocGenerator"), ("DocXMLRPCServer", "XMLRPCDocGenerator")),
];

/// Modules that were called otherwise, in order.
#[rustfmt::skip]
const MODULES: &[(&str, &str)] = &[
    ("_bz2", "bz2"), ("_dbm", "dbm"), ("_dummy_thread", "dummy_thread"), ("_functools", "functools"),
    ("_gdbm", "gdbm"), ("_markupbase", "markupbase"), ("_pickle", "pickle"), ("_thread", "thread"),
    ("builtins", "__builtin__"), ("collections.abc", "_abcoll"), ("configparser", "ConfigParser"),
    ("copyreg", "copy_reg"), ("dbm", "anydbm"), ("dbm.bsd", "dbhash"), ("dbm.dumb", "dumbdbm"), ("dbm.gnu", "gdbm"),
    ("dbm.ndbm", "dbm"), ("html.entities", "htmlentitydefs"), ("html.parser", "HTMLParser"),
    ("http.client", "httplib"), ("http.cookiejar", "cookielib"), ("http.cookies", "Cookie"),
    ("http.server", "BaseHTTPServer"), ("queue", "Queue"), ("reprlib", "repr"), ("socketserver", "SocketServer"),
    ("subprocess", "commands"), ("test.support", "test.test_support"), ("tkinter", "Tkinter"),
    ("tkinter.colorchooser", "tkColorChooser"), ("tkinter.commondialog", "tkCommonDialog"),
    ("tkinter.constants", "Tkconstants"), ("tkinter.dialog", "Dialog"), ("tkinter.dnd", "Tkdnd"),
    ("tkinter.filedialog", "tkFileDialog"), ("tkinter.font", "tkFont"), ("tkinter.messagebox", "tkMessageBox"),
    ("tkinter.scrolledtext", "ScrolledText"), ("tkinter.simpledialog", "tkSimpleDialog"), ("tkinter.tix", "Tix"),
    ("tkinter.ttk", "ttk"), ("urllib.parse", "urlparse"), ("urllib.request", "urllib2"),
    ("urllib.robotparser", "robotparser"), ("winreg", "_winreg"), ("xmlrpc.client", "xmlrpclib"),
    ("xmlrpc.server", "SimpleXMLRPCServer"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_each_table() {
        assert!(EXCEPTIONS.is_sorted());
        assert!(NAMES.is_sorted());
        assert!(MODULES.is_sorted());
        assert_eq!(python2_name("builtins", "range"), ("__builtin__", "xrange"));
        assert_eq!(python2_name("builtins", "len"), ("__builtin__", "len"));
        assert_eq!(python2_name("builtins", "KeyError"), ("exceptions", "KeyError"));
        assert_eq!(python2_name("builtins", "BrokenPipeError"), ("exceptions", "OSError"));
        assert_eq!(python2_name("urllib.parse", "urlsplit"), ("urlparse", "urlsplit"));
        assert_eq!(python2_name("functools", "partial"), ("functools", "partial"));
    }
}
