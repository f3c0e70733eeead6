//! Which path gets which bytes: values whose pickles are known by the byte.

use super::pythons;
use super::whole;
use sercost::model::Attribution;
use std::process::Command;

/// The attribution of what an expression of Python is pickled to.
#[track_caller]
pub(super) fn of(expression: &str) -> Attribution {
    let script = format!(
        "import collections, datetime, enum, functools, pickle, sys
class Point:
    def __init__(self, x): self.x = x
    def method(self): pass
class Color(enum.Enum):
    RED = 1
def f(x, data=None): pass
def setter(target, state): target.__dict__.update(state)
class Six:
    def __reduce__(self): return Six, (), {{'value': [1, 2, 3]}}, None, None, setter
def recursive():
    inside = []; value = (inside, 1); inside.append(value); return value
sys.stdout.buffer.write({expression})"
    );
    let output = Command::new(pythons::python3()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    whole(&output.stdout)
}

#[track_caller]
pub(super) fn part<'a>(attribution: &'a Attribution, path: &str) -> &'a sercost::model::Part {
    let paths = || (0..attribution.parts.len()).map(|at| attribution.path(at)).collect::<Vec<_>>();
    let at = attribution.find(path).unwrap_or_else(|| panic!("no {path} in {:#?}", paths()));
    &attribution.parts[at]
}

#[test]
fn the_list_bound_to_a_partial_owns_nearly_all() {
    let attribution = of("pickle.dumps(functools.partial(f, data=list(range(10_000))), 4)");
    let list = part(&attribution, "$.keywords[\"data\"]");
    assert_eq!(list.what, "list of 10,000 int");
    // The key and its memo entry; the list, its memo entry, and a mark and an APPENDS for each thousand; the integers.
    let integers = 2 * 256 + 3 * (10_000 - 256);
    assert_eq!(list.bytes, 7 + 2 + 10 * 2 + integers);
    let function = part(&attribution, "$.func");
    assert_eq!(function.what, "__main__.f");
    // "__main__" and "f" as strings with memo entries, STACK_GLOBAL and its memo entry; and two bytes for the second
    // mention of it, from the memo.
    assert_eq!(function.bytes, (2 + 8 + 1) + (2 + 1 + 1) + 1 + 1 + 2);
    assert_eq!(part(&attribution, "(protocol)").bytes, 2);
    assert_eq!(part(&attribution, "(frames)").bytes, 9);
    assert_eq!(part(&attribution, "(stop)").bytes, 1);
}

#[test]
fn a_shared_value_is_owned_once_and_referenced_from_elsewhere() {
    let attribution = of("(lambda x: pickle.dumps({'a': x, 'b': x, 'c': [x, x]}, 4))(list(range(100)))");
    let owner = part(&attribution, "$[\"a\"]");
    assert_eq!((owner.references, owner.what.as_str()), (3, "list of 100 int"));
    assert_eq!(owner.bytes, 4 + 2 + 2 + 200);
    let reference = part(&attribution, "$[\"b\"]");
    // The key with its memo entry, and BINGET with its index.
    assert_eq!((reference.bytes, reference.what.as_str()), (4 + 2, "reference"));
    assert_eq!(attribution.path(reference.related[0]), "$[\"a\"]");
    assert_eq!(part(&attribution, "$[\"c\"][*]").what, "2 references");
}

#[test]
fn values_of_one_shape_are_one_part() {
    let attribution =
        of("pickle.dumps([{'id': i, 'name': str(i), 'more': [i] if i % 2 else None} for i in range(1000)], 4)");
    assert_eq!(part(&attribution, "$").what, "list of 1,000 dict");
    assert_eq!(part(&attribution, "$[*][\"id\"]").count, 1000);
    assert_eq!(part(&attribution, "$[*][\"name\"]").what, "1,000 str");
    assert_eq!(part(&attribution, "$[*][\"more\"]").what, "500 × list with 500 int");
    assert_eq!(attribution.parts.iter().filter(|part| part.what == "500 None").count(), 1);
}

/// Behind the rows of the list, each of them too light to be told apart, come dicts that are parts of tuples, with the same keys as the rows and with others.
#[test]
fn dicts_in_tuples_are_not_rows_of_the_list() {
    for protocol in 2..=5 {
        let attribution = of(&format!(
            "pickle.dumps([{{'x': i, 'w': 0}} for i in range(900)] + [({{'x': 1, 'w': 0}}, {{'y': 2, 'w': 0}}) for i in range(60)] + [({{'x': 3, 'w': 0}}, {{'x': 4, 'w': 0}}, {{'y': 'abc', 'w': 0}})], {protocol})"
        ));
        assert_eq!(part(&attribution, "$[*][\"x\"]").count, 900, "protocol {protocol}");
        assert_eq!(part(&attribution, "$[*][0][\"x\"]").count, 61);
        assert_eq!(part(&attribution, "$[*][1][\"x\"]").count, 1);
        assert_eq!(part(&attribution, "$[*][1][\"y\"]").count, 60);
        assert_eq!(part(&attribution, "$[*][2][\"y\"]").what, "str");
    }
}

#[test]
fn known_reductions_are_shown_by_name() {
    for (expression, path, what) in [
        ("functools.partial(f, 1, data=2)", "$.args[0]", "int"),
        ("Point(1)", "$", "__main__.Point"),
        ("Point('abc')", "$.x", "str"),
        ("[Point(i) for i in range(7)]", "$[*]", "7 × __main__.Point"),
        ("Point([1, 2]).method", "$", "bound method method"),
        ("Point([1, 2]).method", "$.__self__.x", "list of 2 int"),
        ("collections.OrderedDict(a=[1, 2])", "$[\"a\"]", "list of 2 int"),
        ("collections.OrderedDict(a=1)", "$", "collections.OrderedDict"),
        ("collections.defaultdict(list, k=[1])", "$.default_factory", "builtins.list"),
        ("collections.defaultdict(list, k=[1])", "$[\"k\"]", "list of 1 int"),
        ("collections.Counter('aab')", "$[\"a\"]", "int"),
        ("collections.deque(range(9), 20)", "$[*]", "9 int"),
        ("collections.deque(range(9), 20)", "$.maxlen", "int"),
        ("datetime.timedelta(1)", "$.days", "int"),
        ("datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)", "$.tzinfo", "datetime.timezone"),
        ("1j", "$.imag", "float"),
        ("{1, 2, 3}", "$", "set of 3 int"),
        ("frozenset((1, 2))", "$", "frozenset of 2 int"),
        ("bytearray(b'abc')", "$", "bytearray"),
        ("f", "$", "__main__.f"),
        ("{(1, 2): 3}", "$.keys()[*][0]", "int"),
        ("{i: str(i) for i in range(500)}", "$", "dict of 500 str"),
        ("{None: 1, 2.5: 2, b'k': 3, -7: 4}", "$[-7]", "int"),
        ("{None: 1, 2.5: 2, b'k': 3, -7: 4}", "$[None]", "int"),
        ("{None: 1, 2.5: 2, b'k': 3, -7: 4}", "$[2.5]", "int"),
        ("tuple([i, i + 1] for i in range(30_000))", "$", "tuple of 30,000 list"),
        ("recursive()", "$[0][*]", "reference"),
    ] {
        let attribution = of(&format!("pickle.dumps({expression}, 5)"));
        assert_eq!(part(&attribution, path).what, what, "{expression}");
    }
}

#[test]
fn old_protocols_have_the_same_paths() {
    for protocol in 0..=5 {
        let attribution = of(&format!("pickle.dumps(functools.partial(f, data={{'k': [1] * 50}}), {protocol})"));
        assert_eq!(part(&attribution, "$.keywords[\"data\"][\"k\"]").what, "list of 50 int", "{protocol}");
        assert_eq!(part(&attribution, "$.func").what, "__main__.f", "{protocol}");
        let attribution = of(&format!("pickle.dumps([Point([1, 2]), Point([3])], {protocol})"));
        assert_eq!(part(&attribution, "$[*]").what, "2 × __main__.Point", "{protocol}");
        assert_eq!(part(&attribution, "$[*].x").what, "2 × list with 3 int", "{protocol}");
    }
}

#[test]
fn several_pickles_and_what_follows_them_have_their_parts() {
    let attribution = of("b''.join(pickle.dumps({'a': i}, 4) for i in range(3)) + b'and more'");
    assert_eq!(attribution.pickles, 3);
    assert_eq!(part(&attribution, "$3[\"a\"]").what, "int");
    assert_eq!(part(&attribution, "(trailing)").bytes, 8);
    let attribution = of("b''.join(pickle.dumps({'a': i}, 0) for i in range(3))");
    assert_eq!(attribution.pickles, 3);
    let attribution = of("b''.join(pickle.dumps({'a': i}, 4) for i in range(1000))");
    assert_eq!((attribution.pickles, attribution.parts.len() < 100), (1000, true));
    assert_eq!(part(&attribution, "$*").what, "1,000 × dict");
}

#[test]
fn a_state_that_a_function_sets_belongs_to_the_object() {
    let attribution = of("pickle.dumps([Six()], 4)");
    assert_eq!(part(&attribution, "$[*].value").what, "list of 3 int");
    assert_eq!(attribution.parts.iter().filter(|part| part.step.starts_with("(discarded")).count(), 0);
}

#[test]
fn a_list_written_through_the_memo_gets_its_items() {
    // A list in the memo, held by a dict; then fetched and appended to; then thrown away.
    let attribution = whole(b"\x80\x04}\x94\x8c\x01a]\x94sh\x01(K\x01K\x02K\x03e0.");
    assert_eq!(part(&attribution, "$[\"a\"]").what, "list of 3 int");
    assert_eq!(part(&attribution, "$[\"a\"]").bytes, 3 + 2 + 2 + 6);
}

#[test]
fn faults_name_their_place_and_reason() {
    use sercost_pickle::{Options, attribute};
    let faults: Vec<String> = [
        &b""[..],
        b"\x80\x04",
        b"\x80\x09N.",
        b"\x80\x04\xff",
        b"\x80\x04K",
        b"\x80\x04h\x05.",
        b"\x80\x04\x8e\0\0\0\0\0\0\0\x10abc",
        b"T\xff\xff\xff\xffabc",
        b"e.",
        b"\x80\x04K\x01\x86.",
        b"\x80\x04(K\x01u.",
        b"\x80\x04}(K\x01u.",
        b"\x80\x04\x94",
        b"gx\n.",
        b"\x80\x04K\x01K\x02\x93.",
        b"I12",
        b".",
    ]
    .iter()
    .map(|data| attribute(data, &Options::default()).fault.map_or("none".to_owned(), |fault| fault.to_string()))
    .collect();
    insta::assert_snapshot!("faults", faults.join("\n"));
}
