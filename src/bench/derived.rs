//! The program that is generated for the types of a payload, as the library has it.

use super::{Outcome, answer_with};
use crate::clock;
#[cfg(any(feature = "borsh", feature = "rkyv", feature = "wincode"))]
use crate::codec::NativeFormat;
use crate::codec::{self, Codec, CodecSpec, OwnPayload};
use crate::derived::{COUNT_VERB, Event, Job, Plan};
use crate::host::{deep_thread, own_program};
use crate::measure::{Budget, BufferPolicy, Link, RECEIVE_VERB, Settings, Study, Turns};
use crate::model::{Current, Nanos, Representation, Run, Sink};
#[cfg(feature = "rkyv")]
use crate::payload::native::RkyvType;
#[cfg(feature = "wincode")]
use crate::payload::native::WincodeType;
use crate::payload::{
    Compact, Messages, Named, OwnMessages, Payload, PayloadSpec, Positional, Values, compact_values, named_values,
};
use crate::store::Writer;
use crate::transport;
use serde::{Serialize, de::DeserializeOwned};
use std::any::TypeId;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

/// The least time between two reports of progress, which wake the process that reads them.
const BETWEEN_REPORTS_NS: u64 = 100_000_000;

/// A type that was generated.
pub trait Generated: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static> Generated for T {}

/// The generated types, each told for the codecs that take it. Without a payload, as in the receiving process, they have no
/// values.
pub struct Derived<'p> {
    messages: Option<&'p Messages<'p>>,
    each: bool,
    forms: Vec<OwnPayload>,
    /// The codecs that have no values, and why.
    refused: Vec<(String, String)>,
}

impl<'p> Derived<'p> {
    fn new(messages: Option<&'p Messages<'p>>, each: bool) -> Self {
        Derived { messages, each, forms: Vec::new(), refused: Vec::new() }
    }

    /// The type for formats with names.
    pub fn named<T: Generated>(&mut self) {
        let codecs = codec::serde_codecs_of::<T, Named>();
        self.add::<T>(codecs, |messages| named_values(&messages.schema, messages.column));
    }

    /// The type for formats without names whose values say their own kind.
    pub fn positional<T: Generated>(&mut self) {
        let codecs = codec::serde_codecs_of::<T, Positional>();
        self.add::<T>(codecs, |messages| codec::values_by_format::<T, Positional>(&messages.schema, messages.column));
    }

    /// The type for formats that know it beforehand.
    pub fn compact<T: Generated>(&mut self) {
        let codecs = codec::serde_codecs_of::<T, Compact>();
        self.add_compact::<T>(codecs);
    }

    /// The type with borsh's derives.
    #[cfg(feature = "borsh")]
    pub fn borsh<T: Generated + borsh::BorshSerialize + borsh::BorshDeserialize>(&mut self) {
        self.add_compact::<T>(vec![codec::own_codec::<T>(codec::Borsh, NativeFormat::info(&codec::Borsh))]);
    }

    /// The type with rkyv's derives.
    #[cfg(feature = "rkyv")]
    pub fn rkyv<T: Generated + RkyvType>(&mut self) {
        self.add_compact::<T>(vec![codec::own_codec::<T>(codec::Rkyv, NativeFormat::info(&codec::Rkyv))]);
    }

    /// The type with wincode's derives.
    #[cfg(feature = "wincode")]
    pub fn wincode<T: Generated + WincodeType>(&mut self) {
        self.add_compact::<T>(vec![codec::own_codec::<T>(codec::Wincode, NativeFormat::info(&codec::Wincode))]);
    }

    /// The type with bitcode's derives.
    #[cfg(feature = "bitcode")]
    pub fn bitcode<T: Generated + bitcode::Encode + bitcode::DecodeOwned>(&mut self) {
        self.add_compact::<T>(vec![codec::own_codec::<T>(codec::BitcodeDerive, codec::BitcodeDerive::info())]);
    }

    /// The type for a codec that is written by hand, by names: the bench of these programs has such.
    pub fn by_name<T: Generated>(&mut self, codec: impl super::Codec<T>) {
        let info = super::info_of(&codec);
        let codecs = vec![codec::own_codec::<T>(super::Brought(codec), info)];
        self.add::<T>(codecs, |messages| named_values(&messages.schema, messages.column));
    }

    /// The same, by places.
    pub fn by_place<T: Generated>(&mut self, codec: impl super::Codec<T>) {
        let info = super::info_of(&codec);
        self.add_compact::<T>(vec![codec::own_codec::<T>(super::Brought(codec), info)]);
    }

    fn add_compact<T: Generated>(&mut self, codecs: Vec<&'static dyn Codec>) {
        self.add::<T>(codecs, |messages| compact_values(&messages.schema, messages.column));
    }

    fn add<T: Generated>(
        &mut self,
        codecs: Vec<&'static dyn Codec>,
        make: impl FnOnce(&Messages<'_>) -> Result<Vec<T>, String>,
    ) {
        // The same type may be that of several forms.
        let known = self.forms.iter().find(|form| form.messages.as_any().type_id() == TypeId::of::<Values<T>>());
        let messages: Arc<dyn OwnMessages> = match (known, self.messages) {
            (Some(form), _) => Arc::clone(&form.messages),
            (None, None) => Arc::new(Values::<T>::with_nan(Vec::new())),
            (None, Some(messages)) => match make(messages) {
                Ok(values) => Arc::new(Values::<T>::with_nan(values)),
                Err(reason) => {
                    let reason = format!("the types do not take the value: {reason}");
                    let names = codecs.iter().map(|codec| codec.info().name.to_owned());
                    self.refused.extend(names.map(|name| (name, reason.clone())));
                    return;
                }
            },
        };
        let name = std::any::type_name::<T>().to_owned();
        self.forms.push(OwnPayload { name, messages, many: self.each, codecs, brought: Vec::new() });
    }
}

/// The whole of a generated program: the receiving process, and the measuring of the job in the file that is its argument.
/// Where that is not given by the process that generated it, it says so.
pub fn derived(describe: impl FnOnce(&mut Derived<'_>) + Send) -> Outcome {
    let first = std::env::args_os().nth(1);
    if first.as_deref() == Some(OsStr::new(RECEIVE_VERB)) {
        let mut types = Derived::new(None, false);
        describe(&mut types);
        answer_with(&types.forms);
        return Outcome::from(2);
    }
    if first.as_deref() == Some(OsStr::new(COUNT_VERB)) {
        return count(Path::new(&std::env::args_os().nth(2).unwrap_or_default()), describe);
    }
    let control = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    let (Some(file), Ok(control)) = (first, control) else {
        let _ = writeln!(io::stderr(), "error: this program is started by sercost profile --derived");
        return Outcome::from(2);
    };
    // Nothing is measured for a process that is gone.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let work = || measure(Path::new(&file), &control, describe);
    let done = std::thread::scope(|scope| {
        let worker =
            deep_thread().spawn_scoped(scope, work).map_err(|error| format!("cannot start a thread: {error}"))?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let (last, code) = match done {
        Ok(()) => (Event::Finished, 0),
        Err(reason) => (Event::Failed(reason), 2),
    };
    let _ = last.send(&control);
    Outcome::from(code)
}

/// Makes the operations of the typed rows of the job in a file.
#[cfg(feature = "cli")]
pub(crate) fn count_operations(file: &Path) -> Outcome {
    count(file, |_| {})
}

/// Makes the operations of the job in a file, and says on standard output which, in their order.
fn count(file: &Path, describe: impl FnOnce(&mut Derived<'_>) + Send) -> Outcome {
    let work = || {
        let read = std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
        let Job { payload, plan } = read.and_then(|bytes| Job::from_bytes(&bytes))?;
        let payload = payload.into_payload();
        let messages = payload.messages(plan.many.is_some(), false)?;
        let mut types = Derived::new(Some(&messages), plan.many.is_some());
        describe(&mut types);
        let study = study(&plan, &payload, types.forms)?;
        let mut out = io::stdout().lock();
        let mut written = Ok(());
        let told = study.count(&payload, &mut |counted| {
            if let (Ok(()), Ok(line)) = (&written, serde_json::to_string(&counted)) {
                written = writeln!(out, "{line}");
            }
        });
        told.map_err(|error| error.to_string())?;
        written.map_err(|error| error.to_string())
    };
    let done = std::thread::scope(|scope| {
        let worker =
            deep_thread().spawn_scoped(scope, work).map_err(|error| format!("cannot start a thread: {error}"))?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    match done {
        Ok(()) => Outcome::SUCCESS,
        Err(reason) => {
            let _ = writeln!(io::stderr(), "error: {reason}");
            Outcome::from(2)
        }
    }
}

/// Reads the job, and does it.
fn measure(file: &Path, control: &UnixStream, describe: impl FnOnce(&mut Derived<'_>)) -> Result<(), String> {
    let read = std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
    let Job { payload, plan } = read.and_then(|bytes| Job::from_bytes(&bytes))?;
    let payload = payload.into_payload();
    let messages = payload.messages(plan.many.is_some(), false)?;
    let mut types = Derived::new(Some(&messages), plan.many.is_some());
    describe(&mut types);
    let Derived { forms, refused, .. } = types;
    for (codec, reason) in refused {
        let _ = Event::Refused(codec, reason).send(control);
    }
    let mut study = study(&plan, &payload, forms)?;
    study.settings.turns = plan.in_turns.then(|| turns(control)).transpose()?;
    let mut run = study.empty_run(plan.command, plan.started_at);
    let writer = Writer::create(&plan.results, &run).map_err(|error| error.to_string())?;
    let mut reporter = Reporter { control, writer, reported_at: 0, fault: None };
    // A generated program is ended from outside where the user has had enough.
    study.measure(0, &payload, &mut run, &mut reporter).map_err(|error| error.to_string())?;
    run.environment.complete = true;
    reporter.writer.finish(&run).map_err(|error| error.to_string())
}

/// The turns that the process at the other end gives.
fn turns(control: &UnixStream) -> Result<Turns, String> {
    let control = control.try_clone().map_err(|error| format!("cannot wait for turns: {error}"))?;
    Ok(Turns::new(move || {
        // Where that process is gone, the system ends this one.
        let _ = Event::Turn.send(&control);
        let _ = (&control).read(&mut [0]);
    }))
}

/// The study of a plan.
fn study(plan: &Plan, payload: &Payload, forms: Vec<OwnPayload>) -> Result<Study, String> {
    let program = own_program().map_err(|error| error.to_string())?;
    let budget = plan.rounds.map_or_else(Budget::Time, Budget::Rounds);
    let buffers = BufferPolicy::find(&plan.buffers).ok_or("there is no such policy of buffers")?;
    let links: Result<Vec<Link>, String> =
        plan.links.iter().map(|text| Link::parse(text).map_err(|e| e.to_string())).collect();
    let settings = Settings {
        seed: plan.seed,
        asked_ns: plan.asked_ns,
        buffers,
        reference: plan.reference.clone(),
        quick: plan.quick,
        own_load: plan.compiled,
        links: links?,
        ..Settings::new(program, budget)
    };
    let mut study = Study::new(vec![PayloadSpec::File(payload.name.clone().into())], settings);
    study.representations = vec![Representation::Typed, Representation::Derived];
    study.codecs = numbered(plan.typed.iter().map(|name| CodecSpec::parse(name)))?;
    let of_type = |name: &String| {
        let (codec, _) = name.split_once('+').unwrap_or((name, ""));
        forms.iter().find(|form| form.find(codec).is_some()).map(|form| form.parse(name))
    };
    study.derived_codecs = numbered(plan.derived.iter().filter_map(of_type))?;
    study.derived = forms;
    study.many = plan.many.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    study.transports = transport::find_all(&plan.transports)?;
    Ok(study)
}

/// Codecs with their numbers among the rows of the same.
fn numbered(
    specs: impl Iterator<Item = Result<CodecSpec, codec::SpecError>>,
) -> Result<Vec<(CodecSpec, usize)>, String> {
    let mut all: Vec<(CodecSpec, usize)> = Vec::new();
    for spec in specs {
        let spec = spec.map_err(|error| error.to_string())?;
        let before = all.iter().filter(|(known, _)| known.name() == spec.name()).count();
        all.push((spec, before));
    }
    Ok(all)
}

/// Tells the process that generated this one how far it is, and keeps the results file up to date.
struct Reporter<'c> {
    control: &'c UnixStream,
    writer: Writer,
    reported_at: u64,
    /// Why the file could not be written: said once, and the end of the measuring tries again.
    fault: Option<String>,
}

impl Reporter<'_> {
    fn say(&self, event: &Event) {
        // A process that is gone needs no news.
        let _ = event.send(self.control);
    }

    fn warn_of<E: std::fmt::Display>(&mut self, written: Result<(), E>) {
        if let Err(error) = written {
            self.say(&Event::Warn(error.to_string()));
            self.fault = Some(error.to_string());
        }
    }
}

impl Sink for Reporter<'_> {
    fn progress(&mut self, fraction: f64, left: Option<Nanos>, what: &str) {
        let now = clock::now();
        if now - self.reported_at > BETWEEN_REPORTS_NS {
            self.reported_at = now;
            self.say(&Event::Progress(fraction, left.map(|Nanos(ns)| ns), what.to_owned()));
        }
    }

    fn note(&mut self, text: &str) {
        self.say(&Event::Note(text.to_owned()));
    }

    fn warn(&mut self, text: &str) {
        self.say(&Event::Warn(text.to_owned()));
    }

    fn round(&mut self, current: &mut dyn Current) {
        let now = clock::now();
        if self.fault.is_none() && self.writer.is_due(now) {
            let written = self.writer.update(current.run(), now);
            self.warn_of(written);
        }
    }

    fn closed(&mut self, run: &Run) {
        if self.fault.is_none() {
            let written = self.writer.closed(run, clock::now());
            self.warn_of(written);
        }
    }
}
