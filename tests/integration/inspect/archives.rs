//! Archives of every kind, one in the other, and files that hold no pickle.

use super::pythons;
use crate::tools::{Directory, run};
use sercost_pickle::{Options, inspect};
use std::fs;
use std::path::Path;

fn python(script: &str, directory: &Directory) {
    let mut python = std::process::Command::new(pythons::python3());
    let output = python.args(["-c", script]).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn paths(path: &Path) -> (String, Vec<String>) {
    let data = fs::read(path).unwrap();
    let inspected = inspect(path.display().to_string(), &data, &Options::default()).unwrap();
    super::check(&inspected.attribution);
    let attribution = &inspected.attribution;
    let paths =
        (0..attribution.parts.len()).map(|part| format!("{} {}", attribution.path(part), attribution.parts[part].what));
    (inspected.format.clone(), paths.collect())
}

const FILES: &str = r#"
import bz2, gzip, io, json, lzma, pickle, struct, tarfile, zipfile
value = pickle.dumps({"k": list(range(1000)), "s": "y" * 5000})
with zipfile.ZipFile("deflate.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("m/a.pkl", value); z.writestr("m/c.json", '{"x": 1}'); z.writestr("unnamed", value); z.writestr("r", b"\1\2")
with zipfile.ZipFile("outer.zip", "w") as z: z.write("deflate.zip")
with tarfile.open("t.tar.gz", "w:gz") as t:
    t.add("outer.zip")
    long = tarfile.TarInfo("dir/" + "long" * 40 + "/q.pkl"); long.size = len(value); t.addfile(long, io.BytesIO(value))
open("p.xz", "wb").write(lzma.compress(value)); open("p.bz2", "wb").write(bz2.compress(value))
header = {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
          "b": {"dtype": "BF16", "shape": [100], "data_offsets": [24, 224]}}
header = json.dumps(header).encode()
open("w.safetensors", "wb").write(struct.pack("<Q", len(header)) + header + bytes(224))
def npy(descr, shape, data):
    head = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data
open("a.npy", "wb").write(npy("<f8", (3, 4), bytes(96)))
open("o.npy", "wb").write(npy("|O", (2,), pickle.dumps([{"a": 1}, "x" * 2000])))
with zipfile.ZipFile("z.npz", "w") as z: z.write("a.npy"); z.write("o.npy")
"#;

#[test]
fn archives_are_read_one_in_the_other() {
    let directory = Directory::new();
    python(FILES, &directory);
    let of = |name: &str| paths(&directory.join(name));
    let has = |name: &str, path: &str| {
        let (_, found) = of(name);
        assert!(found.iter().any(|found| found == path), "{name} has no {path:?}: {found:#?}");
    };
    assert_eq!(of("deflate.zip").0, "zip archive");
    has("deflate.zip", "m/a.pkl:$[\"s\"] str");
    has("deflate.zip", "m/c.json: JSON");
    has("deflate.zip", "unnamed:$[\"k\"] list of 1,000 int");
    has("deflate.zip", "r: member");
    has("outer.zip", "deflate.zip:m/a.pkl:$[\"s\"] str");
    assert_eq!(of("t.tar.gz").0, "tar archive in gzip");
    has("t.tar.gz", "outer.zip:deflate.zip:m/a.pkl:$[\"s\"] str");
    has("t.tar.gz", &format!("dir/{}/q.pkl:$[\"s\"] str", "long".repeat(40)));
    assert_eq!(of("p.xz").0, "pickle in xz");
    assert_eq!(of("p.bz2").0, "pickle in bzip2");
    assert_eq!(of("w.safetensors").0, "safetensors");
    has("w.safetensors", "$[\"b\"] tensor of bfloat16, 100");
    has("a.npy", "$ numpy.ndarray of float64, 3 × 4");
    has("o.npy", "$[*][\"a\"] int");
    assert_eq!(of("z.npz").0, "NumPy archive");
    has("z.npz", "o.npy:$[*][\"a\"] int");
}

#[test]
fn what_is_not_a_pickle_is_not_called_one() {
    let directory = Directory::new();
    for (name, data, says) in [
        ("a.json", &b" {\"a\": [1, 2]}"[..], "it begins like JSON; `sercost profile` takes it"),
        ("a.csv", b"id,name\n1,x\n", "it begins like text"),
        ("a.html", b"<!doctype html>", "it begins like XML or HTML"),
        ("a.h5", b"\x89HDF\r\n\x1a\n\0\0\0\0", "it begins like an HDF5 file"),
        ("a.parquet", b"PAR1\x15\x04\x15PAR1", "it begins like a Parquet file"),
        ("a.so", b"\x7fELF\x02\x01\x01\0\0\0\0\0", "it begins like an ELF program"),
        ("a.zip", b"PK\x03\x04\x14\0\0\0\0\0", "at byte 10: the zip file has no directory at its end"),
        ("a.bin", b"\x0b\x16\x21\x2c\x37\x42\x4d", "it is not a pickle: at byte 0"),
    ] {
        let path = directory.file(name, data);
        let outcome = run(&format!("inspect {path}"));
        let error = outcome.error();
        assert!(error.contains(says), "{name}: {error}");
    }
}

/// The unpacking of members that grow from little is bounded, and the members that fit are still shown.
#[test]
fn members_that_unpack_to_too_much_are_left_packed() {
    let directory = Directory::new();
    let script = r#"
import pickle, zipfile
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("small.pkl", pickle.dumps(["x" * 100])); z.writestr("bomb.pkl", bytes(50_000_000))
"#;
    python(script, &directory);
    let path = directory.join("bomb.zip");
    let shown = run(&format!("inspect {} --max-unpacked 1MB", path.display())).ok();
    assert!(shown.contains("bomb.pkl is not looked into") && shown.contains("--max-unpacked"), "{shown}");
    assert!(shown.contains("small.pkl"), "{shown}");
}

/// Twenty thousand members that each could be torch's, and two thousand that cannot be unpacked.
#[test]
fn archives_of_many_members_are_read_in_one_go() {
    let directory = Directory::new();
    let script = r#"
import zipfile
with zipfile.ZipFile("many.zip", "w") as z:
    for at in range(20_000): z.writestr(f"{at}/data.pkl", b"\x80\x02N.")
with zipfile.ZipFile("broken.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for at in range(2_000): z.writestr(f"{at}", bytes(50))
data = bytearray(open("broken.zip", "rb").read())
at = data.find(b"PK\3\4")
while at >= 0:
    start = at + 30 + data[at + 26]
    data[start:start + 2] = b"\xff\xff"
    at = data.find(b"PK\3\4", at + 4)
open("broken.zip", "wb").write(data)
"#;
    python(script, &directory);
    let (format, found) = paths(&directory.join("many.zip"));
    assert_eq!(format, "zip archive");
    assert!(found.iter().any(|found| found == "19999/data.pkl:$ None"), "{} parts", found.len());
    let data = fs::read(directory.join("broken.zip")).unwrap();
    let inspected = inspect("broken.zip".to_owned(), &data, &Options::default()).unwrap();
    super::check(&inspected.attribution);
    assert_eq!(inspected.attribution.notes.len(), 6, "{:?}", inspected.attribution.notes);
    assert!(inspected.attribution.notes[5].starts_with("1995 more members"), "{:?}", inspected.attribution.notes);
}
