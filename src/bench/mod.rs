//! The face of the library: a study from Rust, without a command line.

mod run;

pub use run::{Row, Run};

use crate::codec::{CodecSpec, SpecError};
use crate::host::own_program;
use crate::measure::{self, Budget, Outcome, Settings, StudyError, with_compressors};
use crate::model::{Representation, Silent};
use crate::payload::{PayloadError, PayloadSpec};
use crate::transport;
use std::ffi::OsString;
use std::fmt;
#[cfg(feature = "report")]
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether [`main`] has the program answer when it is started as the receiving process.
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// The definition of a study: payloads, formats, transports, and for how long.
///
/// A study encodes each payload in each format, sends it to a second process, decodes it there, and compares what arrived
/// with what was sent. The second process is this program, started again: [`main`] answers for it.
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
#[derive(Clone, Debug)]
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
        }
    }

    /// Adds a payload: a built-in shape with its count (`records:1k`), or the path of a file.
    pub fn payload(mut self, payload: impl Into<OsString>) -> Self {
        self.payloads.push(payload.into());
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
    /// [`answer`] or [`main`], so that it cannot be its own receiving process.
    pub fn run(&self) -> Result<Run, Error> {
        if !ANSWERS.load(Ordering::Relaxed) {
            return Err(Error::new(
                "the receiving process of a study is the program itself: begin its main function with sercost::answer()",
            ));
        }
        let study = self.study()?;
        let mut run = study.empty_run(std::env::args().collect(), jiff::Timestamp::now().to_string());
        match study.run(&mut run, &mut Silent).map_err(Error::of::<StudyError>)? {
            Outcome::Finished => Ok(Run::new(run)),
            Outcome::Interrupted => Err(Error::new("the study was interrupted")),
        }
    }

    /// The study in the words of the rooms below.
    fn study(&self) -> Result<measure::Study, Error> {
        if self.payloads.is_empty() {
            return Err(Error::new("a study needs a payload, as in Study::new().payload(\"records:1k\")"));
        }
        let payloads: Result<Vec<PayloadSpec>, PayloadError> = self.payloads.iter().map(PayloadSpec::parse).collect();
        let program = own_program().map_err(Error::of)?;
        let settings = Settings {
            seed: self.seed,
            quick: self.quick,
            reference: self.reference.clone(),
            ..Settings::new(program, self.budget)
        };
        let mut study = measure::Study::new(payloads.map_err(Error::of)?, settings);
        study.representations = vec![self.representation];
        let formats: Result<Vec<CodecSpec>, SpecError> =
            self.formats.iter().map(|name| CodecSpec::parse(name)).collect();
        let formats = formats.map_err(Error::of)?;
        study.codecs = with_compressors((!formats.is_empty()).then_some(&formats[..]), &[], &study.representations);
        if !self.transports.is_empty() {
            study.transports = transport::find_all(&self.transports).map_err(Error::new)?;
        }
        Ok(study)
    }
}

/// Answers when this program was started as the receiving process of a study, and ends it then; otherwise returns at once.
///
/// Its place is the first line of `main`.
pub fn answer() {
    ANSWERS.store(true, Ordering::Relaxed);
    if std::env::args_os().nth(1).is_some_and(|first| first == measure::RECEIVE_VERB)
        && let Some(served) = measure::receive_on_stdin()
    {
        let code = match served {
            Ok(()) => 0,
            Err(_) => 2,
        };
        std::process::exit(code);
    }
}

/// A whole program around a study: the receiving process, the measuring, the table on standard output.
#[cfg(feature = "report")]
pub fn main(ask: impl FnOnce(Study) -> Study) -> ExitCode {
    use std::io::Write;
    answer();
    let text = match ask(Study::new()).run() {
        Ok(run) => run.text(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::from(2);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
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
