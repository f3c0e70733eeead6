//! Keeps a panicking codec from ending more than its own row.

use super::CodecError;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `operation`; a panic inside becomes an error that says where and why, and prints nothing.
///
/// The data that `operation` was working on may be half done after a panic: the caller drops it.
pub(crate) fn guard<T>(operation: impl FnOnce() -> T) -> Result<T, String> {
    prepare();
    GUARDED.set(true);
    let result = catch_unwind(AssertUnwindSafe(operation));
    GUARDED.set(false);
    result.map_err(|_| MESSAGE.take())
}

/// Installs the hook that [`guard`] needs, once. It allocates, and so is done before anything is counted.
pub(crate) fn prepare() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                let place = info.location().map(|place| format!(" at {}:{}", file_name(place.file()), place.line()));
                let payload = info.payload();
                let text = payload.downcast_ref::<&str>().copied();
                let message = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
                let message = message.unwrap_or("no message");
                MESSAGE.set(format!("the codec panicked{}: {message}", place.unwrap_or_default()));
            } else {
                before(info);
            }
        }));
    });
}

/// An error of either kind, in words: the codec's own, or its panic.
pub(crate) fn flatten(result: Result<Result<(), CodecError>, String>) -> Result<(), String> {
    result?.map_err(|error| error.to_string())
}

/// The last parts of a path: the crate's folder and the file, and not where this machine keeps them.
fn file_name(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let from = parts.iter().rposition(|&part| part == "src").map_or(0, |at| at.saturating_sub(1));
    parts[from..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_next_run_is_clean() {
        let error = guard(|| -> u8 { panic!("no {}", "way") }).expect_err("it panicked");
        assert!(error.starts_with("the codec panicked at ") && error.ends_with(": no way"), "{error}");
        assert_eq!(guard(|| 7), Ok(7));
    }
}
