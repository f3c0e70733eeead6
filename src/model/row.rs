//! The identity of a row, by which its stages are brought together and the rows of two runs are compared.

use super::{Measurement, Representation};

/// The key of a measurement: a payload in one representation, through a codec and a compressor, over a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey<'a> {
    /// The payload's name.
    pub payload: &'a str,
    /// How the payload was held.
    pub representation: Representation,
    /// The codec, with a number if it is not the first row of it: `json#2`.
    pub codec: &'a str,
    /// The compressor, e.g. `zstd:3`.
    pub compressor: Option<&'a str>,
    /// The transport; none for a row that moves nothing.
    pub transport: Option<&'a str>,
}

impl<'a> RowKey<'a> {
    /// The codec without the number of a second row of the same.
    pub fn code(&self) -> &'a str {
        self.codec.split_once('#').map_or(self.codec, |(code, _)| code)
    }

    /// The same row over any transport.
    pub fn without_transport(self) -> Self {
        RowKey { transport: None, ..self }
    }
}

impl Measurement {
    /// The row that the measurement is a stage of.
    pub fn key(&self) -> RowKey<'_> {
        RowKey {
            payload: &self.payload,
            representation: self.representation,
            codec: &self.codec,
            compressor: self.compressor.as_deref(),
            transport: self.transport.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_row_of_a_codec_is_another_row_of_the_same_code() {
        let row = |codec| RowKey {
            payload: "range:10",
            representation: Representation::Typed,
            codec,
            compressor: None,
            transport: Some("pipe"),
        };
        assert_ne!(row("json"), row("json#2"));
        assert_eq!(row("json").code(), row("json#2").code());
        assert_ne!(row("json"), row("json").without_transport());
    }
}
