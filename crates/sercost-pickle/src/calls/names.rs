//! The names that a pickle imports, counted.

use crate::harmless;
use crate::model::{CalledName, Calls, RESULT_OF, Trust};
use std::collections::HashMap;

/// The most names that are told apart.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Names {
    rows: Vec<Row>,
    by_name: HashMap<String, u32>,
    persistent_ids: u64,
    /// The count of the reading before this, where a file is read in several ways.
    before: u64,
}

#[derive(Debug)]
struct Row {
    called: CalledName,
    /// The counts of the readings before this; of two readings the larger count is right.
    most: [u64; 4],
    /// Whether it is called as any callable is, and not only to make an object.
    is_called: bool,
    is_upper: bool,
}

impl Row {
    fn end_reading(&mut self) {
        let row = &mut self.called;
        let counts = [&mut row.imports, &mut row.calls, &mut row.states, &mut row.changes];
        for (count, most) in counts.into_iter().zip(&mut self.most) {
            *most = (*most).max(std::mem::take(count));
        }
    }
}

impl Names {
    /// Begins to read the file in another way.
    pub(super) fn begin(&mut self) {
        self.rows.iter_mut().for_each(Row::end_reading);
        self.before = self.before.max(std::mem::take(&mut self.persistent_ids));
    }

    /// GLOBAL, STACK_GLOBAL and INST.
    pub(super) fn import(&mut self, module: &str, name: &str, at: u64) -> u32 {
        let place = self.place(&format!("{module}.{name}"), || harmless::trust(module, name), at);
        let row = &mut self.rows[place as usize];
        row.is_upper = name.trim_start_matches('_').starts_with(char::is_uppercase);
        row.called.imports += 1;
        place
    }

    /// An import whose name cannot be told.
    pub(super) fn unknown(&mut self, what: &str, at: u64) -> u32 {
        let place = self.place(what, || Trust::Unknown, at);
        self.rows[place as usize].called.imports += 1;
        place
    }

    /// A call of a value that has no name.
    pub(super) fn call_unknown(&mut self, what: &str, at: u64) -> u32 {
        let place = self.place(what, || Trust::Unknown, at);
        self.rows[place as usize].called.calls += 1;
        place
    }

    /// A call of what a call made.
    pub(super) fn call_result(&mut self, of: u32, at: u64) -> u32 {
        let made = self.rows[of as usize].called.name.clone();
        let made = made.strip_prefix(RESULT_OF).unwrap_or(&made);
        self.call_unknown(&format!("{RESULT_OF}{made}"), at)
    }

    fn place(&mut self, name: &str, trust: impl FnOnce() -> Trust, at: u64) -> u32 {
        if let Some(&place) = self.by_name.get(name) {
            return place;
        }
        let (name, trust) = match self.rows.len() {
            ..MOST => (name, trust()),
            _ => ("names beyond the first 10,000", Trust::Other),
        };
        if let Some(&place) = self.by_name.get(name) {
            return place;
        }
        let place = self.rows.len() as u32;
        self.by_name.insert(name.to_owned(), place);
        let called = CalledName {
            name: name.to_owned(),
            trust,
            imports: 0,
            calls: 0,
            states: 0,
            changes: 0,
            offset: at,
            member: None,
        };
        self.rows.push(Row { called, most: [0; 4], is_called: false, is_upper: false });
        place
    }

    pub(super) fn name(&self, place: u32) -> &str {
        &self.rows[place as usize].called.name
    }

    /// `is_free` is whether any callable can be called so, and not only a class.
    pub(super) fn call(&mut self, place: u32, is_free: bool) {
        let row = &mut self.rows[place as usize];
        row.called.calls += 1;
        row.is_called |= is_free;
    }

    pub(super) fn state(&mut self, place: u32) {
        self.rows[place as usize].called.states += 1;
    }

    pub(super) fn change(&mut self, place: u32) {
        self.rows[place as usize].called.changes += 1;
    }

    pub(super) fn persistent_ids(&mut self) {
        self.persistent_ids += 1;
    }

    pub(super) fn calls(mut self) -> Calls {
        self.begin();
        let names = self.rows.into_iter().map(|row| {
            let mut called = row.called;
            [called.imports, called.calls, called.states, called.changes] = row.most;
            // By their own conventions, people write classes with a capital: what calls another name runs a function.
            if called.trust == Trust::Own && row.is_called && !row.is_upper {
                called.trust = Trust::Other;
            }
            called
        });
        let mut calls = Calls { names: names.collect(), persistent_ids: self.before };
        calls.sort();
        calls
    }
}
