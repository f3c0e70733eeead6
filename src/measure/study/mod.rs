//! The study behind `sercost profile`: its rows, the sharing of its time among payloads, and the measurements of each.
//!
//! It has no command line, prints nothing and writes nothing. Its events go to a [`Sink`].

mod cases;
mod watched;

pub use cases::with_compressors;

#[cfg(feature = "python")]
use super::case::PythonCase;
use super::fidelity::Subjects;
use super::schedule::Budget;
use super::session::{Outcome, Session};
use super::settings::Settings;
use crate::clock;
use crate::codec::{CodecSpec, OwnPayload};
use crate::host::{available_memory, environment};
use crate::model::{DerivedCode, PayloadInfo, Representation, Run, Sink};
use crate::payload::read::ReadOptions;
use crate::payload::{Column, Encodable, Load, Payload, PayloadError, PayloadSpec, Schema, Tell, Tree, show};
use crate::transport::{TRANSPORTS, Transport};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use watched::Recorder;

/// The codec that writes nothing.
const NULL: &str = "null";

/// Payloads, cases and settings.
pub struct Study {
    /// The payloads, whose names differ.
    pub payloads: Vec<PayloadSpec>,
    /// The rows of Rust, each with its number among the rows of the same codec, from 0.
    pub codecs: Vec<(CodecSpec, usize)>,
    /// The rows of Python.
    #[cfg(feature = "python")]
    pub python: Vec<PythonCase>,
    /// Payloads of the program's own types, which are among `payloads`, with their codecs.
    pub own: Vec<OwnPayload>,
    /// The payload in types with derives that were compiled for its schema, for the codecs of each; empty without.
    pub derived: Vec<OwnPayload>,
    /// The codecs of those types, numbered as `codecs` is.
    pub derived_codecs: Vec<(CodecSpec, usize)>,
    /// How the bytes of the rows of Rust cross.
    pub transports: Vec<&'static dyn Transport>,
    /// How the rows of Rust hold the payload.
    pub representations: Vec<Representation>,
    /// The number of a payload's elements that are sent one by one; the whole at once where `None`.
    pub many: Option<usize>,
    /// How payloads are read. The flag of its watch stops the measuring too.
    pub reading: ReadOptions,
    /// How to measure.
    pub settings: Settings,
    /// When the call began whose time is shared, by [`clock::now`].
    pub started_at: u64,
}

/// The reason for which a payload was not measured.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// It cannot be read or made, or does not fit.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// It is empty.
    #[error("payload {name}: it holds nothing to measure ({description})")]
    Nothing {
        /// As it was given.
        name: String,
        /// The description of the payload.
        description: String,
    },
    /// It has no messages of the kind that is wanted.
    #[error("{0}")]
    Messages(String),
    /// The system refuses a thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl Study {
    /// A study of these payloads that begins now: with the usual codecs, as derived structs, over the first transport.
    pub fn new(payloads: Vec<PayloadSpec>, settings: Settings) -> Self {
        let representations = vec![Representation::Typed];
        Study {
            payloads,
            codecs: with_compressors(None, &[], &representations),
            #[cfg(feature = "python")]
            python: Vec::new(),
            own: Vec::new(),
            derived: Vec::new(),
            derived_codecs: Vec::new(),
            transports: TRANSPORTS[..1].to_vec(),
            representations,
            many: None,
            reading: ReadOptions::default(),
            settings,
            started_at: clock::now(),
        }
    }

    /// A run of this study in which nothing is measured yet. The command line and the date are the caller's to know.
    pub fn empty_run(&self, command: Vec<String>, started_at: String) -> Run {
        let Settings { clock, seed, buffers, budget, .. } = &self.settings;
        let budget = match budget {
            Budget::Time(budget) => Some(*budget),
            Budget::Rounds(_) => None,
        };
        let mut environment = environment(*clock, command, started_at, *seed, buffers.name(), budget);
        environment.interpreters = self.interpreters();
        Run::new(environment)
    }

    /// Reads and measures one payload after the other.
    ///
    /// # Errors
    ///
    /// With the first payload that cannot be measured. What was measured before is in the run.
    pub fn run(&self, run: &mut Run, sink: &mut dyn Sink) -> Result<Outcome, StudyError> {
        for at in 0..self.payloads.len() {
            let payload = self.read(at, None)?;
            if self.measure(at, &payload, run, sink)? == Outcome::Interrupted {
                return Ok(Outcome::Interrupted);
            }
        }
        run.environment.complete = true;
        Ok(Outcome::Finished)
    }

    /// Reads or makes a payload.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or memory does not suffice.
    pub fn read(&self, at: usize, tell: Option<Tell>) -> Result<Payload, StudyError> {
        let spec = &self.payloads[at];
        let mut load = self.load();
        spec.check_memory(available_memory(), load.dynamic)?;
        load.options.watch.progress = tell;
        Ok(spec.load(&load)?)
    }

    /// The forms of a payload that are read or made for these cases.
    fn load(&self) -> Load {
        Load {
            options: ReadOptions { keep_pickle: self.has_python(), ..self.reading.clone() },
            seed: self.settings.seed,
            dynamic: self.representations.contains(&Representation::Dynamic),
            // Rows of Python are made from columns, and a schema that is given is held against the document.
            untyped: !self.has_python()
                && self.reading.schema.is_none()
                && self.representations == [Representation::Dynamic],
        }
    }

    /// A payload that was read, as the results file has it before it is measured.
    pub fn describe(&self, payload: &Payload) -> PayloadInfo {
        PayloadInfo {
            name: payload.name.clone(),
            description: payload.description(),
            format: payload.format.map(str::to_owned),
            file_bytes: payload.file_bytes,
            memory_bytes: payload.memory_bytes(),
            messages: self.many_of(payload).map(|count| count as u64),
            schema: match payload.typed && payload.own.is_none() {
                true => show::schema_json(&payload.schema),
                false => serde_json::Value::Null,
            },
            notes: payload.notes.clone(),
            reference: None,
            rounds: 0,
            wall_ns: 0,
            measured_ns: 0,
            warmup_ns: 0,
            sender_peak_resident_bytes: None,
            receiver_peak_resident_bytes: None,
            five_rounds_ns: None,
            noise: None,
            digest: payload.digest(),
            // Without ratios until there are any.
            derived: (!self.derived.is_empty())
                .then(|| DerivedCode { rustc_version: String::new(), ratios: Vec::new() }),
            layouts: None,
        }
    }

    /// Measures a payload that was read, and adds its rows to the run, also those of a measuring that is interrupted.
    ///
    /// # Errors
    ///
    /// When there is nothing to measure, or memory does not suffice.
    pub fn measure(
        &self,
        at: usize,
        payload: &Payload,
        run: &mut Run,
        sink: &mut dyn Sink,
    ) -> Result<Outcome, StudyError> {
        if holds_nothing(payload) {
            return Err(StudyError::Nothing { name: payload.name.clone(), description: payload.description() });
        }
        let compressed = self.codecs.iter().any(|(spec, _)| spec.compression.is_some());
        let (own, many) = (self.own_of(payload), self.many_of(payload));
        payload.check_memory(many, compressed, available_memory())?;
        // Made on the thread that measures, and kept beyond it.
        let (held, encodable) = (OnceLock::new(), OnceLock::new());
        let make = || {
            let native = self.codecs.iter().any(|(spec, _)| spec.codec.info().native);
            let messages = payload.messages(many.is_some(), native).map_err(StudyError::Messages)?;
            let (messages, settings) = held.get_or_init(|| (messages, self.settings_of(at, payload)));
            let subjects = Subjects {
                schema: &messages.schema,
                column: messages.column,
                encodable: encodable.get_or_init(|| Encodable::new(&messages.schema, messages.column)),
                trees: messages.trees,
                native: messages.native.as_ref(),
                own,
                derived: &self.derived,
                messages: many.unwrap_or(1),
                #[cfg(feature = "python")]
                pickle: payload.pickle.as_ref().map(|file| (file, many.is_some())),
            };
            Ok(Session::new(settings, subjects, self.runners(own), self.interrupted()))
        };
        let label = match self.payloads.len() {
            1 => String::new(),
            count => format!("{} ({}/{count}): ", payload.name, at + 1),
        };
        watched::measure(Recorder::new(run, sink, self, payload), &label, self.interrupted(), make)
    }

    /// Whether the run has samples. The `null` row shows the cost of measuring, and counts only if it is the only one.
    pub fn has_measured(&self, run: &Run) -> bool {
        let only_null =
            self.python_runners().is_empty() && self.codecs.iter().all(|(spec, _)| spec.codec.info().name == NULL);
        run.measurements.iter().any(|row| row.summary.is_some() && (only_null || row.codec != NULL))
    }

    fn own_of(&self, payload: &Payload) -> Option<&OwnPayload> {
        payload.own.as_ref().and_then(|_| self.own.iter().find(|own| own.name == payload.name))
    }

    /// The number of messages that a payload is sent as; `None` where it is sent as a whole.
    fn many_of(&self, payload: &Payload) -> Option<usize> {
        match self.own_of(payload) {
            Some(own) => own.many.then(|| self.many.unwrap_or(own.messages.count())),
            None => self.many,
        }
    }

    fn has_python(&self) -> bool {
        #[cfg(feature = "python")]
        return !self.python.is_empty();
        #[cfg(not(feature = "python"))]
        false
    }

    fn interrupted(&self) -> &AtomicBool {
        &self.reading.watch.interrupted
    }

    /// The settings with a payload's share of the time: what earlier payloads, and the reading of this one, left of the
    /// whole call's time is shared by those to come.
    pub(crate) fn settings_of(&self, at: usize, payload: &Payload) -> Settings {
        let mut settings = self.settings.clone();
        settings.own_format = own_format(payload.format);
        if let Budget::Time(total) = settings.budget {
            let left = total.saturating_sub(clock::now() - self.started_at);
            settings.budget = Budget::Time(left / (self.payloads.len() - at) as u64);
        }
        settings
    }
}

/// Whether there is nothing in a payload that could be encoded: an empty list, map, text or record.
fn holds_nothing(payload: &Payload) -> bool {
    if let Some(tree) = payload.tree.as_ref().filter(|_| !payload.typed) {
        return match tree {
            Tree::List(items) => items.is_empty(),
            Tree::Map(entries) => entries.is_empty(),
            Tree::String(text) => text.is_empty(),
            Tree::Bytes(bytes) => bytes.is_empty(),
            _ => false,
        };
    }
    match (&*payload.schema, &payload.column) {
        (_, Column::List { items, .. }) => items.is_empty(),
        (_, Column::Map { keys, .. }) => keys.is_empty(),
        (_, Column::String(texts)) => texts.iter().all(String::is_empty),
        (_, Column::Bytes(texts)) => texts.iter().all(Vec::is_empty),
        (Schema::Record(record), _) => record.fields.is_empty(),
        _ => false,
    }
}

/// The codecs that write the format that a payload was read from, the first that is measured being the reference.
fn own_format(format: Option<&str>) -> Vec<String> {
    let names: &[&str] = match format {
        Some("json" | "ndjson") => &["json"],
        Some("msgpack") => &["msgpack", "msgpack-named"],
        Some("cbor") => &["cbor", "ciborium"],
        Some("pickle") => &["pickle:4", "pickle:5", "pickle:2"],
        _ => &[],
    };
    names.iter().map(|&name| name.to_owned()).collect()
}
