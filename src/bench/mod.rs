//! The face of the library: a study from Rust, without a command line.

mod derived;
mod run;

#[cfg(feature = "cli")]
pub(crate) use derived::count_operations;
pub use derived::{Derived, derived};
pub use run::{Row, Run};

#[cfg(any(feature = "borsh", feature = "rkyv", feature = "speedy", feature = "wincode"))]
use crate::codec::NativeFormat;
use crate::codec::{self, CodecSpec, Format, FormatVisitor, Info, OwnPayload, SpecError};

use crate::host::own_program;
use crate::measure::{self, Budget, Settings, StudyError, with_compressors};
use crate::model::{Representation, Silent};
#[cfg(feature = "rkyv")]
use crate::payload::native::RkyvType;
#[cfg(feature = "speedy")]
use crate::payload::native::SpeedyType;
#[cfg(feature = "wincode")]
use crate::payload::native::WincodeType;
use crate::payload::{OwnMessages, PayloadError, PayloadSpec, Values};
use crate::transport;
use serde::{Serialize, de::DeserializeOwned};
use std::any::TypeId;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the program answers when it is started as the receiving process, and whether it knows its own types then.
static ANSWERS: AtomicBool = AtomicBool::new(false);
static ANSWERS_OWN: AtomicBool = AtomicBool::new(false);

/// Why your own codec could not take or give back a value.
pub type CodecError = Box<dyn std::error::Error + Send + Sync>;

/// What a program around a study returns.
pub type Outcome = std::process::ExitCode;

/// The definition of a study: payloads, formats, transports, and for how long.
///
/// A study encodes each payload in each format, sends it to a second process, decodes it there, and compares what arrived
/// with what was sent. The second process is this program, started again: [`main`](crate::main) answers for it.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     sercost::main(|study| study.payload("records:1k").formats(["json", "postcard"]).rounds(20))
/// }
/// ```
///
/// [`run`](Study::run) gives the rows to a program that has more to do with them than to print them:
///
/// ```no_run
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     sercost::answer();
///     let run = sercost::Study::new().payload("orders.json").formats(["json", "postcard"]).quick().run()?;
///     assert!(run.row("orders.json", "postcard").bytes() < 60_000);
///     Ok(())
/// }
/// ```
#[derive(Clone)]
#[must_use = "a study measures nothing before it is run"]
pub struct Study {
    payloads: Vec<OsString>,
    formats: Vec<String>,
    transports: Vec<String>,
    representation: Representation,
    reference: Option<String>,
    budget: Budget,
    quick: bool,
    seed: u64,
    own: Vec<OwnPayload>,
    /// Codecs that were brought, with the type that each is for.
    brought: Vec<(TypeId, &'static dyn codec::Codec)>,
    /// Why a value could not be taken.
    fault: Option<String>,
}

impl Default for Study {
    fn default() -> Self {
        Study::new()
    }
}

impl Study {
    /// A study without a payload: of all formats, over a pipe, for 20 seconds.
    pub fn new() -> Self {
        Study {
            payloads: Vec::new(),
            formats: Vec::new(),
            transports: Vec::new(),
            representation: Representation::Typed,
            reference: None,
            budget: Budget::Time(20_000_000_000),
            quick: false,
            seed: 1,
            own: Vec::new(),
            brought: Vec::new(),
            fault: None,
        }
    }

    /// Adds a payload: a built-in shape with its count (`records:1k`), or the path of a file.
    pub fn payload(mut self, payload: impl Into<OsString>) -> Self {
        self.payloads.push(payload.into());
        self
    }

    /// Adds a value of a Rust type as a payload of that name. It is measured in every format that speaks serde, as that
    /// type, and in those of [`codec`](Study::codec).
    ///
    /// The study keeps a copy of it, made by way of the first format that gives back an equal value.
    ///
    /// ```
    /// #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    /// struct Order {
    ///     id: u64,
    ///     items: Vec<String>,
    /// }
    ///
    /// let order = Order { id: 7, items: vec!["tea".into()] };
    /// let run = sercost::Study::new().value("order", &order).formats(["postcard", "json"]).rounds(3).run().unwrap();
    /// assert_eq!(run.row("order", "postcard").bytes(), 6);
    /// assert_eq!(run.row("order", "json").bytes(), 24);
    /// ```
    pub fn value<T>(self, name: impl Into<String>, value: &T) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
    {
        self.add(name.into(), std::slice::from_ref(value), false)
    }

    /// Adds values of a Rust type as a payload of that name, each of which is encoded and sent as a message of its own.
    pub fn messages<T>(self, name: impl Into<String>, values: &[T]) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
    {
        self.add(name.into(), values, true)
    }

    fn add<T>(mut self, name: String, values: &[T], many: bool) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
    {
        match copies(values) {
            Some(copies) => {
                let of_type = self.brought.iter().filter(|(of, _)| *of == TypeId::of::<T>()).map(|(_, codec)| *codec);
                let (codecs, brought) = (codec::serde_codecs::<T>(), of_type.collect());
                let messages: Arc<dyn OwnMessages> = Arc::new(Values::new(copies));
                self.payloads.push(name.clone().into());
                self.own.push(OwnPayload { name, messages, many, codecs, brought });
            }
            None => {
                let reason = "no format of this build gives back a value that is equal to the one that it was given";
                self.fault.get_or_insert(format!("payload {name}: {reason}"));
            }
        }
        self
    }

    /// Measures values of type `T` in your own codec too.
    pub fn codec<T: Send + Sync + 'static>(self, codec: impl Codec<T>) -> Self {
        let info = info_of(&codec);
        self.bring::<T>(Brought(codec), info)
    }

    /// Measures values of type `T` by borsh, whose derives it has, too.
    #[cfg(feature = "borsh")]
    pub fn borsh<T>(self) -> Self
    where
        T: borsh::BorshSerialize + borsh::BorshDeserialize + Send + Sync + 'static,
    {
        self.bring::<T>(codec::Borsh, NativeFormat::info(&codec::Borsh))
    }

    /// Measures values of type `T` by rkyv, whose derives it has, too: the row `rkyv` validates and makes the owned value.
    #[cfg(feature = "rkyv")]
    pub fn rkyv<T: RkyvType + Send + Sync + 'static>(self) -> Self {
        self.bring::<T>(codec::Rkyv, NativeFormat::info(&codec::Rkyv))
    }

    /// Measures values of type `T` by wincode, whose derives it has, too, without its limit for one allocation.
    #[cfg(feature = "wincode")]
    pub fn wincode<T: WincodeType + Send + Sync + 'static>(self) -> Self {
        self.bring::<T>(codec::Wincode, NativeFormat::info(&codec::Wincode))
    }

    /// Measures values of type `T` by speedy, whose derives it has, too, in little-endian.
    #[cfg(feature = "speedy")]
    pub fn speedy<T: SpeedyType + Send + Sync + 'static>(self) -> Self {
        self.bring::<T>(codec::Speedy, NativeFormat::info(&codec::Speedy))
    }

    /// Measures values of type `T` by bitcode's own derives, which it has, too: the row `bitcode-derive`.
    #[cfg(feature = "bitcode")]
    pub fn bitcode<T: bitcode::Encode + bitcode::DecodeOwned + Send + Sync + 'static>(self) -> Self {
        self.bring::<T>(codec::BitcodeDerive, codec::BitcodeDerive::info())
    }

    fn bring<T: Send + Sync + 'static>(mut self, format: impl codec::OwnFormat<T>, info: &'static Info) -> Self {
        let codec = codec::own_codec::<T>(format, info);
        for own in self.own.iter_mut().filter(|own| own.messages.as_any().is::<Values<T>>()) {
            own.brought.push(codec);
        }
        self.brought.push((TypeId::of::<T>(), codec));
        self
    }

    /// Measures these formats alone, each with a compressor if it is to have one: `json`, `postcard`, `json+zstd:3`.
    pub fn formats<S: Into<String>>(mut self, formats: impl IntoIterator<Item = S>) -> Self {
        self.formats.extend(formats.into_iter().map(Into::into));
        self
    }

    /// Sends over these transports, the first of which is that of the ratios: `pipe`, `unix`, `shm`.
    pub fn transports<S: Into<String>>(mut self, transports: impl IntoIterator<Item = S>) -> Self {
        self.transports.extend(transports.into_iter().map(Into::into));
        self
    }

    /// Holds the payload as a tree of values that say themselves what they are, as `serde_json::Value` does, and not as
    /// derived structs would.
    pub fn dynamic(mut self) -> Self {
        self.representation = Representation::Dynamic;
        self
    }

    /// Gives all ratios against this format.
    pub fn reference(mut self, format: impl Into<String>) -> Self {
        self.reference = Some(format.into());
        self
    }

    /// Measures for this long, reading included.
    pub fn time(mut self, time: Duration) -> Self {
        self.budget = Budget::Time(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        self
    }

    /// Measures exactly so many rounds.
    pub fn rounds(mut self, rounds: u64) -> Self {
        self.budget = Budget::Rounds(rounds);
        self
    }

    /// Looks for the three best, gives the others up early, and takes 3 seconds at most.
    pub fn quick(mut self) -> Self {
        self.quick = true;
        self.time(Duration::from_secs(3))
    }

    /// Makes the values of built-in shapes and the order of the rows from this seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Measures.
    ///
    /// # Errors
    ///
    /// When a name is not known, a payload cannot be read or does not fit in memory, or the program does not call
    /// [`answer`] or [`main`](crate::main), so that it cannot be its own receiving process.
    pub fn run(&self) -> Result<Run, Error> {
        let answers = if self.own.is_empty() { &ANSWERS } else { &ANSWERS_OWN };
        let here = !answers.load(Ordering::Relaxed);
        if here && !self.transports.is_empty() {
            return Err(Error::new(
                "the receiving process of a study is the program itself: begin its main function with sercost::answer(), or \
                 with sercost::main where it has types of its own; without transports, all is done in this process",
            ));
        }
        let study = self.study(here)?;
        let mut run = study.empty_run(std::env::args().collect(), jiff::Timestamp::now().to_string());
        match study.run(&mut run, &mut Silent).map_err(Error::of::<StudyError>)? {
            measure::Outcome::Finished => Ok(Run::new(run)),
            measure::Outcome::Interrupted => Err(Error::new("the study was interrupted")),
        }
    }

    /// The study in the words of the rooms below.
    fn study(&self, here: bool) -> Result<measure::Study, Error> {
        if let Some(fault) = &self.fault {
            return Err(Error::new(fault.clone()));
        }
        if self.payloads.is_empty() {
            return Err(Error::new("a study needs a payload, as in Study::new().payload(\"records:1k\")"));
        }
        let spec = |given: &OsString| OwnPayload::parse_payload(given, &self.own);
        let payloads: Result<Vec<PayloadSpec>, PayloadError> = self.payloads.iter().map(spec).collect();
        let program = own_program().map_err(Error::of)?;
        let settings = Settings {
            seed: self.seed,
            quick: self.quick,
            here,
            reference: self.reference.clone(),
            ..Settings::new(program, self.budget)
        };
        let mut study = measure::Study::new(payloads.map_err(Error::of)?, settings);
        study.representations = vec![self.representation];
        study.own = self.own.clone();
        // A codec that was brought is measured wherever its type is.
        let is_brought = |name: &str| self.brought.iter().any(|(_, codec)| codec.info().name == name);
        let formats: Result<Vec<CodecSpec>, SpecError> =
            self.formats.iter().filter(|name| !is_brought(name)).map(|name| CodecSpec::parse(name)).collect();
        let formats = formats.map_err(Error::of)?;
        codec::check_asked(&formats, &self.own, self.payloads.len()).map_err(Error::of)?;
        // Where all that were asked for were brought, no others are measured.
        let asked = (!self.formats.is_empty()).then_some(&formats[..]);
        study.codecs = with_compressors(asked, &[], &study.representations);
        if !self.transports.is_empty() {
            study.transports = transport::find_all(&self.transports).map_err(Error::new)?;
        }
        Ok(study)
    }
}

/// Answers when this program was started as the receiving process of a study, and ends it then; otherwise returns at once.
///
/// Its place is the first line of `main`. Types of the program's own are known to [`main`](crate::main) alone.
pub fn answer() {
    ANSWERS.store(true, Ordering::Relaxed);
    answer_with(&[]);
}

fn answer_with(own: &[OwnPayload]) {
    if std::env::args_os().nth(1).is_some_and(|first| first == measure::RECEIVE_VERB)
        && let Some(served) = measure::receive_on_stdin(own)
    {
        let code = match served {
            Ok(()) => 0,
            Err(_) => 2,
        };
        std::process::exit(code);
    }
}

/// A whole program around a study: the receiving process, the measuring, the table on standard output.
#[cfg(all(feature = "report", not(feature = "cli")))]
pub fn main(ask: impl FnOnce(Study) -> Study) -> Outcome {
    use std::io::Write;
    let text = match Study::answered(ask).run() {
        Ok(run) => run.text(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return Outcome::from(2);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Outcome::SUCCESS,
        Err(_) => Outcome::from(2),
    }
}

impl Study {
    /// The study of a program that answers as its receiving process. There the types are known then, and the values are not
    /// used.
    #[cfg(feature = "report")]
    pub(crate) fn answered(ask: impl FnOnce(Study) -> Study) -> Study {
        let study = ask(Study::new());
        ANSWERS.store(true, Ordering::Relaxed);
        ANSWERS_OWN.store(true, Ordering::Relaxed);
        answer_with(&study.own);
        study
    }

    /// The study as a command line: payloads of own types, names of all payloads, options with their values.
    ///
    /// # Errors
    ///
    /// When a value could not be taken.
    #[cfg(feature = "cli")]
    pub(crate) fn into_command_line(self) -> Result<CommandLine, Error> {
        if let Some(fault) = self.fault {
            return Err(Error::new(fault));
        }
        let mut options: Vec<(&'static str, String)> = Vec::new();
        let mut list = |flag, values: &[String]| options.extend((!values.is_empty()).then(|| (flag, values.join(","))));
        let mut formats = self.formats;
        if !formats.is_empty() {
            // A codec that was brought is measured wherever its type is.
            let brought = self.brought.iter().map(|(_, codec)| codec.info().name.to_owned());
            let brought: Vec<String> = brought.filter(|name| !formats.contains(name)).collect();
            formats.extend(brought);
        }
        list("--codec", &formats);
        list("--transport", &self.transports);
        if self.representation == Representation::Dynamic {
            options.push(("--representation", "dynamic".to_owned()));
        }
        options.extend(self.reference.map(|reference| ("--reference", reference)));
        match self.budget {
            _ if self.quick => options.push(("--quick", String::new())),
            Budget::Time(ns) => options.push(("--time", format!("{ns}ns"))),
            Budget::Rounds(rounds) => options.push(("--rounds", rounds.to_string())),
        }
        options.push(("--seed", self.seed.to_string()));
        Ok(CommandLine { own: self.own, payloads: self.payloads, options })
    }
}

/// A study as a command line.
#[cfg(feature = "cli")]
pub(crate) struct CommandLine {
    /// Payloads of the program's own types.
    pub own: Vec<OwnPayload>,
    /// The names of all payloads.
    pub payloads: Vec<OsString>,
    /// Options with their values; without one where the value is empty.
    pub options: Vec<(&'static str, String)>,
}

/// Your own codec for values of one type: a format that sercost does not have, or one with a derive of its own.
///
/// ```
/// /// A number as its digits.
/// struct Digits;
///
/// impl sercost::Codec<u64> for Digits {
///     fn name(&self) -> &str {
///         "digits"
///     }
///
///     fn encode(&self, value: &u64, out: &mut Vec<u8>) -> Result<(), sercost::CodecError> {
///         out.extend(value.to_string().bytes());
///         Ok(())
///     }
///
///     fn decode(&self, bytes: &[u8]) -> Result<u64, sercost::CodecError> {
///         Ok(std::str::from_utf8(bytes)?.parse()?)
///     }
/// }
///
/// let run = sercost::Study::new().value("answer", &42u64).codec(Digits).rounds(3).run().unwrap();
/// assert_eq!(run.row("answer", "digits").bytes(), 2);
/// ```
pub trait Codec<T>: Send + Sync + 'static {
    /// The name of its row.
    fn name(&self) -> &str;

    /// The crate behind it with its version, as in `prost 0.14.1`, where there is one.
    fn package(&self) -> &str {
        ""
    }

    /// Appends the encoding of `value` to `out`, which is empty.
    ///
    /// # Errors
    ///
    /// The codec's own: the row shows it.
    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Decodes one value, which takes all of `bytes`.
    ///
    /// # Errors
    ///
    /// The codec's own: the row shows it.
    fn decode(&self, bytes: &[u8]) -> Result<T, CodecError>;
}

/// The facts about a codec of the caller's.
fn info_of<T>(codec: &impl Codec<T>) -> &'static Info {
    let leak = |text: &str| -> &'static str { Box::leak(text.into()) };
    Box::leak(Box::new(Info {
        name: leak(codec.name()),
        aliases: &[],
        format: "the caller's own",
        package: leak(codec.package()),
        native: false,
        self_describing: false,
        zero_copy: false,
        maintained: true,
        untrusted: false,
        note: "",
    }))
}

/// A codec of the caller's as the rooms below know it.
struct Brought<C>(C);

impl<T, C: Codec<T>> codec::OwnFormat<T> for Brought<C> {
    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.0.encode(value, out)
    }

    fn decode(&self, bytes: &[u8], values: &mut Vec<T>) -> Result<(), CodecError> {
        values.push(self.0.decode(bytes)?);
        Ok(())
    }
}

/// Equal values, made by way of the first format that can.
fn copies<T: Serialize + DeserializeOwned + PartialEq>(values: &[T]) -> Option<Vec<T>> {
    struct Copy<'v, T> {
        values: &'v [T],
        copies: Option<Vec<T>>,
    }

    impl<T: Serialize + DeserializeOwned + PartialEq> FormatVisitor for Copy<'_, T> {
        fn visit<F: Format>(&mut self, format: &'static F) {
            if self.copies.is_some() || !format.decodes() {
                return;
            }
            let mut copies = Vec::with_capacity(self.values.len());
            let done = self.values.iter().all(|value| {
                let mut bytes = Vec::new();
                format.encode(value, &mut bytes).and_then(|()| format.decode(&bytes, &mut copies)).is_ok()
            });
            self.copies = (done && copies == self.values).then_some(copies);
        }
    }

    let mut copy = Copy { values, copies: None };
    codec::visit_formats(&mut copy);
    copy.copies
}

/// Why a study did not measure. Its debug form is the sentence too, since that is what a `main` that returns it prints.
pub struct Error(Box<dyn std::error::Error + Send + Sync>);

impl Error {
    fn new(words: impl Into<String>) -> Self {
        Error(words.into().into())
    }

    fn of<E: std::error::Error + Send + Sync + 'static>(error: E) -> Self {
        Error(Box::new(error))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
