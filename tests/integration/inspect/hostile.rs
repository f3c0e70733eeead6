//! Pickles made to hurt who reads them: each ends soon, in little memory, with a report or with a place and a reason.

use super::pythons;
use crate::tools::Directory;
use std::process::Command;

/// Runs the program as the kernel sees it: exit code, peak resident memory, and what it printed. From Python, whose
/// standard library can ask the kernel for a child's memory.
const MEASURE: &str = "
import os, resource, sys
limit = 60
pid = os.fork()
if pid == 0:
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o600), 1)
    os.dup2(1, 2)
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
print(os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status), usage.ru_maxrss)
";

/// The memory that each may take beside the file.
const MOST_KB: u64 = 100_000;

struct Outcome {
    code: i32,
    kilobytes: u64,
    printed: String,
}

fn inspect(directory: &Directory, name: &str, data: &[u8]) -> Outcome {
    let file = directory.file(name, data);
    let printed = directory.join("printed");
    let _ = std::fs::remove_file(&printed);
    let output = Command::new(pythons::python3())
        .args(["-c", MEASURE, printed.to_str().unwrap(), env!("CARGO_BIN_EXE_sercost"), "inspect", &file])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<i64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let printed = String::from_utf8_lossy(&std::fs::read(&printed).unwrap()).into_owned();
    Outcome { code: numbers[0] as i32, kilobytes: numbers[1] as u64, printed }
}

fn repeated(parts: &[(&[u8], usize)]) -> Vec<u8> {
    let mut data = b"\x80\x04".to_vec();
    for (bytes, count) in parts {
        data.extend(bytes.repeat(*count));
    }
    data
}

/// One million, the size of most.
const MANY: usize = 1_000_000;

/// A name, a pickle and the exit code.
type Hostile = (&'static str, Vec<u8>, i32);

/// Those that are a few bytes again and again.
fn repetitions() -> Vec<Hostile> {
    vec![
        ("nested lists", repeated(&[(b"]", MANY), (b"a", MANY - 1), (b".", 1)]), 0),
        ("nested lists with marks", repeated(&[(b"](", MANY), (b"e", MANY), (b".", 1)]), 0),
        ("nested lists in the memo", repeated(&[(b"]\x94", MANY), (b"a", MANY - 1), (b".", 1)]), 0),
        ("nested lists that end early", repeated(&[(b"](", MANY)]), 2),
        ("nested tuples", repeated(&[(b"(", MANY), (b"t", MANY), (b".", 1)]), 0),
        ("nested tuples of one", repeated(&[(b"N", 1), (b"\x85", MANY), (b".", 1)]), 0),
        ("nested dicts", repeated(&[(b"}K\x01", MANY), (b"}", 1), (b"s", MANY), (b".", 1)]), 0),
        ("nested dicts that end early", repeated(&[(b"}K\x01", MANY)]), 2),
        ("nested objects", repeated(&[(b"c__main__\nC\n", 1), (b")", 1), (b"R)", MANY / 2), (b"R.", 1)]), 0),
        ("a million marks", repeated(&[(b"(", MANY)]), 2),
        ("more marks than there may be", repeated(&[(b"(", 5 * MANY)]), 2),
        ("more values than there may be", repeated(&[(b"])", 2 * MANY)]), 2),
        ("a length of 2^60", repeated(&[(b"\x8e\0\0\0\0\0\0\0\x10", 1)]), 2),
        ("a frame of 2^63", repeated(&[(b"\x95\0\0\0\0\0\0\0\x80", 1), (b"N.", 1)]), 0),
        ("a memo index of four billion", repeated(&[(b"]r\xff\xff\xff\xff", 1), (b"j\xff\xff\xff\xffa.", 1)]), 0),
        ("four billion by PUT", repeated(&[(b"]p99999999999999\n", 1), (b"g99999999999999\na.", 1)]), 0),
        ("memo bomb", repeated(&[(b"]\x94", 5 * MANY), (b".", 1)]), 0),
        ("memo bomb in a list", repeated(&[(b"](", 1), (b"]\x94", MANY), (b"e.", 1)]), 0),
        ("popped lists in the memo", repeated(&[(b"]\x940", MANY), (b"N.", 1)]), 0),
        ("DUP bomb", repeated(&[(b"]", 1), (b"22a", MANY), (b".", 1)]), 0),
        ("DUP of runs", repeated(&[(b"(", 1), (b"K\x012", MANY / 2), (b"t.", 1)]), 0),
        ("a million digits", [b"L".as_slice(), &b"7".repeat(8 * MANY), b"L\n."].concat(), 0),
        ("a LONG4 of negative length", repeated(&[(b"\x8b\xff\xff\xff\xff", 1), (b".", 1)]), 2),
        ("invalid UTF-8", repeated(&[(b"}\x8c\x03\xff\xfe\xfdK\x01s.", 1)]), 0),
        ("unbalanced marks", repeated(&[(b"]e.", 1)]), 2),
        ("a ring through the memo", repeated(&[(b"]\x94(]\x94h\0ah\x01h\0ae0h\x01h\0a.", 1)]), 0),
        ("control characters", repeated(&[(b"}\x8c\x08\x1b[31mabcK\x01s.", 1)]), 0),
    ]
}

/// Those that are made one by one.
fn made() -> Vec<Hostile> {
    let strings: Vec<u8> =
        (0..MANY / 4).flat_map(|at| [b"\x8c\x06".as_slice(), format!("{at:06}").as_bytes()].concat()).collect();
    vec![
        (
            "memo bomb far apart",
            {
                let mut data = repeated(&[(b"N", 1)]);
                data.extend((0..200_000u32).flat_map(|at| [b"r".as_slice(), &(at * 20_000).to_le_bytes()].concat()));
                data.push(b'.');
                data
            },
            0,
        ),
        (
            "strings taken one by one",
            {
                let mut data = repeated(&[(b"(", 1)]);
                data.extend(&strings);
                data.extend(b"\x850".repeat(MANY / 5));
                data.extend(b"t.");
                data
            },
            0,
        ),
        (
            "a LONG4 of eight megabytes",
            [b"\x80\x02\x8b\0\x12\x7a\0".as_slice(), &b"7".repeat(8_000_000), b"."].concat(),
            0,
        ),
        (
            "keys that all differ",
            {
                let mut data = repeated(&[(b"}(", 1)]);
                data.extend(strings.chunks(8).flat_map(|key| [key, b"}"].concat()));
                data.extend(b"u.");
                data
            },
            0,
        ),
        (
            "classes that all differ",
            {
                let mut data = repeated(&[(b"](", 1)]);
                data.extend((0..MANY / 5).flat_map(|at| format!("cm\nc{at:06}\n)R").into_bytes()));
                data.extend(b"e.");
                data
            },
            0,
        ),
    ]
}

#[test]
fn hostile_pickles_end_soon_and_in_little_memory() {
    let directory = Directory::new();
    for (name, data, code) in repetitions().into_iter().chain(made()) {
        let Outcome { code: ended, kilobytes, printed } = inspect(&directory, "hostile.pkl", &data);
        assert_eq!(ended, code, "{name}: {}", &printed[..printed.len().min(2000)]);
        let beside = kilobytes.saturating_sub(data.len() as u64 / 1000);
        assert!(beside < MOST_KB, "{name}: {beside} kB beside the file");
        assert!(printed.contains("hostile.pkl: "), "{name}: nothing was reported");
        if code == 2 {
            assert!(printed.contains("at byte "), "{name}: {printed}");
        }
        assert!(!printed.contains('\u{1b}'), "{name}: a control character is printed");
        println!("{name}: {} bytes, {beside} kB", data.len());
    }
}

#[test]
fn hostile_archives_are_refused_or_shown_as_they_are() {
    let directory = Directory::new();
    let real = std::fs::read("fixtures/pickles/torch-1.12.1-state.pt").unwrap();
    let end = real.len() - 22;
    // The directory's offset, the number of members, a member's size, and the file cut in its middle.
    let mut offset = real.clone();
    offset[end + 16..end + 20].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
    let mut count = real.clone();
    count[end + 10..end + 12].copy_from_slice(&[0xfe, 0xff]);
    for (name, data) in [("offset", &offset[..]), ("count", &count), ("cut", &real[..real.len() / 2])] {
        let outcome = inspect(&directory, "hostile.pt", data);
        assert_eq!(outcome.code, 2, "{name}: {}", outcome.printed);
        assert!(outcome.printed.contains("at byte "), "{name}: {}", outcome.printed);
    }
    // Ten megabytes of zeros in ten kilobytes are fine; a pickle they are not.
    let script = "import gzip, sys; sys.stdout.buffer.write(gzip.compress(bytes(10_000_000)))";
    let output = Command::new(pythons::python3()).args(["-c", script]).output().unwrap();
    let outcome = inspect(&directory, "zeros.pkl.gz", &output.stdout);
    assert_eq!(outcome.code, 2, "{}", outcome.printed);
    assert!(outcome.printed.contains("0x00 is not an opcode"), "{}", outcome.printed);
}
