//! The imports and calls of a pickle when it is loaded.

use serde::{Deserialize, Serialize};

/// How far a name that a pickle imports can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// It is made when the pickle is loaded, and does not stand there.
    Unknown,
    /// Nothing is known about it.
    Other,
    /// It is of the program that loads the pickle.
    Own,
    /// The user said so.
    Allowed,
    /// It makes a value of its arguments and does nothing else.
    Harmless,
}

impl Trust {
    /// Whether a check passes it.
    pub fn is_enough(self) -> bool {
        self >= Trust::Own
    }
}

/// A name that is imported, and what is done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledName {
    /// `os.system`, or in words where it has no name.
    pub name: String,
    /// Of the name alone.
    pub trust: Trust,
    /// How often it is imported; the module is run when it is imported first.
    pub imports: u64,
    /// How often it is called, or an object of the class is made.
    pub calls: u64,
    /// How often an object that it made is given its state, which calls the `__setstate__` of its class.
    pub states: u64,
    /// How often the thing of this name is changed itself: an attribute or an item is set.
    pub changes: u64,
    /// Where it stands first.
    pub offset: u64,
    /// The member of an archive where that is; `offset` is of the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

impl CalledName {
    /// Whether a check passes it: the name is known, and nothing of that name is changed.
    pub fn passes(&self) -> bool {
        self.trust.is_enough() && (self.changes == 0 || self.trust == Trust::Allowed)
    }
}

/// All that loading a file imports and calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Names that a check does not pass come first, and then the most often called.
    pub names: Vec<CalledName>,
    /// The number of values that are left to the `persistent_load` of the loader.
    pub persistent_ids: u64,
}

impl Calls {
    /// Adds those of a part of a file, which begins at a place of it.
    pub fn add(&mut self, part: Calls, start: u64, member: Option<&str>) {
        self.persistent_ids += part.persistent_ids;
        self.names.extend(part.names.into_iter().map(|name| CalledName {
            offset: name.offset + start,
            member: name.member.or_else(|| member.map(str::to_owned)),
            ..name
        }));
        self.sort();
    }

    /// Puts what a check does not pass first.
    pub fn sort(&mut self) {
        self.names.sort_by_key(|name| (name.passes(), name.trust, std::cmp::Reverse(name.calls), name.offset));
    }

    /// Takes the names that patterns name for allowed: `module.name`, or `module.*` for all below a module. What an
    /// allowed function makes may be called too.
    pub fn allow(&mut self, patterns: &[String]) {
        let is_allowed = |name: &str| {
            let name = name.strip_prefix(RESULT_OF).unwrap_or(name);
            patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == pattern,
            })
        };
        for name in &mut self.names {
            if name.trust != Trust::Harmless && is_allowed(&name.name) {
                name.trust = Trust::Allowed;
            }
        }
        self.sort();
    }

    /// The names that a check does not pass.
    pub fn refused(&self) -> impl Iterator<Item = &CalledName> {
        self.names.iter().filter(|name| !name.passes())
    }
}

/// How a callable is named that a call made.
pub const RESULT_OF: &str = "the result of ";
