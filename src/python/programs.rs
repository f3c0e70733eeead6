//! The programs that run inside CPython, as they are in `python/`.

/// What makes the values of a payload, for all of them.
pub(super) const PAYLOAD: &str = include_str!("../../python/sercost_payload.py");

/// What measures rows of Python.
pub(super) const ROWS: &str = include_str!("../../python/sercost_rows.py");

/// What every scenario needs beside it, by the names of the files.
pub const OF_TASKS: &[(&str, &str)] = &[
    ("sercost_agent.py", include_str!("../../python/sercost_agent.py")),
    ("sercost_install.py", include_str!("../../python/sercost_install.py")),
    ("sercost_pool.py", include_str!("../../python/sercost_pool.py")),
    ("sercost_executor.py", include_str!("../../python/sercost_executor.py")),
    ("sercost_payload.py", PAYLOAD),
    ("sercost_tasks.py", include_str!("../../python/sercost_tasks.py")),
];
