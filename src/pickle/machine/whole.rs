//! A whole file: pickles in a row, and what is behind them.

use super::parts::overhead;
use super::{Between, Machine};
use crate::model::Attribution;
use crate::pickle::Options;
use crate::pickle::opcode as op;

/// Divides the bytes of a file of pickles among the paths of what they hold. Each byte goes to exactly one.
///
/// Any bytes may be given. Where they are no pickle, or stop being one, the rest of the file is a part of its own and
/// `fault` says where and why. What follows the last pickle is a part too; it is no fault.
pub fn attribute(data: &[u8], options: &Options) -> Attribution {
    attribute_with(data, options).0
}

/// How files begin that torch wrote before its archives: a number as a pickle, others, and the storages as bytes.
const TORCH_MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// The attribution, where bytes lie between opcodes, and how far there are opcodes at all.
pub(in crate::pickle) fn attribute_with(data: &[u8], options: &Options) -> (Attribution, Between, usize) {
    let mut machine = Machine::new(data);
    let mut fault = None;
    let mut trailing = 0;
    loop {
        let start = machine.at;
        if start == data.len() && machine.pickles > 0 {
            break;
        }
        // Pickles of protocol 0 and 1 begin with any opcode; behind another pickle that is more often something else.
        if machine.pickles > 0 && data[start] != op::PROTO && (machine.protocol > 1 || !is_pickle(&data[start..])) {
            trailing = (data.len() - start) as u64;
            break;
        }
        if let Err(error) = machine.pickle() {
            machine.close();
            fault = Some(error);
            break;
        }
    }
    let mut parts = machine.parts(options);
    if trailing > 0 {
        let what = if data.starts_with(TORCH_MAGIC) { "tensor storages" } else { "bytes after the last STOP" };
        parts.push(overhead("(trailing)", what, trailing));
    }
    let attributed = machine.attributed() + trailing;
    let unread = data.len() as u64 - attributed;
    if unread > 0 {
        parts.push(overhead("(unread)", "bytes from the fault on", unread));
    }
    parts[0].bytes = data.len() as u64;
    let attribution = Attribution {
        bytes: data.len() as u64,
        pickles: machine.pickles,
        protocol: machine.protocol,
        out_of_band_buffers: machine.buffers,
        parts,
        fault,
        notes: machine.notes(),
        findings: Vec::new(),
    };
    (attribution, machine.between, machine.at)
}

/// Whether these bytes begin with a whole pickle.
fn is_pickle(data: &[u8]) -> bool {
    Machine::new(data).pickle().is_ok()
}

impl Machine<'_> {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.buffers > 0 {
            let many = if self.buffers == 1 { "1 buffer travels" } else { &format!("{} buffers travel", self.buffers) };
            notes.push(format!("{many} beside the pickle, which does not say how large"));
        }
        if self.memo.is_full() {
            notes.push("more values are in the memo than were remembered: some references are not named".to_owned());
        }
        notes
    }
}
