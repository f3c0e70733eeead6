//! The words of this crate as plain types: what a file was divided into, what loading it calls, and how sizes are shown.
//!
//! Nothing here reads a pickle.

mod attribution;
mod calls;
mod growth;
mod names;
mod path;
mod quantity;

pub use attribution::{Attribution, Fault, Finding, Inspected, OpcodeCount, Part, PartKind, Saving, Tally};
pub use calls::{CalledName, Calls, RESULT_OF, Trust};
pub use growth::{Grown, Growth};
pub use names::nearest;
pub use path::{Found, Path};
pub use quantity::{Bytes, grouped, scaled};
