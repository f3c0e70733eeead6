//! Things by their names: columns of frames and tables, cells and globals of functions, pickles within bytes, arrays.

use super::paths::{of, part};
use super::{check, whole};
use sercost::model::Attribution;
use sercost_pickle::{Options, attribute, inspect};
use std::fs;
use std::path::Path;

fn fixture(name: &str) -> Attribution {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pickles").join(name);
    let data = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let inspected = inspect(name.to_owned(), &data, &Options::default()).unwrap();
    check(&inspected.attribution);
    assert_eq!(inspected.attribution.fault, None, "{name}");
    inspected.attribution
}

fn bytes(attribution: &Attribution, path: &str) -> u64 {
    part(attribution, path).bytes
}

const ROWS: u64 = 60;

/// The columns that `fixtures/pickles/packages.py` made, each by its own bytes.
#[test]
fn a_frame_has_its_bytes_by_column() {
    for version in ["1.1.5", "1.3.5", "1.5.3", "3.1.1"] {
        for protocol in [4, 5] {
            let name = format!("pandas-{version}-columns-{protocol}.pkl");
            let frame = fixture(&name);
            check_columns(&frame, &name, 3, [8 * ROWS; 2]);
            // One column alone in its block has the whole array.
            let alone = part(&frame, "$[\"whole\"]");
            assert!(alone.bytes > 8 * ROWS && alone.bytes < 8 * ROWS + 160, "{name}: {}", alone.bytes);
            assert!(bytes(&frame, "$.index") < 100 && bytes(&frame, "$.columns") < 300, "{name}");
            assert!(bytes(&frame, "$._mgr") * 8 < frame.bytes, "{name}: {}", bytes(&frame, "$._mgr"));
        }
    }
}

/// Before protocol 3, the bytes of a block are text in which some take two or six.
#[test]
fn a_frame_of_an_old_protocol_has_its_bytes_by_column() {
    let widths = |step: f64, protocol: u8| -> u64 {
        let values = (0..ROWS).flat_map(|row| (row as f64 * step).to_le_bytes());
        let width = |byte: u8| match (protocol, byte) {
            (0, 0 | b'\n' | b'\r' | 0x1a | b'\\') => 6,
            (2, 0x80..) => 2,
            _ => 1,
        };
        values.map(width).sum()
    };
    for version in ["1.1.5", "1.3.5", "3.1.1"] {
        for protocol in [0, 2] {
            let name = format!("pandas-{version}-columns-{protocol}.pkl");
            // An opcode with the end of its line or a length, and `p123` or the like: seven bytes in both.
            check_columns(&fixture(&name), &name, 7, [widths(0.5, protocol), widths(2.0, protocol)]);
        }
        let list = fixture(&format!("pandas-{version}-turned.pkl"));
        assert_eq!(bytes(&list, "$[*][\"none\"]"), 9 * 8 * 6);
        assert_eq!(bytes(&list, "$[*][\"some\"]"), 9 * 8);
        // Of nine integers, zeros are written as six: one has eight, the others seven.
        assert_eq!(bytes(&list, "$[*][('x', 2)]"), 9 * 8 + 5 * (8 + 8 * 7));
    }
}

/// Checks what holds of the frame in every protocol: the bytes of columns of one block, and those of objects.
fn check_columns(frame: &Attribution, name: &str, header: u64, [half, double]: [u64; 2]) {
    // Two columns of one block: the share of each.
    assert_eq!(bytes(frame, "$[\"half\"]"), half, "{name}");
    assert_eq!(bytes(frame, "$[\"double\"]"), double, "{name}");
    assert_eq!(part(frame, "$[\"half\"]").what, "column of float64");
    // Of objects, each column has its own: the text with what is around it.
    let texts: u64 = (0..ROWS).map(|at| format!("name {}", at * 7919).len() as u64).sum();
    let names = bytes(frame, "$[\"name\"]");
    assert!(names > texts && names <= texts + ROWS * (header + 3), "{name}: {names}");
    if header == 3 {
        assert_eq!(names, texts + ROWS * header, "{name}");
    }
    assert_eq!(part(frame, "$[\"cells\"][*][\"k\"]").count, ROWS, "{name}");
    assert_eq!(part(frame, "$[\"cells\"][*][\"v\"]").what, "60 × list with 300 int", "{name}");
    for column in ["kind", "when", "maybe", "text"] {
        assert!(bytes(frame, &format!("$[\"{column}\"]")) > 4 * ROWS, "{name}: {column}");
    }
}

#[test]
fn columns_are_called_by_tuples_and_numbers_too() {
    for version in ["1.1.5", "1.5.3", "3.1.1"] {
        let list = fixture(&format!("pandas-{version}-levels.pkl"));
        assert_eq!(bytes(&list, "$[*][('x', 1)]"), 72);
        assert_eq!(bytes(&list, "$[*][('x', 2)]"), 72);
        assert!(bytes(&list, "$[*][('y', 1)]") > 72);
        for column in 0..3 {
            assert_eq!(bytes(&list, &format!("$[*][{column}]")), 40, "{version}");
        }
        // A series has one array.
        assert!(bytes(&list, "$[*].values") > 8 * ROWS);
    }
}

#[test]
fn a_table_of_arrow_has_its_bytes_by_column() {
    let list = fixture("pyarrow-26.0.1-table.pkl");
    assert_eq!(part(&list, "$[*]").what, "pyarrow.Table");
    for (column, least) in [("whole", 8 * 90), ("half", 8 * 90), ("name", 4 * 91 + 90 * 7 - 10)] {
        let shapes: Vec<(&str, u64)> = (0..list.parts.len())
            .filter(|&at| list.path(at) == format!("$[*][\"{column}\"]"))
            .map(|at| (list.parts[at].what.as_str(), list.parts[at].bytes))
            .collect();
        assert_eq!(shapes.len(), 2, "{column}: {shapes:?}");
        assert_eq!(shapes[0].0, "pyarrow.ChunkedArray");
        assert_eq!(shapes[1].0, "pyarrow.Array");
        for (what, bytes) in shapes {
            assert!(bytes > least && bytes < least + 200, "{column}, {what}: {bytes}");
        }
    }
}

/// polars pickles a stream of Arrow, whose buffers are aligned to 64 bytes or to 8.
#[test]
fn a_frame_of_polars_has_its_bytes_by_column() {
    let list = fixture("polars-2.1.0-frame.pkl");
    assert_eq!(part(&list, "$[0]").what, "polars.dataframe.frame.DataFrame");
    for (column, what, least) in [
        ("whole", "column of int64", 8 * ROWS),
        ("half", "column of float64", 8 * ROWS),
        ("name", "column of str", 16 * ROWS),
        ("long", "column of str", (16 + 24) * ROWS),
        ("kind", "column of categories", 4 * ROWS),
        ("day", "column of date", 4 * ROWS),
        ("list", "column of list", (8 + 2 * 8) * ROWS),
        ("pair", "column of struct", 8 * ROWS + ROWS / 8),
    ] {
        let part = part(&list, &format!("$[0][\"{column}\"]"));
        assert_eq!(part.what, what, "{column}");
        assert!(part.bytes >= least && part.bytes <= least + 260, "{column}: {}", part.bytes);
    }
    assert!(bytes(&list, "$[0].__state__") < 4000);
}

/// Strings of pandas are objects of numpy where pyarrow is not there.
#[test]
fn names_without_arrow_are_read_too() {
    let frame = fixture("pandas-3.1.1-frame.pkl");
    for (column, least) in [("a", 800), ("b", 490), ("c", 800)] {
        let bytes = bytes(&frame, &format!("$[\"{column}\"]"));
        assert!(bytes > least && bytes < least + 250, "{column}: {bytes}");
    }
}

/// Hostile and damaged tables: whatever stands where names and shapes should, every byte has one owner.
#[test]
fn a_damaged_frame_is_attributed_to_the_last_byte() {
    for name in [
        "pandas-1.1.5-levels.pkl",
        "pandas-1.3.5-turned.pkl",
        "pandas-3.1.1-levels.pkl",
        "pyarrow-26.0.1-table.pkl",
        "polars-2.1.0-frame.pkl",
        "dill-0.4.1-function.pkl",
    ] {
        let data = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pickles").join(name)).unwrap();
        for at in (0..data.len()).step_by(5) {
            let mut damaged = data.clone();
            damaged[at] = [0, b'K', b'N', b'h', b't', b')', 0xff][at % 7];
            check(&attribute(&damaged, &Options::default()));
        }
    }
}

/// Instances of a class that is pickled with them are called by its name, the first with the class and the others that refer
/// to it.
#[test]
fn what_is_pickled_by_value_is_called_by_its_name() {
    for name in ["cloudpickle-2.0.0-object.pkl", "cloudpickle-3.1.3-object.pkl"] {
        let object = fixture(name);
        assert_eq!(part(&object, "$").what, "instance of Model", "{name}");
        assert_eq!(part(&object, "$.__callable__").what, "class Model by value", "{name}");
        assert_eq!(part(&object, "$.__callable__.predict").what, "function Model.predict by value", "{name}");
    }
    let list = fixture("numpy-2.4.6-masked.pkl");
    assert_eq!(part(&list, "$[*]").what, "numpy.ma.MaskedArray");
    assert_eq!((bytes(&list, "$[*].data"), bytes(&list, "$[*].mask")), (8 * 40 + 6, 40 + 3));
    assert_eq!(part(&list, "$[1]").what, "numpy.random.RandomState");
    assert!(list.parts.iter().any(|part| part.what == "numpy.random.Generator"));
    assert_eq!(part(&list, "$[*].bit_generator").what, "numpy.random._pcg64.PCG64");
}

#[test]
fn functions_of_dill_have_their_cells_and_globals() {
    for version in ["0.3.4", "0.4.1"] {
        let function = fixture(&format!("dill-{version}-function.pkl"));
        let what = &part(&function, "$").what;
        assert!(what.ends_with("inner by value"), "{version}: {what}");
        assert_eq!(part(&function, "$.__globals__[\"table\"]").what, "list of 100 int", "{version}");
        let cell = part(&function, "$.__closure__[0].cell_contents[\"k\"]");
        assert_eq!(cell.what, "list of 200 int", "{version}");
        assert_eq!(part(&function, "$.__closure__[1].cell_contents").what, "int", "{version}");
        assert!(bytes(&function, "$.__code__.co_code") > 20, "{version}");
        assert_eq!(part(&function, "$.__defaults__[0]").what, "int", "{version}");
    }
}

#[test]
fn a_pickle_within_bytes_is_looked_into() {
    let attribution = of("pickle.dumps({'task': pickle.dumps({'x': list(range(256)), 'y': 1}, 4), 'n': 1}, 4)");
    let inner = part(&attribution, "$[\"task\"](pickle)[\"x\"]");
    assert_eq!(inner.what, "list of 256 int");
    assert_eq!(inner.bytes, 4 + 2 + 2 + 512);
    let task = part(&attribution, "$[\"task\"]");
    // Markers of the inner pickle are the value's own; those of the file are not more for it.
    assert_eq!(task.own_bytes, 2 + 4 + 1 + 5 + 1 + (2 + 9 + 1));
    assert_eq!(bytes(&attribution, "(protocol)"), 2);
    assert_eq!(attribution.pickles, 1);
}

#[test]
fn pickles_within_the_bytes_of_a_list_are_one_part() {
    let attribution = of("pickle.dumps([pickle.dumps({'id': i, 'name': 'x' * 40}, 5) for i in range(50)], 4)");
    assert_eq!(part(&attribution, "$[*](pickle)[\"id\"]").count, 50);
    assert_eq!(part(&attribution, "$[*](pickle)[\"name\"]").what, "50 str");
}

#[test]
fn bytes_that_only_look_like_a_pickle_stay_bytes() {
    for expression in [
        // A pickle and more behind it, two in a row, one that breaks off, one that is not a pickle, one of too few
        // bytes.
        "pickle.dumps([pickle.dumps([1] * 100, 4) + b'.'], 4)",
        "pickle.dumps([2 * pickle.dumps([1] * 100, 4)], 4)",
        "pickle.dumps([pickle.dumps([1] * 100, 4)[:-1] + b'0' * 300 + b'.'], 4)",
        "pickle.dumps([b'\\x80\\x04' + b'x' * 100 + b'.'], 4)",
        "pickle.dumps([pickle.dumps(1, 4)], 4)",
    ] {
        let attribution = of(expression);
        assert_eq!(attribution.find("$[*](pickle)"), None, "{expression}");
        assert_eq!(part(&attribution, "$[*]").what, "bytes", "{expression}");
    }
}

#[test]
fn pickles_one_in_the_other_are_looked_into_as_far_as_is_useful() {
    let script = "(lambda f: f(f, 12))(lambda f, n: pickle.dumps(f(f, n - 1) if n else list(range(99)), 4))";
    let attribution = of(script);
    assert_eq!(attribution.fault, None);
    let deepest = (0..attribution.parts.len()).map(|at| attribution.path(at).matches("(pickle)").count()).max();
    assert_eq!(deepest, Some(4));
}

/// A value of an inner pickle is not that of the outer under the same memo index.
#[test]
fn the_memo_of_an_inner_pickle_is_its_own() {
    let attribution = of("(lambda x: pickle.dumps([x, pickle.dumps([x, x], 4), x], 4))(list(range(200)))");
    // The list that the outer one refers to again, and the one that the inner pickle refers to again.
    let lists: Vec<(bool, u64)> = (0..attribution.parts.len())
        .filter(|&at| attribution.parts[at].what == "list of 200 int")
        .map(|at| (attribution.path(at).contains("(pickle)"), attribution.parts[at].references))
        .collect();
    assert_eq!(lists.len(), 2);
    assert!(lists.contains(&(false, 1)) && lists.contains(&(true, 1)), "{lists:?}");
}

#[test]
fn arrays_beside_the_pickle_have_a_size_by_shape_and_dtype() {
    let list = fixture("numpy-2.2.6-out-of-band.pkl");
    let shown: Vec<&str> =
        list.parts.iter().filter(|part| part.step == ".data").map(|part| part.what.as_str()).collect();
    assert_eq!(shown, ["out-of-band buffer of 800 B", "out-of-band buffer of 40 B"]);
    assert_eq!(list.out_of_band_buffers, 2);
    assert_eq!(list.notes, ["2 buffers travel beside the pickle: 840 B in all, by shape and dtype"]);
}

#[test]
fn structured_arrays_are_shown_by_their_fields() {
    for name in ["numpy-2.2.6-arrays-4.pkl", "numpy-1.21.6-arrays-5.pkl", "joblib-1.6.0-plain.joblib"] {
        let value = fixture(name);
        let rows = part(&value, "$[\"rows\"]");
        let length = if name.starts_with("joblib") { 5 } else { 3 };
        assert_eq!(rows.what, format!("numpy.ndarray of [('a', '<i4'), ('b', '<f8')], {length}"), "{name}");
    }
}

#[test]
fn arrays_of_joblib_have_dtype_and_shape() {
    let value = fixture("joblib-1.6.0-plain.joblib");
    assert_eq!(part(&value, "$[\"a\"]").what, "numpy.ndarray of float64, 100");
    assert_eq!(bytes(&value, "$[\"a\"].data"), 800);
    assert_eq!(part(&value, "$[\"fortran\"]").what, "numpy.ndarray of float64, 3 × 3");
    assert_eq!(bytes(&value, "$[\"rows\"].data"), 60);
}

#[test]
fn large_values_with_the_same_bytes_are_found() {
    let attribution = of(
        "pickle.dumps({'a': b'x' * 3000 + b'y' * 3000, 'b': bytearray(b'x' * 3000 + b'y' * 3000), 'c': 'z' * 6000}, 5)",
    );
    let [finding] = attribution.findings.as_slice() else { panic!("{:?}", attribution.findings) };
    assert_eq!(finding.kind, "duplicate");
    assert_eq!(attribution.path(finding.part.unwrap()), "$[\"b\"]");
    assert_eq!(finding.saves_bytes, Some(6000));
    assert!(finding.text.starts_with("the same 6.00 kB as $[\"a\"]; "), "{}", finding.text);
}

#[test]
fn what_is_shared_or_differs_is_no_duplicate() {
    for expression in [
        "(lambda x: pickle.dumps([x, x], 4))(b'x' * 5000)",
        "pickle.dumps([bytes([1]) * 5000, bytes([2]) * 5000], 4)",
        "pickle.dumps([b'x' * 2000 + b'a' + b'x' * 2000, b'x' * 2000 + b'b' + b'x' * 2000], 4)",
        "pickle.dumps(['x' * 900, b'x' * 900], 4)",
    ] {
        assert_eq!(of(expression).findings, [], "{expression}");
    }
}

#[test]
fn duplicates_of_one_part_and_of_several_are_summed() {
    let attribution = of("pickle.dumps({'l': [bytes([i % 4]) * 2000 for i in range(40)], 'm': bytes([0]) * 2000}, 4)");
    let found: Vec<(Option<String>, Option<u64>)> = attribution
        .findings
        .iter()
        .map(|finding| (finding.part.map(|part| attribution.path(part)), finding.saves_bytes))
        .collect();
    let path = |text: &str| Some(text.to_owned());
    assert_eq!(
        found,
        [(None, Some(74_000)), (path("$[\"l\"][*]"), Some(72_000)), (path("$[\"m\"]"), Some(2000))],
        "{:?}",
        attribution.findings
    );
    assert!(attribution.findings[0].text.contains("are written more than once"));
    assert!(attribution.findings[1].text.starts_with("of 40 values, 36 with"), "{}", attribution.findings[1].text);
}

/// A value in a pickle that is bytes itself is counted with these.
#[test]
fn a_repeated_pickle_within_bytes_is_counted_once() {
    let attribution =
        of("(lambda f: pickle.dumps({'a': f(), 'b': f()}, 4))(lambda: pickle.dumps({'x': b'v' * 3000}, 4))");
    let saved: Vec<Option<u64>> = attribution.findings.iter().map(|finding| finding.saves_bytes).collect();
    let [Some(saved)] = saved[..] else { panic!("{:?}", attribution.findings) };
    assert!((3000..3100).contains(&saved), "{saved}");
    assert_eq!(attribution.path(attribution.findings[0].part.unwrap()), "$[\"b\"]");
}

/// Names come from the pickle, which may lie: a name as long as a file, a shape that no array has.
#[test]
fn lies_about_tables_cost_nothing() {
    let block = b"cpandas._libs.internals\n_unpickle_block\ncnumpy.core.multiarray\n_reconstruct\n)R(K\x01\
        J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86cnumpy\ndtype\nX\x02\x00\x00\x00O8\x85R\x89](";
    let mut data = b"\x80\x04".to_vec();
    data.extend_from_slice(block);
    data.extend(std::iter::repeat_n(b'N', 100_000));
    data.extend_from_slice(b"etbNK\x02\x87R.");
    let attribution = whole(&data);
    assert_eq!(attribution.bytes, data.len() as u64);
}
