//! Options that nothing of a call uses: they are reported, since a user who gives one expects it to do something.

use crate::args::{Buffers, OnOff, Profile, Representations};
use crate::codec::CodecSpec;
use crate::measure::PythonCase;

/// Crates that return a vector of their own, whatever they are given.
const OWN_BUFFERS: [&str; 2] = ["bitcode", "flexbuffers"];

/// A sentence for each option without effect.
pub(super) fn sentences(args: &Profile, codecs: &[(CodecSpec, usize)], python: &[PythonCase]) -> Vec<String> {
    let measured: Vec<&CodecSpec> =
        codecs.iter().map(|(spec, _)| spec).filter(|spec| spec.codec.info().name != "null").collect();
    let only_python = measured.is_empty() && !python.is_empty();
    let only_null = measured.is_empty() && python.is_empty();
    let mut said = Vec::new();
    if args.python_gc != OnOff::On && python.is_empty() {
        said.push("--python-gc: no row of Python is measured; --python adds them".to_owned());
    }
    if !args.compress.is_empty() {
        if only_python {
            said.push("--compress: only rows of Python are measured, and they have no compressor".to_owned());
        } else if !python.is_empty() {
            said.push("--compress: rows of Python have no compressor, and are measured without".to_owned());
        }
    }
    if args.transport != ["pipe"] && only_python {
        said.push("--transport: only rows of Python are measured, and they have a transport of their own".to_owned());
    }
    if args.representation != Representations::Typed && only_python {
        said.push("--representation: only rows of Python are measured, which are Python's own values".to_owned());
    }
    if args.buffer != Buffers::Fresh {
        let takes = |spec: &&CodecSpec| !OWN_BUFFERS.contains(&spec.codec.info().name);
        if only_python {
            said.push("--buffer: only rows of Python are measured, which make buffers of their own".to_owned());
        } else if !measured.is_empty() && !measured.iter().any(takes) {
            let names: Vec<&str> = measured.iter().map(|spec| spec.codec.info().name).collect();
            said.push(format!("--buffer: {} always write into buffers of their own", names.join(", ")));
        }
    }
    if args.pickle_of.is_some() && !measured.iter().any(|spec| spec.codec.info().name.starts_with("pickle:")) {
        said.push("--pickle-of: no row of pickle:* is measured, and no other heeds it".to_owned());
    }
    if args.force && args.out.is_none() {
        said.push("--force: there is no --out whose file it could replace".to_owned());
    }
    if !args.link.is_empty() && only_null {
        said.push("--link: the null codec sends nothing".to_owned());
    }
    said.extend(of_types(args, python));
    said
}

/// Of a payload that is read without types: rows of Python and a schema ask for them.
fn of_types(args: &Profile, python: &[PythonCase]) -> Option<String> {
    if args.representation != Representations::Dynamic || !python.is_empty() || args.reading.schema.is_some() {
        return None;
    }
    let flags = named(&args.reading.type_options())?;
    Some(format!("{flags}: with --representation dynamic no types are looked for; both does it"))
}

/// A sentence for the options that have to do with measuring, where a schema is shown.
pub(super) fn with_schema_shown(args: &Profile) -> Vec<String> {
    let given = [
        (!args.codec.is_empty(), "--codec"),
        (!args.compress.is_empty(), "--compress"),
        (args.transport != ["pipe"], "--transport"),
        (!args.link.is_empty(), "--link"),
        (args.representation != Representations::Typed, "--representation"),
        (args.many.is_some(), "--many"),
        (args.derived, "--derived"),
        (args.layouts.is_some(), "--layouts"),
        (args.instructions, "--instructions"),
        (args.pickle_of.is_some(), "--pickle-of"),
        (args.time.is_some(), "--time"),
        (args.quick, "--quick"),
        (args.rounds.is_some(), "--rounds"),
        (args.buffer != Buffers::Fresh, "--buffer"),
        (args.details, "--details"),
        (args.out.is_some(), "--out"),
    ];
    let sentence = named(&given).map(|flags| {
        let file = if args.out.is_some() { ", and no results file is written" } else { "" };
        format!("{flags}: --show-schema measures nothing{file}")
    });
    sentence.into_iter().collect()
}

/// The options that are given, one behind the other.
fn named(given: &[(bool, &str)]) -> Option<String> {
    let flags: Vec<&str> = given.iter().filter(|(given, _)| *given).map(|(_, flag)| *flag).collect();
    (!flags.is_empty()).then(|| flags.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Args, Verb};
    use std::ffi::OsString;

    fn parsed(line: &str) -> Box<Profile> {
        let words = ["sercost", "profile", "range:5"].into_iter().chain(line.split_whitespace());
        let args = Args::parse_line(words.map(OsString::from));
        let Verb::Profile(args) = args.verb else { unreachable!("it says profile") };
        args
    }

    fn said(line: &str) -> Vec<String> {
        let args = parsed(line);
        let codecs: Vec<(CodecSpec, usize)> =
            args.codec.iter().map(|name| (CodecSpec::parse(name).expect("a codec"), 0)).collect();
        sentences(&args, &codecs, &[])
    }

    #[test]
    fn options_without_effect_are_said_and_others_are_not() {
        assert_eq!(said("--codec json --buffer reused --link 1Gbit --transport shm"), Vec::<String>::new());
        assert!(said("--codec json --python-gc off")[0].starts_with("--python-gc: "));
        assert_eq!(said("--codec bitcode,flexbuffers --buffer presized").len(), 1);
        assert_eq!(said("--codec bitcode,json --buffer presized").len(), 0);
        assert!(said("--codec null --link 1Gbit")[0].starts_with("--link: "));
        assert!(said("--codec json --pickle-of 3.15")[0].starts_with("--pickle-of: "));
        assert_eq!(said("--codec json,pickle:4 --pickle-of 3.15").len(), 0);
    }

    #[test]
    fn types_that_nothing_looks_for_are_said() {
        let sentences = said("--codec json --representation dynamic --map $.a --floats f32");
        assert_eq!(sentences, ["--floats, --map: with --representation dynamic no types are looked for; both does it"]);
        assert!(said("--codec json --representation both --map $.a --ints i8").is_empty());
    }

    #[test]
    fn what_measures_is_said_where_a_schema_is_shown() {
        let shown = |line: &str| with_schema_shown(&parsed(line));
        assert_eq!(
            shown("--show-schema text --out x.json --codec json --quick"),
            ["--codec, --quick, --out: --show-schema measures nothing, and no results file is written"]
        );
        assert_eq!(shown("--show-schema rust --transport unix"), ["--transport: --show-schema measures nothing"]);
        assert!(shown("--show-schema rust --map $.a").is_empty());
    }
}
