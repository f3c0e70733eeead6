//! A whole file: pickles in a row, and what is behind them.

use super::parts::overhead;
use super::storage::Stored;
use super::{Between, Machine, storage};
use crate::Options;
use crate::duplicates::{self, HERE, Value};
use crate::model::{Attribution, Bytes, Fault};
use crate::opcode as op;
use crate::reader::{Instruction, Reader};
use std::collections::{HashMap, HashSet};

/// Divides the bytes of a file of pickles among the paths of what they hold. Each byte goes to exactly one.
///
/// Any bytes may be given. Where they are not a pickle, or stop being one, the rest of the file is a part of its own
/// and `fault` says where and why. What follows the last pickle is a part too; it is not a fault.
pub fn attribute(data: &[u8], options: &Options) -> Attribution {
    let Whole { mut attribution, values, .. } = attribute_with(data, options, Stored::Unknown);
    attribution.findings.extend(duplicates::findings(&attribution, &values, data, &[]));
    attribution
}

/// How files begin that torch wrote before its archives: a number as a pickle, others, and the storages as bytes.
pub(crate) const TORCH_MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// A file that was read.
pub(crate) struct Whole {
    pub attribution: Attribution,
    /// Where bytes lie between opcodes.
    pub between: Between,
    /// How far there are opcodes at all.
    pub read: usize,
    /// Whether the pickles have one memo.
    pub shares_memo: bool,
    /// The bytes of the attribution that lie outside of the pickle.
    pub claimed: u64,
    /// Those that should lie there by what the pickle says.
    pub needed: u64,
    /// The storages that nothing has.
    pub stored: Stored,
    /// The keys of the storages that lie there.
    pub claimed_keys: HashSet<String>,
    /// Large values, to be compared with each other.
    pub values: Vec<Value>,
    /// The storages by key: the parts that have them, and their bytes.
    pub storages: Vec<(String, usize, u64)>,
}

/// The number of pickles that these files begin with.
const TORCH_PICKLES: u64 = 5;

/// The attribution of a file, with the bytes of tensors that are stored elsewhere.
pub(crate) fn attribute_with(data: &[u8], options: &Options, stored: Stored) -> Whole {
    if data.starts_with(TORCH_MAGIC) && matches!(stored, Stored::Unknown) {
        let whole = attribute_once(data, options, Stored::Behind);
        let behind = data.len() - whole.read;
        let is_whole = whole.attribution.fault.is_none() && whole.claimed == whole.needed;
        if is_whole && whole.claimed <= behind as u64 {
            return behind_the_pickles(whole, data);
        }
        let needed = whole.needed;
        let mut whole = attribute_once(data, options, Stored::Unknown);
        if whole.attribution.fault.is_none() && needed > behind as u64 {
            let reason = format!("the file ends after {behind} of {needed} bytes of the storages of tensors");
            whole.attribution.fault = Some(Fault { offset: data.len() as u64, reason });
        }
        name_value(&mut whole.attribution);
        return whole;
    }
    let may_share_memo = matches!(stored, Stored::Unknown);
    let whole = attribute_once(data, options, stored);
    let Attribution { fault, pickles, protocol, .. } = &whole.attribution;
    // No memo reads an opcode that is cut off or unknown, nor what follows a pickle of protocol 2 or later.
    let can_go_on = Instruction::at(data, whole.read).is_some();
    if may_share_memo && *pickles > 0 && can_go_on && (fault.is_some() || *protocol < 2 && whole.read < data.len()) {
        // A Pickler that dumps many times writes each object once: later pickles fetch it from the memo of earlier ones.
        let shared = attribute_machine(Machine { keeps_memo: true, ..Machine::new(data) }, options);
        if shared.read > whole.read && shared.attribution.pickles > whole.attribution.pickles {
            return shared;
        }
    }
    whole
}

fn attribute_once(data: &[u8], options: &Options, stored: Stored) -> Whole {
    let mut machine = Machine::new(data);
    machine.storages.stored = stored;
    attribute_machine(machine, options)
}

fn attribute_machine(mut machine: Machine<'_>, options: &Options) -> Whole {
    let (data, keeps_memo, stored) = (machine.data, machine.keeps_memo, machine.storages.stored.clone());
    let mut end = machine.pickles();
    if machine.took_merged && machine.merges_rows {
        machine = Machine { keeps_memo, merges_rows: false, ..Machine::new(data) };
        machine.storages.stored = stored;
        end = machine.pickles();
    }
    let End { trailing, fault } = end;
    let mut parts = machine.parts(options);
    if trailing > 0 {
        let what = if data.starts_with(TORCH_MAGIC) { "tensor storages" } else { "bytes after the last STOP" };
        parts.push(overhead("(trailing)", what, trailing));
    }
    let claimed = machine.storages.claimed;
    let attributed = machine.attributed() - claimed + trailing;
    let unread = data.len() as u64 - attributed;
    if unread > 0 {
        parts.push(overhead("(unread)", "bytes from the fault on", unread));
    }
    let bytes = data.len() as u64 + claimed;
    parts[0].bytes = bytes;
    let attribution = Attribution {
        bytes,
        pickles: machine.pickles,
        protocol: machine.protocol,
        out_of_band_buffers: machine.buffers,
        parts,
        fault,
        notes: machine.notes(),
        findings: std::mem::take(&mut machine.findings),
    };
    let stored = std::mem::take(&mut machine.storages.stored);
    let (needed, claimed_keys) = (machine.storages.needed, machine.storages.keys());
    let (values, storages) = (machine.found, machine.storages_found);
    Whole {
        attribution,
        between: machine.between,
        read: machine.at,
        shares_memo: machine.keeps_memo,
        claimed,
        needed,
        stored,
        claimed_keys,
        values,
        storages,
    }
}

/// The storages that trail a file of torch are those that its tensors have; what trails these is of no tensor.
fn behind_the_pickles(mut whole: Whole, data: &[u8]) -> Whole {
    let attribution = &mut whole.attribution;
    if let Some(part) = attribution.parts.last_mut().filter(|part| part.step == "(trailing)") {
        part.bytes -= whole.claimed;
        part.own_bytes -= whole.claimed;
        part.what = "bytes behind the storages".to_owned();
        attribution.parts.pop_if(|part| part.bytes == 0);
    }
    attribution.bytes -= whole.claimed;
    attribution.parts[0].bytes -= whole.claimed;
    whole.claimed = 0;
    name_value(&mut whole.attribution);
    let mut at = whole.read;
    let known: HashMap<&str, (usize, u64)> =
        whole.storages.iter().map(|(key, part, bytes)| (key.as_str(), (*part, *bytes))).collect();
    for key in storage_keys(&data[..whole.read]) {
        let Some(&(part, bytes)) = std::str::from_utf8(key).ok().and_then(|key| known.get(key)) else { break };
        let end = at + bytes as usize;
        whole.values.push(Value { bytes: at + storage::COUNT_BYTES as usize..end, buffer: HERE, part, hash: None });
        at = end;
    }
    whole
}

/// The keys of the storages in the order of the file: a list of strings, which is the last of these pickles.
fn storage_keys(data: &[u8]) -> Vec<&[u8]> {
    let (mut pickles, mut keys) = (0, Vec::new());
    for instruction in Reader::new(data) {
        match instruction.byte() {
            op::STOP => pickles += 1,
            op::BINUNICODE if pickles + 1 == TORCH_PICKLES => keys.push(instruction.content()),
            _ => {}
        }
    }
    keys
}

/// Names the value that `torch.load` gives, the fourth pickle: its paths begin as those of an archive do.
fn name_value(attribution: &mut Attribution) {
    let value = attribution.parts.iter_mut().filter(|part| part.parent == Some(0) && part.step == "$4");
    value.for_each(|part| part.step = "$".to_owned());
}

/// Where the pickles of a file end.
pub(super) struct End {
    /// The bytes behind them.
    trailing: u64,
    /// The fault that ends the last one early.
    pub fault: Option<Fault>,
}

impl Machine<'_> {
    /// Reads pickles as long as one follows the other.
    pub(super) fn pickles(&mut self) -> End {
        let data = self.data;
        loop {
            let start = self.at;
            if start == data.len() && self.pickles > 0 {
                return End { trailing: 0, fault: None };
            }
            // The number of elements of a storage may begin as a pickle does.
            let is_storage = self.pickles == TORCH_PICKLES && data.starts_with(TORCH_MAGIC);
            // Pickles of protocol 0 and 1 begin with any opcode; behind another pickle that is more often something else.
            let is_other = || data[start] != op::PROTO && (self.protocol > 1 || !self.is_pickle(&data[start..]));
            if is_storage || self.pickles > 0 && is_other() {
                return End { trailing: (data.len() - start) as u64, fault: None };
            }
            if let Err(error) = self.pickle() {
                self.close();
                return End { trailing: 0, fault: Some(error) };
            }
        }
    }

    /// Whether these bytes begin with a whole pickle, behind those that were read.
    fn is_pickle(&self, data: &[u8]) -> bool {
        let memo = self.memo.forgotten();
        Machine { keeps_memo: self.keeps_memo, memo, ..Machine::new(data) }.pickle().is_ok()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.buffers > 0 {
            let many = if self.buffers == 1 { "1 buffer travels" } else { &format!("{} buffers travel", self.buffers) };
            let (sized, bytes) = self.sized_buffers;
            let size = match self.buffers - sized.min(self.buffers) {
                0 => format!("{} in all, by shape and dtype", Bytes(bytes)),
                _ if sized == 0 => "the pickle does not say how large".to_owned(),
                unsized_buffers => {
                    format!("{} in all, by shape and dtype, and {unsized_buffers} of unknown size", Bytes(bytes))
                }
            };
            notes.push(format!("{many} beside the pickle: {size}"));
        }
        if self.keeps_memo {
            let text = "one Pickler wrote these pickles: later ones refer to objects of earlier ones";
            notes.push(text.to_owned());
        }
        if self.memo.is_full() {
            notes.push("more values are in the memo than were remembered: some references are not named".to_owned());
        }
        if self.leaves.least() > duplicates::LEAST {
            let least = Bytes(self.leaves.least() as u64);
            notes.push(format!(
                "there are many large values: of those under {least}, not all were compared with others"
            ));
        }
        notes
    }
}
