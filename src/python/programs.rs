//! The programs that run inside CPython, as they are in `python/`.

/// The reader of payloads, shared by the others.
pub(super) const PAYLOAD: &str = include_str!("../../python/sercost_payload.py");

/// The measuring of Python rows.
pub(super) const ROWS: &str = include_str!("../../python/sercost_rows.py");

/// The files beside a scenario, with their names.
pub const OF_TASKS: &[(&str, &str)] = &[
    ("sercost_agent.py", include_str!("../../python/sercost_agent.py")),
    ("sercost_install.py", include_str!("../../python/sercost_install.py")),
    ("sercost_pool.py", include_str!("../../python/sercost_pool.py")),
    ("sercost_executor.py", include_str!("../../python/sercost_executor.py")),
    ("sercost_payload.py", PAYLOAD),
    ("sercost_tasks.py", include_str!("../../python/sercost_tasks.py")),
];
