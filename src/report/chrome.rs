//! A timeline in the Chrome trace event format, which ui.perfetto.dev and chrome://tracing open.
//!
//! The format is that of Google's document "Trace Event Format": complete events (`X`) for what a thread did, metadata
//! (`M`) for the names of processes and threads, flow events (`s`, `t`, `f`) for the way of a message. Its times are
//! microseconds; here they have three decimals, and begin with the first slice.

use crate::model::{Slice, Tracks};
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write};

/// The document, scenario by scenario: what is written of one need not be kept.
///
/// Processes and threads have numbers of their own, since several scenarios may run in one process one after the other,
/// and numbers of processes are used again; the system's own stand in the names.
#[derive(Clone, Debug, Default)]
pub struct ChromeTrace {
    has_head: bool,
    has_events: bool,
    /// The first slice of the first scenario that has any.
    origin: Option<u64>,
    left_out: u64,
    processes: u64,
    threads: u64,
    flows: u64,
}

/// A thread as the document numbers it.
#[derive(Clone, Copy)]
struct Thread {
    process: u64,
    thread: u64,
}

impl ChromeTrace {
    /// Writes the tracks of a scenario, which ran after those before it.
    pub fn scenario(&mut self, tracks: &Tracks, out: &mut dyn Write) -> io::Result<()> {
        self.head(out)?;
        let starts = tracks.tracks.iter().filter_map(|track| track.slices.first());
        self.origin = self.origin.or(starts.map(|slice| slice.start).min());
        self.left_out += tracks.left_out;
        let mut processes = HashMap::new();
        let mut threads = Vec::new();
        for track in &tracks.tracks {
            let next = self.processes + 1;
            let process = *processes.entry(track.pid).or_insert(next);
            if process == next {
                self.processes = next;
                let name = format!("{}: {} {}", tracks.scenario, track.process, track.pid);
                self.metadata(out, process, None, "process_name", &json!({"name": name}))?;
                self.metadata(out, process, None, "process_sort_index", &json!({"sort_index": process}))?;
            }
            self.threads += 1;
            let thread = Thread { process, thread: self.threads };
            let own = Some(thread.thread);
            self.metadata(out, process, own, "thread_name", &json!({"name": track.thread}))?;
            self.metadata(out, process, own, "thread_sort_index", &json!({"sort_index": thread.thread}))?;
            for slice in &track.slices {
                self.slice(out, thread, slice, track.thread)?;
            }
            threads.push(thread);
        }
        for flow in &tracks.flows {
            self.flows += 1;
            let name = format!("message {}", flow.message.1);
            let last = flow.stops.len().saturating_sub(1);
            for (at, &(track, time)) in flow.stops.iter().enumerate() {
                let Some(&thread) = threads.get(track) else { continue };
                let phase = match at {
                    0 => "s",
                    at if at == last => "f",
                    _ => "t",
                };
                self.flow(out, thread, phase, &name, time)?;
            }
        }
        Ok(())
    }

    /// Writes the end of the document, behind all scenarios or none.
    pub fn end(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.head(out)?;
        let about = json!({
            "written_by": concat!("sercost ", env!("CARGO_PKG_VERSION")),
            "clock": "CLOCK_MONOTONIC",
            "first_timestamp_ns": self.origin(),
            "messages_left_out": self.left_out,
        });
        write!(out, "\n],\"otherData\":{about}}}\n")
    }

    fn head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_head, true) {
            // At the start, so that a program that is to replace the file can tell whose it is.
            let written_by = concat!("sercost ", env!("CARGO_PKG_VERSION"));
            writeln!(out, "{{\"displayTimeUnit\":\"ns\",\"producer\":\"{written_by}\",\"traceEvents\":[")?;
        }
        Ok(())
    }

    fn origin(&self) -> u64 {
        self.origin.unwrap_or(0)
    }

    /// Begins an event, on a line of its own.
    fn begin(&mut self, out: &mut dyn Write, phase: &str, process: u64) -> io::Result<()> {
        if std::mem::replace(&mut self.has_events, true) {
            out.write_all(b",\n")?;
        }
        write!(out, "{{\"ph\":\"{phase}\",\"pid\":{process}")
    }

    fn metadata(
        &mut self,
        out: &mut dyn Write,
        process: u64,
        thread: Option<u64>,
        name: &str,
        arguments: &serde_json::Value,
    ) -> io::Result<()> {
        self.begin(out, "M", process)?;
        if let Some(thread) = thread {
            write!(out, ",\"tid\":{thread}")?;
        }
        write!(out, ",\"name\":\"{name}\",\"args\":{arguments}}}")
    }

    fn slice(&mut self, out: &mut dyn Write, thread: Thread, slice: &Slice, category: &str) -> io::Result<()> {
        self.begin(out, "X", thread.process)?;
        let start = micros(slice.start.saturating_sub(self.origin()));
        let duration = micros(slice.end - slice.start);
        write!(
            out,
            ",\"tid\":{},\"ts\":{start},\"dur\":{duration},\"name\":\"{}\",\"cat\":\"{category}\",\"args\":{{",
            thread.thread, slice.component
        )?;
        if let Some((job, index)) = slice.message {
            write!(out, "\"job\":{job},\"index\":{index}")?;
        }
        if let Some(bytes) = slice.bytes {
            let comma = if slice.message.is_some() { "," } else { "" };
            write!(out, "{comma}\"bytes\":{bytes}")?;
        }
        out.write_all(b"}}")
    }

    fn flow(&mut self, out: &mut dyn Write, thread: Thread, phase: &str, name: &str, time: u64) -> io::Result<()> {
        self.begin(out, phase, thread.process)?;
        let time = micros(time.saturating_sub(self.origin()));
        // An arrow ends in the slice that encloses its end, and not in the next one.
        let enclosing = if phase == "f" { ",\"bp\":\"e\"" } else { "" };
        let (thread, id) = (thread.thread, self.flows);
        write!(out, ",\"tid\":{thread},\"ts\":{time},\"name\":\"{name}\",\"cat\":\"message\",\"id\":{id}{enclosing}}}")
    }
}

/// Nanoseconds as microseconds, exactly.
fn micros(ns: u64) -> String {
    format!("{}.{:03}", ns / 1000, ns % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Component, Flow, Track};

    /// The document of these scenarios.
    fn chrome(all: &[Tracks]) -> serde_json::Value {
        let (mut trace, mut out) = (ChromeTrace::default(), Vec::new());
        for tracks in all {
            trace.scenario(tracks, &mut out).expect("a Vec takes everything");
        }
        trace.end(&mut out).expect("a Vec takes everything");
        serde_json::from_slice(&out).expect("is JSON")
    }

    #[test]
    fn a_document_has_names_slices_and_arrows() {
        let slice = |component, start, end| Slice { component, start, end, message: Some((0, 7)), bytes: Some(9) };
        let track = |pid, process, thread, slices| Track { pid, process, thread, slices };
        let tracks = Tracks {
            scenario: "own \"one\".py".to_owned(),
            tracks: vec![
                track(10, "parent", "dispatcher", vec![slice(Component::EncodeTask, 1000, 2500)]),
                track(10, "parent", "results", vec![slice(Component::DecodeResult, 9000, 9001)]),
                track(11, "worker", "worker", vec![slice(Component::Call, 3000, 1_234_567_890)]),
            ],
            flows: vec![Flow { message: (0, 7), stops: vec![(0, 1000), (2, 3000), (1, 9000)] }],
            left_out: 3,
        };
        let document = chrome(&[tracks.clone(), tracks]);
        assert_eq!(document["otherData"]["messages_left_out"], 6);
        assert_eq!(document["otherData"]["first_timestamp_ns"], 1000);
        let events = document["traceEvents"].as_array().expect("is a list");
        let of = |phase: &str| events.iter().filter(|event| event["ph"] == phase).cloned().collect::<Vec<_>>();
        let slices = of("X");
        assert_eq!(slices.len(), 6);
        assert_eq!((&slices[2]["ts"], &slices[2]["dur"]), (&json!(2.0), &json!(1_234_564.89)));
        assert_eq!(slices[0]["args"], json!({"job": 0, "index": 7, "bytes": 9}));
        // Two scenarios of one process are two, and each thread is one of its own.
        let mut numbers: Vec<_> =
            slices.iter().map(|event| (event["pid"].to_string(), event["tid"].to_string())).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), 6);
        assert_eq!(of("M").iter().filter(|event| event["name"] == "process_name").count(), 4);
        assert_eq!(of("M")[0]["args"]["name"], "own \"one\".py: parent 10");
        let phases: Vec<_> =
            events.iter().filter_map(|event| Some((event.get("id")?, event["ph"].as_str()?))).collect();
        assert_eq!(phases.iter().map(|(_, phase)| *phase).collect::<String>(), "stfstf");
        assert_eq!(phases[0].0, phases[2].0);
        assert_ne!(phases[0].0, phases[3].0);
        assert_eq!(of("f")[0]["bp"], "e");
    }

    #[test]
    fn nothing_is_a_document_too() {
        let document = chrome(&[]);
        assert_eq!(document["traceEvents"], json!([]));
    }
}
