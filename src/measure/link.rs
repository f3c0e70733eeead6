//! Modelled links: a transfer that takes latency + size / bandwidth.

use crate::model::{ParseQuantityError, parse_bandwidth, parse_duration};

/// A link, as given with `--link 1Gbit,1ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    name: String,
    bits_per_second: f64,
    latency_ns: f64,
}

impl Link {
    /// Reads `BANDWIDTH[,LATENCY]`; without a latency it is 0.
    pub fn parse(text: &str) -> Result<Link, ParseQuantityError> {
        let (bandwidth, latency) = text.split_once(',').unwrap_or((text, "0s"));
        // A bare number would be seconds, which is hardly meant: `1Gbit,1`.
        if latency.trim().ends_with(|c: char| c.is_ascii_digit())
            && latency.trim().bytes().any(|b| b.is_ascii_digit() && b != b'0')
        {
            return Err(ParseQuantityError::new(latency.trim(), "a latency with its unit, like 1ms, 50us or 2s"));
        }
        Ok(Link {
            name: text.to_owned(),
            bits_per_second: parse_bandwidth(bandwidth.trim())?,
            latency_ns: parse_duration(latency.trim())? as f64,
        })
    }

    /// The name in the transport column: `link:1Gbit,1ms`.
    pub fn name(&self) -> String {
        format!("link:{}", self.name)
    }

    /// Nanoseconds for `bytes` to cross.
    pub fn transfer_ns(&self, bytes: u64) -> f64 {
        self.latency_ns + bytes as f64 * 8.0 / self.bits_per_second * 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_takes_latency_and_bandwidth() {
        let link = Link::parse("1Gbit,1ms").expect("sound");
        assert_eq!(link.transfer_ns(125_000_000), 1e9 + 1e6);
        assert_eq!(link.name(), "link:1Gbit,1ms");
        assert_eq!(Link::parse("8kB").expect("sound").transfer_ns(8000), 1e9);
        assert!(Link::parse("fast").is_err());
        assert_eq!(
            Link::parse("1Gbit,1").map_err(|error| error.to_string()),
            Err(r#""1" is not a latency with its unit, like 1ms, 50us or 2s"#.into())
        );
        assert_eq!(Link::parse("1Gbit,0").expect("no latency needs no unit").transfer_ns(0), 0.0);
    }
}
