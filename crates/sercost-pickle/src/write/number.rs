//! Integers and floats.

use super::{MAX_DIGITS, WriteError, Writer};
use crate::opcode::*;

impl Writer {
    /// An `int` of 64 bits.
    #[inline]
    pub(super) fn int(&mut self, value: i64) {
        let Ok(small) = i32::try_from(value) else { return self.wide_int(value.into()) };
        if !self.is_binary() {
            return self.line(INT, &value.to_string());
        }
        let [a, b, c, d] = small.to_le_bytes();
        match small {
            0..=0xff => self.out.extend_from_slice(&[BININT1, a]),
            0x100..=0xffff => self.out.extend_from_slice(&[BININT2, a, b]),
            _ => self.out.extend_from_slice(&[BININT, a, b, c, d]),
        }
    }

    /// An `int` that is not one of 32 bits.
    #[cold]
    pub(super) fn wide_int(&mut self, value: i128) {
        if let Ok(small) = i32::try_from(value) {
            return self.int(small.into());
        }
        match self.protocol {
            0 | 1 => self.line(LONG, &format!("{value}L")),
            _ => self.long(&value.to_le_bytes()),
        }
    }

    /// An `int` of any size, in two's complement, the least byte first.
    pub(super) fn big_int(&mut self, twos_complement: &[u8]) -> Result<(), WriteError> {
        let bytes = minimal(twos_complement);
        if bytes.len() <= 16 {
            let sign = if is_negative(bytes) { 0xff } else { 0 };
            let mut wide = [sign; 16];
            wide[..bytes.len()].copy_from_slice(bytes);
            self.wide_int(i128::from_le_bytes(wide));
        } else if self.protocol < 2 {
            self.line(LONG, &format!("{}L", decimal(bytes)?));
        } else {
            self.long(bytes);
        }
        Ok(())
    }

    /// LONG1 or LONG4. Python's integers end far below the 2 GiB at which the latter would.
    fn long(&mut self, twos_complement: &[u8]) {
        let bytes = minimal(twos_complement);
        match u8::try_from(bytes.len()) {
            Ok(length) => self.out.extend_from_slice(&[LONG1, length]),
            Err(_) => self.op_u32(LONG4, bytes.len() as u32),
        }
        self.out.extend_from_slice(bytes);
    }

    /// A `float`.
    #[inline]
    pub(super) fn float(&mut self, value: f64) {
        if self.is_binary() {
            let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
            self.out.extend_from_slice(&[BINFLOAT, a, b, c, d, e, f, g, h]);
        } else {
            self.line(FLOAT, &float_repr(value));
        }
    }
}

fn is_negative(twos_complement: &[u8]) -> bool {
    twos_complement.last().is_some_and(|last| last & 0x80 != 0)
}

/// Without the bytes that only repeat the sign.
fn minimal(twos_complement: &[u8]) -> &[u8] {
    let mut bytes = twos_complement;
    while let [rest @ .., before, last] = bytes {
        let redundant = matches!((last, before & 0x80), (0, 0) | (0xff, 0x80));
        if !redundant {
            break;
        }
        bytes = &bytes[..rest.len() + 1];
    }
    bytes
}

/// The decimal digits of an integer over 128 bits, with its sign.
pub(crate) fn decimal(twos_complement: &[u8]) -> Result<String, WriteError> {
    /// Digits that one step of the division takes.
    const STEP: usize = 9;
    // More bytes than this cannot be few enough digits (a byte is 2.4 of them); the rest is quadratic.
    if twos_complement.len() > MAX_DIGITS / 2 {
        return Err(WriteError::TooManyDigits);
    }
    let negative = is_negative(twos_complement);
    let mut carry = negative;
    let magnitude = twos_complement.iter().map(|&byte| {
        if !negative {
            return byte;
        }
        let (byte, overflow) = (!byte).overflowing_add(u8::from(carry));
        carry = overflow;
        byte
    });
    let mut left: Vec<u8> = magnitude.collect();
    let mut groups = Vec::new();
    while !left.is_empty() {
        let mut remainder = 0u64;
        for byte in left.iter_mut().rev() {
            let value = remainder << 8 | u64::from(*byte);
            *byte = (value / 10u64.pow(STEP as u32)) as u8;
            remainder = value % 10u64.pow(STEP as u32);
        }
        while left.last() == Some(&0) {
            left.pop();
        }
        groups.push(remainder);
    }
    let digits: String = groups.iter().rev().map(|group| format!("{group:09}")).collect();
    let digits = digits.trim_start_matches('0');
    if digits.len() > MAX_DIGITS {
        return Err(WriteError::TooManyDigits);
    }
    Ok(format!("{}{digits}", if negative { "-" } else { "" }))
}

/// A float as Python prints it. Both take the shortest digits that mean it; they differ in when they use exponents and
/// how these look.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    let magnitude = value.abs();
    if value == 0.0 || value.is_infinite() || (1e-4..1e16).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_in_python() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, expected) in cases {
            assert_eq!(float_repr(value), expected);
        }
    }

    #[test]
    fn integers_over_128_bits_have_their_digits() {
        let two_to_the_200th = [vec![0; 25], vec![1]].concat();
        let digits = "1606938044258990275541962092341162602522202993782792835301376";
        assert_eq!(decimal(&two_to_the_200th).as_deref(), Ok(digits));
        let minus = [vec![0; 25], vec![0xff]].concat();
        assert_eq!(decimal(minimal(&minus)), Ok(format!("-{digits}")));
        assert_eq!(decimal(&[0x7f; 1786]).map(|digits| digits.len()), Err(WriteError::TooManyDigits));
        assert_eq!(decimal(&[0x7f; 1785]).map(|digits| digits.len()), Ok(4299));
    }
}
