//! Names of codecs with their compressors, as they are given on the command line: `json`, `json+zstd:3`.

use super::{CODECS, COMPRESSORS, Codec, Compression, Compressor, LEFT_OUT, compress, find};
use crate::model::nearest;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A codec, and the compressor that its bytes go through.
#[derive(Clone, Copy)]
pub struct CodecSpec {
    /// The codec.
    pub codec: &'static dyn Codec,
    /// The compressor at its level.
    pub compression: Option<Compression>,
}

/// Why a name means no codec or compressor.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SpecError {
    /// No codec has that name.
    #[error("unknown codec {name:?}; {}\"sercost list codecs\" shows all", did_you_mean(.nearest))]
    UnknownCodec {
        /// The name given.
        name: String,
        /// The known name nearest to it, where one is near.
        nearest: Option<&'static str>,
    },
    /// No compressor has that name.
    #[error("unknown compressor {name:?}; {}\"sercost list compressors\" shows all", did_you_mean(.nearest))]
    UnknownCompressor {
        /// The name given.
        name: String,
        /// The known name nearest to it, where one is near.
        nearest: Option<&'static str>,
    },
    /// The codec has a derive of its own, and the type was not given to it.
    #[error("{codec} needs its own derive: give it to the type of {payload}, and add the codec to the study")]
    NotOfType {
        /// The codec.
        codec: &'static str,
        /// The payload.
        payload: String,
    },
    /// The codec or compressor is not part of this build.
    #[error("{name} is left out of this build of sercost: the feature \"{feature}\" of the crate adds it")]
    LeftOut {
        /// The name given.
        name: String,
        /// The feature of the crate that adds it.
        feature: &'static str,
    },
    /// The compressor has levels, and this is none of them.
    #[error(
        "compressor {compressor} has no level {level:?}; its levels are {low} to {high}, as in \"{compressor}:{high}\""
    )]
    Level {
        /// The compressor's name.
        compressor: &'static str,
        /// The level given.
        level: String,
        /// Its lowest level.
        low: i32,
        /// Its highest level.
        high: i32,
    },
    /// The compressor has no levels.
    #[error("compressor {compressor} has no levels, but was given {level:?}")]
    NoLevels {
        /// The compressor's name.
        compressor: &'static str,
        /// The level given.
        level: String,
    },
}

fn did_you_mean(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!("did you mean {name:?}? ")).unwrap_or_default()
}

impl CodecSpec {
    /// Reads `codec`, `codec+compressor` or `codec+compressor:level`.
    pub fn parse(text: &str) -> Result<CodecSpec, SpecError> {
        let (name, compression) = Self::split(text)?;
        let codec = find(name).ok_or_else(|| {
            left_out(name, LEFT_OUT).unwrap_or_else(|| SpecError::UnknownCodec {
                name: name.to_owned(),
                nearest: nearest_of(
                    name,
                    CODECS.iter().map(|codec| codec.info()).map(|info| (info.name, info.aliases)),
                ),
            })
        })?;
        Ok(CodecSpec { codec, compression })
    }

    /// The name of the codec, and the compressor if there is one.
    pub(super) fn split(text: &str) -> Result<(&str, Option<Compression>), SpecError> {
        Ok(match text.split_once('+') {
            Some((name, compression)) => (name, Some(compression.parse()?)),
            None => (text, None),
        })
    }

    /// The name that reads back as this: `json+zstd:3`.
    pub fn name(&self) -> String {
        match self.compression {
            Some(compression) => format!("{}+{compression}", self.codec.info().name),
            None => self.codec.info().name.to_owned(),
        }
    }
}

impl FromStr for CodecSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<CodecSpec, SpecError> {
        CodecSpec::parse(text)
    }
}

impl FromStr for Compression {
    type Err = SpecError;

    /// Reads `compressor` or `compressor:level`.
    fn from_str(text: &str) -> Result<Compression, SpecError> {
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (text, None),
        };
        let compressor = Compressor::find(name).ok_or_else(|| {
            left_out(name, compress::LEFT_OUT).unwrap_or_else(|| SpecError::UnknownCompressor {
                name: name.to_owned(),
                nearest: nearest_of(name, COMPRESSORS.iter().map(|compressor| (compressor.name, compressor.aliases))),
            })
        })?;
        let Some(level) = level else { return Ok(compressor.at_default_level()) };
        let Some(levels) = &compressor.levels else {
            return Err(SpecError::NoLevels { compressor: compressor.name, level: level.to_owned() });
        };
        level.parse().ok().and_then(|level| compressor.at_level(level)).ok_or_else(|| SpecError::Level {
            compressor: compressor.name,
            level: level.to_owned(),
            low: *levels.start(),
            high: *levels.end(),
        })
    }
}

impl fmt::Debug for CodecSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodecSpec({})", self.name())
    }
}

impl fmt::Display for CodecSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

/// The error about a name that one of these features would add: its own, or that with a variant behind it.
fn left_out(name: &str, features: &[&'static str]) -> Option<SpecError> {
    let lower = name.to_ascii_lowercase();
    let adds =
        |feature: &str| lower.strip_prefix(feature).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '-']));
    let feature = features.iter().copied().find(|feature| adds(feature))?;
    Some(SpecError::LeftOut { name: name.to_owned(), feature })
}

/// The name whose own spelling, or that of one of its aliases, was probably meant by `text`.
fn nearest_of(
    text: &str,
    known: impl Iterator<Item = (&'static str, &'static [&'static str])> + Clone,
) -> Option<&'static str> {
    let meant = nearest(text, known.clone().flat_map(|(name, aliases)| aliases.iter().copied().chain([name])))?;
    known
        .map(|(name, aliases)| (name, name == meant || aliases.contains(&meant)))
        .find(|(_, is)| *is)
        .map(|(name, _)| name)
}

#[cfg(all(test, not(feature = "bson"), not(feature = "msgpack"), not(feature = "zstd")))]
mod tests_of_a_part {
    use super::*;

    #[test]
    fn a_codec_or_compressor_that_is_left_out_names_its_feature() {
        for (name, left_out, feature) in
            [("bson", "bson", "bson"), ("msgpack-named", "msgpack-named", "msgpack"), ("Null+ZSTD:3", "ZSTD", "zstd")]
        {
            let error = CodecSpec::parse(name).expect_err("is left out").to_string();
            let expected = format!(
                "{left_out} is left out of this build of sercost: the feature {feature:?} of the crate adds it"
            );
            assert_eq!(error, expected);
        }
        let unknown = CodecSpec::parse("parquet").expect_err("is no codec").to_string();
        assert_eq!(unknown, r#"unknown codec "parquet"; "sercost list codecs" shows all"#);
    }
}

// They name codecs and compressors of the whole table.
#[cfg(all(test, feature = "default"))]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        CodecSpec::parse(text).expect_err("the name is wrong").to_string()
    }

    #[test]
    fn names_read_back_as_themselves() {
        for codec in super::super::names() {
            assert_eq!(CodecSpec::parse(codec).map(|spec| spec.name()).as_deref(), Ok(codec));
            for compression in ["zstd:3", "zstd:22", "lz4", "gzip:0"] {
                let name = format!("{codec}+{compression}");
                assert_eq!(CodecSpec::parse(&name).map(|spec| spec.name()), Ok(name));
            }
        }
    }

    #[test]
    fn a_compressor_without_a_level_gets_its_default() {
        assert_eq!(CodecSpec::parse("JSON+ZSTD").map(|spec| spec.name()).as_deref(), Ok("json+zstd:3"));
        assert_eq!(
            CodecSpec::parse("serde-pickle:2+gz").map(|spec| spec.name()).as_deref(),
            Ok("serde-pickle:2+gzip:6")
        );
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest() {
        assert_eq!(error("jsno"), r#"unknown codec "jsno"; did you mean "json"? "sercost list codecs" shows all"#);
        assert_eq!(error("parquet"), r#"unknown codec "parquet"; "sercost list codecs" shows all"#);
        assert_eq!(error(""), r#"unknown codec ""; "sercost list codecs" shows all"#);
        assert!(error("mesagepack").contains(r#"did you mean "msgpack"?"#));
        assert_eq!(
            error("json+zsdt:3"),
            r#"unknown compressor "zsdt"; did you mean "zstd"? "sercost list compressors" shows all"#
        );
        assert_eq!(error("json+"), r#"unknown compressor ""; "sercost list compressors" shows all"#);
    }

    #[test]
    fn a_level_out_of_range_is_answered_with_the_range() {
        let range = r#"its levels are 1 to 22, as in "zstd:22""#;
        for level in ["23", "0", "-1", "", "three", "3:4"] {
            assert_eq!(
                error(&format!("json+zstd:{level}")),
                format!("compressor zstd has no level {level:?}; {range}")
            );
        }
        assert_eq!(error("json+lz4:1"), r#"compressor lz4 has no levels, but was given "1""#);
    }
}
