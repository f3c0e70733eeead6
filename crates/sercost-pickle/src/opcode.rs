//! The one table of opcodes: all 68 of protocols 0 to 5.
//!
//! The source is CPython's `Lib/pickletools.py`; a test holds this table against that of the interpreter at hand.

/// The argument that follows an opcode's byte. Numbers are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    /// Nothing.
    None,
    /// One unsigned byte.
    U1,
    /// Two bytes, unsigned.
    U2,
    /// Four bytes, signed.
    I4,
    /// Four bytes, unsigned.
    U4,
    /// Eight bytes, unsigned.
    U8,
    /// Eight bytes: a double, big-endian.
    F8,
    /// Text up to a line end, which belongs to it.
    Line,
    /// Two such lines.
    TwoLines,
    /// A length of one byte, and as many bytes.
    Counted1,
    /// A length of four bytes, unsigned, and as many bytes.
    Counted4,
    /// A length of four bytes, which is signed and must not be negative, and as many bytes.
    CountedI4,
    /// A length of eight bytes, unsigned, and as many bytes.
    Counted8,
}

impl Argument {
    /// The bytes of the fixed part behind the opcode: all of the argument, or its length field.
    pub const fn fixed_bytes(self) -> usize {
        match self {
            Argument::None | Argument::Line | Argument::TwoLines => 0,
            Argument::U1 | Argument::Counted1 => 1,
            Argument::U2 => 2,
            Argument::I4 | Argument::U4 | Argument::Counted4 | Argument::CountedI4 => 4,
            Argument::U8 | Argument::F8 | Argument::Counted8 => 8,
        }
    }

    /// Whether the fixed part is all there is.
    pub const fn is_fixed(self) -> bool {
        !matches!(
            self,
            Argument::Line
                | Argument::TwoLines
                | Argument::Counted1
                | Argument::Counted4
                | Argument::CountedI4
                | Argument::Counted8
        )
    }
}

/// One opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode {
    /// As `pickletools` names it.
    pub name: &'static str,
    /// The byte that stands for it.
    pub byte: u8,
    /// The argument that follows the byte.
    pub argument: Argument,
    /// The first protocol that has it.
    pub protocol: u8,
}

/// Makes of one table the list, and a constant for each byte.
macro_rules! opcodes {
    ($($name:ident $byte:literal $argument:ident $protocol:literal)*) => {
        /// Every opcode, in the order of `pickletools`.
        pub const OPCODES: [Opcode; 68] = [
            $(Opcode { name: stringify!($name), byte: $byte, argument: Argument::$argument, protocol: $protocol },)*
        ];
        $(
            #[doc = concat!("The byte of `", stringify!($name), "`.")]
            pub const $name: u8 = $byte;
        )*
    };
}

opcodes! {
    INT b'I' Line 0
    BININT b'J' I4 1
    BININT1 b'K' U1 1
    BININT2 b'M' U2 1
    LONG b'L' Line 0
    LONG1 0x8a Counted1 2
    LONG4 0x8b CountedI4 2
    STRING b'S' Line 0
    BINSTRING b'T' CountedI4 1
    SHORT_BINSTRING b'U' Counted1 1
    BINBYTES b'B' Counted4 3
    SHORT_BINBYTES b'C' Counted1 3
    BINBYTES8 0x8e Counted8 4
    BYTEARRAY8 0x96 Counted8 5
    NEXT_BUFFER 0x97 None 5
    READONLY_BUFFER 0x98 None 5
    NONE b'N' None 0
    NEWTRUE 0x88 None 2
    NEWFALSE 0x89 None 2
    UNICODE b'V' Line 0
    SHORT_BINUNICODE 0x8c Counted1 4
    BINUNICODE b'X' Counted4 1
    BINUNICODE8 0x8d Counted8 4
    FLOAT b'F' Line 0
    BINFLOAT b'G' F8 1
    EMPTY_LIST b']' None 1
    APPEND b'a' None 0
    APPENDS b'e' None 1
    LIST b'l' None 0
    EMPTY_TUPLE b')' None 1
    TUPLE b't' None 0
    TUPLE1 0x85 None 2
    TUPLE2 0x86 None 2
    TUPLE3 0x87 None 2
    EMPTY_DICT b'}' None 1
    DICT b'd' None 0
    SETITEM b's' None 0
    SETITEMS b'u' None 1
    EMPTY_SET 0x8f None 4
    ADDITEMS 0x90 None 4
    FROZENSET 0x91 None 4
    POP b'0' None 0
    DUP b'2' None 0
    MARK b'(' None 0
    POP_MARK b'1' None 1
    GET b'g' Line 0
    BINGET b'h' U1 1
    LONG_BINGET b'j' U4 1
    PUT b'p' Line 0
    BINPUT b'q' U1 1
    LONG_BINPUT b'r' U4 1
    MEMOIZE 0x94 None 4
    EXT1 0x82 U1 2
    EXT2 0x83 U2 2
    EXT4 0x84 I4 2
    GLOBAL b'c' TwoLines 0
    STACK_GLOBAL 0x93 None 4
    REDUCE b'R' None 0
    BUILD b'b' None 0
    INST b'i' TwoLines 0
    OBJ b'o' None 1
    NEWOBJ 0x81 None 2
    NEWOBJ_EX 0x92 None 4
    PROTO 0x80 U1 2
    STOP b'.' None 0
    FRAME 0x95 U8 4
    PERSID b'P' Line 0
    BINPERSID b'Q' None 1
}

/// The meaning of each byte: its opcode's place in [`OPCODES`], or [`UNKNOWN`].
const PLACES: [u8; 256] = {
    let mut places = [UNKNOWN; 256];
    let mut at = 0;
    while at < OPCODES.len() {
        places[OPCODES[at].byte as usize] = at as u8;
        at += 1;
    }
    places
};

/// No opcode's place.
const UNKNOWN: u8 = u8::MAX;

/// The opcode that a byte stands for.
pub fn opcode(byte: u8) -> Option<&'static Opcode> {
    place(byte).map(|place| &OPCODES[place])
}

/// The place in [`OPCODES`] of what a byte stands for, for those who count opcodes.
pub fn place(byte: u8) -> Option<usize> {
    match PLACES[usize::from(byte)] {
        UNKNOWN => None,
        place => Some(usize::from(place)),
    }
}

/// Whether a file begins as pickles of protocol 2 and later do: older ones begin as anything may.
pub fn begins_pickle(data: &[u8]) -> bool {
    matches!(data, [PROTO, protocol, ..] if *protocol <= 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_stands_for_at_most_one_opcode() {
        let known: Vec<u8> = (0..=u8::MAX).filter(|&byte| opcode(byte).is_some()).collect();
        assert_eq!(known.len(), OPCODES.len());
        for byte in known {
            assert_eq!(opcode(byte).map(|opcode| opcode.byte), Some(byte));
        }
        assert_eq!(opcode(STOP).map(|opcode| opcode.name), Some("STOP"));
        assert_eq!(opcode(0), None);
    }
}
