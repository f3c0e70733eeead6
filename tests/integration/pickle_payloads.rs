//! Pickles as payloads: what is plain data and arrays is read, everything else is refused by its path, and hostile bytes
//! are refused at once.

use crate::pythons::pythons;
use sercost::codec::{self, Decoded};
use sercost::payload::read::{InputFormat, ReadOptions, read, read_tree};
use sercost::payload::{Schema, Tree};

/// `[['text', '\xff"\''], u'\u20ac\U0001F980', 5L, [1, 2**40, 1.5, None, True], ('a',), {u'k': 1}]` in protocols 0 and 2,
/// as Python 2.7.18 pickles it.
const PYTHON_2: [&[u8]; 2] = [
    b"(lp1\n(lp2\nS'text'\np3\naS'\\xff\"\\''\np4\naaV\\u20ac\\U0001f980\np5\naL5L\na(lp6\nI1\naI1099511627776\naF1.5\naNaI01\naa(S'a'\ntp7\na(dp8\nVk\nI1\nsa.",
    b"\x80\x02]q\x01(]q\x02(U\x04textq\x03U\x03\xff\"'q\x04eX\x07\x00\x00\x00\xe2\x82\xac\xf0\x9f\xa6\x80q\x05\x8a\x01\x05]q\x06(K\x01I1099511627776\nG?\xf8\x00\x00\x00\x00\x00\x00N\x88eU\x01a\x85q\x07}q\x08X\x01\x00\x00\x00kK\x01se.",
];

/// `numpy.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])` in protocol 5, as numpy 2.2.0 pickles it.
const RECORDS: &[u8] = b"\x80\x05\x95\xdd\x00\x00\x00\x00\x00\x00\x00\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96\x0c\x00\
        \x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04@\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x03V12\
        \x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94N\x8c\x01a\x94\x8c\x01b\x94\x86\x94}\x94(h\x0bh\x06\x8c\x02i4\x94\x89\x88\x87\x94R\
        \x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bK\x00\x86\x94h\x0ch\x06\x8c\x02f8\x94\x89\x88\x87\x94R\
        \x94(K\x03h\x12NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bK\x04\x86\x94uK\x0cK\x01K\x10t\x94bK\x01\x85\x94\x8c\x01C\x94t\
        \x94R\x94.";

fn tree(pickle: &[u8]) -> Tree {
    read_tree("a.pkl", pickle, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A tree as JSON would show it, which is short to write.
fn shown(tree: &Tree) -> String {
    let join = |parts: Vec<String>| parts.join(",");
    match tree {
        Tree::Null => "null".into(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) => value.to_string(),
        Tree::UInt(value) => value.to_string(),
        Tree::Float32(value) => format!("{value:?}f"),
        Tree::Float(value) => format!("{value:?}"),
        Tree::String(text) => format!("{text:?}"),
        Tree::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Tree::List(items) => format!("[{}]", join(items.iter().map(shown).collect())),
        Tree::Map(entries) => {
            let entry = |(key, value): &(Tree, Tree)| format!("{}:{}", shown(key), shown(value));
            format!("{{{}}}", join(entries.iter().map(entry).collect()))
        }
    }
}

fn refusal(pickle: &[u8]) -> String {
    match read("a.pkl", pickle, &ReadOptions::default()) {
        Ok(_) => panic!("{} is read", pickle.escape_ascii()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn plain_data_of_every_protocol_is_read() {
    let code = r#"
import array
shared = {"x": 1}
value = {
    "none": None, "bools": [True, False], "ints": [0, 255, 256, 65536, -1, 2**31, -2**63, 2**64 - 1],
    "floats": [0.5, -0.0, 1e300], "text": "a\\b\n\u20ac \U0001F980 é", "bytes": [b"", b"\x00\xff", bytearray(b"ab"), bytearray()],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, (4, 5))], "set": {7}, "frozen": frozenset([8]), "empty": [[], {}],
    "shared": [shared, shared, "text", "text"], 5: {True: 1}, b"k": [[[1]], 2],
    "array": [array.array("d", [1.5, 2.5]), array.array("b", [-1, 2]), array.array("u", "é"), array.array("Q", [2**64 - 1])],
    "many": list(range(3000))[::1000], "twice": ["text"] * 3,
}
"#;
    let expected = concat!(
        r#"{"none":null,"bools":[true,false],"ints":[0,255,256,65536,-1,2147483648,-9223372036854775808,"#,
        r#"18446744073709551615],"floats":[0.5,-0.0,1e300],"text":"a\\b\n€ 🦀 é","bytes":[b"",b"\x00\xff",b"ab",b""],"#,
        r#""tuples":[[],[1],[1,2],[1,2,3],[1,2,3,[4,5]]],"set":[7],"frozen":[8],"empty":[[],{}],"#,
        r#""shared":[{"x":1},{"x":1},"text","text"],5:{true:1},b"k":[[[1]],2],"#,
        r#""array":[[1.5,2.5],[-1,2],["é"],[18446744073709551615]],"many":[0,1000,2000],"twice":["text","text","text"]}"#,
    );
    for mut python in pythons(6) {
        for protocol in 0..=python.highest_protocol {
            let pickle = python.dumps(protocol, code).unwrap();
            assert_eq!(shown(&tree(&pickle)), expected, "protocol {protocol} of CPython {}", python.version);
        }
    }
}

#[test]
fn pickles_of_python_2_are_read() {
    for pickle in PYTHON_2 {
        assert_eq!(
            shown(&tree(pickle)),
            r#"[["text",b"\xff\"\'"],"€🦀",5,[1,1099511627776,1.5,null,true],["a"],{"k":1}]"#
        );
    }
}

/// Made by numpy 1.26.4 and 2.2.0.
#[test]
fn numpy_arrays_are_lists() {
    let old = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85q\x02c_codecs\nencode\nq\x03X\x01\x00\
        \x00\x00bq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\t(K\x01K\x03\x85q\ncnumpy\ndtype\nq\x0bX\x02\x00\x00\x00i8q\
        \x0c\x89\x88\x87q\rRq\x0e(K\x03X\x01\x00\x00\x00<q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x10b\x89h\x03X\x18\x00\x00\x00\
        \x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00q\x11h\x05\x86q\x12Rq\x13tq\x14b.";
    assert_eq!(shown(&tree(old)), "[0,1,2]");
    assert_eq!(shown(&tree(RECORDS)), r#"[{"a":1,"b":2.5}]"#);
    let scalar = b"\x80\x04\x95j\x00\x00\x00\x00\x00\x00\x00\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\x94\
        \x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\
        \x94bC\x08\x00\x00\x00\x00\x00\x00\xf8?\x94\x86\x94R\x94.";
    assert_eq!(shown(&tree(scalar)), "1.5");
}

/// A numpy array as numpy 1.26 pickles it in protocol 5: of that type, shape, order and content.
fn numpy(code: &str, order: char, shape: &str, layout: char, content: &[u8]) -> Vec<u8> {
    let mut pickle = b"\x80\x05cnumpy.core.numeric\n_frombuffer\n(B".to_vec();
    pickle.extend((content.len() as u32).to_le_bytes());
    pickle.extend(content);
    pickle.extend(format!("cnumpy\ndtype\n(V{code}\nI00\nI01\ntR(I3\nV{order}\nNNNI-1\nI-1\nI0\ntb(").as_bytes());
    pickle.extend(shape.split_whitespace().flat_map(|size| format!("I{size}\n").into_bytes()));
    pickle.extend(format!("tV{layout}\ntR.").as_bytes());
    pickle
}

#[test]
fn numpy_arrays_of_every_type_and_shape() {
    let cases: [(Vec<u8>, &str); 15] = [
        (numpy("b1", '|', "2", 'C', &[0, 1]), "[false,true]"),
        (numpy("i1", '|', "2", 'C', &[0xff, 1]), "[-1,1]"),
        (numpy("u2", '>', "2", 'C', &[1, 0, 0, 1]), "[256,1]"),
        (numpy("i4", '<', "1", 'C', &[0xfe, 0xff, 0xff, 0xff]), "[-2]"),
        (numpy("u8", '<', "1", 'C', &[0xff; 8]), "[18446744073709551615]"),
        (numpy("f2", '<', "1", 'C', &[0, 0x3e]), "[1.5f]"),
        (numpy("f4", '>', "1", 'C', &[0x3f, 0xc0, 0, 0]), "[1.5f]"),
        (numpy("u1", '|', "2 3", 'C', &[1, 2, 3, 4, 5, 6]), "[[1,2,3],[4,5,6]]"),
        (numpy("u1", '|', "2 3", 'F', &[1, 4, 2, 5, 3, 6]), "[[1,2,3],[4,5,6]]"),
        (numpy("u1", '|', "2 1 2", 'C', &[1, 2, 3, 4]), "[[[1,2]],[[3,4]]]"),
        (numpy("u1", '|', "", 'C', &[7]), "7"),
        (numpy("u1", '|', "2 0 9", 'C', &[]), "[[],[]]"),
        (numpy("S3", '|', "2", 'C', b"ab\0\0\0\0"), "[b\"ab\",b\"\"]"),
        (numpy("U2", '<', "2", 'C', b"a\0\0\0b\0\0\0\xe9\0\0\0\0\0\0\0"), "[\"ab\",\"é\"]"),
        (numpy("U1", '>', "1", 'C', b"\0\0\0a"), "[\"a\"]"),
    ];
    for (pickle, expected) in cases {
        assert_eq!(shown(&tree(&pickle)), expected);
    }
    for (pickle, expected) in [
        (numpy("u1", '|', "3", 'C', &[1]), "not as many bytes as its shape needs"),
        (numpy("i8", '<', "2305843009213693952 4", 'C', &[]), "not as many bytes"),
        (numpy("u1", '|', "1000000000000 0", 'C', &[]), "a shape of more elements than it has bytes"),
        (numpy("S0", '|', "1000000000000", 'C', &[]), "a shape of more elements than it has bytes"),
        (numpy("u1", '|', "-1", 'C', &[]), "a dimension of a numpy array is not a valid size"),
        (numpy("M8", '<', "1", 'C', &[0; 8]), "a numpy array of type \"M8\" has no counterpart among sercost's types"),
        (numpy("c16", '<', "1", 'C', &[0; 16]), "of type \"c16\" has no counterpart"),
        (numpy("U1", '<', "1", 'C', &[0xff; 4]), "a code that is not a character"),
    ] {
        let refusal = refusal(&pickle);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn what_is_not_plain_data_is_refused_by_its_path_and_class() {
    let cases = [
        (
            "import functools\nvalue = {'rows': [{'when': 1}, {'when': functools.partial(len)}]}",
            "$.rows[1].when: is a functools.partial, not plain data; profile its arguments",
        ),
        ("import math\nvalue = {'f': math.sin}", "$.f: is the function or class math.sin, not plain data; profile"),
        ("import collections\nvalue = collections.OrderedDict", "is the function or class collections.OrderedDict"),
        ("value = [ValueError('no')]", "$[0]: is a ValueError, not plain data; pickle its contents"),
        ("import re\nvalue = re.compile('a')", "is a re._compile, not plain data"),
        ("import io\nvalue = {'file': io.BytesIO(b'x')}", "$.file: is a _io.BytesIO, not plain data"),
        ("value = [1]\nvalue.append(value)", "$[1]: a list contains itself; sercost cannot measure"),
        ("value = {}\nvalue['a'] = [(value,)]", "$.a[0][0]: a dict contains itself"),
        (
            "import types\nvalue = types.SimpleNamespace()\nvalue.me = [value]",
            "$.me[0]: a types.SimpleNamespace contains",
        ),
        (
            "import collections\nvalue = {'a': 1, collections.Counter: 1}",
            "a key is the function or class collections.Counter",
        ),
        ("value = [0, 1 << 20000]", "$[1]: integer (over 64 bits) does not fit in 64 bits"),
        ("value = ['\\ud800']", "a lone surrogate in a string, which no text can have"),
    ];
    for mut python in pythons(8) {
        for (code, expected) in cases {
            for protocol in [2, 4] {
                let refusal = refusal(&python.dumps(protocol, code).unwrap());
                // Protocol 2 has other names for some.
                assert!(protocol == 2 || refusal.contains(expected), "{code}, CPython {}: {refusal}", python.version);
                assert!(refusal.starts_with("a.pkl: byte "), "{refusal}");
            }
        }
    }
    let after = refusal(b"\x80\x02K\x01.K\x02");
    assert_eq!(
        after,
        "a.pkl: byte 5: 2 bytes are left over after the pickle; they are not a pickle; a file is one pickle, or several \
         one after the other"
    );
}

/// Classes of the standard library and of the program, as trees; what the notes say of each.
const CLASSES: &[(&str, &str, &str)] = &[
    (
        "import datetime as d\nvalue = [d.datetime(2024, 2, 29, 12, 0, 1, 5), d.datetime(2024, 5, 1, tzinfo=d.timezone.utc),\n\
         d.datetime(2024, 5, 1, tzinfo=d.timezone(d.timedelta(hours=-3, minutes=-30)))]",
        r#"["2024-02-29T12:00:01.000005","2024-05-01T00:00:00+00:00","2024-05-01T00:00:00-03:30"]"#,
        "3 values of datetime.datetime: as ISO 8601 text, as isoformat() makes it",
    ),
    (
        "import datetime as d\nvalue = [d.date(1, 2, 3), d.time(1, 2, 3, 4), d.timedelta(1, 2, 3), d.timedelta(seconds=-90), d.timezone.utc]",
        r#"["0001-02-03","01:02:03.000004","P1DT2.000003S","-PT1M30S","+00:00"]"#,
        "2 values of datetime.timedelta: as ISO 8601 text, such as P1DT2H30M",
    ),
    (
        "import decimal, fractions\nvalue = [decimal.Decimal('1.50'), decimal.Decimal('NaN'), fractions.Fraction(-1, 3), fractions.Fraction(4)]",
        r#"["1.50","NaN","-1/3","4"]"#,
        "2 values of decimal.Decimal: as text",
    ),
    (
        "import uuid\nvalue = [uuid.UUID('12345678-1234-5678-9abc-def012345678'), uuid.UUID(int=1)]",
        r#"["12345678-1234-5678-9abc-def012345678","00000000-0000-0000-0000-000000000001"]"#,
        "2 values of uuid.UUID: as text",
    ),
    (
        "import pathlib as p\nvalue = [p.Path('/usr/lib/x'), p.PurePosixPath('a/b'), p.PurePosixPath('/')]",
        r#"["/usr/lib/x","a/b","/"]"#,
        "2 values of pathlib.PurePosixPath: as text",
    ),
    ("value = [1.5 - 2j, range(0, 10, 3), slice(None, 5)]", "[[1.5,-2.0],[0,10,3],[null,5,null]]", "1 value of"),
    (
        "import collections as c\nvalue = {'o': c.OrderedDict([('b', 1), ('a', 2)]), 'e': c.OrderedDict(), 'c': c.Counter('aab'),\n\
         'd': c.defaultdict(list, k=[1]), 'q': c.deque([1, 2]), 'm': c.deque([], 3)}",
        r#"{"o":{"b":1,"a":2},"e":{},"c":{"a":2,"b":1},"d":{"k":[1]},"q":[1,2],"m":[]}"#,
        "1 value of collections.defaultdict: as a map, without its default",
    ),
    (
        "import ipaddress as i, http, types\nvalue = [i.ip_address('10.0.0.1'), i.ip_address('::1'), http.HTTPStatus.OK, types.SimpleNamespace(a=1)]",
        r#"["10.0.0.1","::1",200,{"a":1}]"#,
        "1 value of types.SimpleNamespace: as a map of its attributes",
    ),
    (
        "value = [{None: 1, 1.5: 2, 1e300: 3, 'a': 4}, {(1, 'a'): [1]}, {2 ** 64: 2 ** 70}]",
        r#"[{"null":1,"1.5":2,"1e+300":3,"a":4},[[[1,"a"],[1]]],{"18446744073709551616":"1180591620717411303424"}]"#,
        "1 dict whose keys are tuples or their like: as a list of pairs",
    ),
    (
        "value = [{'a': 1, (1, 2): {'b': 2}}, 2 ** 63, 2 ** 64 - 1, -1]",
        r#"[[["a",1],[[1,2],{"b":2}]],9223372036854775808,18446744073709551615,-1]"#,
        "1 dict whose keys are tuples or their like: as a list of pairs",
    ),
    (
        "import datetime as d, pathlib, uuid\nvalue = {d.date(2024, 1, 2): 1, pathlib.PurePosixPath('a'): 2, uuid.UUID(int=0): 3}",
        r#"{"2024-01-02":1,"a":2,"00000000-0000-0000-0000-000000000000":3}"#,
        "1 value of uuid.UUID: as text",
    ),
    (
        "import collections as c\nvalue = [c.Counter([(1, 2), (1, 2)]), c.defaultdict(int, {frozenset([1]): 2}), c.Counter()]",
        "[[[[1,2],2]],[[[1],2]],{}]",
        "2 dicts whose keys are tuples or their like: as lists of pairs",
    ),
    // Classes of the program's own: an oracle in which they are those of its __main__.
    (
        "import collections, sys\nPoint = collections.namedtuple('Point', 'x y')\nPoint.__module__ = '__main__'\n\
         sys.modules['__main__'].Point = Point\nLine = collections.namedtuple('Line', 'a b')\nsys.modules['__main__'].Line = Line\n\
         Line.__module__ = '__main__'\nvalue = [Line(Point(1, 2.5), Point(3, 'x'))]",
        r#"[[[1,2.5],[3,"x"]]]"#,
        "2 values of __main__.Point: as a tuple: the names of its fields are not in the pickle",
    ),
    (
        "import dataclasses, sys\nclass User:\n  def __init__(self, id, tags):\n    self.id, self.tags = id, tags\n\
         User.__module__ = '__main__'\nUser.__qualname__ = 'User'\nsys.modules['__main__'].User = User\nUser = dataclasses.dataclass(User)\n\
         value = [User(1, []), User(2, ['a'])]",
        r#"[{"id":1,"tags":[]},{"id":2,"tags":["a"]}]"#,
        "2 values of __main__.User: as a map of its attributes",
    ),
    (
        "import enum, sys\nColor = enum.Enum('Color', {'RED': 'red', 'BLUE': 2}, module='__main__')\nsys.modules['__main__'].Color = Color\n\
         value = {Color.RED: Color.BLUE}",
        r#"{"red":2}"#,
        "2 values of __main__.Color: as the value that its class is called with, as if it were an enum",
    ),
    (
        "import sys\nclass Text(str): pass\nclass Table(dict): pass\nclass Row(list): pass\n\
         for c in (Text, Table, Row):\n  c.__module__, c.__qualname__ = '__main__', c.__name__\n  setattr(sys.modules['__main__'], c.__name__, c)\n\
         value = [Text('a'), Table(k=1), Row([1, 2])]",
        r#"["a",{"k":1},[1,2]]"#,
        "1 value of __main__.Table: as a map",
    ),
];

#[test]
fn objects_of_known_classes_and_of_ones_own_are_plain_data() {
    for mut python in pythons(8) {
        for (code, expected, note) in CLASSES {
            for protocol in 0..=python.highest_protocol {
                let pickle = python.dumps(protocol, code).unwrap_or_else(|error| panic!("{code}: {error}"));
                let what = format!("{code}\nprotocol {protocol}, CPython {}", python.version);
                assert_eq!(shown(&tree(&pickle)), *expected, "{what}");
                let document =
                    read("a.pkl", &pickle, &ReadOptions::default()).unwrap_or_else(|e| panic!("{what}: {e}"));
                // A class with another module in another version has a note of its own.
                assert!(
                    document.notes.iter().any(|found| found.contains(note) || found.contains("pathlib._local")),
                    "{what}: {:?}",
                    document.notes
                );
            }
        }
    }
}

/// Slots, and dataclasses that have them, whose state is in other forms.
#[test]
fn slots_are_attributes() {
    let slots = "import sys\nclass Slots:\n  __slots__ = ('a', 'b')\n\
                 Slots.__module__, Slots.__qualname__ = '__main__', 'Slots'\nsys.modules['__main__'].Slots = Slots\n\
                 value = Slots()\nvalue.a, value.b = 1, [2]";
    let mixed = format!(
        "{slots}\nclass Both(Slots): pass\nBoth.__module__, Both.__qualname__ = '__main__', 'Both'\n\
                 sys.modules['__main__'].Both = Both\nvalue = Both()\nvalue.a, value.c = 1, 3"
    );
    for mut python in pythons(8) {
        for protocol in 2..=python.highest_protocol {
            assert_eq!(shown(&tree(&python.dumps(protocol, slots).unwrap())), r#"{"a":1,"b":[2]}"#);
            assert_eq!(shown(&tree(&python.dumps(protocol, &mixed).unwrap())), r#"{"c":3,"a":1}"#);
        }
    }
}

/// Calls that no data needs are refused, whatever is made of their results.
#[test]
fn functions_are_not_taken_for_classes() {
    for (pickle, class) in [
        (&b"cos\nsystem\n(Vtrue\ntR."[..], "os.system"),
        (b"csubprocess\nPopen\n(Vtrue\ntR.", "subprocess.Popen"),
        (b"cbuiltins\neval\n(V1\ntR.", "eval"),
        (b"cmine\nmake_it\n(I1\ntR.", "mine.make_it"),
        (b"cmine\nMade\n(I1\nI2\ntR.", "mine.Made"),
        (b"cbuiltins\ngetattr\n(cos\nsystem\nVx\ntR.", "getattr"),
        (b"cdatetime\ndatetime\n(Vshort\ntR.", "datetime.datetime"),
        (b"cdecimal\nDecimal\n(I1\ntR.", "decimal.Decimal"),
        (b"\x80\x02cpandas\nDataFrame\n)\x81}Va\nI1\nsb.", "pandas.DataFrame"),
        (b"ccollections\nCounter\n(I1\ntR.", "collections.Counter"),
    ] {
        let refusal = refusal(pickle);
        assert!(refusal.contains(&format!("is a {class}, not plain data")), "{refusal}");
    }
}

#[test]
fn what_pickles_share_is_told_of_with_its_bytes() {
    let code = "shared = list(range(1000))\nvalue = {'a': shared, 'b': shared, 'c': [shared]}";
    for mut python in pythons(8) {
        let pickle = python.dumps(4, code).unwrap();
        let document = read("a.pkl", &pickle, &ReadOptions::default()).unwrap();
        assert_eq!(
            document.notes,
            [
                "2 references to objects that the pickle holds once: every format writes them out again, as would 5.49 kB more of pickle"
            ]
        );
        // Nor is a class a part of its objects that they share, though every object but the first refers to it first.
        let pickle = python.dumps(4, "import decimal\nvalue = [(decimal.Decimal(at),) for at in range(99)]").unwrap();
        let notes = read("a.pkl", &pickle, &ReadOptions::default()).unwrap().notes;
        assert!(!notes.iter().any(|note| note.contains("reference")), "{notes:?}");
        // The same keys in every row are not worth a word.
        let pickle = python.dumps(4, "value = [{'id': at, 'name': str(at)} for at in range(100)]").unwrap();
        assert!(read("a.pkl", &pickle, &ReadOptions::default()).unwrap().notes.is_empty());
    }
}

#[test]
fn a_file_of_several_pickles_is_a_list_of_them() {
    let own = "import io, pickle\nout = io.BytesIO()\nfor row in range(3):\n  \
               pickle.dump({'id': row, 'name': 'x' * 9, 'again': ['x' * 9]}, out, PROTOCOL)\nvalue = out.getvalue()";
    let shared = "import io, pickle\nout = io.BytesIO()\npickler = pickle.Pickler(out, PROTOCOL)\nname = 'x' * 9\nfor row in range(3):\n  \
                  pickler.dump({'id': row, 'name': name, 'again': [name]})\nvalue = out.getvalue()";
    let row = |id| format!(r#"{{"id":{id},"name":"xxxxxxxxx","again":["xxxxxxxxx"]}}"#);
    let expected = format!("[{},{},{}]", row(0), row(1), row(2));
    for mut python in pythons(8) {
        for (code, what) in
            [(own, "3 pickles, one behind the other: read as a list"), (shared, "other, of one pickler")]
        {
            for protocol in 0..=python.highest_protocol {
                // Pickles of protocols 0 and 1 that refer to others do not look like pickles by themselves.
                if protocol < 2 && code == shared {
                    continue;
                }
                let pickled = python.dumps(4, &code.replace("PROTOCOL", &protocol.to_string())).unwrap();
                let Tree::Bytes(file) = tree(&pickled) else { panic!("no bytes") };
                assert_eq!(shown(&tree(&file)), expected, "protocol {protocol}, CPython {}", python.version);
                let document = read("a.pkl", &file, &ReadOptions::default()).unwrap();
                assert!(document.notes[0].contains(what), "{:?}", document.notes);
            }
        }
    }
    assert_eq!(shown(&tree(b"\x80\x02K\x01.K\x02.I3\n.")), "[1,2,3]");
}

#[test]
fn tuples_are_tuples_and_sets_are_told_of() {
    let document = read("a.pkl", b"\x80\x04(K\x01K\x02\x86K\x03\x85(K\x04\x91t.", &ReadOptions::default()).unwrap();
    assert_eq!(document.notes, ["1 set was read as a list"]);
    let Schema::Tuple(places) = &*document.schema else { panic!("{:?}", document.schema) };
    assert!(matches!(&places[..], [Schema::Tuple(_), Schema::Tuple(_), Schema::List(_)]), "{places:?}");
}

#[test]
fn a_pickle_on_standard_input_is_known_by_its_first_bytes() {
    let document = read("-", b"\x80\x04K\x01.", &ReadOptions::default()).unwrap();
    assert_eq!(document.format, InputFormat::Pickle);
}

/// Pickles that were made to do harm, with what is said of them.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let bomb = |levels: usize| {
        // Each list has the one before twice.
        let mut pickle = b"\x80\x04]\x94".to_vec();
        for level in 0..levels {
            pickle.extend(
                [b"]\x94(j".as_slice(), &(level as u32).to_le_bytes(), b"j", &(level as u32).to_le_bytes(), b"e"]
                    .concat(),
            );
        }
        pickle.push(b'.');
        // All but the last are left on the stack: they go into one tuple.
        [b"\x80\x04(", &pickle[2..pickle.len() - 1], b"t."].concat()
    };
    let long_text = [
        b"\x80\x04](X\x00\x00\x10\x00".to_vec(),
        vec![b'x'; 1 << 20],
        b"\x94".to_vec(),
        b"h\x00".repeat(100_000),
        b"e.".to_vec(),
    ];
    let digits = [b"L".to_vec(), b"7".repeat(1_000_000), b"L\n.".to_vec()].concat();
    let long4 = [b"\x80\x02\x8b\x40\x42\x0f\x00".to_vec(), vec![0x7f; 1_000_000], b".".to_vec()].concat();
    vec![
        ("a huge length", b"\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x10.".to_vec(), "the file ends inside BINBYTES8"),
        ("a huge frame", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffK\x01.".to_vec(), ""),
        ("a negative length", b"T\xff\xff\xff\xff.".to_vec(), "the length of BINSTRING is negative"),
        ("a million lists", [b"]".repeat(1_000_000), b"a".repeat(999_999), b".".to_vec()].concat(), "nested more than"),
        ("a million tuples", [b")".to_vec(), b"\x85".repeat(1_000_000), b".".to_vec()].concat(), "nested more than"),
        (
            "a million dicts",
            [b"}K\x01".repeat(1_000_000), b"N".to_vec(), b"s".repeat(1_000_000), b".".to_vec()].concat(),
            "nested more than",
        ),
        (
            "a million calls",
            [b"cos\nsystem\n".to_vec(), b")R".repeat(1_000_000), b".".to_vec()].concat(),
            "nested more than",
        ),
        (
            "thousands of callables",
            [b"cbuiltins\nbytearray\n".repeat(40_000), b")".to_vec(), b"\x85R".repeat(40_000), b".".to_vec()].concat(),
            "not plain data",
        ),
        ("a million marks", b"(".repeat(1_000_000), "nested more than"),
        ("a memo bomb", bomb(200), "objects that are referred to many times would come to over"),
        ("a bomb of text", long_text.concat(), "objects that are referred to many times would come to over"),
        ("doubled values", b"\x80\x02]2\x862\x86.".to_vec(), "values are dropped or doubled here"),
        ("a wild number", b"\x80\x02K\x01r\xff\xff\xff\xff.".to_vec(), ""),
        ("a number that nothing has", b"\x80\x02j\xff\xff\xff\xff.".to_vec(), "object 4294967295 is referred to"),
        ("a million digits", digits, "does not fit in 64 bits"),
        ("a million bytes of integer", long4, "does not fit in 64 bits"),
        ("invalid UTF-8", b"\x80\x04\x8c\x02a\xff.".to_vec(), "byte 5: invalid UTF-8 in a string: byte 0xff"),
        ("a mark too few", b"\x80\x02K\x01e.".to_vec(), "a MARK is missing"),
        ("a mark too many", b"\x80\x02(K\x01.".to_vec(), "stops with 1 values and 1 marks on its stack"),
        ("an empty stack", b"\x80\x02a.".to_vec(), "the stack has fewer values than the opcode takes"),
        ("nothing at all", b"\x80\x04.".to_vec(), "stops with 0 values"),
        ("a number given twice", b"\x80\x02K\x01q\x00K\x02q\x00\x86.".to_vec(), "two objects have the number 0"),
        ("a number of itself", b"\x80\x02h\x00q\x00.".to_vec(), "object 0 is referred to"),
        (
            "an addition to what was fetched",
            b"\x80\x02]q\x00h\x00K\x01a\x86.".to_vec(),
            "something is added to a value",
        ),
        ("an item of a number", b"\x80\x02K\x01K\x02a.".to_vec(), "something is added to a value"),
        ("half an entry", b"\x80\x02}(K\x01u.".to_vec(), "something is added to a value that does not take it"),
        ("no opcode", b"\x80\x02\xff.".to_vec(), "byte 0xff is not an opcode of pickle"),
        ("no end", b"\x80\x02K\x01".to_vec(), "the pickle ends without a STOP"),
        ("a line without an end", b"I12".to_vec(), "the file ends inside INT"),
        ("no number in a line", b"Ix\n.".to_vec(), "no integer is in the line"),
        ("a persistent id", b"Pid\n.".to_vec(), "an object that is kept outside of the pickle"),
        ("a shell", b"cos\nsystem\n(S'true'\ntR.".to_vec(), "is a os.system, not plain data"),
    ]
}

#[test]
fn hostile_pickles_are_refused_for_their_reason() {
    for (what, pickle, reason) in hostile() {
        let read = read("a.pkl", &pickle, &ReadOptions::default());
        let mut into = Decoded::Dynamic(Vec::new());
        let decoded = codec::find("pickle:5").unwrap().decode(&[&pickle], 1, &mut into);
        if reason.is_empty() {
            assert!(read.is_ok() && decoded.is_ok(), "{what}: {read:?}, {decoded:?}");
            continue;
        }
        let refusal = read.expect_err(what).to_string();
        assert!(refusal.contains(reason), "{what}: {refusal}");
        assert!(refusal.len() < 500, "{what}: {refusal}");
        assert!(decoded.is_err(), "{what}");
    }
}

#[test]
fn pickles_cut_short_or_changed_are_refused_or_read_but_do_no_harm() {
    let codec = codec::find("pickle:5").unwrap();
    for whole in [RECORDS, PYTHON_2[0], PYTHON_2[1], &numpy("u1", '|', "2 3", 'F', &[1, 4, 2, 5, 3, 6])] {
        for length in 0..whole.len() {
            assert!(read("a.pkl", &whole[..length], &ReadOptions::default()).is_err(), "{length} bytes");
        }
        for at in 0..whole.len() {
            for byte in [0, b'(', b'.', b'a', b'h', 0x94, 0xff, whole[at] ^ 1] {
                let mut changed = whole.to_vec();
                changed[at] = byte;
                // Only a panic would be a fault.
                let _ = read("a.pkl", &changed, &ReadOptions::default());
                let _ = codec.decode(&[&changed], 1, &mut Decoded::Dynamic(Vec::new()));
            }
        }
    }
}
