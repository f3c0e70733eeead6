use super::*;
use crate::model::Trust;

/// The names that are not harmless, with how often each is imported, called and changed.
fn refused(data: &[u8]) -> Vec<(String, u64, u64, u64)> {
    let calls = calls(data, &[], data.len());
    calls.refused().map(|name| (name.name.clone(), name.imports, name.calls, name.changes)).collect()
}

fn row(name: &str, imports: u64, calls: u64, changes: u64) -> (String, u64, u64, u64) {
    (name.to_owned(), imports, calls, changes)
}

#[test]
fn a_name_and_a_call_are_told_apart() {
    assert_eq!(refused(b"cos\ngetcwd\n."), [row("os.getcwd", 1, 0, 0)]);
    assert_eq!(refused(b"cos\ngetcwd\n)R."), [row("os.getcwd", 1, 1, 0)]);
}

#[test]
fn one_memo_that_goes_on_and_memos_of_their_own_are_both_followed() {
    // By itself, the second pickle calls os.system: its own 0 and 1 are these words.
    let own = b"\x80\x04\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93.\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93)R.";
    assert_eq!(refused(own), [row("os.system", 1, 1, 0)]);
    // As a stream, the second fetches what the first has put there.
    let stream = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x86.\x80\x04h\x00h\x01\x93)R.";
    assert_eq!(refused(stream), [row("os.system", 1, 1, 0)]);
}

#[test]
fn numbers_that_are_put_far_off_confuse_nothing() {
    // MEMOIZE takes the count of values for its number: 1, and not 70.
    let data = b"\x80\x04\x8c\x02osq\x45\x8c\x06system\x940h\x45h\x01\x93)R.";
    assert_eq!(refused(data), [row("os.system", 1, 1, 0)]);
    // A number that is given again keeps its place.
    let data =
        b"\x80\x04Nr\x00\x00\x01\x00\x8c\x02osr\x00\x00\x01\x000\x8c\x06system\x940j\x00\x00\x01\x00h\x01\x93)R.";
    assert_eq!(refused(data), [row("os.system", 1, 1, 0)]);
}

#[test]
fn long_rows_of_values_hide_no_names() {
    let mut data = b"(".to_vec();
    for _ in 0..100_000 {
        data.extend_from_slice(b"\x8c\x01a");
    }
    data.extend_from_slice(b"\x8c\x02os\x8c\x06system\x93)Rt.");
    assert_eq!(refused(&data), [row("os.system", 1, 1, 0)]);
}

#[test]
fn bytes_between_opcodes_are_opcodes_to_others() {
    let array = b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b";
    let hidden = b"0cos\nsystem\n)R.";
    let data = [array.as_slice(), hidden].concat();
    let found = calls(&data, std::slice::from_ref(&(array.len()..data.len() - 1)), data.len());
    assert_eq!(found.refused().map(|name| name.name.as_str()).collect::<Vec<_>>(), ["os.system"]);
}

#[test]
fn too_many_marks_end_the_reading_with_a_word() {
    let data = vec![b'('; MOST_VALUES + 10];
    let found = calls(&data, &[], data.len());
    assert_eq!(found.names.len(), 1);
    assert_eq!(found.names[0].trust, Trust::Unknown);
}

#[test]
fn a_pickle_within_the_pickle_is_read_in_both_ways() {
    // To joblib, 0 and 1 are the words of the inner pickle; to pickle.load, those of the outer one.
    let outer = b"\x80\x04\x8c\x02os\x940\x8c\x06system\x940cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b";
    let inner = b"\x80\x04\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93h\x00h\x01\x93)R.";
    let mut data = [outer.as_slice(), inner, b"."].concat();
    assert_eq!(refused(&data), [row("os.system", 1, 1, 0)]);
    // Where the outer words name no module, only joblib can have written it.
    data[4..6].copy_from_slice(b"xy");
    assert_eq!(refused(&data), []);
}
