//! The bytes of an encoded task, divided into function, bound arguments, task arguments, and the envelope.

use crate::model::{Attribution, EncodedPart};
use sercost_pickle::Options;
use std::collections::BTreeSet;

/// The number of parts of each kind that are told apart.
const MOST_CHILDREN: usize = 20;

/// Where in a message of a pool or an executor the task's function and its arguments are, from the most telling shape on.
/// A chunk has a mapper as its function, with the user's function and the chunk as its arguments.
const SHAPES: [Shape; 4] = [
    Shape { mapper: Some(("$[2]", "multiprocessing.pool.")), function: "$[3][0][0]", arguments: "$[3][0][1]" },
    Shape {
        mapper: Some(("$.fn(0)", "concurrent.futures.process._process_chunk")),
        function: "$.fn(1)[0]",
        arguments: "$.args",
    },
    Shape { mapper: None, function: "$.fn", arguments: "$.args" },
    Shape { mapper: None, function: "$[2]", arguments: "$[3]" },
];

struct Shape {
    /// Where the mapper is, and how its name begins.
    mapper: Option<(&'static str, &'static str)>,
    function: &'static str,
    arguments: &'static str,
}

/// Divides a message among its parts, the heaviest first. Each byte is in exactly one. Nothing where the bytes are not
/// a pickle that can be taken apart.
pub fn parts(message: &[u8]) -> Vec<EncodedPart> {
    // Parts too light to be seen would only make the search slow.
    let least_bytes = message.len() as u64 / 100_000;
    let options = Options { most_children: MOST_CHILDREN, least_bytes, ..Options::default() };
    let attribution = sercost_pickle::attribute(message, &options);
    if attribution.fault.is_some() || attribution.parts.is_empty() {
        return Vec::new();
    }
    let paths: Vec<String> = (0..attribution.parts.len()).map(|part| attribution.path(part)).collect();
    let mut divided = Divided { attribution: &attribution, paths: &paths, taken: BTreeSet::new(), parts: Vec::new() };
    let Some(shape) = SHAPES.iter().find(|shape| divided.is_of(shape)) else { return Vec::new() };
    divided.function(shape.function);
    divided.arguments(shape.arguments);
    divided.rest();
    divided.parts
}

/// Whether `path` is `root` or something in it.
fn is_within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.', '(']))
}

struct Divided<'a> {
    attribution: &'a Attribution,
    paths: &'a [String],
    /// Parts whose bytes have been given to one of `parts`.
    taken: BTreeSet<usize>,
    parts: Vec<EncodedPart>,
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
    fn take(&mut self, part: &str, path: String, at: usize) {
        let mut open = vec![at];
        let mut bytes = 0;
        while let Some(at) = open.pop() {
            if self.taken.insert(at) {
                bytes += self.attribution.parts[at].own_bytes;
            }
            open.extend(self.attribution.children(at));
        }
        if bytes > 0 {
            self.parts.push(EncodedPart { part: part.to_owned(), path, bytes });
        }
    }

    /// Gives what is directly in a part to new ones, and what is left of it to another.
    fn take_each(&mut self, part: &str, path: &str, at: usize) {
        for child in self.attribution.children(at).collect::<Vec<_>>() {
            let own = &self.attribution.parts[child];
            self.take(part, format!("{path}{}: {}", own.step, own.what), child);
        }
        self.take(part, format!("{path}: {}", self.attribution.parts[at].what), at);
    }

    /// The function, and what is bound to it: of a partial its arguments and keywords, of a method its object.
    fn function(&mut self, path: &str) {
        let Some(root) = self.find(path) else {
            // A function that is a part of its own only together with what it is bound to.
            let within: Vec<usize> = (0..self.paths.len()).filter(|&at| is_within(&self.paths[at], path)).collect();
            for at in within {
                self.take("function", self.attribution.parts[at].what.clone(), at);
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
            self.take_each("bound arguments", &bound, at);
        }
        self.take("function", name, root);
    }

    fn arguments(&mut self, root: &str) {
        // The outermost parts within, which need not be the root itself: a tuple of one is not a part of its own.
        let within: Vec<usize> = (0..self.paths.len()).filter(|&at| is_within(&self.paths[at], root)).collect();
        for at in within {
            if !self.taken.contains(&at) {
                self.take_each("task arguments", &format!("args{}", &self.paths[at][root.len()..]), at);
            }
        }
    }

    /// Everything else: the numbers that the pool gives a task, its own mapper, frames.
    fn rest(&mut self) {
        let left = (0..self.paths.len()).filter(|at| !self.taken.contains(at));
        let bytes = left.map(|at| self.attribution.parts[at].own_bytes).sum();
        self.parts.push(EncodedPart { part: "envelope".into(), path: "of the pool's own".into(), bytes });
        self.parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    }
}
