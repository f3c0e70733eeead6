//! Talk on stderr.
