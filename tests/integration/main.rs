//! All integration tests in one binary, so that the codecs are linked once. `cargo test --test integration codecs::` runs
//! one module of them.

#![allow(unreachable_pub, reason = "nothing is reached from outside of a test, and generated types are public")]

mod codecs;
mod corpus;
mod deep;
mod derived;
mod documented;
mod face;
mod faults;
mod first_use;
mod inspect;
mod list;
mod pickle_payloads;
mod pickle_writer;
mod profile;
mod python_rows;
mod reader_properties;
mod readers;
mod records;
mod report;
mod rsb;
mod schemas;
mod store;
mod tasks;

// What several of them use.
mod generated;
mod numbers;
mod printed;
mod pythons;
mod results_schema;
mod synthetic;
mod tools;
