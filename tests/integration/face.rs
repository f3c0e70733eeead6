//! The face of the library, as another program uses it.

use crate::tools::{Directory, finish};
use std::path::PathBuf;
use std::process::Command;

/// The example that cargo has built beside this binary.
pub(crate) fn example(name: &str) -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let example = binary.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(example.exists(), "{} is not there: cargo build --examples makes it", example.display());
    example
}

#[test]
fn a_program_measures_with_itself_as_the_receiving_process() {
    let directory = Directory::new();
    let path = directory.file("rows.json", br#"[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]"#);
    let out = finish(Command::new(example("choose")).arg(&path)).ok();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    // Two records of a byte and a string of one.
    assert!(lines[0].starts_with("postcard") && lines[0].contains(" 7 bytes, total "), "{out}");
    assert!(!lines[0].contains(" 0 allocations"), "{out}");
    assert!(lines[2].starts_with("json"), "{out}");
    assert_eq!(lines[3], format!("{path}: postcard is the smallest without a loss"));
}

#[test]
fn what_a_study_cannot_do_is_an_error() {
    let error = |study: sercost::Study| study.run().err().map(|error| error.to_string()).unwrap_or_default();
    let records = || sercost::Study::new().payload("records:2").rounds(2);
    // This binary does not answer when it is started again.
    assert!(error(records().transports(["unix"])).contains("begin its main function with sercost::answer()"));
    let out = finish(Command::new(example("choose")).arg("recrods:1k"));
    assert!(out.err.contains("did you mean \"records:1k\"?"), "{out:#?}");
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Event {
    at: u64,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Kind {
    Opened,
    Paid(f64),
}

fn events() -> Vec<Event> {
    let kind = |at: u64| if at.is_multiple_of(3) { Kind::Opened } else { Kind::Paid(at as f64 / 4.0) };
    (0..100).map(|at| Event { at, kind: kind(at) }).collect()
}

#[test]
fn a_value_of_ones_own_type_is_measured_as_that_type() {
    let run = sercost::Study::new().value("events", &events()).messages("each", &events()).rounds(3).run().unwrap();
    let events = events();
    let bytes = |format| run.row("events", format).bytes() as usize;
    assert_eq!(bytes("json"), serde_json::to_vec(&events).unwrap().len());
    assert_eq!(bytes("postcard"), postcard::to_stdvec(&events).unwrap().len());
    assert_eq!(bytes("msgpack"), rmp_serde::to_vec(&events).unwrap().len());
    assert_eq!(bytes("msgpack-named"), rmp_serde::to_vec_named(&events).unwrap().len());
    let each: usize = events.iter().map(|event| postcard::to_stdvec(event).unwrap().len()).sum();
    assert_eq!(run.row("each", "postcard").bytes() as usize, (each + 50) / 100);
    for row in run.rows() {
        assert!(row.error().is_some() || row.losses().is_some_and(|losses| losses.is_empty()), "{row:?}");
        // Nothing crosses in a test.
        assert!(row.transfer().is_none() && row.transport() == Some("none"), "{row:?}");
    }
    let text = run.text();
    assert!(text.contains("100 values of Event") && text.contains("in one process"), "{text}");
    let row = run.row("events", "json");
    assert!(row.encode().is_some() && row.decode().is_some() && row.total().is_some(), "{row:?}");
    let crossing = sercost::Study::new().value("events", &events).transports(["unix"]).run().err().unwrap().to_string();
    assert!(crossing.contains("with sercost::main where it has types of its own"), "{crossing}");
}

/// Writes a number less than it is, and then refuses, panics, or leaves a byte over.
struct Broken(&'static str);

impl sercost::Codec<u64> for Broken {
    fn name(&self) -> &str {
        self.0
    }

    fn encode(&self, value: &u64, out: &mut Vec<u8>) -> Result<(), sercost::CodecError> {
        match self.0 {
            "refuses" => Err("it refuses".into()),
            "panics" => panic!("it panics"),
            _ => {
                out.extend((value / 2).to_le_bytes());
                Ok(())
            }
        }
    }

    fn decode(&self, bytes: &[u8]) -> Result<u64, sercost::CodecError> {
        match self.0 {
            "wavers" => Ok(another_number()),
            "cannot decode" => Err("it cannot decode".into()),
            _ => Ok(u64::from_le_bytes(bytes.try_into()?)),
        }
    }
}

/// Another number at each call.
fn another_number() -> u64 {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

#[test]
fn a_codec_of_ones_own_that_is_wrong_is_a_row_that_says_so() {
    let study = sercost::Study::new().value("number", &7u64).formats(["postcard"]).rounds(2);
    let study = ["halves", "refuses", "panics", "cannot decode", "wavers"]
        .into_iter()
        .fold(study, |study, name| study.codec(Broken(name)));
    let run = study.run().unwrap();
    assert_eq!(run.row("number", "postcard").losses(), Some(vec![]));
    assert_eq!(run.row("number", "halves").losses().unwrap(), ["$: what arrived is not equal to what was sent"]);
    for (name, reason) in [
        ("refuses", "it refuses"),
        ("panics", "it panics"),
        ("cannot decode", "it cannot decode"),
        ("wavers", "decoding the same bytes twice gave different values"),
    ] {
        let error = run.row("number", name).error().unwrap();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn a_value_that_is_not_equal_to_itself_is_refused() {
    let error = sercost::Study::new().value("nan", &f64::NAN).run().unwrap_err().to_string();
    assert!(error.starts_with("payload nan: no format of this build gives back a value that is equal"), "{error}");
}

#[test]
fn a_program_of_ones_own_types_has_the_options_of_profile() {
    let directory = Directory::new();
    let path = directory.path().join("run.json");
    let options = ["--bench", "--codec", "json,postcard,lines", "--rounds", "3", "--out", path.to_str().unwrap()];
    let out = finish(Command::new(example("orders")).args(options)).ok();
    assert!(out.contains("a value of Vec<Order>") && out.contains("3,000 values of Item"), "{out}");
    let run = sercost::store::read(&path).unwrap();
    let rows = |payload: &str| {
        let of = run.measurements.iter().filter(|m| m.payload == payload && m.stage == sercost::model::Stage::Decode);
        of.map(|m| (m.codec.clone(), m.lossy.clone(), m.error.clone())).collect::<Vec<_>>()
    };
    let row = |codec: &str| (codec.to_owned(), Some(vec![]), None);
    assert_eq!(rows("orders"), [row("json"), row("postcard")]);
    assert_eq!(rows("items"), [row("json"), row("postcard"), row("lines")]);
    // It crossed to a second process.
    assert!(run.measurements.iter().any(|m| m.stage == sercost::model::Stage::Transfer && m.summary.is_some()));
    let one = finish(Command::new(example("orders")).args(["items", "-c", "lines", "--rounds", "2"])).ok();
    assert!(one.contains("lines") && !one.contains("Order"), "{one}");
    let wrong = finish(Command::new(example("orders")).args(["--codec", "lines3"])).err;
    assert!(wrong.contains("unknown codec \"lines3\""), "{wrong}");
}

#[derive(
    Clone,
    Debug,
    PartialEq,
    serde::Serialize,
    serde::Deserialize,
    borsh::BorshSerialize,
    borsh::BorshDeserialize,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
    wincode::SchemaWrite,
    wincode::SchemaRead,
    speedy::Readable,
    speedy::Writable,
)]
struct Point {
    id: u32,
    at: Vec<f64>,
    name: String,
}

#[test]
fn crates_with_derives_of_their_own_take_types_that_have_them() {
    let points: Vec<Point> =
        (0..50).map(|id| Point { id, at: vec![f64::from(id); 3], name: format!("point {id}") }).collect();
    let names = vec![("a".to_owned(), 1u32), ("b".to_owned(), 2)];
    let study = sercost::Study::new().borsh::<Vec<Point>>().value("points", &points);
    let study = study.rkyv::<Vec<Point>>().wincode::<Vec<Point>>().value("names", &names);
    let run = study.speedy::<Vec<Point>>().bitcode::<Vec<(String, u32)>>().rounds(2).run().unwrap();
    assert_eq!(run.row("points", "borsh").bytes() as usize, borsh::to_vec(&points).unwrap().len());
    assert_eq!(run.row("points", "wincode").bytes(), wincode::serialize(&points).unwrap().len() as u64);
    let by_speedy = speedy::Writable::<speedy::LittleEndian>::write_to_vec(&points).unwrap();
    assert_eq!(run.row("points", "speedy").bytes() as usize, by_speedy.len());
    assert_eq!(run.row("names", "bitcode-derive").bytes() as usize, bitcode::encode(&names).len());
    for format in ["borsh", "rkyv", "wincode", "speedy"] {
        let row = run.row("points", format);
        assert_eq!((row.error(), row.losses()), (None, Some(vec![])), "{format}");
    }
    // A codec that was brought can be the only one.
    let alone = sercost::Study::new().value("points", &points).borsh::<Vec<Point>>().formats(["borsh"]).rounds(2);
    assert_eq!(alone.run().unwrap().rows().iter().map(|row| row.format().to_owned()).collect::<Vec<_>>(), ["borsh"]);
    // Types that the derive was not asked for have no such row.
    assert!(!run.rows().iter().any(|row| row.payload() == "names" && row.format() == "borsh"));
    let asked = sercost::Study::new().value("names", &names).formats(["borsh"]).run().err().unwrap().to_string();
    assert!(
        asked.starts_with("borsh needs its own derive: give it to the type of names, and add the codec to the study"),
        "{asked}"
    );
}
