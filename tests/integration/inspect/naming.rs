//! The parts that are named and those that are merged: heavy items and keys, records that are alike, keys as Python
//! writes them.

use super::{pythons, whole};
use sercost::model::{Attribution, Part};
use sercost_pickle::{Options, attribute};
use std::collections::HashSet;
use std::process::Command;

/// The attribution of what a script of Python writes to `out`.
#[track_caller]
fn written(script: &str) -> Vec<u8> {
    let script = format!(
        "import collections, datetime, decimal, enum, fractions, pickle, sys, uuid
class Color(enum.Enum):
    RED = 1
out = sys.stdout.buffer
{script}"
    );
    let output = Command::new(pythons::python3()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[track_caller]
fn of(expression: &str) -> Attribution {
    whole(&written(&format!("out.write(pickle.dumps({expression}, 4))")))
}

#[track_caller]
fn part<'a>(attribution: &'a Attribution, path: &str) -> &'a Part {
    let at = attribution.find(path).unwrap_or_else(|| panic!("no {path} in {:#?}", paths(attribution)));
    &attribution.parts[at]
}

fn paths(attribution: &Attribution) -> Vec<String> {
    (0..attribution.parts.len()).map(|at| attribution.path(at)).collect()
}

/// The share of the file, in percent.
#[track_caller]
fn share(attribution: &Attribution, path: &str) -> f64 {
    part(attribution, path).bytes as f64 / attribution.bytes as f64 * 100.0
}

const RECORD: &str = "{'id': i, 'emb': [i / 7] * 8, 'name': 'name %d' % i}";

#[test]
fn many_records_of_a_dict_show_their_fields_together() {
    for count in [102, 257, 2048, 2100] {
        for key in ["'user%06d' % i", "i", "i + 10**12", "datetime.date(2000, 1, 1) + datetime.timedelta(days=i)"] {
            let attribution = of(&format!("{{{key}: {RECORD} for i in range({count})}}"));
            assert_eq!(part(&attribution, "$[*]").count, count, "{key}");
            assert_eq!(part(&attribution, "$[*][\"emb\"]").count, count, "{key}");
            assert!(share(&attribution, "$[*][\"emb\"]") > 40.0, "{key}");
            assert!(attribution.parts.len() < 30, "{:?}", paths(&attribution));
        }
    }
}

#[test]
fn a_few_records_keep_their_names() {
    let attribution = of(&format!("{{'user%d' % i: {RECORD} for i in range(60)}}"));
    assert_eq!(part(&attribution, "$[\"user59\"][\"id\"]").count, 1);
    assert_eq!(attribution.find("$[*]"), None);
}

#[test]
fn the_heavy_key_of_many_is_named_and_the_others_are_merged() {
    let heavy = "{'id': 7, 'blob': bytes(30_000)}";
    for (key, step) in [
        ("'big'", "[\"big\"]"),
        ("10**15", "[1000000000000000]"),
        ("-10**30", "[-1000000000000000000000000000000]"),
        ("datetime.date(1999, 12, 31)", "[datetime.date(1999, 12, 31)]"),
        ("uuid.UUID(int=1 << 127)", "[UUID('80000000-0000-0000-0000-000000000000')]"),
        ("('a', 1.5, None)", "[('a', 1.5, None)]"),
    ] {
        for others in ["'user%d' % i", "i", "uuid.UUID(int=i)"] {
            let dict = format!("{{**{{{others}: {RECORD} for i in range(600)}}, {key}: {heavy}}}");
            let attribution = of(&dict);
            assert!(share(&attribution, &format!("${step}[\"blob\"]")) > 20.0, "{key} among {others}");
            assert_eq!(part(&attribution, "$[*]").count, 600, "{key} among {others}");
            assert_eq!(part(&attribution, "$[*][\"emb\"]").count, 600, "{key} among {others}");
        }
    }
}

#[test]
fn up_to_256_children_are_named() {
    let attribution = of("{'key%03d' % i: bytes(300 + i) for i in range(256)}");
    assert_eq!(part(&attribution, "$[\"key000\"]").what, "bytes");
    assert_eq!(attribution.find("$[*]"), None);
    let attribution = of("{'key%03d' % i: bytes(300 + i) for i in range(300)}");
    assert_eq!(part(&attribution, "$[\"key299\"]").what, "bytes");
    assert_eq!(part(&attribution, "$[*]").what, "44 bytes");
}

#[test]
fn the_heavy_item_is_named_by_its_place() {
    for (expression, path) in [
        ("[i if i != 3700 else bytes(400_000) for i in range(10_000)]", "$[3700]"),
        ("[{'a': i, 'b': 'x' * (200_000 if i == 37 else 3)} for i in range(1000)]", "$[37][\"b\"]"),
        ("['s%d' % i if i != 41 else 'y' * 900 for i in range(100)]", "$[41]"),
        ("tuple(i if i != 20_000 else [0] * 100_000 for i in range(50_000))", "$[20000]"),
        ("tuple({'a': i} if i != 20_000 else {'a': bytes(500_000)} for i in range(50_000))", "$[20000][\"a\"]"),
        ("[[[0] * 9 if (i, j) != (7, 3) else [1] * 50_000 for j in range(50)] for i in range(100)]", "$[7][3]"),
        ("{'a': [b'x'] * 5 + [bytes(100_000)], 'b': list(range(1000))}", "$[\"a\"][5]"),
        ("collections.deque([1, 2, bytes(10_000), 3])", "$[2]"),
        ("[bytes(100_000), b'y']", "$[0]"),
    ] {
        let attribution = of(expression);
        assert!(share(&attribution, path) > 40.0, "{path} of {expression}");
        assert!(paths(&attribution).iter().any(|path| path.contains("[*]")), "{expression}");
    }
    // The place in the pickle: a set has no other.
    let attribution = of("{'q' * 100_000} | set(range(1000))");
    assert!(attribution.parts.iter().any(|part| part.what == "str" && part.bytes > 100_000), "{attribution:#?}");
    let attribution = whole(&written("out.write(pickle.dumps([*range(30_000), 'z' * 400_000, *range(99)], 0))"));
    assert!(share(&attribution, "$[30000]") > 60.0);
}

#[test]
fn items_that_are_alike_are_not_named() {
    for expression in ["[bytes(1000 + i) for i in range(9)]", "[[0] * 500] * 1 + [[1] * 700]", "[bytes(90)]"] {
        assert!(paths(&of(expression)).contains(&"$[*]".to_owned()), "{expression}");
        assert_eq!(of(expression).find("$[0]"), None, "{expression}");
    }
}

/// Values of one kind under one path are one part, whatever their size: a long string and a short one, a list and an
/// empty one.
#[test]
fn one_path_and_kind_is_one_part() {
    for (expression, path, what) in [
        ("[{'b': bytes(3000) if i % 2 else b'%d' % i} for i in range(8)]", "$[*][\"b\"]", "8 bytes"),
        ("[{'s': chr(65 + i) * (2000 if i % 2 else 3)} for i in range(8)]", "$[*][\"s\"]", "8 str"),
        ("[[] if i % 2 else [i] for i in range(8)]", "$[*]", "8 × list with 4 int"),
        ("[{} if i % 2 else {'a': i} for i in range(8)]", "$[*]", "8 × dict"),
    ] {
        let attribution = of(expression);
        assert_eq!(paths(&attribution).iter().filter(|other| *other == path).count(), 1, "{expression}");
        assert_eq!(part(&attribution, path).what, what, "{expression}");
    }
    let attribution = of("[getattr(__import__('builtins'), n) for n in dir(__builtins__) if n.endswith('Error')]");
    assert_eq!(paths(&attribution).iter().filter(|path| *path == "$[*]").count(), 1, "{attribution:#?}");
    // Two keys that are shown alike, since they are too long to be shown.
    let attribution = of("{'k' * 900 + c + 'e' * 90: 1 for c in 'abc'}");
    let paths = paths(&attribution);
    assert_eq!(paths.iter().collect::<HashSet<_>>().len(), paths.len(), "{paths:#?}");
}

#[test]
fn keys_are_written_as_python_writes_them() {
    let keys = [
        ("'it\\'s \"q\"\\n\\u20ac\\x1b'", "[\"it's \\\"q\\\"\\n€\\x1b\"]"),
        ("'\\udc80'", "[\"\\udc80\"]"),
        ("b\"it's\\x00\\xff\"", "[b\"it's\\x00\\xff\"]"),
        ("b'ab'", "[b'ab']"),
        ("1.0", "[1.0]"),
        ("1e300", "[1e+300]"),
        ("1e-7", "[1e-07]"),
        ("float('-inf')", "[-inf]"),
        ("True", "[True]"),
        ("None", "[None]"),
        ("2**31", "[2147483648]"),
        ("-2**63", "[-9223372036854775808]"),
        ("10**40", "[10000000000000000000000000000000000000000]"),
        ("('x',)", "[('x',)]"),
        ("()", "[()]"),
        ("(1, ('a', 2.5), b'c')", "[(1, ('a', 2.5), b'c')]"),
        ("frozenset({5})", "[frozenset({5})]"),
        ("datetime.date(2024, 1, 2)", "[datetime.date(2024, 1, 2)]"),
        ("datetime.datetime(2024, 1, 2, 3, 4)", "[datetime.datetime(2024, 1, 2, 3, 4)]"),
        ("datetime.datetime(2024, 1, 2, 3, 4, 5, 678)", "[datetime.datetime(2024, 1, 2, 3, 4, 5, 678)]"),
        ("uuid.UUID(int=77)", "[UUID('00000000-0000-0000-0000-00000000004d')]"),
        ("decimal.Decimal('1.5')", "[Decimal('1.5')]"),
    ];
    let list: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    let script = format!(
        "for key in [{}]:
    for protocol in range(6): print(pickle.dumps({{key: list(range(100)), 'other': 1}}, protocol).hex())",
        list.join(", ")
    );
    let written = String::from_utf8(written(&script)).unwrap();
    let mut lines = written.lines();
    for (key, step) in keys {
        for protocol in 0..6 {
            let hex = lines.next().unwrap();
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            let data: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            // A string that has no other form than a surrogate is not told apart from its escape in protocol 0.
            if protocol > 0 || !key.contains("udc80") {
                let attribution = whole(&data);
                assert_eq!(part(&attribution, &format!("${step}")).what, "list of 100 int", "{key} in {protocol}");
            }
        }
    }
    let color = of("{Color.RED: list(range(100))}");
    let paths = paths(&color);
    assert!(paths.iter().any(|path| path == "$[Color(1)]" || path == "$[Color.RED]"), "{paths:?}");
}

#[test]
fn attributes_that_are_no_names_are_shown_as_keys() {
    let script = "class P: pass
p = P(); p.__dict__.update({'a b': [1] * 50, 'a.b': 2, 'ok': 3}); out.write(pickle.dumps(p, 4))";
    let attribution = whole(&written(script));
    assert_eq!(part(&attribution, "$.__dict__[\"a b\"]").what, "list of 50 int");
    assert_eq!(part(&attribution, "$.ok").what, "int");
    assert_eq!(part(&attribution, "$.__dict__[\"a.b\"]").what, "int");
}

/// Ten heavy values at each of many levels, and a file of nothing but candidates.
#[test]
fn what_is_kept_for_names_is_bounded() {
    let attribution = of("[[i, bytes(40 + i % 3)] for i in range(100_000)]");
    assert!(attribution.parts.len() < 30, "{}", attribution.parts.len());
    let attribution = of("[{(i, j): 'v' for j in range(40)} for i in range(3000)]");
    assert!(attribution.parts.len() < 300, "{}", attribution.parts.len());
    // Tuples of tuples, each written once and referred to 20 times: as text, more than a reader would read.
    let script = "t = ('a',)
for _ in range(3): t = (t,) * 20
out.write(pickle.dumps({(t, i): i for i in range(300)}, 4))";
    assert!(whole(&written(script)).parts.len() < 1000);
    let many = written("for i in range(200): out.write(pickle.dumps({(k, i): bytes(5 * k) for k in range(100)}, 4))");
    let attribution = attribute(&many, &Options::default());
    assert!(attribution.parts.len() < 3000, "{}", attribution.parts.len());
}
