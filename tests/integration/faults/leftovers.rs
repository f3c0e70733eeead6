//! The leftovers of killed runs: nothing, or what the next run removes.

use crate::tools::{Directory, Running, finish, sercost, signal_to, wait_until};
use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;
use std::fs::{self, File};
use std::path::Path;

#[test]
fn temporary_files_of_killed_runs_are_removed_and_those_of_others_stay() {
    let directory = Directory::new();
    for name in
        [".sercost-4000000-7.tmp", ".sercost-1-0.tmp", ".sercost-4000001-0.tmp", ".sercost-mine.tmp", "sercost-1-0.tmp"]
    {
        directory.file(name, "half a docu");
    }
    // Another run that is writing.
    let held = File::open(directory.join(".sercost-4000001-0.tmp")).unwrap();
    flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
    let line = format!("profile range:10 --codec json --rounds 2 --out {}", directory.join("run.json").display());
    finish(&mut sercost(line.split(' '))).ok();
    assert_eq!(directory.names(), [".sercost-4000001-0.tmp", ".sercost-mine.tmp", "run.json", "sercost-1-0.tmp"]);
}

/// The files in shared memory whose names begin so.
fn shared(start: &str) -> Vec<String> {
    let entries = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.contains(start)).collect()
}

#[test]
fn directories_of_killed_runs_are_removed_with_their_shared_memory() {
    let directory = Directory::new();
    // No process has such a number.
    let name = format!("sercost-{}-0", 90_000_000 + u64::from(std::process::id()));
    let unlocked = directory.join(&name);
    fs::create_dir(&unlocked).unwrap();
    fs::write(unlocked.join("records"), "").unwrap();
    fs::write(unlocked.join("shared-name"), format!("{name}-abc")).unwrap();
    let in_memory = Path::new("/dev/shm").exists();
    if in_memory {
        fs::write(format!("/dev/shm/{name}-abc"), "data").unwrap();
        fs::write(format!("/dev/shm/sem.{name}-abc-1"), "semaphore").unwrap();
        fs::write(format!("/dev/shm/{name}-other"), "data").unwrap();
    }
    let used = directory.join("sercost-90000001-0");
    fs::create_dir(&used).unwrap();
    let held = File::open(&used).unwrap();
    flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
    fs::create_dir(directory.join("sercost-of-mine")).unwrap();
    fs::create_dir(directory.join("sercost-1")).unwrap();
    let tasks =
        || finish(sercost("tasks noop --engine native --tasks 2".split(' ')).env("TMPDIR", directory.path())).ok();
    tasks();
    assert_eq!(directory.names(), ["sercost-1", "sercost-90000001-0", "sercost-of-mine"]);
    if in_memory {
        assert_eq!(shared(&name), [format!("{name}-other")]);
        fs::remove_file(format!("/dev/shm/{name}-other")).unwrap();
    }
    // Nothing is removed by a name that is not the directory's own.
    drop(held);
    let foreign = format!("{name}-foreign");
    fs::write(used.join("shared-name"), &foreign).unwrap();
    if in_memory {
        fs::write(format!("/dev/shm/{foreign}"), "data").unwrap();
    }
    tasks();
    assert_eq!(directory.names(), ["sercost-1", "sercost-of-mine"]);
    if in_memory {
        assert_eq!(shared(&name), [&*foreign]);
        fs::remove_file(format!("/dev/shm/{foreign}")).unwrap();
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_nothing_after_the_next() {
    let directory = Directory::new();
    let path = directory.join("out.json");
    let command = |line: &str| {
        let line = format!("{line} --out {}", path.display());
        let mut command = sercost(line.split(' '));
        command.env("TMPDIR", directory.path());
        command
    };
    for (line, moments) in [
        ("tasks args --payload strings:20k --engine native --tasks 1000", 6),
        ("tasks shared-memory --payload range:100k --tasks 1000", 6),
        ("profile range:20k --codec json,cbor --rounds 100000 --transport file,pipe", 4),
    ] {
        for moment in 0..moments {
            let mut running = Running::start(&mut command(line));
            // From before anything is made to the middle of it.
            std::thread::sleep(std::time::Duration::from_millis(80 * moment));
            if running.process.try_wait().unwrap().is_none() {
                signal_to(running.process.id(), Signal::KILL);
            }
            running.wait();
        }
    }
    // Workers end by themselves when their parent is gone, and may still hold what is theirs.
    wait_until("the next run finds nothing but the results", || {
        finish(&mut command("tasks noop --engine native --tasks 2")).ok();
        directory.names() == ["out.json"]
    });
}

#[test]
fn interrupted_tasks_leave_nothing_behind() {
    for line in [
        "tasks args --payload strings:100k --engine native --tasks 100000",
        "tasks partial --payload strings:200k --tasks 1000",
    ] {
        let directory = Directory::new();
        let mut command = sercost(line.split(' '));
        command.env("TMPDIR", directory.path());
        let running = Running::start(&mut command);
        wait_until("there is a directory", || !directory.names().is_empty());
        signal_to(running.process.id(), Signal::INT);
        let ran = running.wait();
        assert_eq!(ran.status.code(), Some(130), "{}", ran.err);
        wait_until("nothing is left", || directory.names().is_empty());
    }
}
