//! The function whose instructions a tool counts.

/// The name of [`counted_operation`] as tools show it.
pub const COUNTED: &str = "sercost::measure::counted::counted_operation";

/// Makes an operation. It stays a function of its own, and does something after the call, so that it is left when that is over.
#[inline(never)]
pub(super) fn counted_operation(operation: &mut dyn FnMut()) {
    operation();
    std::hint::black_box(&operation);
}
