//! `--trace-out`: what each thread did when, as Perfetto opens it.

use super::run;
use crate::tools::{Directory, finish, sercost};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs;

/// A thread: its process and its number.
type Thread = (u64, u64);

/// The document, after all that holds for every one was seen to hold.
struct Trace {
    slices: HashMap<Thread, Vec<(f64, f64, String)>>,
    names: HashMap<(u64, Option<u64>), String>,
    flows: Vec<Vec<(Thread, String)>>,
}

impl Trace {
    #[track_caller]
    fn read(text: &str) -> Trace {
        let document: Value = serde_json::from_str(text).unwrap();
        let mut trace = Trace { slices: HashMap::new(), names: HashMap::new(), flows: Vec::new() };
        let mut flows: Vec<(u64, Vec<&Value>)> = Vec::new();
        for event in document["traceEvents"].as_array().unwrap() {
            let number = |name: &str| event[name].as_u64().unwrap_or_else(|| panic!("{name} in {event}"));
            let time = |name: &str| event[name].as_f64().unwrap_or_else(|| panic!("{name} in {event}"));
            let name = event["name"].as_str().unwrap();
            match event["ph"].as_str().unwrap() {
                "M" => {
                    assert!(event["args"]["name"].is_string() || event["args"]["sort_index"].is_u64(), "{event}");
                    if let Some(named) = event["args"]["name"].as_str() {
                        trace.names.insert((number("pid"), event["tid"].as_u64()), named.to_owned());
                    }
                }
                "X" => {
                    assert!(["dispatcher", "results", "consumer", "worker"].contains(&event["cat"].as_str().unwrap()));
                    assert!(event["args"].is_object() && time("ts") >= 0.0 && time("dur") > 0.0, "{event}");
                    let lane = trace.slices.entry((number("pid"), number("tid"))).or_default();
                    lane.push((time("ts"), time("dur"), name.to_owned()));
                }
                "s" => flows.push((number("id"), vec![event])),
                "t" | "f" => {
                    let (id, flow) = flows.last_mut().unwrap();
                    assert_eq!(*id, number("id"));
                    flow.push(event);
                }
                other => panic!("{other}: {event}"),
            }
        }
        trace.check_lanes();
        for (_, flow) in &flows {
            trace.check_flow(flow);
        }
        assert_eq!(flows.iter().map(|(id, _)| *id).collect::<HashSet<_>>().len(), flows.len());
        trace
    }

    /// Slices of a thread follow one another, and everything has a name.
    fn check_lanes(&self) {
        for ((process, thread), lane) in &self.slices {
            let names = (&self.names[&(*process, None)], &self.names[&(*process, Some(*thread))]);
            for pair in lane.windows(2) {
                // Half a nanosecond for what floating point makes of three decimals.
                assert!(pair[0].0 + pair[0].1 <= pair[1].0 + 0.0005, "{names:?}: {pair:?}");
            }
        }
    }

    /// An arrow begins, goes on and ends in slices, forwards in time, and belongs to a message.
    fn check_flow(&mut self, flow: &[&Value]) {
        let phases: String = flow.iter().map(|event| event["ph"].as_str().unwrap()).collect();
        assert!(["stf", "sttf"].contains(&phases.as_str()), "{phases}");
        assert_eq!(flow[flow.len() - 1]["bp"], "e");
        let mut before = 0.0;
        let mut stops = Vec::new();
        for event in flow {
            assert_eq!((&event["name"], &event["cat"]), (&flow[0]["name"], &"message".into()));
            let at = event["ts"].as_f64().unwrap();
            assert!(at >= before, "{event}");
            before = at;
            let thread = (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap());
            let lane = self.slices.get(&thread).unwrap_or_else(|| panic!("no such thread: {event}"));
            let found = lane.iter().find(|(start, length, _)| *start <= at + 0.0005 && at < start + length);
            assert!(found.is_some(), "{event} is in no slice");
            stops.push((thread, self.names[&(thread.0, Some(thread.1))].clone()));
        }
        self.flows.push(stops);
    }

    /// The number of lanes of this name.
    fn lanes(&self, name: &str) -> usize {
        self.slices.keys().filter(|(process, thread)| self.names[&(*process, Some(*thread))] == name).count()
    }
}

#[track_caller]
fn traced(line: &str) -> Trace {
    let directory = Directory::new();
    let mut command = sercost(["tasks"].into_iter().chain(line.split_whitespace()));
    finish(command.arg("--trace-out").arg(directory.join("t.json"))).ok();
    assert_eq!(directory.names(), ["t.json"]);
    Trace::read(&fs::read_to_string(directory.join("t.json")).unwrap())
}

#[test]
fn a_lane_for_each_thread_and_an_arrow_for_each_message() {
    for (line, messages, lanes) in [
        ("noop partial --payload range:5k --tasks 30", 60, [2, 2, 2, 4]),
        ("noop --engine executor --call submit --tasks 20", 20, [1, 1, 1, 2]),
        ("noop --call map --chunksize 4 --tasks 20 --workers 1", 5, [1, 1, 1, 1]),
        ("args return --engine native --payload range:5k --tasks 30", 60, [2, 2, 0, 4]),
        ("noop --engine native --call apply --tasks 30 --workers 3", 30, [1, 1, 0, 3]),
    ] {
        let trace = traced(line);
        let found = ["dispatcher", "results", "consumer", "worker"].map(|name| trace.lanes(name));
        assert_eq!(found, lanes, "{line}");
        assert_eq!(trace.flows.len(), messages, "{line}");
        for flow in &trace.flows {
            let threads: Vec<&str> = flow.iter().map(|(_, name)| name.as_str()).collect();
            let expected = ["dispatcher", "worker", "results", "consumer"];
            assert_eq!(threads, expected[..threads.len()], "{line}");
            // It leaves the process and comes back to it.
            assert!(flow[0].0.0 != flow[1].0.0 && flow[0].0.0 == flow[2].0.0, "{line}");
        }
        let names: HashSet<&str> = trace.slices.values().flatten().map(|(_, _, name)| name.as_str()).collect();
        for name in ["boot", "encode_task", "call", "send_result", "deliver", "teardown"] {
            assert!(names.contains(name), "{name} in {line}");
        }
    }
}

#[test]
fn where_it_cannot_be_written_is_known_before_anything_is_measured() {
    let error = run("noop --engine native --trace-out no/such/t.json").error();
    assert!(error.contains("--trace-out: cannot write results to \"no/such/t.json\": the directory"), "{error}");
}
