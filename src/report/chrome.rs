//! A timeline in the Chrome trace event format, which ui.perfetto.dev and chrome://tracing open.
//!
//! The format is that of Google's document "Trace Event Format": complete events (`X`) for what a thread did, metadata
//! (`M`) for the names of processes and threads, flow events (`s`, `t`, `f`) for the way of a message. Its times are
//! microseconds; here they have three decimals, and begin with the first slice.

use crate::model::{Slice, Tracks};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write;

/// The tracks of all scenarios of a run as one JSON document.
///
/// Processes and threads have numbers of their own, since several scenarios may run in one process one after the other,
/// and numbers of processes are used again; the system's own stand in the names.
pub fn chrome(all: &[Tracks]) -> String {
    let starts = all.iter().flat_map(|tracks| &tracks.tracks).filter_map(|track| track.slices.first());
    let mut events = Events { origin: starts.map(|slice| slice.start).min().unwrap_or(0), ..Events::default() };
    for tracks in all {
        events.scenario(tracks);
    }
    let left_out: u64 = all.iter().map(|tracks| tracks.left_out).sum();
    let about = json!({
        "written_by": concat!("sercost ", env!("CARGO_PKG_VERSION")),
        "clock": "CLOCK_MONOTONIC",
        "first_timestamp_ns": events.origin,
        "messages_left_out": left_out,
    });
    format!("{{\"displayTimeUnit\":\"ns\",\"otherData\":{about},\"traceEvents\":[\n{}\n]}}\n", events.text)
}

/// The text of the events so far.
#[derive(Default)]
struct Events {
    origin: u64,
    text: String,
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

impl Events {
    fn scenario(&mut self, tracks: &Tracks) {
        let mut processes = HashMap::new();
        let mut threads = Vec::new();
        for track in &tracks.tracks {
            let process = *processes.entry(track.pid).or_insert_with(|| {
                self.processes += 1;
                let process = self.processes;
                let name = format!("{}: {} {}", tracks.scenario, track.process, track.pid);
                self.metadata(process, None, "process_name", &json!({"name": name}));
                self.metadata(process, None, "process_sort_index", &json!({"sort_index": process}));
                process
            });
            self.threads += 1;
            let thread = Thread { process, thread: self.threads };
            self.metadata(process, Some(thread.thread), "thread_name", &json!({"name": track.thread}));
            self.metadata(process, Some(thread.thread), "thread_sort_index", &json!({"sort_index": thread.thread}));
            for slice in &track.slices {
                self.slice(thread, slice, track.thread);
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
                self.flow(thread, phase, &name, time);
            }
        }
    }

    /// Begins an event, on a line of its own.
    fn begin(&mut self, phase: &str, process: u64) {
        if !self.text.is_empty() {
            self.text.push_str(",\n");
        }
        self.add(format_args!("{{\"ph\":\"{phase}\",\"pid\":{process}"));
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(text);
    }

    fn metadata(&mut self, process: u64, thread: Option<u64>, name: &str, arguments: &serde_json::Value) {
        self.begin("M", process);
        if let Some(thread) = thread {
            self.add(format_args!(",\"tid\":{thread}"));
        }
        self.add(format_args!(",\"name\":\"{name}\",\"args\":{arguments}}}"));
    }

    fn slice(&mut self, thread: Thread, slice: &Slice, category: &str) {
        self.begin("X", thread.process);
        let (start, duration) = (micros(slice.start.saturating_sub(self.origin)), micros(slice.end - slice.start));
        self.add(format_args!(
            ",\"tid\":{},\"ts\":{start},\"dur\":{duration},\"name\":\"{}\",\"cat\":\"{category}\",\"args\":{{",
            thread.thread, slice.component
        ));
        if let Some((job, index)) = slice.message {
            self.add(format_args!("\"job\":{job},\"index\":{index}"));
        }
        if let Some(bytes) = slice.bytes {
            let comma = if slice.message.is_some() { "," } else { "" };
            self.add(format_args!("{comma}\"bytes\":{bytes}"));
        }
        self.text.push_str("}}");
    }

    fn flow(&mut self, thread: Thread, phase: &str, name: &str, time: u64) {
        self.begin(phase, thread.process);
        let time = micros(time.saturating_sub(self.origin));
        // An arrow ends in the slice that encloses its end, and not in the next one.
        let enclosing = if phase == "f" { ",\"bp\":\"e\"" } else { "" };
        let id = self.flows;
        self.add(format_args!(
            ",\"tid\":{},\"ts\":{time},\"name\":\"{name}\",\"cat\":\"message\",\"id\":{id}{enclosing}}}",
            thread.thread
        ));
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
        let document: serde_json::Value = serde_json::from_str(&chrome(&[tracks.clone(), tracks])).expect("is JSON");
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
        let document: serde_json::Value = serde_json::from_str(&chrome(&[])).expect("is JSON");
        assert_eq!(document["traceEvents"], json!([]));
    }
}
