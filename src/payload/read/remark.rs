//! The remarks of a reader about single values, with the path of the first of them.
//!
//! A source knows where in the file a value lies, but not the path that leads to it. So the paths are looked for
//! afterwards, in one more pass that ends at the last of them, and only where there is something to say.

use crate::payload::source::{Event, Fault, Key, Remark, Source, Step, path_text};

/// All that a source has to say, once the document was read from it.
pub(super) fn told<S: Source>(source: &S, open: &dyn Fn() -> Result<S, Fault>) -> Result<Vec<String>, Fault> {
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
