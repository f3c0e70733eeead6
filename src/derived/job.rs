//! What a generated program is asked, and what it answers: a file of postcard, and lines of JSON.

use crate::payload::{Column, Payload, Schema};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use xxhash_rust::xxh3::xxh3_64;

/// The first argument of a program that is to make the operations of a job once, so that another tool counts them.
pub const COUNT_VERB: &str = "count-operations";

/// The payload as it was read, which is not read again: it may come from a pipe, and would take its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Given {
    /// As it was given.
    pub name: String,
    /// The input format; `None` for a built-in shape.
    pub format: Option<String>,
    /// Whether it was compressed.
    pub is_unpacked: bool,
    /// The size of the file.
    pub file_bytes: Option<u64>,
    /// Its type.
    pub schema: Schema,
    /// A column of one row.
    pub column: Column,
    /// The notes of the reader.
    pub notes: Vec<String>,
}

impl Given {
    /// A copy of a payload that has types.
    pub fn of(payload: &Payload) -> Self {
        Given {
            name: payload.name.clone(),
            format: payload.format.map(str::to_owned),
            is_unpacked: payload.is_unpacked,
            file_bytes: payload.file_bytes,
            schema: (*payload.schema).clone(),
            column: payload.column.clone(),
            notes: payload.notes.clone(),
        }
    }

    /// The payload. Its format is kept for the life of the process.
    pub fn into_payload(self) -> Payload {
        Payload {
            name: self.name,
            format: self.format.map(|format| &*format.leak()),
            is_unpacked: self.is_unpacked,
            file_bytes: self.file_bytes,
            schema: Arc::new(self.schema),
            column: self.column,
            tree: None,
            typed: true,
            notes: self.notes,
            pickle: None,
            own: None,
            digested: OnceLock::new(),
        }
    }
}

/// The work of a generated program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The payload.
    pub payload: Given,
    /// The measuring.
    pub plan: Plan,
}

/// What is to be measured, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The number of elements that are sent one by one; the whole at once where `None`.
    pub many: Option<u64>,
    /// The codecs that go by way of the schema, with their compressors; one that is there twice has two rows.
    pub typed: Vec<String>,
    /// Those that take types with derives.
    pub derived: Vec<String>,
    /// The transports.
    pub transports: Vec<String>,
    /// Links to model, as they were given.
    pub links: Vec<String>,
    /// The codec that ratios refer to.
    pub reference: Option<String>,
    /// The policy of buffers.
    pub buffers: String,
    /// Whether rows that cannot win are given up early.
    pub quick: bool,
    /// The seed of the order of rows.
    pub seed: u64,
    /// Whether something was compiled for it just now.
    pub compiled: bool,
    /// The number of rounds, or the time in nanoseconds.
    pub rounds: Result<u64, u64>,
    /// The time that was asked for the whole call, in nanoseconds.
    pub asked_ns: Option<u64>,
    /// The command line, for the results file.
    pub command: Vec<String>,
    /// When the call began.
    pub started_at: String,
    /// Where the results go.
    pub results: PathBuf,
    /// Whether it measures in turns with programs of other layouts: it says when one ends, and waits for a line.
    pub in_turns: bool,
}

/// What a job is made of, in short: the sources may be others than those that this program was built from.
fn form() -> [u8; 8] {
    let sources =
        concat!(include_str!("job.rs"), include_str!("../payload/schema.rs"), include_str!("../payload/column.rs"),);
    xxh3_64(sources.as_bytes()).to_le_bytes()
}

impl Job {
    /// The bytes of a job.
    ///
    /// # Errors
    ///
    /// In postcard's words.
    #[cfg(feature = "cli")]
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        postcard::to_extend(self, form().to_vec()).map_err(|error| error.to_string())
    }

    /// The job of these bytes.
    ///
    /// # Errors
    ///
    /// When it was written by a program that was built from other sources than this one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        match bytes.split_at_checked(8) {
            Some((found, job)) if found == form() => postcard::from_bytes(job).map_err(|error| error.to_string()),
            _ => Err("the library's sources are not those that this sercost was built from: build it again".to_owned()),
        }
    }
}

/// What a generated program says while it measures.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// How far it is: the part that is done, the nanoseconds left, what it does.
    Progress(f64, Option<f64>, String),
    /// A remark for the user.
    Note(String),
    /// A warning for the user.
    Warn(String),
    /// A codec cannot have its values in types with derives, and why.
    Refused(String, String),
    /// Its turn ends, and it waits for the next.
    Turn,
    /// It cannot go on.
    Failed(String),
    /// All is measured, and the results are written.
    Finished,
}

impl Event {
    /// Sends it as a line.
    ///
    /// # Errors
    ///
    /// When the other end is closed.
    pub fn send(&self, mut to: &UnixStream) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        to.write_all(&line)
    }

    /// The event of a line.
    ///
    /// # Errors
    ///
    /// When it is none.
    #[cfg(feature = "cli")]
    pub fn parse(line: &str) -> io::Result<Self> {
        Ok(serde_json::from_str(line)?)
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::payload::{Load, PayloadSpec};
    use std::io::Read;

    #[test]
    fn a_job_of_other_sources_is_refused() {
        let payload = PayloadSpec::parse("range:3").expect("a shape").load(&Load::default()).expect("it is made");
        let plan = Plan {
            many: None,
            typed: vec!["json".into()],
            derived: Vec::new(),
            transports: Vec::new(),
            links: Vec::new(),
            reference: None,
            buffers: "fresh".into(),
            quick: false,
            seed: 7,
            compiled: false,
            rounds: Err(5),
            asked_ns: None,
            command: Vec::new(),
            started_at: String::new(),
            results: PathBuf::new(),
            in_turns: false,
        };
        let mut bytes = Job { payload: Given::of(&payload), plan }.to_bytes().expect("it has bytes");
        let again = Job::from_bytes(&bytes).expect("it is a job");
        assert_eq!((again.plan.seed, again.plan.rounds), (7, Err(5)));
        let again = again.payload.into_payload();
        assert_eq!((again.schema, format!("{:?}", again.column)), (payload.schema, format!("{:?}", payload.column)));
        bytes[0] ^= 1;
        assert!(Job::from_bytes(&bytes).expect_err("another").contains("build it again"));
    }

    #[test]
    fn an_event_is_a_line() {
        let (from, to) = UnixStream::pair().expect("two ends");
        let event = Event::Refused("rkyv".into(), "type A\nholds itself".into());
        event.send(&to).expect("it is sent");
        drop(to);
        let mut text = String::new();
        (&from).read_to_string(&mut text).expect("it arrives");
        assert_eq!(text.lines().count(), 1);
        assert_eq!(Event::parse(text.trim_end()).expect("an event"), event);
    }
}
