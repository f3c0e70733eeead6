//! torch's archives: which members are the storages of which pickle.
//!
//! `torch.save` writes `data.pkl` and `data/0`, TorchScript `constants.pkl` and `constants/0` beside these, and
//! `torch.package` any pickles and `.data/0.storage` for all of them (`torch/serialization.py`, `torch/package/`).

use super::zip::Member;
use crate::duplicates::{HERE, Value};
use crate::machine::Stored;
use std::collections::{HashMap, HashSet};

/// The members that the pickles of one directory name, by key.
#[derive(Default)]
struct Storages {
    /// The places among the members.
    members: HashMap<String, usize>,
    /// Their unpacked sizes, once these are known.
    sizes: Option<HashMap<String, u64>>,
}

/// The owner of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Tensor,
    None,
}

/// The storages and pickles of torch's archives, beside other members.
pub(super) struct Torch {
    /// By the directory that they lie in, with its slash.
    storages: HashMap<String, Storages>,
    /// The directory of each pickle's storages, by its place among the members.
    pickles: HashMap<usize, String>,
    /// The pickle that `torch.load` gives.
    main: Option<usize>,
    /// The storages that tensors own.
    claimed: HashSet<usize>,
    /// The storages of the main pickle, whichever tensor has them.
    of_main: HashSet<usize>,
    is_package: bool,
    /// Whether code lies beside the main pickle, which runs without Python.
    is_script: bool,
}

impl Torch {
    pub(super) fn of(members: &[Member]) -> Torch {
        let names: HashSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let mut storages: HashMap<String, Storages> = HashMap::new();
        let mut add = |directory: &str, key: &str, at| {
            storages.entry(directory.to_owned()).or_default().members.insert(key.to_owned(), at);
        };
        for (at, Member { name, .. }) in members.iter().enumerate() {
            let Some((directory, file)) = name.rsplit_once('/') else { continue };
            match (directory.rsplit('/').next(), file.strip_suffix(".storage")) {
                (Some(".data"), Some(key)) => add(&format!("{directory}/"), key, at),
                (Some(".data"), None) => {}
                _ if names.contains(format!("{directory}.pkl").as_str()) => add(&format!("{directory}/"), file, at),
                _ => {}
            }
        }
        let (mut pickles, mut main) = (HashMap::new(), None);
        let mut is_package = false;
        for (at, Member { name, .. }) in members.iter().enumerate() {
            let Some(stem) = name.strip_suffix(".pkl") else { continue };
            let (own, root) = (format!("{stem}/"), format!("{}/.data/", name.split('/').next().unwrap_or_default()));
            let of_torch = |stem: &str| {
                let directory = stem.strip_suffix("data")?;
                let beside = [format!("{directory}version"), format!("{directory}.data/serialization_id")];
                let is_torch = storages.contains_key(&own) || beside.iter().any(|name| names.contains(name.as_str()));
                (is_torch && (directory.is_empty() || directory.ends_with('/'))).then_some(at)
            };
            if main.is_none() {
                main = of_torch(stem);
            }
            if storages.contains_key(&own) || main == Some(at) {
                pickles.insert(at, own);
            } else if storages.contains_key(&root) {
                is_package = true;
                pickles.insert(at, root);
            }
        }
        let of_main = main.and_then(|main| storages.get(&pickles[&main]));
        let of_main = of_main.map_or_else(HashSet::new, |storages| storages.members.values().copied().collect());
        let beside_main = main.and_then(|main: usize| members[main].name.strip_suffix("data.pkl"));
        let is_script =
            beside_main.is_some_and(|directory| names.contains(format!("{directory}constants.pkl").as_str()));
        Torch { storages, pickles, main, claimed: HashSet::new(), of_main, is_package, is_script }
    }

    /// The word for the file, if torch wrote it.
    pub(super) fn format(&self) -> Option<&'static str> {
        match self.main {
            Some(_) if self.is_script => Some("TorchScript archive"),
            Some(_) => Some("torch archive"),
            None => self.is_package.then_some("torch package"),
        }
    }

    /// The places of those that can name storages, the main one first.
    pub(super) fn pickles(&self) -> Vec<usize> {
        let mut pickles: Vec<usize> = self.pickles.keys().copied().collect();
        pickles.sort_unstable_by_key(|at| (self.main != Some(*at), *at));
        pickles
    }

    pub(super) fn is_main(&self, pickle: usize) -> bool {
        self.main == Some(pickle)
    }

    /// The sizes of the storages that a pickle can have: none that are another's already.
    pub(super) fn sizes(&mut self, pickle: usize, mut size: impl FnMut(usize) -> Option<u64>) -> HashMap<String, u64> {
        let storages = self.pickles.get(&pickle).and_then(|directory| self.storages.get_mut(directory));
        let Some(Storages { members, sizes }) = storages else { return HashMap::new() };
        let sizes = sizes
            .get_or_insert_with(|| members.iter().filter_map(|(key, &at)| Some((key.clone(), size(at)?))).collect());
        std::mem::take(sizes)
    }

    /// Notes which storages a pickle has; the others are there for the next.
    pub(super) fn claim(&mut self, pickle: usize, left: Stored, keys: &HashSet<String>) {
        let storages = self.pickles.get(&pickle).and_then(|directory| self.storages.get_mut(directory));
        let Some(Storages { members, sizes }) = storages else { return };
        self.claimed.extend(keys.iter().filter_map(|key| members.get(key)));
        *sizes = match left {
            Stored::Members(left) => Some(left),
            Stored::Unknown | Stored::Behind => None,
        };
    }

    /// The owner of a member, if it is a storage.
    pub(super) fn owner_of(&self, member: usize) -> Option<Owner> {
        match (self.claimed.contains(&member), self.of_main.contains(&member)) {
            (true, _) => Some(Owner::Tensor),
            (false, true) => Some(Owner::None),
            (false, false) => None,
        }
    }

    /// The storages of a pickle that lie there as they are, to be compared with other values.
    pub(super) fn values(&self, members: &[Member], pickle: usize, storages: &[(String, usize, u64)]) -> Vec<Value> {
        let known = self.pickles.get(&pickle).and_then(|directory| self.storages.get(directory));
        let value = |(key, part, _): &(String, usize, u64)| {
            let member = &members[*known?.members.get(key)?];
            let bytes = member.start..member.end;
            (member.method == 0).then_some(Value { bytes, buffer: HERE, part: *part, hash: None })
        };
        storages.iter().filter_map(value).collect()
    }
}
