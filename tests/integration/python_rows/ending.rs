//! Interpreters that end when they should not, and those that must end.

use super::*;

/// A run without end in which Python takes part, once it has samples; and its two interpreters.
fn endless(directory: &Directory, rounds: &str) -> (Running, Vec<Process>) {
    let out = directory.join("run.json");
    let line = format!(
        "profile range:20k --rounds {rounds} --codec postcard,python:pickle5,python:marshal --format json --out {}",
        out.display()
    );
    let running = Running::start(program(&line).env("TMPDIR", directory.path()));
    wait_until("there are samples", || {
        let text = fs::read_to_string(&out).unwrap_or_default();
        !text.is_empty() && !rows(&document(&text)).is_empty()
    });
    let interpreters = running.interpreters();
    assert_eq!(interpreters.len(), 2);
    (running, interpreters)
}

#[test]
fn a_killed_interpreter_is_a_row_and_the_others_go_on() {
    for (at, who) in ["sending", "receiving"].iter().enumerate() {
        let directory = Directory::new();
        let (running, interpreters) = endless(&directory, "300");
        // They are started in this order.
        interpreters[at].signal(Signal::KILL);
        let ran = running.wait();
        assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
        let found = ran.document();
        let failed = failed(&found);
        assert_eq!(failed.len(), 1, "{failed:?}");
        let expected = format!("the {who} interpreter was killed by signal 9 (SIGKILL)");
        assert!(failed[0].0.starts_with("python:") && failed[0].1.starts_with(&expected), "{failed:?}");
        assert!(interpreters.iter().all(|interpreter| !interpreter.runs()));
        assert_eq!(directory.names(), ["run.json"]);
    }
}

#[test]
fn interpreters_do_not_outlive_the_run() {
    for signal in [Signal::INT, Signal::KILL] {
        let directory = Directory::new();
        let (running, interpreters) = endless(&directory, "100000");
        signal_to(running.process.id(), signal);
        let ran = running.wait();
        if signal == Signal::INT {
            assert_eq!(ran.status.code(), Some(130), "{}", ran.err);
            assert_eq!(ran.document()["environment"]["complete"], false);
            assert_eq!(directory.names(), ["run.json"]);
        }
        wait_until("the interpreters end", || interpreters.iter().all(|interpreter| !interpreter.runs()));
    }
}

#[test]
fn an_interpreter_that_hangs_does_not_hold_the_user() {
    let directory = Directory::new();
    let (running, interpreters) = endless(&directory, "100000");
    interpreters[1].signal(Signal::STOP);
    wait_until("it has stopped", || interpreters[1].state() == "T");
    signal_to(running.process.id(), Signal::INT);
    assert_eq!(running.wait().status.code(), Some(130));
    wait_until("the interpreters end", || interpreters.iter().all(|interpreter| !interpreter.runs()));
}
