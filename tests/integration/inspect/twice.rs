//! Values that are written more than once: values with parts by what they hold, members of archives, storages of old
//! files of torch.

use super::{check, pythons};
use sercost::model::Inspected;
use sercost_pickle::{Options, inspect};
use std::process::Command;

/// The attribution of what a script of Python writes.
#[track_caller]
fn of(script: &str) -> Inspected {
    let script = format!(
        "import copy, io, json, pickle, sys, tarfile, zipfile
row = {{'key %d' % i: i * 1.5 for i in range(200)}}
long = [[i, 'text %d' % i, None] for i in range(9000)]
def again(value): return json.loads(json.dumps(value))
def put(value, protocol=4): sys.stdout.buffer.write(pickle.dumps(value, protocol))
def zipped(method=0, **members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as z:
        for name, data in members.items(): z.writestr(name, data)
    return out.getvalue()
{script}"
    );
    let output = Command::new(pythons::python3()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let inspected = inspect("it".to_owned(), &output.stdout, &Options::default()).unwrap();
    check(&inspected.attribution);
    inspected
}

/// The paths that are written again, with what they are the same as and what that costs. The sum of several is left out.
fn twice(inspected: &Inspected) -> Vec<(String, String, u64)> {
    let attribution = &inspected.attribution;
    let findings = attribution.findings.iter().filter(|finding| finding.kind == "duplicate");
    let row = |finding: &sercost::model::Finding| {
        let (text, _) = finding.text.split_once("; ")?;
        Some((attribution.path(finding.part?), text.to_owned(), finding.saves_bytes?))
    };
    findings.filter_map(row).collect()
}

#[track_caller]
fn only(script: &str, path: &str, text: &str) -> u64 {
    let found = twice(&of(script));
    let [(found, said, bytes)] = &found[..] else { panic!("{script}: {found:?}") };
    assert_eq!((found.as_str(), said.as_str()), (path, text), "{script}");
    *bytes
}

#[test]
fn values_of_many_small_ones_are_compared_too() {
    for protocol in 0..=5 {
        let script = format!("put({{'a': row, 'b': again(row)}}, {protocol})");
        let found = twice(&of(&script));
        let [(path, text, bytes)] = &found[..] else { panic!("{script}: {found:?}") };
        assert_eq!(path, "$[\"b\"]");
        assert!(text.starts_with("the same ") && text.ends_with(" as $[\"a\"]"), "{text}");
        // A float of nine bytes and a key of eight at least.
        assert!(*bytes > 200 * 17, "{bytes}");
    }
    // Frames begin at other places in the second.
    let bytes = only("put({'a': long, 'x': 7, 'b': again(long)})", "$[\"b\"]", "the same 179 kB as $[\"a\"]");
    assert!(bytes > 100_000);
    // The second has its strings from the memo.
    let script = "put({'a': row, 'b': dict(row)})";
    let bytes = only(script, "$[\"b\"]", "the same 2.20 kB as $[\"a\"]");
    assert!(bytes < 3000, "{bytes}");
    only("put([again(row) for _ in range(9)])", "$[*]", "of 9 values, 8 with the bytes of an earlier one");
    let script = "put([{'id': i, 'emb': [0.5 * (i % 3) + j for j in range(200)]} for i in range(30)])";
    only(script, "$[*][\"emb\"]", "of 30 values, 27 with the bytes of an earlier one");
    let script = "put([{'id': i, 'row': again(row)} for i in range(5)] + [again(row)])";
    let paths: Vec<String> = twice(&of(script)).into_iter().map(|(path, ..)| path).collect();
    assert_eq!(paths, ["$[*][\"row\"]", "$[*]"]);
}

#[test]
fn values_that_differ_or_are_shared_are_not_said() {
    for script in [
        "put([row, row])",
        "put([row, dict(reversed(row.items()))])",
        "put([list(range(900)), tuple(range(900))])",
        "put([list(range(900)), list(range(899)) + [7]])",
        "put([[list(range(900))], [[i] for i in range(900)]])",
        "put([set(range(900)), list(set(range(900)))])",
        "put([[1.5] * 900, [0x3ff8] * 900])",
        // The same strings in each, from another place of the memo.
        "put([['a', 'b'] * 500, ['b', 'a'] * 500])",
        // The memo goes on from pickle to pickle: the last list has the first's strings, not those under these places.
        "p = pickle.Pickler(sys.stdout.buffer, 4); words = ['word %d' % i for i in range(800)]
p.dump([words[:400]]); p.dump([words[400:], words[:400]])",
        // Lists that only begin alike: the second goes on where it is referred to.
        "a = list(range(900)); b = list(range(900)); b.append([b]); a.append([1]); put([a, b])",
    ] {
        assert_eq!(twice(&of(script)), [], "{script}");
    }
}

#[test]
fn members_of_archives_are_compared_with_each_other_and_with_values() {
    let blob = "blob = bytes(range(256)) * 20";
    for method in [0, 8] {
        let script = format!(
            "{blob}\nsys.stdout.buffer.write(zipped({method}, a=blob, b=b'x' + blob, c=blob, p=pickle.dumps({{'k': [blob]}}, 4)))"
        );
        let found = twice(&of(&script));
        let expected = ["c:", "p:$[\"k\"][*]"].map(|path| (path.to_owned(), "the same 5.12 kB as a".to_owned(), 5120));
        assert_eq!(found, expected, "{method}");
    }
    // Pickles as a whole, also through archives in archives.
    let script = "one = pickle.dumps(long); sys.stdout.buffer.write(zipped(8, z=zipped(8, x=one), y=zipped(0, w=one)))";
    only(script, "y:w:", "the same 179 kB as z:x");
    let script = "
out = io.BytesIO()
with tarfile.open(fileobj=out, mode='w:gz') as t:
    for name, data in ('a.pkl', pickle.dumps([1, row])), ('b.pkl', pickle.dumps([2, row])):
        info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
sys.stdout.buffer.write(out.getvalue())";
    only(script, "b.pkl:$[1]", "the same 3.69 kB as a.pkl:$[1]");
}

#[test]
fn storages_behind_an_old_file_of_torch_are_compared() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pickles/torch-1.12.1-twice.pt");
    let data = std::fs::read(path).unwrap();
    let found = twice(&inspect("it".to_owned(), &data, &Options::default()).unwrap());
    let text = "the same 2.40 kB as $[\"t\"].storage".to_owned();
    assert_eq!(found, [("$[\"v\"].storage".to_owned(), text, 2400)]);
}
