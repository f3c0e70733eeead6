//! The reader of opcodes: any bytes are gone over, and each argument is decoded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sercost_pickle::reader::Reader;

fuzz_target!(|data: &[u8]| {
    let mut reader = Reader::new(data);
    let mut end = 0;
    for instruction in reader.by_ref() {
        assert_eq!(instruction.start, end, "opcodes follow one another");
        end = instruction.end();
        assert_eq!(instruction.code, &data[instruction.start..end]);
        assert_eq!(instruction.opcode().byte, instruction.byte());
        assert!(instruction.content().len() <= instruction.argument().len());
        assert!(instruction.text().is_none_or(|text| text.len() <= instruction.content().len()));
        let _ = (instruction.lines(), instruction.memo_index(), instruction.integer(), instruction.double());
    }
    assert_eq!(reader.position(), end);
    let fault = reader.fault();
    assert_eq!(fault.is_none(), end == data.len(), "what is left has a reason");
    assert!(fault.is_none_or(|fault| fault.offset == end as u64));
});
