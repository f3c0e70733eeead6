//! Pickles as payloads: what is plain data and arrays is read, everything else is refused by its path, and hostile bytes
//! are refused at once.

mod pythons;

use pythons::pythons;
use sercost::codec::{self, Decoded};
use sercost::payload::Tree;
use sercost::payload::read::{InputFormat, ReadOptions, read, read_tree};

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
        (numpy("u1", '|', "-1", 'C', &[]), "a size of a numpy array is no size"),
        (numpy("M8", '<', "1", 'C', &[0; 8]), "a numpy array of type \"M8\" has no counterpart among sercost's types"),
        (numpy("c16", '<', "1", 'C', &[0; 16]), "of type \"c16\" has no counterpart"),
        (numpy("U1", '<', "1", 'C', &[0xff; 4]), "something that is no character"),
    ] {
        let refusal = refusal(&pickle);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn what_is_not_plain_data_is_refused_by_its_path_and_class() {
    let cases = [
        (
            "import datetime\nvalue = {'rows': [{'when': 1}, {'when': datetime.datetime(2024, 1, 1)}]}",
            "$.rows[1].when: is a datetime.datetime, not plain data; pickle its isoformat() or its timestamp()",
        ),
        (
            "import decimal\nvalue = [decimal.Decimal(1)]",
            "$[0]: is a decimal.Decimal, not plain data; pickle it as str",
        ),
        ("import uuid\nvalue = uuid.UUID(int=1)", "is a uuid.UUID, not plain data; pickle its str or its bytes"),
        ("import collections\nvalue = collections.OrderedDict(a=1)", "is a collections.OrderedDict, not plain data"),
        (
            "import collections\nvalue = collections.deque([1])",
            "is a collections.deque, not plain data; pickle list(it)",
        ),
        ("value = 1j", "is a complex, not plain data; pickle its real and imag"),
        ("import math\nvalue = {'f': math.sin}", "$.f: is the function or class math.sin, not plain data; profile"),
        (
            "import functools\nvalue = functools.partial(len)",
            "is a functools.partial, not plain data; profile its arguments",
        ),
        ("value = range(3)", "is a range, not plain data; pickle what it holds"),
        ("value = [1]\nvalue.append(value)", "$[1]: a list contains itself; sercost cannot measure"),
        ("value = {}\nvalue['a'] = [(value,)]", "$.a[0][0]: a dict contains itself"),
        ("value = {'a': {None: 1}}", "$.a: a key is None"),
        ("value = {(1, 2): 1}", "a key is a tuple"),
        ("value = [0, 2 ** 64]", "$[1]: integer (over 64 bits) does not fit in 64 bits"),
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
    let after = refusal(b"\x80\x02K\x01.K\x02.");
    assert_eq!(
        after,
        "a.pkl: byte 5: 3 bytes are left over after the pickle; a file of several pickles is several payloads: put them \
         into one list"
    );
}

#[test]
fn tuples_and_sets_are_told_of() {
    let document = read("a.pkl", b"\x80\x04(K\x01K\x02\x86K\x03\x85(K\x04\x91t.", &ReadOptions::default()).unwrap();
    assert_eq!(document.notes, ["3 tuples were read as lists", "1 set was read as a list"]);
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
        ("a negative length", b"T\xff\xff\xff\xff.".to_vec(), "the file ends inside BINSTRING"),
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
        ("no opcode", b"\x80\x02\xff.".to_vec(), "byte 0xff is no opcode of pickle"),
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
                // That there is no panic is all that is asked.
                let _ = read("a.pkl", &changed, &ReadOptions::default());
                let _ = codec.decode(&[&changed], 1, &mut Decoded::Dynamic(Vec::new()));
            }
        }
    }
}
