//! What a reader has to say about single values, with the path of the first of them.
//!
//! A source knows where in the file a value lies, and not by which path one comes to it. So the paths are looked for
//! afterwards, in one more pass that ends at the last of them, and only where there is something to say.

use super::source::{Event, Fault, Key, Source, Step, path_text};

/// Something that was noticed at some values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What, and how often.
    pub text: String,
    /// Where the first of the values begins, or its key.
    pub at: usize,
    /// Whether it is the only one.
    pub only: bool,
}

/// How often something was noticed, and where first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// How often.
    pub count: u64,
    first: usize,
}

impl Count {
    /// Once more, at `at`.
    pub fn add(&mut self, at: usize) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
    }

    /// What to say, if anything was noticed; `say` is told whether it was one.
    pub fn remark(&self, say: impl FnOnce(bool) -> String) -> Option<Remark> {
        let only = self.count == 1;
        (self.count > 0).then(|| Remark { text: format!("{} {}", self.count, say(only)), ..self.place() })
    }

    /// A remark without words.
    pub fn place(&self) -> Remark {
        Remark { text: String::new(), at: self.first, only: self.count == 1 }
    }

    /// As often as both, and where it was first.
    pub fn merge(&mut self, other: &Count) {
        self.first = match (self.count, other.count) {
            (0, _) => other.first,
            (_, 0) => self.first,
            _ => self.first.min(other.first),
        };
        self.count += other.count;
    }
}

/// All that a source has to say, once the document was read from it.
pub fn told<S: Source>(source: &S, open: &dyn Fn() -> Result<S, Fault>) -> Result<Vec<String>, Fault> {
    let mut notes = source.notes();
    let remarks = source.remarks();
    if !remarks.is_empty() {
        let mut search = Search { wanted: &remarks, found: vec![None; remarks.len()], path: Vec::new() };
        let mut again = open()?;
        let event = again.value()?;
        search.walk(&mut again, event)?;
        notes.extend(remarks.iter().zip(search.found).map(|(remark, path)| match path {
            Some(path) if remark.only => format!("{}, at {path}", remark.text),
            Some(path) => format!("{}, the first at {path}", remark.text),
            None => remark.text.clone(),
        }));
    }
    Ok(notes)
}

struct Search<'r> {
    wanted: &'r [Remark],
    found: Vec<Option<String>>,
    path: Vec<Step>,
}

impl Search<'_> {
    /// Looks for the places in a value; whether all are found.
    fn walk<S: Source>(&mut self, source: &mut S, event: Event) -> Result<bool, Fault> {
        self.look(source.offset());
        match event {
            Event::Text => drop(source.text()?),
            Event::Bytes => drop(source.bytes()?),
            Event::List(mut open) => {
                let mut index = 0;
                while source.next_item(&mut open)? {
                    let event = source.value()?;
                    self.path.push(Step::Index(index));
                    if self.walk(source, event)? {
                        return Ok(true);
                    }
                    self.path.pop();
                    index += 1;
                }
            }
            Event::Map(mut open) => {
                while let Some(step) = source.next_key(&mut open)?.as_ref().map(Key::step) {
                    self.path.push(step);
                    self.look(source.offset());
                    let event = source.value()?;
                    if self.walk(source, event)? {
                        return Ok(true);
                    }
                    self.path.pop();
                }
            }
            _ => {}
        }
        Ok(self.found.iter().all(Option::is_some))
    }

    fn look(&mut self, at: usize) {
        for (remark, found) in self.wanted.iter().zip(&mut self.found) {
            if remark.at == at && found.is_none() {
                *found = Some(path_text(self.path.iter()));
            }
        }
    }
}
