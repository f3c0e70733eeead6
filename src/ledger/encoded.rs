//! The bytes of an encoded task, divided into function, bound arguments, task arguments, and the envelope.

use crate::model::{Attribution, EncodedPart, HeaviestPart};
use sercost_pickle::Options;
use std::collections::BTreeSet;

/// The number of parts of each kind that are told apart.
const MOST_CHILDREN: usize = 20;
/// A part is the heaviest of another one when it has this share of its bytes.
const HEAVIEST: f64 = 0.8;

/// Where in a message of a pool or an executor the task's function and its arguments are, from the most telling shape on.
/// A chunk has a mapper as its function, with the user's function and the chunk as its arguments.
const SHAPES: [Shape; 5] = [
    Shape {
        mapper: Some(("$[2]", "multiprocessing.pool.starmapstar")),
        function: "$[3][0][0]",
        arguments: "$[3][0][1]",
        tasks: Tasks::Tuples,
    },
    Shape {
        mapper: Some(("$[2]", "multiprocessing.pool.")),
        function: "$[3][0][0]",
        arguments: "$[3][0][1]",
        tasks: Tasks::Items,
    },
    Shape {
        mapper: Some(("$.fn(0)", "concurrent.futures.process._process_chunk")),
        function: "$.fn(1)[0]",
        arguments: "$.args",
        tasks: Tasks::Call,
    },
    Shape { mapper: None, function: "$.fn", arguments: "$.args", tasks: Tasks::One },
    Shape { mapper: None, function: "$[2]", arguments: "$[3]", tasks: Tasks::One },
];

struct Shape {
    /// Where the mapper is, and how its name begins.
    mapper: Option<(&'static str, &'static str)>,
    function: &'static str,
    arguments: &'static str,
    tasks: Tasks,
}

/// How a message has the arguments of its tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tasks {
    /// Those of one task.
    One,
    /// The items of a chunk, each the argument of a task.
    Items,
    /// The items of a chunk, each the arguments of a task.
    Tuples,
    /// The same as the one argument of the mapper.
    Call,
}

impl Tasks {
    /// The name of what is in a message at `rest` of its arguments.
    fn place(self, rest: &str) -> String {
        match self {
            Tasks::One => format!("args{rest}"),
            Tasks::Items | Tasks::Tuples => format!("items{rest}"),
            // Within the one argument, which is the chunk.
            Tasks::Call => format!("items{}", rest.strip_prefix("[0]").unwrap_or(rest)),
        }
    }

    /// The same place as that of every task: of `items[3][0]` of tuples `args[0]`.
    fn of_each(self, place: &str) -> Option<String> {
        let Some(rest) = place.strip_prefix("items[") else { return Some(place.to_owned()) };
        let (_, rest) = rest.split_once(']')?;
        Some(match self {
            Tasks::One | Tasks::Items => format!("args[0]{rest}"),
            Tasks::Tuples | Tasks::Call => format!("args{rest}"),
        })
    }
}

/// Divides a message among its parts, the heaviest first. Each byte is in exactly one. Nothing where the bytes are not
/// a pickle that can be taken apart.
///
/// `same` are the paths at which all tasks have one and the same object, where there are `several` of them.
pub fn parts(message: &[u8], same: &[String], several: bool) -> Vec<EncodedPart> {
    let Some(attribution) = attribute(message) else { return Vec::new() };
    let paths: Vec<String> = (0..attribution.parts.len()).map(|part| attribution.path(part)).collect();
    let mut divided =
        Divided { attribution: &attribution, paths: &paths, taken: BTreeSet::new(), parts: Vec::new(), same, several };
    let Some(shape) = SHAPES.iter().find(|shape| divided.is_of(shape)) else { return Vec::new() };
    divided.function(shape.function);
    divided.arguments(shape);
    divided.rest();
    divided.parts
}

/// Divides a result among what it consists of, in the same way.
pub fn parts_of_result(result: &[u8]) -> Vec<EncodedPart> {
    let Some(attribution) = attribute(result) else { return Vec::new() };
    let paths: Vec<String> = (0..attribution.parts.len()).map(|part| attribution.path(part)).collect();
    let mut divided = Divided {
        attribution: &attribution,
        paths: &paths,
        taken: BTreeSet::new(),
        parts: Vec::new(),
        same: &[],
        several: false,
    };
    let Some(root) = divided.find("$") else { return Vec::new() };
    divided.take("result", "result", Some(&attribution.parts[root].what), root, Tasks::One);
    divided.rest();
    divided.parts
}

fn attribute(message: &[u8]) -> Option<Attribution> {
    // Parts too light to be seen would only make the search slow.
    let least_bytes = message.len() as u64 / 100_000;
    let options = Options { most_children: MOST_CHILDREN, least_bytes, ..Options::default() };
    let attribution = sercost_pickle::attribute(message, &options);
    (attribution.fault.is_none() && !attribution.parts.is_empty()).then_some(attribution)
}

/// Whether `path` is `root` or something in it.
fn is_within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.', '(']))
}

/// The place in `args[0].points: list of 3 int`.
fn place_of(path: &str) -> &str {
    path.split_once(": ").map_or(path, |(place, _)| place)
}

struct Divided<'a> {
    attribution: &'a Attribution,
    paths: &'a [String],
    /// Parts whose bytes have been given to one of `parts`.
    taken: BTreeSet<usize>,
    parts: Vec<EncodedPart>,
    /// Where all tasks have the same object.
    same: &'a [String],
    /// Whether there are several tasks.
    several: bool,
}

impl Divided<'_> {
    fn is_of(&self, shape: &Shape) -> bool {
        let maps = shape.mapper.is_none_or(|(path, name)| {
            self.find(path).is_some_and(|at| self.attribution.parts[at].what.starts_with(name))
        });
        maps && self.paths.iter().any(|path| is_within(path, shape.function))
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.paths.iter().position(|own| own == path)
    }

    /// Gives a part with all that is in it, and that nobody has, to a new one.
    fn take(&mut self, part: &str, place: &str, what: Option<&str>, at: usize, tasks: Tasks) {
        let mut open = vec![at];
        let mut bytes = 0;
        while let Some(at) = open.pop() {
            if self.taken.insert(at) {
                bytes += self.attribution.parts[at].own_bytes;
            }
            open.extend(self.attribution.children(at));
        }
        if bytes == 0 {
            return;
        }
        // What is left of a part whose parts were taken has none of its own.
        let is_whole = bytes as f64 >= HEAVIEST * self.attribution.parts[at].bytes as f64;
        let heaviest = is_whole.then(|| self.heaviest(place, at)).flatten();
        let in_all_tasks = self.several
            && match part {
                "function" | "bound arguments" => true,
                "task arguments" => {
                    let place = heaviest.as_ref().map_or(place, |heaviest| place_of(&heaviest.path));
                    let place = tasks.of_each(place);
                    place.is_some_and(|place| self.same.iter().any(|same| is_within(&place, same)))
                }
                _ => false,
            };
        let path = what.map_or_else(|| place.to_owned(), |what| format!("{place}: {what}"));
        self.parts.push(EncodedPart { part: part.to_owned(), path, bytes, heaviest, in_all_tasks });
    }

    /// The deepest part within that has most of the bytes. The items of a list are no place that could be named.
    fn heaviest(&self, place: &str, root: usize) -> Option<HeaviestPart> {
        let parts = &self.attribution.parts;
        let (mut at, mut place, mut found) = (root, place.to_owned(), None);
        loop {
            let heavy = self.attribution.children(at).max_by_key(|&child| parts[child].bytes)?;
            if (parts[heavy].bytes as f64) < HEAVIEST * parts[at].bytes as f64 {
                return found;
            }
            at = heavy;
            place.push_str(&parts[at].step);
            if parts[at].step != "[*]" {
                found = Some(HeaviestPart { path: format!("{place}: {}", parts[at].what), bytes: parts[at].bytes });
            }
            if self.attribution.children(at).next().is_none() {
                return found;
            }
        }
    }

    /// Gives what is directly in a part to new ones, and what is left of it to another.
    fn take_each(&mut self, part: &str, place: &str, at: usize, tasks: Tasks) {
        for child in self.attribution.children(at).collect::<Vec<_>>() {
            let own = &self.attribution.parts[child];
            self.take(part, &format!("{place}{}", own.step), Some(&own.what), child, tasks);
        }
        self.take(part, place, Some(&self.attribution.parts[at].what), at, tasks);
    }

    /// The function, and what is bound to it: of a partial its arguments and keywords, of a method its object.
    fn function(&mut self, path: &str) {
        let Some(root) = self.find(path) else {
            // A function that is a part of its own only together with what it is bound to.
            let within: Vec<usize> = (0..self.paths.len()).filter(|&at| is_within(&self.paths[at], path)).collect();
            for at in within {
                self.take("function", &self.attribution.parts[at].what, None, at, Tasks::One);
            }
            return;
        };
        let mut name = self.attribution.parts[root].what.clone();
        for at in self.attribution.children(root).collect::<Vec<_>>() {
            let own = &self.paths[at][path.len()..];
            let bound = if let Some(rest) = own.strip_prefix("(1)") {
                format!("args{rest}")
            } else if let Some(rest) = own.strip_prefix("(2)") {
                format!("keywords{rest}")
            } else if let Some(rest) = own.strip_prefix(".__self__") {
                format!("self{rest}")
            } else {
                if own == "(0)" {
                    name = format!("partial of {}", self.attribution.parts[at].what);
                }
                continue;
            };
            self.take_each("bound arguments", &bound, at, Tasks::One);
        }
        self.take("function", &name, None, root, Tasks::One);
    }

    fn arguments(&mut self, shape: &Shape) {
        let (root, tasks) = (shape.arguments, shape.tasks);
        let chunk = if tasks == Tasks::Call { format!("{root}[0]") } else { root.to_owned() };
        let first = self.parts.len();
        // The outermost parts within, which need not be the root itself: a tuple of one is not a part of its own.
        let within: Vec<usize> = (0..self.paths.len()).filter(|&at| is_within(&self.paths[at], &chunk)).collect();
        for at in within {
            if !self.taken.contains(&at) {
                let place = tasks.place(&self.paths[at][root.len()..]);
                self.take_each("task arguments", &place, at, tasks);
            }
        }
        // A chunk of one is a task like any other.
        let is_of_others = |path: &str| path.starts_with("items[1]") || path.starts_with("items[*]");
        let is_single = !self.parts[first..].iter().any(|part| is_of_others(&part.path));
        if tasks != Tasks::One && is_single {
            for part in &mut self.parts[first..] {
                let rename = |path: &str| {
                    let (place, what) = path.split_once(": ")?;
                    Some(format!("{}: {what}", tasks.of_each(place)?))
                };
                part.path = rename(&part.path).unwrap_or_else(|| part.path.clone());
                if let Some(heaviest) = &mut part.heaviest {
                    heaviest.path = rename(&heaviest.path).unwrap_or_else(|| heaviest.path.clone());
                }
            }
        }
    }

    /// Everything else: the numbers that the pool gives a task, its own mapper, frames.
    fn rest(&mut self) {
        let left = (0..self.paths.len()).filter(|at| !self.taken.contains(at));
        let bytes = left.map(|at| self.attribution.parts[at].own_bytes).sum();
        self.parts.push(EncodedPart {
            part: "envelope".into(),
            path: "of the pool's own".into(),
            bytes,
            heaviest: None,
            in_all_tasks: false,
        });
        self.parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    }
}
