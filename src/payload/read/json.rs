//! JSON and NDJSON, by `jiter`: its floats are exactly rounded (those of `serde_json` are off by an ulp in its
//! default configuration), and it tells integers over 64 bits from floats.

use super::encoding;
use crate::payload::source::{Count, Remark};
use crate::payload::source::{Event, Fault, Key, Open, Source, quoted};
use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, NumberAny, NumberInt, Peek};

/// The numbers that are taken beyond JSON as sercost's types have it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Leave {
    /// NaN, infinities, and numbers beyond the range of a float, as Python's json takes them.
    pub not_finite: bool,
    /// Integers of more than 64 bits, as floats.
    pub big: bool,
}

/// The numbers that were taken so.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    not_finite: Count,
    beyond: Count,
    big: Count,
}

impl Taken {
    fn remarks(&self) -> Vec<Remark> {
        let numbers = |one: bool| if one { "number" } else { "numbers" };
        let remarks = [
            self.not_finite.remark(|one| format!("{} that JSON does not have (NaN, Infinity)", numbers(one))),
            self.beyond.remark(|one| format!("{} beyond the range of a 64-bit float, read as infinite", numbers(one))),
            self.big.remark(|one| match one {
                true => "integer of more than 64 bits, read as a float, which has 53".into(),
                false => "integers of more than 64 bits, read as floats, which have 53".into(),
            }),
        ];
        remarks.into_iter().flatten().collect()
    }
}

/// One JSON text.
#[derive(Debug)]
pub(crate) struct JsonSource<'j> {
    data: &'j [u8],
    /// The offset of `data` in the file.
    base: usize,
    jiter: Jiter<'j>,
    /// Where the last value or key begins, within `data`.
    at: usize,
    leave: Leave,
    taken: Taken,
}

impl<'j> JsonSource<'j> {
    /// The JSON text `data`, which begins at `base` of the file.
    pub(crate) fn new(data: &'j [u8], base: usize, leave: Leave) -> Self {
        JsonSource { data, base, jiter: leave.jiter(data, Vec::new()), at: 0, leave, taken: Taken::default() }
    }

    fn place(&self) -> Place<'j> {
        Place { data: self.data, base: self.base, at: self.at }
    }

    fn fault(&self, error: JiterError) -> Fault {
        self.place().fault(error)
    }

    fn number(&mut self, peek: Peek) -> Result<Event, Fault> {
        let number = self.jiter.known_number(peek).map_err(|error| self.fault(error))?;
        let at = self.base + self.at;
        Ok(match number {
            // An integer has no negative zero, and a float must not lose its own.
            NumberAny::Int(NumberInt::Int(0)) if self.data[self.at] == b'-' => Event::Decimal(-0.0),
            NumberAny::Int(NumberInt::Int(value)) => Event::Int(value),
            NumberAny::Int(NumberInt::BigInt(value)) => match u64::try_from(&value) {
                Ok(value) => Event::UInt(value),
                Err(_) if self.leave.big => {
                    let value = self.token().parse().unwrap_or(f64::INFINITY);
                    if value.is_infinite() {
                        return self.beyond(value);
                    }
                    self.taken.big.add(at);
                    Event::Decimal(value)
                }
                Err(_) => return Err(over_64_bits(at, self.token()).with_remedy(BIG_REMEDY)),
            },
            NumberAny::Float(value) if value.is_finite() => Event::Decimal(value),
            NumberAny::Float(value) if self.token().ends_with(|c: char| c.is_ascii_alphabetic()) => {
                self.taken.not_finite.add(at);
                Event::Decimal(value)
            }
            NumberAny::Float(value) => return self.beyond(value),
        })
    }

    /// A number whose magnitude no float has; `value` is the infinity that it is rounded to.
    fn beyond(&mut self, value: f64) -> Result<Event, Fault> {
        let at = self.base + self.at;
        if self.leave.not_finite {
            self.taken.beyond.add(at);
            return Ok(Event::Decimal(value));
        }
        let reason = format!("number {} is beyond the range of a 64-bit float", shortened(self.token()));
        Err(Fault::at(at, reason, "quote it as a string, or say --lenient to take it as infinite"))
    }

    /// The text of the number just read.
    fn token(&self) -> &'j str {
        std::str::from_utf8(&self.data[self.at..self.jiter.current_index()]).unwrap_or("")
    }
}

/// The data for a message of where and why, apart from the parser that may still be lent out.
#[derive(Clone, Copy)]
struct Place<'j> {
    data: &'j [u8],
    base: usize,
    at: usize,
}

impl Place<'_> {
    fn fault(self, error: JiterError) -> Fault {
        let JiterErrorType::JsonError(kind) = error.error_type else {
            // Types are looked at before they are asked for, so this does not happen; it would not be a reason to
            // panic.
            return Fault::at(self.base + error.index, error.error_type.to_string(), "");
        };
        let index = error.index.min(self.data.len());
        let rest = &self.data[index..];
        if index < self.data.len()
            && matches!(kind, JsonErrorType::InvalidUnicodeCodePoint)
            && std::str::from_utf8(&self.data[self.at..]).is_err()
        {
            return encoding::invalid(self.data, &|at| self.base + at, self.at);
        }
        let literal =
            [&b"NaN"[..], b"Infinity", b"-Infinity"].into_iter().find(|word| self.data[self.at..].starts_with(word));
        if let Some(word) = literal {
            return Fault::at(
                self.base + self.at,
                format!("{} is not JSON", String::from_utf8_lossy(word)),
                "write null, or say --lenient to take it as Python's json does",
            );
        }
        let remedy = match kind {
            JsonErrorType::TrailingCharacters => "if every line is a document of its own, use --input-format ndjson",
            JsonErrorType::LoneLeadingSurrogateInHexEscape | JsonErrorType::UnexpectedEndOfHexEscape => {
                "a string must be Unicode: \\ud800 to \\udfff come in pairs"
            }
            JsonErrorType::NumberOutOfRange => "quote it as a string",
            _ => "",
        };
        Fault::at(self.base + index, describe(&kind, rest), remedy)
    }
}

/// The refusal of an integer that no type of 64 bits holds.
pub(crate) fn over_64_bits(offset: usize, digits: &str) -> Fault {
    Fault::at(
        offset,
        format!("integer {} does not fit in 64 bits", shortened(digits)),
        "quote it as a string, or write it as a float if it may lose digits",
    )
}

/// The remedy where the dynamic representation takes such integers.
pub(crate) const BIG_REMEDY: &str =
    "quote it as a string, or say --lenient or --representation dynamic, which take it as a float";

impl Leave {
    /// The parser of `data`, with a buffer for strings with escapes.
    fn jiter(self, data: &[u8], tape: Vec<u8>) -> Jiter<'_> {
        let jiter = Jiter::with_tape(data, tape);
        if self.not_finite { jiter.with_allow_inf_nan() } else { jiter }
    }
}

fn shortened(digits: &str) -> String {
    if digits.len() <= 50 {
        return digits.to_owned();
    }
    // Digits are ASCII, so any byte is a boundary; anything else is shown whole rather than cut amiss.
    match digits.get(..20) {
        Some(head) => format!("{head}… ({} characters)", digits.len()),
        None => digits.to_owned(),
    }
}

/// The fault, and what stands there instead.
fn describe(kind: &JsonErrorType, rest: &[u8]) -> String {
    let expected = match kind {
        JsonErrorType::EofWhileParsingList => return "the text ends inside a list".into(),
        JsonErrorType::EofWhileParsingObject => return "the text ends inside an object".into(),
        JsonErrorType::EofWhileParsingString => return "the text ends inside a string".into(),
        JsonErrorType::EofWhileParsingValue => return "the text ends where a value should be".into(),
        JsonErrorType::ExpectedColon => "`:`",
        JsonErrorType::ExpectedListCommaOrEnd => "`,` or `]`",
        JsonErrorType::ExpectedObjectCommaOrEnd => "`,` or `}`",
        JsonErrorType::ExpectedSomeIdent => "true, false or null",
        JsonErrorType::ExpectedSomeValue => "a value",
        JsonErrorType::KeyMustBeAString => "a key in double quotes",
        JsonErrorType::TrailingComma => return "a comma after the last element".into(),
        JsonErrorType::TrailingCharacters => "the end of the document",
        JsonErrorType::ControlCharacterWhileParsingString => return "a control character inside a string".into(),
        JsonErrorType::UnexpectedEndOfHexEscape => return "half of a surrogate pair stands alone".into(),
        other => return other.to_string().to_lowercase(),
    };
    let found = match rest.utf8_chunks().next() {
        Some(chunk) if !chunk.valid().is_empty() => quoted(&chunk.valid().chars().take(1).collect::<String>()),
        Some(_) => format!("byte 0x{:02x}", rest[0]),
        None => "the end of the text".into(),
    };
    format!("expected {expected}, found {found}")
}

impl Source for JsonSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        let peek = self.jiter.peek();
        self.at = self.jiter.current_index();
        let peek = peek.map_err(|error| self.fault(error))?;
        let result = match peek {
            Peek::String => return Ok(Event::Text),
            Peek::Array => return Ok(Event::List(Open::default())),
            Peek::Object => return Ok(Event::Map(Open::default())),
            Peek::Null => self.jiter.known_null().map(|()| Event::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(Event::Bool),
            // `known_number` refuses whatever else there is.
            _ => return self.number(peek),
        };
        result.map_err(|error| self.fault(error))
    }

    fn text(&mut self) -> Result<&str, Fault> {
        let place = self.place();
        self.jiter.known_str().map_err(|error| place.fault(error))
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        Err(Fault::at(self.offset(), "JSON has no bytes", ""))
    }

    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        let next = if list.started { self.jiter.array_step() } else { self.jiter.known_array() };
        list.started = true;
        match next {
            Ok(next) => Ok(next.is_some()),
            Err(error) => Err(self.fault(error)),
        }
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        let start = self.jiter.current_index();
        let skipped = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'{');
        self.at = start + self.data[start..].iter().take_while(|byte| skipped(byte)).count();
        let place = self.place();
        let next = if map.started { self.jiter.next_key() } else { self.jiter.known_object() };
        map.started = true;
        match next {
            Ok(key) => Ok(key.map(Key::Text)),
            Err(error) => Err(place.fault(error)),
        }
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.jiter.finish().map_err(|error| self.fault(error))
    }

    fn offset(&self) -> usize {
        self.base + self.at
    }

    fn remarks(&self) -> Vec<Remark> {
        self.taken.remarks()
    }
}

/// NDJSON: one JSON text a line, which together are a list.
#[derive(Debug)]
pub(crate) struct LinesSource<'j> {
    data: &'j [u8],
    /// The end of the line that is read.
    end: usize,
    line: JsonSource<'j>,
    begun: bool,
}

impl<'j> LinesSource<'j> {
    /// The lines of `data`, which begin at `start`.
    pub(crate) fn new(data: &'j [u8], start: usize, leave: Leave) -> Self {
        LinesSource { data, end: start, line: JsonSource::new(&[], start, leave), begun: false }
    }

    /// Goes to the next line that holds anything.
    fn next_line(&mut self) -> bool {
        while self.end < self.data.len() {
            let start = self.end;
            let length = self.data[start..].iter().position(|&byte| byte == b'\n');
            // Without the line's end: where a document breaks off is the end of its own line, not the begin of the next.
            let line = &self.data[start..length.map_or(self.data.len(), |length| start + length)];
            self.end = (start + line.len() + 1).min(self.data.len());
            if line.iter().any(|byte| !byte.is_ascii_whitespace()) {
                // The buffer for strings with escapes is handed on.
                let tape = std::mem::replace(&mut self.line.jiter, Jiter::new(&[])).into_tape();
                let JsonSource { leave, taken, .. } = self.line;
                self.line = JsonSource { data: line, base: start, jiter: leave.jiter(line, tape), at: 0, leave, taken };
                return true;
            }
        }
        false
    }
}

impl Source for LinesSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        if !self.begun {
            self.begun = true;
            return Ok(Event::List(Open { top: true, ..Open::default() }));
        }
        self.line.value()
    }

    fn text(&mut self) -> Result<&str, Fault> {
        self.line.text()
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        self.line.bytes()
    }

    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        if !list.top {
            return self.line.next_item(list);
        }
        if list.started {
            self.line.finish().map_err(|fault| fault.with_remedy("a document takes a line of its own"))?;
        }
        list.started = true;
        Ok(self.next_line())
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        self.line.next_key(map)
    }

    fn finish(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn offset(&self) -> usize {
        self.line.offset()
    }

    fn remarks(&self) -> Vec<Remark> {
        self.line.remarks()
    }
}
