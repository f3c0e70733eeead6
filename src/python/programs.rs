//! The programs that run inside CPython, as they are in `python/`.

/// The reader of payloads, shared by the others.
pub(super) const PAYLOAD: &str = include_str!("../../python/sercost_payload.py");

/// The measuring of Python rows.
pub(super) const ROWS: &str = include_str!("../../python/sercost_rows.py");

/// A file of the package of the agent.
macro_rules! agent {
    ($name:literal) => {
        (concat!("sercost/agent/", $name), include_str!(concat!("../../python/sercost/agent/", $name)))
    };
}

/// The files beside a scenario, with their names.
pub const OF_TASKS: &[(&str, &str)] = &[
    ("sercost/__init__.py", include_str!("../../python/sercost/__init__.py")),
    agent!("__init__.py"),
    agent!("executor.py"),
    agent!("hooks.py"),
    agent!("install.py"),
    agent!("kernel.py"),
    agent!("layout.py"),
    agent!("pool.py"),
    agent!("processes.py"),
    agent!("records.py"),
    ("sercost/engines/__init__.py", include_str!("../../python/sercost/engines/__init__.py")),
    ("sercost/engines/executor.py", include_str!("../../python/sercost/engines/executor.py")),
    ("sercost/engines/pool.py", include_str!("../../python/sercost/engines/pool.py")),
    ("sercost/scenario.py", include_str!("../../python/sercost/scenario.py")),
    ("sercost_payload.py", PAYLOAD),
    ("sercost_tasks.py", include_str!("../../python/sercost_tasks.py")),
];
