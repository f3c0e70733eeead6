//! The receiving process: takes samples from its transports, decodes what arrived, and reports.

use super::fidelity::derived_for;
use super::wire::{self, Report, Request, Response, SampleRequest};
use crate::clock::{self, count_allocations, peak_resident_bytes, reset_peak_resident};
use crate::codec::{Codec, CodecSpec, Compression, Decoded, OwnPayload, flatten, guard, prepare_guard};
use crate::host::read_descriptors;
use crate::model::{Allocations, Representation, Stage};
use crate::payload::{Column, Schema, digest_rows, digest_tree, fold_digests};
use crate::transport::{self, Frame, Receiver};
use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// The first argument of a program that is started as a receiving process.
pub const RECEIVE_VERB: &str = "receive";

/// Serves the sending process at the other end of standard input until it is gone; `None` where that is not a socket,
/// since then no study has started this process.
pub fn receive_on_stdin(own: &[OwnPayload]) -> Option<io::Result<()>> {
    let control = io::stdin().as_fd().try_clone_to_owned().ok().map(UnixStream::from)?;
    control.peer_addr().ok()?;
    // A long decoding would go on in vain when the sender is gone. Where this cannot be had, it ends after that.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    Some(receive(control, own))
}

/// Serves the sending process at the other end of `control` until it is gone. `own` are the payloads of this program.
///
/// # Errors
///
/// When the control socket breaks in the middle of a message.
pub fn receive(control: UnixStream, own: &[OwnPayload]) -> io::Result<()> {
    prepare_guard();
    let mut process =
        Process { control, receivers: HashMap::new(), schema: Arc::new(Schema::Unit), all_own: own, own: None };
    loop {
        let request = match wire::read(&process.control) {
            Ok(request) => request,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        match process.serve(request) {
            // The sender was interrupted, or died: no process is left to be told.
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
                return Ok(());
            }
            result => result?,
        }
    }
}

struct Process<'o> {
    control: UnixStream,
    receivers: HashMap<String, Box<dyn Receiver>>,
    /// The type of one message.
    schema: Arc<Schema>,
    /// The payloads of this program, and which of them is measured.
    all_own: &'o [OwnPayload],
    own: Option<&'o OwnPayload>,
}

impl Process<'_> {
    fn serve(&mut self, request: Request) -> io::Result<()> {
        match request {
            Request::Payload { schema, own } => {
                self.schema = Arc::new(schema);
                self.own = own.as_ref().and_then(|name| self.all_own.iter().find(|own| own.name == *name));
                if let (Some(name), None) = (own, self.own) {
                    return self.answer(&Response::Failed(format!("the receiving process has no payload {name:?}")));
                }
                self.answer(&Response::Ready)
            }
            Request::Open { transport, descriptors } => {
                let descriptors = read_descriptors(&self.control, descriptors)?;
                let opened = transport::find(&transport)
                    .ok_or_else(|| io::Error::other("no such transport"))
                    .and_then(|found| found.receiver(descriptors));
                match opened {
                    Ok(receiver) => {
                        self.receivers.insert(transport, receiver);
                        self.answer(&Response::Ready)
                    }
                    Err(error) => {
                        self.answer(&Response::Failed(format!("cannot open the transport {transport}: {error}")))
                    }
                }
            }
            Request::Sample(request) => self.sample(&request),
        }
    }

    fn answer(&self, response: &Response) -> io::Result<()> {
        wire::write(&self.control, response)
    }

    fn sample(&mut self, request: &SampleRequest) -> io::Result<()> {
        let Some(receiver) = self.receivers.get_mut(&request.transport) else {
            return self.answer(&Response::Failed(format!("the transport {} is not open", request.transport)));
        };
        let own = match request.representation {
            Representation::Derived => derived_for(self.all_own, codec_of(&request.codec)),
            _ => self.own,
        };
        let spec = match own.map_or_else(|| CodecSpec::parse(&request.codec), |own| own.parse(&request.codec)) {
            Ok(spec) => spec,
            Err(error) => return self.answer(&Response::Failed(error.to_string())),
        };
        if request.count_allocations {
            receiver.release();
        }
        receiver.prepare(request.capacity)?;
        // The target of the values is made before anything arrives, so that nothing but decoding follows the last byte.
        let room = request.messages * request.decode_repeats;
        let into = match own {
            Some(own) => Decoded::Own(own.messages.target(room)),
            None => Decoded::with_capacity(spec.codec, request.representation, &self.schema, room),
        };
        wire::write(&self.control, &Response::Ready)?;
        let received_at = receiver.receive(request.messages)?;
        let frames = receiver.frames();
        let mut report = Report { received_at, ..Report::default() };
        if let Err(failure) = unpack(&frames, &spec, request, into, &self.schema, &mut report) {
            report.error = Some(failure);
        }
        report.peak_resident_bytes = peak_resident_bytes();
        drop(frames);
        self.answer(&Response::Sample(report))
    }
}

/// The codec of a name with a compressor.
fn codec_of(name: &str) -> &str {
    name.split_once('+').map_or(name, |(codec, _)| codec)
}

/// Decompresses, decodes and checks what arrived; fills the report as far as it gets.
pub(super) fn unpack(
    frames: &[Frame<'_>],
    spec: &CodecSpec,
    request: &SampleRequest,
    mut into: Decoded,
    schema: &Schema,
    report: &mut Report,
) -> Result<(), (Stage, String)> {
    let decompressed;
    let messages: Vec<&[u8]> = match &spec.compression {
        None => frames.iter().map(|frame| frame.bytes).collect(),
        Some(compression) => {
            decompressed =
                decompress(frames, compression, request, report).map_err(|reason| (Stage::Decompress, reason))?;
            decompressed.iter().map(Vec::as_slice).collect()
        }
    };
    decode(&messages, spec.codec, request, &mut into, report).map_err(|reason| (Stage::Decode, reason))?;
    if let Decoded::Own(values) = &into {
        // The type says nothing of itself but whether two values are equal: what arrived is held against the bytes, and
        // the sending process finds out once what they decode to.
        report.repeats_agree =
            values.count() == messages.len() * request.decode_repeats && values.repeats_agree(messages.len());
        report.digest = digest_bytes(messages.iter().copied());
        return Ok(());
    }
    let digests = digests(into, schema)?;
    let (first, repeats) = digests.split_at(messages.len().min(digests.len()));
    report.repeats_agree = digests.len() == messages.len() * request.decode_repeats
        && repeats.chunks(messages.len().max(1)).all(|repeat| repeat == first);
    report.digest = fold_digests(first.iter().copied());
    Ok(())
}

fn decompress(
    frames: &[Frame<'_>],
    compression: &Compression,
    request: &SampleRequest,
    report: &mut Report,
) -> Result<Vec<Vec<u8>>, String> {
    let mut outputs: Vec<Vec<u8>> = vec![Vec::new(); frames.len() * request.decompress_repeats];
    let (taken, result) = timed(|| {
        let mut outputs = outputs.iter_mut();
        for _ in 0..request.decompress_repeats {
            for (frame, output) in frames.iter().zip(&mut outputs) {
                let expected = usize::try_from(frame.original_bytes)?;
                compression.decompress(std::hint::black_box(frame.bytes), expected, output)?;
            }
        }
        Ok(())
    });
    report.decompress_ns = Some(taken.ns());
    flatten(result)?;
    outputs.truncate(frames.len());
    Ok(outputs)
}

fn decode(
    messages: &[&[u8]],
    codec: &dyn Codec,
    request: &SampleRequest,
    into: &mut Decoded,
    report: &mut Report,
) -> Result<(), String> {
    let repeats = request.decode_repeats;
    let (taken, result) = if request.count_allocations {
        reset_peak_resident();
        let ((taken, result), counted) = count_allocations(|| timed(|| codec.decode(messages, repeats, into)));
        let resident = peak_resident_bytes();
        report.allocations = counted.map(|counted| per_message(counted, (messages.len() * repeats) as u64, resident));
        (taken, result)
    } else {
        timed(|| codec.decode(messages, repeats, into))
    };
    report.decode_ns = Some(taken.ns());
    report.decoded_at = taken.end;
    flatten(result)
}

/// Two stamps around an operation.
#[derive(Clone, Copy)]
struct Stamps {
    start: u64,
    end: u64,
}

impl Stamps {
    fn ns(self) -> u64 {
        self.end - self.start
    }
}

/// Runs `operation` under guard between two stamps.
fn timed<T>(operation: impl FnOnce() -> T) -> (Stamps, Result<T, String>) {
    let start = clock::now();
    let result = guard(operation);
    (Stamps { start, end: clock::now() }, result)
}

/// The share of one message in `counted`, rounded.
pub(super) fn per_message(counted: Allocations, messages: u64, resident: Option<u64>) -> Allocations {
    let share = |all: Option<u64>| all.map(|all| (all + messages / 2) / messages.max(1));
    Allocations {
        count: share(counted.count),
        bytes: share(counted.bytes),
        peak_bytes: counted.peak_bytes,
        peak_resident_bytes: resident,
        grows: share(counted.grows),
        shrinks: share(counted.shrinks),
    }
}

/// The digest of encoded messages, in order.
pub(super) fn digest_bytes<'m>(messages: impl Iterator<Item = &'m [u8]>) -> u64 {
    fold_digests(messages.map(xxhash_rust::xxh3::xxh3_64))
}

/// The digest of each decoded message, in order.
fn digests(decoded: Decoded, schema: &Schema) -> Result<Vec<u64>, (Stage, String)> {
    let of_rows = |column: &Column| (0..column.len()).map(|row| digest_rows(column, row..row + 1)).collect();
    Ok(match decoded {
        Decoded::Typed(rows) => of_rows(&rows.into_column()),
        Decoded::Dynamic(trees) => trees.iter().map(digest_tree).collect(),
        Decoded::Own(_) => Vec::new(),
        Decoded::Native(values) => {
            of_rows(&values.into_column(schema).map_err(|error| (Stage::Decode, error.to_string()))?)
        }
    })
}
