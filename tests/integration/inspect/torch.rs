//! torch's files, written here as torch writes them: whose bytes the storages are.

use super::pythons;
use crate::tools::{Directory, run};
use sercost::model::Inspected;
use sercost_pickle::{Options, inspect};
use std::fs;

/// A stand-in for torch that pickles tensors as torch 2 does, and writes its archive and its format before 1.6.
const WRITER: &str = r#"
import collections, io, pickle, struct, sys, types, zipfile
torch = types.ModuleType("torch"); utils = types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
def function(module, name):
    made = types.FunctionType((lambda *a: None).__code__, {}, name)
    made.__module__, made.__qualname__ = module.__name__, name
    setattr(module, name, made)
for name in ("_rebuild_tensor_v2", "_rebuild_parameter"): function(utils, name)
for name in ("FloatStorage", "HalfStorage", "LongStorage"):
    setattr(torch, name, type(name, (), {"__module__": "torch", "__qualname__": name}))
SIZES = {"FloatStorage": 4, "HalfStorage": 2, "LongStorage": 8}
class Storage:
    def __init__(self, kind, elements, fill=1): self.kind, self.elements, self.fill = kind, elements, fill
    def data(self): return bytes([self.fill]) * (self.elements * SIZES[self.kind])
class Tensor:
    def __init__(self, storage, size, offset=0): self.storage, self.size, self.offset = storage, size, offset
    def __reduce__(self):
        stride, step = [], 1
        for side in reversed(self.size): stride.insert(0, step); step *= side
        return (utils._rebuild_tensor_v2, (self.storage, self.offset, tuple(self.size), tuple(stride), False, collections.OrderedDict()))
class Pickler(pickle.Pickler):
    def __init__(self, file, is_old):
        super().__init__(file, protocol=2)
        self.keys, self.storages, self.is_old = {}, {}, is_old
    def persistent_id(self, value):
        if not isinstance(value, Storage): return None
        key = self.keys.setdefault(id(value), str(len(self.keys)))
        self.storages[key] = value
        last = (None,) if self.is_old else ()
        return ("storage", getattr(torch, value.kind), key, "cpu", value.elements) + last
def save(value, path):
    file = io.BytesIO(); pickler = Pickler(file, False); pickler.dump(value)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", file.getvalue())
        archive.writestr("archive/byteorder", "little")
        for key, storage in pickler.storages.items(): archive.writestr("archive/data/" + key, storage.data())
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/.data/serialization_id", "0" * 40)
def save_old(value, path):
    with open(path, "wb") as file:
        pickle.dump(0x1950a86a20f9469cfc6c, file, 2); pickle.dump(1001, file, 2)
        pickle.dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, file, 2)
        pickler = Pickler(file, True); pickler.dump(value)
        keys = sorted(pickler.storages); pickle.dump(keys, file, 2)
        for key in keys: file.write(struct.pack("<q", pickler.storages[key].elements)); file.write(pickler.storages[key].data())
float_, half, long_ = (lambda n, fill=1, kind=kind: Storage(kind, n, fill) for kind in ("FloatStorage", "HalfStorage", "LongStorage"))
"#;

/// Looks into the file that the script makes, in both formats.
fn both(script: &str) -> [Inspected; 2] {
    let directory = Directory::new();
    let (new, old) = (directory.join("new.pt"), directory.join("old.pt"));
    let script = format!("{WRITER}\nvalue = {script}\nsave(value, sys.argv[1])\nsave_old(value, sys.argv[2])");
    let mut python = std::process::Command::new(pythons::python3());
    let output = python.args(["-c", &script]).args([&new, &old]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [new, old].map(|path| {
        let data = fs::read(path).unwrap();
        let inspected = inspect("file".to_owned(), &data, &Options::default()).unwrap();
        super::check(&inspected.attribution);
        assert_eq!(inspected.attribution.bytes, data.len() as u64);
        assert_eq!(inspected.attribution.fault, None);
        inspected
    })
}

/// The bytes of a path, which begins at what `torch.load` gives in both formats.
fn bytes(file: &Inspected, path: &str) -> u64 {
    let attribution = &file.attribution;
    let part = attribution.find(path);
    attribution.parts[part.unwrap_or_else(|| panic!("no {path} in {attribution:#?}"))].bytes
}

/// Runs the script with the writer, in a directory, and looks into the file that it makes.
fn made(script: &str) -> Inspected {
    let directory = Directory::new();
    let path = directory.join("made.pt");
    let script = format!("{WRITER}\n{script}");
    let output = std::process::Command::new(pythons::python3()).args(["-c", &script]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let inspected = inspect("file".to_owned(), &fs::read(path).unwrap(), &Options::default()).unwrap();
    super::check(&inspected.attribution);
    inspected
}

#[test]
fn tensors_own_the_bytes_of_their_storages() {
    let script = r#"{"model": {"w": Tensor(float_(10_000), [100, 100])}, "optim": {i: {"m": Tensor(float_(10_000), [100, 100]),
        "v": Tensor(half(10_000), [10_000])} for i in range(2)}, "step": 7}"#;
    for file in both(script) {
        assert!((40_000..40_400).contains(&bytes(&file, "$[\"model\"][\"w\"]")));
        assert!((120_000..121_000).contains(&bytes(&file, "$[\"optim\"]")));
        let part = file.attribution.parts.iter().find(|part| part.what.starts_with("torch.Tensor of float32"));
        assert_eq!(part.unwrap().what, "torch.Tensor of float32, 100 × 100");
        // Behind the pickles, nothing is compared.
        let views = file.attribution.findings.iter().filter(|finding| finding.kind == "view");
        assert_eq!(views.count(), 0, "{:?}", file.attribution.findings);
        assert!(
            !file.attribution.parts.iter().any(|part| part.step == "(trailing)" || part.what == "storage of no tensor")
        );
    }
}

#[test]
fn of_tied_tensors_the_first_owns_and_the_others_refer_to_it() {
    let script = r#"(lambda s: {"embed": Tensor(s, [10, 100]), "layers": [Tensor(s, [1000]), Tensor(float_(500), [500])],
        "head": Tensor(s, [10, 100])})(float_(1000))"#;
    for file in both(script) {
        let attribution = &file.attribution;
        assert!(bytes(&file, "$[\"embed\"]") > 4000);
        assert!(bytes(&file, "$[\"head\"]") < 300);
        assert!((2000..2500).contains(&bytes(&file, "$[\"layers\"]")));
        let head = attribution.parts.iter().position(|part| part.step == "[\"head\"]").unwrap();
        let tied = attribution.children(head).find(|&child| attribution.parts[child].step == ".storage").unwrap();
        let owner = attribution.parts[tied].related[0];
        assert!(attribution.path(owner).ends_with("[\"embed\"].storage"), "{}", attribution.path(owner));
        assert_eq!(attribution.parts[owner].references, 2);
    }
}

#[test]
fn views_of_a_small_part_of_a_storage_are_found() {
    let views = r#"(lambda s, t: {"small": Tensor(s, [10], 990), "both": [Tensor(t, [600]), Tensor(t, [400], 600)]})(float_(1000), float_(1000))"#;
    for file in both(views) {
        let findings: Vec<_> = file.attribution.findings.iter().filter(|finding| finding.kind == "view").collect();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].text.starts_with("10 of 1,000 elements"), "{findings:?}");
        assert!((3950..=3970).contains(&findings[0].saves_bytes.unwrap()), "{findings:?}");
        let path = file.attribution.path(findings[0].part.unwrap());
        assert!(path.ends_with("[\"small\"].storage"), "{path}");
    }
}

/// 128 elements: the first byte of their number is that of a pickle's protocol.
#[test]
fn a_storage_that_begins_like_a_pickle_is_none() {
    for file in both(r#"{"w": Tensor(float_(128), [128])}"#) {
        assert!((512..800).contains(&bytes(&file, "$[\"w\"]")));
    }
}

#[test]
fn an_old_file_that_is_cut_short_says_so() {
    let directory = Directory::new();
    let path = directory.join("old.pt");
    let script = format!("{WRITER}\nsave_old({{'w': Tensor(float_(1000), [1000])}}, sys.argv[1])");
    assert!(
        std::process::Command::new(pythons::python3()).args(["-c", &script]).arg(&path).status().unwrap().success()
    );
    let data = fs::read(&path).unwrap();
    let inspected = inspect("file".to_owned(), &data[..data.len() - 1000], &Options::default()).unwrap();
    super::check(&inspected.attribution);
    let fault = inspected.attribution.fault.unwrap().to_string();
    assert!(fault.contains("of 4008 bytes of the storages"), "{fault}");
}

/// A key that is not in the archive, one that is there twice, and a storage that is larger than all numbers.
#[test]
fn storages_that_cannot_be_are_no_bytes() {
    let directory = Directory::new();
    let path = directory.join("hostile.pt");
    let script = format!(
        "{WRITER}\ns = float_(2**62)\ns.data = lambda: b'abc'\nsave([Tensor(s, [2**62]), Tensor(s, [-5])], sys.argv[1])"
    );
    assert!(
        std::process::Command::new(pythons::python3()).args(["-c", &script]).arg(&path).status().unwrap().success()
    );
    let shown = run(&format!("inspect {} --format json", path.display())).ok();
    assert!(shown.contains("torch archive"), "{shown}");
    let inspected = inspect("file".to_owned(), &fs::read(&path).unwrap(), &Options::default()).unwrap();
    super::check(&inspected.attribution);
}

/// From torch 2.1 on, tensors of the newer dtypes are written with a storage that counts bytes.
const UNTYPED: &str = r#"
function(utils, "_rebuild_tensor_v3")
torch.UntypedStorage = type("UntypedStorage", (), {"__module__": "torch", "__qualname__": "UntypedStorage"})
SIZES["UntypedStorage"] = 1
class Dtype:
    def __reduce__(self): return "uint32"
Dtype.__module__ = "torch"
torch.uint32 = Dtype()
class Untyped(Tensor):
    def __reduce__(self):
        return (utils._rebuild_tensor_v3, (self.storage, self.offset, tuple(self.size), tuple([1]), False, collections.OrderedDict(), torch.uint32))
"#;

#[test]
fn elements_of_untyped_storages_have_the_size_of_their_dtype() {
    let save = r#"save({"whole": Untyped(Storage("UntypedStorage", 40_000), [10_000]),
        "part": Untyped(Storage("UntypedStorage", 40_000, 2), [10])}, sys.argv[1])"#;
    let file = made(&format!("{UNTYPED}{save}"));
    let attribution = &file.attribution;
    let whole = attribution.find("$[\"whole\"]").unwrap();
    assert_eq!(attribution.parts[whole].what, "torch.Tensor of uint32, 10000");
    let views: Vec<_> = attribution.findings.iter().filter(|finding| finding.kind == "view").collect();
    assert_eq!(views.len(), 1, "{views:?}");
    assert!(views[0].text.starts_with("40 of 40,000 bytes"), "{views:?}");
    assert_eq!(attribution.path(views[0].part.unwrap()), "$[\"part\"].storage");
}

#[test]
fn storages_belong_to_their_pickle_in_archives_of_every_layout() {
    let parts = r#"
def pickled(value):
    file = io.BytesIO(); pickler = Pickler(file, False); pickler.dump(value)
    return file.getvalue(), pickler.storages
one, of_one = pickled({"w": Tensor(float_(5000), [5000])})
two, of_two = pickled((Tensor(float_(8000, 2), [8000]),))
def put(archive, name, storages, ending=""):
    for key, storage in storages.items(): archive.writestr(name + key + ending, storage.data())
"#;
    let script = r#"
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("net/data.pkl", one); z.writestr("net/constants.pkl", two); z.writestr("net/version", "3")
    put(z, "net/data/", of_one); put(z, "net/constants/", of_two); z.writestr("net/data/unused", bytes(100))
"#;
    let file = made(&format!("{parts}{script}"));
    assert_eq!(file.format, "TorchScript archive");
    assert!((20_000..20_400).contains(&bytes(&file, "$[\"w\"]")));
    assert!((32_000..32_400).contains(&bytes(&file, "net/constants.pkl:$[0]")));
    let unused = file.attribution.find("net/data/unused:").unwrap();
    assert_eq!(file.attribution.parts[unused].what, "storage of no tensor");

    // Two pickles of a package that name one storage: it is there once.
    let package = r#"
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("pkg/.data/version", "6"); z.writestr("pkg/.data/extern_modules", "torch")
    z.writestr("pkg/a/one.pkl", one); z.writestr("pkg/b/same.pkl", one); put(z, "pkg/.data/", of_one, ".storage")
"#;
    let file = made(&format!("{parts}{package}"));
    assert_eq!(file.format, "torch package");
    assert!((20_000..20_400).contains(&bytes(&file, "pkg/a/one.pkl:$[\"w\"]")));
    assert!(bytes(&file, "pkg/b/same.pkl:$[\"w\"]") < 400);

    let packed = r#"
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("net/data.pkl", one); put(z, "net/data/", of_one); z.writestr("net/version", "3")
"#;
    let file = made(&format!("{parts}{packed}"));
    assert_eq!(file.format, "torch archive");
    assert!(file.packed_bytes.is_some_and(|packed| packed < 2000));
    assert!((20_000..20_400).contains(&bytes(&file, "$[\"w\"]")));
}

#[test]
fn storages_behind_old_files_are_what_the_pickle_says_or_no_bytes() {
    let file =
        made("save_old({'w': Tensor(float_(1000), [1000])}, sys.argv[1]); open(sys.argv[1], 'ab').write(b'hello')");
    assert!(bytes(&file, "$[\"w\"]") > 4000);
    let trailing = file.attribution.find("(trailing)").unwrap();
    assert_eq!(file.attribution.parts[trailing].bytes, 5);

    // Sizes that have no sum in 64 bits.
    let file = made(
        "wide = [float_(2**61 - at) for at in (0, 3, 5, 9)]
for storage in wide: storage.data = lambda: b''
save_old([Tensor(storage, [7]) for storage in wide], sys.argv[1])",
    );
    let fault = file.attribution.fault.as_ref().unwrap().to_string();
    assert!(fault.contains("bytes of the storages of tensors"), "{fault}");
}

/// A name of an earlier dict's key is fetched from the memo where the persistent id has it.
#[test]
fn persistent_ids_are_read_where_their_words_were_keys_before() {
    for file in both(
        r#"(lambda words: setattr(Pickler, "persistent_id", lambda self, value: self.storages.setdefault("k0", value) and
            (words[0], torch.FloatStorage, words[1], "cpu", value.elements, None) if isinstance(value, Storage) else None)
            or [{words[0]: 1, words[1]: 2}, Tensor(float_(10_000), [10_000])])(["storage", "k0"])"#,
    ) {
        assert!((40_000..40_400).contains(&bytes(&file, "$[1]")), "{:#?}", file.attribution);
    }
}
