//! The imports and calls of loading, and what a check makes of them. The kinds of samples are those of the tests of
//! picklescan and fickling; each is made here from opcodes, and nothing is ever loaded.

use crate::tools::{Directory, Ran, finish, run, sercost};
use serde_json::Value;

/// A string, as protocol 4 has it, with a place in the memo.
fn word(text: &str) -> Vec<u8> {
    [&[0x8c, text.len() as u8], text.as_bytes(), b"\x94"].concat()
}

/// `module.name`, as protocol 4 has it.
fn name(module: &str, name: &str) -> Vec<u8> {
    [word(module), word(name), b"\x93\x94".to_vec()].concat()
}

/// `module.name(argument)`, as protocol 4 has it.
fn call(module: &str, called: &str, argument: &str) -> Vec<u8> {
    [b"\x80\x04".to_vec(), name(module, called), word(argument), b"\x85\x94R\x94.".to_vec()].concat()
}

/// `module.name(argument)` in the opcodes of protocol 0.
fn old_call(module: &str, called: &str, argument: &str) -> Vec<u8> {
    format!("c{module}\n{called}\np0\n(V{argument}\np1\ntp2\nRp3\n.").into_bytes()
}

fn check(data: &[u8], options: &[&str]) -> Ran {
    let directory = Directory::new();
    let file = directory.file("sample.pkl", data);
    finish(&mut sercost(["inspect", &file, "--fail-on-calls"].iter().chain(options)))
}

/// The error of a pickle that must not pass.
#[track_caller]
fn refused(data: &[u8], named: &str) {
    let ran = check(data, &[]);
    assert!(ran.status.code().is_some_and(|code| code == 1 || code == 2), "{named}: {ran:?}");
    assert!(ran.err.contains(&format!(" {named} (")), "{named}: {}", ran.err);
    assert!(ran.out.contains(named), "{named}: {}", ran.out);
}

#[track_caller]
fn passes(data: &[u8]) {
    let ran = check(data, &[]);
    assert_eq!(ran.status.code(), Some(0), "{:?}: {}", String::from_utf8_lossy(data), ran.err);
}

#[test]
fn what_scanners_call_dangerous_is_refused_in_every_protocol() {
    for (module, called) in [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "eval"),
        ("builtins", "exec"),
        ("builtins", "compile"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("builtins", "open"),
        ("runpy", "run_path"),
        ("webbrowser", "open"),
        ("socket", "create_connection"),
        ("httplib", "HTTPSConnection"),
        ("requests.api", "get"),
        ("aiohttp.client", "ClientSession"),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
        ("sys", "exit"),
        ("pickle", "loads"),
        ("_pickle", "loads"),
        ("torch.serialization", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("numpy", "memmap"),
        ("numpy.testing._private.utils", "runstring"),
        ("numpy.core", "_ufunc_reconstruct"),
        ("functools", "partial"),
        ("operator", "attrgetter"),
        ("pip", "main"),
        ("bdb", "Bdb.run"),
        ("pydoc", "locate"),
        ("pty", "spawn"),
        ("marshal", "loads"),
        ("types", "FunctionType"),
        ("ctypes", "CDLL"),
        ("uuid", "_get_command_stdout"),
        ("logging", "FileHandler"),
        ("cloudpickle.cloudpickle", "_make_function"),
        ("__main__", "os.system"),
        ("collections", "abc.sys.exit"),
    ] {
        let named = format!("{module}.{called}");
        refused(&call(module, called, "x"), &named);
        refused(&old_call(module, called, "x"), &named);
        refused(format!("(Vx\ni{module}\n{called}\n.").as_bytes(), &named);
        refused(format!("(c{module}\n{called}\nVx\no.").as_bytes(), &named);
        // A name alone runs its module, and any code that gets it may call it.
        refused(&[b"\x80\x04".to_vec(), name(module, called), b".".to_vec()].concat(), &named);
    }
}

#[test]
fn a_name_that_is_hidden_is_found() {
    // From the memo, by numbers, and with words between.
    refused(b"Vos\np2\n0Vsystem\np3\n0Vtorch\np0\n0VLongStorage\np1\n0g2\ng3\n\x93(Vx\ntR.", "os.system");
    refused(b"\x8c\x02os20\x8c\x06system\x93\x8c\x01x\x85R.", "os.system");
    // Behind escapes.
    refused(b"V\\u006fs\nV\\u0073ystem\n\x93(Vx\ntR.", "os.system");
    refused(b"S'\\x6fs'\nS'system'\n\x93(Vx\ntR.", "os.system");
    // In strings that end in frames, and with another protocol said between.
    refused(b"\x80\x04\x95\x04\0\0\0\0\0\0\0\x8c\x02os\x80\x02\x8c\x06system\x93\x8c\x01x\x85R.", "os.system");
    // Popped at once: it was called all the same.
    refused(b"cos\nsystem\n(Vx\ntR0N.", "os.system");
    // Called through a class method of new objects.
    refused(b"\x80\x02csubprocess\nPopen\n(Vx\nt\x81.", "subprocess.Popen");
    refused(b"\x80\x04csubprocess\nPopen\n)}\x92.", "subprocess.Popen");
    // In the second pickle of a file, and behind other values.
    refused(&[b"\x80\x04]\x94.".to_vec(), call("os", "system", "x")].concat(), "os.system");
    refused(&[b"(I1\nI2\n".as_slice(), &old_call("os", "system", "x")].concat(), "os.system");
}

#[test]
fn what_cannot_be_told_is_refused() {
    // A name of which a part is made by a call.
    let made = [
        b"\x80\x04".to_vec(),
        call("builtins", "str", "os")[2..].strip_suffix(b".").unwrap().to_vec(),
        word("system"),
        b"\x93\x8c\x01x\x85R.".to_vec(),
    ];
    refused(&made.concat(), "a name that is made when it is loaded");
    // A persistent id for a name, and one that is called.
    refused(b"\x80\x04\x8c\x02osQ\x8c\x06systemQ\x93.", "a name that is made when it is loaded");
    refused(b"\x80\x02Pfunction\n(Vx\ntR.", "what persistent_load gives for an id");
    // Extensions have names elsewhere.
    refused(b"\x80\x02\x82\x07)R.", "the extension 7, which copyreg has a name for");
    // Calls of what calls made.
    let made = [b"\x80\x04".to_vec(), name("builtins", "str"), b")R)R.".to_vec()].concat();
    refused(&made, "the result of builtins.str");
    refused(b"\x80\x02K\x01)R.", "a value of the pickle that is not a name");
}

#[test]
fn a_name_that_is_changed_is_refused() {
    // uuid.UUID makes values; to set its attributes changes every UUID.
    refused(b"\x80\x02cuuid\nUUID\nN}X\x07\0\0\0versionK\x01s\x86b.", "uuid.UUID");
    refused(b"\x80\x02c__main__\n__builtins__\n}X\x03\0\0\0lenNsb.", "__main__.__builtins__");
    refused(b"csys\nmodules\nVos\nNs.", "sys.modules");
}

#[test]
fn what_a_broken_pickle_calls_before_it_breaks_is_said() {
    for rest in [b"\xff\xff".as_slice(), b"", b"00000", b"g99\n.", b"X\xff\xff\0\0abc", b"e."] {
        let data = [old_call("os", "system", "x").strip_suffix(b".").unwrap(), rest].concat();
        let ran = check(&data, &[]);
        assert_eq!(ran.status.code(), Some(2), "{rest:?}: {ran:?}");
        assert!(ran.err.contains("imports and calls os.system (at byte 0)"), "{}", ran.err);
    }
    // Many bytes that are not a pickle may follow.
    let data = [old_call("os", "system", "x").strip_suffix(b".").unwrap(), &[0xff; 5000]].concat();
    let ran = check(&data, &[]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(ran.err.contains("imports and calls os.system (at byte 0)"), "{}", ran.err);
}

#[test]
fn values_of_known_classes_pass() {
    passes(b"\x80\x04]\x94(K\x01\x8c\x07os.exec\x94e.");
    for (module, called) in [
        ("collections", "OrderedDict"),
        ("collections", "Counter"),
        ("datetime", "datetime"),
        ("decimal", "Decimal"),
        ("fractions", "Fraction"),
        ("uuid", "UUID"),
        ("pathlib", "PurePosixPath"),
        ("builtins", "range"),
        ("builtins", "ValueError"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("pandas._libs.tslibs.timestamps", "_unpickle_timestamp"),
        // An instance of a user's own enumeration.
        ("__main__", "Color"),
    ] {
        passes(&call(module, called, "x"));
        passes(&old_call(module, called, "x"));
    }
    // A user's own dataclass; a call of a function differs from its name alone, as in a task of a pool.
    passes(b"\x80\x02c__main__\nPoint\n)\x81}X\x01\0\0\0xK\x01sb.");
    passes(b"c__main__\nrun\n.");
    refused(&old_call("__main__", "run", "x"), "__main__.run");
}

#[test]
fn real_files_of_packages_pass_or_say_why() {
    let pass = ["numpy", "pandas", "pyarrow", "joblib", "torch"];
    let mut seen = 0;
    for entry in std::fs::read_dir("fixtures/pickles").unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if file.ends_with(".py") {
            continue;
        }
        let ran = run(&format!("inspect fixtures/pickles/{file} --fail-on-calls"));
        // A tensor that is pickled by itself is loaded by torch.load again; cloudpickle and dill make functions, pandas 1.3
        // calls a partial object, and the generator beside the masked array has its seeds from a function of Cython's.
        let is_code = ["cloudpickle", "dill", "pandas-1.3.5", "torch-1.12.1-tensor.pkl", "numpy-2.4.6-masked.pkl"];
        let is_code = is_code.iter().any(|it| file.starts_with(it));
        if is_code || pass.iter().any(|package| file.starts_with(package)) {
            assert_eq!(ran.status.code(), Some(i32::from(is_code)), "{file}: {}", ran.err);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} files");
    let allowed =
        run("inspect fixtures/pickles/cloudpickle-3.1.3-function.pkl --fail-on-calls --allow-call cloudpickle.*");
    assert_eq!(allowed.status.code(), Some(0), "{}", allowed.err);
}

#[test]
fn names_can_be_allowed() {
    let data = [call("myapp.models", "User", "x"), call("os", "getcwd", "x")].concat();
    assert_eq!(check(&data, &["--allow-call", "myapp.*"]).status.code(), Some(1));
    let ran = check(&data, &["--allow-call", "myapp.*", "--allow-call", "os.getcwd"]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
    assert!(ran.out.contains("allowed: myapp.models.User, os.getcwd"), "{}", ran.out);
    // Not what only begins alike.
    assert_eq!(check(&data, &["--allow-call", "my.*", "--allow-call", "os.get"]).status.code(), Some(1));
    assert!(check(&call("myapplication", "f", "x"), &["--allow-call", "myapp.*"]).err.contains("myapplication.f"));
    for bad in ["*", ".*", "os", "o*.x", ""] {
        let error = check(&data, &["--allow-call", bad]).error();
        assert!(error.contains("--allow-call") && error.contains("myapp.*"), "{bad}: {error}");
    }
}

/// A zip file with one member that is not compressed.
fn zip(member: &str, data: &[u8]) -> Vec<u8> {
    zip_by(0, member, data)
}

/// The same, said to be compressed by a method.
fn zip_by(method: u8, member: &str, data: &[u8]) -> Vec<u8> {
    let sizes = [(data.len() as u32).to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
    let length = (member.len() as u16).to_le_bytes();
    let local =
        [b"PK\x03\x04\x14\0\0\0".as_slice(), &[method], &[0; 9], &sizes, &length, b"\0\0", member.as_bytes(), data]
            .concat();
    let directory =
        [b"PK\x01\x02\x14\0\x14\0\0\0".as_slice(), &[method], &[0; 9], &sizes, &length, &[0; 16], member.as_bytes()]
            .concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(),
        &(directory.len() as u32).to_le_bytes(),
        &(local.len() as u32).to_le_bytes(),
        b"\0\0",
    ];
    [local, directory, end.concat()].concat()
}

#[test]
fn members_of_archives_are_looked_into_whatever_their_name() {
    // The checksums are wrong, which does not matter for loading.
    for member in ["archive/data.pkl", "archive/weights.txt"] {
        let data = zip(member, &call("os", "system", "x"));
        refused(&data, "os.system");
        assert!(check(&data, &[]).err.contains(&format!("in {member}")));
    }
    passes(&zip("archive/data.pkl", b"\x80\x04N."));
    // By a method that is not unpacked here, and damaged: its calls are unknown.
    for method in [14, 8] {
        refused(&zip_by(method, "archive/data.pkl", b"\xff\xff\xff\xff"), "what could not be looked into");
    }
}

#[test]
fn calls_are_shown_in_text_markdown_and_json() {
    let directory = Directory::new();
    let file = directory.file("two.pkl", [old_call("os", "getcwd", "x"), b"cos\nsystem\n.".to_vec()].concat());
    let text = run(&format!("inspect {file} --calls")).ok();
    assert!(text.contains("os.getcwd  called once, at byte 0"), "{text}");
    assert!(text.contains("os.system  imported and not called, at byte"), "{text}");
    let markdown = run(&format!("inspect {file} --calls -f markdown")).ok();
    assert!(markdown.contains("| os.system | **not known** | imported and not called |"), "{markdown}");
    let json: Value = serde_json::from_str(&run(&format!("inspect {file} --calls -f json")).ok()).unwrap();
    super::command::check_schema(&json);
    let names = json["files"][0]["calls"]["names"].as_array().unwrap();
    let counts: Vec<_> =
        names.iter().map(|name| (name["name"].as_str().unwrap(), name["calls"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("os.getcwd", 1), ("os.system", 0)]);
    // Without being asked for, nothing is found out.
    let json: Value = serde_json::from_str(&run(&format!("inspect {file} -f json")).ok()).unwrap();
    assert!(json["files"][0].get("calls").is_none());
}
