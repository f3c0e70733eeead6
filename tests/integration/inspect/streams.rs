//! Many pickles in one file, with memos of their own or with the one of the `Pickler` that wrote them all.

use super::paths::part;
use super::{check, pythons, whole};
use sercost::model::Attribution;
use sercost_pickle::{Options, attribute};
use std::process::{Command, Stdio};

/// The bytes that a script of Python writes into `out`, a file in memory; it has `dump`, of one Pickler of the
/// protocol.
fn written(protocol: u8, pickler: &str, script: &str) -> Vec<u8> {
    let script = format!(
        "import io, pickle, sys
class Point:
    def __init__(self, x): self.x = x
out = io.BytesIO()
dump = pickle.{pickler}(out, {protocol}).dump
{script}
unpickler = pickle.Unpickler(io.BytesIO(out.getvalue()))
unpickler.load()
sys.stdout.buffer.write(out.getvalue())"
    );
    let python = Command::new(pythons::python3()).args(["-c", &script]).stderr(Stdio::inherit()).output().unwrap();
    assert!(python.status.success(), "{script}");
    python.stdout
}

#[test]
fn pickles_of_one_pickler_refer_to_what_earlier_ones_wrote() {
    let script = "big = list(range(1000))
dump({'big': big, 'point': Point(0)})
for i in range(3): dump({'big': big, 'point': Point(i), 'text': 'once more'})";
    for protocol in 0..=5 {
        for pickler in ["Pickler", "_Pickler"] {
            let attribution = whole(&written(protocol, pickler, script));
            let what = format!("protocol {protocol} of {pickler}");
            assert_eq!(attribution.pickles, 4, "{what}");
            assert_eq!(attribution.find("(trailing)"), None, "{what}");
            let big = part(&attribution, "$1[\"big\"]");
            assert_eq!((big.what.as_str(), big.references), ("list of 1,000 int", 3), "{what}");
            for path in ["$2[\"big\"]", "$3[\"big\"]", "$4[\"big\"]"] {
                let reference = part(&attribution, path);
                assert_eq!((reference.what.as_str(), reference.bytes < 30), ("reference", true), "{what}");
                let to: Vec<String> = reference.related.iter().map(|&part| attribution.path(part)).collect();
                assert_eq!(to, ["$1[\"big\"]"], "{what}");
            }
            // Its class and the names of its fields are those of the first.
            assert_eq!(part(&attribution, "$4[\"point\"].x").what, "int", "{what}");
            assert_eq!(part(&attribution, "$4[\"point\"]").what, "__main__.Point", "{what}");
            assert_eq!(part(&attribution, "$4[\"text\"]").what, "reference", "{what}");
            let note = "one Pickler wrote these pickles: later ones refer to objects of earlier ones";
            assert!(attribution.notes.iter().any(|said| said == note), "{what}: {:?}", attribution.notes);
        }
    }
}

#[test]
fn pickles_that_refer_to_themselves_only_have_memos_of_their_own() {
    let script = "for i in range(4): value = ['text', i]; pickle.dump([value, value, 'text'], out, {protocol})";
    for protocol in 0..=5 {
        let script = script.replace("{protocol}", &protocol.to_string());
        let attribution = whole(&written(protocol, "Pickler", &script));
        assert_eq!((attribution.pickles, attribution.notes.len()), (4, 0), "protocol {protocol}");
    }
}

#[test]
fn many_pickles_are_as_the_items_of_a_list() {
    let script = "for i in range(100): dump({'step': i, 'loss': i / 7, 'text': 'x' * (50_000 if i == 70 else 5)})";
    let attribution = whole(&written(5, "Pickler", script));
    assert_eq!(attribution.pickles, 100);
    assert_eq!(part(&attribution, "$*").what, "99 × dict");
    assert_eq!(part(&attribution, "$*[\"loss\"]").what, "99 float");
    assert!(part(&attribution, "$71[\"text\"]").bytes > 50_000);
}

#[test]
fn a_file_of_one_pickler_that_breaks_off_is_read_up_to_there() {
    let script = "big = list(range(100))
for i in range(5): dump({'big': big, 'i': i})";
    for protocol in [0, 2, 5] {
        let data = written(protocol, "Pickler", script);
        let whole: Attribution = attribute(&data, &Options::default());
        for end in 1..data.len() {
            let attribution = attribute(&data[..end], &Options::default());
            check(&attribution);
            assert!(attribution.pickles <= whole.pickles);
        }
        let attribution = attribute(&data[..data.len() - 3], &Options::default());
        assert_eq!(attribution.pickles, 4, "protocol {protocol}");
    }
}

#[test]
fn opcodes_of_one_pickler_are_counted_with_one_memo() {
    let script = "text = 'some text'
for i in range(3): dump([text, i])";
    let options = Options { opcodes: true, ..Options::default() };
    let inspected = sercost_pickle::inspect("stream".to_owned(), &written(4, "Pickler", script), &options).unwrap();
    let tally = inspected.tally.unwrap();
    // Three lists and the text; the text is fetched by the second list and the third.
    assert_eq!((tally.memo_puts, tally.memo_fetched, tally.memo_get_bytes), (4, 1, 4));
    assert_eq!(tally.savings, []);
}

#[test]
fn of_one_pickler_no_pickle_is_advised_on_by_itself_and_copies_are_found() {
    let options = Options::default();
    // Each dump fetches the first's value by number 0, which a memo of its own would have too.
    let script = "names = [[f'name {i}'] for i in range(200)]
for i in range(40): dump([names, [f'other {i} {j}' for j in range(40)]])";
    let said = |data: &[u8]| sercost_pickle::inspect("stream".to_owned(), data, &options).unwrap().attribution.findings;
    for protocol in [2, 4] {
        let findings = said(&written(protocol, "Pickler", script));
        assert!(findings.iter().all(|finding| finding.kind != "memo"), "{findings:?}");
    }
    let script = "row = lambda: [[i, i / 7] for i in range(300)]
for i in range(3): dump({'name': 'first', 'row': row(), 'i': i})";
    for protocol in [2, 4] {
        let findings = said(&written(protocol, "Pickler", script));
        let copies: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.kind == "duplicate")
            .map(|finding| finding.text.as_str())
            .collect();
        // What all copies take, and each of the two.
        assert_eq!(copies.len(), 3, "protocol {protocol}: {findings:?}");
    }
}
